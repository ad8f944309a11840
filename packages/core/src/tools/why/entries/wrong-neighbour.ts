// A neighbour entry tells a link-layer address that is not the owner's: one that somebody has set for good, or one that is out of
// date, or that another host has answered with, for example as a proxy.

import { NUD } from "../../../netlink/rtnl/neighbour.ts";
import { at, CERTAINTY } from "../diagnosis.ts";
import type { Diagnosis, Entry, View } from "../diagnosis.ts";
import type { LinkState, NeighbourState } from "../network-state.ts";
import { command, formatBytes, sysctlFix } from "../network-state.ts";
import { segmentOf } from "../segment.ts";
import type { Hop } from "../way.ts";

const FOR_GOOD = NUD.PERMANENT | NUD.NOARP;
const VALID = FOR_GOOD | NUD.REACHABLE | NUD.STALE | NUD.DELAY | NUD.PROBE;

/** Who on the link has the address that the entry tells. */
function holderOf({ link, mac }: NeighbourState): LinkState | undefined {
  return segmentOf(link).find((one) => one.mac === mac && one.bridge === undefined && one.master === 0);
}

function isProxy({ place, name }: LinkState): boolean {
  return ["all", name].some((where) => place.sysctl(`ipv4/conf/${where}/proxy_arp`) === "1");
}

function examine({ verdict }: View, { place, device, nextHop, owners }: Hop): Diagnosis[] {
  const text = formatBytes(nextHop);
  const entry = place.neighbours.find((one) => one.link === device && one.text === text);
  const [owner] = owners;
  if (entry === undefined || owner === undefined || (entry.state & VALID) === 0 || device.noArp) return [];
  if (entry.mac === "" || owners.some(({ link }) => link.mac === entry.mac)) return [];
  const fixed = (entry.state & FOR_GOOD) !== 0;
  const holder = holderOf(entry);
  // A host answers for the addresses of all its devices.
  if (holder?.place === owner.link.place) return [];
  const proxy = holder !== undefined && isProxy(holder);
  const why = proxy ? `, whom ${holder.place.name} answers for as a proxy` : "";
  const arrives = verdict?.outcome === "answered" || verdict?.outcome === "delivered";
  return [
    {
      id: "wrong-neighbour",
      place: at(device),
      problem: `${place.name} has a${fixed ? " permanent" : ""} neighbour entry for ${text} with ${entry.mac}, but its owner has ${owner.link.mac}${why}`,
      evidence: [
        `${owner.link.name} in ${owner.link.place.name} has ${text}`,
        ...(holder === undefined ? [] : [`${entry.mac} is ${holder.name} in ${holder.place.name}`]),
      ],
      fix: [
        ...(proxy ? [sysctlFix(holder.place, `net.ipv4.conf.${holder.name}.proxy_arp`, 0)] : []),
        command("ip", place, `neigh del ${text} dev ${device.name}`),
      ],
      certainty: arrives ? CERTAINTY.NOTICED : CERTAINTY.ON_THE_WAY,
    },
  ];
}

export const wrongNeighbour: Entry = {
  id: "wrong-neighbour",
  title: "a neighbour entry has the wrong MAC address",
  examine: (view) => view.ways.flatMap(({ hops }) => hops.flatMap((hop) => examine(view, hop))),
};

// The two ends of a VXLAN, Geneve or GRE tunnel do not fit together: another identifier or key, another UDP port, or one of them
// sends to an address that the other does not have, or to nobody. What an end is made with cannot be changed later, so it is
// made anew.

import { at, CERTAINTY } from "../diagnosis.ts";
import type { Diagnosis, Entry, View } from "../diagnosis.ts";
import { command, covers, formatBytes, isLinkLocal } from "../network-state.ts";
import type { LinkState, TunnelKind, TunnelState } from "../network-state.ts";
import { segmentOf } from "../segment.ts";
import { hasAddress, remotesOf } from "../tunnel-state.ts";
import { ownersOf } from "../way.ts";

const VNI_ID = "tunnel-vni";
const PORT_ID = "tunnel-port";
const REMOTE_ID = "tunnel-remote";

interface End {
  readonly link: LinkState;
  readonly tunnel: TunnelState;
}

function endsIn(links: readonly LinkState[]): End[] {
  return links.flatMap((link) => (link.tunnel === undefined ? [] : [{ link, tunnel: link.tunnel }]));
}

/** Makes an end anew, with its addresses and its place: neighbours know it by its MAC address. */
function remake({ link, tunnel }: End, change: Partial<TunnelState>): string[] {
  const { kind, vni, port, remote, local, link: lower } = { ...tunnel, ...change };
  const { place, name } = link;
  const device = place.links.find(({ index }) => index === lower)?.name;
  const words = [
    `link add ${name}${link.mac === "" ? "" : ` address ${link.mac}`} type ${kind}`,
    ...(remote === undefined ? [] : [`remote ${formatBytes(remote)}`]),
    ...(isGre(kind) ? (vni === 0 ? [] : [`key ${vni}`]) : [`id ${vni} dstport ${port}`]),
    ...(local === undefined ? [] : [`local ${formatBytes(local)}`]),
    ...(device === undefined ? [] : [`dev ${device}`]),
  ];
  const master = place.links.find(({ index }) => index === link.master)?.name;
  const addresses = place.addresses.filter((one) => one.link === link && !isLinkLocal(one.bytes));
  return [
    `link del ${name}`,
    words.join(" "),
    ...addresses.map(({ text, prefixLength }) => `address add ${text}/${prefixLength} dev ${name}`),
    `link set ${name} ${master === undefined ? "" : `master ${master} `}up`,
  ].map((rest) => command("ip", place, rest));
}

function isGre(kind: TunnelKind): boolean {
  return kind === "gre" || kind === "gretap";
}

/** The address by which `from` can best name the other end. */
function addressOf(to: End, from: End): Uint8Array | undefined {
  if (to.tunnel.local !== undefined) return to.tunnel.local;
  const outer = to.link.place.addresses.filter(
    ({ link, bytes }) =>
      link !== to.link &&
      !link.loopback &&
      !isLinkLocal(bytes) &&
      bytes.length === (from.tunnel.remote ?? from.tunnel.local ?? bytes).length,
  );
  const near = from.link.place.addresses.find(
    (own) => own.link !== from.link && outer.some(({ bytes }) => covers(own, bytes)),
  );
  return (near && outer.find(({ bytes }) => covers(near, bytes)))?.bytes ?? outer[0]?.bytes;
}

function wrongRemote(end: End, other: End): Diagnosis[] {
  const remotes = remotesOf(end.tunnel);
  if (remotes.some((remote) => hasAddress(other.link.place, remote))) return [];
  const right = addressOf(other, end);
  if (end.tunnel.remote === undefined) return right === undefined ? [] : [unknownRemote(end, other, right)];
  const text = formatBytes(end.tunnel.remote);
  return [
    {
      id: REMOTE_ID,
      place: at(end.link),
      problem: `${end.link.name} in ${end.link.place.name} sends to ${text}, which is not ${other.link.place.name}`,
      evidence: [`the other end is ${other.link.name} in ${other.link.place.name}`],
      fix: right === undefined ? [] : remake(end, { remote: right }),
      certainty: CERTAINTY.ON_THE_WAY,
    },
  ];
}

/** A VXLAN device without `remote` sends where its forwarding database says; that can be added to. */
function unknownRemote({ link, tunnel }: End, other: End, right: Uint8Array): Diagnosis {
  const { place, name } = link;
  const others = remotesOf(tunnel).map(formatBytes).join(", ");
  return {
    id: REMOTE_ID,
    place: at(link),
    problem: `${name} in ${place.name} does not know that ${other.link.place.name} is at ${formatBytes(right)}`,
    evidence: [`${command("bridge", place, `fdb show dev ${name}`)}: ${others || "no other end"}`],
    fix: [command("bridge", place, `fdb append 00:00:00:00:00:00 dev ${name} dst ${formatBytes(right)}`)],
    certainty: CERTAINTY.ON_THE_WAY,
  };
}

function mismatches(near: End, far: End): Diagnosis[] {
  const found = [...wrongRemote(near, far), ...wrongRemote(far, near)];
  const differs = (
    id: string,
    what: string,
    own: number,
    other: number,
    change: Partial<TunnelState>,
  ): void => {
    if (own === other) return;
    found.push({
      id,
      place: at(near.link),
      problem: `${near.link.name} in ${near.link.place.name} has ${what} ${own}, its other end ${far.link.name} in ${far.link.place.name} has ${other}`,
      evidence: [near, far].map(({ link }) => command("ip", link.place, `-d link show ${link.name}`)),
      fix: remake(near, change),
      certainty: CERTAINTY.ON_THE_WAY,
    });
  };
  const name = isGre(near.tunnel.kind) ? "key" : "VNI";
  differs(VNI_ID, name, near.tunnel.vni, far.tunnel.vni, { vni: far.tunnel.vni });
  differs(PORT_ID, "UDP port", near.tunnel.port, far.tunnel.port, { port: far.tunnel.port });
  return found;
}

/** Ends before a hop that finds nobody, and ends behind which the one is who should have answered. */
function pairs(view: View): (readonly [End, End])[] {
  return view.ways.flatMap(({ end, hops }) => {
    const hop = hops.at(-1);
    if (end !== "nobody" || hop === undefined) return [];
    const near = endsIn(segmentOf(hop.device));
    const far = ownersOf(view.state, hop.nextHop).flatMap(({ link }) => endsIn(segmentOf(link)));
    return near.flatMap((one) =>
      far.flatMap((other) => (other.tunnel.kind === one.tunnel.kind ? [[one, other] as const] : [])),
    );
  });
}

export const tunnelMismatch: Entry = {
  id: "tunnel-*",
  title: "the ends of a tunnel differ in VNI or port, or one sends to somebody else",
  examine: (view) => pairs(view).flatMap(([near, far]) => mismatches(near, far)),
};

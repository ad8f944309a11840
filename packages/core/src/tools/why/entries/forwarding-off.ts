// A host that packets are routed through does not forward: not at all, or not what comes in by one of its devices.

import { at, CERTAINTY, evidenceOf, inPlace, seenIn } from "../diagnosis.ts";
import type { Diagnosis, Entry, View } from "../diagnosis.ts";
import type { LinkState, PlaceState } from "../network-state.ts";
import { sysctlFix } from "../network-state.ts";

/** `came`: the device that it is to forward from. */
function examine(view: View, place: PlaceState, came: LinkState | undefined, v4: boolean): Diagnosis[] {
  const drop = evidenceOf(seenIn(view, place, "IP_NOT_FORWARDING", "IP_INADDRERRORS"));
  const name = v4 ? "net.ipv4.ip_forward" : "net.ipv6.conf.all.forwarding";
  if (place.sysctl(v4 ? "ipv4/ip_forward" : "ipv6/conf/all/forwarding") === "0") {
    return [
      {
        id: "forwarding-off",
        place: inPlace(place),
        problem: `${place.name} is a router here, but forwarding is off`,
        evidence: [...drop, `${name} = 0`],
        fix: [sysctlFix(place, name, 1)],
        certainty: CERTAINTY.ON_THE_WAY,
      },
    ];
  }
  // IPv6 has one switch for all devices.
  if (!v4 || came === undefined || place.sysctl(`ipv4/conf/${came.name}/forwarding`) !== "0") return [];
  const one = `net.ipv4.conf.${came.name}.forwarding`;
  return [
    {
      id: "forwarding-off",
      place: at(came),
      problem: `${place.name} is a router here, but does not forward what comes in by ${came.name}`,
      evidence: [...drop, `${one} = 0`],
      fix: [sysctlFix(place, one, 1)],
      certainty: CERTAINTY.ON_THE_WAY,
    },
  ];
}

export const forwardingOff: Entry = {
  id: "forwarding-off",
  title: "a router does not forward",
  examine: (view) =>
    view.ways.flatMap(({ hops, to }) =>
      hops.slice(1).flatMap(({ place }, index) => {
        const came = hops[index]?.path.at(-1);
        return examine(view, place, came?.place === place ? came : undefined, to.length === 4);
      }),
    ),
};

// A host that packets are routed through does not forward.

import { CERTAINTY, evidenceOf, inPlace, seenIn } from "../diagnosis.ts";
import type { Diagnosis, Entry } from "../diagnosis.ts";
import { sysctlFix } from "../network-state.ts";

export const forwardingOff: Entry = {
  id: "forwarding-off",
  title: "a router does not forward",
  examine: (view) =>
    view.ways.flatMap(({ hops, to }): Diagnosis[] =>
      hops.slice(1).flatMap(({ place }): Diagnosis[] => {
        const name = to.length === 4 ? "net.ipv4.ip_forward" : "net.ipv6.conf.all.forwarding";
        const path = to.length === 4 ? "ipv4/ip_forward" : "ipv6/conf/all/forwarding";
        if (place.sysctl(path) !== "0") return [];
        const drop = seenIn(view, place, "IP_NOT_FORWARDING", "IP_INADDRERRORS");
        return [
          {
            id: "forwarding-off",
            place: inPlace(place),
            problem: `${place.name} is a router here, but forwarding is off`,
            evidence: [...evidenceOf(drop), `${name} = 0`],
            fix: [sysctlFix(place, name, 1)],
            certainty: CERTAINTY.ON_THE_WAY,
          },
        ];
      }),
    ),
};

// The next hop of a route is an address that nobody on its link has.

import { at, CERTAINTY, evidenceOf, seenAt } from "../diagnosis.ts";
import type { Diagnosis, Entry } from "../diagnosis.ts";
import { command, formatBytes } from "../network-state.ts";
import { findGateway } from "./gateway.ts";

export const gatewayDead: Entry = {
  id: "gateway-dead",
  title: "a route's gateway is nobody's address",
  examine: (view) =>
    view.ways.flatMap(({ end, hops, to }): Diagnosis[] => {
      const hop = hops.at(-1);
      if (end !== "nobody" || hop === undefined || !hop.viaGateway) return [];
      const { place, device, nextHop } = hop;
      const better = findGateway(view.state, place, to);
      const route = place.matchingRoute(to, hop.question) ?? "default";
      return [
        {
          id: "gateway-dead",
          place: at(device),
          problem: `${place.name} sends to gateway ${formatBytes(nextHop)}, which no host on ${device.name} has`,
          evidence: evidenceOf(seenAt(view, device, "NEIGH_FAILED")),
          fix: better
            ? [
                command(
                  "ip",
                  place,
                  `route replace ${route} via ${better.address.text} dev ${better.device.name}`,
                ),
              ]
            : [],
          certainty: CERTAINTY.ON_THE_WAY,
        },
      ];
    }),
};

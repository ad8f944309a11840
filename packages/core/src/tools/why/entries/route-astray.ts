// A route leads to another link than the one where the destination is: the same prefix on two devices, or a more specific route.

import { at, CERTAINTY } from "../diagnosis.ts";
import type { Diagnosis, Entry } from "../diagnosis.ts";
import { command, covers, formatBytes } from "../network-state.ts";
import { segmentOf } from "../segment.ts";
import { ownersOf } from "../way.ts";

export const routeAstray: Entry = {
  id: "route-astray",
  title: "a route leads to another link than the destination's",
  examine: (view) =>
    view.ways.flatMap(({ end, hops }): Diagnosis[] => {
      const hop = hops.at(-1);
      if (end !== "nobody" || hop === undefined) return [];
      const { place, device, nextHop } = hop;
      const text = formatBytes(nextHop);
      for (const owner of ownersOf(view.state, nextHop)) {
        const near = segmentOf(owner.link);
        const own = place.addresses.find(
          (address) => address.link !== device && near.includes(address.link) && covers(address, nextHop),
        );
        if (own === undefined || owner.link.place === place) continue;
        const route = place.matchingRoute(nextHop, hop.question);
        const meant = `${formatBytes(own.bytes)}/${own.prefixLength}`;
        const narrower =
          route !== undefined && Number(/\/(\d+)(?: |$)/.exec(route)?.[1] ?? 0) > own.prefixLength;
        return [
          {
            id: "route-astray",
            place: at(device),
            problem: `${place.name} sends packets for ${text} by ${device.name}, but it is on the link of ${own.link.name}`,
            evidence: [
              `${command("ip", place, `route get ${text}`)}: dev ${device.name}`,
              `${own.link.name} has ${meant}`,
            ],
            fix: [
              narrower
                ? command("ip", place, `route del ${route} dev ${device.name}`)
                : command("ip", place, `route add ${text}/${nextHop.length * 8} dev ${own.link.name}`),
            ],
            certainty: CERTAINTY.ON_THE_WAY,
          },
        ];
      }
      return [];
    }),
};

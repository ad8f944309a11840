// A host takes the destination for a neighbour, but a router stands in between that has it in a part of the same subnet: it would have
// to answer in the destination's name (proxy ARP, RFC 1027; for IPv6, neighbour proxies, RFC 4389).

import { at, CERTAINTY, evidenceOf, seenAt } from "../diagnosis.ts";
import type { Diagnosis, Entry, View } from "../diagnosis.ts";
import { command, covers, formatBytes, sysctlFix } from "../network-state.ts";
import { segmentOf } from "../segment.ts";
import { ownersOf } from "../way.ts";
import type { Hop } from "../way.ts";

function examine(view: View, { device, nextHop, place }: Hop): Diagnosis[] {
  const near = segmentOf(device);
  for (const own of view.state.addresses) {
    const { link } = own;
    const router = link.place;
    if (router === place || !near.includes(link) || !covers(own, nextHop)) continue;
    const way = router.routeTo(nextHop);
    if (typeof way === "number" || way.local || way.link === undefined || way.link === link) continue;
    const beyond = segmentOf(way.link);
    if (!ownersOf(view.state, way.gateway ?? nextHop).some((one) => beyond.includes(one.link))) continue;
    const text = formatBytes(nextHop);
    const v4 = nextHop.length === 4;
    return [
      {
        id: "proxy-missing",
        place: at(link),
        problem: `${place.name} asks its link for ${text}, which is behind ${router.name}; ${router.name} does not answer in its name`,
        evidence: [
          ...evidenceOf(seenAt(view, device, "NEIGH_FAILED")),
          `${command("ip", router, `route get ${text}`)}: dev ${way.link.name}`,
        ],
        fix: v4
          ? [sysctlFix(router, `net.ipv4.conf.${link.name}.proxy_arp`, 1)]
          : [
              sysctlFix(router, `net.ipv6.conf.${link.name}.proxy_ndp`, 1),
              command("ip", router, `neigh add proxy ${text} dev ${link.name}`),
            ],
        certainty: CERTAINTY.ON_THE_WAY,
      },
    ];
  }
  return [];
}

export const proxyMissing: Entry = {
  id: "proxy-missing",
  title: "a router does not answer in the name of a host of the same subnet behind it",
  examine: (view) =>
    view.ways.flatMap(({ end, hops }): Diagnosis[] => {
      const hop = hops.at(-1);
      return end !== "nobody" || hop === undefined || hop.viaGateway ? [] : examine(view, hop);
    }),
};

// No host on the link has the destination's address, and no entry before knows why.

import { at, CERTAINTY, evidenceOf, seenAt } from "../diagnosis.ts";
import type { Diagnosis, Entry } from "../diagnosis.ts";
import { formatBytes } from "../network-state.ts";
import { ownersOf } from "../way.ts";

export const nobody: Entry = {
  id: "nobody-answers",
  title: "nobody on the link has the address",
  examine: (view) =>
    view.ways.flatMap(({ end, hops }): Diagnosis[] => {
      const hop = hops.at(-1);
      if (end !== "nobody" || hop === undefined || hop.viaGateway) return [];
      const text = formatBytes(hop.nextHop);
      const [elsewhere] = ownersOf(view.state, hop.nextHop);
      const where =
        elsewhere && `${elsewhere.link.name} in ${elsewhere.link.place.name}, which is not on this link`;
      return [
        {
          id: "nobody-answers",
          place: at(hop.device),
          problem: `no host on the link of ${hop.device.name} in ${hop.place.name} has ${text}`,
          evidence: [
            ...evidenceOf(seenAt(view, hop.device, "NEIGH_FAILED")),
            where ? `${text} is on ${where}` : `no namespace has ${text}`,
          ],
          fix: [],
          certainty: CERTAINTY.POSSIBLE,
        },
      ];
    }),
};

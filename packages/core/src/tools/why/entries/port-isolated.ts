// Two isolated ports of one bridge never talk to each other.

import { at, CERTAINTY, evidenceOf, seenAt } from "../diagnosis.ts";
import type { Diagnosis, Entry } from "../diagnosis.ts";
import { command } from "../network-state.ts";
import { bridgeOf } from "../segment.ts";

export const portIsolated: Entry = {
  id: "port-isolated",
  title: "both bridge ports are isolated",
  examine: (view) =>
    view.ways.flatMap(({ hops }) =>
      hops.flatMap(({ path }) =>
        path.flatMap((link, index): Diagnosis[] => {
          const bridge = bridgeOf(link);
          const out = path[index + 2];
          if (
            bridge === undefined ||
            path[index + 1] !== bridge ||
            out === undefined ||
            bridgeOf(out) !== bridge
          )
            return [];
          if (link.port?.isolated !== true || out.port?.isolated !== true) return [];
          return [
            {
              id: "port-isolated",
              place: at(out),
              problem: `ports ${link.name} and ${out.name} of ${bridge.name} are both isolated`,
              evidence: evidenceOf(seenAt(view, out, "BRIDGE_ISOLATED")),
              fix: [command("bridge", out.place, `link set dev ${out.name} isolated off`)],
              certainty: CERTAINTY.ON_THE_WAY,
            },
          ];
        }),
      ),
    ),
};

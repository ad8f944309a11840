// Broadcasts are not flooded to a bridge port, so that ARP requests do not get there.

import { at, CERTAINTY } from "../diagnosis.ts";
import type { Diagnosis, Entry } from "../diagnosis.ts";
import { command } from "../network-state.ts";
import { bridgeOf } from "../segment.ts";

export const noFlooding: Entry = {
  id: "no-flooding",
  title: "a bridge port gets no broadcasts or unknown unicasts",
  examine: (view) =>
    view.ways.flatMap(({ hops }) =>
      hops.flatMap(({ path }) =>
        path.flatMap((link, index): Diagnosis[] => {
          const bridge = bridgeOf(link);
          const { port } = link;
          if (port === undefined || bridge === undefined || path[index - 1] !== bridge) return [];
          const kinds = [
            ...(port.broadcastFlood ? [] : (["bcast_flood"] as const)),
            ...(port.unicastFlood ? [] : (["flood"] as const)),
          ];
          if (kinds.length === 0) return [];
          const what = port.broadcastFlood ? "unknown unicasts" : "broadcasts, such as ARP requests";
          return [
            {
              id: "no-flooding",
              place: at(link),
              problem: `${bridge.name} does not flood ${what} to port ${link.name}`,
              evidence: kinds.map(
                (kind) => `${command("bridge", link.place, `-d link show dev ${link.name}`)}: ${kind} off`,
              ),
              fix: [
                command(
                  "bridge",
                  link.place,
                  `link set dev ${link.name} ${kinds.map((kind) => `${kind} on`).join(" ")}`,
                ),
              ],
              certainty: port.broadcastFlood ? CERTAINTY.POSSIBLE : CERTAINTY.ON_THE_WAY,
            },
          ];
        }),
      ),
    ),
};

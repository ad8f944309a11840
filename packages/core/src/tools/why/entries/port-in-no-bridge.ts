// The two hosts' cables end in one namespace, but the end of one is in no bridge.

import { at, CERTAINTY } from "../diagnosis.ts";
import type { Diagnosis, Entry } from "../diagnosis.ts";
import { command } from "../network-state.ts";
import { bridgeOf, segmentOf } from "../segment.ts";
import { ownersOf } from "../way.ts";

export const portInNoBridge: Entry = {
  id: "port-in-no-bridge",
  title: "the end of a host's cable is in no bridge",
  examine: (view) =>
    view.ways.flatMap(({ end, hops }): Diagnosis[] => {
      const hop = hops.at(-1);
      if (end !== "nobody" || hop === undefined) return [];
      const near = segmentOf(hop.device);
      for (const owner of ownersOf(view.state, hop.nextHop)) {
        for (const loose of segmentOf(owner.link)) {
          for (const [end1, side] of [
            [loose, near],
            [
              near.find((link) => link.place === loose.place && link.master === 0 && link.kind === "veth"),
              segmentOf(owner.link),
            ],
          ] as const) {
            if (end1 === undefined || end1.master !== 0 || end1.kind !== "veth" || end1.other === undefined)
              continue;
            if (end1.place.addresses.some(({ link, bytes }) => link === end1 && bytes.length === 4)) continue;
            const bridge =
              side.find((link) => link.place === end1.place && link.bridge !== undefined) ?? undefined;
            if (bridge === undefined || bridgeOf(end1) === bridge) continue;
            return [
              {
                id: "port-in-no-bridge",
                place: at(end1),
                problem: `${end1.name} in ${end1.place.name} leads to ${end1.other.place.name}, but is not a port of ${bridge.name}`,
                evidence: [`${command("ip", end1.place, `link show ${end1.name}`)}: no master`],
                fix: [
                  command("ip", end1.place, `link set ${end1.name} master ${bridge.name}`),
                  ...(end1.up ? [] : [command("ip", end1.place, `link set ${end1.name} up`)]),
                ],
                certainty: CERTAINTY.ON_THE_WAY,
              },
            ];
          }
        }
      }
      return [];
    }),
};

// A host's packets to its own addresses go over lo, which a new namespace has down.

import { at, CERTAINTY, evidenceOf, seenAt } from "../diagnosis.ts";
import type { Diagnosis, Entry } from "../diagnosis.ts";
import { command } from "../network-state.ts";

export const loopbackDown: Entry = {
  id: "loopback-down",
  title: "lo is down, so a host cannot reach its own addresses",
  examine: (view) =>
    view.state.links
      .filter((link) => link.loopback && !link.up)
      .flatMap((link): Diagnosis[] => {
        const own = view.ways.some(
          ({ from, hops, end }) => from === link.place && hops.length === 0 && end === "arrived",
        );
        const drop = seenAt(view, link, "DEV_READY");
        if (!own) return [];
        return [
          {
            id: "loopback-down",
            place: at(link),
            problem: `lo in ${link.place.name} is down, and packets to own addresses go over it`,
            evidence: [...evidenceOf(drop), `${command("ip", link.place, "link show lo")}: not UP`],
            fix: [command("ip", link.place, "link set lo up")],
            certainty: CERTAINTY.SEEN,
          },
        ];
      }),
};

// A tunnel sends from an address that its host does not have.

import { at, CERTAINTY } from "../diagnosis.ts";
import type { Diagnosis, Entry } from "../diagnosis.ts";
import { command, formatBytes } from "../network-state.ts";
import { segmentOf } from "../segment.ts";
import { hasAddress, remotesOf, tunnelsOn } from "../tunnel-state.ts";
import { ownersOf } from "../way.ts";

export const tunnelSource: Entry = {
  id: "tunnel-source",
  title: "a tunnel sends from an address that its host does not have",
  examine: (view) =>
    tunnelsOn(view.ways).flatMap((link): Diagnosis[] => {
      const { place, name, tunnel } = link;
      if (tunnel?.local === undefined || hasAddress(place, tunnel.local)) return [];
      const local = formatBytes(tunnel.local);
      const [far] = remotesOf(tunnel).flatMap((remote) => ownersOf(view.state, remote));
      const near = far && segmentOf(far.link);
      const below = place.links.find(
        (one) => one !== link && (tunnel.link === 0 ? near?.includes(one) : one.index === tunnel.link),
      );
      return [
        {
          id: "tunnel-source",
          place: at(link),
          problem: `${name} in ${place.name} sends from ${local}, which ${place.name} does not have`,
          evidence: [command("ip", place, `-d link show ${name}`)],
          fix:
            below === undefined || far === undefined
              ? []
              : [command("ip", place, `address add ${local}/${far.prefixLength} dev ${below.name}`)],
          certainty: CERTAINTY.ON_THE_WAY,
        },
      ];
    }),
};

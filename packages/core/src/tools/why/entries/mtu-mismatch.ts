// A device between two hosts takes smaller packets than they send: it drops large ones, and nobody is told.

import { at, CERTAINTY, evidenceOf, seenAt } from "../diagnosis.ts";
import type { Diagnosis, Entry } from "../diagnosis.ts";
import { command } from "../network-state.ts";
import type { LinkState } from "../network-state.ts";

const HEADERS = 28; // IPv4 and ICMP

export const mtuMismatch: Entry = {
  id: "mtu-mismatch",
  title: "the MTU is not the same along a link",
  examine: (view) => {
    const told = new Set<LinkState>();
    return view.ways.flatMap(({ hops }) =>
      hops.flatMap(({ device, path }): Diagnosis[] => {
        // What comes out of a tunnel may be larger than what its device sends (tunnel-mtu knows about those).
        const small = path.filter(
          (link) =>
            link.mtu < device.mtu &&
            link.vlanId === undefined &&
            link.tunnel === undefined &&
            !told.has(link),
        );
        for (const link of small) told.add(link);
        return small.map((link) => {
          const drop =
            seenAt(view, link, "PKT_TOO_BIG") ?? (link.other && seenAt(view, link.other, "PKT_TOO_BIG"));
          const blocks = view.size + HEADERS > link.mtu;
          return {
            id: "mtu-mismatch",
            place: at(link),
            problem: `${link.name} in ${link.place.name} has MTU ${link.mtu}, but ${device.name} in ${device.place.name} sends packets of up to ${device.mtu} bytes`,
            evidence: evidenceOf(drop),
            fix: [command("ip", link.place, `link set ${link.name} mtu ${device.mtu}`)],
            certainty: drop ? CERTAINTY.SEEN : blocks ? CERTAINTY.ON_THE_WAY : CERTAINTY.NOTICED,
          };
        });
      }),
    );
  },
};

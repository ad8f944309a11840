// A router has the destination's link, but in another routing domain (VRF) than the one that the packet is in.

import { at, CERTAINTY, evidenceOf, seenIn } from "../diagnosis.ts";
import type { Diagnosis, Entry } from "../diagnosis.ts";
import { command, covers, formatBytes } from "../network-state.ts";
import type { LinkState } from "../network-state.ts";

function domainOf({ place, master }: LinkState): LinkState | undefined {
  return place.links.find(({ index, kind }) => index === master && kind === "vrf");
}

/** How many ports stand with one in its domain. */
function company(link: LinkState): number {
  const domain = domainOf(link);
  if (domain === undefined) return 0;
  return link.place.links.filter(({ master }) => master === domain.index).length;
}

function named(link: LinkState): string {
  const domain = domainOf(link);
  return domain === undefined ? "no VRF" : `VRF ${domain.name}`;
}

export const vrfWrong: Entry = {
  id: "vrf-wrong",
  title: "a router's port is in another VRF than the rest of the way",
  examine: (view) =>
    view.ways.flatMap(({ end, place, to, question: { came }, hops }): Diagnosis[] => {
      const entered = came ?? hops.at(-1)?.path.at(-1);
      const stuck = end === "no-route" || end === "nobody";
      if (!stuck || entered === undefined || entered.place !== place) return [];
      const near = place.addresses.find((address) => !address.link.loopback && covers(address, to));
      if (near === undefined || near.link === entered || domainOf(near.link) === domainOf(entered)) return [];
      // The port that stands alone is taken for the one that is wrong.
      const wrong = company(entered) < company(near.link) ? entered : near.link;
      const right = wrong === entered ? near.link : entered;
      const domain = domainOf(right);
      return [
        {
          id: "vrf-wrong",
          place: at(wrong),
          problem: `${near.link.name} in ${place.name}, which ${formatBytes(to)} is behind, is in ${named(near.link)}, but packets for it come in by ${entered.name}, which is in ${named(entered)}`,
          evidence: [
            ...evidenceOf(seenIn(view, place, "IP_INNOROUTES", "IP_OUTNOROUTES")),
            command("ip", place, `link show ${wrong.name}`),
          ],
          fix: [
            command(
              "ip",
              place,
              `link set ${wrong.name} ${domain === undefined ? "nomaster" : `master ${domain.name}`}`,
            ),
          ],
          certainty: CERTAINTY.ON_THE_WAY,
        },
      ];
    }),
};

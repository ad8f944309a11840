// A bond on the way has no members.

import { at, CERTAINTY, linksOnWays } from "../diagnosis.ts";
import type { Diagnosis, Entry, View } from "../diagnosis.ts";
import type { LinkState } from "../network-state.ts";
import { command } from "../network-state.ts";
import { segmentOf } from "../segment.ts";
import { ownersOf } from "../way.ts";

/** Devices beside the bond that lead to who should have answered, and serve for nothing else. */
function candidates(view: View, bond: LinkState): LinkState[] {
  const sought = view.ways.flatMap(({ end, hops }) => {
    const last = hops.at(-1);
    return end === "nobody" && last !== undefined ? ownersOf(view.state, last.nextHop) : [];
  });
  const far = new Set(sought.flatMap(({ link }) => segmentOf(link)));
  return bond.place.links.filter(
    (link) =>
      link.master === 0 &&
      far.has(link) &&
      !bond.place.addresses.some((address) => address.link === link && address.family === "inet"),
  );
}

export const bondEmpty: Entry = {
  id: "bond-empty",
  title: "a bond has no members",
  examine: (view) =>
    linksOnWays(view)
      .filter(
        ({ kind, place, index }) => kind === "bond" && !place.links.some(({ master }) => master === index),
      )
      .map((bond): Diagnosis => {
        const { place, name } = bond;
        return {
          id: "bond-empty",
          place: at(bond),
          problem: `${name} in ${place.name} has no members to send by`,
          evidence: [`${command("ip", place, `link show master ${name}`)}: nothing`],
          fix: candidates(view, bond).flatMap((link) => [
            ...(link.up ? [command("ip", place, `link set ${link.name} down`)] : []),
            command("ip", place, `link set ${link.name} master ${name}`),
          ]),
          certainty: CERTAINTY.ON_THE_WAY,
        };
      }),
};

// Two bonds that are cabled member by member, and use different cables: what comes in by a member that stands by is dropped
// (bond_should_deliver_exact_match).

import { at, CERTAINTY } from "../diagnosis.ts";
import type { Diagnosis, Entry } from "../diagnosis.ts";
import type { LinkState } from "../network-state.ts";
import { command } from "../network-state.ts";
import { segmentOf } from "../segment.ts";
import { ownersOf } from "../way.ts";

function masterOf({ place, master }: LinkState): LinkState | undefined {
  return place.links.find(({ index }) => index === master);
}

export const bondStandby: Entry = {
  id: "bond-standby",
  title: "two bonds use different cables",
  examine: (view) =>
    view.ways.flatMap(({ end, hops }): Diagnosis[] => {
      const hop = hops.at(-1);
      if (end !== "nobody" || hop === undefined) return [];
      const wanted = new Set(ownersOf(view.state, hop.nextHop).flatMap(({ link }) => segmentOf(link)));
      return segmentOf(hop.device).flatMap((member): Diagnosis[] => {
        const far = member.member?.standby === false ? member.other : undefined;
        const bond = far?.member?.standby === true ? masterOf(far) : undefined;
        if (far === undefined || bond === undefined || !wanted.has(bond)) return [];
        return [
          {
            id: "bond-standby",
            place: at(bond),
            problem: `${masterOf(member)?.name ?? "the bond"} in ${member.place.name} sends by ${member.name}, but its other end, ${far.name} in ${far.place.name}, stands by`,
            evidence: [command("ip", far.place, `-d link show ${far.name}`)],
            fix: [command("ip", bond.place, `link set ${bond.name} type bond active_slave ${far.name}`)],
            certainty: CERTAINTY.ON_THE_WAY,
          },
        ];
      });
    }),
};

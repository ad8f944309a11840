// A routing policy rule sends packets to a table that leads nowhere, though the table main would lead on: on the way there, on routers
// in the middle, and on the way of the answer.

import { CERTAINTY, inPlace } from "../diagnosis.ts";
import type { Diagnosis, Entry } from "../diagnosis.ts";
import { formatBytes } from "../network-state.ts";
import type { NetworkState, PlaceState } from "../network-state.ts";
import { segmentOf } from "../segment.ts";
import { ownersOf } from "../way.ts";
import { findGateway } from "./gateway.ts";
import { ruleDeleted, ruleShown } from "./policy-rule.ts";

/** Whether the table main has a route to a destination whose next hop is there. */
function mainLeadsOn(state: NetworkState, place: PlaceState, to: Uint8Array): boolean {
  const main = place.mainRoute(to);
  if (main?.link === undefined) return false;
  const near = segmentOf(main.link);
  return ownersOf(state, main.gateway ?? to).some(({ link }) => link.place !== place && near.includes(link));
}

export const ruleAstray: Entry = {
  id: "rule-astray",
  title: "a rule of policy routing sends packets to a table that leads elsewhere",
  examine: (view) =>
    view.ways.flatMap(({ end, hops, to, from }): Diagnosis[] => {
      if (end !== "nobody" && end !== "loop") return [];
      for (const { place, question, device, viaGateway } of end === "loop" ? hops : hops.slice(-1)) {
        const rule = place.decidingRule(to, question);
        if (rule === undefined || !mainLeadsOn(view.state, place, to)) continue;
        // A gateway that nobody has, where others would do, is the nearer fault (gateway-dead).
        const better = end === "nobody" && viaGateway ? findGateway(view.state, place, to) : undefined;
        if (better !== undefined && better.address.text !== formatBytes(to)) continue;
        const what = from === view.ways[0]?.from ? "packets" : "answers";
        return [
          {
            id: "rule-astray",
            place: inPlace(place),
            problem: `a rule of policy routing in ${place.name} sends ${what} to ${formatBytes(to)} to table ${rule.table ?? ""}, which leads by ${device.name} to nobody; table main knows the way`,
            evidence: [ruleShown(place, rule)],
            fix: [ruleDeleted(place, rule)],
            certainty: CERTAINTY.ON_THE_WAY,
          },
        ];
      }
      return [];
    }),
};

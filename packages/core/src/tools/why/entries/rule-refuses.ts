// A routing policy rule that refuses: prohibit, blackhole or unreachable.

import { ERRNO } from "../../../netlink/errno.ts";
import { CERTAINTY, inPlace } from "../diagnosis.ts";
import type { Diagnosis, Entry } from "../diagnosis.ts";
import { formatBytes } from "../network-state.ts";
import { ruleDeleted, ruleShown } from "./policy-rule.ts";

const TYPES: ReadonlyMap<number, string> = new Map([
  [ERRNO.EINVAL, "blackhole"],
  [ERRNO.ENETUNREACH, "unreachable"],
  [ERRNO.EHOSTUNREACH, "unreachable"],
  [ERRNO.EACCES, "prohibit"],
]);

export const ruleRefuses: Entry = {
  id: "rule-refuses",
  title: "a blackhole, unreachable or prohibit rule of policy routing",
  examine: (view) =>
    view.ways.flatMap(({ end, errno, place, to, question }): Diagnosis[] => {
      const type = TYPES.get(errno);
      if (end !== "no-route" || type === undefined || place.refusingRoute(to, type) !== undefined) return [];
      const found = place.refusingRule(to, type, question);
      if (found === undefined) return [];
      const { rule } = found;
      return [
        {
          id: "rule-refuses",
          place: inPlace(place),
          problem: `${place.name} has a rule of policy routing that refuses ${formatBytes(to)}: ${rule.selector} ${type}`,
          evidence: [ruleShown(place, rule, type)],
          fix: [ruleDeleted(place, rule, type)],
          certainty: CERTAINTY.ON_THE_WAY,
        },
      ];
    }),
};

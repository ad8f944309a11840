// A routing policy rule that refuses: prohibit, blackhole or unreachable.

import { ERRNO } from "../../../netlink/errno.ts";
import { CERTAINTY, inPlace } from "../diagnosis.ts";
import type { Diagnosis, Entry } from "../diagnosis.ts";
import { command, formatBytes } from "../network-state.ts";

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
    view.ways.flatMap(({ end, errno, place, to }): Diagnosis[] => {
      const type = TYPES.get(errno);
      if (end !== "no-route" || type === undefined || place.refusingRoute(to, type) !== undefined) return [];
      const rule = place.refusingRule(to, type);
      if (rule === undefined) return [];
      const family = rule.family === "inet6" ? "-6 " : "";
      return [
        {
          id: "rule-refuses",
          place: inPlace(place),
          problem: `${place.name} has a rule of policy routing that refuses ${formatBytes(to)}: ${rule.type}`,
          evidence: [`${command("ip", place, `${family}rule show`)}: ${rule.priority}, ${rule.type}`],
          fix: [command("ip", place, `${family}rule del priority ${rule.priority} ${rule.type}`)],
          certainty: CERTAINTY.ON_THE_WAY,
        },
      ];
    }),
};

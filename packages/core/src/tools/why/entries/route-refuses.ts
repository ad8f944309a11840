// A route of type blackhole, unreachable or prohibit.

import { ERRNO } from "../../../netlink/errno.ts";
import { CERTAINTY, evidenceOf, inPlace, seenIn } from "../diagnosis.ts";
import type { Diagnosis, Entry } from "../diagnosis.ts";
import { command, formatBytes } from "../network-state.ts";

const TYPES: ReadonlyMap<number, string> = new Map([
  [ERRNO.EINVAL, "blackhole"],
  [ERRNO.EHOSTUNREACH, "unreachable"],
  [ERRNO.EACCES, "prohibit"],
]);

export const routeRefuses: Entry = {
  id: "route-refuses",
  title: "a blackhole, unreachable or prohibit route",
  examine: (view) =>
    view.ways.flatMap(({ end, errno, place, to, question }): Diagnosis[] => {
      const type = TYPES.get(errno);
      if (end !== "no-route" || type === undefined) return [];
      const route = place.refusingRoute(to, type);
      if (route === undefined && place.refusingRule(to, type, question) !== undefined) return [];
      return [
        {
          id: "route-refuses",
          place: inPlace(place),
          problem: `${place.name} has a ${type} route for ${formatBytes(to)}${route === undefined ? "" : `: ${route}`}`,
          evidence: evidenceOf(seenIn(view, place, "ROUTE_BLACKHOLE", "ROUTE_UNREACHABLE", "ROUTE_PROHIBIT")),
          fix: route === undefined ? [] : [command("ip", place, `route del ${route}`)],
          certainty: CERTAINTY.ON_THE_WAY,
        },
      ];
    }),
};

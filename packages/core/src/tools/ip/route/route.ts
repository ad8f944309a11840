// `ip route`.

import { NLM_F } from "../../../netlink/message.ts";
import { RTM } from "../../../netlink/rtnl/types.ts";
import { fail, matches } from "../arguments.ts";
import type { Arguments } from "../arguments.ts";
import type { Session } from "../session.ts";
import { changeRoute } from "./change.ts";
import { restoreRoutes, saveRoutes, showSavedRoutes } from "./dump.ts";
import { getRoute } from "./get.ts";
import { routeUsage } from "./help.ts";
import { flushRoutes, listRoutes } from "./list.ts";

/** What adds routes, and how. */
const CHANGES: readonly (readonly [string, number])[] = [
  ["add", NLM_F.CREATE | NLM_F.EXCL],
  ["change", NLM_F.REPLACE],
  ["replace", NLM_F.CREATE | NLM_F.REPLACE],
  ["prepend", NLM_F.CREATE],
  ["append", NLM_F.CREATE | NLM_F.APPEND],
  ["test", NLM_F.EXCL],
];

/** Returns the exit code. */
export function route(session: Session, args: Arguments): number | Promise<number> {
  const { process } = session;
  const word = args.left > 0 ? args.current : "show";
  args.advance();
  if (matches(word, "list") || matches(word, "show") || matches(word, "lst"))
    return listRoutes(session, args);
  if (matches(word, "get")) return getRoute(session, args);
  const change = CHANGES.find(([name]) => matches(word, name) || (name === "change" && word === "chg"));
  if (change !== undefined) return changeRoute(session, args, RTM.NEWROUTE, change[1]);
  if (matches(word, "delete")) return changeRoute(session, args, RTM.DELROUTE, 0);
  if (matches(word, "flush")) return flushRoutes(session, args);
  if (matches(word, "save")) return saveRoutes(session, args);
  if (matches(word, "restore")) return restoreRoutes(session);
  if (matches(word, "showdump")) return showSavedRoutes(session);
  if (matches(word, "help")) return routeUsage(session);
  return fail(process, 255, `Command "${word}" is unknown, try "ip route help".\n`);
}

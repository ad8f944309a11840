// `ip nexthop` (ip-nexthop(8)).

import { NLM_F } from "../../../netlink/message.ts";
import { RTM } from "../../../netlink/rtnl/types.ts";
import { fail, matches } from "../arguments.ts";
import type { Arguments } from "../arguments.ts";
import type { Session } from "../session.ts";
import { changeNexthop } from "./change.ts";
import { nexthopUsage } from "./help.ts";
import { flushNexthops, getNexthop, listNexthops, nexthopBuckets } from "./list.ts";

/** Returns the exit code. */
export function nexthop(session: Session, args: Arguments): number {
  const { process } = session;
  const word = args.left > 0 ? args.current : "show";
  args.advance();
  const { CREATE, EXCL, REPLACE } = NLM_F;
  if (matches(word, "add")) return changeNexthop(session, args, RTM.NEWNEXTHOP, CREATE | EXCL);
  if (matches(word, "replace")) return changeNexthop(session, args, RTM.NEWNEXTHOP, CREATE | REPLACE);
  if (matches(word, "delete")) return changeNexthop(session, args, RTM.DELNEXTHOP, 0);
  if (matches(word, "list") || matches(word, "show") || matches(word, "lst"))
    return listNexthops(session, args);
  if (matches(word, "get")) return getNexthop(session, args);
  if (matches(word, "flush")) return flushNexthops(session, args);
  if (matches(word, "bucket")) return nexthopBuckets(session, args);
  if (matches(word, "help")) return nexthopUsage(session);
  return fail(process, 255, `Command "${word}" is unknown, try "ip nexthop help".\n`);
}

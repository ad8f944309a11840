// `ip link`.

import { NLM_F } from "../../../netlink/message.ts";
import { RTM, AF } from "../../../netlink/rtnl/types.ts";
import { fail, giveUp, matches } from "../arguments.ts";
import type { Arguments } from "../arguments.ts";
import type { LinkKinds } from "../link-syntax.ts";
import type { Session } from "../session.ts";
import { changeLink, changeProperties } from "./change.ts";
import { isListedKind, linkUsage } from "./help.ts";
import { list, parseListing } from "./list.ts";

/** Returns the exit code. */
export function link(session: Session, args: Arguments, kinds: LinkKinds): number {
  const { process } = session;
  const usage = (): never => linkUsage(session);
  const word = args.left > 0 ? args.current : "show";
  args.advance();
  if (matches(word, "add")) {
    return changeLink(session, kinds, args, RTM.NEWLINK, NLM_F.CREATE | NLM_F.EXCL, usage);
  }
  if (matches(word, "set") || matches(word, "change")) {
    return changeLink(session, kinds, args, RTM.NEWLINK, 0, usage);
  }
  if (matches(word, "replace")) {
    return changeLink(session, kinds, args, RTM.NEWLINK, NLM_F.CREATE | NLM_F.REPLACE, usage);
  }
  if (matches(word, "delete")) return changeLink(session, kinds, args, RTM.DELLINK, 0, usage);
  if (matches(word, "show") || matches(word, "lst") || matches(word, "list")) {
    session.family = AF.PACKET;
    return list(session, kinds, parseListing(session, args, usage), true);
  }
  if (matches(word, "xstats") || matches(word, "afstats")) {
    return giveUp(
      process,
      `Command "${matches(word, "xstats") ? "xstats" : "afstats"}" is not implemented\n`,
    );
  }
  if (matches(word, "property")) return changeProperties(session, args, usage);
  if (matches(word, "help")) {
    const kind = args.left > 0 ? args.current : undefined;
    if (kind !== undefined) {
      const syntax = kinds.get(kind);
      if (syntax?.help !== undefined) {
        syntax.help(session);
        return 0;
      }
      return isListedKind(kind) ? giveUp(process, `Link type "${kind}" is not implemented\n`) : usage();
    }
    return usage();
  }
  return fail(process, 255, `Command "${word}" is unknown, try "ip link help".\n`);
}

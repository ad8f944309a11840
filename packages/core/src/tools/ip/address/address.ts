// `ip address`.

import { NLM_F } from "../../../netlink/message.ts";
import { RTM } from "../../../netlink/rtnl/types.ts";
import { fail, matches } from "../arguments.ts";
import type { Arguments } from "../arguments.ts";
import { list, parseListing } from "../link/list.ts";
import type { LinkKinds } from "../link-syntax.ts";
import type { Session } from "../session.ts";
import { changeAddress } from "./change.ts";
import { restoreAddresses, saveAddresses, showSavedAddresses } from "./dump.ts";
import { flushAddresses } from "./flush.ts";
import { addressUsage } from "./help.ts";

/** Returns the exit code. */
export function address(session: Session, args: Arguments, kinds: LinkKinds): number | Promise<number> {
  const { process } = session;
  const usage = (): never => addressUsage(session);
  const word = args.left > 0 ? args.current : "show";
  args.advance();
  if (matches(word, "add"))
    return changeAddress(session, args, RTM.NEWADDR, NLM_F.CREATE | NLM_F.EXCL, usage);
  if (matches(word, "change") || word === "chg") {
    return changeAddress(session, args, RTM.NEWADDR, NLM_F.REPLACE, usage);
  }
  if (matches(word, "replace")) {
    return changeAddress(session, args, RTM.NEWADDR, NLM_F.CREATE | NLM_F.REPLACE, usage);
  }
  if (matches(word, "delete")) return changeAddress(session, args, RTM.DELADDR, 0, usage);
  if (matches(word, "show") || matches(word, "lst") || matches(word, "list")) {
    return list(session, kinds, parseListing(session, args, usage), false);
  }
  if (matches(word, "flush")) return flushAddresses(session, args, usage);
  if (matches(word, "save")) return saveAddresses(session, args, usage);
  if (matches(word, "showdump")) return showSavedAddresses(session);
  if (matches(word, "restore")) return restoreAddresses(session);
  if (matches(word, "help")) return usage();
  return fail(process, 255, `Command "${word}" is unknown, try "ip address help".\n`);
}

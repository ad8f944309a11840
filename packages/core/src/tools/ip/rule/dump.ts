// `ip rule save` and `restore`.

import { encodeRule } from "../../../netlink/rtnl/rule.ts";
import { AF, RTM } from "../../../netlink/rtnl/types.ts";
import { giveUp } from "../arguments.ts";
import type { Arguments } from "../arguments.ts";
import { beginDump, readDump, refuseTruncated, restoreMessages, RULE_DUMP, writeDump } from "../dump-file.ts";
import type { Session } from "../session.ts";

export function saveRules(session: Session, args: Arguments): number {
  const { process, rtnl } = session;
  if (args.left > 0) return giveUp(process, '"ip rule save" does not take any arguments.\n');
  beginDump(session, RULE_DUMP);
  const family = session.family === AF.UNSPEC ? AF.INET : session.family;
  const answer = rtnl.dump(RTM.GETRULE, encodeRule({ family }));
  if (answer === undefined) return giveUp(process, "Dump terminated\n", 255);
  writeDump(session, answer);
  return 0;
}

export async function restoreRules(session: Session): Promise<number> {
  const file = await readDump(session, RULE_DUMP);
  restoreMessages(session, RULE_DUMP, file.messages);
  refuseTruncated(session, RULE_DUMP, file);
  return 0;
}

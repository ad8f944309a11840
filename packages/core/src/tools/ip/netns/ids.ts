// `ip netns list-id` and `ip netns set`: the ids that this namespace has given to others.

import { strerror } from "../../../netlink/errno.ts";
import { decodeNsid, encodeNsid } from "../../../netlink/rtnl/nsid.ts";
import type { NsidMessage } from "../../../netlink/rtnl/nsid.ts";
import { RTM } from "../../../netlink/rtnl/types.ts";
import { isMalformed } from "../../../wire/malformed.ts";
import { giveUp } from "../arguments.ts";
import type { Arguments } from "../arguments.ts";
import { attempt, netnsPath } from "../netns-names.ts";
import { parseSigned } from "../numbers.ts";
import { REFUSED } from "../rtnl.ts";
import type { Session } from "../session.ts";

const INT_MIN = -0x8000_0000;
const INT_MAX = 0x7fff_ffff;

/** One id, with the name of the namespace if it has one. */
export function printNsid(session: Session, message: NsidMessage, deleted = false): void {
  const { out, netnses } = session;
  const { nsid, currentNsid } = message;
  if (nsid === undefined) return;
  out.openObject();
  if (deleted) out.flag("deleted", "Deleted ");
  if (nsid < 0) out.text("nsid unassigned ");
  else out.fact("nsid", nsid, `nsid ${nsid} `);
  if (currentNsid !== undefined) {
    if (currentNsid < 0) out.text("current-nsid unassigned ");
    else out.fact("current-nsid", currentNsid, `current-nsid ${currentNsid} `);
  }
  const name = netnses.nameOf(currentNsid ?? nsid);
  if (name !== undefined) out.fact("name", name, `(iproute2 netns name: ${name})`);
  out.text("\n");
  out.closeObject();
}

export function listIds(session: Session, args: Arguments, usage: () => never): number {
  const { rtnl, out, process } = session;
  let target: number | undefined;
  let only: number | undefined;
  for (; args.left > 0; args.advance()) {
    const key = args.current;
    if (key !== "target-nsid" && key !== "nsid") usage();
    if ((key === "nsid" ? only : target) !== undefined) args.duplicate(key);
    const value = parseSigned(args.next(), INT_MIN, INT_MAX) ?? args.invalid(`"${key}" value is invalid`);
    if (value < 0) args.invalid(`"${key}" value should be >= 0`, args.following ?? "(null)");
    if (key === "nsid") only = value;
    else target = value;
  }
  const targetNsid = target === undefined ? {} : { targetNsid: target };
  out.begin();
  const answer =
    only === undefined
      ? rtnl.dump(RTM.GETNSID, encodeNsid(targetNsid))
      : rtnl.talk(RTM.GETNSID, 0, encodeNsid({ ...targetNsid, nsid: only }));
  if (answer === undefined) {
    if (only !== undefined) return REFUSED;
    process.warn("Dump terminated\n");
    return process.exit(1);
  }
  for (const { body } of answer) {
    const message = decodeNsid(body);
    if (!isMalformed(message)) printNsid(session, message);
  }
  out.end();
  return 0;
}

export function setId(session: Session, args: Arguments): number {
  const { process, rtnl } = session;
  if (args.left === 0) return giveUp(process, "No netns name specified\n");
  if (args.left === 1) return giveUp(process, "No nsid specified\n");
  const name = args.current;
  const word = args.next();
  const nsid =
    word === "auto" ? -1 : (parseSigned(word, INT_MIN, INT_MAX) ?? args.invalid('Invalid "netnsid" value'));
  const opened = attempt(() => process.system.openNetns(netnsPath(name), process));
  if (opened.value === undefined) {
    return giveUp(process, `Cannot open network namespace "${name}": ${strerror(opened.errno)}\n`);
  }
  const fd = rtnl.socket.netnsDescriptor(opened.value);
  return rtnl.talk(RTM.NEWNSID, 0, encodeNsid({ nsid, fd })) === undefined ? REFUSED : 0;
}

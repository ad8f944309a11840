// `ip nexthop show`, `flush` and `get`, and `ip nexthop bucket`.

import { decodeNexthop, encodeNexthop } from "../../../netlink/rtnl/nexthop.ts";
import type { NexthopMessage } from "../../../netlink/rtnl/nexthop.ts";
import type { NetlinkMessage } from "../../../netlink/message.ts";
import { RTM } from "../../../netlink/rtnl/types.ts";
import { isMalformed } from "../../../wire/malformed.ts";
import { fail, giveUp, matches } from "../arguments.ts";
import type { Arguments } from "../arguments.ts";
import { REFUSED } from "../rtnl.ts";
import type { Session } from "../session.ts";
import { nexthopUsage } from "./help.ts";
import { printBucket, printNexthop } from "./print.ts";
import { deviceWord, vrfWord } from "./words.ts";

type Question = { -readonly [K in keyof NexthopMessage]?: NexthopMessage[K] };

function decoded(messages: readonly NetlinkMessage[]): NexthopMessage[] {
  return messages.flatMap(({ body }) => {
    const message = decodeNexthop(body);
    return isMalformed(message) ? [] : [message];
  });
}

function print(
  session: Session,
  messages: readonly NexthopMessage[],
  each: (session: Session, message: NexthopMessage) => void,
): number {
  session.out.begin();
  for (const message of messages) each(session, message);
  session.out.end();
  return 0;
}

/** `ip nexthop get id ID`, and `show id ID`. */
function printById(session: Session, id: number): number {
  const answer = session.rtnl.talk(RTM.GETNEXTHOP, 0, encodeNexthop({ id }));
  if (answer === undefined) return giveUp(session.process, "", REFUSED);
  return print(session, decoded(answer), printNexthop);
}

export function getNexthop(session: Session, args: Arguments): number {
  let id: number | undefined;
  for (; args.left > 0; args.advance()) {
    if (args.current !== "id") nexthopUsage(session);
    id = args.nextUnsigned("invalid id value");
  }
  if (id === undefined) return nexthopUsage(session);
  return printById(session, id);
}

interface Selection {
  readonly question: Question;
  /** RTPROT_*; 0 for all. */
  protocol: number;
  id: number | undefined;
}

function parseSelection(session: Session, args: Arguments): Selection {
  const selection: Selection = { question: { family: session.family }, protocol: 0, id: undefined };
  const { question } = selection;
  for (; args.left > 0; args.advance()) {
    const word = args.current;
    if (matches(word, "dev")) question.oif = deviceWord(session, args);
    else if (matches(word, "groups")) question.groups = true;
    else if (matches(word, "master")) question.master = deviceWord(session, args);
    else if (matches(word, "vrf")) question.master = vrfWord(session, args);
    else if (word === "id") {
      selection.id = args.nextUnsigned("invalid id value");
      break; // what comes behind is not read
    } else if (matches(word, "protocol")) selection.protocol = args.nextUnsigned("invalid protocol value");
    else if (matches(word, "fdb")) question.fdb = true;
    else if (matches(word, "help")) nexthopUsage(session);
    else args.invalid("");
  }
  return selection;
}

function dump(session: Session, { question, protocol }: Selection): NexthopMessage[] | undefined {
  const answer = session.rtnl.dump(RTM.GETNEXTHOP, encodeNexthop(question));
  if (answer === undefined) return undefined;
  return decoded(answer).filter((message) => protocol === 0 || message.protocol === protocol);
}

export function listNexthops(session: Session, args: Arguments): number {
  const selection = parseSelection(session, args);
  if (selection.id !== undefined) return printById(session, selection.id);
  const found = dump(session, selection);
  if (found === undefined) return giveUp(session.process, "Dump terminated\n", REFUSED);
  return print(session, found, printNexthop);
}

/** Deletes what a listing would show. Groups may go with their last member: that they are gone already is no matter. */
export function flushNexthops(session: Session, args: Arguments): number {
  const { process, rtnl } = session;
  const selection = parseSelection(session, args);
  if (selection.id !== undefined) {
    return rtnl.talk(RTM.DELNEXTHOP, 0, encodeNexthop({ id: selection.id })) === undefined ? 1 : 0;
  }
  const found = dump(session, selection);
  if (found === undefined) return giveUp(process, "Dump terminated. Failed to flush nexthops\n", REFUSED);
  for (const { id } of found) rtnl.ask(RTM.DELNEXTHOP, 0, encodeNexthop({ id }));
  process.print(found.length === 0 ? "Nothing to flush\n" : `Flushed ${found.length} nexthops\n`);
  return 0;
}

/** `ip nexthop bucket`. */
export function nexthopBuckets(session: Session, args: Arguments): number {
  const { process } = session;
  const word = args.left > 0 ? args.current : "list";
  args.advance();
  if (matches(word, "list") || matches(word, "show") || matches(word, "lst"))
    return listBuckets(session, args);
  if (matches(word, "get")) return getBucket(session, args);
  if (matches(word, "help")) return nexthopUsage(session);
  return fail(process, 255, `Command "${word}" is unknown, try "ip nexthop help".\n`);
}

function listBuckets(session: Session, args: Arguments): number {
  const question: Question = { family: session.family };
  for (; args.left > 0; args.advance()) {
    const word = args.current;
    if (matches(word, "dev")) question.oif = deviceWord(session, args);
    else if (matches(word, "master")) question.master = deviceWord(session, args);
    else if (matches(word, "vrf")) question.master = vrfWord(session, args);
    else if (word === "id") question.id = args.nextUnsigned("invalid id value");
    else if (word === "nhid") question.resilientBucket = { nhId: args.nextUnsigned("invalid id value") };
    else if (matches(word, "help")) nexthopUsage(session);
    else args.invalid("");
  }
  const answer = session.rtnl.dump(RTM.GETNEXTHOPBUCKET, encodeNexthop(question));
  if (answer === undefined) return giveUp(session.process, "Dump terminated\n", REFUSED);
  return print(session, decoded(answer), printBucket);
}

function getBucket(session: Session, args: Arguments): number {
  let id: number | undefined;
  let index: number | undefined;
  for (; args.left > 0; args.advance()) {
    if (args.current === "id") id = args.nextUnsigned("invalid id value");
    else if (args.current === "index") index = args.nextUnsigned("invalid bucket index value", 0xffff);
    else nexthopUsage(session);
  }
  if (id === undefined || index === undefined) return nexthopUsage(session);
  const request = encodeNexthop({ id, resilientBucket: { index } });
  const answer = session.rtnl.talk(RTM.GETNEXTHOPBUCKET, 0, request);
  if (answer === undefined) return giveUp(session.process, "", REFUSED);
  return print(session, decoded(answer), printBucket);
}

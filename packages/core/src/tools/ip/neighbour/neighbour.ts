// `ip neighbour`.

import { NLM_F } from "../../../netlink/message.ts";
import { decodeNeighbour, encodeNeighbour, NTF, NTF_EXT, NUD } from "../../../netlink/rtnl/neighbour.ts";
import type { NeighbourMessage } from "../../../netlink/rtnl/neighbour.ts";
import { AF, RTM } from "../../../netlink/rtnl/types.ts";
import { isMalformed } from "../../../wire/malformed.ts";
import { fail, giveUp, matches } from "../arguments.ts";
import type { Arguments } from "../arguments.ts";
import { parseLinkAddress, requireAddress } from "../addresses.ts";
import type { Prefix } from "../addresses.ts";
import { REFUSED } from "../rtnl.ts";
import type { Session } from "../session.ts";
import { neighbourUsage } from "./help.ts";
import { flushNeighbours, listNeighbours } from "./list.ts";
import { printNeighbour, stateByName } from "./print.ts";

type NeighbourRequest = { -readonly [K in keyof NeighbourMessage]?: NeighbourMessage[K] };

/** Longest link-layer address that is taken, bytes. */
const LLADDR_MAX = 20;

/** Returns the exit code. */
export function neighbour(session: Session, args: Arguments): number {
  const word = args.left > 0 ? args.current : "show";
  args.advance();
  if (matches(word, "add")) return change(session, args, RTM.NEWNEIGH, NLM_F.CREATE | NLM_F.EXCL);
  if (matches(word, "change") || word === "chg") return change(session, args, RTM.NEWNEIGH, NLM_F.REPLACE);
  if (matches(word, "replace")) return change(session, args, RTM.NEWNEIGH, NLM_F.CREATE | NLM_F.REPLACE);
  if (matches(word, "delete")) return change(session, args, RTM.DELNEIGH, 0);
  if (matches(word, "get")) return get(session, args);
  if (matches(word, "show") || matches(word, "lst") || matches(word, "list"))
    return listNeighbours(session, args);
  if (matches(word, "flush")) return flushNeighbours(session, args);
  if (matches(word, "help")) return neighbourUsage(session);
  return fail(session.process, 255, `Command "${word}" is unknown, try "ip neigh help".\n`);
}

/** What `add` and `get` share: the address, as it is or behind `proxy`. */
interface Wishes {
  readonly request: NeighbourRequest;
  address: Prefix | undefined;
  device: string | undefined;
}

function proxyWord(session: Session, args: Arguments, wishes: Wishes): boolean {
  if (!matches(args.current, "proxy")) return false;
  args.next();
  if (matches(args.current, "help")) neighbourUsage(session);
  if (wishes.address !== undefined) args.duplicate("address");
  wishes.address = requireAddress(args, session.family);
  wishes.request.flags = (wishes.request.flags ?? 0) | NTF.PROXY;
  return true;
}

function addressWord(session: Session, args: Arguments, wishes: Wishes): void {
  if (args.current === "to") args.next();
  if (matches(args.current, "help")) neighbourUsage(session);
  if (wishes.address !== undefined) args.garbage("to");
  wishes.address = requireAddress(args, session.family);
}

function change(session: Session, args: Arguments, type: number, flags: number): number {
  const { process } = session;
  const request: NeighbourRequest = { state: NUD.PERMANENT, flags: 0 };
  const wishes: Wishes = { request, address: undefined, device: undefined };
  let linkAddress: string | undefined;
  for (; args.left > 0; args.advance()) {
    const word = args.current;
    if (matches(word, "lladdr")) {
      args.next();
      if (linkAddress !== undefined) args.duplicate("lladdr");
      linkAddress = args.current;
    } else if (word === "nud") request.state = stateByName(args.next()) ?? args.invalid("nud state is bad");
    else if (proxyWord(session, args, wishes) || flagWord(request, word)) continue;
    else if (word === "dev") wishes.device = args.next();
    else if (matches(word, "protocol")) {
      request.protocol =
        session.names.id("protocol", args.next()) ?? args.invalid('"protocol" value is invalid\n');
    } else addressWord(session, args, wishes);
  }
  const { address, device } = wishes;
  const hasDevice = device !== undefined || ((request.flags ?? 0) & NTF.PROXY) !== 0;
  if (!hasDevice || address === undefined || address.family === AF.UNSPEC) {
    return fail(process, 255, "Device and destination are required arguments.\n");
  }
  request.family = address.family;
  request.dst = address.bytes;
  if (linkAddress !== undefined && linkAddress !== "null") {
    request.lladdr = parseLinkAddress(args, linkAddress, LLADDR_MAX) ?? giveUp(process, "");
  }
  session.links.load();
  if (device !== undefined) request.ifindex = session.deviceIndex(device);
  if (session.rtnl.talk(type, flags, encodeNeighbour(request)) === undefined) process.exit(REFUSED);
  return 0;
}

function flagWord(request: NeighbourRequest, word: string): boolean {
  const flags = request.flags ?? 0;
  if (word === "router") request.flags = flags | NTF.ROUTER;
  else if (word === "use") request.flags = flags | NTF.USE;
  else if (word === "managed") {
    request.flagsExt = NTF_EXT.MANAGED;
    request.state = NUD.NONE;
  } else if (matches(word, "extern_learn")) request.flags = flags | NTF.EXT_LEARNED;
  else return false;
  return true;
}

function get(session: Session, args: Arguments): number {
  const { process, rtnl } = session;
  const request: NeighbourRequest = { flags: 0 };
  const wishes: Wishes = { request, address: undefined, device: undefined };
  for (; args.left > 0; args.advance()) {
    if (args.current === "dev") wishes.device = args.next();
    else if (!proxyWord(session, args, wishes)) addressWord(session, args, wishes);
  }
  const { address, device } = wishes;
  const hasDevice = device !== undefined || ((request.flags ?? 0) & NTF.PROXY) !== 0;
  if (!hasDevice || address === undefined || address.family === AF.UNSPEC) {
    return giveUp(process, "Device and address are required arguments.\n");
  }
  request.family = address.family;
  request.dst = address.bytes;
  if (device !== undefined) request.ifindex = session.deviceIndex(device);
  const answer = rtnl.talk(RTM.GETNEIGH, 0, encodeNeighbour(request));
  if (answer === undefined) return REFUSED;
  for (const { body } of answer) {
    const found = decodeNeighbour(body);
    if (!isMalformed(found)) printNeighbour(session, found, { withoutDevice: false });
  }
  return 0;
}

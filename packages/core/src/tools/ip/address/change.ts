// `ip address add`, `change`, `replace` and `delete`: one RTM_NEWADDR or RTM_DELADDR.

import { encodeAddress, IFA_F } from "../../../netlink/rtnl/address.ts";
import type { AddressMessage } from "../../../netlink/rtnl/address.ts";
import { AF, RTM } from "../../../netlink/rtnl/types.ts";
import { giveUp, matches } from "../arguments.ts";
import type { Arguments } from "../arguments.ts";
import { requireAddress, requirePrefix } from "../addresses.ts";
import type { Prefix } from "../addresses.ts";
import { parseUnsigned } from "../numbers.ts";
import { REFUSED } from "../rtnl.ts";
import type { Session } from "../session.ts";
import { settableFlag } from "./flags.ts";
import { FOREVER } from "./print.ts";

/** RT_SCOPE_HOST. */
const SCOPE_HOST = 254;

type AddressRequest = { -readonly [K in keyof AddressMessage]?: AddressMessage[K] };

interface Wishes {
  readonly request: AddressRequest;
  local: Prefix | undefined;
  /** The word for the local address as it was typed. */
  localWord: string;
  peer: Prefix | undefined;
  /** "+" and "-": host bits all ones or zeros. */
  broadcast: Prefix | "+" | "-" | undefined;
  anycast: boolean;
  device: string | undefined;
  scoped: boolean;
  flags: number;
  valid: number | undefined;
  preferred: number | undefined;
}

export function changeAddress(
  session: Session,
  args: Arguments,
  type: number,
  flags: number,
  usage: () => never,
): number {
  const { process } = session;
  const wishes: Wishes = {
    request: { family: session.family },
    local: undefined,
    localWord: "",
    peer: undefined,
    broadcast: undefined,
    anycast: false,
    device: undefined,
    scoped: false,
    flags: 0,
    valid: undefined,
    preferred: undefined,
  };
  for (; args.left > 0; args.advance()) {
    if (!addressWord(args, wishes) && !otherWord(session, args, wishes)) localWord(args, wishes, usage);
  }
  const { request, local } = wishes;
  if (wishes.flags <= 0xff) request.flags = wishes.flags;
  else request.ifaFlags = wishes.flags;
  if (wishes.device === undefined) {
    return giveUp(process, 'Not enough information: "dev" argument is required.\n');
  }
  const peer = wishes.peer ?? peerOfLocal(session, type, wishes);
  if (!request.prefixlen) request.prefixlen = local?.bits ?? 0;
  if ((wishes.broadcast === "+" || wishes.broadcast === "-") && type !== RTM.DELADDR) {
    if (request.family !== AF.INET) giveUp(process, "Broadcast can be set only for IPv4 addresses\n");
    if (peer !== undefined && peer.bits <= 30) request.broadcast = hostBits(peer, wishes.broadcast === "+");
  }
  if (!wishes.scoped && type !== RTM.DELADDR && local?.family === AF.INET && local.bytes[0] === 127) {
    request.scope = SCOPE_HOST;
  }
  request.index = session.deviceIndex(wishes.device);
  lifetimes(session, wishes);
  if ((wishes.flags & IFA_F.MCAUTOJOIN) !== 0 && !isMulticast(local)) {
    return giveUp(process, "autojoin needs multicast address\n");
  }
  return session.rtnl.talk(type, flags, encodeAddress(request)) === undefined ? REFUSED : 0;
}

function isMulticast(address: Prefix | undefined): boolean {
  const first = address?.bytes[0] ?? 0;
  return address?.family === AF.INET6 ? first === 0xff : (first & 0xf0) === 0xe0;
}

/** The first address of a request decides the family. */
function joinFamily(request: AddressRequest, address: Prefix): void {
  if (!request.family) request.family = address.family;
}

function addressWord(args: Arguments, wishes: Wishes): boolean {
  const { request } = wishes;
  const word = args.current;
  const family = (): number => request.family ?? AF.UNSPEC;
  if (word === "peer" || word === "remote") {
    args.next();
    if (wishes.peer !== undefined) args.duplicate("peer");
    wishes.peer = requirePrefix(args, family());
    joinFamily(request, wishes.peer);
    request.address = wishes.peer.bytes;
    request.prefixlen = wishes.peer.bits;
  } else if (matches(word, "broadcast") || word === "brd") {
    args.next();
    if (wishes.broadcast !== undefined) args.duplicate("broadcast");
    if (args.current === "+" || args.current === "-") wishes.broadcast = args.current;
    else {
      wishes.broadcast = requireAddress(args, family());
      joinFamily(request, wishes.broadcast);
      request.broadcast = wishes.broadcast.bytes;
    }
  } else if (word === "anycast") {
    args.next();
    if (wishes.anycast) args.duplicate("anycast");
    const address = requireAddress(args, family());
    joinFamily(request, address);
    request.anycast = address.bytes;
    wishes.anycast = true;
  } else return false;
  return true;
}

function otherWord(session: Session, args: Arguments, wishes: Wishes): boolean {
  const { request } = wishes;
  const word = args.current;
  if (word === "scope") {
    request.scope = session.names.id("scope", args.next()) ?? args.invalid("invalid scope value.");
    wishes.scoped = true;
  } else if (word === "dev") wishes.device = args.next();
  else if (word === "label") request.label = args.next();
  else if (matches(word, "metric") || matches(word, "priority") || matches(word, "preference")) {
    request.rtPriority = args.nextUnsigned('"metric" value is invalid\n');
  } else if (matches(word, "valid_lft")) {
    if (wishes.valid !== undefined) args.duplicate("valid_lft");
    wishes.valid = lifetime(args, "valid_lft");
  } else if (matches(word, "preferred_lft")) {
    if (wishes.preferred !== undefined) args.duplicate("preferred_lft");
    wishes.preferred = lifetime(args, "preferred_lft");
  } else {
    const flag = settableFlag(word, request.family ?? AF.UNSPEC);
    if (flag === undefined) return false;
    if (flag.warning !== undefined) session.process.warn(flag.warning);
    wishes.flags |= flag.mask;
  }
  return true;
}

function localWord(args: Arguments, wishes: Wishes, usage: () => never): void {
  if (args.current === "local") args.next();
  if (matches(args.current, "help")) usage();
  if (wishes.local !== undefined) args.garbage("local");
  wishes.localWord = args.current;
  wishes.local = requirePrefix(args, wishes.request.family ?? AF.UNSPEC);
  joinFamily(wishes.request, wishes.local);
  wishes.request.local = wishes.local.bytes;
}

function lifetime(args: Arguments, key: string): number {
  const word = args.next();
  return word === "forever" ? FOREVER : (parseUnsigned(word) ?? args.invalid(`${key} value`));
}

/** Without a peer the address is its own, except for a deletion by address alone, which takes any prefix length. */
function peerOfLocal(
  session: Session,
  type: number,
  { request, local, localWord }: Wishes,
): Prefix | undefined {
  if (local === undefined) return undefined;
  if (type === RTM.DELADDR && local.family === AF.INET && !local.bitsGiven) {
    session.process.warn(
      "Warning: Executing wildcard deletion to stay compatible with old scripts.\n" +
        `         Explicitly specify the prefix length (${localWord}/${local.bytes.length * 8}) to avoid this warning.\n` +
        "         This special behaviour is likely to disappear in further releases,\n" +
        "         fix your scripts!\n",
    );
    return undefined;
  }
  request.address = local.bytes;
  return local;
}

/** The prefix with all its host bits set or cleared. */
function hostBits(prefix: Prefix, ones: boolean): Uint8Array {
  const bytes = prefix.bytes.slice();
  for (let bit = prefix.bits; bit < 32; bit++) {
    const mask = 0x80 >> (bit & 7);
    const byte = bytes[bit >> 3] ?? 0;
    bytes[bit >> 3] = ones ? byte | mask : byte & ~mask;
  }
  return bytes;
}

function lifetimes({ process }: Session, { request, valid, preferred }: Wishes): void {
  if (valid === undefined && preferred === undefined) return;
  const longest = valid ?? FOREVER;
  if (longest === 0) giveUp(process, "valid_lft is zero\n");
  if (longest < (preferred ?? FOREVER)) giveUp(process, "preferred_lft is greater than valid_lft\n");
  request.cacheinfo = { preferred: preferred ?? FOREVER, valid: longest, cstamp: 0, tstamp: 0 };
}

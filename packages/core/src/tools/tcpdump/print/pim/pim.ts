// PIM version 2 (RFC 7761, RFC 3973, RFC 5015, RFC 5059).

import type { Carrier } from "../carrier.ts";
import { checksum, checksum6 } from "../checksum.ts";
import type { Dissector } from "../dissector.ts";
import { unknownData } from "../hexdump.ts";
import { NameTable } from "../names.ts";
import { duration, hex, hex2, hex4, hex8 } from "../numbers.ts";

const TYPES = new NameTable([
  [0, "Hello"],
  [1, "Register"],
  [2, "Register Stop"],
  [3, "Join / Prune"],
  [4, "Bootstrap"],
  [5, "Assert"],
  [6, "Graft"],
  [7, "Graft Acknowledgement"],
  [8, "Candidate RP Advertisement"],
  [9, "Prune Refresh"],
  [10, "DF Election"],
  [11, "ECMP Redirect"],
]);

const HELLO_OPTIONS = new NameTable([
  [1, "Hold Time"],
  [2, "LAN Prune Delay"],
  [18, "DR Priority (Old)"],
  [19, "DR Priority"],
  [20, "Generation ID"],
  [21, "State Refresh Capability"],
  [22, "Bi-Directional Capability"],
  [24, "Address List"],
  [65001, "Address List (Old)"],
]);

const PIM = 103;
const REGISTER = 1;
const GRAFT_ACKNOWLEDGEMENT = 7;
const INFINITE = 0xffff;
const ELECTIONS = ["Unknown", "Offer", "Winner", "Backoff", "Pass"] as const;
const [BACKOFF, PASS] = [3, 4] as const;

/** A message while it is read. */
interface Rest {
  at: number;
  left: number;
  /** Bytes of an address, if the header says so (RFC 2117); 0 if each address tells. */
  readonly addressLength: number;
}

export function pim(d: Dissector, at: number, length: number, carrier: Carrier): void {
  d.protocol = "pim";
  const first = d.u8(at);
  const version = first >>> 4;
  const name = TYPES.get(first & 15) ?? "Unknown Type";
  if (version !== 2) d.text += `PIMv${version}, length ${length}`;
  else if (d.verbose === 0) d.text += `PIMv${version}, ${name}, length ${length}`;
  else {
    d.text += `PIMv${version}, length ${length}\n\t${name}`;
    d.protocol = "pimv2";
    d.untilCut(() => message(d, at, length, carrier));
  }
}

function verified(d: Dissector, at: number, length: number, { version, header }: Carrier): string {
  if (!d.has(at, length)) return "unverified";
  const sum = version === 4 ? checksum(d, at, length) : checksum6(d, header, at, length, length, PIM);
  return sum === 0 ? "correct" : "incorrect";
}

function message(d: Dissector, at: number, length: number, carrier: Carrier): void {
  const invalid = (least: number): void => {
    d.text += `[length ${length} < ${least}]`;
    d.invalid();
  };
  if (length < 2) return invalid(2);
  const type = d.u8(at) & 15;
  const reserved = d.u8(at + 1);
  if ((reserved & 15) !== 0) d.text += ", RFC2117-encoding";
  if (length < 4) return invalid(4);
  const found = d.u16(at + 2);
  d.text += `, cksum 0x${hex4(found)} `;
  let state = "unverified";
  if (found !== 0) {
    // The checksum of a Register covers its header only, but senders differ.
    if (type === REGISTER) state = verified(d, at, 8, carrier);
    if (type !== REGISTER || state === "incorrect") state = verified(d, at, length, carrier);
  }
  d.text += `(${state})`;
  const rest: Rest = { at: at + 4, left: length - 4, addressLength: reserved & 15 };
  const print = MESSAGES[type];
  if (print === undefined) d.text += ` [type ${type}]`;
  else print(d, rest, type, reserved >>> 4);
}

type AddressKind = "unicast" | "group" | "source";

/** Prints an address; ends the message if there is none. */
function address(d: Dissector, rest: Rest, kind: AddressKind): void {
  let size = rest.addressLength;
  if (size === 0) {
    if (rest.left < 2) d.cutOff();
    const family = d.u8(rest.at);
    if (family !== 1 && family !== 2) d.cutOff();
    size = family === 1 ? 4 : 16;
    if (d.u8(rest.at + 1) !== 0) d.cutOff();
    skip(rest, 2);
  } else if (size !== 4 && size !== 16) d.cutOff();
  const before = kind === "unicast" ? 0 : 2;
  if (rest.left < size + before) d.cutOff();
  d.need(rest.at, size + before);
  const { at } = rest;
  d.text += size === 4 ? d.ipv4(at + before) : d.ipv6(at + before);
  if (before > 0) {
    const bits = d.u8(at + 1);
    if (bits !== size * 8) d.text += `/${bits}`;
    const flags = d.u8(at);
    if (flags !== 0 && kind === "group") d.text += `(0x${hex2(flags)})`;
    else if (flags !== 0) {
      d.text += `(${(flags & 4) === 0 ? "" : "S"}${(flags & 2) === 0 ? "" : "W"}${(flags & 1) === 0 ? "" : "R"}`;
      if ((flags & 0xf8) !== 0) d.text += `+0x${hex2(flags & 0xf8)}`;
      d.text += ")";
    }
  }
  skip(rest, size + before);
}

function skip(rest: Rest, size: number): void {
  rest.at += size;
  rest.left -= size;
}

function least(d: Dissector, rest: Rest, size: number): void {
  if (rest.left < size) d.cutOff();
}

type Message = (d: Dissector, rest: Rest, type: number, subtype: number) => void;

const hello: Message = (d, rest) => {
  while (rest.left > 0) {
    least(d, rest, 4);
    const type = d.u16(rest.at);
    const length = d.u16(rest.at + 2);
    d.text += `\n\t  ${HELLO_OPTIONS.get(type) ?? "Unknown"} Option (${type}), length ${length}, Value: `;
    skip(rest, 4);
    least(d, rest, length);
    d.need(rest.at, length);
    const expected = type === 1 ? 2 : type === 2 || (type >= 18 && type <= 21) ? 4 : length;
    const oldBidirectional = (type === 18 || type === 19) && length === 0;
    if (length !== expected && !oldBidirectional) {
      d.text += `[option length ${length} != ${expected}]`;
      return d.invalid();
    }
    helloOption(d, type, rest, length);
    if (d.verbose > 1) unknownData(d, rest.at, "\n\t    ", length);
    skip(rest, length);
  }
};

function helloOption(d: Dissector, type: number, rest: Rest, length: number): void {
  const { at } = rest;
  switch (type) {
    case 1:
      d.text += duration(d.u16(at));
      return;
    case 2: {
      const delay = d.u16(at);
      d.text += `\n\t    T-bit=${delay >>> 15}, LAN delay ${delay & 0x7fff}ms, Override interval ${d.u16(at + 2)}ms`;
      return;
    }
    case 18:
    case 19:
      d.text += length === 0 ? "Bi-Directional Capability (Old)" : String(d.u32(at));
      return;
    case 20:
      d.text += `0x${hex8(d.u32(at))}`;
      return;
    case 21:
      d.text += `v${d.u8(at)}`;
      if (d.u8(at + 1) !== 0) d.text += `, interval ${duration(d.u8(at + 1))}`;
      if (d.u16(at + 2) !== 0) d.text += ` ?0x${hex4(d.u16(at + 2))}?`;
      return;
    case 22:
      return;
    case 24:
    case 65001: {
      const list: Rest = { ...rest };
      while (d.verbose > 1 && list.at < at + length) {
        d.text += "\n\t    ";
        address(d, list, "unicast");
      }
      return;
    }
    default:
      if (d.verbose <= 1) unknownData(d, at, "\n\t    ", length);
  }
}

const register: Message = (d, rest) => {
  least(d, rest, 4);
  d.need(rest.at, 4);
  const flags = d.u32(rest.at);
  const name = flags === 0x8000_0000 ? "Border" : flags === 0x4000_0000 ? "Null" : "none";
  d.text += `, Flags [ ${name} ]\n\t`;
  skip(rest, 4);
  if (rest.left === 0) d.cutOff();
  const { at, left } = rest;
  const version = d.u8(at) >>> 4;
  if (version === 0) d.text += `IP-Null-header ${d.ipv4(at + 12)} > ${d.ipv4(at + 16)}`;
  else if (version === 4) d.layers.ipv4(d, at, left);
  else if (version === 6) d.layers.ipv6(d, at, left);
  else d.text += `IP ver ${version}`;
};

const registerStop: Message = (d, rest) => {
  d.text += " group=";
  address(d, rest, "group");
  d.text += " source=";
  address(d, rest, "unicast");
};

const joinPrune: Message = (d, rest, type) => {
  const acknowledgement = type === GRAFT_ACKNOWLEDGEMENT;
  if (!acknowledgement) {
    d.text += ", upstream-neighbor: ";
    address(d, rest, "unicast");
  }
  least(d, rest, 4);
  d.need(rest.at, 4);
  const groups = d.u8(rest.at + 1);
  const hold = d.u16(rest.at + 2);
  d.text += `\n\t  ${groups} group(s)`;
  if (!acknowledgement) d.text += `, holdtime: ${hold === INFINITE ? "infinite" : duration(hold)}`;
  skip(rest, 4);
  for (let group = 1; group <= groups; group++) {
    d.text += `\n\t    group #${group}: `;
    address(d, rest, "group");
    least(d, rest, 4);
    d.need(rest.at, 4);
    const [joined, pruned] = [d.u16(rest.at), d.u16(rest.at + 2)];
    d.text += `, joined sources: ${joined}, pruned sources: ${pruned}`;
    skip(rest, 4);
    for (let source = 1; source <= joined + pruned; source++) {
      d.text +=
        source <= joined
          ? `\n\t      joined source #${source}: `
          : `\n\t      pruned source #${source - joined}: `;
      address(d, rest, "source");
    }
  }
};

const bootstrap: Message = (d, rest) => {
  least(d, rest, 2);
  d.text += ` tag=${hex(d.u16(rest.at))}`;
  skip(rest, 2);
  least(d, rest, 1);
  d.text += ` hashmlen=${d.u8(rest.at)}`;
  least(d, rest, 2);
  d.need(rest.at + 2, 1);
  d.text += ` BSRprio=${d.u8(rest.at + 1)}`;
  skip(rest, 2);
  d.text += " BSR=";
  address(d, rest, "unicast");
  for (let group = 0; rest.left > 0; group++) {
    d.text += ` (group${group}: `;
    address(d, rest, "group");
    least(d, rest, 1);
    d.text += ` RPcnt=${d.u8(rest.at)}`;
    least(d, rest, 2);
    const count = d.u8(rest.at + 1);
    d.text += ` FRPcnt=${count}`;
    least(d, rest, 4);
    skip(rest, 4);
    for (let point = 0; point < count && rest.left > 0; point++) {
      d.text += ` RP${point}=`;
      address(d, rest, "unicast");
      least(d, rest, 2);
      d.text += ",holdtime=";
      d.text += duration(d.u16(rest.at));
      least(d, rest, 3);
      d.text += `,prio=${d.u8(rest.at + 2)}`;
      least(d, rest, 4);
      skip(rest, 4);
    }
    d.text += ")";
  }
};

const assertion: Message = (d, rest) => {
  d.text += " group=";
  address(d, rest, "group");
  d.text += " src=";
  address(d, rest, "unicast");
  least(d, rest, 8);
  d.need(rest.at, 8);
  if ((d.u8(rest.at) & 0x80) !== 0) d.text += " RPT";
  d.text += ` pref=${d.u32(rest.at) & 0x7fff_ffff} metric=${d.u32(rest.at + 4)}`;
};

const candidate: Message = (d, rest) => {
  least(d, rest, 1);
  const count = d.u8(rest.at);
  d.text += ` prefix-cnt=${count}`;
  least(d, rest, 2);
  d.text += ` prio=${d.u8(rest.at + 1)}`;
  least(d, rest, 4);
  d.text += " holdtime=";
  d.text += duration(d.u16(rest.at + 2));
  skip(rest, 4);
  d.text += " RP=";
  address(d, rest, "unicast");
  for (let index = 0; index < count && rest.left > 0; index++) {
    d.text += ` Group${index}=`;
    address(d, rest, "group");
  }
};

const refresh: Message = (d, rest) => {
  d.text += " src=";
  address(d, rest, "unicast");
  d.text += " grp=";
  address(d, rest, "group");
  d.text += " forwarder=";
  address(d, rest, "unicast");
  least(d, rest, 2);
  d.text += " TUNR ";
  d.text += duration(d.u16(rest.at));
};

/** Election of the designated forwarder (RFC 5015). */
const election: Message = (d, rest, _type, subtype) => {
  d.text += `\n\t  ${ELECTIONS[subtype] ?? "Unknown"}, rpa=`;
  address(d, rest, "unicast");
  d.text += ` sender pref=${d.u32(rest.at)}`;
  d.text += ` sender metric=${d.u32(rest.at + 4)}`;
  skip(rest, 8);
  if (subtype !== BACKOFF && subtype !== PASS) return;
  const who = subtype === BACKOFF ? "offer" : "new winner";
  d.text += `\n\t  ${who} addr=`;
  address(d, rest, "unicast");
  d.text += ` ${who} pref=${d.u32(rest.at)}`;
  d.text += ` ${who} metric=${d.u32(rest.at + 4)}`;
  skip(rest, 8);
  if (subtype === BACKOFF) d.text += ` interval ${d.u16(rest.at)}ms`;
};

const MESSAGES: readonly Message[] = [
  hello,
  register,
  registerStop,
  joinPrune,
  bootstrap,
  assertion,
  joinPrune,
  joinPrune,
  candidate,
  refresh,
  election,
];

/** Primitives that stand alone: broadcast and multicast, lengths, bytes, direction and interface, fields of pflog. */
import {
  BPF_ALU,
  BPF_ANCILLARY,
  BPF_AND,
  BPF_B,
  BPF_H,
  BPF_JEQ,
  BPF_JGE,
  BPF_JGT,
  BPF_JSET,
  BPF_K,
  BPF_LD,
  BPF_LEN,
  BPF_OR,
  BPF_W,
  BpfAncillary,
} from "../wire/bpf/instruction.ts";
import { DLT, describeLinkType } from "../wire/link-types.ts";
import { and, not, or, statement, test, type Condition } from "./block.ts";
import { field, number, relation } from "./arithmetic.ts";
import type { Compilation } from "./compilation.ts";
import { EtherType } from "./ethertypes.ts";
import { refuse } from "./filter-error.ts";
import { arcnetAddress, isArcnet, macAddress } from "./hosts.ts";
import { isEthernet, isWlan } from "./link-layer.ts";
import { enclosingCheck, isJuniper, linkProtocol } from "./link-protocol.ts";
import type { FilterProtocol } from "./qualifiers.ts";
import { wlanMulticast } from "./wlan.ts";

const BROADCAST = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff];

export function broadcast(on: Compilation, protocol: FilterProtocol | undefined): Condition {
  if (protocol === undefined || protocol === "link") {
    if (isArcnet(on.linkType)) return arcnetAddress(on, 0, "dst");
    return macAddress(on, BROADCAST, "dst") ?? refuse("not a broadcast link");
  }
  if (protocol !== "ip") return refuse("only link-layer/IP broadcast filters supported");
  const { netmask } = on.target;
  if (netmask === undefined) return refuse("netmask not known, so 'ip broadcast' not supported");
  const link = linkProtocol(on, EtherType.IP);
  const hostMask = ~netmask >>> 0;
  const allZeros = on.equal("network", 16, BPF_W, 0, hostMask);
  return and(link, or(allZeros, on.equal("network", 16, BPF_W, hostMask, hostMask)));
}

/** Where the group bit of a destination address is. */
const GROUP_BIT: ReadonlyMap<number, number> = new Map([
  [DLT.FDDI, 1],
  [DLT.IEEE802, 2],
  [DLT.IP_OVER_FC, 2],
]);

export function multicast(on: Compilation, protocol: FilterProtocol | undefined): Condition {
  if (protocol === "ip") {
    const link = linkProtocol(on, EtherType.IP);
    return and(link, on.compare("network", 16, BPF_B, BPF_JGE, 224));
  }
  if (protocol === "ip6") {
    const link = linkProtocol(on, EtherType.IPV6);
    return and(link, on.equal("network", 24, BPF_B, 255));
  }
  if (protocol === undefined || protocol === "link") {
    if (isArcnet(on.linkType)) return arcnetAddress(on, 0, "dst");
    if (isWlan(on.linkType)) return wlanMulticast(on);
    const group = (at: number): Condition => test(BPF_JSET, 1, on.load("link header", at, BPF_B));
    if (isEthernet(on.linkType)) {
      const before = enclosingCheck(on);
      return before === undefined ? group(0) : and(before, group(0));
    }
    const at = GROUP_BIT.get(on.linkType);
    if (at !== undefined) return group(at);
  }
  return refuse(
    "link-layer multicast filters supported only on ethernet/FDDI/token ring/ARCNET/802.11/ATM LANE/Fibre Channel",
  );
}

// ---- lengths and bytes

export function lengthAtLeast(value: number): Condition {
  return test(BPF_JGE, value, [statement(BPF_LD | BPF_LEN)]);
}

export function lengthAtMost(value: number): Condition {
  return not(test(BPF_JGT, value, [statement(BPF_LD | BPF_LEN)]));
}

export type ByteOperator = "=" | "<" | ">" | "&" | "|";

/** `byte AT OPERATOR VALUE`. For & and | libpcap forgets to load the byte; so do we. */
export function byteCompared(on: Compilation, operator: ByteOperator, at: number, value: number): Condition {
  switch (operator) {
    case "=":
      return on.equal("link header", at, BPF_B, value);
    case "<":
      return not(on.compare("link header", at, BPF_B, BPF_JGE, value));
    case ">":
      return on.compare("link header", at, BPF_B, BPF_JGT, value);
    case "&":
    case "|":
      return not(
        test(BPF_JEQ, 0, [statement(BPF_ALU | (operator === "&" ? BPF_AND : BPF_OR) | BPF_K, value)]),
      );
  }
}

// ---- what is known beside the packet

const PACKET_OUTGOING = 4;

/** Offsets in the headers of Linux cooked captures. */
const SLL2_IFINDEX = 4;
const SLL2_PACKET_TYPE = 10;

function besideOnly(on: Compilation, what: string): void {
  if (on.target.savefile === undefined) return;
  refuse(`${what} not supported on ${describeLinkType(on.linkType)} when reading savefiles`);
}

export function interfaceIs(on: Compilation, ifindex: number): Condition {
  if (on.linkType === DLT.LINUX_SLL2) return on.equal("link header", SLL2_IFINDEX, BPF_W, ifindex);
  besideOnly(on, "ifindex");
  return on.equal("link header", BPF_ANCILLARY + BpfAncillary.IFINDEX, BPF_W, ifindex);
}

export function directionIs(on: Compilation, direction: "in" | "out"): Condition {
  const out = direction === "out";
  const orNot = (outgoing: Condition): Condition => (out ? outgoing : not(outgoing));
  if (isJuniper(on.linkType)) return on.equal("link header", 3, BPF_B, out ? 0 : 1, 0x01);
  switch (on.linkType) {
    case DLT.SLIP: {
      // The first byte of BSD's SLIP header is 0 for received packets.
      const zero = number(on, 0);
      return relation(on, BPF_JEQ, field(on, "link", number(on, 0), 1), zero, out);
    }
    case DLT.IPNET:
      return on.equal("link header", 2, BPF_H, out ? 1 : 2);
    case DLT.LINUX_SLL:
      return orNot(on.equal("link header", 0, BPF_H, PACKET_OUTGOING));
    case DLT.LINUX_SLL2:
      return orNot(on.equal("link header", SLL2_PACKET_TYPE, BPF_B, PACKET_OUTGOING));
    case DLT.PFLOG:
      return on.equal("link header", 60, BPF_B, out ? 2 : 1);
    case DLT.PPP_PPPD:
      return on.equal("link header", 0, BPF_B, out ? 1 : 0);
    default:
      besideOnly(on, "inbound/outbound");
      return orNot(on.equal("link header", BPF_ANCILLARY + BpfAncillary.PACKET_TYPE, BPF_H, PACKET_OUTGOING));
  }
}

// ---- OpenBSD's packet filter log (struct pfloghdr)

const PFLOG_NAME_LENGTH = 16;

const PF_REASONS = [
  "match",
  "bad-offset",
  "fragment",
  "short",
  "normalize",
  "memory",
  "bad-timestamp",
  "congestion",
  "ip-option",
  "proto-cksum",
  "state-mismatch",
  "state-insert",
  "state-limit",
  "src-limit",
  "synproxy",
];

const PF_ACTIONS: ReadonlyMap<string, number> = new Map([
  ["pass", 0],
  ["accept", 0],
  ["drop", 1],
  ["block", 1],
  ["scrub", 2],
  ["noscrub", 3],
  ["nat", 4],
  ["nonat", 5],
  ["binat", 6],
  ["nobinat", 7],
  ["rdr", 8],
  ["nordr", 9],
  ["synproxy-drop", 10],
]);

export function pfReasonNumber(word: string): number {
  const index = PF_REASONS.indexOf(word.toLowerCase());
  return index >= 0 ? index : refuse(`unknown PF reason "${word}"`);
}

export function pfActionNumber(word: string): number {
  return PF_ACTIONS.get(word.toLowerCase()) ?? refuse(`unknown PF action "${word}"`);
}

/** A field of the log entry; `word` is the filter's, for the message. */
export function pfField(
  on: Compilation,
  word: "ifname" | "ruleset" | "rnr" | "srnr" | "reason" | "action",
  value: string | number,
): Condition {
  if (on.linkType !== DLT.PFLOG) refuse(`${word} supported only on PF linktype`);
  const text = (at: number, what: string): Condition => {
    const bytes = new TextEncoder().encode(String(value));
    if (bytes.length >= PFLOG_NAME_LENGTH) refuse(`${what} can only be ${PFLOG_NAME_LENGTH - 1} characters`);
    return on.equalBytes("link header", at, bytes);
  };
  switch (word) {
    case "ifname":
      return text(4, "ifname interface names");
    case "ruleset":
      return text(20, "ruleset names");
    case "rnr":
      return on.equal("link header", 36, BPF_W, Number(value));
    case "srnr":
      return on.equal("link header", 40, BPF_W, Number(value));
    case "reason":
      return on.equal("link header", 3, BPF_B, Number(value));
    case "action":
      return on.equal("link header", 2, BPF_B, Number(value));
  }
}

/**
 * ICMPv6 (RFC 4443): errors and echo. Neighbour discovery is in `ndisc.ts`, multicast listener discovery in `mld.ts`;
 * here those types decode as `other`.
 *
 * The checksum covers a pseudo header, so that writing and checking take its sum: `pseudoHeaderSumV6`, or
 * `ipv6PseudoSumAt` for a packet in place.
 */
import { copyBytes, readU16BE, readU32BE, readU8, writeU16BE, writeU32BE, writeU8 } from "./bytes.ts";
import { addToSum, checksumOfSum } from "./checksum.ts";
import { Malformed } from "./malformed.ts";
import type { Decoded } from "./malformed.ts";

/** Bytes of type, code and checksum. */
export const ICMPV6_HEADER_LENGTH = 4;

/** Message types (IANA icmpv6-parameters). */
export const Icmpv6Type = {
  DESTINATION_UNREACHABLE: 1,
  PACKET_TOO_BIG: 2,
  TIME_EXCEEDED: 3,
  PARAMETER_PROBLEM: 4,
  ECHO_REQUEST: 128,
  ECHO_REPLY: 129,
  MLD_QUERY: 130,
  MLD_REPORT: 131,
  MLD_DONE: 132,
  ROUTER_SOLICITATION: 133,
  ROUTER_ADVERTISEMENT: 134,
  NEIGHBOUR_SOLICITATION: 135,
  NEIGHBOUR_ADVERTISEMENT: 136,
  REDIRECT: 137,
  MLDV2_REPORT: 143,
} as const;

/** Codes of destination unreachable (RFC 4443, 3.1). */
export const Icmpv6Unreachable = {
  NO_ROUTE: 0,
  PROHIBITED: 1,
  BEYOND_SCOPE: 2,
  ADDRESS: 3,
  PORT: 4,
  POLICY_FAIL: 5,
  REJECT_ROUTE: 6,
} as const;

export const Icmpv6TimeExceeded = { HOP_LIMIT: 0, REASSEMBLY: 1 } as const;
export const Icmpv6ParameterProblem = { HEADER_FIELD: 0, NEXT_HEADER: 1, OPTION: 2 } as const;

export function icmpv6Type(buf: Uint8Array, off: number): number {
  return readU8(buf, off);
}

export function icmpv6Code(buf: Uint8Array, off: number): number {
  return readU8(buf, off + 1);
}

/** Identifier of an echo message. */
export function icmpv6Id(buf: Uint8Array, off: number): number {
  return readU16BE(buf, off + 4);
}

export function icmpv6Sequence(buf: Uint8Array, off: number): number {
  return readU16BE(buf, off + 6);
}

export function setIcmpv6Type(buf: Uint8Array, off: number, type: number): void {
  writeU8(buf, off, type);
}

/** Computes and stores the checksum of the message in `[off, end)`. */
export function fillIcmpv6Checksum(buf: Uint8Array, off: number, end: number, pseudoSum: number): void {
  writeU16BE(buf, off + 2, 0);
  writeU16BE(buf, off + 2, checksumOfSum(addToSum(pseudoSum, buf, off, end)));
}

export function icmpv6ChecksumOk(buf: Uint8Array, off: number, end: number, pseudoSum: number): boolean {
  return checksumOfSum(addToSum(pseudoSum, buf, off, end)) === 0;
}

/** Types below 128 are errors, about which no error may be sent (RFC 4443, 2.1). */
export function isIcmpv6Error(type: number): boolean {
  return type < 128;
}

/** A message. `payload`, `original` and `body` are views into the decoded buffer. */
export type Icmpv6Message =
  | {
      readonly kind: "destination-unreachable" | "time-exceeded";
      readonly code: number;
      /** Length of the quoted packet in 8-byte units when extensions follow it, else 0 (RFC 4884, 4.2). */
      readonly originalUnits: number;
      /** As much of the packet that caused it as fits into 1280 bytes. */
      readonly original: Uint8Array;
    }
  | {
      readonly kind: "packet-too-big";
      /** Bytes, of the next hop's link. */
      readonly mtu: number;
      readonly original: Uint8Array;
    }
  | {
      readonly kind: "parameter-problem";
      readonly code: number;
      /** Byte in the original packet where the problem is. */
      readonly pointer: number;
      readonly original: Uint8Array;
    }
  | {
      readonly kind: "echo-request" | "echo-reply";
      readonly id: number;
      readonly sequence: number;
      readonly payload: Uint8Array;
    }
  | { readonly kind: "other"; readonly type: number; readonly code: number; readonly body: Uint8Array };

export function decodeIcmpv6(buf: Uint8Array, off: number, end: number): Decoded<Icmpv6Message> {
  if (end - off < ICMPV6_HEADER_LENGTH) return new Malformed("truncated", off, "ICMPv6 header");
  const type = readU8(buf, off);
  const code = readU8(buf, off + 1);
  if (end - off >= 8) {
    const rest = buf.subarray(off + 8, end);
    switch (type) {
      case Icmpv6Type.DESTINATION_UNREACHABLE:
      case Icmpv6Type.TIME_EXCEEDED:
        return {
          kind: type === Icmpv6Type.TIME_EXCEEDED ? "time-exceeded" : "destination-unreachable",
          code,
          originalUnits: readU8(buf, off + 4),
          original: rest,
        };
      case Icmpv6Type.PACKET_TOO_BIG:
        return { kind: "packet-too-big", mtu: readU32BE(buf, off + 4), original: rest };
      case Icmpv6Type.PARAMETER_PROBLEM:
        return { kind: "parameter-problem", code, pointer: readU32BE(buf, off + 4), original: rest };
      case Icmpv6Type.ECHO_REQUEST:
      case Icmpv6Type.ECHO_REPLY:
        if (code !== 0) break;
        return {
          kind: type === Icmpv6Type.ECHO_REQUEST ? "echo-request" : "echo-reply",
          id: readU16BE(buf, off + 4),
          sequence: readU16BE(buf, off + 6),
          payload: rest,
        };
    }
  }
  return { kind: "other", type, code, body: buf.subarray(off + 4, end) };
}

/** Bytes of the encoded message. */
export function icmpv6Length(message: Icmpv6Message): number {
  if (message.kind === "other") return ICMPV6_HEADER_LENGTH + message.body.length;
  if ("payload" in message) return 8 + message.payload.length;
  return 8 + message.original.length;
}

const TYPE_OF_KIND = {
  "destination-unreachable": Icmpv6Type.DESTINATION_UNREACHABLE,
  "packet-too-big": Icmpv6Type.PACKET_TOO_BIG,
  "time-exceeded": Icmpv6Type.TIME_EXCEEDED,
  "parameter-problem": Icmpv6Type.PARAMETER_PROBLEM,
  "echo-request": Icmpv6Type.ECHO_REQUEST,
  "echo-reply": Icmpv6Type.ECHO_REPLY,
} as const;

/** Writes the message with its checksum. Returns the offset after it. */
export function writeIcmpv6(message: Icmpv6Message, buf: Uint8Array, off: number, pseudoSum: number): number {
  const end = off + icmpv6Length(message);
  writeU8(buf, off, message.kind === "other" ? message.type : TYPE_OF_KIND[message.kind]);
  writeU8(buf, off + 1, "code" in message ? message.code : 0);
  writeBody(message, buf, off);
  fillIcmpv6Checksum(buf, off, end, pseudoSum);
  return end;
}

/** Everything after the checksum. */
function writeBody(message: Icmpv6Message, buf: Uint8Array, off: number): void {
  if ("original" in message) copyBytes(message.original, 0, buf, off + 8, message.original.length);
  switch (message.kind) {
    case "destination-unreachable":
    case "time-exceeded":
      writeU32BE(buf, off + 4, message.originalUnits << 24);
      return;
    case "packet-too-big":
      writeU32BE(buf, off + 4, message.mtu);
      return;
    case "parameter-problem":
      writeU32BE(buf, off + 4, message.pointer);
      return;
    case "echo-request":
    case "echo-reply":
      writeU16BE(buf, off + 4, message.id);
      writeU16BE(buf, off + 6, message.sequence);
      copyBytes(message.payload, 0, buf, off + 8, message.payload.length);
      return;
    case "other":
      copyBytes(message.body, 0, buf, off + 4, message.body.length);
      return;
    default: {
      const never: never = message;
      return never;
    }
  }
}

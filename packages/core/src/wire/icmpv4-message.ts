/**
 * Records of ICMP messages for IPv4: RFC 792, with the next-hop MTU of RFC 1191, router discovery of RFC 1256, address
 * masks of RFC 950 and the length field of RFC 4884 for errors that carry extensions.
 *
 * Records do not hold the checksum: writing fills it in, and `icmpChecksumOk` judges it. Types that are not known, and
 * messages too short for their type's fields, keep their bytes.
 */
import { copyBytes, readU16BE, readU32BE, readU8, writeU16BE, writeU32BE, writeU8 } from "./bytes.ts";
import { fillIcmpChecksum, ICMP_HEADER_LENGTH, IcmpType } from "./icmpv4.ts";
import type { Ipv4Address } from "./ipv4-address.ts";
import { Malformed } from "./malformed.ts";
import type { Decoded } from "./malformed.ts";

/** One address of a router advertisement (RFC 1256). */
export interface IcmpRouter {
  readonly address: Ipv4Address;
  /** Signed. */
  readonly preference: number;
}

/** A message. `payload`, `original` and `body` are views into the decoded buffer. */
export type IcmpMessage =
  | {
      readonly kind: "echo-request" | "echo-reply";
      readonly id: number;
      readonly sequence: number;
      readonly payload: Uint8Array;
    }
  | {
      readonly kind: "destination-unreachable";
      readonly code: number;
      /** Next-hop MTU in bytes for code 4, else 0 (RFC 1191, 4). */
      readonly mtu: number;
      /** Length of the quoted packet in 4-byte units when extensions follow it, else 0 (RFC 4884, 4.1). */
      readonly originalWords: number;
      /** The packet that caused it, from its IP header on, with any extensions behind. */
      readonly original: Uint8Array;
    }
  | { readonly kind: "source-quench"; readonly original: Uint8Array }
  | {
      readonly kind: "redirect";
      readonly code: number;
      readonly gateway: Ipv4Address;
      readonly original: Uint8Array;
    }
  | {
      readonly kind: "time-exceeded";
      readonly code: number;
      readonly originalWords: number;
      readonly original: Uint8Array;
    }
  | {
      readonly kind: "parameter-problem";
      readonly code: number;
      /** Byte in the original packet where the problem is. */
      readonly pointer: number;
      readonly originalWords: number;
      readonly original: Uint8Array;
    }
  | {
      readonly kind: "timestamp" | "timestamp-reply";
      readonly id: number;
      readonly sequence: number;
      /** Milliseconds since midnight UT, as the three that follow. */
      readonly originate: number;
      readonly receive: number;
      readonly transmit: number;
    }
  | {
      readonly kind: "address-mask-request" | "address-mask-reply";
      readonly id: number;
      readonly sequence: number;
      readonly mask: number;
    }
  | { readonly kind: "router-solicitation" }
  | {
      readonly kind: "router-advertisement";
      /** Seconds. */
      readonly lifetime: number;
      readonly routers: readonly IcmpRouter[];
    }
  | { readonly kind: "other"; readonly type: number; readonly code: number; readonly body: Uint8Array };

/** Bytes of the types with a fixed size. */
const TIMESTAMP_LENGTH = 20;
const ADDRESS_MASK_LENGTH = 12;

export function decodeIcmp(buf: Uint8Array, off: number, end: number): Decoded<IcmpMessage> {
  if (end - off < ICMP_HEADER_LENGTH) return new Malformed("truncated", off, "ICMP header");
  const type = readU8(buf, off);
  const code = readU8(buf, off + 1);
  const rest = buf.subarray(off + ICMP_HEADER_LENGTH, end);
  const id = readU16BE(buf, off + 4);
  const sequence = readU16BE(buf, off + 6);
  const originalWords = readU8(buf, off + 5);
  switch (type) {
    case IcmpType.ECHO_REQUEST:
    case IcmpType.ECHO_REPLY:
      if (code !== 0) break;
      return {
        kind: type === IcmpType.ECHO_REQUEST ? "echo-request" : "echo-reply",
        id,
        sequence,
        payload: rest,
      };
    case IcmpType.DESTINATION_UNREACHABLE:
      return { kind: "destination-unreachable", code, mtu: sequence, originalWords, original: rest };
    case IcmpType.SOURCE_QUENCH:
      return { kind: "source-quench", original: rest };
    case IcmpType.REDIRECT:
      return { kind: "redirect", code, gateway: readU32BE(buf, off + 4), original: rest };
    case IcmpType.TIME_EXCEEDED:
      return { kind: "time-exceeded", code, originalWords, original: rest };
    case IcmpType.PARAMETER_PROBLEM:
      return {
        kind: "parameter-problem",
        code,
        pointer: readU8(buf, off + 4),
        originalWords,
        original: rest,
      };
    case IcmpType.TIMESTAMP:
    case IcmpType.TIMESTAMP_REPLY:
      if (code !== 0 || end - off < TIMESTAMP_LENGTH) break;
      return {
        kind: type === IcmpType.TIMESTAMP ? "timestamp" : "timestamp-reply",
        id,
        sequence,
        originate: readU32BE(buf, off + 8),
        receive: readU32BE(buf, off + 12),
        transmit: readU32BE(buf, off + 16),
      };
    case IcmpType.ADDRESS_MASK_REQUEST:
    case IcmpType.ADDRESS_MASK_REPLY:
      if (code !== 0 || end - off < ADDRESS_MASK_LENGTH) break;
      return {
        kind: type === IcmpType.ADDRESS_MASK_REQUEST ? "address-mask-request" : "address-mask-reply",
        id,
        sequence,
        mask: readU32BE(buf, off + 8),
      };
    case IcmpType.ROUTER_SOLICITATION:
      if (code !== 0) break;
      return { kind: "router-solicitation" };
    case IcmpType.ROUTER_ADVERTISEMENT: {
      const count = readU8(buf, off + 4);
      // RFC 1256, 6: two 32-bit words an entry, both of them there.
      if (code !== 0 || readU8(buf, off + 5) !== 2 || off + ICMP_HEADER_LENGTH + 8 * count > end) break;
      const routers: IcmpRouter[] = [];
      for (let at = off + ICMP_HEADER_LENGTH; routers.length < count; at += 8) {
        routers.push({ address: readU32BE(buf, at), preference: readU32BE(buf, at + 4) | 0 });
      }
      return { kind: "router-advertisement", lifetime: sequence, routers };
    }
  }
  return { kind: "other", type, code, body: buf.subarray(off + 4, end) };
}

/** Bytes of the encoded message. */
export function icmpLength(message: IcmpMessage): number {
  switch (message.kind) {
    case "echo-request":
    case "echo-reply":
      return ICMP_HEADER_LENGTH + message.payload.length;
    case "destination-unreachable":
    case "source-quench":
    case "redirect":
    case "time-exceeded":
    case "parameter-problem":
      return ICMP_HEADER_LENGTH + message.original.length;
    case "timestamp":
    case "timestamp-reply":
      return TIMESTAMP_LENGTH;
    case "address-mask-request":
    case "address-mask-reply":
      return ADDRESS_MASK_LENGTH;
    case "router-solicitation":
      return ICMP_HEADER_LENGTH;
    case "router-advertisement":
      return ICMP_HEADER_LENGTH + 8 * message.routers.length;
    case "other":
      return 4 + message.body.length;
  }
}

const TYPE_OF_KIND = {
  "echo-reply": IcmpType.ECHO_REPLY,
  "destination-unreachable": IcmpType.DESTINATION_UNREACHABLE,
  "source-quench": IcmpType.SOURCE_QUENCH,
  redirect: IcmpType.REDIRECT,
  "echo-request": IcmpType.ECHO_REQUEST,
  "router-advertisement": IcmpType.ROUTER_ADVERTISEMENT,
  "router-solicitation": IcmpType.ROUTER_SOLICITATION,
  "time-exceeded": IcmpType.TIME_EXCEEDED,
  "parameter-problem": IcmpType.PARAMETER_PROBLEM,
  timestamp: IcmpType.TIMESTAMP,
  "timestamp-reply": IcmpType.TIMESTAMP_REPLY,
  "address-mask-request": IcmpType.ADDRESS_MASK_REQUEST,
  "address-mask-reply": IcmpType.ADDRESS_MASK_REPLY,
} as const;

/** Writes the message with its checksum. Returns the offset after it. */
export function writeIcmp(message: IcmpMessage, buf: Uint8Array, off: number): number {
  const end = off + icmpLength(message);
  writeU8(buf, off, message.kind === "other" ? message.type : TYPE_OF_KIND[message.kind]);
  writeU8(buf, off + 1, "code" in message ? message.code : 0);
  writeBody(message, buf, off);
  fillIcmpChecksum(buf, off, end);
  return end;
}

/** Everything after the checksum. */
function writeBody(message: IcmpMessage, buf: Uint8Array, off: number): void {
  const rest = off + ICMP_HEADER_LENGTH;
  if (message.kind === "other") {
    copyBytes(message.body, 0, buf, off + 4, message.body.length);
    return;
  }
  writeU32BE(buf, off + 4, 0);
  if ("id" in message) {
    writeU16BE(buf, off + 4, message.id);
    writeU16BE(buf, off + 6, message.sequence);
  }
  if ("original" in message) copyBytes(message.original, 0, buf, rest, message.original.length);
  if ("originalWords" in message) writeU8(buf, off + 5, message.originalWords);
  switch (message.kind) {
    case "echo-request":
    case "echo-reply":
      copyBytes(message.payload, 0, buf, rest, message.payload.length);
      return;
    case "destination-unreachable":
      writeU16BE(buf, off + 6, message.mtu);
      return;
    case "redirect":
      writeU32BE(buf, off + 4, message.gateway);
      return;
    case "parameter-problem":
      writeU8(buf, off + 4, message.pointer);
      return;
    case "timestamp":
    case "timestamp-reply":
      writeU32BE(buf, rest, message.originate);
      writeU32BE(buf, rest + 4, message.receive);
      writeU32BE(buf, rest + 8, message.transmit);
      return;
    case "address-mask-request":
    case "address-mask-reply":
      writeU32BE(buf, rest, message.mask);
      return;
    case "router-advertisement":
      writeU8(buf, off + 4, message.routers.length);
      writeU8(buf, off + 5, 2);
      writeU16BE(buf, off + 6, message.lifetime);
      for (const [i, router] of message.routers.entries()) {
        writeU32BE(buf, rest + 8 * i, router.address);
        writeU32BE(buf, rest + 8 * i + 4, router.preference);
      }
      return;
    case "source-quench":
    case "time-exceeded":
    case "router-solicitation":
      return;
    default: {
      const never: never = message;
      return never;
    }
  }
}

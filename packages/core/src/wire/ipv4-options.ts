/**
 * IPv4 header options (RFC 791, 3.1; router alert RFC 2113). Options that are not known are kept as bytes.
 *
 * The walk ends at an end-of-list byte or at the end of the header. A pointer field counts bytes from the option's
 * type byte, starting at 1, as on the wire.
 */
import { copyBytes, readU16BE, readU32BE, readU8, writeU16BE, writeU32BE, writeU8 } from "./bytes.ts";
import type { Ipv4Address } from "./ipv4-address.ts";
import { Malformed } from "./malformed.ts";
import type { Decoded } from "./malformed.ts";

/** Option types: copy flag, class and number in one byte. */
export const Ipv4OptionType = {
  END: 0,
  NO_OPERATION: 1,
  RECORD_ROUTE: 7,
  TIMESTAMP: 68,
  LOOSE_SOURCE_ROUTE: 131,
  STRICT_SOURCE_ROUTE: 137,
  ROUTER_ALERT: 148,
} as const;

/** One slot of a timestamp option that also records addresses. */
export interface Ipv4TimestampSlot {
  readonly address: Ipv4Address;
  /** Milliseconds since midnight UT; the high bit marks another time base. */
  readonly timestamp: number;
}

export type Ipv4Option =
  | { readonly kind: "no-operation" }
  | {
      readonly kind: "record-route" | "loose-source-route" | "strict-source-route";
      readonly pointer: number;
      /** All slots, those from `pointer` on included. */
      readonly addresses: readonly Ipv4Address[];
    }
  | {
      readonly kind: "timestamp";
      readonly pointer: number;
      /** Hosts that could not register because the option was full, 0..15. */
      readonly overflow: number;
      readonly timestamps: readonly number[];
    }
  | {
      readonly kind: "timestamp-and-address";
      readonly pointer: number;
      readonly overflow: number;
      /** Whether the sender named the hosts (flag 3) or each host names itself (flag 1). */
      readonly prespecified: boolean;
      readonly slots: readonly Ipv4TimestampSlot[];
    }
  | { readonly kind: "router-alert"; readonly value: number }
  | { readonly kind: "other"; readonly type: number; readonly body: Uint8Array };

/** Bytes of a timestamp option before its slots. */
const TIMESTAMP_HEADER = 4;
/** Bytes of a route option before its addresses. */
const ROUTE_HEADER = 3;

/** Reads the options in `[off, end)`: the bytes between the fixed header and the payload. */
export function decodeIpv4Options(buf: Uint8Array, off: number, end: number): Decoded<Ipv4Option[]> {
  const options: Ipv4Option[] = [];
  let at = off;
  while (at < end) {
    const type = readU8(buf, at);
    if (type === Ipv4OptionType.END) break;
    if (type === Ipv4OptionType.NO_OPERATION) {
      options.push({ kind: "no-operation" });
      at++;
      continue;
    }
    if (at + 1 >= end) return new Malformed("bad-option", at, "IPv4 option length");
    const length = readU8(buf, at + 1);
    if (length < 2 || at + length > end) return new Malformed("bad-option", at + 1, "IPv4 option length");
    options.push(decodeOption(buf, at, type, length));
    at += length;
  }
  return options;
}

function decodeOption(buf: Uint8Array, at: number, type: number, length: number): Ipv4Option {
  const routeKind = routeKindOf(type);
  if (routeKind !== undefined && length >= ROUTE_HEADER && (length - ROUTE_HEADER) % 4 === 0) {
    const addresses: Ipv4Address[] = [];
    for (let i = at + ROUTE_HEADER; i < at + length; i += 4) addresses.push(readU32BE(buf, i));
    return { kind: routeKind, pointer: readU8(buf, at + 2), addresses };
  }
  if (type === Ipv4OptionType.TIMESTAMP && length >= TIMESTAMP_HEADER) {
    const pointer = readU8(buf, at + 2);
    const overflow = readU8(buf, at + 3) >>> 4;
    const flag = readU8(buf, at + 3) & 0xf;
    if (flag === 0 && length % 4 === 0) {
      const timestamps: number[] = [];
      for (let i = at + TIMESTAMP_HEADER; i < at + length; i += 4) timestamps.push(readU32BE(buf, i));
      return { kind: "timestamp", pointer, overflow, timestamps };
    }
    if ((flag === 1 || flag === 3) && (length - TIMESTAMP_HEADER) % 8 === 0) {
      const slots: Ipv4TimestampSlot[] = [];
      for (let i = at + TIMESTAMP_HEADER; i < at + length; i += 8) {
        slots.push({ address: readU32BE(buf, i), timestamp: readU32BE(buf, i + 4) });
      }
      return { kind: "timestamp-and-address", pointer, overflow, prespecified: flag === 3, slots };
    }
  }
  if (type === Ipv4OptionType.ROUTER_ALERT && length === 4) {
    return { kind: "router-alert", value: readU16BE(buf, at + 2) };
  }
  return { kind: "other", type, body: buf.subarray(at + 2, at + length) };
}

type RouteKind = "record-route" | "loose-source-route" | "strict-source-route";

function routeKindOf(type: number): RouteKind | undefined {
  if (type === Ipv4OptionType.RECORD_ROUTE) return "record-route";
  if (type === Ipv4OptionType.LOOSE_SOURCE_ROUTE) return "loose-source-route";
  if (type === Ipv4OptionType.STRICT_SOURCE_ROUTE) return "strict-source-route";
  return undefined;
}

function routeTypeOf(kind: RouteKind): number {
  switch (kind) {
    case "record-route":
      return Ipv4OptionType.RECORD_ROUTE;
    case "loose-source-route":
      return Ipv4OptionType.LOOSE_SOURCE_ROUTE;
    case "strict-source-route":
      return Ipv4OptionType.STRICT_SOURCE_ROUTE;
  }
}

function optionLength(option: Ipv4Option): number {
  switch (option.kind) {
    case "no-operation":
      return 1;
    case "record-route":
    case "loose-source-route":
    case "strict-source-route":
      return ROUTE_HEADER + 4 * option.addresses.length;
    case "timestamp":
      return TIMESTAMP_HEADER + 4 * option.timestamps.length;
    case "timestamp-and-address":
      return TIMESTAMP_HEADER + 8 * option.slots.length;
    case "router-alert":
      return 4;
    case "other":
      return 2 + option.body.length;
  }
}

/** Bytes of the options with the padding to a multiple of 4. More than 40 do not fit into a header. */
export function ipv4OptionsLength(options: readonly Ipv4Option[]): number {
  let length = 0;
  for (const option of options) length += optionLength(option);
  return (length + 3) & ~3;
}

/** Writes the options and pads with end-of-list bytes. Returns the offset after the padding. */
export function writeIpv4Options(options: readonly Ipv4Option[], buf: Uint8Array, off: number): number {
  const end = off + ipv4OptionsLength(options);
  let at = off;
  for (const option of options) {
    writeOption(option, buf, at);
    at += optionLength(option);
  }
  for (; at < end; at++) writeU8(buf, at, Ipv4OptionType.END);
  return end;
}

function writeOption(option: Ipv4Option, buf: Uint8Array, at: number): void {
  if (option.kind === "no-operation") {
    writeU8(buf, at, Ipv4OptionType.NO_OPERATION);
    return;
  }
  writeU8(buf, at + 1, optionLength(option));
  switch (option.kind) {
    case "record-route":
    case "loose-source-route":
    case "strict-source-route":
      writeU8(buf, at, routeTypeOf(option.kind));
      writeU8(buf, at + 2, option.pointer);
      for (const [i, address] of option.addresses.entries()) {
        writeU32BE(buf, at + ROUTE_HEADER + 4 * i, address);
      }
      return;
    case "timestamp":
      writeU8(buf, at, Ipv4OptionType.TIMESTAMP);
      writeU8(buf, at + 2, option.pointer);
      writeU8(buf, at + 3, option.overflow << 4);
      for (const [i, timestamp] of option.timestamps.entries()) {
        writeU32BE(buf, at + TIMESTAMP_HEADER + 4 * i, timestamp);
      }
      return;
    case "timestamp-and-address":
      writeU8(buf, at, Ipv4OptionType.TIMESTAMP);
      writeU8(buf, at + 2, option.pointer);
      writeU8(buf, at + 3, (option.overflow << 4) | (option.prespecified ? 3 : 1));
      for (const [i, slot] of option.slots.entries()) {
        writeU32BE(buf, at + TIMESTAMP_HEADER + 8 * i, slot.address);
        writeU32BE(buf, at + TIMESTAMP_HEADER + 8 * i + 4, slot.timestamp);
      }
      return;
    case "router-alert":
      writeU8(buf, at, Ipv4OptionType.ROUTER_ALERT);
      writeU16BE(buf, at + 2, option.value);
      return;
    case "other":
      writeU8(buf, at, option.type);
      copyBytes(option.body, 0, buf, at + 2, option.body.length);
      return;
    default: {
      const never: never = option;
      return never;
    }
  }
}

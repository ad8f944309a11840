/**
 * Options of neighbour discovery messages (RFC 4861, 4.6): type, length in units of 8 bytes, body. Options that are not
 * known, and known ones of an unexpected length, are kept as bytes.
 */
import { copyBytes, readU32BE, readU48BE, readU8 } from "./bytes.ts";
import { writeU16BE, writeU32BE, writeU48BE, writeU8 } from "./bytes.ts";
import { readIpv6Address, writeIpv6Address } from "./ipv6-address.ts";
import type { Ipv6Address } from "./ipv6-address.ts";
import type { MacAddress } from "./mac.ts";
import { Malformed } from "./malformed.ts";
import type { Decoded } from "./malformed.ts";

/** Option types (IANA icmpv6-parameters). */
export const NdOptionType = {
  SOURCE_LINK_ADDRESS: 1,
  TARGET_LINK_ADDRESS: 2,
  PREFIX_INFORMATION: 3,
  REDIRECTED_HEADER: 4,
  MTU: 5,
  NONCE: 14,
  ROUTE_INFORMATION: 24,
  RDNSS: 25,
  DNSSL: 31,
} as const;

/** A lifetime that never ends, in the seconds fields of options. */
export const ND_INFINITY = 0xffff_ffff;

export type NdOption =
  | { readonly kind: "source-link-address" | "target-link-address"; readonly mac: MacAddress }
  | {
      readonly kind: "prefix";
      readonly prefix: Ipv6Address;
      /** Bits. */
      readonly length: number;
      readonly onLink: boolean;
      readonly autonomous: boolean;
      /** Seconds, or ND_INFINITY; as the preferred lifetime. */
      readonly validLifetime: number;
      readonly preferredLifetime: number;
    }
  | {
      readonly kind: "redirected-header";
      /** As much of the packet as there is; a multiple of 8 bytes. */
      readonly original: Uint8Array;
    }
  | { readonly kind: "mtu"; readonly mtu: number }
  | {
      /** RFC 3971, 5.3.2; Linux puts six bytes into each solicitation of DAD (RFC 7527). */
      readonly kind: "nonce";
      readonly nonce: Uint8Array;
    }
  | {
      /** Recursive DNS servers (RFC 8106, 5.1). */
      readonly kind: "rdnss";
      /** Seconds, or ND_INFINITY. */
      readonly lifetime: number;
      readonly servers: readonly Ipv6Address[];
    }
  | {
      /** `body` is what follows the two bytes of type and length. */
      readonly kind: "other";
      readonly type: number;
      readonly body: Uint8Array;
    };

/** Bytes of the options with one size. */
const LINK_ADDRESS_LENGTH = 8;
const PREFIX_LENGTH = 32;
const MTU_LENGTH = 8;
/** Bytes of type, length and reserved field before what varies. */
const REDIRECTED_HEADER_LENGTH = 8;
const RDNSS_HEADER_LENGTH = 8;

const ON_LINK = 0x80;
const AUTONOMOUS = 0x40;

/** Reads the options in `[off, end)`. An option of length 0 makes the whole message invalid (RFC 4861, 4.6). */
export function decodeNdOptions(buf: Uint8Array, off: number, end: number): Decoded<NdOption[]> {
  const options: NdOption[] = [];
  let at = off;
  while (at < end) {
    if (end - at < 2) return new Malformed("bad-option", at, "ND option length");
    const length = readU8(buf, at + 1) * 8;
    if (length === 0 || at + length > end) return new Malformed("bad-option", at + 1, "ND option length");
    options.push(decodeOption(buf, at, length));
    at += length;
  }
  return options;
}

function decodeOption(buf: Uint8Array, at: number, length: number): NdOption {
  const type = readU8(buf, at);
  switch (type) {
    case NdOptionType.SOURCE_LINK_ADDRESS:
    case NdOptionType.TARGET_LINK_ADDRESS:
      if (length !== LINK_ADDRESS_LENGTH) break;
      return {
        kind: type === NdOptionType.SOURCE_LINK_ADDRESS ? "source-link-address" : "target-link-address",
        mac: readU48BE(buf, at + 2),
      };
    case NdOptionType.PREFIX_INFORMATION: {
      if (length !== PREFIX_LENGTH) break;
      const flags = readU8(buf, at + 3);
      return {
        kind: "prefix",
        prefix: readIpv6Address(buf, at + 16),
        length: readU8(buf, at + 2),
        onLink: (flags & ON_LINK) !== 0,
        autonomous: (flags & AUTONOMOUS) !== 0,
        validLifetime: readU32BE(buf, at + 4),
        preferredLifetime: readU32BE(buf, at + 8),
      };
    }
    case NdOptionType.REDIRECTED_HEADER:
      return {
        kind: "redirected-header",
        original: buf.subarray(at + REDIRECTED_HEADER_LENGTH, at + length),
      };
    case NdOptionType.MTU:
      if (length !== MTU_LENGTH) break;
      return { kind: "mtu", mtu: readU32BE(buf, at + 4) };
    case NdOptionType.NONCE:
      return { kind: "nonce", nonce: buf.subarray(at + 2, at + length) };
    case NdOptionType.RDNSS: {
      if (length < 24 || (length - RDNSS_HEADER_LENGTH) % 16 !== 0) break;
      const servers: Ipv6Address[] = [];
      for (let i = at + RDNSS_HEADER_LENGTH; i < at + length; i += 16) servers.push(readIpv6Address(buf, i));
      return { kind: "rdnss", lifetime: readU32BE(buf, at + 4), servers };
    }
  }
  return { kind: "other", type, body: buf.subarray(at + 2, at + length) };
}

function optionLength(option: NdOption): number {
  switch (option.kind) {
    case "source-link-address":
    case "target-link-address":
      return LINK_ADDRESS_LENGTH;
    case "prefix":
      return PREFIX_LENGTH;
    case "redirected-header":
      return (REDIRECTED_HEADER_LENGTH + option.original.length + 7) & ~7;
    case "mtu":
      return MTU_LENGTH;
    case "nonce":
      return (2 + option.nonce.length + 7) & ~7;
    case "rdnss":
      return RDNSS_HEADER_LENGTH + 16 * option.servers.length;
    case "other":
      return (2 + option.body.length + 7) & ~7;
  }
}

export function ndOptionsLength(options: readonly NdOption[]): number {
  let length = 0;
  for (const option of options) length += optionLength(option);
  return length;
}

/** Writes the options, each filled up with zeros to a multiple of 8 bytes. Returns the offset after them. */
export function writeNdOptions(options: readonly NdOption[], buf: Uint8Array, off: number): number {
  let at = off;
  for (const option of options) {
    const length = optionLength(option);
    buf.fill(0, at, at + length);
    writeU8(buf, at + 1, length >>> 3);
    writeOption(option, buf, at);
    at += length;
  }
  return at;
}

function writeOption(option: NdOption, buf: Uint8Array, at: number): void {
  switch (option.kind) {
    case "source-link-address":
    case "target-link-address":
      writeU8(
        buf,
        at,
        option.kind === "source-link-address"
          ? NdOptionType.SOURCE_LINK_ADDRESS
          : NdOptionType.TARGET_LINK_ADDRESS,
      );
      writeU48BE(buf, at + 2, option.mac);
      return;
    case "prefix":
      writeU8(buf, at, NdOptionType.PREFIX_INFORMATION);
      writeU8(buf, at + 2, option.length);
      writeU8(buf, at + 3, (option.onLink ? ON_LINK : 0) | (option.autonomous ? AUTONOMOUS : 0));
      writeU32BE(buf, at + 4, option.validLifetime);
      writeU32BE(buf, at + 8, option.preferredLifetime);
      writeIpv6Address(buf, at + 16, option.prefix);
      return;
    case "redirected-header":
      writeU8(buf, at, NdOptionType.REDIRECTED_HEADER);
      copyBytes(option.original, 0, buf, at + REDIRECTED_HEADER_LENGTH, option.original.length);
      return;
    case "mtu":
      writeU8(buf, at, NdOptionType.MTU);
      writeU32BE(buf, at + 4, option.mtu);
      return;
    case "nonce":
      writeU8(buf, at, NdOptionType.NONCE);
      copyBytes(option.nonce, 0, buf, at + 2, option.nonce.length);
      return;
    case "rdnss":
      writeU8(buf, at, NdOptionType.RDNSS);
      writeU16BE(buf, at + 2, 0);
      writeU32BE(buf, at + 4, option.lifetime);
      for (const [i, server] of option.servers.entries()) {
        writeIpv6Address(buf, at + RDNSS_HEADER_LENGTH + 16 * i, server);
      }
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

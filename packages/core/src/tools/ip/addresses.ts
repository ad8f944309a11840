// Addresses and prefixes on the command line and in output, as iproute2 takes and prints them. IPv4 may be shortened
// from the right and be written in octal or hexadecimal ("10", "10.0/8", "0x7f.1" is 127.1.0.0); IPv6 is inet_pton's.

import { formatIpv4 } from "../../wire/ipv4-address.ts";
import { formatIpv6, ipv6ToBytes, parseIpv6, readIpv6Address } from "../../wire/ipv6-address.ts";
import type { Arguments } from "./arguments.ts";
import { fail } from "./arguments.ts";
import { AF } from "../../netlink/rtnl/types.ts";
import { addressBits, familyName } from "./families.ts";
import { leadingNumber, parseUnsigned } from "./numbers.ts";

/** An address, or a prefix of one. */
export interface Prefix {
  readonly family: number;
  /** Wire order; empty for "default", "any" and "all". */
  readonly bytes: Uint8Array;
  /** Prefix length. Without a "/" it is the whole address. */
  readonly bits: number;
  /** A prefix length was written, or it follows from the word ("default", "any", "all"). */
  readonly bitsGiven: boolean;
}

const NONE = new Uint8Array(0);

/** Up to four numbers with dots between them; missing ones are zero. */
export function parseLooseIpv4(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(4);
  let rest = text;
  for (let i = 0; ; i++) {
    const octet = leadingNumber(rest);
    if (octet === undefined || octet.value < 0n || octet.value > 255n) return undefined;
    bytes[i] = Number(octet.value);
    if (octet.rest === "") return bytes;
    if (i === 3 || !octet.rest.startsWith(".")) return undefined;
    rest = octet.rest.slice(1);
  }
}

/**
 * A link-layer address: at most `max` hexadecimal bytes with colons between them, or a dotted quad. What follows the
 * digits of a byte is ignored, as sscanf("%x") does. Undefined after a complaint on standard error.
 */
export function parseLinkAddress(args: Arguments, text = args.current, max = 32): Uint8Array | undefined {
  const invalid = (part: string): undefined => {
    args.process.warn(`"${part}" is invalid lladdr.\n`);
    return undefined;
  };
  if (text.includes(".")) return parseLooseIpv4(text) ?? invalid(text);
  const bytes: number[] = [];
  for (const part of text.split(":").slice(0, max)) {
    const number = leadingNumber(part, 16);
    if (number === undefined || number.value < 0n || number.value > 255n) return invalid(part);
    bytes.push(Number(number.value));
  }
  return Uint8Array.from(bytes);
}

/** An address without prefix length, of `family` or (AF_UNSPEC) of the family that it looks like. */
export function parseAddress(text: string, family: number): Prefix | undefined {
  if (text === "default" || text === "all" || text === "any") {
    if (family === AF.MPLS) return undefined;
    return { family, bytes: new Uint8Array(addressBits(family) / 8), bits: 0, bitsGiven: true };
  }
  if (text.includes(":")) {
    const address = family === AF.UNSPEC || family === AF.INET6 ? parseIpv6(text) : undefined;
    if (address === undefined) return undefined;
    return { family: AF.INET6, bytes: ipv6ToBytes(address), bits: 128, bitsGiven: false };
  }
  const bytes = family === AF.UNSPEC || family === AF.INET ? parseLooseIpv4(text) : undefined;
  return bytes === undefined ? undefined : { family: AF.INET, bytes, bits: 32, bitsGiven: false };
}

/** A netmask such as 255.255.255.0 as a number of bits; undefined if the bits are not contiguous. */
function maskBits(bytes: Uint8Array): number | undefined {
  const binary = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return /^1*0*$/.test(binary) ? binary.lastIndexOf("1") + 1 : undefined;
}

/** An address with an optional "/" and prefix length (IPv4: or netmask). */
export function parsePrefix(text: string, family: number): Prefix | undefined {
  if (text === "default" || text === "any" || text === "all") {
    return family === AF.MPLS ? undefined : { family, bytes: NONE, bits: 0, bitsGiven: true };
  }
  const slash = text.indexOf("/");
  if (slash < 0) return parseAddress(text, family);
  const address = parseAddress(text.slice(0, slash), family);
  if (address === undefined) return undefined;
  const length = text.slice(slash + 1);
  const mask = parseLooseIpv4(length);
  const bits = parseUnsigned(length) ?? (mask === undefined ? undefined : maskBits(mask));
  if (bits === undefined || bits > addressBits(address.family)) return undefined;
  return { ...address, bits, bitsGiven: true };
}

const expected = (family: number): string => (family === AF.UNSPEC ? "any valid" : familyName(family));

/** The address in `text`, or the end of the program. */
export function requireAddress(args: Arguments, family: number, text = args.current): Prefix {
  if (family === AF.PACKET) {
    const bytes = parseLinkAddress(args, text);
    if (bytes !== undefined) return { family, bytes, bits: bytes.length * 8, bitsGiven: false };
  }
  const address = family === AF.PACKET ? undefined : parseAddress(text, family);
  if (address !== undefined) return address;
  const shown = family === AF.PACKET ? text.split(":", 1).join("") : text;
  return fail(args.process, 1, `Error: ${expected(family)} address is expected rather than "${shown}".\n`);
}

/** The prefix in `text`, or the end of the program. */
export function requirePrefix(args: Arguments, family: number, text = args.current): Prefix {
  if (family === AF.PACKET) {
    return fail(
      args.process,
      1,
      `Error: "${text}" may be inet prefix, but it is not allowed in this context.\n`,
    );
  }
  const prefix = parsePrefix(text, family);
  if (prefix !== undefined) return prefix;
  return fail(args.process, 1, `Error: ${expected(family)} prefix is expected rather than "${text}".\n`);
}

/** Link-layer bytes as text: Ethernet and the like with colons, tunnels' IP addresses as such. */
export function formatLinkAddress(bytes: Uint8Array, hardwareType: number): string {
  // ARPHRD_TUNNEL, ARPHRD_SIT and ARPHRD_IPGRE carry IPv4, ARPHRD_TUNNEL6 and ARPHRD_IP6GRE IPv6 (linux/if_arp.h).
  if (bytes.length === 4 && (hardwareType === 768 || hardwareType === 776 || hardwareType === 778)) {
    return formatAddress(AF.INET, bytes);
  }
  if (bytes.length === 16 && (hardwareType === 769 || hardwareType === 823))
    return formatAddress(AF.INET6, bytes);
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(":");
}

/** An address as text; "???" for families without a text form. */
export function formatAddress(family: number, bytes: Uint8Array): string {
  if (family === AF.INET && bytes.length >= 4) {
    return formatIpv4(((bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!) >>> 0); // length checked
  }
  if (family === AF.INET6 && bytes.length >= 16) return formatIpv6(readIpv6Address(bytes, 0));
  if (family === AF.PACKET) return formatLinkAddress(bytes, 0);
  return "???";
}

/** True if the first `bits` bits of both are equal. */
export function samePrefix(a: Uint8Array, b: Uint8Array, bits: number): boolean {
  const whole = bits >> 3;
  for (let i = 0; i < whole; i++) if (a[i] !== b[i]) return false;
  const rest = bits & 7;
  if (rest === 0) return true;
  return (((a[whole] ?? 0) ^ (b[whole] ?? 0)) & (0xff << (8 - rest))) === 0;
}

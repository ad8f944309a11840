/** Addresses with masks, as flow syntax writes and reads them. */
import { formatIpv4 } from "../../wire/ipv4-address.ts";
import { formatIpv6, ipv6FromGroups, parseIpv6 } from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import { formatMac } from "../../wire/mac.ts";
import { onesOf } from "./flow-key.ts";
import type { MaskedValue } from "./match.ts";
import { scanNumber } from "./c-numbers.ts";
import { TextError } from "./text-error.ts";

const EXACT_MAC = onesOf(48);
const EXACT_IPV4 = onesOf(32);
const EXACT_IPV6 = onesOf(128);

export function ipv6FromBigint(value: bigint): Ipv6Address {
  const group = (index: number) => Number((value >> BigInt(16 * (7 - index))) & 0xffffn);
  return ipv6FromGroups(group(0), group(1), group(2), group(3), group(4), group(5), group(6), group(7));
}

export function ipv6ToBigint(address: Ipv6Address): bigint {
  let value = 0n;
  for (let i = 0; i < 8; i++) value = (value << 16n) | BigInt(address.charCodeAt(i));
  return value;
}

/** Length of the run of ones at the top of a mask; undefined if there are others. */
export function prefixLength(mask: bigint, bits: number): number | undefined {
  const inverse = ~mask & onesOf(bits);
  if ((inverse & (inverse + 1n)) !== 0n) return undefined;
  return bits - inverse.toString(2).length + (inverse === 0n ? 1 : 0);
}

export function prefixMask(length: number, bits: number): bigint {
  return onesOf(bits) ^ onesOf(bits - length);
}

export function formatMaskedMac({ value, mask }: MaskedValue): string {
  const text = formatMac(Number(value));
  return mask === EXACT_MAC ? text : `${text}/${formatMac(Number(mask))}`;
}

export function formatMaskedIpv4({ value, mask }: MaskedValue): string {
  const text = formatIpv4(Number(value));
  if (mask === EXACT_IPV4) return text;
  return `${text}/${prefixLength(mask, 32) ?? formatIpv4(Number(mask))}`;
}

export function formatMaskedIpv6({ value, mask }: MaskedValue): string {
  const text = formatIpv6(ipv6FromBigint(value));
  if (mask === EXACT_IPV6) return text;
  return `${text}/${prefixLength(mask, 128) ?? formatIpv6(ipv6FromBigint(mask))}`;
}

/** scanf()'s %x: with a sign and 0x, if one likes. */
const OCTET = "([+-]?(?:0[xX])?[0-9a-fA-F]+)";
const MAC = new RegExp(`^[ \\t]*${[OCTET, OCTET, OCTET, OCTET, OCTET, OCTET].join(":")}`);
const IPV4 = /^[ \t]*(\d+)\.(\d+)\.(\d+)\.(\d+)/;
/** C's scanf() stores a number in a byte without asking whether it fits. */
const asByte = (number: bigint): bigint => number & 0xffn;

function hexOctet(text: string): bigint {
  const value = BigInt(`0x${text.replace(/^[+-]?(?:0[xX])?/, "")}`);
  return asByte(text.startsWith("-") ? -value : value);
}

/** A MAC address at the start; digits may be missing. */
export function scanMac(text: string): { value: bigint; length: number } | undefined {
  const match = MAC.exec(text);
  if (!match) return undefined;
  return {
    value: match.slice(1).reduce((mac, octet) => mac * 256n + hexOctet(octet), 0n),
    length: match[0].length,
  };
}

/** A dotted quad at the start; of numbers above 255 the lowest byte counts, as in the original. */
export function scanIpv4(text: string): { value: bigint; length: number } | undefined {
  const match = IPV4.exec(text);
  if (!match) return undefined;
  return {
    value: match.slice(1).reduce((address, byte) => address * 256n + asByte(BigInt(byte)), 0n),
    length: match[0].length,
  };
}

/** An IPv6 address at the start. */
export function scanIpv6(text: string): { value: bigint; length: number } | undefined {
  const word = /^[0-9a-fA-F:.]+/.exec(text)?.[0] ?? "";
  const address = parseIpv6(word);
  return address === undefined ? undefined : { value: ipv6ToBigint(address), length: word.length };
}

/** `address` or `address/mask`. */
export function parseMaskedMac(text: string): MaskedValue {
  const value = scanMac(text);
  if (value) {
    if (value.length === text.length) return { value: value.value, mask: EXACT_MAC };
    const rest = text.slice(value.length);
    const mask = rest.startsWith("/") ? scanMac(rest.slice(1)) : undefined;
    if (mask?.length === rest.length - 1) return { value: value.value, mask: mask.value };
  }
  throw new TextError(`${text}: invalid Ethernet address`);
}

/** `address`, `address/length` or `address/mask`. */
function parseMaskedAddress(
  text: string,
  family: "IP" | "IPv6",
  bits: number,
  scan: (text: string) => { value: bigint; length: number } | undefined,
): MaskedValue {
  const value = scan(text);
  if (!value) throw new TextError(`${text}: invalid ${family} address`);
  if (value.length === text.length) return { value: value.value, mask: onesOf(bits) };
  const rest = text.slice(value.length + 1);
  if (text[value.length] !== "/") throw new TextError(`${text}: invalid ${family} address`);
  const mask = scan(rest);
  if (mask?.length === rest.length) return { value: value.value, mask: mask.value };
  const prefix = scanNumber(rest);
  if (prefix && (prefix.value < 0n || prefix.value > BigInt(bits))) {
    const version = family === "IP" ? "IPv4" : family;
    throw new TextError(`${text}: ${version} network prefix bits not between 0 and ${bits}, inclusive`);
  }
  if (prefix?.length !== rest.length) throw new TextError(`${text}: invalid ${family} address`);
  return { value: value.value, mask: prefixMask(Number(prefix.value), bits) };
}

export function parseMaskedIpv4(text: string): MaskedValue {
  return parseMaskedAddress(text, "IP", 32, scanIpv4);
}

export function parseMaskedIpv6(text: string): MaskedValue {
  return parseMaskedAddress(text, "IPv6", 128, scanIpv6);
}

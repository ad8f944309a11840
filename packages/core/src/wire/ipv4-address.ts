/**
 * IPv4 addresses as unsigned 32-bit numbers, first octet most significant.
 *
 * Text is only the strict dotted quad of `inet_pton`; the abbreviations of single tools (`10.1`) are theirs.
 */
import { readU32BE, writeU32BE } from "./bytes.ts";
import type { MacAddress } from "./mac.ts";

/** 0..0xffffffff. */
export type Ipv4Address = number;

/** Bytes in an IPv4 address. */
export const IPV4_ADDRESS_LENGTH = 4;
export const IPV4_ANY: Ipv4Address = 0;
export const IPV4_LOOPBACK: Ipv4Address = 0x7f00_0001;
/** Limited broadcast, 255.255.255.255 (RFC 919, 7). */
export const IPV4_BROADCAST: Ipv4Address = 0xffff_ffff;
/** All systems on this subnet, 224.0.0.1 (RFC 1112, 4). */
export const IPV4_ALL_HOSTS: Ipv4Address = 0xe000_0001;
/** All routers on this subnet, 224.0.0.2. */
export const IPV4_ALL_ROUTERS: Ipv4Address = 0xe000_0002;
/** IGMPv3-capable routers, 224.0.0.22 (RFC 3376, 4.2.14). */
export const IPV4_IGMPV3_ROUTERS: Ipv4Address = 0xe000_0016;

export const readIpv4Address: (buf: Uint8Array, off: number) => Ipv4Address = readU32BE;
export const writeIpv4Address: (buf: Uint8Array, off: number, address: Ipv4Address) => void = writeU32BE;

/** Dotted quad. */
export function formatIpv4(address: Ipv4Address): string {
  return `${address >>> 24}.${(address >>> 16) & 0xff}.${(address >>> 8) & 0xff}.${address & 0xff}`;
}

/**
 * Four decimal octets of at most three digits, no leading zeros, as `inet_pton(AF_INET)` takes them; `undefined` for
 * all else.
 */
export function parseIpv4(text: string): Ipv4Address | undefined {
  let address = 0;
  let octets = 0;
  let octet = -1;
  for (let i = 0; i <= text.length; i++) {
    const code = i === text.length ? 0x2e : text.charCodeAt(i);
    if (code === 0x2e) {
      if (octet < 0 || ++octets > 4) return undefined;
      address = address * 256 + octet;
      octet = -1;
      continue;
    }
    const digit = code - 0x30;
    if (digit < 0 || digit > 9 || octet === 0) return undefined;
    octet = octet < 0 ? digit : octet * 10 + digit;
    if (octet > 255) return undefined;
  }
  return octets === 4 ? address : undefined;
}

/** The netmask of a prefix length 0..32. */
export function ipv4PrefixMask(length: number): number {
  return length === 0 ? 0 : (0xffff_ffff << (32 - length)) >>> 0;
}

/** The prefix length of a netmask; `undefined` when its ones are not contiguous from the left. */
export function ipv4PrefixLength(mask: number): number | undefined {
  const length = Math.clz32(~mask);
  return ipv4PrefixMask(length) === mask >>> 0 ? length : undefined;
}

/** The address with all bits after the prefix cleared. */
export function ipv4Network(address: Ipv4Address, length: number): Ipv4Address {
  return (address & ipv4PrefixMask(length)) >>> 0;
}

/** The address with all bits after the prefix set: the directed broadcast (RFC 922). */
export function ipv4DirectedBroadcast(address: Ipv4Address, length: number): Ipv4Address {
  return (address | ~ipv4PrefixMask(length)) >>> 0;
}

/** Whether two addresses share their first `length` bits. */
export function ipv4InPrefix(address: Ipv4Address, prefix: Ipv4Address, length: number): boolean {
  return ((address ^ prefix) & ipv4PrefixMask(length)) === 0;
}

/** 224.0.0.0/4 (RFC 5771). */
export function isMulticastIpv4(address: Ipv4Address): boolean {
  return address >>> 28 === 0xe;
}

/** 224.0.0.0/24, never forwarded by routers (RFC 5771, 4). */
export function isLocalMulticastIpv4(address: Ipv4Address): boolean {
  return address >>> 8 === 0xe0_0000;
}

/** 127.0.0.0/8 (RFC 1122, 3.2.1.3). */
export function isLoopbackIpv4(address: Ipv4Address): boolean {
  return address >>> 24 === 127;
}

/** 0.0.0.0/8, "this network" (RFC 1122, 3.2.1.3). */
export function isZeroNetIpv4(address: Ipv4Address): boolean {
  return address >>> 24 === 0;
}

/** 240.0.0.0/4, limited broadcast included (RFC 1112, 4). */
export function isReservedIpv4(address: Ipv4Address): boolean {
  return address >>> 28 === 0xf;
}

/** 169.254.0.0/16 (RFC 3927). */
export function isLinkLocalIpv4(address: Ipv4Address): boolean {
  return address >>> 16 === 0xa9fe;
}

/** The group address that carries an IPv4 multicast group: 01:00:5e and the low 23 bits (RFC 1112, 6.4). */
export function ipv4MulticastMac(group: Ipv4Address): MacAddress {
  return 0x0100_5e00_0000 + (group & 0x7f_ffff);
}

// Interface identifiers that are stable but say nothing about the hardware (RFC 7217, as ipv6_generate_stable_address has it: one
// SHA-1 compression of secret, prefix, hardware address and a counter).

import { copyBytes, readU32BE, writeU8 } from "../../wire/bytes.ts";
import { ipv6FromGroups, ipv6Group, ipv6ToBytes, writeIpv6Address } from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import { writeMac } from "../../wire/mac.ts";
import { sha1Compress } from "../../wire/sha1.ts";
import type { Inet6Device } from "./interface.ts";

/** Bytes of a SHA-1 block, and where the input's parts are in it. */
const BLOCK_LENGTH = 64;
const PREFIX_AT = 16;
const HARDWARE_AT = 24;
const COUNTER_AT = 56;

/** The bytes of a word in the order of a little-endian machine, as two groups. */
function swapped(word: number): readonly [number, number] {
  return [
    ((word & 0xff) << 8) | ((word >>> 8) & 0xff),
    (((word >>> 16) & 0xff) << 8) | ((word >>> 24) & 0xff),
  ];
}

/** Interface identifiers that RFC 5453 reserves. */
function isReserved(address: Ipv6Address): boolean {
  const [a, b, c, d] = [4, 5, 6, 7].map((group) => ipv6Group(address, group)) as [
    number,
    number,
    number,
    number,
  ];
  if ((a | b | c | d) === 0) return true;
  if (a === 0x0200 && b === 0x5eff && c >>> 8 === 0xfe) return true;
  return a === 0xfdff && b === 0xffff && c === 0xffff && d >= 0xff80;
}

/** The address in the /64 of `prefix` for the counter `retries`; undefined without a secret or a usable identifier. */
export function stableAddress(owner: Inet6Device, prefix: Ipv6Address, retries = 0): Ipv6Address | undefined {
  const secret = owner.stableSecret ?? owner.namespace.defaultSecret;
  if (secret === undefined) return undefined;
  const limit = owner.namespace.settings.idgen_retries;
  for (let counter = retries; counter <= Math.max(limit, retries); counter++) {
    const block = new Uint8Array(BLOCK_LENGTH);
    copyBytes(secret, 0, block, 0, 16);
    copyBytes(ipv6ToBytes(prefix), 0, block, PREFIX_AT, 8);
    // The permanent address; devices with a random or given one have none.
    if (owner.device.addressAssignType === 0) writeMac(block, HARDWARE_AT, owner.device.address);
    writeU8(block, COUNTER_AT, counter);
    const [first = 0, second = 0] = sha1Compress(block);
    const [a, b] = swapped(first);
    const [c, d] = swapped(second);
    const groups = [0, 1, 2, 3].map((group) => ipv6Group(prefix, group)) as [number, number, number, number];
    const address = ipv6FromGroups(...groups, a, b, c, d);
    if (!isReserved(address)) return address;
  }
  return undefined;
}

/** A random secret, for the address generation mode "random". */
export function randomSecret(owner: Inet6Device): Uint8Array {
  return owner.device.kernel.random.bytes(16);
}

/** A secret as net/ipv6/conf/NAME/stable_secret shows it: an address with all digits. */
export function secretText(secret: Uint8Array): string {
  const groups: string[] = [];
  for (let at = 0; at < 16; at += 2)
    groups.push((readU32BE(secret, at & ~3) >>> (at & 2 ? 0 : 16)).toString(16));
  return groups.map((group) => group.slice(-4).padStart(4, "0")).join(":");
}

/** The bytes of an address given as a secret. */
export function secretOf(address: Ipv6Address): Uint8Array {
  const bytes = new Uint8Array(16);
  writeIpv6Address(bytes, 0, address);
  return bytes;
}

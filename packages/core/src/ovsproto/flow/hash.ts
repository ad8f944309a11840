// Open vSwitch's hash functions of flows (lib/jhash.c, flow_hash_*() in lib/flow.c), bit for bit: which bucket, bond member
// or link a flow gets follows from them. Two families: MurmurHash3's mixing for words, Bob Jenkins's "lookup3" for bytes.

import { hashAdd, hashFinish, littleEndian, rotate } from "../murmur-hash.ts";
import { writeU16BE, writeU32BE } from "../../wire/bytes.ts";
import { hasPorts, isIpAny, isIpv4, isIpv6, nwFrag, nwProto, tpDst, tpSrc, W, word } from "./flow.ts";
import type { Flow } from "./flow.ts";

/** jhash_bytes() */
export function jhashBytes(bytes: Uint8Array, basis: number): number {
  let left = bytes.length;
  let a = (0xdeadbeef + left + basis) | 0;
  let b = a;
  let c = a;
  let at = 0;
  while (left >= 12) {
    a = (a + littleEndian(bytes, at, 4)) | 0;
    b = (b + littleEndian(bytes, at + 4, 4)) | 0;
    c = (c + littleEndian(bytes, at + 8, 4)) | 0;
    // jhash_mix()
    a = (a - c) ^ rotate(c, 4);
    c = (c + b) | 0;
    b = (b - a) ^ rotate(a, 6);
    a = (a + c) | 0;
    c = (c - b) ^ rotate(b, 8);
    b = (b + a) | 0;
    a = (a - c) ^ rotate(c, 16);
    c = (c + b) | 0;
    b = (b - a) ^ rotate(a, 19);
    a = (a + c) | 0;
    c = (c - b) ^ rotate(b, 4);
    b = (b + a) | 0;
    at += 12;
    left -= 12;
  }
  if (left > 0) {
    a = (a + littleEndian(bytes, at, Math.min(4, left))) | 0;
    if (left > 4) b = (b + littleEndian(bytes, at + 4, Math.min(4, left - 4))) | 0;
    if (left > 8) c = (c + littleEndian(bytes, at + 8, left - 8)) | 0;
    // jhash_final()
    c = (c ^ b) - rotate(b, 14);
    a = (a ^ c) - rotate(c, 11);
    b = (b ^ a) - rotate(a, 25);
    c = (c ^ b) - rotate(b, 16);
    a = (a ^ c) - rotate(c, 4);
    b = (b ^ a) - rotate(a, 14);
    c = (c ^ b) - rotate(b, 24);
  }
  return c >>> 0;
}

function addresses(flow: Flow, hash: number): number {
  let mixed = hash;
  if (isIpv4(flow)) {
    return hashAdd(hashAdd(mixed, swap32(word(flow, W.NW_SRC))), swap32(word(flow, W.NW_DST)));
  }
  for (const first of [W.IPV6_SRC, W.IPV6_DST]) {
    for (let i = 0; i < 4; i++) mixed = hashAdd(mixed, swap32(word(flow, first + i)));
  }
  return mixed;
}

/** A word of the network's order as a little-endian machine reads it. */
function swap32(value: number): number {
  return (value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24);
}

function swap16(value: number): number {
  return ((value & 0xff) << 8) | (value >>> 8);
}

/** flow_hash_5tuple() */
export function hashFiveTuple(flow: Flow, basis: number): number {
  let hash = basis;
  if (!isIpAny(flow)) return hashFinish(hash, 42);
  hash = addresses(flow, hash);
  hash = hashAdd(hash, nwProto(flow));
  const fragment = (nwFrag(flow) & 2) !== 0;
  if (!fragment && (hasPorts(flow) || nwProto(flow) === 1 || nwProto(flow) === 58)) {
    hash = hashAdd(hash, (swap16(tpDst(flow)) << 16) | swap16(tpSrc(flow)));
  }
  return hashFinish(hash, 42);
}

/** What both directions have: a union of IPv4 and IPv6, at the beginning of a structure that is hashed. */
function xorAddresses(fields: Uint8Array, flow: Flow): void {
  if (isIpv4(flow)) writeU32BE(fields, 0, word(flow, W.NW_SRC) ^ word(flow, W.NW_DST));
  else if (isIpv6(flow)) {
    for (let i = 0; i < 4; i++) {
      writeU32BE(fields, 4 * i, word(flow, W.IPV6_SRC + i) ^ word(flow, W.IPV6_DST + i));
    }
  }
}

/** flow_hash_symmetric_l4(): the same for both directions. UDP ports do not count. */
export function hashSymmetricL4(flow: Flow, basis: number): number {
  const fields = new Uint8Array(32);
  xorAddresses(fields, flow);
  writeU16BE(fields, 16, word(flow, W.ETH_TYPE));
  writeU16BE(fields, 18, (word(flow, W.VLAN) ^ word(flow, W.INNER_VLAN)) & 0xfff);
  const protocol = nwProto(flow);
  if (isIpAny(flow)) {
    fields[28] = protocol;
    if (protocol === 6 || protocol === 132) writeU16BE(fields, 20, tpSrc(flow) ^ tpDst(flow));
  }
  writeU16BE(fields, 22, word(flow, W.ETH_SRC) ^ word(flow, W.ETH_DST));
  writeU32BE(fields, 24, word(flow, W.ETH_SRC + 1) ^ word(flow, W.ETH_DST + 1));
  return jhashBytes(fields, basis);
}

/** flow_hash_symmetric_l2(): what is not IP. */
function hashSymmetricL2(flow: Flow, basis: number): number {
  const fields = new Uint8Array(12);
  writeU16BE(fields, 0, word(flow, W.ETH_TYPE));
  writeU16BE(fields, 2, (word(flow, W.VLAN) ^ word(flow, W.INNER_VLAN)) & 0xfff);
  writeU16BE(fields, 4, word(flow, W.ETH_SRC) ^ word(flow, W.ETH_DST));
  writeU32BE(fields, 6, word(flow, W.ETH_SRC + 1) ^ word(flow, W.ETH_DST + 1));
  let hash = basis;
  for (let at = 0; at < 12; at += 4) hash = hashAdd(hash, littleEndian(fields, at, 4));
  return hashFinish(hash, basis);
}

/** Whether flow_hash_symmetric_l3l4() looks at ports: of TCP and SCTP, and if wanted of UDP, but of no fragments. */
export function countsPorts(flow: Flow, withUdp: boolean): boolean {
  const protocol = nwProto(flow);
  return nwFrag(flow) === 0 && (protocol === 6 || protocol === 132 || (withUdp && protocol === 17));
}

/** flow_hash_symmetric_l3l4(): addresses, protocol and, if wanted, UDP ports. */
export function hashSymmetricL3L4(flow: Flow, basis: number, withUdp: boolean): number {
  if (!isIpAny(flow)) return hashSymmetricL2(flow, basis);
  let hash = basis;
  if (isIpv4(flow)) hash = hashAdd(hash, swap32(word(flow, W.NW_SRC) ^ word(flow, W.NW_DST)));
  else {
    // two words of 64 bits
    for (let i = 0; i < 4; i += 2) {
      const high = swap32(word(flow, W.IPV6_SRC + i) ^ word(flow, W.IPV6_DST + i));
      const low = swap32(word(flow, W.IPV6_SRC + i + 1) ^ word(flow, W.IPV6_DST + i + 1));
      hash = hashAdd(hashAdd(hash, high), low);
    }
  }
  const protocol = nwProto(flow);
  hash = hashAdd(hash, protocol);
  if (countsPorts(flow, withUdp)) {
    hash = hashAdd(hash, swap16(tpSrc(flow) ^ tpDst(flow)));
  }
  return hashFinish(hash, basis);
}

/** flow_hash_symmetric_l3(): addresses and the EtherType. */
export function hashSymmetricL3(flow: Flow, basis: number): number {
  const fields = new Uint8Array(20);
  xorAddresses(fields, flow);
  writeU16BE(fields, 16, word(flow, W.ETH_TYPE));
  return jhashBytes(fields, basis);
}

/** jhash_bytes() of an Ethernet address or an IPv4 address (NX_HASH_FIELDS_ETH_SRC, NW_SRC, NW_DST). */
export function hashEthernet(mac: number, basis: number): number {
  const bytes = new Uint8Array(6);
  for (let i = 5, rest = mac; i >= 0; i--, rest = Math.floor(rest / 256)) bytes[i] = rest % 256;
  return jhashBytes(bytes, basis);
}

export function hashIpv4(address: number, basis: number): number {
  return jhashBytes(Uint8Array.of(address >>> 24, address >>> 16, address >>> 8, address), basis);
}

/** hash_mac() of bonds: a number of 64 bits, the VLAN and the address. */
export function hashMac(mac: number, vlan: number, basis: number): number {
  const high = Math.floor(mac / 0x1_0000_0000);
  const low = mac - high * 0x1_0000_0000;
  return hashFinish(hashAdd(hashAdd(basis, low), (vlan << 16) | high), 8);
}

// One number for a flow (skb_get_hash): frames of one flow get the same, so that they take one way and stay in order. From the
// addresses and ports of the packet inside, or for other protocols from the MAC addresses.

import { readU16BE, readU32BE } from "../wire/bytes.ts";
import { ETHERNET_HEADER_LENGTH, EtherType, ethType } from "../wire/ethernet.ts";
import { IpProtocol } from "../wire/ip-protocol.ts";
import { IPV4_MIN_HEADER, ipv4HeaderLength, ipv4Protocol, isIpv4Fragment } from "../wire/ipv4.ts";
import { IPV6_HEADER_LENGTH, ipv6NextHeader } from "../wire/ipv6.ts";

function mix(hash: number, value: number): number {
  let next = Math.imul(hash ^ value, 0x85eb_ca6b);
  next = Math.imul(next ^ (next >>> 13), 0xc2b2_ae35);
  return next ^ (next >>> 16);
}

function ports(hash: number, bytes: Uint8Array, protocol: number, at: number, end: number): number {
  const ported = protocol === IpProtocol.TCP || protocol === IpProtocol.UDP || protocol === IpProtocol.SCTP;
  const next = mix(hash, protocol);
  if (!ported || at + 4 > end) return next;
  return mix(next, (readU16BE(bytes, at) << 16) | readU16BE(bytes, at + 2));
}

/** 32 bits, of the frame at `off`. `secret`: without it nobody can tell which flows meet. */
export function flowHash(bytes: Uint8Array, off: number, end: number, secret: number): number {
  if (end - off < ETHERNET_HEADER_LENGTH) return mix(secret, 0) >>> 0;
  const at = off + ETHERNET_HEADER_LENGTH;
  const type = ethType(bytes, off);
  let hash = secret;
  if (type === EtherType.IPV4 && end - at >= IPV4_MIN_HEADER) {
    hash = mix(mix(hash, readU32BE(bytes, at + 12)), readU32BE(bytes, at + 16));
    if (isIpv4Fragment(bytes, at)) return mix(hash, ipv4Protocol(bytes, at)) >>> 0;
    return ports(hash, bytes, ipv4Protocol(bytes, at), at + ipv4HeaderLength(bytes, at), end) >>> 0;
  }
  if (type === EtherType.IPV6 && end - at >= IPV6_HEADER_LENGTH) {
    for (let word = 8; word < IPV6_HEADER_LENGTH; word += 4) hash = mix(hash, readU32BE(bytes, at + word));
    return ports(hash, bytes, ipv6NextHeader(bytes, at), at + IPV6_HEADER_LENGTH, end) >>> 0;
  }
  for (let word = 0; word < 12; word += 4) hash = mix(hash, readU32BE(bytes, off + word));
  return hash >>> 0;
}

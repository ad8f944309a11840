// What the tracker inside the switch daemon reads of a fragment (ipf_v4_key_extract, ipf_v6_key_extract of Open vSwitch's
// lib/ipf.c; RFC 791, 3.2; RFC 8200, 4.5), and what it refuses.

import type { AddressWords } from "../../../ovsproto/datapath/connection.ts";
import type { Packet } from "../../../kernel/device-vport.ts";
import { extractFlow, found } from "../../../ovsproto/flow/extract.ts";
import { FRAG_ANY, isIpv4, isIpv6, newFlow, nwFrag } from "../../../ovsproto/flow/flow.ts";
import { readU16BE, readU32BE, readU8 } from "../../../wire/bytes.ts";
import {
  IPV4_FRAGMENT_MASK,
  IPV4_MORE_FRAGMENTS,
  ipv4ChecksumOk,
  ipv4FragmentField,
  ipv4HeaderLength,
  ipv4Id,
  ipv4Protocol,
  ipv4TotalLength,
} from "../../../wire/ipv4.ts";
import { IPV6_HEADER_LENGTH, ipv6NextHeader, ipv6PayloadLength } from "../../../wire/ipv6.ts";

/** Of IPv6, bytes. */
const FRAGMENT_HEADER_LENGTH = 8;
const NEXT_FRAGMENT = 44;
const NEXT_AUTHENTICATION = 51;

export interface Fragment {
  readonly version6: boolean;
  readonly source: AddressWords;
  readonly destination: AddressWords;
  readonly id: number;
  /** 0 for IPv6, where the identification says enough. */
  readonly protocol: number;
  /** Offset of the IP header in the packet's bytes. */
  readonly network: number;
  /** Of the fragment header of IPv6; -1 for IPv4. */
  readonly header: number;
  /** Of what the fragment carries, and its end. */
  readonly payload: number;
  readonly end: number;
  /** Place of its first byte in the whole. */
  readonly offset: number;
  readonly last: boolean;
}

const scratch = newFlow();

/** Undefined for a packet that is whole, or is no packet of IP. */
export function readFragment(packet: Packet): Fragment | undefined {
  extractFlow(packet, scratch);
  if (!(nwFrag(scratch) & FRAG_ANY)) return undefined;
  if (isIpv4(scratch)) return readFragment4(packet, found.network);
  return isIpv6(scratch) ? readFragment6(packet, found.network) : undefined;
}

function readFragment4({ bytes }: Packet, network: number): Fragment {
  const field = ipv4FragmentField(bytes, network);
  return {
    version6: false,
    source: [readU32BE(bytes, network + 12)],
    destination: [readU32BE(bytes, network + 16)],
    id: ipv4Id(bytes, network),
    protocol: ipv4Protocol(bytes, network),
    network,
    header: -1,
    payload: network + ipv4HeaderLength(bytes, network),
    end: network + ipv4TotalLength(bytes, network),
    offset: (field & IPV4_FRAGMENT_MASK) * 8,
    last: (field & IPV4_MORE_FRAGMENTS) === 0,
  };
}

function readFragment6({ bytes }: Packet, network: number): Fragment | undefined {
  const end = network + IPV6_HEADER_LENGTH + ipv6PayloadLength(bytes, network);
  let next = ipv6NextHeader(bytes, network);
  let at = network + IPV6_HEADER_LENGTH;
  while (next !== NEXT_FRAGMENT) {
    if (end - at < FRAGMENT_HEADER_LENGTH) return undefined;
    const length = readU8(bytes, at + 1);
    const skipped = next === NEXT_AUTHENTICATION ? (length + 2) * 4 : (length + 1) * 8;
    next = readU8(bytes, at);
    at += skipped;
  }
  const words = (off: number) => [0, 4, 8, 12].map((each) => readU32BE(bytes, network + off + each));
  const field = readU16BE(bytes, at + 2);
  return {
    version6: true,
    source: words(8),
    destination: words(24),
    id: readU32BE(bytes, at + 4),
    protocol: 0,
    network,
    header: at,
    payload: at + FRAGMENT_HEADER_LENGTH,
    end,
    offset: field & 0xfff8,
    last: (field & 1) === 0,
  };
}

/** Its header is whole (ipf_is_valid_v4_frag). */
export function headerIsRight({ bytes }: Packet, { version6, network }: Fragment): boolean {
  return version6 || ipv4ChecksumOk(bytes, network);
}

/** Bytes of the packet of IP, header and all. */
export function sizeOf({ network, end }: Fragment): number {
  return end - network;
}

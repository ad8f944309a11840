// Who has the other end of a tunnel: the questions that the switch asks (ARP, neighbour solicitation), and what it learns from
// packets that pass (Open vSwitch's lib/tnl-neigh-cache.c, tnl_neigh_snoop).

import { writeU16BE, writeU32BE, writeU48BE, writeU8 } from "../../wire/bytes.ts";
import { ETHERNET_HEADER_LENGTH, writeEthernetHeader } from "../../wire/ethernet.ts";
import { pseudoHeaderSumV6 } from "../../wire/checksum.ts";
import {
  ipv6FromIpv4,
  ipv6MulticastMac,
  solicitedNodeMulticast,
  writeIpv6Address,
} from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import type { Ipv4Address } from "../../wire/ipv4-address.ts";
import type { MacAddress } from "../../wire/mac.ts";
import { writeNd } from "../../wire/ndisc.ts";
import { readIpv6Words } from "../../ovsproto/flow/ipv6-words.ts";
import {
  isArp,
  isNd,
  macAt,
  nwProto,
  tpDst,
  tpSrc,
  unwildcard,
  unwildcardIpv6,
  unwildcardMac,
  W,
  word,
} from "../../ovsproto/flow/flow.ts";
import type { Flow } from "../../ovsproto/flow/flow.ts";
import type { Neighbours } from "./neighbours.ts";

const BROADCAST = 0xffff_ffff_ffff;
const ARP_LENGTH = 28;
const ARP_REQUEST = 1;
const ARP_REPLY = 2;
const IPV6_HEADER_LENGTH = 40;
const NEIGHBOUR_ADVERT = 136;

export function arpRequest(from: MacAddress, source: Ipv4Address, wanted: Ipv4Address): Uint8Array {
  const frame = new Uint8Array(ETHERNET_HEADER_LENGTH + ARP_LENGTH);
  const at = writeEthernetHeader(frame, 0, BROADCAST, from, 0x0806);
  writeU32BE(frame, at, 0x0001_0800);
  writeU16BE(frame, at + 4, 0x0604);
  writeU16BE(frame, at + 6, ARP_REQUEST);
  writeU48BE(frame, at + 8, from);
  writeU32BE(frame, at + 14, source);
  writeU32BE(frame, at + 24, wanted);
  return frame;
}

/** compose_nd_ns() */
export function neighbourSolicitation(
  from: MacAddress,
  source: Ipv6Address,
  target: Ipv6Address,
): Uint8Array {
  const group = solicitedNodeMulticast(target);
  const length = 32; // of the message, with the option that tells the own address
  const frame = new Uint8Array(ETHERNET_HEADER_LENGTH + IPV6_HEADER_LENGTH + length);
  const at = writeEthernetHeader(frame, 0, ipv6MulticastMac(group), from, 0x86dd);
  writeU32BE(frame, at, 0x6000_0000);
  writeU16BE(frame, at + 4, length);
  writeU8(frame, at + 6, 58);
  writeU8(frame, at + 7, 255);
  writeIpv6Address(frame, at + 8, source);
  writeIpv6Address(frame, at + 24, group);
  writeNd(
    { kind: "neighbour-solicitation", target, options: [{ kind: "source-link-address", mac: from }] },
    frame,
    at + IPV6_HEADER_LENGTH,
    pseudoHeaderSumV6(source, group, 58, length),
  );
  return frame;
}

/** tnl_neigh_snoop(). What it looks at is marked; `learn`: it may remember as well. */
export function snoop(
  flow: Flow,
  wildcards: Flow,
  bridge: string,
  neighbours: Neighbours,
  learn: boolean,
): void {
  if (isArp(flow)) {
    unwildcard(wildcards, W.NW_SRC);
    unwildcard(wildcards, W.NW_DST);
    const gratuitous = word(flow, W.NW_SRC) === word(flow, W.NW_DST);
    if (!gratuitous) {
      unwildcard(wildcards, W.NW, 0xff00_0000);
      if (nwProto(flow) !== ARP_REPLY) return;
    }
    unwildcardMac(wildcards, W.ARP_SHA);
    if (macAt(flow, W.ARP_SHA) === 0) return;
    if (learn) neighbours.set(bridge, ipv6FromIpv4(word(flow, W.NW_SRC)), macAt(flow, W.ARP_SHA));
    return;
  }
  unwildcard(wildcards, W.TP, 0x0000_ffff);
  if (tpDst(flow) !== 0) return;
  unwildcard(wildcards, W.TP);
  if (!isNd(flow) || tpSrc(flow) !== NEIGHBOUR_ADVERT) return;
  unwildcardIpv6(wildcards, W.IPV6_SRC);
  unwildcardIpv6(wildcards, W.IPV6_DST);
  unwildcardIpv6(wildcards, W.ND_TARGET);
  unwildcardMac(wildcards, W.ARP_THA);
  if (learn) neighbours.set(bridge, readIpv6Words(flow, W.ND_TARGET), macAt(flow, W.ARP_THA));
}

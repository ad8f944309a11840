// Reads the headers of a frame into a flow (flow_extract of Open vSwitch's lib/flow.c and key_extract of the kernel's
// net/openvswitch/flow.c). Runs for every packet of a datapath: it makes nothing and throws nothing. What is cut off ends
// the reading, as in the original; the fields before it stay.

import { EtherType } from "../../wire/ethernet.ts";
import { readU16BE, readU32BE, readU8 } from "../../wire/bytes.ts";
import {
  DL_TYPE_NONE,
  FRAG_ANY,
  FRAG_LATER,
  isMplsType,
  isVlanType,
  MAX_MPLS,
  VLAN_PRESENT,
  W,
} from "./flow.ts";
import type { Flow } from "./flow.ts";

/** A frame in memory: the part of the kernel's packet that is read here. */
export interface FrameBytes {
  readonly bytes: Uint8Array;
  /** Of the link-layer header. */
  readonly start: number;
  readonly end: number;
  /** Outer tag that is kept beside the bytes; -1 for none. */
  readonly vlanTci: number;
  readonly vlanTpid: number;
  /** EtherType of a packet that has no link-layer header; 0 or absent for a frame. */
  readonly etherless?: number;
}

/** Offsets of headers in `bytes`, found by the last extraction; -1 where there is none. */
export const found = { network: -1, transport: -1, mpls: -1 };

/** packet_type of namespace 1, in which EtherTypes are. */
const PACKET_TYPE_ETHERTYPE = 0x1_0000;
const NSH_BASE_LENGTH = 8;
const NSH_TYPE1_LENGTH = 24;

/** LLC header of SNAP and the first byte of an OUI of zero. */
const SNAP_HEADER = 0xaaaa_0300;
const LLC_SNAP_LENGTH = 8;

/** Which words beyond the link layer's a reading has written. */
export type Extent =
  | typeof NOTHING_BEYOND
  /** Addresses, protocol, ports and flags of IPv4. */
  | typeof IPV4_WORDS
  | typeof ANY_WORDS;
export const NOTHING_BEYOND = 0;
const IPV4_WORDS = 1;
export const ANY_WORDS = 2;

/** VLAN tags that a flow has room for (FLOW_MAX_VLAN_HEADERS). */
export const MAX_TAGS = 2;

/**
 * Fills in `flow` from L2 on. The words of metadata, which stand before, are left as they are. `tags`: so many are read, and what
 * is behind them only if no other tag is (other_config:vlan-limit).
 */
export function extractFlow(frame: FrameBytes, flow: Flow, tags = MAX_TAGS): void {
  flow.fill(0, W.ETH_DST);
  readHeaders(frame, flow, tags);
}

/**
 * As extractFlow, for a flow that one frame after the other is read into: only what the last reading has written is taken out, as
 * clearing all that there is takes as long as reading it. `before` is what that reading has returned.
 */
export function extractNext(frame: FrameBytes, flow: Flow, before: Extent, tags = MAX_TAGS): Extent {
  flow[W.ETH_DST] = 0;
  flow[W.ETH_DST + 1] = 0;
  flow[W.ETH_SRC] = 0;
  flow[W.ETH_SRC + 1] = 0;
  flow[W.ETH_TYPE] = 0;
  flow[W.VLAN] = 0;
  flow[W.INNER_VLAN] = 0;
  if (before === IPV4_WORDS) {
    flow[W.NW_SRC] = 0;
    flow[W.NW_DST] = 0;
    flow[W.NW] = 0;
    flow[W.TCP_FLAGS] = 0;
    flow[W.TP] = 0;
  } else if (before === ANY_WORDS) flow.fill(0, W.MPLS_LSE);
  return readHeaders(frame, flow, tags);
}

/** The words from L2 on are zero. */
function readHeaders(frame: FrameBytes, flow: Flow, limit: number): Extent {
  const { bytes, end } = frame;
  found.network = -1;
  found.transport = -1;
  found.mpls = -1;
  let at = frame.start;
  const bare = frame.etherless ?? 0;
  if (bare !== 0) {
    flow[W.PACKET_TYPE] = (PACKET_TYPE_ETHERTYPE | bare) >>> 0;
    flow[W.ETH_TYPE] = bare;
    found.network = at;
    return extractNetwork(bytes, at, end, bare, flow);
  }
  flow[W.PACKET_TYPE] = 0;
  if (end - at < 14) return NOTHING_BEYOND;
  flow[W.ETH_DST] = readU16BE(bytes, at);
  flow[W.ETH_DST + 1] = readU32BE(bytes, at + 2);
  flow[W.ETH_SRC] = readU16BE(bytes, at + 6);
  flow[W.ETH_SRC + 1] = readU32BE(bytes, at + 8);
  at += 12;
  let tags = 0;
  if (frame.vlanTci >= 0) {
    flow[W.VLAN] = ((frame.vlanTpid << 16) | frame.vlanTci | VLAN_PRESENT) >>> 0;
    tags = 1;
  }
  while (tags < limit && end - at >= 6 && isVlanType(readU16BE(bytes, at))) {
    flow[W.VLAN + tags++] = (readU32BE(bytes, at) | VLAN_PRESENT) >>> 0;
    at += 4;
  }
  let type = readU16BE(bytes, at);
  at += 2;
  if (type < 0x600) {
    // 802.3: SNAP with an OUI of zero names an EtherType
    if (
      end - at >= LLC_SNAP_LENGTH &&
      readU32BE(bytes, at) === SNAP_HEADER &&
      readU16BE(bytes, at + 4) === 0
    ) {
      type = readU16BE(bytes, at + 6);
      if (type < 0x600) type = DL_TYPE_NONE;
      at += LLC_SNAP_LENGTH;
    } else type = DL_TYPE_NONE;
  }
  flow[W.ETH_TYPE] = type;
  found.network = at;
  return extractNetwork(bytes, at, end, type, flow);
}

function extractNetwork(bytes: Uint8Array, at: number, end: number, type: number, flow: Flow): Extent {
  if (type === 0x0800) {
    extractIpv4(bytes, at, end, flow);
    return IPV4_WORDS;
  }
  if (type === 0x0806 || type === 0x8035) extractArp(bytes, at, end, flow);
  else if (type === 0x86dd) extractIpv6(bytes, at, end, flow);
  else if (isMplsType(type)) extractMpls(bytes, at, end, flow);
  else if (type === EtherType.NSH) extractNsh(bytes, at, end, flow);
  else return NOTHING_BEYOND;
  return ANY_WORDS;
}

/** parse_nsh() (RFC 8300, 2.2 to 2.5). */
function extractNsh(bytes: Uint8Array, at: number, end: number, flow: Flow): void {
  if (end - at < NSH_BASE_LENGTH) return;
  const first = readU16BE(bytes, at);
  const length = (first & 0x3f) * 4;
  if (first >>> 14 !== 0 || length < NSH_BASE_LENGTH || length > end - at) return;
  const metadata = readU8(bytes, at + 2) & 0xf;
  if (metadata !== 1 && metadata !== 2) return;
  if (metadata === 1) {
    if (length !== NSH_TYPE1_LENGTH) return;
    for (let i = 0; i < 4; i++) flow[W.NSH_C + i] = readU32BE(bytes, at + 8 + 4 * i);
  }
  const flags = (first >>> 12) & 3;
  const ttl = (first >>> 6) & 0x3f;
  flow[W.NSH] = ((flags << 24) | (ttl << 16) | (metadata << 8) | readU8(bytes, at + 3)) >>> 0;
  flow[W.NSH_PATH] = readU32BE(bytes, at + 4);
}

function extractIpv4(bytes: Uint8Array, at: number, end: number, flow: Flow): void {
  if (end - at < 20) return;
  const headerLength = (readU8(bytes, at) & 0xf) * 4;
  const total = readU16BE(bytes, at + 2);
  if (readU8(bytes, at) >>> 4 !== 4 || headerLength < 20 || total < headerLength || total > end - at) return;
  flow[W.NW_SRC] = readU32BE(bytes, at + 12);
  flow[W.NW_DST] = readU32BE(bytes, at + 16);
  const protocol = readU8(bytes, at + 9);
  const fragment = readU16BE(bytes, at + 6) & 0x3fff;
  const frag = fragment === 0 ? 0 : (fragment & 0x1fff) !== 0 ? FRAG_ANY | FRAG_LATER : FRAG_ANY;
  flow[W.NW] = (protocol << 24) | (readU8(bytes, at + 1) << 16) | (readU8(bytes, at + 8) << 8) | frag;
  if (frag & FRAG_LATER) return;
  const transport = at + headerLength;
  const last = at + total;
  switch (protocol) {
    case 6:
    case 17:
    case 132:
      extractPorts(bytes, transport, last, protocol, flow);
      break;
    case 1:
    case 2:
    case 58:
      if (last - transport >= 8) {
        flow[W.TP] = (readU8(bytes, transport) << 16) | readU8(bytes, transport + 1);
        found.transport = transport;
      }
  }
}

function extractPorts(bytes: Uint8Array, at: number, end: number, protocol: number, flow: Flow): void {
  const least = protocol === 6 ? 20 : protocol === 17 ? 8 : 12;
  if (end - at < least) return;
  if (protocol === 6) {
    const length = 4 * (readU8(bytes, at + 12) >>> 4);
    if (length < least || length > end - at) return;
  }
  flow[W.TP] = readU32BE(bytes, at);
  if (protocol === 6) flow[W.TCP_FLAGS] = (readU16BE(bytes, at + 12) & 0xfff) << 16;
  found.transport = at;
}

function extractArp(bytes: Uint8Array, at: number, end: number, flow: Flow): void {
  if (end - at < 28) return;
  // Ethernet and IPv4 only
  if (readU32BE(bytes, at) !== 0x0001_0800 || readU16BE(bytes, at + 4) !== 0x0604) return;
  const operation = readU16BE(bytes, at + 6);
  flow[W.NW] = operation <= 0xff ? operation << 24 : 0;
  flow[W.ARP_SHA] = readU16BE(bytes, at + 8);
  flow[W.ARP_SHA + 1] = readU32BE(bytes, at + 10);
  flow[W.NW_SRC] = readU32BE(bytes, at + 14);
  flow[W.ARP_THA] = readU16BE(bytes, at + 18);
  flow[W.ARP_THA + 1] = readU32BE(bytes, at + 20);
  flow[W.NW_DST] = readU32BE(bytes, at + 24);
}

const EXTENSION_HOP = 0;
const EXTENSION_ROUTING = 43;
const EXTENSION_FRAGMENT = 44;
const EXTENSION_AUTHENTICATION = 51;
const EXTENSION_DESTINATION = 60;

function extractIpv6(bytes: Uint8Array, at: number, end: number, flow: Flow): void {
  if (end - at < 40) return;
  const first = readU32BE(bytes, at);
  const last = at + 40 + readU16BE(bytes, at + 4);
  if (first >>> 28 !== 6 || last > end) return;
  for (let i = 0; i < 4; i++) {
    flow[W.IPV6_SRC + i] = readU32BE(bytes, at + 8 + 4 * i);
    flow[W.IPV6_DST + i] = readU32BE(bytes, at + 24 + 4 * i);
  }
  let next = readU8(bytes, at + 6);
  let header = at + 40;
  let fragment = 0;
  for (;;) {
    if (next === EXTENSION_FRAGMENT) {
      if (last - header < 8) return;
      const offset = readU16BE(bytes, header + 2);
      next = readU8(bytes, header);
      header += 8;
      if (offset !== 0) {
        fragment = (offset & 0xfff8) !== 0 ? FRAG_ANY | FRAG_LATER : FRAG_ANY;
        if (fragment & FRAG_LATER) {
          next = EXTENSION_FRAGMENT;
          break;
        }
      }
    } else if (next === EXTENSION_AUTHENTICATION) {
      if (last - header < 8) return;
      next = readU8(bytes, header);
      header += (readU8(bytes, header + 1) + 2) * 4;
    } else if (next === EXTENSION_HOP || next === EXTENSION_ROUTING || next === EXTENSION_DESTINATION) {
      if (last - header < 8) return;
      next = readU8(bytes, header);
      header += (readU8(bytes, header + 1) + 1) * 8;
    } else break;
    if (header > last) return;
  }
  flow[W.IPV6_LABEL] = first & 0xfffff;
  flow[W.NW] = (next << 24) | (((first >>> 20) & 0xff) << 16) | (readU8(bytes, at + 7) << 8) | fragment;
  if (fragment & FRAG_LATER) return;
  if (next === 6 || next === 17 || next === 132) extractPorts(bytes, header, last, next, flow);
  else if (next === 58 && last - header >= 8) extractIcmpv6(bytes, header, last, flow);
}

function extractIcmpv6(bytes: Uint8Array, at: number, end: number, flow: Flow): void {
  const type = readU8(bytes, at);
  const code = readU8(bytes, at + 1);
  flow[W.TP] = (type << 16) | code;
  found.transport = at;
  if (code !== 0 || (type !== 135 && type !== 136) || end - at < 24) return;
  for (let i = 0; i < 4; i++) flow[W.ND_TARGET + i] = readU32BE(bytes, at + 8 + 4 * i);
  flow[W.ND_RESERVED] = readU32BE(bytes, at + 4);
  let first = 0;
  let option = at + 24;
  while (end - option >= 8) {
    const length = readU8(bytes, option + 1) * 8;
    if (length === 0 || length > end - option) break;
    const kind = readU8(bytes, option);
    if (first === 0 && (kind === 1 || kind === 2) && length === 8) first = kind;
    if (kind === 1 && length === 8) {
      if (flow[W.ARP_SHA] !== 0 || flow[W.ARP_SHA + 1] !== 0) return clearNd(flow);
      flow[W.ARP_SHA] = readU16BE(bytes, option + 2);
      flow[W.ARP_SHA + 1] = readU32BE(bytes, option + 4);
    } else if (kind === 2 && length === 8) {
      if (flow[W.ARP_THA] !== 0 || flow[W.ARP_THA + 1] !== 0) return clearNd(flow);
      flow[W.ARP_THA] = readU16BE(bytes, option + 2);
      flow[W.ARP_THA + 1] = readU32BE(bytes, option + 4);
    }
    option += length;
  }
  // nd_options_type: of the first that holds an address
  flow[W.TCP_FLAGS] = first;
}

/** An option that occurs twice makes the message invalid: nothing of it is matched. */
function clearNd(flow: Flow): void {
  flow.fill(0, W.ARP_SHA, W.TCP_FLAGS);
}

function extractMpls(bytes: Uint8Array, at: number, end: number, flow: Flow): void {
  found.mpls = at;
  for (let i = 0; end - at >= 4; i++) {
    const entry = readU32BE(bytes, at);
    if (i < MAX_MPLS) flow[W.MPLS_LSE + i] = entry;
    at += 4;
    if (entry & 0x100) break;
  }
}

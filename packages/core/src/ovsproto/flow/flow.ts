// Reading and writing a flow: what the switch knows of a packet, a row of words whose places ovsproto/openflow/flow-key.ts
// gives. Keys of the datapath, matches and wildcards are such rows too, so that comparing and hashing are loops over words.
// The functions are for the path of a packet: numbers in, numbers out. Counterpart: Open vSwitch's lib/flow.h.

import { KEY_WORDS, KeyWord } from "../openflow/flow-key.ts";

export type Flow = Uint32Array;

/** Index of the first word of each group of fields. */
export const W = KeyWord;
export const FLOW_WORDS = KEY_WORDS;

/** VLAN_CFI: in a flow, "this tag exists". */
export const VLAN_PRESENT = 0x1000;
export const MAX_MPLS = 3;

/** Bits of nw_frag: a fragment, and one that is not the first. */
export const FRAG_ANY = 1;
export const FRAG_LATER = 2;

/** OFPP_UNSET: actset_output while no output is in the action set. */
export const PORT_UNSET = 0xfff7;
/** EtherType of 802.3 frames that are not SNAP (FLOW_DL_TYPE_NONE). */
export const DL_TYPE_NONE = 0x05ff;

// Fields that share a word: shifts and masks of KeyWord.NW, TP, TCP_FLAGS, CT_STATE_ZONE, TUN_FLAGS_TOS_TTL.
export const NW_PROTO_MASK = 0xff00_0000;
export const NW_TOS_MASK = 0x00ff_0000;
export const NW_TTL_MASK = 0x0000_ff00;

export function newFlow(): Flow {
  return new Uint32Array(FLOW_WORDS);
}

/** All bits that there are: the first word of a MAC address has sixteen. */
export function exactMask(): Flow {
  const mask = newFlow().fill(0xffff_ffff);
  for (const at of [W.ETH_DST, W.ETH_SRC, W.ARP_SHA, W.ARP_THA]) mask[at] = 0xffff;
  return mask;
}

export function flowsEqual(a: Flow, b: Flow): boolean {
  for (let i = 0; i < FLOW_WORDS; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** A word of a flow. The place comes from `W`, so it is there. */
export function word(flow: Flow, at: number): number {
  return flow[at] as number;
}

/** Whether a bit is set in so many words. */
export function anyOf(flow: Flow, at: number, count: number): boolean {
  for (let i = at; i < at + count; i++) if (flow[i] !== 0) return true;
  return false;
}

export function dlType(flow: Flow): number {
  return word(flow, W.ETH_TYPE);
}

export function nwProto(flow: Flow): number {
  return word(flow, W.NW) >>> 24;
}

export function nwTos(flow: Flow): number {
  return (word(flow, W.NW) >>> 16) & 0xff;
}

export function nwTtl(flow: Flow): number {
  return (word(flow, W.NW) >>> 8) & 0xff;
}

export function nwFrag(flow: Flow): number {
  return word(flow, W.NW) & 0xff;
}

export function setNwProto(flow: Flow, value: number): void {
  flow[W.NW] = (word(flow, W.NW) & ~NW_PROTO_MASK) | (value << 24);
}

export function setNwTos(flow: Flow, value: number): void {
  flow[W.NW] = (word(flow, W.NW) & ~NW_TOS_MASK) | (value << 16);
}

export function setNwTtl(flow: Flow, value: number): void {
  flow[W.NW] = (word(flow, W.NW) & ~NW_TTL_MASK) | (value << 8);
}

/** Source port, or ICMP type. */
export function tpSrc(flow: Flow): number {
  return word(flow, W.TP) >>> 16;
}

/** Destination port, or ICMP code. */
export function tpDst(flow: Flow): number {
  return word(flow, W.TP) & 0xffff;
}

export function tcpFlags(flow: Flow): number {
  return word(flow, W.TCP_FLAGS) >>> 16;
}

export function vlanTci(flow: Flow, tag = 0): number {
  return word(flow, W.VLAN + tag) & 0xffff;
}

export function vlanTpid(flow: Flow, tag = 0): number {
  return word(flow, W.VLAN + tag) >>> 16;
}

/** A 48-bit address in two words. */
export function macAt(flow: Flow, at: number): number {
  return word(flow, at) * 0x1_0000_0000 + word(flow, at + 1);
}

export function setMacAt(flow: Flow, at: number, mac: number): void {
  const upper = Math.floor(mac / 0x1_0000_0000);
  flow[at] = upper;
  flow[at + 1] = mac - upper * 0x1_0000_0000;
}

/** get_dl_type(): the EtherType, also of a packet that has no link-layer header. */
export function payloadType(flow: Flow): number {
  const type = word(flow, W.PACKET_TYPE);
  if (type === 0) return dlType(flow);
  return type >>> 16 === 1 ? type & 0xffff : 0;
}

export function isIpv4(flow: Flow): boolean {
  return payloadType(flow) === 0x0800;
}

export function isIpv6(flow: Flow): boolean {
  return payloadType(flow) === 0x86dd;
}

export function isIpAny(flow: Flow): boolean {
  const type = payloadType(flow);
  return type === 0x0800 || type === 0x86dd;
}

export function isArp(flow: Flow): boolean {
  const type = payloadType(flow);
  return type === 0x0806 || type === 0x8035;
}

export function isIcmpv4(flow: Flow): boolean {
  return payloadType(flow) === 0x0800 && nwProto(flow) === 1;
}

export function isIcmpv6(flow: Flow): boolean {
  return payloadType(flow) === 0x86dd && nwProto(flow) === 58;
}

/** ICMPv6 neighbour solicitation or advertisement. */
export function isNd(flow: Flow): boolean {
  const type = tpSrc(flow);
  return isIcmpv6(flow) && tpDst(flow) === 0 && (type === 135 || type === 136);
}

/** TCP, UDP or SCTP whose header is in this packet. */
export function hasPorts(flow: Flow): boolean {
  const protocol = nwProto(flow);
  return (
    isIpAny(flow) &&
    (nwFrag(flow) & FRAG_LATER) === 0 &&
    (protocol === 6 || protocol === 17 || protocol === 132)
  );
}

export function isMplsType(type: number): boolean {
  return type === 0x8847 || type === 0x8848;
}

/** Bottom of stack, in a label stack entry. */
export const MPLS_BOS = 0x100;

/** flow_count_mpls_labels(): entries of zero at the end of a stack that has no bottom do not count. */
export function countLabels(flow: Flow, wildcards?: Flow): number {
  if (!isMplsType(dlType(flow))) return 0;
  let count = 0;
  for (let at = 0; at < MAX_MPLS; at++) {
    if (wildcards) unwildcard(wildcards, W.MPLS_LSE + at, MPLS_BOS);
    const entry = word(flow, W.MPLS_LSE + at);
    if (entry & MPLS_BOS) return at + 1;
    if (entry !== 0) count++;
  }
  return count;
}

export function isVlanType(type: number): boolean {
  return type === 0x8100 || type === 0x88a8;
}

/** TUNNEL_FLAG bits. */
export function tunnelFlags(flow: Flow): number {
  return word(flow, W.TUN_FLAGS_TOS_TTL) >>> 16;
}

export function tunnelTos(flow: Flow): number {
  return (word(flow, W.TUN_FLAGS_TOS_TTL) >>> 8) & 0xff;
}

export function tunnelTtl(flow: Flow): number {
  return word(flow, W.TUN_FLAGS_TOS_TTL) & 0xff;
}

/** flow_tnl_dst_is_set(): it has come, or is to go, through a tunnel. */
export function isTunnelled(flow: Flow): boolean {
  if (flow[W.TUN_DST] !== 0) return true;
  for (let at = W.TUN_IPV6_DST; at < W.TUN_IPV6_DST + 4; at++) if (flow[at] !== 0) return true;
  return false;
}

/** The packet has tun_metadata`index`. */
export function markOption(flow: Flow, index: number): void {
  unwildcard(flow, W.TUN_OPTIONS + (index >>> 5), (1 << (index & 31)) >>> 0);
}

export function clearOption(flow: Flow, index: number): void {
  const at = W.TUN_OPTIONS + (index >>> 5);
  flow[at] = (word(flow, at) & ~(1 << (index & 31))) >>> 0;
}

export function hasOption(flow: Flow, index: number): boolean {
  return ((word(flow, W.TUN_OPTIONS + (index >>> 5)) >>> (index & 31)) & 1) !== 0;
}

/**
 * The protocol of IP, or ARP's operation. It is looked at whenever the network header is changed: 0 is a protocol too, but
 * the datapath's packets with it are left as they are.
 */
export function unwildcardProtocol(mask: Flow): void {
  unwildcard(mask, W.NW, 0xff00_0000);
}

/** Sets bits of a mask. */
export function unwildcard(mask: Flow, at: number, bits = 0xffff_ffff): void {
  mask[at] = (word(mask, at) | bits) >>> 0;
}

export function unwildcardMac(mask: Flow, at: number): void {
  mask[at] = 0xffff;
  mask[at + 1] = 0xffff_ffff;
}

export function unwildcardIpv6(mask: Flow, at: number): void {
  mask.fill(0xffff_ffff, at, at + 4);
}

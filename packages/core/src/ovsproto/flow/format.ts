// A flow as text (flow_format): all of its fields, without metadata that is zero.

import { DEFAULT_PRIORITY, formatMatch } from "../openflow/match-text.ts";
import { Match } from "../openflow/match.ts";
import type { Names } from "../openflow/names.ts";
import { TUNNEL_FLAG } from "../openflow/tunnel-flags.ts";
import {
  dlType,
  payloadType,
  FRAG_LATER,
  isArp,
  isIpAny,
  isIpv6,
  isMplsType,
  isNd,
  isTunnelled,
  newFlow,
  nwFrag,
  nwProto,
  W,
  word,
} from "./flow.ts";
import type { Flow } from "./flow.ts";

/** EtherType of the network service header, RFC 8300. */
const NSH = 0x894f;

/** Metadata fields of several words, which are shown whole. */
const WIDE = [
  [W.METADATA, 2],
  [W.CT_LABEL, 4],
] as const;

/** match_wc_init(): which fields a packet of this kind has (flow_wildcards_init_for_packet). */
export function packetMask(flow: Flow): Flow {
  const mask = newFlow();
  const all = (from: number, to = from + 1) => mask.fill(0xffff_ffff, from, to);
  // flow_format() leaves out metadata that is not set
  for (let at = 0; at < W.ETH_DST; at++) if (word(flow, at) !== 0) mask[at] = 0xffff_ffff;
  mask.fill(0, W.TUN_ID, W.CT_STATE_ZONE);
  const tunnelled = isTunnelled(flow);
  const flags = word(flow, W.TUN_FLAGS_TOS_TTL) >>> 16;
  if (tunnelled) {
    all(W.TUN_SRC, W.TUN_TP);
    mask[W.TUN_FLAGS_TOS_TTL] = ((TUNNEL_FLAG.ALL << 16) | 0xffff) >>> 0;
  }
  if (tunnelled ? flags & TUNNEL_FLAG.KEY : word(flow, W.TUN_ID) !== 0 || word(flow, W.TUN_ID + 1) !== 0) {
    all(W.TUN_ID, W.TUN_SRC);
  }
  for (const [first, count] of WIDE) {
    if (flow.subarray(first, first + count).some((each) => each !== 0)) all(first, first + count);
  }
  const ct = word(flow, W.CT_STATE_ZONE);
  mask[W.CT_STATE_ZONE] = ((ct >>> 16 === 0 ? 0 : 0xffff_0000) | ((ct & 0xffff) === 0 ? 0 : 0xffff)) >>> 0;
  // what no packet has
  mask[W.ACTSET_OUTPUT] = 0;
  mask[W.CONJ_ID] = 0;
  mask[W.IN_PORT] = word(flow, W.IN_PORT) === 0 ? 0 : 0xffff;
  // Only flows of a datapath, which a recirculation id tells, name the usual type.
  mask[W.PACKET_TYPE] = word(flow, W.PACKET_TYPE) === 0 && word(flow, W.RECIRC_ID) === 0 ? 0 : 0xffff_ffff;
  mask[W.ETH_DST] = 0xffff;
  all(W.ETH_DST + 1);
  mask[W.ETH_SRC] = 0xffff;
  all(W.ETH_SRC + 1);
  mask[W.ETH_TYPE] = 0xffff;
  mask[W.VLAN] = 0xffff;
  if (word(flow, W.VLAN) !== 0) mask[W.INNER_VLAN] = 0xffff;
  if (isIpAny(flow)) {
    if (isIpv6(flow)) {
      all(W.IPV6_SRC, W.IPV6_DST + 4);
      all(W.IPV6_LABEL);
    } else all(W.NW_SRC, W.NW_DST + 1);
    // as the original shows a flow whose type only packet_type tells
    if (dlType(flow) !== (isIpv6(flow) ? 0x86dd : 0x0800)) {
      if (isIpv6(flow)) all(W.CT_IPV6_SRC, W.CT_IPV6_DST + 4);
      else all(W.CT_NW_SRC, W.CT_NW_DST + 1);
    }
    mask[W.NW] = 0xffff_ff03;
    const protocol = nwProto(flow);
    // ICMPv6 is shown in later fragments, too
    if (isIpv6(flow) && protocol === 58) mask[W.TP] = 0xffff_ffff;
    if (!(nwFrag(flow) & FRAG_LATER) && [1, 2, 6, 17, 58, 132].includes(protocol)) {
      mask[W.TP] = 0xffff_ffff;
      if (protocol === 6) mask[W.TCP_FLAGS] = 0x0fff_0000;
      if (isNd(flow)) all(W.ARP_SHA, W.ND_TARGET + 4);
    }
  } else if (isArp(flow)) {
    all(W.NW_SRC, W.NW_DST + 1);
    mask[W.NW] = 0xff00_0000;
    mask[W.ARP_SHA] = 0xffff;
    all(W.ARP_SHA + 1);
    mask[W.ARP_THA] = 0xffff;
    all(W.ARP_THA + 1);
  } else if (dlType(flow) === NSH) {
    all(W.NSH, W.NSH_C + 4);
    mask[W.NW] = 0xffff_ff03;
  } else if (isMplsType(payloadType(flow))) {
    for (let i = 0; i < 3; i++) {
      all(W.MPLS_LSE + i);
      if (word(flow, W.MPLS_LSE + i) & 0x100) break;
    }
  }
  // what has no link-layer header
  if (word(flow, W.PACKET_TYPE) !== 0) mask.fill(0, W.ETH_DST, W.MPLS_LSE);
  return mask;
}

/** @param options puts the tunnel's options into the match */
export function formatFlowText(flow: Flow, names?: Names, options?: (match: Match) => void): string {
  const mask = packetMask(flow);
  const value = flow.slice();
  for (let at = 0; at < value.length; at++) value[at] = word(value, at) & word(mask, at);
  const match = new Match(value, mask);
  options?.(match);
  return formatMatch(match, DEFAULT_PRIORITY, names);
}

// push_mpls and pop_mpls (compose_mpls_push_action, compose_mpls_pop_action, flow_push_mpls in Open vSwitch's lib/flow.c).

import {
  countLabels,
  dlType,
  isIpAny,
  isMplsType,
  MAX_MPLS,
  MPLS_BOS,
  nwTos,
  nwTtl,
  unwildcard,
  W,
  word,
} from "../../../ovsproto/flow/flow.ts";
import type { Action } from "../../../ovsproto/openflow/actions.ts";
import type { Flow } from "../../../ovsproto/flow/flow.ts";
import { commit } from "./commit.ts";
import { XLATE_ERROR } from "./context.ts";
import type { XlateContext } from "./context.ts";

const ETHERTYPE_IPV6 = 0x86dd;
/** What pop_mpls says is below a label if that is a whole frame: transparent Ethernet bridging. */
const ETHERNET_BELOW = 0x6558;

export function pushMpls(context: XlateContext, etherType: number): void {
  const { flow, wildcards } = context;
  const count = countLabels(flow, wildcards);
  if (count === 0) commit(context);
  else if (count >= MAX_MPLS) {
    refuseLabel(
      context,
      `dropping packet on which an MPLS push action can't be performed as it would have more MPLS LSEs than the ${MAX_MPLS} supported.`,
    );
    return;
  }
  pushLabel(flow, wildcards, count, etherType);
}

/** encap(mpls) (rewrite_flow_encap_mpls): the label stands in front of the whole packet, whatever that is. */
export function encapsulateMpls(context: XlateContext, packetType: number): void {
  const { flow, wildcards } = context;
  const etherType = packetType & 0xffff;
  const inFrame = word(flow, W.PACKET_TYPE) === 0;
  const count = countLabels(flow, inFrame ? undefined : wildcards);
  if (count >= MAX_MPLS) {
    refuseLabel(
      context,
      `dropping packet on which an encap MPLS action can't be performed as it would have more MPLS LSEs than the ${MAX_MPLS} supported.`,
    );
    return;
  }
  unwildcard(wildcards, W.PACKET_TYPE);
  if (inFrame) {
    // labels behind the link-layer header are out of sight now
    for (const row of [flow, context.base]) row.fill(0, W.MPLS_LSE, W.MPLS_LSE + MAX_MPLS);
  }
  flow[W.PACKET_TYPE] = packetType;
  pushLabel(flow, wildcards, count, etherType);
  context.pending = { kind: "encap" };
}

/** decap() of a label. True: what is below is known only when the packet has come back. */
export function decapsulateMpls(context: XlateContext, packetType: number): boolean {
  const { flow, wildcards } = context;
  flow[W.PACKET_TYPE] = packetType;
  const count = countLabels(flow, wildcards);
  if (count === 0) return false; // of a flow that only its packet type calls MPLS
  if (count >= MAX_MPLS && (word(flow, W.MPLS_LSE + MAX_MPLS - 1) & MPLS_BOS) === 0) {
    refuseLabel(
      context,
      `dropping packet on which an MPLS decap can't be performed as it has more MPLS LSEs than the ${MAX_MPLS} supported.`,
    );
    return false;
  }
  popLabel(context, count, packetType === 0 ? ETHERNET_BELOW : packetType & 0xffff);
  // what addresses the frame inside has is not known yet
  if (packetType === 0) flow.fill(0, W.ETH_DST, W.ETH_TYPE);
  context.pending = { kind: "decap" };
  return count === 1;
}

function refuseLabel(context: XlateContext, text: string): void {
  if (context.input.packet) context.fail(text);
  context.error = XLATE_ERROR.TOO_MANY_MPLS_LABELS;
}

/** flow_push_mpls() */
function pushLabel(flow: Flow, wildcards: Flow, count: number, etherType: number): void {
  for (let i = count; i > 0; i--) flow[W.MPLS_LSE + i] = word(flow, W.MPLS_LSE + i - 1);
  if (count > 0) {
    wildcards.fill(0xffff_ffff, W.MPLS_LSE, W.MPLS_LSE + count);
    flow[W.MPLS_LSE] = (word(flow, W.MPLS_LSE + 1) & ~MPLS_BOS) >>> 0;
  } else {
    // IPv4 explicit null and IPv6 explicit null; class and TTL come from the packet
    const label = dlType(flow) === ETHERTYPE_IPV6 ? 2 : 0;
    const ip = isIpAny(flow);
    if (ip) unwildcard(wildcards, W.NW, 0x00fc_ff00);
    const tc = ip ? ((nwTos(flow) & 0xfc) >>> 2) & 7 : 0;
    const ttl = ip ? nwTtl(flow) : 64;
    flow[W.MPLS_LSE] = ((label << 12) | (tc << 9) | MPLS_BOS | (ttl === 0 ? 64 : ttl)) >>> 0;
    // What the packet was is not known to later actions.
    clearNetwork(flow);
  }
  flow[W.ETH_TYPE] = etherType;
}

/** Of the headers that an action writes, these are in front of the labels. */
const IN_FRONT: ReadonlySet<string> = new Set(["none", "ethernet", "vlan", "mpls"]);

/** recirc_for_mpls(): after the last label only little can be done before the datapath has looked at what is below. */
export function needsInnerHeaders(action: Action): boolean {
  switch (action.type) {
    case "output":
    case "output_reg":
    case "output_trunc":
    case "enqueue":
    case "set_eth_src":
    case "set_eth_dst":
    case "set_tunnel":
    case "set_queue":
    case "group": // its buckets are looked at
    case "unroll_xlate":
      return false;
    case "set_field":
      return !IN_FRONT.has(action.field.prerequisite);
    case "load":
      return !IN_FRONT.has(action.to.field.prerequisite);
    default:
      return true;
  }
}

export function popMpls(context: XlateContext, etherType: number): void {
  const { flow, wildcards } = context;
  const count = countLabels(flow, wildcards);
  if (count === 0) return;
  if (count >= MAX_MPLS && (word(flow, W.MPLS_LSE + MAX_MPLS - 1) & MPLS_BOS) === 0) {
    refuseLabel(
      context,
      `dropping packet on which an MPLS pop action can't be performed as it has more MPLS LSEs than the ${MAX_MPLS} supported.`,
    );
    return;
  }
  if (count === 1) {
    // What is below the last label is known only after the datapath has taken it off.
    if (!isMplsType(etherType) && !context.lacks("recirc")) context.wasMpls = true;
  }
  popLabel(context, count, etherType);
}

/** flow_pop_mpls() */
function popLabel({ flow, wildcards }: XlateContext, count: number, etherType: number): void {
  wildcards.fill(0xffff_ffff, W.MPLS_LSE + 1, W.MPLS_LSE + count);
  for (let i = 0; i < MAX_MPLS - 1; i++) flow[W.MPLS_LSE + i] = word(flow, W.MPLS_LSE + i + 1);
  flow[W.MPLS_LSE + MAX_MPLS - 1] = 0;
  flow[W.ETH_TYPE] = etherType;
}

function clearNetwork(flow: Flow): void {
  flow.fill(0, W.NW_SRC, W.NSH);
}

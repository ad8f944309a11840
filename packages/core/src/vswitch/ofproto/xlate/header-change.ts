// Actions that change one header field, and those that count down a TTL. Each does nothing to a packet without the header.

import type { Action } from "../../../ovsproto/openflow/actions.ts";
import {
  dlType,
  FRAG_LATER,
  isIpAny,
  isIpv4,
  isMplsType,
  nwFrag,
  nwTtl,
  setMacAt,
  setNwTos,
  setNwTtl,
  unwildcard,
  unwildcardMac,
  unwildcardProtocol,
  VLAN_PRESENT,
  vlanTci,
  W,
  word,
  NW_TTL_MASK,
} from "../../../ovsproto/flow/flow.ts";
import { nwTos } from "../../../ovsproto/flow/flow.ts";
import type { XlateContext } from "./context.ts";
import { outputToController, PACKET_IN_REASON } from "./controller.ts";

export function simpleChange(context: XlateContext, action: Action): void {
  const { flow, wildcards } = context;
  switch (action.type) {
    case "set_vlan_vid":
      unwildcard(wildcards, W.VLAN, 0x1fff);
      if (vlanTci(flow) & VLAN_PRESENT || action.push) {
        flow[W.VLAN] = ((word(flow, W.VLAN) & 0xffff_f000) | action.vid | VLAN_PRESENT) >>> 0;
        giveTpid(context);
      }
      return;
    case "set_vlan_pcp":
      unwildcard(wildcards, W.VLAN, 0xf000);
      if (vlanTci(flow) & VLAN_PRESENT || action.push) {
        flow[W.VLAN] = ((word(flow, W.VLAN) & 0xffff_1fff) | (action.pcp << 13) | VLAN_PRESENT) >>> 0;
        giveTpid(context);
      }
      return;
    case "strip_vlan":
      flow[W.VLAN] = word(flow, W.INNER_VLAN);
      flow[W.INNER_VLAN] = 0;
      return;
    case "push_vlan":
      // flow_push_vlan_uninit(): tags that move inwards
      if (vlanTci(flow) & VLAN_PRESENT) unwildcard(wildcards, W.VLAN);
      if (word(flow, W.INNER_VLAN) & VLAN_PRESENT) unwildcard(wildcards, W.INNER_VLAN);
      flow[W.INNER_VLAN] = word(flow, W.VLAN);
      flow[W.VLAN] = (action.ethertype * 0x1_0000 + VLAN_PRESENT) >>> 0;
      return;
    case "set_eth_src":
      unwildcardMac(wildcards, W.ETH_SRC);
      setMacAt(flow, W.ETH_SRC, action.mac);
      return;
    case "set_eth_dst":
      unwildcardMac(wildcards, W.ETH_DST);
      setMacAt(flow, W.ETH_DST, action.mac);
      return;
    case "set_ipv4_src":
    case "set_ipv4_dst": {
      if (!isIpv4(flow)) return;
      const at = action.type === "set_ipv4_src" ? W.NW_SRC : W.NW_DST;
      unwildcard(wildcards, at);
      unwildcardProtocol(wildcards);
      flow[at] = action.address;
      return;
    }
    case "set_ip_dscp":
      if (!isIpAny(flow)) return;
      unwildcard(wildcards, W.NW, 0xfc_0000);
      unwildcardProtocol(wildcards);
      setNwTos(flow, (nwTos(flow) & 3) | (action.tos & 0xfc));
      return;
    case "set_ip_ecn":
      if (!isIpAny(flow)) return;
      unwildcard(wildcards, W.NW, 0x03_0000);
      unwildcardProtocol(wildcards);
      setNwTos(flow, (nwTos(flow) & 0xfc) | action.ecn);
      return;
    case "set_ip_ttl":
      if (!isIpAny(flow)) return;
      unwildcard(wildcards, W.NW, NW_TTL_MASK);
      unwildcardProtocol(wildcards);
      setNwTtl(flow, action.ttl);
      return;
    case "set_l4_src":
    case "set_l4_dst":
      setPort(context, action.type === "set_l4_src", action.port);
      return;
    case "set_mpls_label":
      changeLabel(context, 0xffff_f000, action.label * 0x1000);
      return;
    case "set_mpls_tc":
      changeLabel(context, 0xe00, action.tc << 9);
      return;
    case "set_mpls_ttl":
      changeLabel(context, 0xff, action.ttl);
      return;
    case "dec_mpls_ttl":
      decrementMplsTtl(context);
      return;
    default:
      return;
  }
}

function giveTpid(context: XlateContext): void {
  const { flow } = context;
  if (word(flow, W.VLAN) >>> 16 === 0) flow[W.VLAN] = (0x8100_0000 | vlanTci(flow)) >>> 0;
}

function setPort(context: XlateContext, source: boolean, port: number): void {
  const { flow, wildcards } = context;
  if (!isIpAny(flow) || nwFrag(flow) & FRAG_LATER) return;
  unwildcardProtocol(wildcards);
  unwildcard(wildcards, W.TP, source ? 0xffff_0000 : 0xffff);
  const ports = word(flow, W.TP);
  flow[W.TP] = source ? (port * 0x1_0000 + (ports & 0xffff)) >>> 0 : ((ports & 0xffff_0000) | port) >>> 0;
}

function changeLabel(context: XlateContext, bits: number, value: number): void {
  const { flow, wildcards } = context;
  if (!isMplsType(dlType(flow))) return;
  unwildcard(wildcards, W.MPLS_LSE, bits);
  flow[W.MPLS_LSE] = ((word(flow, W.MPLS_LSE) & ~bits) | value) >>> 0;
}

/** compose_dec_ttl(): a packet whose time is over goes to controllers and no further. */
export function decrementTtl(context: XlateContext, controllers: readonly number[]): void {
  const { flow, wildcards } = context;
  unwildcard(wildcards, W.NW, NW_TTL_MASK);
  unwildcardProtocol(wildcards);
  if (!isIpAny(flow)) return;
  if (nwTtl(flow) > 1) {
    setNwTtl(flow, nwTtl(flow) - 1);
    return;
  }
  for (const controllerId of controllers) {
    outputToController(context, { maxLength: 0xffff, reason: PACKET_IN_REASON.INVALID_TTL, controllerId });
  }
  context.warn(`IPv${isIpv4(flow) ? 4 : 6} decrement TTL exception`);
  context.expired = true;
}

/** compose_dec_mpls_ttl_action(): for a flow that has no label, time is over, too, but no controller hears of it. */
function decrementMplsTtl(context: XlateContext): void {
  const { flow, wildcards } = context;
  if (isMplsType(dlType(flow))) {
    unwildcard(wildcards, W.MPLS_LSE, 0xff);
    const ttl = word(flow, W.MPLS_LSE) & 0xff;
    if (ttl > 1) {
      flow[W.MPLS_LSE] = word(flow, W.MPLS_LSE) - 1;
      return;
    }
    outputToController(context, {
      maxLength: 0xffff,
      reason: PACKET_IN_REASON.INVALID_TTL,
      controllerId: 0,
    });
  }
  context.warn("MPLS decrement TTL exception");
  context.expired = true;
}

// encap, decap and dec_nsh_ttl (xlate_generic_encap_action and its kin in Open vSwitch's ofproto-dpif-xlate.c): headers that the packet
// gets or loses as a whole, so that it is of another type afterwards. What is to be done in the datapath is written with the
// next commit; what is below a header that is gone is known only when the packet has come back.

import { EtherType } from "../../../wire/ethernet.ts";
import { PT_USE_NEXT_PROTO } from "../../../ovsproto/openflow/action-operands.ts";
import type { Action, EncapProperty } from "../../../ovsproto/openflow/actions.ts";
import {
  dlType,
  isMplsType,
  setMacAt,
  unwildcard,
  VLAN_PRESENT,
  vlanTci,
  W,
  word,
} from "../../../ovsproto/flow/flow.ts";
import { commit } from "./commit.ts";
import { XLATE_ERROR } from "./context.ts";
import type { XlateContext } from "./context.ts";
import { outputToController, PACKET_IN_REASON } from "./controller.ts";
import { triggerFreeze } from "./freeze.ts";
import { decapsulateMpls, encapsulateMpls } from "./mpls.ts";

/** Namespace 1 of packet types: EtherTypes. */
const NAMESPACE_ETHERTYPE = 0x1_0000;
const TYPE_ETHERNET = 0;
const TYPE_IPV4 = NAMESPACE_ETHERTYPE | 0x0800;
const TYPE_IPV6 = NAMESPACE_ETHERTYPE | 0x86dd;
const TYPE_NSH = NAMESPACE_ETHERTYPE | EtherType.NSH;

/** Next protocols of NSH (RFC 8300, 2.2). */
const NEXT: ReadonlyMap<number, number> = new Map([
  [TYPE_IPV4, 1],
  [TYPE_IPV6, 2],
  [TYPE_ETHERNET, 3],
  [TYPE_NSH, 4],
]);

const PROPERTIES_NSH = 4;
const PROPERTY_MDTYPE = 1;
const PROPERTY_TLV = 2;
const MAX_METADATA = 248;
const FIRST_TTL = 63;

function describe(packetType: number): string {
  return `(${packetType >>> 16},0x${(packetType & 0xffff).toString(16)})`;
}

function unsupported(context: XlateContext, text: string): void {
  context.report("action", text);
  context.error = XLATE_ERROR.UNSUPPORTED_PACKET_TYPE;
}

export function encapsulate(context: XlateContext, action: Action & { readonly type: "encap" }): void {
  commit(context);
  if (action.packetType === TYPE_ETHERNET) pushEthernet(context);
  else if (action.packetType === TYPE_NSH) pushNsh(context, action.properties);
  else encapsulateMpls(context, action.packetType);
}

function pushEthernet(context: XlateContext): void {
  const { flow, wildcards } = context;
  unwildcard(wildcards, W.PACKET_TYPE);
  const type = word(flow, W.PACKET_TYPE);
  if (type >>> 16 !== 1) {
    unsupported(context, "Dropping packet as encap(ethernet) is not supported for packet type ethernet.");
    return;
  }
  flow[W.PACKET_TYPE] = TYPE_ETHERNET;
  setMacAt(flow, W.ETH_SRC, 0);
  setMacAt(flow, W.ETH_DST, 0);
  flow[W.ETH_TYPE] = type & 0xffff;
  context.pending = { kind: "encap" };
}

function pushNsh(context: XlateContext, properties: readonly EncapProperty[]): void {
  const { flow, wildcards } = context;
  let mdtype = 1;
  const options: number[] = [];
  for (const { propClass, propType, value } of properties) {
    if (propClass !== PROPERTIES_NSH) continue;
    if (propType === PROPERTY_MDTYPE) mdtype = value[0] ?? 1;
    else if (propType === PROPERTY_TLV) {
      const length = value[3] ?? 0;
      options.push(...value.subarray(0, 4 + length));
      while (options.length % 4 !== 0) options.push(0);
    }
  }
  const type = word(flow, W.PACKET_TYPE);
  const next = NEXT.get(type);
  if (next === undefined) {
    unsupported(context, `Dropping packet as encap(nsh) is not supported for packet type ${describe(type)}`);
    return;
  }
  unwildcard(wildcards, W.PACKET_TYPE);
  flow.fill(0, W.ETH_DST);
  flow[W.PACKET_TYPE] = TYPE_NSH;
  flow[W.ETH_TYPE] = EtherType.NSH;
  flow[W.NSH] = ((FIRST_TTL << 16) | ((mdtype & 0xf) << 8) | next) >>> 0;
  flow[W.NSH_PATH] = 255;
  const metadata = mdtype === 2 && options.length <= MAX_METADATA ? Uint8Array.from(options) : undefined;
  context.pending = { kind: "encap", ...(metadata ? { metadata } : {}) };
}

/** `below`: the packet type that is said to be below the header. */
export function decapsulate(context: XlateContext, below = PT_USE_NEXT_PROTO): void {
  commit(context);
  const { flow, wildcards } = context;
  const type = word(flow, W.PACKET_TYPE);
  if (type === TYPE_ETHERNET) {
    if (vlanTci(flow) & VLAN_PRESENT) {
      unsupported(context, "Dropping packet, cannot decap Ethernet if VLAN is present.");
      return;
    }
    // pop_eth comes with the next commit
    flow[W.PACKET_TYPE] = NAMESPACE_ETHERTYPE | dlType(flow);
    unwildcard(wildcards, W.ETH_TYPE, 0xffff);
    return;
  }
  if (type >>> 16 === 1 && isMplsType(type & 0xffff)) {
    if (decapsulateMpls(context, below)) triggerFreeze(context);
    return;
  }
  if (type !== TYPE_NSH) {
    unsupported(context, `Dropping packet as the decap() does not support packet type ${describe(type)}`);
    return;
  }
  const next = word(flow, W.NSH) & 0xff;
  const inner = [...NEXT].find(([, protocol]) => protocol === next)?.[0];
  if (inner === undefined) {
    unsupported(context, `Dropping packet as NSH next protocol ${next} is not supported`);
    return;
  }
  flow[W.PACKET_TYPE] = inner;
  // what addresses the frame inside has is not known yet
  if (inner === TYPE_ETHERNET) flow.fill(0, W.ETH_DST, W.ETH_TYPE);
  unwildcard(wildcards, W.NSH, 0xff);
  context.pending = { kind: "decap" };
  triggerFreeze(context);
}

/** compose_dec_nsh_ttl_action() */
export function decrementNshTtl(context: XlateContext): void {
  const { flow, wildcards } = context;
  if (word(flow, W.PACKET_TYPE) !== TYPE_NSH && dlType(flow) !== EtherType.NSH) return;
  unwildcard(wildcards, W.NSH, 0x00ff_0000);
  const ttl = (word(flow, W.NSH) >>> 16) & 0xff;
  if (ttl > 1) {
    flow[W.NSH] = word(flow, W.NSH) - 0x1_0000;
    return;
  }
  outputToController(context, { maxLength: 0xffff, reason: PACKET_IN_REASON.INVALID_TTL, controllerId: 0 });
  context.expired = true;
}

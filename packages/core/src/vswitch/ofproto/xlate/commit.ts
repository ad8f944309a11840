// Turns what has been changed in the flow since the last output into actions of the datapath (commit_odp_actions of Open
// vSwitch's lib/odp-util.c). A set action names only fields that differ, with those of their bits that matter.

import { EtherType } from "../../../wire/ethernet.ts";
import type { SetGroup } from "../../../ovsproto/datapath/actions.ts";
import {
  dlType,
  FRAG_LATER,
  isIpAny,
  isMplsType,
  isTunnelled,
  newFlow,
  nwFrag,
  nwProto,
  NW_TOS_MASK,
  NW_TTL_MASK,
  unwildcard,
  W,
  word,
} from "../../../ovsproto/flow/flow.ts";
import type { Flow } from "../../../ovsproto/flow/flow.ts";
import { commitEncap } from "./commit-encap.ts";
import { commitMpls } from "./commit-mpls.ts";
import { SLOW } from "./context.ts";
import type { XlateContext } from "./context.ts";

/** Words of a field, with the bits that are its own. */
type FieldBits = readonly (readonly [word: number, bits: number])[];

const whole = (first: number, count: number): FieldBits =>
  Array.from({ length: count }, (_, i) => [first + i, 0xffff_ffff] as const);

const mac = (first: number): FieldBits => [
  [first, 0xffff],
  [first + 1, 0xffff_ffff],
];

/** Fields that are compared and written as one, by group. */
export const GROUP_FIELDS: Readonly<Record<Exclude<SetGroup, "tunnel" | "mpls">, readonly FieldBits[]>> = {
  skb_priority: [whole(W.SKB_PRIORITY, 1)],
  skb_mark: [whole(W.PKT_MARK, 1)],
  eth: [mac(W.ETH_SRC), mac(W.ETH_DST)],
  nsh: [
    [[W.NSH, 0xff00_0000]],
    [[W.NSH, 0x00ff_0000]],
    [[W.NSH_PATH, 0xffff_ff00]],
    [[W.NSH_PATH, 0xff]],
    ...[0, 1, 2, 3].map((at) => whole(W.NSH_C + at, 1)),
  ],
  ipv4: [whole(W.NW_SRC, 1), whole(W.NW_DST, 1), [[W.NW, NW_TOS_MASK]], [[W.NW, NW_TTL_MASK]]],
  ipv6: [
    whole(W.IPV6_SRC, 4),
    whole(W.IPV6_DST, 4),
    [[W.IPV6_LABEL, 0xfffff]],
    [[W.NW, NW_TOS_MASK]],
    [[W.NW, NW_TTL_MASK]],
  ],
  tcp: [[[W.TP, 0xffff_0000]], [[W.TP, 0xffff]]],
  udp: [[[W.TP, 0xffff_0000]], [[W.TP, 0xffff]]],
  sctp: [[[W.TP, 0xffff_0000]], [[W.TP, 0xffff]]],
  icmp: [[[W.TP, 0xffff_ffff]]],
  icmpv6: [[[W.TP, 0xffff_ffff]]],
  arp: [whole(W.NW_SRC, 1), whole(W.NW_DST, 1), [[W.NW, 0xff00_0000]], mac(W.ARP_SHA), mac(W.ARP_THA)],
  nd: [whole(W.ND_TARGET, 4), mac(W.ARP_SHA), mac(W.ARP_THA)],
  nd_ext: [whole(W.ND_RESERVED, 1), [[W.TCP_FLAGS, 0xff]]],
};

/** Of ICMP, in the places of ports. */
const TYPE_AND_CODE = 0x00ff_00ff;

/** What is in the same words of a header as a group's fields, and is not changed. */
const BESIDE: Readonly<Partial<Record<keyof typeof GROUP_FIELDS, FieldBits>>> = {
  ipv4: [[W.NW, 0xffff_ffff]],
  ipv6: [[W.NW, 0xffff_ffff]],
};

/** A datapath that knows no masks sets all fields of a group, for which each of them matters. */
function lookAtAll(mask: Flow, wildcards: Flow, group: keyof typeof GROUP_FIELDS): void {
  for (const [at, bits] of [...GROUP_FIELDS[group].flat(), ...(BESIDE[group] ?? [])]) {
    mask[at] = (word(mask, at) | bits) >>> 0;
    unwildcard(wildcards, at, bits);
  }
}

/** commit(): one set action, if anything of the group differs. */
function commitGroup(context: XlateContext, group: keyof typeof GROUP_FIELDS): boolean {
  const { flow, base, wildcards } = context;
  const mask = newFlow();
  let differs = false;
  for (const field of GROUP_FIELDS[group]) {
    if (field.every(([at, bits]) => ((word(flow, at) ^ word(base, at)) & bits) === 0)) continue;
    differs = true;
    for (const [at, bits] of field) mask[at] = (word(mask, at) | (word(wildcards, at) & bits)) >>> 0;
  }
  if (!differs) return false;
  if (context.lacks("masked_set_action")) lookAtAll(mask, wildcards, group);
  const value = flow.slice();
  // bits outside the mask are cleared
  for (const field of GROUP_FIELDS[group])
    for (const [at, bits] of field) value[at] = (word(value, at) & (~bits | word(mask, at))) >>> 0;
  context.actions.push({ type: "set", group, value, mask });
  for (const field of GROUP_FIELDS[group]) {
    for (const [at, bits] of field) base[at] = ((word(base, at) & ~bits) | (word(flow, at) & bits)) >>> 0;
  }
  return true;
}

/** Of the word W.NSH. */
const NSH_MDTYPE = 0xff00;

/** Everything that has changed, in the original's order. */
export function commit(context: XlateContext): void {
  const { flow, base } = context;
  commitEncap(context);
  if (word(flow, W.PACKET_TYPE) === 0 && word(base, W.PACKET_TYPE) === 0) commitGroup(context, "eth");
  const popsMpls = isMplsType(dlType(base)) && !isMplsType(dlType(flow));
  if (popsMpls) commitMpls(context);
  if (dlType(base) === EtherType.NSH) commitNsh(context);
  commitNetwork(context);
  commitTransport(context);
  if (!popsMpls) commitMpls(context);
  commitVlan(context);
  commitGroup(context, "skb_priority");
  commitGroup(context, "skb_mark");
}

/** commit_set_nsh_action(): all that matters is set again if any of it has changed. */
function commitNsh(context: XlateContext): void {
  const { flow, base, wildcards } = context;
  const changed = GROUP_FIELDS.nsh.some((field) =>
    field.some(([at, bits]) => ((word(flow, at) ^ word(base, at)) & bits) !== 0),
  );
  if (!changed) return;
  const mask = newFlow();
  const value = newFlow();
  for (const field of GROUP_FIELDS.nsh) {
    for (const [at, bits] of field) {
      mask[at] = (word(mask, at) | (word(wildcards, at) & bits)) >>> 0;
      value[at] = (word(flow, at) & word(mask, at)) >>> 0;
      base[at] = ((word(base, at) & ~bits) | (word(flow, at) & bits)) >>> 0;
    }
  }
  // the action has no words of the context if there are none
  value[W.NSH] = (word(value, W.NSH) | (word(flow, W.NSH) & NSH_MDTYPE)) >>> 0;
  context.actions.push({ type: "set", group: "nsh", value, mask });
}

function commitNetwork(context: XlateContext): void {
  const { flow, base } = context;
  if (nwProto(flow) === 0) return;
  switch (dlType(base)) {
    case 0x0800:
      commitGroup(context, "ipv4");
      return;
    case 0x86dd:
      commitGroup(context, "ipv6");
      if (nwProto(base) !== 58) return;
      // the kinds of options first: addresses are put into those of the right kind
      if (commitGroup(context, "nd_ext")) context.slow |= SLOW.ACTION;
      if (commitGroup(context, "nd")) context.slow |= SLOW.ACTION;
      return;
    case 0x0806:
      // The kernel cannot change ARP.
      if (commitGroup(context, "arp")) context.slow |= SLOW.ACTION;
  }
}

function commitTransport(context: XlateContext): void {
  const { flow, base } = context;
  if (nwProto(flow) === 0 || !isIpAny(base) || nwFrag(base) & FRAG_LATER) return;
  switch (nwProto(flow)) {
    case 6:
      commitGroup(context, "tcp");
      return;
    case 17:
      commitGroup(context, "udp");
      return;
    case 132:
      commitGroup(context, "sctp");
      return;
    case 1:
    case 58:
      // type and code are set together
      if ((word(flow, W.TP) ^ word(base, W.TP)) !== 0) unwildcard(context.wildcards, W.TP, TYPE_AND_CODE);
      if (commitGroup(context, nwProto(flow) === 1 ? "icmp" : "icmpv6")) context.slow |= SLOW.ACTION;
  }
}

function vlanStack(flow: Flow): number[] {
  return [word(flow, W.VLAN), word(flow, W.INNER_VLAN)].filter((tag) => (tag & 0x1000) !== 0);
}

/** commit_vlan_action(): tags that both have innermost stay, others are popped and pushed. */
function commitVlan(context: XlateContext): void {
  const { flow, base, wildcards } = context;
  const wanted = vlanStack(flow);
  const have = vlanStack(base);
  while (wanted.length > 0 && have.length > 0 && wanted.at(-1) === have.at(-1)) {
    wanted.pop();
    have.pop();
  }
  if (wanted.length === 0 && have.length === 0) return;
  if (have.length > 0) {
    unwildcard(wildcards, W.VLAN);
    if (vlanStack(base).length > 1) unwildcard(wildcards, W.INNER_VLAN);
  }
  for (const _tag of have) {
    context.actions.push({ type: "pop_vlan" });
  }
  for (const tag of wanted.toReversed()) {
    context.actions.push({ type: "push_vlan", tpid: tag >>> 16, tci: tag & 0xffff });
  }
  base[W.VLAN] = word(flow, W.VLAN);
  base[W.INNER_VLAN] = word(flow, W.INNER_VLAN);
}

/** commit_odp_tunnel_action() */
export function commitTunnel(context: XlateContext): void {
  const { flow, base } = context;
  if (!isTunnelled(flow)) return;
  let same = true;
  for (let at = W.TUN_ID; at < W.CT_STATE_ZONE; at++) if (flow[at] !== base[at]) same = false;
  if (same) return;
  const mask = newFlow();
  mask.fill(0xffff_ffff, W.TUN_ID, W.CT_STATE_ZONE);
  const value = flow.slice();
  context.bridge.tlvTable.pack(value);
  context.actions.push({ type: "set", group: "tunnel", value, mask });
  base.set(flow.subarray(W.TUN_ID, W.CT_STATE_ZONE), W.TUN_ID);
}

// Multicast snooping in the NORMAL action (the multicast part of xlate_normal): reports go to routers only, traffic to those
// that have asked for it.

import { Icmpv6Type } from "../../../wire/icmpv6.ts";
import { IgmpType } from "../../../wire/igmp.ts";
import { IpProtocol } from "../../../wire/ip-protocol.ts";
import { formatIpv4, isLocalMulticastIpv4 } from "../../../wire/ipv4-address.ts";
import { formatIpv6 } from "../../../wire/ipv6-address.ts";
import { readIpv6Words } from "../../../ovsproto/flow/ipv6-words.ts";
import {
  isIpAny,
  isIpv4,
  isIpv6,
  macAt,
  nwProto,
  tpSrc,
  unwildcard,
  unwildcardIpv6,
  W,
  word,
} from "../../../ovsproto/flow/flow.ts";
import { isMembership, noteMembership } from "../multicast/membership.ts";
import type { MulticastSnooping } from "../multicast/snooping.ts";
import type { Bundle } from "../port.ts";
import { SLOW } from "./context.ts";
import type { XlateContext } from "./context.ts";

const BROADCAST = 0xffff_ffff_ffff;
const MLD_TYPES: ReadonlySet<number> = new Set([
  Icmpv6Type.MLD_QUERY,
  Icmpv6Type.MLD_REPORT,
  Icmpv6Type.MLD_DONE,
  Icmpv6Type.MLDV2_REPORT,
]);

/** What the NORMAL action does with what goes out. */
export interface MulticastOutputs {
  readonly vlan: number;
  flood(): void;
  output(bundle: Bundle): void;
}

/** False if the packet is none that snooping decides about. */
export function forwardMulticast(
  context: XlateContext,
  from: Bundle | undefined,
  outputs: MulticastOutputs,
): boolean {
  const { flow, bridge } = context;
  const table = bridge.snooping;
  const destination = macAt(flow, W.ETH_DST);
  const multicast = destination !== BROADCAST && Math.floor(destination / 0x100_0000_0000) % 2 === 1;
  if (!table || !multicast || !isIpAny(flow)) return false;
  if (isIgmp(context)) takeIgmp(context, table, from, outputs);
  else if (isMld(context)) takeMld(context, table, from, outputs);
  else if (isLocalMulticast(context)) {
    context.detail("RFC4541: section 2.1.2, item 2, flooding");
    outputs.flood();
  } else toGroup(context, table, from, outputs);
  return true;
}

function isIgmp({ flow, wildcards }: XlateContext): boolean {
  if (!isIpv4(flow)) return false;
  unwildcard(wildcards, W.NW, 0xff00_0000);
  return nwProto(flow) === IpProtocol.IGMP;
}

function isMld({ flow, wildcards }: XlateContext): boolean {
  if (!isIpv6(flow)) return false;
  unwildcard(wildcards, W.NW, 0xff00_0000);
  if (nwProto(flow) !== IpProtocol.ICMPV6) return false;
  unwildcard(wildcards, W.TP, 0xffff_0000);
  return MLD_TYPES.has(tpSrc(flow));
}

/** is_ip_local_multicast(): those that are never asked for. */
function isLocalMulticast({ flow, wildcards }: XlateContext): boolean {
  if (isIpv4(flow)) {
    unwildcard(wildcards, W.NW_DST);
    return isLocalMulticastIpv4(word(flow, W.NW_DST));
  }
  unwildcardIpv6(wildcards, W.IPV6_DST);
  return formatIpv6(readIpv6Words(flow, W.IPV6_DST)) === "ff02::1";
}

function takeIgmp(
  context: XlateContext,
  table: MulticastSnooping<Bundle>,
  from: Bundle | undefined,
  outputs: MulticastOutputs,
): void {
  const type = tpSrc(context.flow);
  context.slow |= SLOW.ACTION;
  if (isMembership(type) || type === IgmpType.QUERY) note(context, table, from, outputs.vlan);
  if (isMembership(type)) toRouters(context, table, from, outputs, true);
  else {
    context.detail("multicast traffic, flooding");
    outputs.flood();
  }
}

function takeMld(
  context: XlateContext,
  table: MulticastSnooping<Bundle>,
  from: Bundle | undefined,
  outputs: MulticastOutputs,
): void {
  context.slow |= SLOW.ACTION;
  note(context, table, from, outputs.vlan);
  if (tpSrc(context.flow) !== Icmpv6Type.MLD_QUERY) toRouters(context, table, from, outputs, true);
  else {
    context.detail("MLD query, flooding");
    outputs.flood();
  }
}

/** update_mcast_snooping_table(): ports that get everything are not learned from. */
function note(
  context: XlateContext,
  table: MulticastSnooping<Bundle>,
  from: Bundle | undefined,
  vlan: number,
): void {
  const { sideEffects, packet } = context.input;
  if (!sideEffects || !packet || !from || table.floodPorts.has(from)) return;
  const text = noteMembership(table, packet, { bundle: from, name: from.name, vlan });
  if (text !== undefined) context.detail(text);
  context.bridge.backer.wake();
}

/** xlate_normal_mcast_send_mrouters(), and for reports xlate_normal_mcast_send_rports(). */
function toRouters(
  context: XlateContext,
  table: MulticastSnooping<Bundle>,
  from: Bundle | undefined,
  { vlan, output }: MulticastOutputs,
  isReport: boolean,
): void {
  for (const router of table.routers()) {
    if (router.vlan !== vlan) context.detail("mcast router is on another vlan, dropping");
    else if (router.bundle === from) context.detail("mcast router port is input port, dropping");
    else {
      context.detail("forwarding to mcast router port");
      output(router.bundle);
    }
  }
  if (!isReport) return;
  for (const bundle of table.reportPorts) {
    if (bundle === from) {
      context.detail("mcast port is input port, dropping the Report");
      continue;
    }
    context.detail("forwarding report to mcast flagged port");
    output(bundle);
  }
}

/** xlate_normal_mcast_send_fports() */
function toFloodPorts(
  context: XlateContext,
  table: MulticastSnooping<Bundle>,
  from: Bundle | undefined,
  { output }: MulticastOutputs,
): void {
  for (const bundle of table.floodPorts) {
    if (bundle === from) {
      context.detail("mcast flood port is input port, dropping");
      continue;
    }
    context.detail("forwarding to mcast flood port");
    output(bundle);
  }
}

function toGroup(
  context: XlateContext,
  table: MulticastSnooping<Bundle>,
  from: Bundle | undefined,
  outputs: MulticastOutputs,
): void {
  const { flow } = context;
  const address = isIpv4(flow)
    ? formatIpv4(word(flow, W.NW_DST))
    : formatIpv6(readIpv6Words(flow, W.IPV6_DST));
  const group = table.lookup(address, outputs.vlan);
  if (group) {
    for (const bundle of group.members.keys()) {
      if (bundle === from) {
        context.detail("mcast group port is input port, dropping");
        continue;
      }
      context.detail("forwarding to mcast group port");
      outputs.output(bundle);
    }
    toFloodPorts(context, table, from, outputs);
    toRouters(context, table, from, outputs, false);
  } else if (table.floodsUnregistered) {
    context.detail("unregistered multicast, flooding");
    outputs.flood();
  } else {
    toRouters(context, table, from, outputs, false);
    toFloodPorts(context, table, from, outputs);
  }
}

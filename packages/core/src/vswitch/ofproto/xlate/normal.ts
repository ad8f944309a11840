// The NORMAL action (xlate_normal): the packet is forwarded as a learning switch would, IEEE 802.1D and 802.1Q.

import {
  isArp,
  macAt,
  nwProto,
  unwildcard,
  unwildcardMac,
  vlanTci,
  VLAN_PRESENT,
  W,
  word,
} from "../../../ovsproto/flow/flow.ts";
import { isVlanType, dlType } from "../../../ovsproto/flow/flow.ts";
import { NETFLOW_OUT } from "../../export/netflow/netflow.ts";
import type { Bundle, OfPort } from "../port.ts";
import { bondAdmits, chooseMember } from "./bond.ts";
import type { XlateContext } from "./context.ts";
import { forwardMulticast } from "./multicast.ts";
import { composeOutput } from "./output.ts";
import { includesVlan, markVlan, mayEnter, putTags, tagsInside, tagsOf, tagsOutside } from "./vlan.ts";
import type { VlanTags } from "./vlan.ts";

const BROADCAST = 0xffff_ffff_ffff;

export function translateNormal(context: XlateContext): void {
  const { flow, wildcards, bridge, input } = context;
  unwildcardMac(wildcards, W.ETH_SRC);
  unwildcardMac(wildcards, W.ETH_DST);
  markVlan(context);

  const inPort = bridge.port(word(flow, W.IN_PORT));
  const bundle = inputBundle(context, inPort);
  if (bundle === "none") {
    context.warn("no input bundle, dropping");
    return;
  }
  const name = bundle?.name ?? "OFPP_NONE";
  if (isVlanType(dlType(flow)) && (vlanTci(flow) & VLAN_PRESENT) === 0) {
    if (input.packet) context.fail(`dropping packet with partial VLAN tag received on port ${name}`);
    context.warn("partial VLAN tag, dropping");
    return;
  }
  if (bundle && bridge.mirrors.isOutput(bundle)) {
    if (input.packet) {
      context.fail(`dropping packet received on port ${name}, which is reserved exclusively for mirroring`);
    }
    context.warn("input port is mirror output port, dropping");
    return;
  }
  const outside = tagsOf(flow);
  if (!mayEnter(context, outside[0].vid, bundle)) {
    context.warn("disallowed VLAN VID for this input port, dropping");
    return;
  }
  const tags = tagsInside(bundle, outside);
  const vlan = tags[0].vid;
  if (inPort && bundle && !isAdmissible(context, inPort, bundle, vlan)) return;

  const gratuitous = isGratuitousArp(context);
  const source = macAt(flow, W.ETH_SRC);
  if (bundle && inPort) learn(context, bundle, source, vlan, gratuitous);

  const snooped = forwardMulticast(context, bundle, {
    vlan,
    flood: () => flood(context, bundle, tags),
    output: (to) => outputNormal(context, to, tags),
  });
  if (snooped) return;
  const destination = macAt(flow, W.ETH_DST);
  const entry = bridge.macTable.lookup(destination, vlan);
  if (!entry) {
    context.detail("no learned MAC for destination, flooding");
    flood(context, bundle, tags);
    return;
  }
  if (entry.bundle === bundle) {
    context.detail("learned port is input port, dropping");
    return;
  }
  context.detail("forwarding to learned port");
  outputNormal(context, entry.bundle, tags);
}

/** lookup_input_bundle(): undefined for a packet of a controller that names no port, which may go anywhere. */
function inputBundle(context: XlateContext, port: OfPort | undefined): Bundle | undefined | "none" {
  if (port?.bundle) return port.bundle;
  const number = word(context.flow, W.IN_PORT);
  if (number === 0xffff || number === 0xfffd) return undefined;
  context.fail(`received packet on unknown port ${number}`);
  return "none";
}

/** eth_addr_is_reserved(): addresses that a bridge does not forward, of IEEE 802.1D table 7-10 and of vendors. */
function isReservedMac(mac: number): boolean {
  return (mac >= 0x0180_c200_0000 && mac <= 0x0180_c200_000f) || RESERVED.has(mac);
}

const RESERVED: ReadonlySet<number> = new Set([
  0x00e0_2b00_0000, // Extreme discovery, loop detection and STP: EDP, EAPS
  0x00e0_2b00_0004,
  0x00e0_2b00_0006,
  0x0100_0c00_0000, // Cisco ISL
  0x0100_0ccc_cccc, // Cisco CDP and its kin
  0x0100_0ccc_cccd, // Cisco PVST+
  0x0100_0ccd_cdcd, // Cisco STP uplink fast
  0x0100_0ccc_ccc0, // Cisco CFM, eight addresses
  0x0100_0ccc_ccc1,
  0x0100_0ccc_ccc2,
  0x0100_0ccc_ccc3,
  0x0100_0ccc_ccc4,
  0x0100_0ccc_ccc5,
  0x0100_0ccc_ccc6,
  0x0100_0ccc_ccc7,
]);

function isAdmissible(context: XlateContext, port: OfPort, bundle: Bundle, vlan: number): boolean {
  const { bridge, flow } = context;
  if (!bridge.forwardBpdu && isReservedMac(macAt(flow, W.ETH_DST))) {
    context.detail("packet has reserved destination MAC, dropping");
    return false;
  }
  if (!bundle.bond) return true;
  switch (bondAdmits(bundle.bond, port, macAt(flow, W.ETH_DST))) {
    case "accept":
      return true;
    case "drop":
      context.detail("bonding refused admissibility, dropping");
      return false;
    case "drop if moved": {
      const entry = bridge.macTable.lookup(macAt(flow, W.ETH_SRC), vlan);
      const locked = entry !== undefined && entry.lockedUntil > bridge.backer.now;
      if (entry && entry.bundle !== bundle && (!isGratuitousArp(context) || locked)) {
        context.detail("SLB bond thinks this packet looped back, dropping");
        return false;
      }
      return true;
    }
  }
}

/** is_gratuitous_arp() */
export function isGratuitousArp(context: XlateContext): boolean {
  const { flow, wildcards } = context;
  if (!isArp(flow) || dlType(flow) !== 0x0806) return false;
  unwildcardMac(wildcards, W.ETH_DST);
  if (macAt(flow, W.ETH_DST) !== BROADCAST) return false;
  unwildcard(wildcards, W.NW, 0xff00_0000);
  if (nwProto(flow) === 2) return true;
  if (nwProto(flow) !== 1) return false;
  unwildcard(wildcards, W.NW_SRC);
  unwildcard(wildcards, W.NW_DST);
  return word(flow, W.NW_SRC) === word(flow, W.NW_DST);
}

/** update_learning_table() */
function learn(context: XlateContext, bundle: Bundle, mac: number, vlan: number, gratuitous: boolean): void {
  const { bridge, input } = context;
  const { macTable } = bridge;
  const bonded = bundle.bond !== undefined;
  if (word(context.flow, W.PACKET_TYPE) !== 0) return; // there is no address to learn
  if (input.sideEffects && macTable.update(mac, vlan, bundle, gratuitous, bonded)) {
    context.detail(`learned that ${bridge.formatMac(mac)} is on port ${bundle.name} in VLAN ${vlan}`);
  }
  input.cache?.push({
    credit() {
      macTable.update(mac, vlan, bundle, gratuitous, bonded);
    },
  });
}

/** xlate_normal_flood() */
function flood(context: XlateContext, from: Bundle | undefined, tags: VlanTags): void {
  const { bridge } = context;
  for (const bundle of bridge.bundles) {
    if (bundle === from || !includesVlan(bundle, tags) || !bundle.floodable) continue;
    if (bridge.mirrors.isOutput(bundle)) continue;
    outputNormal(context, bundle, tags);
  }
  context.netflowOut = NETFLOW_OUT.FLOOD;
}

/** output_normal() */
export function outputNormal(context: XlateContext, bundle: Bundle, tags: VlanTags): void {
  const { flow } = context;
  const { priorityTags } = bundle.settings;
  let outside = tagsOutside(bundle, tags);
  if (priorityTags !== "never") {
    const pcp = vlanTci(flow) & 0xe000;
    outside = [{ ...outside[0], pcp }, outside[1]];
  }
  const chosen = bundle.bond
    ? chooseMember(context, bundle.bond, outside[0].vid)
    : bundle.ports[0] && { port: bundle.ports[0], recirculate: undefined };
  if (!chosen) return;
  const saved = [word(flow, W.VLAN), word(flow, W.INNER_VLAN)] as const;
  putTags(flow, outside, priorityTags);
  composeOutput(context, chosen.port.number, { recirculate: chosen.recirculate });
  context.flow[W.VLAN] = saved[0];
  context.flow[W.INNER_VLAN] = saved[1];
}

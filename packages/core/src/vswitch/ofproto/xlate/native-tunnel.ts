// Tunnels that the switch itself wraps (native_tunnel_output and terminate_native_tunnel of Open vSwitch's ofproto-dpif-xlate.c):
// the datapath is told the whole of the headers, and the packet goes on in the bridge that the way to the other end leads
// through; packets for this host that are a tunnel's are taken out of it there.

import { Port } from "../../../ovsproto/openflow/ports.ts";
import { IPV6_ANY, ipv4OfIpv6, ipv6FromIpv4, isV4MappedIpv6 } from "../../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../../wire/ipv6-address.ts";
import { formatMac } from "../../../wire/mac.ts";
import type { DpAction } from "../../../ovsproto/datapath/actions.ts";
import { readIpv6Words, writeIpv6Words } from "../../../ovsproto/flow/ipv6-words.ts";
import {
  isArp,
  isIpAny,
  newFlow,
  nwProto,
  setMacAt,
  setNwProto,
  setNwTos,
  setNwTtl,
  tunnelTos,
  tunnelTtl,
  macAt,
  W,
  word,
} from "../../../ovsproto/flow/flow.ts";
import type { Flow } from "../../../ovsproto/flow/flow.ts";
import { formatMapped } from "../../native-tunnels/mapped-address.ts";
import type { NativeTunnels } from "../../native-tunnels/native-tunnels.ts";
import { arpRequest, neighbourSolicitation, snoop } from "../../native-tunnels/neighbour-requests.ts";
import { PROTOCOL_GRE, PROTOCOL_UDP } from "../../../ovsproto/datapath/tunnel-header.ts";
import { buildHeader } from "../../native-tunnels/tunnel-header.ts";
import { tunnelOf } from "../../native-tunnels/tunnel-ends.ts";
import type { Backer } from "../backer.ts";
import type { Bridge } from "../bridge.ts";
import type { OfPort } from "../port.ts";
import type { CacheEntry } from "./cache.ts";
import type { PacketStatistics, XlateContext } from "./context.ts";

const IPV6_WORDS = 4;

/** ovs_native_tunneling_is_on() */
export function nativeTunnels({ backer }: Bridge): NativeTunnels | undefined {
  if (backer.features.lacks("tnl_push_pop") || backer.tunnels.all().length === 0) return undefined;
  return backer.nativeTunnels;
}

/** Goes on in the bridge of `peer` as if the packet had come in there (patch_port_output). */
export type Continuation = (context: XlateContext, from: OfPort, peer: OfPort, last: boolean) => void;

interface Way {
  /** The next hop. */
  readonly towards: Ipv6Address;
  readonly source: Ipv6Address;
  readonly port: OfPort;
}

/** tnl_route_lookup_flow() */
function findWay(backer: Backer, tunnels: NativeTunnels, flow: Flow): Way | undefined {
  const v4 = word(flow, W.TUN_DST) !== 0;
  const address = (at: number, at6: number) =>
    v4 ? (word(flow, at) === 0 ? IPV6_ANY : ipv6FromIpv4(word(flow, at))) : readIpv6Words(flow, at6);
  const destination = address(W.TUN_DST, W.TUN_IPV6_DST);
  const route = tunnels.routes.lookup(destination, word(flow, W.PKT_MARK));
  if (!route) return undefined;
  const port = backer.bridges.get(route.device)?.portNamed(route.device) ?? backer.portNamed(route.device);
  if (!port) return undefined;
  const own = address(W.TUN_SRC, W.TUN_IPV6_SRC);
  return {
    towards: route.gateway === IPV6_ANY ? destination : route.gateway,
    source: own === IPV6_ANY ? route.source : own,
    port,
  };
}

/** The tunnel's fields of the flow are set, and all changes of the packet are committed. */
export function outputToNativeTunnel(
  context: XlateContext,
  port: OfPort,
  tunnels: NativeTunnels,
  last: boolean,
  goOn: Continuation,
): void {
  const { flow, base } = context;
  const { tunnel } = port;
  const { backer } = context.bridge;
  const way = tunnel && findWay(backer, tunnels, flow);
  if (!tunnel || !way) {
    context.warn("native tunnel routing failed");
    return;
  }
  const { towards, source, port: out } = way;
  const next = formatMapped(towards);
  context.detail(`tunneling to ${next} via ${out.name}`);
  const from = out.device?.address ?? 0;
  const to = tunnels.neighbours.find(out.bridge.name, towards);
  if (to === undefined) {
    const v4 = isV4MappedIpv6(towards);
    context.detail(
      `neighbor cache miss for ${next} on bridge ${out.bridge.name}, sending ${v4 ? "ARP" : "ND"} request`,
    );
    ask(out, from, source, towards);
    return;
  }
  context.detail(`tunneling from ${formatMac(from)} ${formatMapped(source)} to ${formatMac(to)} ${next}`);
  const v4 = word(flow, W.TUN_DST) !== 0;
  const packed = flow.slice();
  context.bridge.tlvTable.pack(packed);
  const header = buildHeader(tunnel.config, packed, { from, to, source: wordsOf(source, v4) });
  if (!header) {
    context.warn("native tunnel header build failed");
    return;
  }
  const push: DpAction = {
    type: "tnl_push",
    tunnelPort: tunnel.datapathPort,
    outPort: out.datapathPort ?? 0,
    header,
  };
  const protocol = tunnel.config.destinationPort === 0 ? PROTOCOL_GRE : PROTOCOL_UDP;
  const outer = outerFlow(flow, flow, from, to, source, protocol);
  context.base = outerFlow(base, flow, from, to, source, protocol);
  context.flow = outer;
  const { actions, wildcards, input } = context;
  const cache: CacheEntry[] = [];
  context.actions = [];
  context.wildcards = newFlow();
  context.input = { ...input, statistics: undefined, cache, sideEffects: false, packet: undefined };
  goOn(context, port, out, last);
  const rest = context.actions;
  context.actions = actions;
  context.wildcards = wildcards;
  context.input = input;
  context.flow = flow;
  context.base = base;
  creditOuter(context, cache, header.bytes.length);
  // nobody misses the packet as it was if nothing follows
  if (last || rest.length === 0) actions.push(push, ...rest);
  else actions.push({ type: "clone", actions: [push, ...rest] });
}

/** What has been seen by the other bridge is longer by the headers. */
function creditOuter({ input }: XlateContext, cache: readonly CacheEntry[], headers: number): void {
  for (const entry of cache) {
    const credit = (statistics: PacketStatistics) =>
      entry.credit({ ...statistics, bytes: statistics.bytes + statistics.packets * headers });
    if (input.statistics) credit(input.statistics);
    input.cache?.push({ credit });
  }
}

function wordsOf(address: Ipv6Address, v4: boolean): number[] {
  if (v4) return [isV4MappedIpv6(address) ? ipv4OfIpv6(address) : 0];
  const row = newFlow();
  writeIpv6Words(row, W.IPV6_SRC, address);
  return [...row.subarray(W.IPV6_SRC, W.IPV6_SRC + IPV6_WORDS)];
}

/** propagate_tunnel_data_to_flow__(): the packet as it is inside the headers. */
function outerFlow(
  into: Flow,
  flow: Flow,
  from: number,
  to: number,
  source: Ipv6Address,
  protocol: number,
): Flow {
  const outer = into.slice();
  const v4 = word(flow, W.TUN_DST) !== 0;
  setMacAt(outer, W.ETH_DST, to);
  setMacAt(outer, W.ETH_SRC, from);
  outer[W.PACKET_TYPE] = 0;
  // the tags are inside
  outer.fill(0, W.VLAN, W.INNER_VLAN + 1);
  outer[W.ETH_TYPE] = v4 ? 0x0800 : 0x86dd;
  outer[W.NW_SRC] = word(flow, W.TUN_SRC);
  outer[W.NW_DST] = word(flow, W.TUN_DST);
  outer.set(flow.subarray(W.TUN_IPV6_SRC, W.TUN_IPV6_SRC + IPV6_WORDS), W.IPV6_SRC);
  outer.set(flow.subarray(W.TUN_IPV6_DST, W.TUN_IPV6_DST + IPV6_WORDS), W.IPV6_DST);
  if (v4 && word(outer, W.NW_SRC) === 0) outer[W.NW_SRC] = wordsOf(source, true)[0] ?? 0;
  if (!v4 && readIpv6Words(outer, W.IPV6_SRC) === IPV6_ANY) writeIpv6Words(outer, W.IPV6_SRC, source);
  setNwTos(outer, tunnelTos(flow));
  setNwTtl(outer, tunnelTtl(flow));
  setNwProto(outer, protocol);
  outer[W.NW] = word(outer, W.NW) & ~0xff;
  outer[W.TP] = word(flow, W.TUN_TP);
  return outer;
}

/** tnl_send_arp_request(), tnl_send_nd_request() */
function ask(out: OfPort, from: number, source: Ipv6Address, wanted: Ipv6Address): void {
  const frame = isV4MappedIpv6(wanted)
    ? arpRequest(from, isV4MappedIpv6(source) ? ipv4OfIpv6(source) : 0, ipv4OfIpv6(wanted))
    : neighbourSolicitation(from, source, wanted);
  out.bridge.backer.execute(out.bridge, frame, out.device, out, [
    { type: "output", port: Port.TABLE, maxLength: 0 },
  ]);
}

/** terminate_native_tunnel(): the datapath's port of the tunnel that the packet is of. */
export function terminatesAt(context: XlateContext, port: OfPort): number | undefined {
  const { flow, wildcards, bridge, input } = context;
  const tunnels = nativeTunnels(bridge);
  if (!tunnels || (tunnels.deviceNamed(port.name)?.addresses.length ?? 0) === 0) return undefined;
  const found = tunnelOf(flow, wildcards, tunnels, bridge.backer.tunnels.all());
  if (found === undefined) {
    if ((isArp(flow) || nwProto(flow) === 58) && answersUs(bridge, tunnels, flow)) {
      snoop(flow, wildcards, bridge.name, tunnels.neighbours, input.sideEffects);
    }
    return undefined;
  }
  if (input.sideEffects && isIpAny(flow)) {
    const source =
      word(flow, W.ETH_TYPE) === 0x0800
        ? ipv6FromIpv4(word(flow, W.NW_SRC))
        : readIpv6Words(flow, W.IPV6_SRC);
    tunnels.neighbours.set(bridge.name, source, macAt(flow, W.ETH_SRC));
  }
  return found;
}

/** is_neighbor_reply_correct() */
function answersUs(bridge: Bridge, tunnels: NativeTunnels, flow: Flow): boolean {
  const own = bridge.port(Port.LOCAL);
  const addresses = (own && tunnels.deviceNamed(own.name)?.addresses) ?? [];
  return addresses.some(({ address }) =>
    isV4MappedIpv6(address)
      ? isArp(flow) && ipv4OfIpv6(address) === word(flow, W.NW_DST)
      : !isArp(flow) && address === readIpv6Words(flow, W.IPV6_DST),
  );
}

// Frames on their way into tunnels (vxlan_xmit): to whom, by the forwarding database or by what the packet carries with it; then the
// VXLAN header and the outer ones (RFC 7348, 5; RFC 6040 for the congestion marks).

import { ipv4Of } from "../../kernel/ipv4/namespace.ts";
import { ROUTING_TOS, routeOutput as routeV4 } from "../../kernel/ipv4/route-output.ts";
import { RTCF } from "../../kernel/ipv4/route-flags.ts";
import { inet6Device, inet6Netns } from "../../kernel/ipv6/interface.ts";
import { mtuOf, routeOutput as routeV6 } from "../../kernel/ipv6/route-lookup.ts";
import { sourceForRoute } from "../../kernel/ipv6/source-selection.ts";
import { derived, note, traceDevice } from "../../kernel/journey.ts";
import type { Packet } from "../../kernel/packet.ts";
import { PACKET_HOST } from "../../kernel/packet.ts";
import { netifRx } from "../../kernel/receive.ts";
import type { IpAddress } from "../../kernel/sockets/ip-address.ts";
import { sendUdpTunnelV4, sendUdpTunnelV6 } from "../../kernel/sockets/udp-tunnel.ts";
import type { InnerHeader } from "../../kernel/tunnel/congestion.ts";
import { innerHeader, outerTos } from "../../kernel/tunnel/congestion.ts";
import { countSent, refuseToSend } from "../../kernel/tunnel/outcome.ts";
import { isSwitchPort, tooBigAnswer } from "../../kernel/tunnel/too-big.ts";
import { flowSourcePort, turnedAround } from "../../kernel/tunnel/udp-metadata.ts";
import { NTF } from "../../netlink/rtnl/neighbour.ts";
import { readU16BE, writeU16BE, writeU8 } from "../../wire/bytes.ts";
import { ETHERNET_HEADER_LENGTH, ethDestination, ethSource, ethType } from "../../wire/ethernet.ts";
import type { Ipv4Address } from "../../wire/ipv4-address.ts";
import { IPV4_LOOPBACK } from "../../wire/ipv4-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import { IPV6_ANY, IPV6_LOOPBACK } from "../../wire/ipv6-address.ts";
import { isMulticastMac } from "../../wire/mac.ts";
import {
  VXLAN_HEADER_LENGTH,
  VXLAN_OVERHEAD_V4,
  VXLAN_OVERHEAD_V6,
  writeVxlanHeader,
} from "../../wire/vxlan.ts";
import { DF, isGroup, RECEIVE_FLAGS, VXLAN_F } from "./config.ts";
import type { VxlanDevice } from "./device.ts";
import type { Remote } from "./fdb.ts";
import { ALL_ZEROS } from "./fdb.ts";
import { notifyMissingMac } from "./fdb-requests.ts";
import { answerForNeighbour, shortCircuit } from "./neighbours.ts";
import { deviceOfVni, vxlanOf } from "./sockets.ts";

/** VXLAN_HF_GBP and its fields (draft-smith-vxlan-group-policy). */
const GBP_FLAG = 0x80;
const GBP_BITS = 0x48; // don't learn, policy applied

/** Where and how one copy goes. */
interface Way {
  readonly remote: IpAddress;
  readonly local: IpAddress | undefined;
  readonly vni: number;
  /** ifindex; 0: routing says. */
  readonly link: number;
  readonly ttl: number;
  readonly tos: number;
  readonly checksum: boolean;
  readonly dontFragment: boolean;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly groupPolicy: number;
  readonly flowLabel: number;
  /** It goes as told by the packet, even to this host. */
  readonly told: boolean;
}

/** vxlan_xmit(): the packet starts at its link-layer header. */
export function transmitFrame(device: VxlanDevice, packet: Packet): void {
  packet.mac = packet.start;
  if (device.has(VXLAN_F.COLLECT_METADATA)) {
    transmitAsTold(device, packet);
    return;
  }
  const { bytes, start } = packet;
  const type = ethType(bytes, start);
  if (device.has(VXLAN_F.PROXY) && answerForNeighbour(device, packet, type)) return;
  const to = ethDestination(bytes, start);
  let entry = device.fdb.find(to, 0);
  let shortened = false;
  if (entry && entry.flags & NTF.ROUTER && device.has(VXLAN_F.RSC)) {
    shortened = shortCircuit(device, packet, type);
    if (shortened) entry = device.fdb.find(ethDestination(packet.bytes, packet.start), 0);
  }
  entry ??= device.fdb.find(ALL_ZEROS, 0);
  if (entry === undefined) {
    if (device.has(VXLAN_F.L2MISS) && !isMulticastMac(to)) notifyMissingMac(device, to);
    drop(device, packet);
    return;
  }
  entry.used = device.kernel.jiffies;
  const [first, ...others] = entry.remotes;
  for (const remote of others) {
    const copy = packet.clone();
    if (packet.traceId !== 0) derived(copy, packet, "copy");
    transmitTo(device, copy, remote, shortened);
  }
  if (first !== undefined) transmitTo(device, packet, first, shortened);
}

function drop(device: VxlanDevice, packet: Packet): void {
  device.statistics.txDropped++;
  device.kernel.drop(packet, "NO_TX_TARGET", device.name);
}

/** The packet carries its own instructions (IP_TUNNEL_INFO_TX). */
function transmitAsTold(device: VxlanDevice, packet: Packet): void {
  const told = packet.tunnel;
  if (told?.direction !== "transmit") {
    device.kernel.drop(packet, "TUNNEL_TXINFO", device.name);
    return;
  }
  const unspecified = told.source === 0 || told.source === IPV6_ANY;
  send(device, packet, {
    remote: told.destination,
    local: unspecified ? undefined : told.source,
    vni: told.id ?? 0,
    link: 0,
    ttl: told.ttl,
    tos: told.tos,
    checksum: told.checksum,
    dontFragment: told.dontFragment,
    sourcePort: sourcePort(device, packet),
    destinationPort: told.destinationPort || device.config.port,
    groupPolicy: told.groupPolicy ?? 0,
    flowLabel: 0,
    told: true,
  });
}

/** vxlan_xmit_one() with a remote of the forwarding database. */
function transmitTo(device: VxlanDevice, packet: Packet, to: Remote, shortened: boolean): void {
  const { config } = device;
  const { address } = to;
  if (address === undefined) {
    if (shortened) bypass(device, packet, device, config.vni);
    else drop(device, packet);
    return;
  }
  const inside = inner(packet);
  const v4 = typeof address === "number";
  const ttl = device.has(VXLAN_F.TTL_INHERIT) ? inside.ttl : config.ttl || (isGroup(address) ? 1 : 0);
  send(device, packet, {
    remote: address,
    local: config.local,
    vni: to.vni || config.vni,
    link: to.link,
    ttl,
    tos: config.tos === 1 ? inside.tos : config.tos,
    checksum: !device.has(v4 ? VXLAN_F.UDP_ZERO_CSUM_TX : VXLAN_F.UDP_ZERO_CSUM6_TX),
    dontFragment: config.df === DF.SET || (config.df === DF.INHERIT && inside.dontFragment),
    sourcePort: sourcePort(device, packet),
    destinationPort: to.port || config.port,
    groupPolicy: packet.mark,
    flowLabel: config.flowLabel,
    told: false,
  });
}

function inner(packet: Packet): InnerHeader {
  return innerHeader(packet, packet.start + ETHERNET_HEADER_LENGTH, ethType(packet.bytes, packet.start));
}

/** udp_flow_src_port(): by the flow inside, so that routers on the way keep it in order. */
function sourcePort({ config, home }: VxlanDevice, packet: Packet): number {
  const { portLow, portHigh } = config;
  if (portLow < portHigh) return flowSourcePort(home, packet, portLow, portHigh);
  const { localPortFirst, localPortLast } = ipv4Of(home).settings;
  return flowSourcePort(home, packet, localPortFirst, localPortLast);
}

function send(device: VxlanDevice, packet: Packet, way: Way): void {
  if (typeof way.remote === "number") sendV4(device, packet, way, way.remote);
  else sendV6(device, packet, way, way.remote);
}

function sendV4(device: VxlanDevice, packet: Packet, way: Way, remote: Ipv4Address): void {
  const { home } = device;
  const inet = ipv4Of(home);
  const route = routeV4(inet, {
    destination: remote,
    source: typeof way.local === "number" ? way.local : 0,
    oif: way.link,
    tos: way.tos & ROUTING_TOS,
    protocol: 17,
    mark: packet.mark,
    sourcePort: way.sourcePort,
    destinationPort: way.destinationPort,
  });
  if (device.socket4 === undefined || typeof route === "number") {
    refuseToSend(device, packet, "no route");
    return;
  }
  if (route.device === device) {
    refuseToSend(device, packet, "circular");
    return;
  }
  const local = (route.flags & (RTCF.LOCAL | RTCF.BROADCAST | RTCF.MULTICAST)) === RTCF.LOCAL;
  if (!way.told && local && deliverLocally(device, packet, way)) return;
  const source = typeof way.local === "number" ? way.local : route.source;
  const mtu = route.mtu(device.kernel.clock.now, false, true) - VXLAN_OVERHEAD_V4;
  if (answerTooBig(device, packet, mtu, source)) return;
  const tos = outerTos(way.tos, inner(packet).tos);
  const length = packet.length - ETHERNET_HEADER_LENGTH;
  pushVxlanHeader(device, packet, way);
  const errno = sendUdpTunnelV4(inet, route, packet, {
    source,
    destination: remote,
    tos,
    ttl: way.ttl || route.hopLimit(inet.settings.defaultTtl),
    sourcePort: way.sourcePort,
    destinationPort: way.destinationPort,
    checksum: way.checksum,
    dontFragment: way.dontFragment,
  });
  countSent(device, errno, length);
}

function sendV6(device: VxlanDevice, packet: Packet, way: Way, remote: Ipv6Address): void {
  const namespace = inet6Netns.require(device.home);
  const route = routeV6(namespace, {
    destination: remote,
    source: typeof way.local === "string" ? way.local : IPV6_ANY,
    oif: way.link,
    trafficClass: way.tos,
    protocol: 17,
    mark: packet.mark,
    sourcePort: way.sourcePort,
    destinationPort: way.destinationPort,
  });
  const local = typeof way.local === "string" ? way.local : undefined;
  const source = route.error === 0 ? (local ?? sourceForRoute(namespace, route, remote)) : undefined;
  if (device.socket6 === undefined || source === undefined) {
    refuseToSend(device, packet, "no route");
    return;
  }
  if (route.device === device) {
    refuseToSend(device, packet, "circular");
    return;
  }
  if (!way.told && route.action === "deliver" && deliverLocally(device, packet, way)) return;
  if (answerTooBig(device, packet, mtuOf(route) - VXLAN_OVERHEAD_V6, source)) return;
  const tos = outerTos(way.tos, inner(packet).tos);
  const length = packet.length - ETHERNET_HEADER_LENGTH;
  const ttl = way.ttl || (inet6Device.of(route.device)?.configuration.hop_limit ?? namespace.all.hop_limit);
  pushVxlanHeader(device, packet, way);
  const errno = sendUdpTunnelV6(namespace, route, packet, {
    source,
    destination: remote,
    tos,
    ttl,
    sourcePort: way.sourcePort,
    destinationPort: way.destinationPort,
    checksum: way.checksum,
    flowLabel: way.flowLabel,
  });
  countSent(device, errno, length);
}

/** skb_tunnel_check_pmtu(): true if the packet does not fit and its sender was told, in the name of the receiver. */
function answerTooBig(device: VxlanDevice, packet: Packet, mtu: number, local: IpAddress): boolean {
  if (!isSwitchPort(device)) return false;
  const answer = tooBigAnswer(device, packet, mtu);
  if (answer === undefined) return false;
  if (packet.tunnel) answer.tunnel = turnedAround(packet.tunnel, local);
  device.kernel.drop(packet, "PKT_TOO_BIG", device.name);
  bypass(device, answer, device, 0);
  return true;
}

/** vxlan_build_skb() */
function pushVxlanHeader(device: VxlanDevice, packet: Packet, { vni, groupPolicy }: Way): void {
  if (packet.traced) {
    note(packet, { kind: "encapsulate", device: traceDevice(device), protocol: "VXLAN" });
  }
  packet.push(VXLAN_HEADER_LENGTH);
  const { bytes, start } = packet;
  writeVxlanHeader(bytes, start, vni);
  if (!device.has(VXLAN_F.GBP) || groupPolicy === 0) return;
  writeU8(bytes, start, (readU16BE(bytes, start) >>> 8) | GBP_FLAG);
  writeU8(bytes, start + 1, (groupPolicy >>> 16) & GBP_BITS);
  writeU16BE(bytes, start + 2, groupPolicy & 0xffff);
}

/** encap_bypass_if_local(): the remote end is this host. True if the packet was taken. */
function deliverLocally(device: VxlanDevice, packet: Packet, way: Way): boolean {
  if (!device.has(VXLAN_F.LOCALBYPASS)) return false;
  const family = typeof way.remote === "number" ? "inet" : "inet6";
  const flags = device.config.flags & RECEIVE_FLAGS;
  const socket = vxlanOf(device.home).sockets.find(
    (each) => each.family === family && each.port === way.destinationPort && each.flags === flags,
  );
  const target = socket && deviceOfVni(socket, way.vni, way.link);
  if (target === undefined) {
    device.statistics.txErrors++;
    device.kernel.drop(packet, "VXLAN_VNI_NOT_FOUND", device.name);
  } else bypass(device, packet, target, way.vni);
  return true;
}

/** vxlan_encap_bypass(): straight to a device of this host. */
function bypass(from: VxlanDevice, packet: Packet, to: VxlanDevice, vni: number): void {
  const length = packet.length;
  if (!to.up) {
    to.statistics.rxDropped++;
    to.kernel.drop(packet, "DEV_READY", to.name);
    return;
  }
  const loopback = to.config.family === "inet" ? IPV4_LOOPBACK : IPV6_LOOPBACK;
  if (to.has(VXLAN_F.LEARN)) to.learn(ethSource(packet.bytes, packet.start), loopback, 0, vni);
  from.statistics.txPackets++;
  from.statistics.txBytes += length;
  packet.packetType = PACKET_HOST;
  packet.control = undefined;
  packet.route = undefined;
  packet.arrivedOn = 0;
  packet.viaPort = undefined;
  if (!netifRx(packet, to)) return;
  to.statistics.rxPackets++;
  to.statistics.rxBytes += length;
}

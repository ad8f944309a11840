// Frames on their way into tunnels (vxlan_xmit): to whom, by the forwarding database or by what the packet carries with it; then the
// VXLAN header and the outer ones (RFC 7348, 5; RFC 6040 for the congestion marks).

import { flowHash } from "../../kernel/flow-hash.ts";
import { ipv4Of } from "../../kernel/ipv4/namespace.ts";
import { ROUTING_TOS, routeOutput as routeV4 } from "../../kernel/ipv4/route-output.ts";
import { RTCF } from "../../kernel/ipv4/route-flags.ts";
import { inet6Device, inet6Netns } from "../../kernel/ipv6/interface.ts";
import { routeOutput as routeV6 } from "../../kernel/ipv6/route-lookup.ts";
import { sourceForRoute } from "../../kernel/ipv6/source-selection.ts";
import { derived, note, traceDevice } from "../../kernel/journey.ts";
import type { Packet } from "../../kernel/packet.ts";
import { PACKET_HOST } from "../../kernel/packet.ts";
import { netifRx } from "../../kernel/receive.ts";
import type { IpAddress } from "../../kernel/sockets/ip-address.ts";
import { sendUdpTunnelV4, sendUdpTunnelV6 } from "../../kernel/sockets/udp-tunnel.ts";
import { NTF } from "../../netlink/rtnl/neighbour.ts";
import { readU16BE, writeU16BE, writeU8 } from "../../wire/bytes.ts";
import {
  ETHERNET_HEADER_LENGTH,
  ethDestination,
  ethSource,
  ethType,
  EtherType,
} from "../../wire/ethernet.ts";
import { IPV4_DONT_FRAGMENT, ipv4FragmentField, ipv4Tos, ipv4Ttl } from "../../wire/ipv4.ts";
import type { Ipv4Address } from "../../wire/ipv4-address.ts";
import { IPV4_LOOPBACK } from "../../wire/ipv4-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import { IPV6_ANY, IPV6_LOOPBACK } from "../../wire/ipv6-address.ts";
import { ipv6HopLimit, ipv6TrafficClass } from "../../wire/ipv6.ts";
import { isMulticastMac } from "../../wire/mac.ts";
import { VXLAN_HEADER_LENGTH, writeVxlanHeader } from "../../wire/vxlan.ts";
import { DF, isGroup, RECEIVE_FLAGS, VXLAN_F } from "./config.ts";
import type { VxlanDevice } from "./device.ts";
import type { Remote } from "./fdb.ts";
import { ALL_ZEROS } from "./fdb.ts";
import { notifyMissingMac } from "./fdb-requests.ts";
import { answerForNeighbour, shortCircuit } from "./neighbours.ts";
import { deviceOfVni, vxlanOf } from "./sockets.ts";

const ECN_MASK = 3;
const ECN_ECT0 = 2;
const ECN_CE = 3;
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
  const inner = innerHeader(packet);
  const v4 = typeof address === "number";
  const ttl = device.has(VXLAN_F.TTL_INHERIT) ? inner.ttl : config.ttl || (isGroup(address) ? 1 : 0);
  send(device, packet, {
    remote: address,
    local: config.local,
    vni: to.vni || config.vni,
    link: to.link,
    ttl,
    tos: config.tos === 1 ? inner.tos : config.tos,
    checksum: !device.has(v4 ? VXLAN_F.UDP_ZERO_CSUM_TX : VXLAN_F.UDP_ZERO_CSUM6_TX),
    dontFragment: config.df === DF.SET || (config.df === DF.INHERIT && inner.dontFragment),
    sourcePort: sourcePort(device, packet),
    destinationPort: to.port || config.port,
    groupPolicy: packet.mark,
    flowLabel: config.flowLabel,
    told: false,
  });
}

/** What the outer header may take over from the packet inside. */
function innerHeader({ bytes, start }: Packet): {
  readonly tos: number;
  readonly ttl: number;
  readonly dontFragment: boolean;
} {
  const at = start + ETHERNET_HEADER_LENGTH;
  switch (ethType(bytes, start)) {
    case EtherType.IPV4: {
      const dontFragment = (ipv4FragmentField(bytes, at) & IPV4_DONT_FRAGMENT) !== 0;
      return { tos: ipv4Tos(bytes, at), ttl: ipv4Ttl(bytes, at), dontFragment };
    }
    case EtherType.IPV6:
      return { tos: ipv6TrafficClass(bytes, at), ttl: ipv6HopLimit(bytes, at), dontFragment: true };
    default:
      return { tos: 0, ttl: 0, dontFragment: false };
  }
}

/** udp_flow_src_port(): by the flow inside, so that routers on the way keep it in order. */
function sourcePort({ config, home }: VxlanDevice, { bytes, start, end }: Packet): number {
  let { portLow: low, portHigh: high } = config;
  if (low >= high) {
    const { localPortFirst, localPortLast } = ipv4Of(home).settings;
    low = localPortFirst;
    high = localPortLast;
  }
  let hash = flowHash(bytes, start, end, home.inode);
  hash = (hash ^ (hash << 16)) >>> 0;
  return low + Math.floor((hash * (high - low)) / 2 ** 32);
}

/** INET_ECN_encapsulate(): the outer mark is the inner one, but for "congestion experienced". */
function outerTos(tos: number, inner: number): number {
  const mark = (inner & ECN_MASK) === ECN_CE ? ECN_ECT0 : inner & ECN_MASK;
  return (tos & ~ECN_MASK & 0xff) | mark;
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
    fail(device, packet, "no route");
    return;
  }
  if (route.device === device) {
    fail(device, packet, "circular");
    return;
  }
  const local = (route.flags & (RTCF.LOCAL | RTCF.BROADCAST | RTCF.MULTICAST)) === RTCF.LOCAL;
  if (!way.told && local && deliverLocally(device, packet, way)) return;
  const tos = outerTos(way.tos, innerHeader(packet).tos);
  const length = packet.length - ETHERNET_HEADER_LENGTH;
  pushVxlanHeader(device, packet, way);
  const errno = sendUdpTunnelV4(inet, route, packet, {
    source: typeof way.local === "number" ? way.local : route.source,
    destination: remote,
    tos,
    ttl: way.ttl || route.hopLimit(inet.settings.defaultTtl),
    sourcePort: way.sourcePort,
    destinationPort: way.destinationPort,
    checksum: way.checksum,
    dontFragment: way.dontFragment,
  });
  count(device, errno, length);
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
    fail(device, packet, "no route");
    return;
  }
  if (route.device === device) {
    fail(device, packet, "circular");
    return;
  }
  if (!way.told && route.action === "deliver" && deliverLocally(device, packet, way)) return;
  const tos = outerTos(way.tos, innerHeader(packet).tos);
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
  count(device, errno, length);
}

/** vxlan_build_skb() */
function pushVxlanHeader(device: VxlanDevice, packet: Packet, { vni, groupPolicy }: Way): void {
  if (packet.traceId !== 0) {
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

/** iptunnel_xmit_stats() */
function count({ statistics }: VxlanDevice, errno: number, length: number): void {
  if (errno === 0) {
    statistics.txPackets++;
    statistics.txBytes += length;
  } else statistics.txDropped++;
}

function fail(device: VxlanDevice, packet: Packet, why: "no route" | "circular"): void {
  const { statistics } = device;
  if (why === "circular") statistics.collisions++;
  else statistics.txCarrierErrors++;
  statistics.txErrors++;
  device.kernel.drop(packet, why === "circular" ? "RECURSION_LIMIT" : "IP_OUTNOROUTES", device.name);
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

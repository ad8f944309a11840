// Frames on their way into Geneve tunnels (geneve_xmit): the Geneve header with its options, then the outer ones (RFC 8926, 4;
// RFC 6040 for the congestion marks).

import { ipv4Of } from "../../kernel/ipv4/namespace.ts";
import { ROUTING_TOS, routeOutput as routeV4 } from "../../kernel/ipv4/route-output.ts";
import { inet6Device, inet6Netns } from "../../kernel/ipv6/interface.ts";
import { mtuOf, routeOutput as routeV6 } from "../../kernel/ipv6/route-lookup.ts";
import { sourceForRoute } from "../../kernel/ipv6/source-selection.ts";
import { note, traceDevice } from "../../kernel/journey.ts";
import type { Packet } from "../../kernel/packet.ts";
import { netifRx } from "../../kernel/receive.ts";
import type { IpAddress } from "../../kernel/sockets/ip-address.ts";
import { sendUdpTunnelV4, sendUdpTunnelV6 } from "../../kernel/sockets/udp-tunnel.ts";
import { innerHeader, outerTos } from "../../kernel/tunnel/congestion.ts";
import { countSent, refuseToSend } from "../../kernel/tunnel/outcome.ts";
import { isSwitchPort, tooBigAnswer } from "../../kernel/tunnel/too-big.ts";
import { flowSourcePort, turnedAround } from "../../kernel/tunnel/udp-metadata.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { ETHERNET_HEADER_LENGTH, ethType } from "../../wire/ethernet.ts";
import {
  GENEVE_CRITICAL,
  GENEVE_ETHERNET,
  GENEVE_HEADER_LENGTH,
  GENEVE_OAM,
  GENEVE_OVERHEAD_V4,
  GENEVE_OVERHEAD_V6,
  writeGeneveHeader,
} from "../../wire/geneve.ts";
import type { Ipv4Address } from "../../wire/ipv4-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import { IPV6_ANY } from "../../wire/ipv6-address.ts";
import { DF } from "./config.ts";
import type { GeneveDevice } from "./device.ts";

const NO_OPTIONS = new Uint8Array(0);
/** The bit of an option's type that makes it critical (RFC 8926, 3.5). */
const CRITICAL_TYPE = 0x80;
const LAST_PORT = 0xffff;

interface Way {
  readonly remote: IpAddress;
  readonly local: IpAddress | undefined;
  readonly vni: number;
  readonly ttl: number;
  readonly tos: number;
  readonly checksum: boolean;
  readonly dontFragment: boolean;
  readonly sourcePort: number;
  readonly flowLabel: number;
  readonly flags: number;
  readonly options: Uint8Array;
}

/** geneve_xmit(): the packet starts at its link-layer header. */
export function transmitFrame(device: GeneveDevice, packet: Packet): void {
  packet.mac = packet.start;
  const way = device.config.external ? wayAsTold(device, packet) : ownWay(device, packet);
  if (way === undefined) {
    device.statistics.txDropped++;
    device.kernel.drop(packet, "TUNNEL_TXINFO", device.name);
    return;
  }
  if (typeof way.remote === "number") sendV4(device, packet, way, way.remote);
  else sendV6(device, packet, way, way.remote);
}

/** The packet carries its own instructions (IP_TUNNEL_INFO_TX). */
function wayAsTold(device: GeneveDevice, packet: Packet): Way | undefined {
  const told = packet.tunnel;
  if (told?.direction !== "transmit") return undefined;
  const { options = NO_OPTIONS } = told;
  const inner = inside(packet);
  return {
    remote: told.destination,
    local: told.source === 0 || told.source === IPV6_ANY ? undefined : told.source,
    vni: told.id ?? 0,
    ttl: told.ttl,
    tos: outerTos(told.tos, inner.tos),
    checksum: told.checksum,
    dontFragment: told.dontFragment,
    sourcePort: flowSourcePort(device.home, packet, 1, LAST_PORT),
    flowLabel: 0,
    flags: (told.oam === true ? GENEVE_OAM : 0) | (hasCritical(options) ? GENEVE_CRITICAL : 0),
    options,
  };
}

function ownWay(device: GeneveDevice, packet: Packet): Way {
  const { config, home } = device;
  const inner = inside(packet);
  return {
    remote: config.remote,
    local: undefined,
    vni: config.vni,
    ttl: config.ttlInherit ? inner.ttl : config.ttl,
    tos: outerTos(config.tos === 1 ? inner.tos : config.tos, inner.tos),
    checksum: config.checksum,
    dontFragment: config.df === DF.SET || (config.df === DF.INHERIT && inner.dontFragment),
    sourcePort: flowSourcePort(home, packet, 1, LAST_PORT),
    flowLabel: config.flowLabel,
    flags: 0,
    options: NO_OPTIONS,
  };
}

function inside(packet: Packet): ReturnType<typeof innerHeader> {
  return innerHeader(packet, packet.start + ETHERNET_HEADER_LENGTH, ethType(packet.bytes, packet.start));
}

function hasCritical(options: Uint8Array): boolean {
  for (let at = 0; at + 4 <= options.length; at += 4 + ((options[at + 3] as number) & 0x1f) * 4) {
    if ((options[at + 2] as number) & CRITICAL_TYPE) return true;
  }
  return false;
}

function sendV4(device: GeneveDevice, packet: Packet, way: Way, remote: Ipv4Address): void {
  const { home, kernel } = device;
  const inet = ipv4Of(home);
  const destinationPort = device.config.port;
  const { local, sourcePort } = way;
  const route = routeV4(inet, {
    destination: remote,
    source: typeof local === "number" ? local : 0,
    tos: way.tos & ROUTING_TOS,
    protocol: IpProtocol.UDP,
    mark: packet.mark,
    sourcePort,
    destinationPort,
  });
  if (device.socket4 === undefined || typeof route === "number") {
    refuseToSend(device, packet, "no route");
    return;
  }
  if (route.device === device) {
    refuseToSend(device, packet, "circular");
    return;
  }
  const source = typeof local === "number" ? local : route.source;
  const mtu = route.mtu(kernel.clock.now, false, true) - GENEVE_OVERHEAD_V4 - way.options.length;
  if (answerTooBig(device, packet, mtu, source)) return;
  const length = packet.length - ETHERNET_HEADER_LENGTH;
  pushGeneveHeader(device, packet, way);
  const errno = sendUdpTunnelV4(inet, route, packet, {
    source,
    destination: remote,
    tos: way.tos,
    ttl: way.ttl || route.hopLimit(inet.settings.defaultTtl),
    sourcePort,
    destinationPort,
    checksum: way.checksum,
    dontFragment: way.dontFragment,
  });
  countSent(device, errno, length);
}

function sendV6(device: GeneveDevice, packet: Packet, way: Way, remote: Ipv6Address): void {
  const namespace = inet6Netns.require(device.home);
  const destinationPort = device.config.port;
  const { local, sourcePort } = way;
  const route = routeV6(namespace, {
    destination: remote,
    source: typeof local === "string" ? local : IPV6_ANY,
    oif: 0,
    trafficClass: way.tos,
    protocol: IpProtocol.UDP,
    mark: packet.mark,
    sourcePort,
    destinationPort,
  });
  const own = typeof local === "string" ? local : undefined;
  const source = route.error === 0 ? (own ?? sourceForRoute(namespace, route, remote)) : undefined;
  if (device.socket6 === undefined || source === undefined) {
    refuseToSend(device, packet, "no route");
    return;
  }
  if (route.device === device) {
    refuseToSend(device, packet, "circular");
    return;
  }
  if (answerTooBig(device, packet, mtuOf(route) - GENEVE_OVERHEAD_V6 - way.options.length, source)) return;
  const length = packet.length - ETHERNET_HEADER_LENGTH;
  const ttl = way.ttl || (inet6Device.of(route.device)?.configuration.hop_limit ?? namespace.all.hop_limit);
  pushGeneveHeader(device, packet, way);
  const errno = sendUdpTunnelV6(namespace, route, packet, {
    source,
    destination: remote,
    tos: way.tos,
    ttl,
    sourcePort,
    destinationPort,
    checksum: way.checksum,
    flowLabel: way.flowLabel,
  });
  countSent(device, errno, length);
}

/** skb_tunnel_check_pmtu(): true if the packet does not fit and its sender was told, in the name of the receiver. */
function answerTooBig(device: GeneveDevice, packet: Packet, mtu: number, local: IpAddress): boolean {
  if (!isSwitchPort(device)) return false;
  const answer = tooBigAnswer(device, packet, mtu);
  if (answer === undefined) return false;
  if (packet.tunnel) answer.tunnel = turnedAround(packet.tunnel, local);
  device.statistics.txErrors++;
  device.kernel.drop(packet, "PKT_TOO_BIG", device.name);
  netifRx(answer, device);
  return true;
}

/** geneve_build_skb() */
function pushGeneveHeader(device: GeneveDevice, packet: Packet, { vni, flags, options }: Way): void {
  if (packet.traced) {
    note(packet, { kind: "encapsulate", device: traceDevice(device), protocol: "Geneve" });
  }
  packet.push(GENEVE_HEADER_LENGTH + options.length);
  writeGeneveHeader(packet.bytes, packet.start, { vni, protocol: GENEVE_ETHERNET, flags, options });
}

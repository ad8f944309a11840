// Packets on their way into GRE tunnels (ipgre_xmit, gre_tap_xmit, ip_tunnel_xmit, ip_md_tunnel_xmit).

import { ipv4Of } from "../../kernel/ipv4/namespace.ts";
import { ROUTING_TOS, routeOutput } from "../../kernel/ipv4/route-output.ts";
import { Route } from "../../kernel/ipv4/route.ts";
import { note, traceDevice } from "../../kernel/journey.ts";
import type { Packet } from "../../kernel/packet.ts";
import { sendTunnelV4 } from "../../kernel/sockets/udp-tunnel.ts";
import { innerHeader, outerTos } from "../../kernel/tunnel/congestion.ts";
import { countSent, refuseToSend } from "../../kernel/tunnel/outcome.ts";
import { isSwitchPort, tooBigAnswer } from "../../kernel/tunnel/too-big.ts";
import { turnedAround } from "../../kernel/tunnel/udp-metadata.ts";
import { netifRx } from "../../kernel/receive.ts";
import { ETHERNET_HEADER_LENGTH, ethType, EtherType } from "../../wire/ethernet.ts";
import {
  GRE_CHECKSUM,
  GRE_ETHERNET,
  GRE_KEY,
  GRE_SEQUENCE,
  greHeaderLength,
  writeGreHeader,
} from "../../wire/gre.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import type { Ipv4Address } from "../../wire/ipv4-address.ts";
import { IPV4_MIN_HEADER, ipv4Destination } from "../../wire/ipv4.ts";
import type { GreDevice } from "./device.ts";

/** Where and how a packet goes. */
interface Way {
  readonly local: Ipv4Address;
  readonly remote: Ipv4Address;
  readonly flags: number;
  readonly key: number;
  readonly ttl: number;
  readonly tos: number;
  readonly dontFragment: boolean;
}

/** The packet starts at its link-layer header for frames, else at its network header. */
export function transmitPacket(device: GreDevice, packet: Packet): void {
  const way = device.config.external ? wayAsTold(device, packet) : ownWay(device, packet);
  if (way === undefined) {
    device.statistics.txDropped++;
    device.kernel.drop(packet, "TUNNEL_TXINFO", device.name);
    return;
  }
  send(device, packet, way);
}

/** EtherType of what is carried, and where its network header is. */
function inside(device: GreDevice, packet: Packet): { readonly type: number; readonly at: number } {
  if (device.carries === "packets") return { type: packet.protocol, at: packet.start };
  return { type: ethType(packet.bytes, packet.start), at: packet.start + ETHERNET_HEADER_LENGTH };
}

function wayAsTold(device: GreDevice, packet: Packet): Way | undefined {
  const told = packet.tunnel;
  if (told?.direction !== "transmit" || typeof told.destination !== "number") return undefined;
  const { type, at } = inside(device, packet);
  const inner = innerHeader(packet, at, type);
  return {
    local: typeof told.source === "number" ? told.source : 0,
    remote: told.destination,
    flags: (told.id === undefined ? 0 : GRE_KEY) | (told.checksum ? GRE_CHECKSUM : 0),
    key: (told.id ?? 0) >>> 0,
    ttl: told.ttl || inner.ttl,
    tos: outerTos(told.tos, inner.tos),
    dontFragment: told.dontFragment,
  };
}

function ownWay(device: GreDevice, packet: Packet): Way | undefined {
  const { config } = device;
  const { type, at } = inside(device, packet);
  const inner = innerHeader(packet, at, type);
  let { remote } = config;
  if (remote === 0) {
    // Many ends (NBMA): the route of what is carried names the one.
    const route = packet.route;
    if (type !== EtherType.IPV4 || !(route instanceof Route)) return undefined;
    remote = route.nextHopFor(ipv4Destination(packet.bytes, at));
  }
  const tos = config.tos & 1 ? inner.tos : config.tos;
  const inherits = type === EtherType.IPV4 && !config.ignoreDf && inner.dontFragment;
  return {
    local: config.local,
    remote,
    flags: config.outputFlags,
    key: config.outputKey,
    ttl: config.ttl || inner.ttl,
    tos: outerTos(tos, inner.tos),
    dontFragment: config.pmtuDiscovery || inherits,
  };
}

function send(device: GreDevice, packet: Packet, way: Way): void {
  const { home, kernel, config } = device;
  const inet = ipv4Of(home);
  const route = routeOutput(inet, {
    destination: way.remote,
    source: way.local,
    oif: config.link,
    tos: way.tos & ROUTING_TOS,
    protocol: IpProtocol.GRE,
    mark: config.mark,
  });
  if (typeof route === "number") {
    refuseToSend(device, packet, "no route");
    return;
  }
  if (route.device === device) {
    refuseToSend(device, packet, "circular");
    return;
  }
  const source = way.local || route.source;
  const { type, at } = inside(device, packet);
  const header = greHeaderLength(way.flags);
  const around = IPV4_MIN_HEADER + header + (at - packet.start);
  const mtu = way.dontFragment ? route.mtu(kernel.clock.now, false, true) - around : device.mtu;
  if (packet.end - at > mtu && innerHeader(packet, at, type).dontFragment) {
    tooBig(device, packet, mtu, source);
    return;
  }
  const length = packet.end - at;
  const protocol = device.carries === "packets" ? packet.protocol : GRE_ETHERNET;
  if (packet.traced) {
    note(packet, { kind: "encapsulate", device: traceDevice(device), protocol: "GRE" });
  }
  packet.push(header);
  const sequence = way.flags & GRE_SEQUENCE ? device.outputSequence++ >>> 0 : 0;
  writeGreHeader(packet.bytes, packet.start, packet.end, {
    flags: way.flags,
    protocol,
    key: way.key,
    sequence,
  });
  const errno = sendTunnelV4(inet, route, packet, {
    source,
    destination: way.remote,
    protocol: IpProtocol.GRE,
    tos: way.tos,
    ttl: way.ttl || route.hopLimit(inet.settings.defaultTtl),
    dontFragment: way.dontFragment,
  });
  countSent(device, errno, length);
}

/** tnl_update_pmtu(): the sender learns what fits. */
function tooBig(device: GreDevice, packet: Packet, mtu: number, local: Ipv4Address): void {
  const { kernel, statistics } = device;
  statistics.txErrors++;
  if (device.carries !== "packets" && isSwitchPort(device)) {
    const answer = tooBigAnswer(device, packet, mtu);
    if (answer) {
      if (packet.tunnel) answer.tunnel = turnedAround(packet.tunnel, local);
      netifRx(answer, device);
    }
  }
  kernel.drop(packet, "PKT_TOO_BIG", device.name);
}

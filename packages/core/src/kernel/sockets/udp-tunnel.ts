// UDP under the kernel's own tunnels (net/ipv4/udp_tunnel_core.c, net/ipv6/ip6_udp_tunnel.c): a socket whose datagrams go to a
// tunnel instead of a queue, and headers around packets that a tunnel sends. What is inside is the tunnel's (links/vxlan, ...).

import { writeU16BE, writeU32BE, writeU8 } from "../../wire/bytes.ts";
import { pseudoHeaderSumV4, pseudoHeaderSumV6 } from "../../wire/checksum.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import type { Ipv4Address } from "../../wire/ipv4-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import { IPV4_DONT_FRAGMENT, IPV4_MIN_HEADER } from "../../wire/ipv4.ts";
import { fillUdpChecksum, UDP_HEADER_LENGTH } from "../../wire/udp.ts";
import type { Ipv4Netns } from "../ipv4/namespace.ts";
import { nextId, sendLocal } from "../ipv4/output.ts";
import type { Route } from "../ipv4/route.ts";
import type { Route6 } from "../ipv6/fib-route.ts";
import type { Inet6Netns } from "../ipv6/interface.ts";
import { sendPacket, writeHeader } from "../ipv6/output.ts";
import type { Netns } from "../netns.ts";
import type { Packet } from "../packet.ts";
import { PACKET_HOST } from "../packet.ts";
import type { SocketFamily } from "./ip-address.ts";
import { UdpSocket } from "./udp-socket.ts";

export interface UdpTunnelOptions {
  readonly family: SocketFamily;
  readonly port: number;
  /** ifindex of the only device that it listens on; 0: all. */
  readonly boundDevice: number;
  /** Datagrams over IPv6 may come without a checksum (RFC 6935). */
  readonly zeroChecksum6: boolean;
}

/**
 * udp_sock_create(), setup_udp_tunnel_sock(): a socket on all addresses. `receive` gets packets that start after the UDP header,
 * whose `network` and `transport` are those of the outer headers. It does not keep its namespace alive. Errors: EADDRINUSE.
 */
export function openUdpTunnel(
  netns: Netns,
  options: UdpTunnelOptions,
  receive: (packet: Packet) => void,
): UdpSocket {
  const { family, port, boundDevice, zeroChecksum6 } = options;
  const socket = new UdpSocket({ netns, family, protocol: IpProtocol.UDP, settle: () => {}, ofKernel: true });
  socket.options.boundDevice = boundDevice;
  socket.options.v6only = family === "inet6";
  socket.acceptsZeroChecksum = zeroChecksum6;
  socket.encapsulation = receive;
  try {
    socket.bind({ address: new Uint8Array(family === "inet" ? 4 : 16), port });
  } catch (refusal) {
    socket.close();
    throw refusal;
  }
  return socket;
}

/** The outer headers of a packet. */
export interface TunnelHeader<A extends Ipv4Address | Ipv6Address> {
  readonly source: A;
  readonly destination: A;
  readonly tos: number;
  readonly ttl: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** False: the checksum is 0. */
  readonly checksum: boolean;
}

/** skb_scrub_packet(): nothing of the inner packet's way goes with the outer one. */
function scrub(packet: Packet): void {
  packet.packetType = PACKET_HOST;
  packet.control = undefined;
  packet.tunnel = undefined;
  packet.viaPort = undefined;
  packet.arrivedOn = 0;
  packet.mac = -1;
}

function pushUdp(packet: Packet, header: TunnelHeader<Ipv4Address | Ipv6Address>): void {
  packet.push(UDP_HEADER_LENGTH);
  const { bytes, start } = packet;
  writeU16BE(bytes, start, header.sourcePort);
  writeU16BE(bytes, start + 2, header.destinationPort);
  writeU16BE(bytes, start + 4, packet.length);
  writeU16BE(bytes, start + 6, 0);
}

/** udp_tunnel_xmit_skb(): sends a packet that starts at the tunnel's header. Returns 0 or an errno. */
export function sendUdpTunnelV4(
  inet: Ipv4Netns,
  route: Route,
  packet: Packet,
  header: TunnelHeader<Ipv4Address> & { readonly dontFragment: boolean },
): number {
  const { source, destination, tos, ttl, checksum, dontFragment } = header;
  pushUdp(packet, header);
  if (checksum) {
    const sum = pseudoHeaderSumV4(source, destination, IpProtocol.UDP, packet.length);
    fillUdpChecksum(packet.bytes, packet.start, packet.end, sum);
  }
  return sendTunnelV4(inet, route, packet, {
    source,
    destination,
    protocol: IpProtocol.UDP,
    tos,
    ttl,
    dontFragment,
  });
}

/** iptunnel_xmit(): sends a packet that starts behind the IPv4 header that it is to get. Returns 0 or an errno. */
export function sendTunnelV4(
  inet: Ipv4Netns,
  route: Route,
  packet: Packet,
  header: Pick<TunnelHeader<Ipv4Address>, "source" | "destination" | "tos" | "ttl"> & {
    readonly protocol: number;
    readonly dontFragment: boolean;
  },
): number {
  scrub(packet);
  packet.transport = packet.start;
  packet.push(IPV4_MIN_HEADER);
  const { bytes, start } = packet;
  writeU8(bytes, start, 0x45);
  writeU8(bytes, start + 1, header.tos);
  writeU16BE(bytes, start + 4, nextId(inet));
  writeU16BE(bytes, start + 6, header.dontFragment ? IPV4_DONT_FRAGMENT : 0);
  writeU8(bytes, start + 8, header.ttl);
  writeU8(bytes, start + 9, header.protocol);
  writeU32BE(bytes, start + 12, header.source);
  writeU32BE(bytes, start + 16, header.destination);
  return sendLocal(inet, packet, route);
}

/** udp_tunnel6_xmit_skb(). Returns 0 or an errno. */
export function sendUdpTunnelV6(
  namespace: Inet6Netns,
  route: Route6,
  packet: Packet,
  header: TunnelHeader<Ipv6Address> & { readonly flowLabel: number },
): number {
  const { source, destination, tos, ttl, checksum, flowLabel } = header;
  pushUdp(packet, header);
  if (checksum) {
    const sum = pseudoHeaderSumV6(source, destination, IpProtocol.UDP, packet.length);
    fillUdpChecksum(packet.bytes, packet.start, packet.end, sum);
  }
  scrub(packet);
  writeHeader(packet, {
    trafficClass: tos,
    flowLabel,
    nextHeader: IpProtocol.UDP,
    hopLimit: ttl,
    source,
    destination,
  });
  return sendPacket(namespace, route, packet);
}

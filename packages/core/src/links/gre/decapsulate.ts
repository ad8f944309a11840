// GRE packets for this host (gre_rcv, ip_tunnel_rcv): the tunnel by ends and key, then what is inside goes on as if it had come in
// on the tunnel's device.

import { ipv4Stack } from "../../kernel/ipv4/namespace.ts";
import { note, traceDevice } from "../../kernel/journey.ts";
import type { Packet } from "../../kernel/packet.ts";
import { PACKET_HOST } from "../../kernel/packet.ts";
import { netifRx } from "../../kernel/receive.ts";
import { mergeCongestionMark } from "../../kernel/tunnel/congestion.ts";
import { ETHERNET_HEADER_LENGTH, ethType } from "../../wire/ethernet.ts";
import { GRE_CHECKSUM, GRE_ETHERNET, GRE_KEY, GRE_SEQUENCE, readGreHeader } from "../../wire/gre.ts";
import type { GreHeader } from "../../wire/gre.ts";
import { ipv4Destination, ipv4Source, ipv4Tos, ipv4Ttl } from "../../wire/ipv4.ts";
import type { GreDevice } from "./device.ts";
import { greOf } from "./tunnels.ts";

/** `network` is the IP header, `start` the GRE header. */
export function receiveGre(packet: Packet): void {
  const { bytes, start, end, network, device: from } = packet;
  const { kernel, netns } = from;
  const header = readGreHeader(bytes, start, end);
  if (header === undefined) {
    kernel.drop(packet, "NOT_SPECIFIED", from.name);
    return;
  }
  const tables = greOf(netns);
  const frames = header.protocol === GRE_ETHERNET;
  const table = frames ? tables.frames : tables.packets;
  const device = table.find(
    ipv4Source(bytes, network),
    ipv4Destination(bytes, network),
    header,
    from.ifindex,
  );
  if (device === undefined) {
    ipv4Stack.require(kernel).sendError(packet, 3, 3, 0);
    kernel.drop(packet, "NOT_SPECIFIED", from.name);
    return;
  }
  if (!acceptable(device, header)) {
    kernel.drop(packet, "NOT_SPECIFIED", device.name);
    return;
  }
  if (frames && end - start - header.length < ETHERNET_HEADER_LENGTH) {
    device.statistics.rxLengthErrors++;
    device.statistics.rxErrors++;
    kernel.drop(packet, "PKT_TOO_SMALL", device.name);
    return;
  }
  deliver(device, packet, header, frames);
}

/** Checksums and sequence numbers as the tunnel wants them. */
function acceptable(device: GreDevice, { flags, sequence }: GreHeader): boolean {
  const { config, statistics } = device;
  if (!config.external && (flags & GRE_CHECKSUM) !== (config.inputFlags & GRE_CHECKSUM)) {
    statistics.rxCrcErrors++;
    statistics.rxErrors++;
    return false;
  }
  if (config.inputFlags & GRE_SEQUENCE) {
    const late = device.inputSequence !== 0 && ((sequence - device.inputSequence) | 0) < 0;
    if ((flags & GRE_SEQUENCE) === 0 || late) {
      statistics.rxFifoErrors++;
      statistics.rxErrors++;
      return false;
    }
    device.inputSequence = (sequence + 1) >>> 0;
  }
  return true;
}

function deliver(device: GreDevice, packet: Packet, header: GreHeader, frames: boolean): void {
  const { bytes, start, network } = packet;
  const { statistics, kernel } = device;
  const inside = start + header.length;
  const tos = ipv4Tos(bytes, network);
  packet.tunnel = device.config.external
    ? {
        direction: "receive",
        id: header.flags & GRE_KEY ? header.key : undefined,
        source: ipv4Source(bytes, network),
        destination: ipv4Destination(bytes, network),
        tos,
        ttl: ipv4Ttl(bytes, network),
        sourcePort: 0,
        destinationPort: 0,
        checksum: (header.flags & GRE_CHECKSUM) !== 0,
        dontFragment: false,
      }
    : undefined;
  packet.start = inside;
  const payload = frames ? inside + ETHERNET_HEADER_LENGTH : inside;
  const type = frames ? ethType(bytes, inside) : header.protocol;
  if (!mergeCongestionMark(packet, payload, type, tos)) {
    statistics.rxFrameErrors++;
    statistics.rxErrors++;
    kernel.drop(packet, "IP_TUNNEL_ECN", device.name);
    return;
  }
  if (packet.traced) {
    note(packet, { kind: "decapsulate", device: traceDevice(device), protocol: "GRE" });
  }
  if (device.home !== device.netns) packet.mark = 0;
  packet.control = undefined;
  packet.route = undefined;
  packet.viaPort = undefined;
  packet.arrivedOn = 0;
  packet.vlanTci = -1;
  statistics.rxPackets++;
  statistics.rxBytes += packet.length;
  if (!frames) {
    packet.protocol = header.protocol;
    packet.packetType = PACKET_HOST;
    packet.network = packet.start;
  }
  netifRx(packet, device);
}

// Datagrams that come to a Geneve socket (geneve_udp_encap_recv, geneve_rx): the frame inside goes on as if it had come in on the
// device of its network (RFC 8926, 4; RFC 6040, 4.2 for the congestion marks).

import { note, traceDevice } from "../../kernel/journey.ts";
import type { Packet } from "../../kernel/packet.ts";
import { netifRx } from "../../kernel/receive.ts";
import { mergeCongestionMark } from "../../kernel/tunnel/congestion.ts";
import { udpTunnelMetadata } from "../../kernel/tunnel/udp-metadata.ts";
import { ETHERNET_HEADER_LENGTH, ethSource, ethType } from "../../wire/ethernet.ts";
import {
  GENEVE_CRITICAL,
  GENEVE_ETHERNET,
  GENEVE_HEADER_LENGTH,
  GENEVE_OAM,
  geneveFlags,
  geneveOptionsLength,
  geneveProtocol,
  geneveVersion,
  geneveVni,
} from "../../wire/geneve.ts";
import { ipv4Source, ipv4Tos } from "../../wire/ipv4.ts";
import { ipv6Source, ipv6TrafficClass } from "../../wire/ipv6.ts";
import type { GeneveDevice } from "./device.ts";
import { deviceOf } from "./sockets.ts";
import type { GeneveSocket } from "./sockets.ts";

/** The packet starts after the UDP header; `network` and `transport` are those of the outer headers. */
export function receiveTunnelled(shared: GeneveSocket, packet: Packet): void {
  const { bytes, start, network } = packet;
  const { kernel } = packet.device;
  const invalid = packet.length < GENEVE_HEADER_LENGTH || geneveVersion(bytes, start) !== 0;
  if (invalid || geneveProtocol(bytes, start) !== GENEVE_ETHERNET) {
    kernel.drop(packet, "NOT_SPECIFIED", packet.device.name);
    return;
  }
  const vni = geneveVni(bytes, start);
  const v4 = shared.family === "inet";
  const device = deviceOf(shared, vni, v4 ? ipv4Source(bytes, network) : ipv6Source(bytes, network));
  if (device === undefined) {
    kernel.drop(packet, "NOT_SPECIFIED", packet.device.name);
    return;
  }
  const options = start + GENEVE_HEADER_LENGTH;
  const frame = options + geneveOptionsLength(bytes, start);
  if (packet.end - frame < ETHERNET_HEADER_LENGTH) {
    device.statistics.rxLengthErrors++;
    device.statistics.rxErrors++;
    kernel.drop(packet, "PKT_TOO_SMALL", device.name);
    return;
  }
  const flags = geneveFlags(bytes, start);
  // Options that must be understood: who decides by metadata may, this device does not know any.
  if (!device.config.external && flags & GENEVE_CRITICAL) {
    device.statistics.rxDropped++;
    kernel.drop(packet, "NOT_SPECIFIED", device.name);
    return;
  }
  if (ethSource(bytes, frame) === device.address) {
    device.statistics.rxErrors++;
    kernel.drop(packet, "LOCAL_MAC", device.name);
    return;
  }
  const tunnel = device.config.external
    ? udpTunnelMetadata(packet, v4, {
        id: vni,
        oam: (flags & GENEVE_OAM) !== 0,
        options: bytes.slice(options, frame),
      })
    : undefined;
  const tos = v4 ? ipv4Tos(bytes, network) : ipv6TrafficClass(bytes, network);
  packet.start = frame;
  if (!mergeCongestionMark(packet, frame + ETHERNET_HEADER_LENGTH, ethType(bytes, frame), tos)) {
    device.statistics.rxFrameErrors++;
    device.statistics.rxErrors++;
    kernel.drop(packet, "IP_TUNNEL_ECN", device.name);
    return;
  }
  packet.tunnel = tunnel;
  deliver(device, packet);
}

function deliver(device: GeneveDevice, packet: Packet): void {
  if (packet.traced) {
    note(packet, { kind: "decapsulate", device: traceDevice(device), protocol: "Geneve" });
  }
  if (device.home !== device.netns) packet.mark = 0;
  packet.control = undefined;
  packet.route = undefined;
  packet.viaPort = undefined;
  packet.arrivedOn = 0;
  packet.vlanTci = -1;
  device.statistics.rxPackets++;
  device.statistics.rxBytes += packet.length - ETHERNET_HEADER_LENGTH;
  netifRx(packet, device);
}

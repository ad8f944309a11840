// Datagrams that come to a VXLAN socket (vxlan_rcv): header, device by VNI, learning, and the frame inside goes on as if it had come in
// on that device (RFC 7348, 4; RFC 6040, 4.2 for the congestion marks).

import { note, traceDevice } from "../../kernel/journey.ts";
import type { Packet } from "../../kernel/packet.ts";
import { netifRx } from "../../kernel/receive.ts";
import type { TunnelMetadata } from "../../kernel/tunnel-metadata.ts";
import type { DropReason } from "../../trace/drop-reason.ts";
import { readU16BE, readU8 } from "../../wire/bytes.ts";
import { ETHERNET_HEADER_LENGTH, ethSource, ethType, EtherType } from "../../wire/ethernet.ts";
import {
  fillIpv4Checksum,
  IPV4_MIN_HEADER,
  ipv4Destination,
  ipv4Source,
  ipv4Tos,
  ipv4Ttl,
  setIpv4Tos,
} from "../../wire/ipv4.ts";
import { isLinkLocalIpv6 } from "../../wire/ipv6-address.ts";
import {
  IPV6_HEADER_LENGTH,
  ipv6Destination,
  ipv6HopLimit,
  ipv6Source,
  ipv6TrafficClass,
  setIpv6TrafficClass,
} from "../../wire/ipv6.ts";
import { udpChecksum, udpDestinationPort, udpSourcePort } from "../../wire/udp.ts";
import { VXLAN_FLAG_VNI, VXLAN_HEADER_LENGTH, vxlanFlags, vxlanVni } from "../../wire/vxlan.ts";
import { VXLAN_F } from "./config.ts";
import type { VxlanDevice } from "./device.ts";
import { deviceOfVni } from "./sockets.ts";
import type { VxlanSocket } from "./sockets.ts";

const ECN_MASK = 3;
const ECN_CE = 3;
const GBP_FLAG = 0x80;
const GBP_BITS = 0x48; // don't learn, policy applied

function drop(packet: Packet, reason: DropReason, device = packet.device): void {
  device.kernel.drop(packet, reason, device.name);
}

/** The packet starts after the UDP header; `network` and `transport` are those of the outer headers. */
export function receiveTunnelled(shared: VxlanSocket, packet: Packet): void {
  const { bytes, start } = packet;
  if (packet.length < VXLAN_HEADER_LENGTH || (vxlanFlags(bytes, start) & VXLAN_FLAG_VNI) === 0) {
    drop(packet, "VXLAN_INVALID_HDR");
    return;
  }
  const vni = vxlanVni(bytes, start);
  const { ifindex } = packet.device;
  const device = deviceOfVni(shared, vni, ifindex);
  if (device === undefined) {
    drop(packet, "VXLAN_VNI_NOT_FOUND");
    return;
  }
  const groupPolicy = readGroupPolicy(shared, bytes, start);
  // Bits that no extension uses make a packet that is not for us, against RFC 7348, 5.
  if (groupPolicy === "invalid") {
    drop(packet, "VXLAN_INVALID_HDR");
    return;
  }
  const outer = { network: packet.network, v4: shared.family === "inet" };
  const from = outer.v4 ? ipv4Source(bytes, outer.network) : ipv6Source(bytes, outer.network);
  const frame = start + VXLAN_HEADER_LENGTH;
  if (packet.end - frame < ETHERNET_HEADER_LENGTH) {
    device.statistics.rxLengthErrors++;
    device.statistics.rxErrors++;
    drop(packet, "PKT_TOO_SMALL", device);
    return;
  }
  const source = ethSource(bytes, frame);
  if (source === device.address) {
    drop(packet, "LOCAL_MAC", device); // our own multicast
    return;
  }
  const scope = typeof from === "string" && isLinkLocalIpv6(from) ? ifindex : 0;
  if (device.has(VXLAN_F.LEARN) && !device.learn(source, from, scope, vni)) {
    drop(packet, "VXLAN_ENTRY_EXISTS", device);
    return;
  }
  const tunnel = device.has(VXLAN_F.COLLECT_METADATA)
    ? metadataOf(packet, outer.v4, vni, groupPolicy)
    : undefined;
  const outerTos = outer.v4 ? ipv4Tos(bytes, outer.network) : ipv6TrafficClass(bytes, outer.network);
  packet.start = frame;
  if (!mergeCongestionMark(packet, outerTos)) {
    device.statistics.rxFrameErrors++;
    device.statistics.rxErrors++;
    drop(packet, "IP_TUNNEL_ECN", device);
    return;
  }
  if (tunnel === undefined && groupPolicy !== 0) packet.mark = groupPolicy;
  deliver(device, packet, tunnel);
}

function deliver(device: VxlanDevice, packet: Packet, tunnel: TunnelMetadata | undefined): void {
  if (!device.up) {
    device.statistics.rxDropped++;
    drop(packet, "DEV_READY", device);
    return;
  }
  if (packet.traceId !== 0) {
    note(packet, { kind: "decapsulate", device: traceDevice(device), protocol: "VXLAN" });
  }
  if (device.home !== device.netns) packet.mark = 0;
  packet.tunnel = tunnel;
  packet.control = undefined;
  packet.route = undefined;
  packet.viaPort = undefined;
  packet.arrivedOn = 0;
  packet.vlanTci = -1;
  device.statistics.rxPackets++;
  device.statistics.rxBytes += packet.length - ETHERNET_HEADER_LENGTH;
  netifRx(packet, device);
}

/** vxlan_parse_gbp_hdr(), and what is left of the header: policy id and flags, 0 for none. */
function readGroupPolicy(shared: VxlanSocket, bytes: Uint8Array, at: number): number | "invalid" {
  const flags = vxlanFlags(bytes, at);
  const reserved = readU8(bytes, at + 7);
  if ((shared.flags & VXLAN_F.GBP) === 0 || (flags & GBP_FLAG) === 0) {
    const rest = (flags & ~VXLAN_FLAG_VNI) | readU8(bytes, at + 1) | readU16BE(bytes, at + 2) | reserved;
    return rest === 0 ? 0 : "invalid";
  }
  const bits = readU8(bytes, at + 1);
  if ((flags & ~(VXLAN_FLAG_VNI | GBP_FLAG)) !== 0 || (bits & ~GBP_BITS) !== 0 || reserved !== 0)
    return "invalid";
  return (bits << 16) | readU16BE(bytes, at + 2);
}

function metadataOf(packet: Packet, v4: boolean, vni: number, groupPolicy: number): TunnelMetadata {
  const { bytes, network, transport } = packet;
  return {
    direction: "receive",
    id: vni,
    source: v4 ? ipv4Source(bytes, network) : ipv6Source(bytes, network),
    destination: v4 ? ipv4Destination(bytes, network) : ipv6Destination(bytes, network),
    tos: v4 ? ipv4Tos(bytes, network) : ipv6TrafficClass(bytes, network),
    ttl: v4 ? ipv4Ttl(bytes, network) : ipv6HopLimit(bytes, network),
    sourcePort: udpSourcePort(bytes, transport),
    destinationPort: udpDestinationPort(bytes, transport),
    checksum: udpChecksum(bytes, transport) !== 0,
    dontFragment: false,
    ...(groupPolicy !== 0 && { groupPolicy }),
  };
}

/** IP_ECN_decapsulate(): false if a router marked congestion for a packet that cannot say so. The packet starts at its frame. */
function mergeCongestionMark(packet: Packet, outer: number): boolean {
  if ((outer & ECN_MASK) !== ECN_CE) return true;
  const { start, end } = packet;
  const at = start + ETHERNET_HEADER_LENGTH;
  const type = ethType(packet.bytes, start);
  if (type === EtherType.IPV4 && end - at >= IPV4_MIN_HEADER) {
    const tos = ipv4Tos(packet.bytes, at);
    if ((tos & ECN_MASK) === 0) return false;
    packet.writable();
    setIpv4Tos(packet.bytes, at, tos | ECN_CE);
    fillIpv4Checksum(packet.bytes, at);
  } else if (type === EtherType.IPV6 && end - at >= IPV6_HEADER_LENGTH) {
    const trafficClass = ipv6TrafficClass(packet.bytes, at);
    if ((trafficClass & ECN_MASK) === 0) return false;
    packet.writable();
    setIpv6TrafficClass(packet.bytes, at, trafficClass | ECN_CE);
  }
  return true;
}

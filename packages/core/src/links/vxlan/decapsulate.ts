// Datagrams that come to a VXLAN socket (vxlan_rcv): header, device by VNI, learning, and the frame inside goes on as if it had come in
// on that device (RFC 7348, 4; RFC 6040, 4.2 for the congestion marks).

import { note, traceDevice } from "../../kernel/journey.ts";
import type { Packet } from "../../kernel/packet.ts";
import { netifRx } from "../../kernel/receive.ts";
import type { TunnelMetadata } from "../../kernel/tunnel/metadata.ts";
import { mergeCongestionMark } from "../../kernel/tunnel/congestion.ts";
import { udpTunnelMetadata } from "../../kernel/tunnel/udp-metadata.ts";
import type { DropReason } from "../../trace/drop-reason.ts";
import { readU16BE, readU8 } from "../../wire/bytes.ts";
import { ETHERNET_HEADER_LENGTH, ethSource, ethType } from "../../wire/ethernet.ts";
import { ipv4Source, ipv4Tos } from "../../wire/ipv4.ts";
import { isLinkLocalIpv6 } from "../../wire/ipv6-address.ts";
import { ipv6Source, ipv6TrafficClass } from "../../wire/ipv6.ts";
import { VXLAN_FLAG_VNI, VXLAN_HEADER_LENGTH, vxlanFlags, vxlanVni } from "../../wire/vxlan.ts";
import { VXLAN_F } from "./config.ts";
import type { VxlanDevice } from "./device.ts";
import { deviceOfVni } from "./sockets.ts";
import type { VxlanSocket } from "./sockets.ts";

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
    ? udpTunnelMetadata(packet, outer.v4, { id: vni, ...(groupPolicy !== 0 && { groupPolicy }) })
    : undefined;
  const outerTos = outer.v4 ? ipv4Tos(bytes, outer.network) : ipv6TrafficClass(bytes, outer.network);
  packet.start = frame;
  const inner = frame + ETHERNET_HEADER_LENGTH;
  if (!mergeCongestionMark(packet, inner, ethType(bytes, frame), outerTos)) {
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
  if (packet.traced) {
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

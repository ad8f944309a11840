// The way up from a device: __netif_receive_skb_core(). Taps, VLAN tags, the device's rx handler, then the protocols.

import { ETHERNET_HEADER_LENGTH, ETHERTYPE_MIN } from "../wire/ethernet.ts";
import { isBroadcastMac, isMulticastMacAt } from "../wire/mac.ts";
import { readU16BE } from "../wire/bytes.ts";
import type { NetDevice } from "./device.ts";
import { ARPHRD } from "./device.ts";
import { noteReceive, noteTap } from "./journey.ts";
import type { Kernel } from "./kernel.ts";
import type { Packet } from "./packet.ts";
import {
  PACKET_BROADCAST,
  PACKET_HOST,
  PACKET_LOOPBACK,
  PACKET_MULTICAST,
  PACKET_OTHERHOST,
} from "./packet.ts";

const ETH_P_ALL = 3;
const ETH_P_802_3 = 1;
const ETH_P_802_2 = 4;
const VLAN = 0x8100;
const SERVICE_VLAN = 0x88a8;

/**
 * eth_type_trans(): reads the link-layer header of a packet that has come to `device`, sets packet type and protocol,
 * and moves to the network layer. False if the frame is shorter than its header.
 */
export function readLinkHeader(packet: Packet, device: NetDevice): boolean {
  packet.device = device;
  packet.mac = packet.start;
  if (device.hardwareType !== ARPHRD.ETHER && device.hardwareType !== ARPHRD.LOOPBACK) return true;
  if (packet.end - packet.start < ETHERNET_HEADER_LENGTH) return false;
  const { bytes, start } = packet;
  const to = packet.u16(start) * 0x1_0000_0000 + packet.u32(start + 2);
  if (to === device.address) packet.packetType = PACKET_HOST;
  else if (!isMulticastMacAt(bytes, start)) packet.packetType = PACKET_OTHERHOST;
  else if (isBroadcastMac(to)) packet.packetType = PACKET_BROADCAST;
  else packet.packetType = PACKET_MULTICAST;
  packet.start += ETHERNET_HEADER_LENGTH;
  const type = packet.u16(packet.start - 2); // the header's last field
  packet.network = packet.start;
  if (type >= ETHERTYPE_MIN) packet.protocol = type;
  // "Novell raw 802.3" has a checksum field of ones where LLC would be
  else
    packet.protocol =
      packet.length >= 2 && readU16BE(bytes, packet.start) === 0xffff ? ETH_P_802_3 : ETH_P_802_2;
  return true;
}

/** Puts a frame, starting at its link-layer header, on the work queue of its new device. Returns false if it is full. */
export function netifRx(packet: Packet, device: NetDevice): boolean {
  if (!readLinkHeader(packet, device)) {
    device.kernel.drop(packet, "PKT_TOO_SMALL", device.name);
    return true;
  }
  if (device.kernel.softirq.enqueue(packet)) return true;
  device.statistics.rxDropped++;
  device.kernel.drop(packet, "CPU_BACKLOG", device.name);
  return false;
}

/** Makes the work queue deliver here. */
export function installReceive(kernel: Kernel): void {
  kernel.softirq.receive = netifReceive;
}

/** netif_receive_skb(): a packet that starts at its network layer, with `mac` set. */
export function netifReceive(packet: Packet): void {
  let device = packet.device;
  const kernel = device.kernel;
  if (packet.arrivedOn === 0) packet.arrivedOn = device.ifindex;
  for (;;) {
    if (packet.traceId !== 0) noteReceive(packet, device);
    if (!device.registered || !device.up) {
      device.statistics.rxDropped++;
      kernel.drop(packet, "DEV_READY", device.name);
      return;
    }
    if (packet.vlanTci < 0 && (packet.protocol === VLAN || packet.protocol === SERVICE_VLAN)) {
      if (!untag(packet)) {
        kernel.drop(packet, "VLAN_HEADER", device.name);
        return;
      }
    }
    if (device.tapCount > 0 || device.netns.taps.size > 0) tapIncoming(packet, device);
    if (device.policer !== undefined && !device.policer.passes(packet.length, kernel.clock.now)) {
      kernel.drop(packet, "TC_INGRESS", device.name);
      return;
    }
    if (packet.vlanTci >= 0) {
      const receiver = kernel.vlanReceiver?.(device, packet);
      if (receiver === "dropped") return;
      if (receiver !== undefined) {
        packet.device = device = receiver;
        continue;
      }
    }
    if (device.rxHandler !== undefined) {
      const verdict = device.rxHandler(packet);
      if (verdict === "consumed") return;
      if (verdict === "another") {
        device = packet.device;
        continue;
      }
      if (verdict === "exact") {
        device.statistics.rxNohandler++;
        kernel.drop(packet, "UNHANDLED_PROTO", device.name);
        return;
      }
    }
    break;
  }
  if (packet.vlanTci >= 0) {
    // A tag that no VLAN device took: not for this host, unless it is only a priority tag.
    if ((packet.vlanTci & 0xfff) !== 0) packet.packetType = PACKET_OTHERHOST;
    packet.vlanTci = -1;
  }
  const handler = kernel.protocols.get(packet.protocol);
  if (handler !== undefined) {
    handler(packet);
    return;
  }
  device.statistics.rxDropped++;
  kernel.drop(packet, "UNHANDLED_PROTO", device.name);
}

/** skb_vlan_untag(): takes an in-line 802.1Q/802.1ad tag out of the frame and keeps it beside the bytes. */
export function untag(packet: Packet): boolean {
  if (packet.length < 4) return false;
  packet.writable();
  const { bytes, start, mac } = packet;
  packet.vlanTpid = packet.protocol;
  packet.vlanTci = readU16BE(bytes, start);
  const type = readU16BE(bytes, start + 2);
  // The addresses move up over the tag, so that the link-layer header stays in front of the payload.
  bytes.copyWithin(mac + 4, mac, mac + 12);
  packet.mac += 4;
  packet.start += 4;
  packet.network = packet.start;
  if (type >= ETHERTYPE_MIN) packet.protocol = type;
  else packet.protocol = ETH_P_802_2;
  return true;
}

function tapIncoming(packet: Packet, device: NetDevice): void {
  // packet_rcv(): what comes back from the device's own multicast was seen on its way out
  if (packet.packetType === PACKET_LOOPBACK) return;
  const { start } = packet;
  packet.start = packet.mac;
  let tapped = false;
  for (const tap of device.netns.taps) {
    if (tap.device !== undefined && tap.device !== device) continue;
    if (tap.protocol !== ETH_P_ALL && tap.protocol !== packet.protocol) continue;
    tap.deliver(packet);
    tapped = true;
  }
  packet.start = start;
  if (tapped && packet.traced) noteTap(packet, device, "in");
}

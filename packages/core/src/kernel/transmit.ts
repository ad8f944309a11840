// The way out of the stack: dev_queue_xmit(). Taps see the frame, then the device has it.

import { setEthDestination, setEthSource, setEthType, ETHERNET_HEADER_LENGTH } from "../wire/ethernet.ts";
import type { NetDevice } from "./device.ts";
import { ARPHRD } from "./device.ts";
import { noteTap, noteTransmit } from "./journey.ts";
import type { Packet } from "./packet.ts";
import { PACKET_OUTGOING } from "./packet.ts";
import { insertTag } from "./vlan-insert.ts";

/** Nested transmits through stacked devices (XMIT_RECURSION_LIMIT). */
const RECURSION_LIMIT = 8;
let depth = 0;

/** Bytes of link-layer header that the device's packets carry. */
export function linkHeaderLength(device: NetDevice): number {
  return device.hardwareType === ARPHRD.ETHER || device.hardwareType === ARPHRD.LOOPBACK
    ? ETHERNET_HEADER_LENGTH
    : 0;
}

/**
 * dev_hard_header(): puts a link-layer header in front of a packet that starts at its network layer.
 * `protocol` is the EtherType in host order.
 */
export function pushLinkHeader(
  packet: Packet,
  device: NetDevice,
  protocol: number,
  to: number,
  from: number,
): void {
  packet.device = device;
  packet.protocol = protocol;
  packet.network = packet.start;
  if (linkHeaderLength(device) === 0) {
    packet.mac = packet.start;
    return;
  }
  packet.push(ETHERNET_HEADER_LENGTH);
  packet.mac = packet.start;
  setEthDestination(packet.bytes, packet.start, to);
  setEthSource(packet.bytes, packet.start, from);
  setEthType(packet.bytes, packet.start, protocol);
}

/** Sends a packet that starts at its link-layer header out of `packet.device`. */
export function transmit(packet: Packet): void {
  const device = packet.device;
  if (!device.up) {
    device.statistics.txDropped++;
    device.kernel.drop(packet, "DEV_READY", "transmit");
    return;
  }
  if (depth >= RECURSION_LIMIT) {
    device.kernel.drop(packet, "RECURSION_LIMIT", "transmit");
    return;
  }
  packet.mac = packet.start;
  if (device.discipline === undefined) transmitNow(packet);
  else device.discipline.enqueue(packet);
}

/** dev_hard_start_xmit(): a packet that no queueing discipline has, or none has any more. */
export function transmitNow(packet: Packet): void {
  const { device } = packet;
  if (device.kernel.trace !== undefined) noteTransmit(packet, device);
  if (packet.vlanTci >= 0 && !device.vlanOffload) insertTag(packet);
  if (device.tapCount > 0 || device.netns.taps.size > 0) tapOutgoing(packet, device);
  depth++;
  try {
    device.transmit(packet);
  } finally {
    depth--;
  }
}

/** dev_queue_xmit_nit(): only taps for all protocols see outgoing frames. */
export function tapOutgoing(packet: Packet, device: NetDevice): void {
  const { packetType } = packet;
  packet.packetType = PACKET_OUTGOING;
  let tapped = false;
  for (const tap of device.netns.taps) {
    if (tap.protocol !== 3 || (tap.device !== undefined && tap.device !== device)) continue;
    tap.deliver(packet);
    tapped = true;
  }
  packet.packetType = packetType;
  if (tapped && packet.traced) noteTap(packet, device, "out");
}

// Frames from a device to the macvlans above it: macvlan_handle_frame() and what it calls. The kernel lets frames to many
// wait in a queue for a worker; here they wait in the backlog like everything else, after the frame they are copies of.

import { IFF } from "../../kernel/device.ts";
import type { NetDevice, RxVerdict } from "../../kernel/device.ts";
import { derived } from "../../kernel/journey.ts";
import type { Packet } from "../../kernel/packet.ts";
import { PACKET_BROADCAST, PACKET_HOST, PACKET_LOOPBACK, PACKET_MULTICAST } from "../../kernel/packet.ts";
import { netifRx } from "../../kernel/receive.ts";
import { ETHERNET_HEADER_LENGTH, ethDestination, ethSource } from "../../wire/ethernet.ts";
import { isMulticastMac } from "../../wire/mac.ts";
import type { MacvlanDevice } from "./device.ts";
import { MACVLAN_FLAG, MACVLAN_MODE } from "./netlink.ts";
import type { MacvlanPort } from "./port.ts";

const ETH_P_PAUSE = 0x8808;
const FRAME_ALLOWANCE = ETHERNET_HEADER_LENGTH + 4;
const { PRIVATE, VEPA, PASSTHRU, BRIDGE, SOURCE } = MACVLAN_MODE;

/** macvlan_compute_filter(): what a device wants of frames to many. */
function wants(device: NetDevice, to: number): boolean {
  return (
    (device.flags & (IFF.PROMISC | IFF.ALLMULTI)) !== 0 || device.broadcast === to || device.multicast.has(to)
  );
}

/** macvlan_count_rx() */
function count(device: MacvlanDevice, length: number, delivered: boolean, multicast: boolean): void {
  const { statistics } = device;
  if (!delivered) {
    statistics.rxErrors++;
    return;
  }
  statistics.rxPackets++;
  statistics.rxBytes += length;
  if (multicast) statistics.multicast++;
}

/** A copy of a received frame, which starts at its network layer, comes in on `device` as well. */
function copyUp(packet: Packet, device: MacvlanDevice): boolean {
  const copy = packet.clone();
  if (packet.traceId !== 0) derived(copy, packet, "copy");
  copy.device = device;
  const to = ethDestination(copy.bytes, copy.mac);
  if (to === device.broadcast) copy.packetType = PACKET_BROADCAST;
  else if (isMulticastMac(to)) copy.packetType = PACKET_MULTICAST;
  else if (to === device.address) copy.packetType = PACKET_HOST;
  return enqueue(copy, device);
}

function enqueue(packet: Packet, device: MacvlanDevice): boolean {
  if (device.kernel.softirq.enqueue(packet)) return true;
  device.statistics.rxDropped++;
  device.kernel.drop(packet, "CPU_BACKLOG", device.name);
  return false;
}

/** dev_forward_skb() of a copy of a frame on its way out, which starts at its link-layer header. */
function copyAcross(packet: Packet, device: MacvlanDevice): boolean {
  if (!device.up || packet.length > device.mtu + FRAME_ALLOWANCE) {
    device.statistics.rxDropped++;
    return false;
  }
  const copy = packet.clone();
  if (packet.traceId !== 0) derived(copy, packet, "copy");
  copy.priority = 0;
  copy.arrivedOn = 0;
  copy.viaPort = undefined;
  copy.route = undefined;
  return netifRx(copy, device);
}

/**
 * macvlan_broadcast(): a copy for each device, but the sender, that is in one of `modes` and listens. `local`: it is a
 * frame on its way out. The length counted has a header on top of what the packet starts with, even if that is one.
 */
export function broadcast(
  packet: Packet,
  port: MacvlanPort,
  sender: MacvlanDevice | undefined,
  modes: number,
  local: boolean,
): void {
  if (packet.protocol === ETH_P_PAUSE) return;
  const to = ethDestination(packet.bytes, packet.mac);
  const length = packet.length + ETHERNET_HEADER_LENGTH;
  for (const { device } of port.listening) {
    if (device === sender || (device.mode & modes) === 0 || !wants(device, to)) continue;
    const delivered = local ? copyAcross(packet, device) : copyUp(packet, device);
    count(device, length, delivered, true);
  }
}

/** macvlan_multicast_rx() */
function receiveForMany(packet: Packet, port: MacvlanPort, sender: MacvlanDevice | undefined): void {
  if (!sender) broadcast(packet, port, undefined, PRIVATE | VEPA | PASSTHRU | BRIDGE, false);
  else if (sender.mode === VEPA) broadcast(packet, port, sender, VEPA | BRIDGE, false);
  // devices in bridge mode saw it on its way out
  else broadcast(packet, port, sender, VEPA, false);
}

/** macvlan_forward_source(): true if nobody else is to have the frame. */
function forwardBySource(packet: Packet, port: MacvlanPort): boolean {
  let taken = false;
  if (port.sources.length === 0) return taken;
  const from = ethSource(packet.bytes, packet.mac);
  for (const { address, device } of port.sources) {
    if (address !== from) continue;
    if (device.modeFlags & MACVLAN_FLAG.NODST) taken = true;
    if (!device.up) continue;
    const copy = packet.clone();
    if (packet.traceId !== 0) derived(copy, packet, "copy");
    copy.device = device;
    if (ethDestination(copy.bytes, copy.mac) === device.address) copy.packetType = PACKET_HOST;
    count(device, packet.length + ETHERNET_HEADER_LENGTH, enqueue(copy, device), false);
  }
  return taken;
}

/** macvlan_handle_frame(): the rx handler of the lower device. */
export function handleFrame(port: MacvlanPort, packet: Packet): RxVerdict {
  if (packet.packetType === PACKET_LOOPBACK) return "pass";
  const to = ethDestination(packet.bytes, packet.mac);
  if (forwardBySource(packet, port)) return "consumed";
  if (isMulticastMac(to)) {
    const sender = port.find(ethSource(packet.bytes, packet.mac));
    if (sender && sender.mode !== VEPA && sender.mode !== BRIDGE) {
      // It came back: nobody else is to see what a private device sent.
      count(sender, packet.length, copyUp(packet, sender), false);
      return "consumed";
    }
    if (wants(port.lower, to)) receiveForMany(packet, port, sender);
    return "pass";
  }
  const device = port.passthru ? port.devices[0] : port.find(to);
  if (!device || device.mode === SOURCE) return "pass";
  if (!device.up) {
    device.kernel.drop(packet, "DEV_READY", device.name);
    return "consumed";
  }
  count(device, packet.length + ETHERNET_HEADER_LENGTH, true, false);
  packet.device = device;
  packet.packetType = PACKET_HOST;
  return "another";
}

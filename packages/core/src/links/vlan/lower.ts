// What a device has to do with the VLAN devices above it (net/8021q/vlan.c, vlan_core.c): finding the one for a tag, and
// passing on what happens to it.

import { changeFlags, changeMtu, closeDevice, transferOperstate } from "../../kernel/device-state.ts";
import { unregisterDevices, unlinkUpper } from "../../kernel/device-register.ts";
import type { NetDevice } from "../../kernel/device.ts";
import { IFF } from "../../kernel/device.ts";
import type { DeviceEvent } from "../../kernel/kernel.ts";
import { note, traceDevice } from "../../kernel/journey.ts";
import type { Packet } from "../../kernel/packet.ts";
import { PACKET_HOST, PACKET_MULTICAST, PACKET_OTHERHOST } from "../../kernel/packet.ts";
import { insertTag } from "../../kernel/vlan-insert.ts";
import { Slot } from "../../kernel/slot.ts";
import { ethDestination, EtherType } from "../../wire/ethernet.ts";
import { tciPriority, tciVlanId } from "../../wire/vlan-tag.ts";
import { portOf } from "../bridge/port.ts";
import type { VlanDevice } from "./device.ts";
import { VLAN_FLAG } from "./netlink.ts";

/** VLAN devices of one lower device, by TPID and VLAN id. */
const groups = new Slot<Map<number, VlanDevice>>();

function keyOf(protocol: number, vid: number): number {
  return (protocol === EtherType.SERVICE_VLAN ? 0x1000 : 0) | vid;
}

/** vlan_find_dev() */
export function findVlan(lower: NetDevice, protocol: number, vid: number): VlanDevice | undefined {
  return groups.of(lower)?.get(keyOf(protocol, vid));
}

export function attach(device: VlanDevice): void {
  const { lower } = device;
  let group = groups.of(lower);
  if (!group) groups.set(lower, (group = new Map()));
  group.set(keyOf(device.protocol, device.vid), device);
}

/** unregister_vlan_dev(), up to the unregistering. */
export function detach(device: VlanDevice): void {
  const { lower } = device;
  const group = groups.of(lower);
  if (!group?.delete(keyOf(device.protocol, device.vid))) return;
  unlinkUpper(lower, device);
  if (group.size === 0) groups.set(lower, undefined);
}

/** vlan_group_for_each_dev(): 802.1Q before 802.1ad, ascending. */
function above(lower: NetDevice): VlanDevice[] {
  const group = groups.of(lower);
  if (!group) return [];
  return [...group].sort(([a], [b]) => a - b).map(([, device]) => device);
}

/** vlan_stacked_transfer_operstate() */
export function followState(device: VlanDevice): void {
  if (!device.bindsToBridge) transferOperstate(device.lower, device);
}

/** vlan_device_event() */
export function lowerEvent(lower: NetDevice, event: DeviceEvent): void {
  if (!groups.of(lower)) return;
  switch (event.type) {
    case "change":
      for (const device of above(lower)) followState(device);
      break;
    case "changeAddress":
      for (const device of above(lower)) if (device.up) device.lowerAddressChanged();
      break;
    case "changeMtu":
      for (const device of above(lower)) if (device.mtu > lower.mtu) changeMtu(device, lower.mtu);
      break;
    case "down": {
      const closing = above(lower).filter((device) => device.up && !device.bindsLoosely);
      for (const device of closing) closeDevice(device);
      for (const device of closing) followState(device);
      break;
    }
    case "up":
      for (const device of above(lower)) {
        if (device.up) continue;
        if (!device.bindsLoosely) changeFlags(device, device.visibleFlags | IFF.UP);
        followState(device);
      }
      break;
    case "unregister": {
      // A move to another namespace leaves them where they are.
      if (!lower.unregistering) break;
      const going = above(lower);
      for (const device of going) detach(device);
      unregisterDevices(going);
      break;
    }
    case "notifyPeers":
      for (const device of above(lower)) device.kernel.tell(device, event);
      break;
    default:
      break;
  }
}

/** vlan_do_receive(): the packet starts at its network layer, its tag is beside it. */
export function receiveTagged(lower: NetDevice, packet: Packet): NetDevice | "dropped" | undefined {
  const device = groups.of(lower)?.get(keyOf(packet.vlanTpid, tciVlanId(packet.vlanTci)));
  if (device === undefined) return undefined;
  if (!device.up) {
    device.kernel.drop(packet, "DEV_READY", device.name);
    return "dropped";
  }
  if (packet.packetType === PACKET_OTHERHOST && ethDestination(packet.bytes, packet.mac) === device.address) {
    packet.packetType = PACKET_HOST;
  }
  if (packet.traced) {
    const { vlanTci: tci, vlanTpid: tpid } = packet;
    note(packet, { kind: "vlan-pop", device: traceDevice(device), tpid, tci });
  }
  const { statistics } = device;
  packet.priority = device.ingress[tciPriority(packet.vlanTci)] ?? 0;
  if ((device.vlanFlags & VLAN_FLAG.REORDER_HDR) === 0 && !portOf(device)) keepHeader(packet);
  packet.vlanTci = -1;
  statistics.rxPackets++;
  statistics.rxBytes += packet.length;
  if (packet.packetType === PACKET_MULTICAST) statistics.multicast++;
  return device;
}

/** Without REORDER_HDR taps see the tag in the bytes; the network layer still starts behind it. */
function keepHeader(packet: Packet): void {
  const { protocol, start, end } = packet;
  const length = end - start;
  insertTag(packet);
  packet.protocol = protocol;
  packet.start = packet.end - length;
  packet.network = packet.start;
}

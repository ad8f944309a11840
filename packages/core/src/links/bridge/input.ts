// Frames that come in by a port of a bridge (net/bridge/br_input.c), and those that this host sends by it (br_device.c:
// br_dev_xmit). Learning the source, then to the port that the destination is behind, to all of them, or up.
// IEEE 802.1D-2004, 7.5 to 7.8.

import type { RxVerdict } from "../../kernel/device.ts";
import type { Packet } from "../../kernel/packet.ts";
import { PACKET_HOST, PACKET_LOOPBACK } from "../../kernel/packet.ts";
import { netifReceive } from "../../kernel/receive.ts";
import type { DropReason } from "../../trace/drop-reason.ts";
import { readU16BE, readU32BE } from "../../wire/bytes.ts";
import { ETHERNET_HEADER_LENGTH } from "../../wire/ethernet.ts";
import type { Bridge } from "./bridge.ts";
import { learn } from "./fdb.ts";
import type { FdbEntry } from "./fdb-table.ts";
import { flood, forwardTo, multicast } from "./forward.ts";
import { noteDecision, noteLearned, noteUnicast } from "./journey.ts";
import { snoop } from "./multicast-snooping.ts";
import { BR_STATE } from "./netlink.ts";
import type { BridgePort } from "./port.ts";
import { ingressVlan, learningVlan, leave, mayLeave } from "./vlan-filter.ts";

const SOURCE = 6; // offset in the Ethernet header
/** 01:80:c2:00:00:0X, the first two and the last four bytes but the last nibble. */
const RESERVED_HIGH = 0x0180;
const RESERVED_LOW = 0xc200_0000 | 0;
const GROUP_STP = 0x00;
const GROUP_PAUSE = 0x01;

function drop(port: BridgePort, packet: Packet, reason: DropReason): RxVerdict {
  port.bridge.kernel.drop(packet, reason, port.device.name);
  return "consumed";
}

/** br_handle_frame(): the rx handler of a port's device. */
export function handleFrame(port: BridgePort, packet: Packet): RxVerdict {
  if (packet.packetType === PACKET_LOOPBACK) return "pass";
  const { mac } = packet;
  const sourceHigh = packet.u16(mac + SOURCE);
  const sourceLow = packet.u32(mac + SOURCE + 2) | 0;
  if ((sourceHigh & 0x0100) !== 0 || (sourceHigh === 0 && sourceLow === 0)) {
    return drop(port, packet, "MAC_INVALID_SOURCE");
  }
  const high = packet.u16(mac);
  const low = packet.u32(mac + 2) | 0;
  if (high === RESERVED_HIGH && (low & 0xffff_fff0) === RESERVED_LOW) {
    const verdict = handleReserved(port, packet, low & 0xf, sourceHigh, sourceLow);
    if (verdict !== undefined) return verdict;
  }
  if (port.state !== BR_STATE.FORWARDING && port.state !== BR_STATE.LEARNING) {
    return drop(port, packet, "BRIDGE_INGRESS_STP_STATE");
  }
  finishFrame(port, packet, high, low, sourceHigh, sourceLow);
  return "consumed";
}

/** Frames to 01:80:c2:00:00:0X stay on their segment (table 7-10); undefined if they are forwarded nevertheless. */
function handleReserved(
  port: BridgePort,
  packet: Packet,
  group: number,
  sourceHigh: number,
  sourceLow: number,
): RxVerdict | undefined {
  const { bridge } = port;
  const bit = 1 << group;
  const mask = bridge.groupFwdMaskRequired | port.groupFwdMask;
  // Without a spanning tree BPDUs pass, so that others can find loops through this bridge.
  if (group === GROUP_STP) {
    if (!bridge.stp || mask & bit) return undefined;
  } else if (group === GROUP_PAUSE) return drop(port, packet, "MAC_IEEE_MAC_CONTROL");
  else if ((mask | bridge.groupFwdMask) & bit) return undefined;
  // br_handle_local_finish(): for this host only; LLDP and STP agents listen on the port itself.
  const learns = port.state === BR_STATE.FORWARDING || port.state === BR_STATE.LEARNING;
  if (port.learning && learns && !bridge.noLinklocalLearn) {
    const vid = learningVlan(bridge, port, packet);
    if (vid >= 0) learn(bridge, port, (vid << 16) | sourceHigh, sourceLow);
  }
  return "pass";
}

/** br_handle_frame_finish() */
function finishFrame(
  port: BridgePort,
  packet: Packet,
  high: number,
  low: number,
  sourceHigh: number,
  sourceLow: number,
): void {
  const { bridge } = port;
  const { kernel } = bridge;
  let vid = 0;
  let { state } = port;
  if (bridge.vlanFiltering) {
    const vlan = ingressVlan(bridge, port.vlans, packet);
    if (vlan === undefined) {
      kernel.drop(packet, "BRIDGE_INGRESS_VLAN", port.device.name);
      return;
    }
    vid = vlan.vid;
    if (state === BR_STATE.FORWARDING && vlan.state !== state) {
      if (vlan.state !== BR_STATE.LEARNING) {
        kernel.drop(packet, "BRIDGE_INGRESS_STP_STATE", port.device.name);
        return;
      }
      ({ state } = vlan);
    }
  }
  const sourceKey = (vid << 16) | sourceHigh;
  if (port.locked && !isAuthorized(port, bridge.fdb.find(sourceKey, sourceLow))) {
    kernel.drop(packet, "BRIDGE_LOCKED", port.device.name);
    return;
  }
  if (port.learning) {
    const learned = learn(bridge, port, sourceKey, sourceLow);
    if (packet.traced && learned !== "nothing")
      noteLearned(bridge, port, packet, sourceKey, sourceLow, learned === "moved");
  }
  if ((high & 0x0100) !== 0) finishGroup(port, packet, vid, state, high === 0xffff && low === -1);
  else if (state === BR_STATE.LEARNING) kernel.drop(packet, "BRIDGE_INGRESS_STP_STATE", port.device.name);
  else finishUnicast(port, packet, vid, high, low);
}

/** The frame's destination is one station. */
function finishUnicast(port: BridgePort, packet: Packet, vid: number, high: number, low: number): void {
  const { bridge } = port;
  const toHost = bridge.device.promiscuity > 0;
  const entry = bridge.fdb.find((vid << 16) | high, low);
  if (packet.traced) noteUnicast(bridge, packet, vid, entry, toHost);
  if (entry === undefined) flood(bridge, port, packet, "unicast", toHost);
  else if (entry.local) {
    passUp(bridge, port, packet);
    return;
  } else {
    entry.used = bridge.kernel.clock.now;
    forwardTo(entry.port, port, packet, toHost);
  }
  if (toHost) passUp(bridge, port, packet);
}

/** The frame's destination is a group, or everybody. */
function finishGroup(port: BridgePort, packet: Packet, vid: number, state: number, broadcast: boolean): void {
  const { bridge } = port;
  const { kernel, device } = bridge;
  const snooped = !broadcast && bridge.multicast.snooping ? snoop(bridge, port, packet, vid) : undefined;
  if (snooped === "bad") {
    kernel.drop(packet, "IGMP_INVALID", port.device.name);
    return;
  }
  if (state === BR_STATE.LEARNING) {
    kernel.drop(packet, "BRIDGE_INGRESS_STP_STATE", port.device.name);
    return;
  }
  const wanted = snooped === undefined || snooped.host;
  if (wanted && !broadcast) device.statistics.multicast++;
  const toHost = wanted || device.promiscuity > 0;
  const members = snooped?.members;
  if (packet.traced) {
    noteDecision(bridge, packet, vid, members === undefined ? "flood" : "group", undefined, toHost);
  }
  if (members === undefined) flood(bridge, port, packet, broadcast ? "broadcast" : "multicast", toHost);
  else multicast(bridge, port, packet, members, toHost);
  if (toHost) passUp(bridge, port, packet);
}

/** A locked port takes only sources that are known to be behind it. */
function isAuthorized(port: BridgePort, entry: FdbEntry | undefined): boolean {
  return entry !== undefined && entry.port === port && !entry.local;
}

/** br_pass_frame_up(): the frame is for this host, on the bridge device. */
function passUp(bridge: Bridge, port: BridgePort, packet: Packet): void {
  const { device, vlans } = bridge;
  device.statistics.rxPackets++;
  device.statistics.rxBytes += packet.length;
  if (bridge.vlanFiltering) {
    const promiscuous = device.promiscuity > 0;
    if ((!promiscuous && !mayLeave(vlans, packet)) || !leave(bridge, vlans, packet, promiscuous)) {
      bridge.kernel.drop(packet, "BRIDGE_EGRESS_VLAN", device.name);
      return;
    }
  }
  packet.viaPort = port.device;
  packet.device = device;
  const { bytes, mac } = packet;
  const address = readU16BE(bytes, mac) * 0x1_0000_0000 + readU32BE(bytes, mac + 2);
  if (address === device.address) packet.packetType = PACKET_HOST;
  netifReceive(packet);
}

/** br_dev_xmit(): a frame of this host, starting at its link-layer header. */
export function transmitByBridge(bridge: Bridge, packet: Packet): void {
  const { device, kernel } = bridge;
  device.statistics.txPackets++;
  device.statistics.txBytes += packet.length;
  packet.mac = packet.start;
  packet.start += ETHERNET_HEADER_LENGTH;
  packet.network = packet.start;
  let vid = 0;
  if (bridge.vlanFiltering) {
    const vlan = ingressVlan(bridge, bridge.vlans, packet);
    if (vlan === undefined || vlan.state !== BR_STATE.FORWARDING) {
      kernel.drop(
        packet,
        vlan === undefined ? "BRIDGE_INGRESS_VLAN" : "BRIDGE_INGRESS_STP_STATE",
        device.name,
      );
      return;
    }
    ({ vid } = vlan);
  }
  const { mac } = packet;
  const high = packet.u16(mac);
  const low = packet.u32(mac + 2) | 0;
  if (high === 0xffff && low === -1) {
    if (packet.traced) noteDecision(bridge, packet, vid, "flood", undefined, false);
    flood(bridge, undefined, packet, "broadcast", false);
    return;
  }
  if ((high & 0x0100) !== 0) {
    const snooped = bridge.multicast.snooping ? snoop(bridge, undefined, packet, vid) : undefined;
    if (packet.traced && snooped !== "bad")
      noteDecision(bridge, packet, vid, snooped ? "group" : "flood", undefined, false);
    if (snooped === "bad") kernel.drop(packet, "IGMP_INVALID", device.name);
    else if (snooped) multicast(bridge, undefined, packet, snooped.members, false);
    else flood(bridge, undefined, packet, "multicast", false);
    return;
  }
  const entry = bridge.fdb.find((vid << 16) | high, low);
  if (packet.traced)
    noteDecision(bridge, packet, vid, entry === undefined ? "flood" : "forward", entry?.port, false);
  if (entry !== undefined) forwardTo(entry.port, undefined, packet, false);
  else flood(bridge, undefined, packet, "unicast", false);
}

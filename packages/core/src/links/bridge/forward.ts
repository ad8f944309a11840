// Frames on their way out by the ports of a bridge (net/bridge/br_forward.c): to one port, or to all. The hot path: a frame
// to a known address is not copied, and nothing is made for it.
// IEEE 802.1D-2004, 7.7.

import { derived, note, traceDevice } from "../../kernel/journey.ts";
import type { Packet } from "../../kernel/packet.ts";
import { transmit } from "../../kernel/transmit.ts";
import type { DropReason } from "../../trace/drop-reason.ts";
import { ETHERNET_HEADER_LENGTH } from "../../wire/ethernet.ts";
import { VLAN_TAG_LENGTH } from "../../wire/vlan-tag.ts";
import type { Bridge } from "./bridge.ts";
import { noteSkipped } from "./journey.ts";
import { BR_STATE } from "./netlink.ts";
import type { BridgePort } from "./port.ts";
import { leave, mayLeave } from "./vlan-filter.ts";

/** A copy of the frame for one more port. */
function copyOf(packet: Packet): Packet {
  const copy = packet.clone();
  if (packet.traceId !== 0) derived(copy, packet, "copy");
  return copy;
}

/** What a frame is for, as far as ports differ in it (enum br_pkt_type). */
export type FloodKind = "unicast" | "multicast" | "broadcast";

/** Above this a frame is not forwardable (is_skb_forwardable): header and one tag beyond the MTU. */
const FRAME_ALLOWANCE = ETHERNET_HEADER_LENGTH + VLAN_TAG_LENGTH;

/** should_deliver(): undefined if the frame may leave by `port`, else why not. `source` undefined: from this host. */
function refusal(port: BridgePort, source: BridgePort | undefined, packet: Packet): DropReason | undefined {
  if (port === source && !port.hairpin) return "BRIDGE_SAME_PORT";
  if (port.state !== BR_STATE.FORWARDING) return "BRIDGE_EGRESS_STP_STATE";
  if (port.bridge.vlanFiltering && !mayLeave(port.vlans, packet)) return "BRIDGE_EGRESS_VLAN";
  if (source !== undefined && source.isolated && port.isolated) return "BRIDGE_ISOLATED";
  return undefined;
}

/** __br_forward() and br_dev_queue_push_xmit(): the packet starts at its network layer and is given away. */
function send(port: BridgePort, packet: Packet): void {
  const { bridge, device } = port;
  if (bridge.vlanFiltering) {
    const { vlanTci: tci, vlanTpid: tpid } = packet;
    if (!leave(bridge, port.vlans, packet, false)) {
      bridge.kernel.drop(packet, "BRIDGE_EGRESS_VLAN", device.name);
      return;
    }
    if (packet.traced && packet.vlanTci !== tci)
      note(packet, { kind: "vlan-pop", device: traceDevice(device), tpid, tci });
  }
  packet.start = packet.mac;
  packet.device = device;
  if (!device.up || packet.end - packet.start > device.mtu + FRAME_ALLOWANCE) {
    bridge.kernel.drop(packet, device.up ? "PKT_TOO_BIG" : "DEV_READY", device.name);
    return;
  }
  transmit(packet);
}

/** redirect to the backup port while the port itself has no link (br_forward). */
function live(port: BridgePort): BridgePort {
  return port.backup !== undefined && (!port.device.carrier || !port.device.up) ? port.backup : port;
}

/**
 * br_forward(): to the port that the destination is behind. `keep`: the caller still needs the packet, which is copied
 * then; otherwise it is given away.
 */
export function forwardTo(
  to: BridgePort | undefined,
  source: BridgePort | undefined,
  packet: Packet,
  keep: boolean,
): void {
  if (to === undefined) {
    if (!keep) packet.device.kernel.drop(packet, "NO_TX_TARGET", packet.device.name);
    return;
  }
  const port = live(to);
  const reason = refusal(port, source, packet);
  if (reason === undefined) send(port, keep ? copyOf(packet) : packet);
  else if (!keep) port.bridge.kernel.drop(packet, reason, port.device.name);
}

/** True if the port takes part in flooding frames of this kind. What the host sends is only filtered as unicast. */
function floods(port: BridgePort, kind: FloodKind, source: BridgePort | undefined): boolean {
  if (port.proxyArp) return false;
  switch (kind) {
    case "unicast":
      return port.flood;
    case "multicast":
      return port.multicastFlood || source === undefined;
    case "broadcast":
      return port.broadcastFlood || source === undefined;
  }
}

/** br_flood(): to every port that may have it. */
export function flood(
  bridge: Bridge,
  source: BridgePort | undefined,
  packet: Packet,
  kind: FloodKind,
  keep: boolean,
): void {
  const { ports } = bridge;
  let last: BridgePort | undefined;
  for (let at = 0; at < ports.length; at++) {
    const port = ports[at] as BridgePort;
    if (!floods(port, kind, source)) continue;
    const reason = refusal(port, source, packet);
    if (reason !== undefined) {
      if (packet.traced) noteSkipped(packet, port, reason);
      continue;
    }
    if (last !== undefined) send(last, copyOf(packet));
    last = port;
  }
  finish(bridge, last, packet, keep);
}

/** br_multicast_flood(): to the ports that a group's members and routers are behind. */
export function multicast(
  bridge: Bridge,
  source: BridgePort | undefined,
  packet: Packet,
  members: readonly BridgePort[],
  keep: boolean,
): void {
  let last: BridgePort | undefined;
  for (const port of members) {
    const reason = refusal(port, source, packet);
    if (reason !== undefined) {
      if (packet.traced) noteSkipped(packet, port, reason);
      continue;
    }
    if (last !== undefined) send(last, copyOf(packet));
    last = port;
  }
  finish(bridge, last, packet, keep);
}

function finish(bridge: Bridge, last: BridgePort | undefined, packet: Packet, keep: boolean): void {
  if (last !== undefined) send(last, keep ? copyOf(packet) : packet);
  else if (!keep) bridge.kernel.drop(packet, "NO_TX_TARGET", bridge.device.name);
}

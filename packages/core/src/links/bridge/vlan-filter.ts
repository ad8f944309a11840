// Which frames may come in and go out by their VLAN (net/bridge/br_vlan.c: __allowed_ingress, br_allowed_egress,
// br_handle_vlan). Called for each frame while the bridge filters VLANs. IEEE 802.1Q-2018, 8.6.2 and 8.6.4.
// Tags are beside the bytes here.

import { note, traceDevice } from "../../kernel/journey.ts";
import type { Packet } from "../../kernel/packet.ts";
import { untag } from "../../kernel/receive.ts";
import { insertTag } from "../../kernel/vlan-insert.ts";
import type { Bridge } from "./bridge.ts";
import { BR_STATE } from "./netlink.ts";
import type { BridgePort } from "./port.ts";
import type { Vlan, VlanGroup } from "./vlan-group.ts";
import { inUse } from "./vlan-group.ts";

const VID_MASK = 0xfff;

/**
 * The VLAN that a frame belongs to; undefined if the group (of the port or bridge where it came in) refuses it. An
 * untagged frame gets a tag. `learning`: addresses are learned though the frame is not forwarded.
 */
export function ingressVlan(bridge: Bridge, group: VlanGroup, packet: Packet): Vlan | undefined {
  if (packet.vlanTci < 0 && packet.protocol === bridge.vlanProtocol && !untag(packet)) return undefined;
  if (packet.vlanTci >= 0 && packet.vlanTpid !== bridge.vlanProtocol) insertTag(packet);
  let vlan: Vlan | undefined;
  const vid = packet.vlanTci & VID_MASK;
  if (packet.vlanTci < 0 || vid === 0) {
    const { pvid } = group;
    if (pvid === 0) return undefined;
    if (packet.vlanTci < 0) {
      packet.vlanTci = pvid;
      packet.vlanTpid = bridge.vlanProtocol;
    } else packet.vlanTci |= pvid;
    if (packet.traced) {
      const { vlanTci: tci, vlanTpid: tpid } = packet;
      note(packet, { kind: "vlan-push", device: traceDevice(packet.device), tpid, tci });
    }
    vlan = group.find(pvid);
  } else vlan = group.find(vid);
  if (vlan === undefined || !inUse(vlan)) return undefined;
  if (bridge.vlanStats) {
    vlan.counters.rxBytes += packet.length;
    vlan.counters.rxPackets++;
  }
  return vlan;
}

/** br_should_learn(): the VLAN to learn the source of a frame in that is not forwarded; -1 for none. */
export function learningVlan(bridge: Bridge, port: BridgePort, packet: Packet): number {
  if (!bridge.vlanFiltering) return 0;
  const group = port.vlans;
  if (group.count === 0) return -1;
  const tagged = packet.vlanTci >= 0 && packet.vlanTpid === bridge.vlanProtocol;
  const vid = tagged ? packet.vlanTci & VID_MASK : 0;
  if (vid === 0) return group.pvid !== 0 && mayLearn(group.pvidState) ? group.pvid : -1;
  const vlan = group.find(vid);
  return vlan !== undefined && mayLearn(vlan.state) ? vid : -1;
}

function mayLearn(state: number): boolean {
  return state === BR_STATE.FORWARDING || state === BR_STATE.LEARNING;
}

/** br_allowed_egress() */
export function mayLeave(group: VlanGroup, packet: Packet): boolean {
  const vlan = group.find(packet.vlanTci & VID_MASK);
  return vlan !== undefined && inUse(vlan) && vlan.state === BR_STATE.FORWARDING;
}

/**
 * br_handle_vlan(): the frame is about to leave by `group`; its tag goes where the VLAN is untagged. False if it must
 * not leave after all. `promiscuous`: the bridge device takes frames of VLANs that it is not in.
 */
export function leave(bridge: Bridge, group: VlanGroup, packet: Packet, promiscuous: boolean): boolean {
  const vlan = group.find(packet.vlanTci & VID_MASK);
  if (vlan === undefined || !inUse(vlan)) return promiscuous;
  if (bridge.vlanStats) {
    vlan.counters.txBytes += packet.length;
    vlan.counters.txPackets++;
  }
  if (vlan.untagged) packet.vlanTci = -1;
  return true;
}

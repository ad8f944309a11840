// A port, or the bridge itself, as an AF_BRIDGE link message (br_netlink.c: br_fill_ifinfo, br_port_fill_attrs). The
// same attributes of a port are IFLA_INFO_SLAVE_DATA of an ordinary link message.

import type { NetDevice } from "../../kernel/device.ts";
import { OPERSTATE } from "../../kernel/device.ts";
import { hasListeners, notifyGroup } from "../../kernel/netlink/endpoint.ts";
import { macBytes } from "../../kernel/netlink/link-fill.ts";
import type { BridgeSpecification, BridgeVlan } from "../../netlink/rtnl/bridge-vlan.ts";
import { BRIDGE_VLAN_INFO } from "../../netlink/rtnl/bridge-vlan.ts";
import { RTEXT_FILTER } from "../../netlink/rtnl/link-constants.ts";
import { encodeLink } from "../../netlink/rtnl/link.ts";
import { RTNLGRP } from "../../netlink/rtnl/multicast-groups.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import { writeU16BE } from "../../wire/bytes.ts";
import { writeMac } from "../../wire/mac.ts";
import type { BridgeId } from "../../wire/stp.ts";
import type { Bridge } from "./bridge.ts";
import { encodeBridgePortData } from "./netlink.ts";
import type { BridgePort } from "./port.ts";
import type { Vlan, VlanGroup } from "./vlan-group.ts";
import { inUse } from "./vlan-group.ts";

/** A bridge id as netlink carries it: priority and MAC, both in network order. */
export function bridgeIdBytes(id: BridgeId): Uint8Array {
  const bytes = new Uint8Array(8);
  writeU16BE(bytes, 0, id.priority);
  writeMac(bytes, 2, id.mac);
  return bytes;
}

const bit = (on: boolean): number => (on ? 1 : 0);

/** br_port_fill_attrs() */
export function portAttributes(port: BridgePort): Uint8Array {
  const newer = port.bridge.kernel.profile.newBridgeAttributes;
  return encodeBridgePortData({
    state: port.state,
    priority: port.priority,
    cost: port.pathCost,
    mode: bit(port.hairpin),
    guard: bit(port.bpduGuard),
    protect: bit(port.rootBlock),
    fastLeave: bit(port.fastLeave),
    mcastToUcast: bit(port.multicastToUnicast),
    learning: bit(port.learning),
    unicastFlood: bit(port.flood),
    mcastFlood: bit(port.multicastFlood),
    bcastFlood: bit(port.broadcastFlood),
    proxyarp: bit(port.proxyArp),
    proxyarpWifi: bit(port.proxyArpWifi),
    rootId: bridgeIdBytes(port.designatedRoot),
    bridgeId: bridgeIdBytes(port.designatedBridge),
    designatedPort: port.designatedPort,
    designatedCost: port.designatedCost & 0xffff,
    id: port.id,
    no: port.number,
    topologyChangeAck: bit(port.topologyChangeAck),
    configPending: bit(port.configPending),
    vlanTunnel: bit(port.vlanTunnel),
    groupFwdMask: port.groupFwdMask,
    neighSuppress: bit(port.neighSuppress),
    mrpRingOpen: 0,
    mrpInOpen: 0,
    isolated: bit(port.isolated),
    locked: bit(port.locked),
    ...(newer ? { mab: 0, neighVlanSuppress: 0 } : {}),
    messageAgeTimer: port.timers.messageAge.left,
    forwardDelayTimer: port.timers.forwardDelay.left,
    holdTimer: port.timers.hold.left,
    backupPort: port.backup?.device.ifindex,
    multicastRouter: port.multicastRouter,
    mcastEhtHostsLimit: port.ehtHostsLimit,
    mcastEhtHostsCnt: 0,
    ...(newer ? { mcastNGroups: port.bridge.groups.countOf(port), mcastMaxGroups: 0 } : {}),
  });
}

function vlanFlags(vlan: Vlan, group: VlanGroup): number {
  return (
    (group.pvid === vlan.vid ? BRIDGE_VLAN_INFO.PVID : 0) | (vlan.untagged ? BRIDGE_VLAN_INFO.UNTAGGED : 0)
  );
}

/** br_fill_ifvlaninfo(): each VLAN; br_fill_ifvlaninfo_compressed(): ranges of equal ones. */
function vlanList(group: VlanGroup, compressed: boolean): BridgeVlan[] {
  const list: BridgeVlan[] = [];
  const vlans = group.ascending().filter(inUse);
  for (let first = 0; first < vlans.length;) {
    const { vid } = vlans[first] as Vlan;
    const flags = vlanFlags(vlans[first] as Vlan, group);
    let last = first;
    if (compressed) {
      while (last + 1 < vlans.length) {
        const next = vlans[last + 1] as Vlan;
        if (next.vid !== vid + (last + 1 - first) || vlanFlags(next, group) !== flags) break;
        last++;
      }
    }
    if (last === first) list.push({ vid, flags });
    else {
      list.push({ vid, flags: flags | BRIDGE_VLAN_INFO.RANGE_BEGIN });
      list.push({ vid: vid + last - first, flags: flags | BRIDGE_VLAN_INFO.RANGE_END });
    }
    first = last + 1;
  }
  return list;
}

/** br_fill_vlan_tunnel_info(): VNIs of the port's VLANs, ranges of consecutive ones together. */
function tunnelList(group: VlanGroup): NonNullable<BridgeSpecification["tunnels"]> {
  const list: { id: number; vid: number; flags: number }[] = [];
  const vlans = group.ascending().filter((vlan) => vlan.tunnelId !== 0);
  for (let first = 0; first < vlans.length;) {
    const start = vlans[first] as Vlan;
    let last = first;
    while (last + 1 < vlans.length) {
      const next = vlans[last + 1] as Vlan;
      const step = last + 1 - first;
      if (next.vid !== start.vid + step || next.tunnelId !== start.tunnelId + step) break;
      last++;
    }
    if (last === first) list.push({ id: start.tunnelId, vid: start.vid, flags: 0 });
    else {
      const end = vlans[last] as Vlan;
      list.push({ id: start.tunnelId, vid: start.vid, flags: BRIDGE_VLAN_INFO.RANGE_BEGIN });
      list.push({ id: end.tunnelId, vid: end.vid, flags: BRIDGE_VLAN_INFO.RANGE_END });
    }
    first = last + 1;
  }
  return list;
}

/** br_fill_ifinfo(). `port` undefined: the bridge itself. `extMask`: RTEXT_FILTER_*. */
export function encodePortLink(
  bridge: Bridge,
  port: BridgePort | undefined,
  type: number,
  extMask: number,
): Uint8Array {
  const device: NetDevice = port?.device ?? bridge.device;
  const compressed = (extMask & RTEXT_FILTER.BRVLAN_COMPRESSED) !== 0;
  const group = (port ?? bridge).vlans;
  const withVlans = (compressed || (extMask & RTEXT_FILTER.BRVLAN) !== 0) && group.count > 0;
  const { iflink } = device;
  return encodeLink({
    family: AF.BRIDGE,
    type: device.hardwareType,
    index: device.ifindex,
    flags: device.visibleFlags,
    change: 0,
    ifname: device.name,
    master: bridge.device.ifindex,
    mtu: device.mtu,
    operstate: device.up ? device.operstate : OPERSTATE.DOWN,
    address: macBytes(device.address),
    link: iflink === device.ifindex ? undefined : iflink,
    protinfo: port && type === RTM.NEWLINK ? portAttributes(port) : undefined,
    bridge: withVlans
      ? {
          vlans: vlanList(group, compressed),
          ...(port?.vlanTunnel ? { tunnels: tunnelList(group) } : {}),
        }
      : undefined,
  });
}

/** br_ifinfo_notify(): tells about a port, or with `port` undefined about the bridge. */
export function notifyPort(bridge: Bridge, port: BridgePort | undefined, type: number): void {
  const { netns } = port?.device ?? bridge.device;
  if (!hasListeners(netns, 0, RTNLGRP.LINK)) return;
  const body = encodePortLink(bridge, port, type, RTEXT_FILTER.BRVLAN_COMPRESSED);
  notifyGroup(netns, 0, RTNLGRP.LINK, type, body);
}

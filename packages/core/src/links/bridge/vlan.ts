// Which VLANs a bridge and its ports are in (net/bridge/br_vlan.c). A port's VLAN refers to an entry of the bridge, which
// is made for it if need be; the bridge itself is a member only by an entry of its own ("brentry"). Requests are in
// vlan-requests.ts and port-requests.ts, frames in vlan-filter.ts.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { BRIDGE_VLAN_INFO } from "../../netlink/rtnl/bridge-vlan.ts";
import { RTM } from "../../netlink/rtnl/types.ts";
import { EtherType } from "../../wire/ethernet.ts";
import { BRIDGE_GROUP_MAC } from "../../wire/mac.ts";
import type { Bridge } from "./bridge.ts";
import { addLocal, deleteByPort, findDeleteLocal } from "./fdb.ts";
import { vlanMulticastDefaults } from "./multicast-options.ts";
import { BR_STATE, MDB_RTR_TYPE } from "./netlink.ts";
import type { BridgePort } from "./port.ts";
import { managePromiscuity } from "./promiscuity.ts";
import type { Vlan, VlanCounters, VlanGroup } from "./vlan-group.ts";
import { inUse } from "./vlan-group.ts";
import { notifyVlan } from "./vlan-message.ts";

const { PVID, UNTAGGED, BRENTRY, MASTER } = BRIDGE_VLAN_INFO;
const VID_LIMIT = 0xfff; // VLAN_VID_MASK
/** 01:80:c2:00:00:08, IEEE 802.1Q-2018 table 8-2. */
const PROVIDER_GROUP_MAC = BRIDGE_GROUP_MAC + 8;
/** Reserved groups that a provider bridge forwards (BR_GROUPFWD_8021AD). */
const PROVIDER_FORWARDS = 0xb801;

const noCounters = (): VlanCounters => ({ rxBytes: 0, rxPackets: 0, txBytes: 0, txPackets: 0 });

/** __vlan_flags_update(): true if the flags change something. */
function wouldChange(group: VlanGroup, vlan: Vlan, flags: number): boolean {
  return ((flags & PVID) !== 0) !== (group.pvid === vlan.vid) || ((flags & UNTAGGED) !== 0) !== vlan.untagged;
}

function commitFlags(group: VlanGroup, vlan: Vlan, flags: number): void {
  if (flags & PVID) group.pvid = vlan.vid;
  else if (group.pvid === vlan.vid) group.pvid = 0;
  vlan.untagged = (flags & UNTAGGED) !== 0;
}

/** br_vlan_add(): an entry of the bridge. True if something changed. Errors: Refusal EINVAL. */
export function addBridgeVlan(bridge: Bridge, vid: number, flags: number): boolean {
  const group = bridge.vlans;
  const known = group.find(vid);
  if (known) return changeBridgeVlan(bridge, known, flags);
  const ownEntry = (flags & BRENTRY) !== 0;
  const vlan: Vlan = {
    vid,
    port: undefined,
    untagged: false,
    state: BR_STATE.FORWARDING,
    ownEntry,
    references: ownEntry ? 1 : 0,
    master: undefined,
    counters: noCounters(),
    ownCounters: true,
    tunnelId: 0,
    multicastRouter: MDB_RTR_TYPE.TEMP_QUERY,
    multicast: vlanMulticastDefaults(bridge.kernel.profile.hz),
  };
  if (ownEntry) {
    addLocal(bridge, undefined, bridge.device.address, vid);
    group.count++;
  }
  group.insert(vlan);
  commitFlags(group, vlan, flags);
  return true;
}

/** br_vlan_add_existing() */
function changeBridgeVlan(bridge: Bridge, vlan: Vlan, flags: number): boolean {
  const group = bridge.vlans;
  const changes = wouldChange(group, vlan, flags);
  const joins = !vlan.ownEntry;
  if (joins) {
    if ((flags & BRENTRY) === 0) throw new Refusal(ERRNO.EINVAL);
    addLocal(bridge, undefined, bridge.device.address, vlan.vid);
    vlan.references++;
    vlan.ownEntry = true;
    group.count++;
  }
  commitFlags(group, vlan, flags);
  return joins || changes;
}

/** br_vlan_delete(): false if the bridge is not in that VLAN. */
export function deleteBridgeVlan(bridge: Bridge, vid: number): boolean {
  const group = bridge.vlans;
  const vlan = group.find(vid);
  if (!vlan?.ownEntry) return false;
  findDeleteLocal(bridge, undefined, bridge.device.address, vid);
  deleteByPort(bridge, undefined, vid, false);
  if (group.pvid === vid) group.pvid = 0;
  vlan.tunnelId = 0;
  vlan.ownEntry = false;
  group.count--;
  releaseMaster(bridge, vlan);
  return true;
}

/** br_vlan_put_master() */
function releaseMaster(bridge: Bridge, vlan: Vlan): void {
  if (--vlan.references === 0) bridge.vlans.remove(vlan);
}

/** br_vlan_get_master() */
function master(bridge: Bridge, vid: number): Vlan {
  const known = bridge.vlans.find(vid);
  if (known === undefined) addBridgeVlan(bridge, vid, 0);
  const vlan = bridge.vlans.find(vid) as Vlan; // just added if it was not there
  vlan.references++;
  return vlan;
}

/** nbp_vlan_add(): a VLAN of a port. True if something changed. Errors: Refusal. */
export function addPortVlan(port: BridgePort, vid: number, flags: number): boolean {
  const { bridge, vlans: group } = port;
  const known = group.find(vid);
  if (known) {
    const changes = wouldChange(group, known, flags);
    commitFlags(group, known, flags);
    return changes;
  }
  if (flags & MASTER && addBridgeVlan(bridge, vid, flags | BRENTRY))
    notifyVlan(bridge, undefined, vid, 0, RTM.NEWVLAN);
  const bridgeVlan = master(bridge, vid);
  const vlan: Vlan = {
    vid,
    port,
    untagged: false,
    state: BR_STATE.FORWARDING,
    ownEntry: false,
    references: 0,
    master: bridgeVlan,
    counters: bridge.vlanStatsPerPort ? noCounters() : bridgeVlan.counters,
    ownCounters: bridge.vlanStatsPerPort,
    tunnelId: 0,
    multicastRouter: MDB_RTR_TYPE.TEMP_QUERY,
    multicast: undefined,
  };
  addLocal(bridge, port, port.device.address, vid);
  group.count++;
  group.insert(vlan);
  commitFlags(group, vlan, flags);
  return true;
}

/** nbp_vlan_delete(): false if the port is not in that VLAN. */
export function deletePortVlan(port: BridgePort, vid: number): boolean {
  const vlan = port.vlans.find(vid);
  if (!vlan) return false;
  findDeleteLocal(port.bridge, port, port.device.address, vid);
  deleteByPort(port.bridge, port, vid, false);
  dropPortVlan(port, vlan);
  return true;
}

/** __vlan_del() */
function dropPortVlan(port: BridgePort, vlan: Vlan): void {
  const { bridge, vlans: group } = port;
  if (group.pvid === vlan.vid) group.pvid = 0;
  group.count--;
  group.remove(vlan);
  if (vlan.master) releaseMaster(bridge, vlan.master);
}

/** nbp_vlan_init(): a new port is in the default VLAN. */
export function initializePortVlans(port: BridgePort): void {
  const { bridge } = port;
  if (bridge.defaultPvid === 0) return;
  addPortVlan(port, bridge.defaultPvid, PVID | UNTAGGED);
  notifyVlan(bridge, port, bridge.defaultPvid, 0, RTM.NEWVLAN);
}

/** nbp_vlan_flush(): consecutive VLANs are told of as ranges. */
export function flushPortVlans(port: BridgePort): void {
  const vlans = port.vlans.ascending();
  for (let first = 0; first < vlans.length;) {
    let last = first;
    while (last + 1 < vlans.length && (vlans[last + 1] as Vlan).vid === (vlans[last] as Vlan).vid + 1) last++;
    for (let at = first; at <= last; at++) dropPortVlan(port, vlans[at] as Vlan);
    notifyVlan(port.bridge, port, (vlans[first] as Vlan).vid, (vlans[last] as Vlan).vid, RTM.DELVLAN);
    first = last + 1;
  }
}

/** br_vlan_flush(): the bridge goes. */
export function flushBridgeVlans(bridge: Bridge): void {
  const vlans = bridge.vlans.ascending();
  for (let first = 0; first < vlans.length;) {
    let last = first;
    while (last + 1 < vlans.length && (vlans[last + 1] as Vlan).vid === (vlans[last] as Vlan).vid + 1) last++;
    notifyVlan(bridge, undefined, (vlans[first] as Vlan).vid, (vlans[last] as Vlan).vid, RTM.DELVLAN);
    first = last + 1;
  }
  for (const vlan of vlans) bridge.vlans.remove(vlan);
  bridge.vlans.count = 0;
  bridge.vlans.pvid = 0;
}

/** br_vlan_init() with what follows at NETDEV_REGISTER: VLAN 1 unless the machine has no VLAN filtering. */
export function initializeBridgeVlans(bridge: Bridge): void {
  if (!bridge.kernel.profile.bridgeVlanFiltering) return;
  bridge.defaultPvid = 1;
  addBridgeVlan(bridge, 1, PVID | UNTAGGED | BRENTRY);
}

/** br_vlan_filter_toggle(). Errors: EOPNOTSUPP where the machine cannot. */
export function setVlanFiltering(bridge: Bridge, on: boolean): void {
  if (!bridge.kernel.profile.bridgeVlanFiltering) throw new Refusal(ERRNO.EOPNOTSUPP);
  if (bridge.vlanFiltering === on) return;
  bridge.vlanFiltering = on;
  managePromiscuity(bridge);
  recalculateGroupAddress(bridge);
  if (!on) bridge.multicast.vlanSnooping = false;
}

/** __br_vlan_set_proto(). Errors: EPROTONOSUPPORT. */
export function setVlanProtocol(bridge: Bridge, protocol: number): void {
  if (protocol !== EtherType.VLAN && protocol !== EtherType.SERVICE_VLAN)
    throw new Refusal(ERRNO.EPROTONOSUPPORT);
  if (bridge.vlanProtocol === protocol) return;
  bridge.vlanProtocol = protocol;
  recalculateGroupAddress(bridge);
}

/** recalculate_group_addr() and br_recalculate_fwd_mask(): a provider bridge has a group of its own. */
export function recalculateGroupAddress(bridge: Bridge): void {
  const customer = !bridge.vlanFiltering || bridge.vlanProtocol === EtherType.VLAN;
  if (!bridge.groupAddressSet) bridge.groupAddress = customer ? BRIDGE_GROUP_MAC : PROVIDER_GROUP_MAC;
  bridge.groupFwdMaskRequired = customer ? 0 : PROVIDER_FORWARDS & ~(1 << (bridge.groupAddress % 0x100));
}

/** br_vlan_set_stats(). Errors: EINVAL. */
export function setVlanStats(bridge: Bridge, value: number): void {
  if (value > 1) throw new Refusal(ERRNO.EINVAL);
  bridge.vlanStats = value === 1;
}

/** br_vlan_set_stats_per_port(). Errors: EBUSY while a port has VLANs, EINVAL. */
export function setVlanStatsPerPort(bridge: Bridge, value: number): void {
  if (bridge.ports.some((port) => port.vlans.count > 0)) throw new Refusal(ERRNO.EBUSY);
  if (value > 1) throw new Refusal(ERRNO.EINVAL);
  bridge.vlanStatsPerPort = value === 1;
}

/** vlan_default_pvid(): the default was not changed by a user. */
function hasDefault(group: VlanGroup, vid: number): boolean {
  if (vid !== group.pvid) return false;
  const vlan = group.find(vid);
  return vlan !== undefined && inUse(vlan) && vlan.untagged;
}

/** __br_vlan_set_default_pvid(). Errors: Refusal. */
export function setDefaultPvid(bridge: Bridge, pvid: number): void {
  const old = bridge.defaultPvid;
  if (pvid === 0) {
    disableDefaultPvid(bridge);
    return;
  }
  const own = bridge.vlans.find(pvid);
  if ((old === 0 || hasDefault(bridge.vlans, old)) && (!own || !inUse(own))) {
    addBridgeVlan(bridge, pvid, PVID | UNTAGGED | BRENTRY);
    if (deleteBridgeVlan(bridge, old)) notifyVlan(bridge, undefined, old, 0, RTM.DELVLAN);
    notifyVlan(bridge, undefined, pvid, 0, RTM.NEWVLAN);
  }
  for (const port of bridge.ports) {
    if ((old !== 0 && !hasDefault(port.vlans, old)) || port.vlans.find(pvid)) continue;
    addPortVlan(port, pvid, PVID | UNTAGGED);
    if (deletePortVlan(port, old)) notifyVlan(bridge, port, old, 0, RTM.DELVLAN);
    notifyVlan(bridge, port, pvid, 0, RTM.NEWVLAN);
  }
  bridge.defaultPvid = pvid;
}

/** br_vlan_disable_default_pvid() */
function disableDefaultPvid(bridge: Bridge): void {
  const pvid = bridge.defaultPvid;
  if (pvid !== 0 && hasDefault(bridge.vlans, pvid) && deleteBridgeVlan(bridge, pvid)) {
    notifyVlan(bridge, undefined, pvid, 0, RTM.DELVLAN);
  }
  for (const port of bridge.ports) {
    if (pvid !== 0 && hasDefault(port.vlans, pvid) && deletePortVlan(port, pvid)) {
      notifyVlan(bridge, port, pvid, 0, RTM.DELVLAN);
    }
  }
  bridge.defaultPvid = 0;
}

/** br_vlan_valid_id(). Errors: EINVAL with the kernel's text. */
export function checkVid(vid: number): void {
  if (vid === 0 || vid >= VID_LIMIT) throw new Refusal(ERRNO.EINVAL, "bridge: Vlan id is invalid");
}

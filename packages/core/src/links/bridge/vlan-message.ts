// VLANs of a bridge or port as messages of the VLAN database (br_vlan.c: br_vlan_fill_vids, br_vlan_notify).

import { hasListeners, notifyGroup } from "../../kernel/netlink/endpoint.ts";
import type { BridgeVlanEntry } from "../../netlink/rtnl/bridge-vlan.ts";
import { BRIDGE_VLAN_INFO, encodeBridgeVlan } from "../../netlink/rtnl/bridge-vlan.ts";
import { RTNLGRP } from "../../netlink/rtnl/multicast-groups.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import type { Bridge } from "./bridge.ts";
import type { BridgePort } from "./port.ts";
import type { Vlan } from "./vlan-group.ts";
import { inUse } from "./vlan-group.ts";

/** br_vlan_fill_vids(): `vlan` is the first of the range `first`..`last`; undefined in RTM_DELVLAN. */
export function vlanEntry(
  first: number,
  last: number,
  vlan: Vlan | undefined,
  pvid: number,
  withCounters: boolean,
): BridgeVlanEntry {
  const flags =
    vlan === undefined
      ? 0
      : (vlan.untagged ? BRIDGE_VLAN_INFO.UNTAGGED : 0) | (vlan.vid === pvid ? BRIDGE_VLAN_INFO.PVID : 0);
  return {
    info: { vid: first, flags },
    // A range that starts with the PVID is told of by its start only.
    range: last > first && (flags & BRIDGE_VLAN_INFO.PVID) === 0 ? last : undefined,
    ...(vlan === undefined
      ? {}
      : {
          state: vlan.state,
          tunnel: vlan.tunnelId === 0 ? undefined : { id: vlan.tunnelId },
          mcastRouter: vlan.multicastRouter,
        }),
    ...(vlan !== undefined && withCounters ? { stats: { ...vlan.counters } } : {}),
  };
}

/** br_vlan_notify(): tells about VLANs `first`..`last` (0: just the one). */
export function notifyVlan(
  bridge: Bridge,
  port: BridgePort | undefined,
  first: number,
  last: number,
  type: number,
): void {
  const device = port?.device ?? bridge.device;
  if (!hasListeners(device.netns, 0, RTNLGRP.BRVLAN)) return;
  const group = (port ?? bridge).vlans;
  const vlan = type === RTM.NEWVLAN ? group.find(first) : undefined;
  if (type === RTM.NEWVLAN && (!vlan || !inUse(vlan))) return;
  const body = encodeBridgeVlan({
    family: AF.BRIDGE,
    index: device.ifindex,
    entries: [vlanEntry(first, last, vlan, group.pvid, false)],
  });
  notifyGroup(device.netns, 0, RTNLGRP.BRVLAN, type, body);
}

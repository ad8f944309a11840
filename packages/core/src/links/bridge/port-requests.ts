// AF_BRIDGE link requests about a port or the bridge itself (net/bridge/br_netlink.c: br_getlink, br_setlink, br_dellink):
// attributes of the port, and VLANs to join and to leave.

import type { NetDevice } from "../../kernel/device.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { BridgeSpecification, BridgeVlan } from "../../netlink/rtnl/bridge-vlan.ts";
import { BRIDGE_VLAN_INFO } from "../../netlink/rtnl/bridge-vlan.ts";
import { RTEXT_FILTER } from "../../netlink/rtnl/link-constants.ts";
import type { LinkMessage } from "../../netlink/rtnl/link.ts";
import { RTM } from "../../netlink/rtnl/types.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { Bridge } from "./bridge.ts";
import { decodeBridgePortData } from "./netlink.ts";
import type { BridgePort } from "./port.ts";
import { portOf } from "./port.ts";
import { encodePortLink, notifyPort } from "./port-message.ts";
import { changePort } from "./port-options.ts";
import { setPortState } from "./stp-ports.ts";
import { addBridgeVlan, addPortVlan, checkVid, deleteBridgeVlan, deletePortVlan } from "./vlan.ts";
import { updateBound } from "./vlan-binding.ts";
import { notifyVlan } from "./vlan-message.ts";
import { setTunnel } from "./vlan-tunnel.ts";

const { PVID, RANGE_BEGIN, RANGE_END, BRENTRY, MASTER } = BRIDGE_VLAN_INFO;
const { EINVAL, EOPNOTSUPP } = ERRNO;
/** What a dump must ask for to be told of bridges, which are no ports. */
const ABOUT_BRIDGES =
  RTEXT_FILTER.BRVLAN | RTEXT_FILTER.BRVLAN_COMPRESSED | RTEXT_FILTER.MRP | RTEXT_FILTER.CFM_CONFIG;
/** Which of two opposite requests is processed. */
export type VlanCommand = "add" | "delete";

/** br_getlink() */
export function getLink(bridge: Bridge, device: NetDevice, extMask: number): Uint8Array | undefined {
  const port = device === bridge.device ? undefined : portOf(device);
  if (!port && (extMask & ABOUT_BRIDGES) === 0) return undefined;
  return encodePortLink(bridge, port, RTM.NEWLINK, extMask);
}

/** br_setlink(). Errors: Refusal; what was done before stays done. */
export function setLink(bridge: Bridge, device: NetDevice, message: LinkMessage): void {
  const port = portOf(device);
  let changed = false;
  if (port && message.protinfo !== undefined) {
    setPort(port, message.protinfo);
    changed = true;
  }
  if (message.bridge && applySpecification(bridge, port, message.bridge, "add")) changed = true;
  if (changed) notifyPort(bridge, port, RTM.NEWLINK);
}

/** Old RSTP daemons send the state alone. */
function setPort(port: BridgePort, protinfo: Uint8Array): void {
  if (protinfo.length > 0 && protinfo.length < 4) {
    setPortState(port, protinfo[0] ?? 0);
    return;
  }
  const data = decodeBridgePortData(protinfo);
  if (isMalformed(data)) throw new Refusal(EINVAL);
  changePort(port, data);
}

/** br_dellink() */
export function deleteLink(bridge: Bridge, device: NetDevice, message: LinkMessage): void {
  if (!message.bridge) return;
  const port = portOf(device);
  if (!port && device !== bridge.device) throw new Refusal(EINVAL);
  if (applySpecification(bridge, port, message.bridge, "delete")) notifyPort(bridge, port, RTM.NEWLINK);
}

/** br_afspec(): true if something changed. */
function applySpecification(
  bridge: Bridge,
  port: BridgePort | undefined,
  specification: BridgeSpecification,
  command: VlanCommand,
): boolean {
  const { vlans = [], tunnels = [] } = specification;
  if (!bridge.kernel.profile.bridgeVlanFiltering && (vlans.length > 0 || tunnels.length > 0))
    throw new Refusal(EOPNOTSUPP);
  let changed = false;
  const tunnelChanges = setTunnel(port, tunnels, command);
  const range = new VlanRange();
  for (const vlan of vlans) if (processVlan(bridge, port, command, vlan, range)) changed = true;
  return changed || tunnelChanges;
}

/** The start of a range of VLANs whose end has not come yet. */
export class VlanRange {
  start: BridgeVlan | undefined;
}

/** br_vlan_valid_range(). Errors: EINVAL with the kernel's text. */
export function checkRange(current: BridgeVlan, start: BridgeVlan | undefined): void {
  const refuse = (text: string): never => {
    throw new Refusal(EINVAL, `bridge: ${text}`);
  };
  if (current.flags & PVID) refuse("Pvid isn't allowed in a range");
  if (start) {
    if (current.flags & RANGE_BEGIN) refuse("Found a new vlan range start while processing one");
    if ((current.flags & RANGE_END) === 0) refuse("Vlan range end flag is missing");
    if (current.vid <= start.vid) refuse("End vlan id is less than or equal to start vlan id");
  }
  if ((current.flags & (RANGE_BEGIN | RANGE_END)) === 0) refuse("Both vlan range flags are missing");
}

/** br_process_vlan_info(): true if something changed. */
export function processVlan(
  bridge: Bridge,
  port: BridgePort | undefined,
  command: VlanCommand,
  current: BridgeVlan,
  range: VlanRange,
): boolean {
  checkVid(current.vid);
  if (current.flags & RANGE_BEGIN) {
    checkRange(current, range.start);
    range.start = current;
    return false;
  }
  const type = command === "add" ? RTM.NEWVLAN : RTM.DELVLAN;
  const { start } = range;
  if (!start) {
    const changed = changeVlan(bridge, port, command, current.vid, current.flags);
    if (changed) notifyVlan(bridge, port, current.vid, 0, type);
    return changed;
  }
  checkRange(current, start);
  range.start = undefined;
  let any = false;
  let firstChanged = 0;
  for (let vid = start.vid; vid <= current.vid; vid++) {
    if (changeVlan(bridge, port, command, vid, start.flags)) {
      any = true;
      if (firstChanged === 0) firstChanged = vid;
    } else if (firstChanged !== 0) {
      notifyVlan(bridge, port, firstChanged, vid - 1, type);
      firstChanged = 0;
    }
  }
  if (firstChanged !== 0) notifyVlan(bridge, port, firstChanged, current.vid, type);
  return any;
}

/** br_vlan_info() */
function changeVlan(
  bridge: Bridge,
  port: BridgePort | undefined,
  command: VlanCommand,
  vid: number,
  flags: number,
): boolean {
  const changed = applyVlan(bridge, port, command, vid, flags);
  if (changed && port) updateBound(bridge, vid);
  return changed;
}

function applyVlan(
  bridge: Bridge,
  port: BridgePort | undefined,
  command: VlanCommand,
  vid: number,
  flags: number,
): boolean {
  if (command === "add") {
    return port ? addPortVlan(port, vid, flags) : addBridgeVlan(bridge, vid, flags | BRENTRY);
  }
  if (!port) return deleteBridgeVlan(bridge, vid);
  const left = deletePortVlan(port, vid);
  return ((flags & MASTER) !== 0 && deleteBridgeVlan(bridge, vid)) || left;
}

// What users set on a port (net/bridge/br_netlink.c: br_setport), by IFLA_INFO_SLAVE_DATA or IFLA_PROTINFO.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { deleteByPort } from "./fdb.ts";
import type { BridgePortData } from "./netlink.ts";
import { MDB_RTR_TYPE } from "./netlink.ts";
import type { BridgePort } from "./port.ts";
import { portOf } from "./port.ts";
import { updateAutoPorts } from "./promiscuity.ts";
import { setPathCost, setPortPriority, setPortState } from "./stp-ports.ts";

/** Pause frames (BR_GROUPFWD_MACPAUSE) are never forwarded. */
const PAUSE = 0x2;

type Flag =
  | "hairpin"
  | "bpduGuard"
  | "fastLeave"
  | "rootBlock"
  | "learning"
  | "flood"
  | "multicastFlood"
  | "multicastToUnicast"
  | "broadcastFlood"
  | "proxyArp"
  | "proxyArpWifi"
  | "vlanTunnel"
  | "neighSuppress"
  | "isolated"
  | "locked";

const FLAGS: readonly (readonly [keyof BridgePortData, Flag])[] = [
  ["mode", "hairpin"],
  ["guard", "bpduGuard"],
  ["fastLeave", "fastLeave"],
  ["protect", "rootBlock"],
  ["learning", "learning"],
  ["unicastFlood", "flood"],
  ["mcastFlood", "multicastFlood"],
  ["mcastToUcast", "multicastToUnicast"],
  ["bcastFlood", "broadcastFlood"],
  ["proxyarp", "proxyArp"],
  ["proxyarpWifi", "proxyArpWifi"],
  ["vlanTunnel", "vlanTunnel"],
  ["neighSuppress", "neighSuppress"],
  ["isolated", "isolated"],
  ["locked", "locked"],
];

/** Applies what is there, in the kernel's order. What was done before an error stays done. Errors: Refusal. */
export function changePort(port: BridgePort, data: BridgePortData): void {
  const tunnelled = port.vlanTunnel;
  for (const [attribute, flag] of FLAGS) {
    const value = data[attribute];
    if (value !== undefined) port[flag] = value !== 0;
  }
  if (tunnelled && !port.vlanTunnel) for (const vlan of port.vlans.ascending()) vlan.tunnelId = 0;
  flagsChanged(port);
  if (data.cost !== undefined) setPathCost(port, data.cost);
  if (data.priority !== undefined) setPortPriority(port, data.priority);
  if (data.state !== undefined) setPortState(port, data.state);
  if (data.flush) deleteByPort(port.bridge, port, 0, false);
  if (data.multicastRouter !== undefined) setPortMulticastRouter(port, data.multicastRouter);
  if (data.mcastEhtHostsLimit !== undefined) {
    if (data.mcastEhtHostsLimit === 0) throw new Refusal(ERRNO.EINVAL);
    port.ehtHostsLimit = data.mcastEhtHostsLimit;
  }
  if (data.groupFwdMask !== undefined) setPortGroupFwdMask(port, data.groupFwdMask);
  if (data.backupPort !== undefined) setBackupPort(port, data.backupPort);
}

/** br_port_flags_change() */
export function flagsChanged(port: BridgePort): void {
  updateAutoPorts(port);
  port.bridge.neighSuppress = port.bridge.ports.some((each) => each.neighSuppress);
}

/** br_multicast_set_port_router(). Errors: EINVAL. */
export function setPortMulticastRouter(port: BridgePort, value: number): void {
  if (value > MDB_RTR_TYPE.TEMP) throw new Refusal(ERRNO.EINVAL);
  port.multicastRouter = value;
  port.bridge.groups.routerSet(port);
}

/** Errors: EINVAL for pause frames. */
export function setPortGroupFwdMask(port: BridgePort, mask: number): void {
  if (mask & PAUSE) throw new Refusal(ERRNO.EINVAL);
  port.groupFwdMask = mask;
}

/** nbp_backup_change(): 0 for none. Errors: ENOENT, EINVAL unless it is another port of the same bridge. */
export function setBackupPort(port: BridgePort, ifindex: number): void {
  if (ifindex === 0) {
    port.backup = undefined;
    return;
  }
  const device = port.device.netns.deviceByIndex(ifindex);
  if (!device) throw new Refusal(ERRNO.ENOENT);
  const backup = portOf(device);
  if (!backup) throw new Refusal(ERRNO.ENOENT);
  if (backup === port || backup.bridge !== port.bridge) throw new Refusal(ERRNO.EINVAL);
  port.backup = backup;
}

// What users set on a bridge as a whole, other than the spanning tree and VLANs (setters of br_netlink.c, br_ioctl.c and
// br_multicast.c), in the units of user space. Used by netlink and sysfs alike.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { isReservedBridgeMac } from "../../wire/mac.ts";
import type { Bridge } from "./bridge.ts";
import { MDB_RTR_TYPE } from "./netlink.ts";
import { startQueries } from "./querier.ts";
import { joinSnoopers, leaveSnoopers } from "./snoopers.ts";
import { recalculateGroupAddress } from "./vlan.ts";

/** STP, pause frames and LACP: never forwarded by request (BR_GROUPFWD_RESTRICTED). */
const RESTRICTED = 0x7;
const PAUSE_GROUP = 1;
const SLOW_GROUP = 2;
const PAE_GROUP = 3;

/** Errors: EINVAL for groups that are never forwarded. */
export function setGroupFwdMask(bridge: Bridge, mask: number): void {
  if (mask & RESTRICTED) throw new Refusal(ERRNO.EINVAL);
  bridge.groupFwdMask = mask;
}

/** The group of the spanning tree. Errors: EINVAL unless 01:80:c2:00:00:0X and not one of another protocol. */
export function setGroupAddress(bridge: Bridge, mac: number): void {
  if (!isReservedBridgeMac(mac)) throw new Refusal(ERRNO.EINVAL);
  const last = mac % 0x10;
  if (last === PAUSE_GROUP || last === SLOW_GROUP || last === PAE_GROUP) throw new Refusal(ERRNO.EINVAL);
  bridge.groupAddress = mac;
  bridge.groupAddressSet = true;
  recalculateGroupAddress(bridge);
}

/** br_multicast_toggle() */
export function setSnooping(bridge: Bridge, on: boolean): void {
  if (bridge.multicast.snooping === on) return;
  bridge.multicast.snooping = on;
  if (!on) bridge.groups.stop();
  if (!bridge.device.up) return;
  if (on) {
    startQueries(bridge);
    for (const port of bridge.ports) startQueries(bridge, port);
  }
  if (on) joinSnoopers(bridge);
  else leaveSnoopers(bridge);
}

/** br_multicast_set_router(). Errors: EINVAL. */
export function setMulticastRouter(bridge: Bridge, value: number): void {
  if (value !== MDB_RTR_TYPE.DISABLED && value !== MDB_RTR_TYPE.TEMP_QUERY && value !== MDB_RTR_TYPE.PERM) {
    throw new Refusal(ERRNO.EINVAL);
  }
  bridge.multicast.router = value;
}

/** br_multicast_set_igmp_version(). Errors: EINVAL. */
export function setIgmpVersion(bridge: Bridge, version: number): void {
  if (version !== 2 && version !== 3) throw new Refusal(ERRNO.EINVAL);
  bridge.multicast.igmpVersion = version;
}

/** br_multicast_set_mld_version(). Errors: EINVAL. */
export function setMldVersion(bridge: Bridge, version: number): void {
  if (version !== 1 && version !== 2) throw new Refusal(ERRNO.EINVAL);
  bridge.multicast.mldVersion = version;
}

// Multicast groups that a device has joined (struct ip_mc_list), as far as delivery and reports need them. Nobody asks for
// single sources (no socket option of ours does), so that every group is in mode EXCLUDE {}.

import type { Timer } from "../../system/system.ts";
import type { InetDevice } from "./in-device.ts";

export class GroupMembership {
  readonly group: number;
  users = 1;
  /** A report is due. */
  timer: Timer | undefined = undefined;
  /** When `timer` fires. */
  expires = 0;
  /** True if this host has sent the last report for the group (version 1 and 2). */
  reporter = false;
  /** Unsolicited reports of version 1 and 2 that are still to be sent. */
  unsolicited = 0;
  /** State-change reports of version 3 that are still to be sent. */
  changesLeft = 0;
  /** The link-layer address is in the device's filter. */
  loaded = false;

  constructor(group: number) {
    this.group = group;
  }
}

/** ip_check_mc(): is a packet to `group` for this host? */
export function isMember(inDevice: InetDevice, group: number): boolean {
  for (const membership of inDevice.groups) if (membership.group === group) return true;
  return false;
}

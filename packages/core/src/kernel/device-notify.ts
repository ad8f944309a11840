// RTM_NEWLINK and RTM_DELLINK to those who listen (rtmsg_ifinfo). The content is made in netlink/link-fill.ts.

import { encodeLink } from "../netlink/rtnl/link.ts";
import { RTNLGRP } from "../netlink/rtnl/multicast-groups.ts";
import { RTM } from "../netlink/rtnl/types.ts";
import type { NetDevice } from "./device.ts";
import { hasListeners, notifyGroup } from "./netlink/endpoint.ts";
import { allocateNsid } from "./nsid.ts";
import { linkRecord } from "./netlink/link-fill.ts";

/** `changed`: IFF_* bits for ifi_change; 0 for a change of state, all ones for a new or deleted device. */
export function notifyLinkChange(device: NetDevice, changed: number): void {
  send(device, RTM.NEWLINK, changed);
}

export function notifyLinkGone(
  device: NetDevice,
  moved?: { readonly ifindex: number; readonly nsid: number },
): void {
  send(device, RTM.DELLINK, 0xffff_ffff, moved);
}

function send(
  device: NetDevice,
  type: number,
  changed: number,
  moved?: { readonly ifindex: number; readonly nsid: number },
): void {
  if (!device.registered && type === RTM.NEWLINK) return;
  // The kernel makes the message whether or not anybody listens, and making it gives the peer's namespace its id.
  const { linkNetns } = device;
  if (linkNetns !== undefined && linkNetns !== device.netns) allocateNsid(device.netns, linkNetns);
  if (!hasListeners(device.netns, 0, RTNLGRP.LINK)) return;
  const record = linkRecord(device, device.netns, { changed });
  const withMove = moved ? { ...record, newNetnsid: moved.nsid, newIfindex: moved.ifindex } : record;
  notifyGroup(device.netns, 0, RTNLGRP.LINK, type, encodeLink(withMove));
}

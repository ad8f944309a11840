// Ids that a namespace gives to others (net/core/net_namespace.c): given on demand, told to RTNLGRP_NSID.

import { encodeNsid } from "../netlink/rtnl/nsid.ts";
import { RTNLGRP } from "../netlink/rtnl/multicast-groups.ts";
import { AF, RTM } from "../netlink/rtnl/types.ts";
import { notifyGroup } from "./netlink/endpoint.ts";
import type { Netns } from "./netns.ts";

/** NETNSA_NSID_NOT_ASSIGNED */
export const NSID_NOT_ASSIGNED = -1;

/** peernet2id_alloc(): the id of `peer` as `netns` sees it, given now if it has none. */
export function allocateNsid(netns: Netns, peer: Netns): number {
  const known = netns.nsids.get(peer);
  if (known !== undefined) return known;
  if (!netns.alive || !peer.alive) return NSID_NOT_ASSIGNED;
  const nsid = netns.nsids.lowestFree();
  setNsid(netns, peer, nsid);
  return nsid;
}

/** Gives `peer` this very id; the caller has checked that it is free. */
export function setNsid(netns: Netns, peer: Netns, nsid: number): void {
  netns.nsids.set(peer, nsid);
  notifyGroup(netns, 0, RTNLGRP.NSID, RTM.NEWNSID, encodeNsid({ family: AF.UNSPEC, nsid }));
}

/** Takes back the ids of a namespace that is gone. */
export function forgetNsids(gone: Netns): void {
  for (const netns of gone.kernel.netnses.values()) {
    const nsid = netns.nsids.get(gone);
    if (nsid === undefined) continue;
    netns.nsids.delete(gone);
    notifyGroup(netns, 0, RTNLGRP.NSID, RTM.DELNSID, encodeNsid({ family: AF.UNSPEC, nsid }));
  }
  gone.nsids.clear();
}

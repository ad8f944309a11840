// Joining and leaving multicast groups on a device, and anycast addresses (net/ipv6/mcast.c, net/ipv6/anycast.c).
// Sockets join with `joinGroup` and must leave with `leaveGroup`; a device's groups survive that it goes down.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import {
  ipv6MulticastMac,
  ipv6MulticastScope,
  IPV6_ALL_NODES,
  solicitedNodeMulticast,
} from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import type { NetDevice } from "../device.ts";
import { ARPHRD, IFF } from "../device.ts";
import { SCOPE } from "./address-type.ts";
import { addRoute, removeRoute } from "./fib-change.ts";
import type { Inet6Device } from "./interface.ts";
import type { GroupMembership } from "./membership.ts";
import { reportChanges, reportJoinVersion1, reportLeave, speaksVersion1 } from "./mld.ts";
import { hostRoute } from "./prefix-routes.ts";

/** __ipv6_dev_mc_inc(). Errors: ENODEV for a device that goes away. */
export function joinGroup(owner: Inet6Device, group: Ipv6Address): void {
  if (owner.dead) throw new Refusal(ERRNO.ENODEV);
  const { multicast } = owner;
  const known = multicast.find(group);
  if (known !== undefined) {
    known.users++;
    return;
  }
  const membership: GroupMembership = {
    group,
    users: 1,
    reportsLeft: 0,
    loaded: false,
    unreported: group === IPV6_ALL_NODES || ipv6MulticastScope(group) < SCOPE.LINK,
    lastReporter: false,
    reportTimer: undefined,
    reportAt: 0,
  };
  multicast.groups.unshift(membership);
  multicast.left = multicast.left.filter((left) => left.group !== group);
  groupAdded(owner, membership);
}

/** __ipv6_dev_mc_dec(). False if the device is no member. */
export function leaveGroup(owner: Inet6Device, group: Ipv6Address): boolean {
  const { multicast } = owner;
  const membership = multicast.find(group);
  if (membership === undefined) return false;
  if (--membership.users > 0) return true;
  multicast.groups.splice(multicast.groups.indexOf(membership), 1);
  groupDropped(owner, membership);
  return true;
}

/** igmp6_group_added() */
function groupAdded(owner: Inet6Device, membership: GroupMembership): void {
  const { device } = owner;
  if (ipv6MulticastScope(membership.group) < SCOPE.LINK) return;
  if (!membership.loaded) {
    membership.loaded = true;
    listen(device, membership.group, true);
  }
  if (!device.up || membership.unreported) return;
  if (speaksVersion1(owner)) {
    reportJoinVersion1(owner, membership);
    return;
  }
  membership.reportsLeft = owner.multicast.robustness;
  reportChanges(owner);
}

/** igmp6_group_dropped() */
function groupDropped(owner: Inet6Device, membership: GroupMembership): void {
  if (ipv6MulticastScope(membership.group) < SCOPE.LINK) return;
  if (membership.loaded) {
    membership.loaded = false;
    listen(owner.device, membership.group, false);
  }
  membership.reportTimer?.cancel();
  membership.reportTimer = undefined;
  if (membership.unreported) return;
  if (!owner.dead) reportLeave(owner, membership);
}

/** dev_mc_add(), dev_mc_del() for the group's link-layer address, where the kind of link has such addresses (ndisc_mc_map). */
function listen(device: NetDevice, group: Ipv6Address, on: boolean): void {
  if (device.hardwareType !== ARPHRD.ETHER) return;
  const mac = ipv6MulticastMac(group);
  const changed = on ? device.multicast.add(mac) : device.multicast.remove(mac);
  if (changed) device.rxModeChanged();
}

/** ipv6_mc_up(): the device has come up, or its link may be another one now: everything is reported again. */
export function multicastUp(owner: Inet6Device): void {
  owner.multicast.reset();
  owner.multicast.left = [];
  for (const membership of owner.multicast.groups) groupAdded(owner, membership);
}

/** ipv6_mc_down() */
export function multicastDown(owner: Inet6Device): void {
  for (const membership of owner.multicast.groups) groupDropped(owner, membership);
  owner.multicast.stopTimers();
}

/** ipv6_mc_destroy_dev() */
export function multicastGone(owner: Inet6Device): void {
  multicastDown(owner);
  owner.multicast.groups = [];
  owner.multicast.left = [];
}

function speaksNeighbourDiscovery(device: NetDevice): boolean {
  return (device.flags & (IFF.LOOPBACK | IFF.NOARP)) === 0;
}

/** addrconf_join_solict() */
export function joinSolicited(owner: Inet6Device, address: Ipv6Address): void {
  if (speaksNeighbourDiscovery(owner.device) && !owner.dead)
    joinGroup(owner, solicitedNodeMulticast(address));
}

/** addrconf_leave_solict() */
export function leaveSolicited(owner: Inet6Device, address: Ipv6Address): void {
  if (speaksNeighbourDiscovery(owner.device)) leaveGroup(owner, solicitedNodeMulticast(address));
}

/** __ipv6_dev_ac_inc() */
export function joinAnycast(owner: Inet6Device, address: Ipv6Address): void {
  if (owner.dead) throw new Refusal(ERRNO.ENODEV);
  const known = owner.anycasts.find((each) => each.address === address);
  if (known) {
    known.users++;
    return;
  }
  const route = hostRoute(owner, address, true);
  owner.anycasts.unshift({ address, users: 1, route });
  addRoute(owner.namespace, route);
  joinSolicited(owner, address);
}

/** __ipv6_dev_ac_dec(). False if the device does not have the address. */
export function leaveAnycast(owner: Inet6Device, address: Ipv6Address): boolean {
  const known = owner.anycasts.find((each) => each.address === address);
  if (!known) return false;
  if (--known.users > 0) return true;
  owner.anycasts.splice(owner.anycasts.indexOf(known), 1);
  leaveSolicited(owner, address);
  removeRoute(owner.namespace, known.route);
  return true;
}

/** ipv6_ac_destroy_dev() */
export function anycastGone(owner: Inet6Device): void {
  for (const { address, route } of owner.anycasts.splice(0)) {
    leaveSolicited(owner, address);
    removeRoute(owner.namespace, route);
  }
}

/** ipv6_chk_acast_addr(): an anycast address of the device, or of any. */
export function isAnycast(owner: Inet6Device | undefined, address: Ipv6Address): boolean {
  return owner?.anycasts.some((each) => each.address === address) ?? false;
}

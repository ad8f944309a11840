// Addresses that user space gives to a device, or changes (inet6_addr_add, inet6_addr_modify in net/ipv6/addrconf.c).

import { ERRNO } from "../../netlink/errno.ts";
import { IFA_F } from "../../netlink/rtnl/address.ts";
import { RTM } from "../../netlink/rtnl/types.ts";
import type { Nanoseconds } from "../../system/system.ts";
import { SECOND } from "../../system/system.ts";
import { IPV6_ANY } from "../../wire/ipv6-address.ts";
import { addressRefusal, announceAddress, cleanPrefixRoute, createAddress } from "./address-life.ts";
import { notifyAddress } from "./address-message.ts";
import { interfaceScope } from "./address-type.ts";
import { startDad } from "./dad.ts";
import { removeRoute, scheduleExpiry } from "./fib-change.ts";
import { RTF } from "./fib-route.ts";
import type { AddressSetup, InterfaceAddress } from "./interface-address.ts";
import { INFINITE_LIFETIME } from "./interface-address.ts";
import type { Inet6Device } from "./interface.ts";
import { checkLifetimes } from "./lifetimes.ts";
import { joinGroup, leaveGroup } from "./mcast.ts";
import { addMulticastRoute, addPrefixRoute, fateOfPrefixRoute, findPrefixRoute } from "./prefix-routes.ts";
import { manageTemporaries } from "./temporary.ts";

/** An address of a request. Lifetimes in seconds. */
export type GivenAddress = Omit<Required<AddressSetup>, "scope">;

/** Longer ones cannot be counted in ticks and count as endless (addrconf_timeout_fixup at HZ 250). */
const LONGEST_LIFETIME = 0x7fff_ffff;

/** Errors: EINVAL. */
function checkLifetimeOf(owner: Inet6Device, given: GivenAddress): void {
  const { kernel } = owner.device;
  if (given.validLifetime === 0 || given.preferredLifetime > given.validLifetime) {
    throw addressRefusal(kernel, ERRNO.EINVAL, "address lifetime invalid");
  }
  if ((given.flags & IFA_F.MANAGETEMPADDR) !== 0 && given.prefixLength !== 64) {
    const text = 'address with "mngtmpaddr" flag must have a prefix length of 64';
    throw addressRefusal(kernel, ERRNO.EINVAL, text);
  }
}

function fixed(lifetime: number): number {
  return lifetime > LONGEST_LIFETIME ? INFINITE_LIFETIME : lifetime;
}

function flagsFor(given: GivenAddress): number {
  let { flags } = given;
  if (fixed(given.validLifetime) === INFINITE_LIFETIME) flags |= IFA_F.PERMANENT;
  if (given.preferredLifetime === 0) flags |= IFA_F.DEPRECATED;
  return flags;
}

/** When the prefix route ends: with the address, unless that is permanent. */
function routeEnd(owner: Inet6Device, given: GivenAddress): Nanoseconds | undefined {
  const lifetime = fixed(given.validLifetime);
  return lifetime === INFINITE_LIFETIME ? undefined : owner.device.kernel.clock.now + lifetime * SECOND;
}

/** inet6_addr_add(). Errors: EINVAL, EACCES, EADDRNOTAVAIL, ... */
export function addGiven(owner: Inet6Device, given: GivenAddress): void {
  const { kernel } = owner.device;
  if (given.prefixLength > 128) throw addressRefusal(kernel, ERRNO.EINVAL, "Invalid prefix length");
  checkLifetimeOf(owner, given);
  if (owner.configuration.disable_ipv6) {
    throw addressRefusal(kernel, ERRNO.EACCES, "IPv6 is disabled on this device");
  }
  addMulticastRouteFor(owner);
  const joins = (given.flags & IFA_F.MCAUTOJOIN) !== 0;
  if (joins) joinGroup(owner, given.address);
  let entry: InterfaceAddress;
  try {
    entry = createAddress(owner, {
      ...given,
      scope: interfaceScope(given.address),
      flags: flagsFor(given),
      validLifetime: fixed(given.validLifetime),
      preferredLifetime: fixed(given.preferredLifetime),
    });
  } catch (refusal) {
    if (joins) leaveGroup(owner, given.address);
    throw refusal;
  }
  if (!entry.has(IFA_F.NOPREFIXROUTE)) {
    addPrefixRoute(owner, entry.address, entry.prefixLength, entry.routeMetric, routeEnd(owner, given));
  }
  if (!entry.has(IFA_F.OPTIMISTIC | IFA_F.NODAD)) notifyAddress(RTM.NEWADDR, entry);
  startDad(entry);
  if (entry.has(IFA_F.MANAGETEMPADDR))
    manageTemporaries(entry, given.validLifetime, given.preferredLifetime, true);
  checkLifetimes(owner.namespace);
}

/** addrconf_add_dev() */
function addMulticastRouteFor(owner: Inet6Device): void {
  if (owner.device !== owner.device.netns.loopback) addMulticastRoute(owner);
}

/** inet6_addr_modify() */
export function changeGiven(entry: InterfaceAddress, given: GivenAddress): void {
  const { owner } = entry;
  checkLifetimeOf(owner, given);
  const wasManaging = entry.has(IFA_F.MANAGETEMPADDR);
  const hadRoute = entry.has(IFA_F.PERMANENT) && !entry.has(IFA_F.NOPREFIXROUTE);
  const settable =
    IFA_F.DEPRECATED |
    IFA_F.PERMANENT |
    IFA_F.NODAD |
    IFA_F.HOMEADDRESS |
    IFA_F.MANAGETEMPADDR |
    IFA_F.NOPREFIXROUTE;
  entry.flags = (entry.flags & ~settable) | (flagsFor(given) & settable);
  entry.updated = owner.device.kernel.clock.now;
  entry.validLifetime = fixed(given.validLifetime);
  entry.preferredLifetime = fixed(given.preferredLifetime);
  if (given.protocol !== 0) entry.protocol = given.protocol;
  const newPeer = entry.peer !== given.peer;
  if (newPeer && entry.peer !== IPV6_ANY) {
    const old = findPrefixRoute(owner, entry.peer, 128, 0, 0, false);
    if (old) removeRoute(owner.namespace, old);
  }
  if (newPeer) entry.peer = given.peer;
  const metric = given.routeMetric === 0 ? entry.routeMetric : given.routeMetric;
  const newMetric = metric !== entry.routeMetric;
  entry.routeMetric = metric;
  if (!entry.has(IFA_F.TENTATIVE)) announceAddress(entry);
  adjustPrefixRoute(entry, given, hadRoute, newMetric);
  if (wasManaging || entry.has(IFA_F.MANAGETEMPADDR)) {
    const create = entry.has(IFA_F.MANAGETEMPADDR) && !wasManaging;
    const managed = entry.has(IFA_F.MANAGETEMPADDR);
    manageTemporaries(
      entry,
      managed ? given.validLifetime : 0,
      managed ? given.preferredLifetime : 0,
      create,
    );
  }
  checkLifetimes(owner.namespace);
}

/** Ticks that the kernel's clock shows at boot: it starts five minutes before its lower half overflows. */
const INITIAL_TICKS = 2 ** 32;
const INITIAL_SECONDS = 300;

/**
 * modify_prefix_route() of all kernels so far takes the remaining lifetime, in 1/100 s, for a point in time in ticks. That is
 * long before boot: the route is passed over at once, and is shown with a negative lifetime.
 */
function modifiedEnd(owner: Inet6Device, given: GivenAddress): Nanoseconds {
  const { hz } = owner.device.kernel.profile;
  const ticks = fixed(given.validLifetime) * 100;
  return ((ticks - INITIAL_TICKS) / hz + INITIAL_SECONDS) * SECOND;
}

/** modify_prefix_route() and what is around it. */
function adjustPrefixRoute(
  entry: InterfaceAddress,
  given: GivenAddress,
  had: boolean,
  newMetric: boolean,
): void {
  const { owner } = entry;
  const end = routeEnd(owner, given);
  if (entry.has(IFA_F.NOPREFIXROUTE)) {
    if (!had) return;
    const fate = fateOfPrefixRoute(entry);
    if (fate.action !== "keep")
      cleanPrefixRoute(entry, fate.action === "expire" ? fate.at : undefined, false);
    return;
  }
  const route = findPrefixRoute(owner, entry.address, entry.prefixLength, 0, RTF.DEFAULT, true);
  if (!route || newMetric) {
    if (route) removeRoute(owner.namespace, route);
    addPrefixRoute(owner, entry.address, entry.prefixLength, entry.routeMetric, end);
    return;
  }
  route.expires = end === undefined ? undefined : modifiedEnd(owner, given);
  route.flags = end === undefined ? route.flags & ~RTF.EXPIRES : route.flags | RTF.EXPIRES;
  if (end !== undefined) scheduleExpiry(owner.namespace);
}

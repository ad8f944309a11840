// Adding and removing IPv4 addresses (net/ipv4/devinet.c: inet_insert_ifa, inet_del_ifa): primary and secondary ones, what
// follows when a primary one goes, and lifetimes.

import type { Nanoseconds, Timer } from "../../system/system.ts";
import { SECOND } from "../../system/system.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { IFA_F } from "../../netlink/rtnl/address.ts";
import { RTM } from "../../netlink/rtnl/types.ts";
import type { Netns } from "../netns.ts";
import { Slot } from "../slot.ts";
import { notifyAddress } from "./address-message.ts";
import { addAddressRoutes, removeAddressRoutes } from "./fib/address-routes.ts";
import { disableRoutes, reviveRoutes } from "./fib/device-sync.ts";
import type { InetDevice, InterfaceAddress } from "./in-device.ts";
import { FOREVER } from "./in-device.ts";
import type { Ipv4Netns } from "./namespace.ts";
import { RTNH_F } from "../../netlink/rtnl/route-constants.ts";

/** The last primary address that a new one of `scope` goes behind, as an index after it. */
function primaryPlace(inDevice: InetDevice, scope: number): number {
  let place = 0;
  inDevice.addresses.forEach((other, index) => {
    if ((other.flags & IFA_F.SECONDARY) === 0 && scope <= other.scope) place = index + 1;
  });
  return place;
}

/** inet_insert_ifa(). Errors: EEXIST, EINVAL. */
export function insertAddress(address: InterfaceAddress): void {
  const inDevice = address.owner;
  const { profile } = inDevice.device.kernel;
  if (address.local === 0) return;
  address.flags &= ~IFA_F.SECONDARY;
  for (const other of inDevice.addresses) {
    if (!other.sharesPrefix(address)) continue;
    if (other.local === address.local) {
      throw profile.addressExtack
        ? new Refusal(ERRNO.EEXIST, "ipv4: Address already assigned")
        : new Refusal(ERRNO.EEXIST);
    }
    if (other.scope !== address.scope) {
      throw profile.addressExtack
        ? new Refusal(ERRNO.EINVAL, "ipv4: Invalid scope value")
        : new Refusal(ERRNO.EINVAL);
    }
    address.flags |= IFA_F.SECONDARY;
  }
  inDevice.device.validateAddress?.(address.local);
  const secondary = (address.flags & IFA_F.SECONDARY) !== 0;
  inDevice.addresses.splice(
    secondary ? inDevice.addresses.length : primaryPlace(inDevice, address.scope),
    0,
    address,
  );
  remember(inDevice.inet, address);
  if ((address.flags & IFA_F.PERMANENT) === 0) scheduleLifetimes(inDevice.inet, 0);
  notifyAddress(address, RTM.NEWADDR);
  cameUp(address);
}

function remember(inet: Ipv4Netns, address: InterfaceAddress): void {
  const known = inet.byAddress.get(address.local);
  if (known === undefined) inet.byAddress.set(address.local, [address]);
  else known.unshift(address);
}

function forget(inet: Ipv4Netns, address: InterfaceAddress): void {
  const known = inet.byAddress.get(address.local) ?? [];
  known.splice(known.indexOf(address), 1);
  if (known.length === 0) inet.byAddress.delete(address.local);
}

/** fib_inetaddr_event(NETDEV_UP) */
function cameUp(address: InterfaceAddress): void {
  const { inet } = address.owner;
  addAddressRoutes(address);
  reviveRoutes(address.owner, RTNH_F.DEAD);
  inet.fib.addressGeneration++;
  inet.routesChanged();
}

/** fib_inetaddr_event(NETDEV_DOWN): without its last address, a device has no IPv4 any more. */
function wentDown(address: InterfaceAddress): void {
  const { inet } = address.owner;
  removeAddressRoutes(address);
  inet.fib.addressGeneration++;
  if (address.owner.addresses.length === 0) disableRoutes(address.owner, "down", true);
  else inet.routesChanged();
}

/** inet_del_ifa(): with a primary address its secondary ones go, or one of them takes its place (promote_secondaries). */
export function deleteAddress(address: InterfaceAddress): void {
  const inDevice = address.owner;
  const { addresses, inet } = inDevice;
  const primary = (address.flags & IFA_F.SECONDARY) === 0;
  const siblings = addresses.filter(
    (other) => other !== address && (other.flags & IFA_F.SECONDARY) !== 0 && other.sharesPrefix(address),
  );
  if (inDevice.dead || !primary || siblings.length === 0) {
    takeOut(address);
    return;
  }
  if (!inDevice.either("promoteSecondaries")) {
    for (const sibling of siblings) takeOut(sibling);
    takeOut(address);
    return;
  }
  // Their routes name the old primary as source: away with them first, and back with the new one.
  const [promoted, ...others] = siblings as [InterfaceAddress, ...InterfaceAddress[]];
  for (const sibling of siblings) removeAddressRoutes(sibling, address);
  takeOut(address);
  addresses.splice(addresses.indexOf(promoted), 1);
  const place = primaryPlace(inDevice, promoted.scope);
  addresses.splice(place, 0, promoted);
  promoted.flags &= ~IFA_F.SECONDARY;
  notifyAddress(promoted, RTM.NEWADDR);
  cameUp(promoted);
  for (const other of others) addAddressRoutes(other);
  inet.routesChanged();
}

function takeOut(address: InterfaceAddress): void {
  const { addresses, inet } = address.owner;
  const index = addresses.indexOf(address);
  if (index < 0) return;
  addresses.splice(index, 1);
  forget(inet, address);
  notifyAddress(address, RTM.DELADDR);
  wentDown(address);
}

/** set_ifa_lifetime(): seconds, FOREVER for no end. */
export function setLifetimes(address: InterfaceAddress, valid: number, preferred: number): void {
  const { now } = address.owner.device.kernel.clock;
  address.flags &= ~(IFA_F.PERMANENT | IFA_F.DEPRECATED);
  address.validLifetime = valid;
  if (valid === FOREVER) address.flags |= IFA_F.PERMANENT;
  address.preferredLifetime = preferred;
  if (preferred === 0) address.flags |= IFA_F.DEPRECATED;
  address.changed = now;
  if (address.created < 0) address.created = now;
}

interface LifetimeTimer {
  timer: Timer;
}
const lifetimeTimer = new Slot<LifetimeTimer>();

/** Looks at lifetimes of the namespace again after `delay`. */
export function scheduleLifetimes(inet: Ipv4Netns, delay: Nanoseconds): void {
  const { netns } = inet;
  lifetimeTimer.of(netns)?.timer.cancel();
  if (delay === 0) {
    const next = nextExpiry(inet);
    if (next === undefined) return;
    delay = Math.max(0, next - netns.kernel.clock.now);
  }
  lifetimeTimer.set(netns, { timer: netns.kernel.clock.after(delay, () => checkLifetimes(inet)) });
}

/** The namespace is gone. */
export function stopLifetimes(netns: Netns): void {
  lifetimeTimer.of(netns)?.timer.cancel();
  lifetimeTimer.set(netns, undefined);
}

function* mortals(inet: Ipv4Netns): Generator<InterfaceAddress> {
  for (const list of inet.byAddress.values()) {
    for (const address of list) if ((address.flags & IFA_F.PERMANENT) === 0) yield address;
  }
}

function nextExpiry(inet: Ipv4Netns): Nanoseconds | undefined {
  let next: Nanoseconds | undefined;
  const consider = (at: Nanoseconds): void => {
    if (next === undefined || at < next) next = at;
  };
  for (const address of mortals(inet)) {
    if (address.validLifetime !== FOREVER) consider(address.changed + address.validLifetime * SECOND);
    if (address.preferredLifetime !== FOREVER && (address.flags & IFA_F.DEPRECATED) === 0) {
      consider(address.changed + address.preferredLifetime * SECOND);
    }
  }
  return next;
}

/** check_lifetime(): deprecates and deletes what has run out. */
function checkLifetimes(inet: Ipv4Netns): void {
  if (!inet.netns.alive) return;
  const { now } = inet.netns.kernel.clock;
  for (const address of [...mortals(inet)]) {
    const age = now - address.changed;
    if (address.validLifetime !== FOREVER && age >= address.validLifetime * SECOND) deleteAddress(address);
    else if (address.preferredLifetime !== FOREVER && age >= address.preferredLifetime * SECOND) {
      if ((address.flags & IFA_F.DEPRECATED) !== 0) continue;
      address.flags |= IFA_F.DEPRECATED;
      notifyAddress(address, RTM.NEWADDR);
    }
  }
  scheduleLifetimes(inet, 0);
}

// Making and removing addresses of an interface, and what follows for routes and groups (ipv6_add_addr, ipv6_del_addr,
// __ipv6_ifa_notify in net/ipv6/addrconf.c). Duplicate address detection, which comes between, is in dad.ts.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { IFA_F } from "../../netlink/rtnl/address.ts";
import { RTM } from "../../netlink/rtnl/types.ts";
import { IPV6_ANY, IPV6_LOOPBACK, ipv6Network, isMulticastIpv6 } from "../../wire/ipv6-address.ts";
import type { Kernel } from "../kernel.ts";
import { IFF } from "../device.ts";
import { notifyAddress } from "./address-message.ts";
import { sourceScope } from "./address-type.ts";
import { addRoute, removeRoute, scheduleExpiry } from "./fib-change.ts";
import { RTF } from "./fib-route.ts";
import { routesBy } from "./fib-table.ts";
import type { AddressSetup } from "./interface-address.ts";
import { InterfaceAddress } from "./interface-address.ts";
import type { Inet6Device, Inet6Netns } from "./interface.ts";
import { joinAnycast, leaveAnycast, leaveSolicited } from "./mcast.ts";
import { addPrefixRoute, fateOfPrefixRoute, findPrefixRoute, hostRoute } from "./prefix-routes.ts";

/** A refusal whose text only newer kernels give. */
export function addressRefusal(kernel: Kernel, errno: number, text: string): Refusal {
  return kernel.profile.addressExtack ? new Refusal(errno, `ipv6: ${text}`) : new Refusal(errno);
}

/**
 * ipv6_add_addr(): an address in its first state, tentative unless its flags say otherwise.
 * Errors: EADDRNOTAVAIL, ENODEV, EACCES, EEXIST.
 */
export function createAddress(owner: Inet6Device, setup: AddressSetup): InterfaceAddress {
  const { device, namespace } = owner;
  const { kernel } = device;
  const { address } = setup;
  if (address === IPV6_ANY) throw addressRefusal(kernel, ERRNO.EADDRNOTAVAIL, "Invalid address");
  if (isMulticastIpv6(address) && (setup.flags & IFA_F.MCAUTOJOIN) === 0) {
    const text = 'Cannot assign multicast address without "IFA_F_MCAUTOJOIN" flag';
    throw addressRefusal(kernel, ERRNO.EADDRNOTAVAIL, text);
  }
  if (address === IPV6_LOOPBACK && (device.flags & IFF.LOOPBACK) === 0) {
    throw addressRefusal(kernel, ERRNO.EADDRNOTAVAIL, "Cannot assign loopback address on this device");
  }
  if (owner.dead) throw addressRefusal(kernel, ERRNO.ENODEV, "device is going away");
  if (owner.configuration.disable_ipv6) {
    throw addressRefusal(kernel, ERRNO.EACCES, "IPv6 is disabled on this device");
  }
  device.validateAddress?.(address);
  if (namespace.findAddress(address, device) !== undefined) {
    throw addressRefusal(kernel, ERRNO.EEXIST, "address already assigned");
  }
  const entry = new InterfaceAddress(owner, setup, kernel.clock.now);
  entry.route = hostRoute(owner, address, false);
  remember(namespace, entry);
  const scope = sourceScope(address);
  const place = owner.addresses.findIndex((other) => scope >= sourceScope(other.address));
  owner.addresses.splice(place < 0 ? owner.addresses.length : place, 0, entry);
  return entry;
}

/** ipv6_add_addr_hash() */
function remember(namespace: Inet6Netns, entry: InterfaceAddress): void {
  const known = namespace.addresses.get(entry.address);
  // The newest is found first, as in the kernel's hash chains.
  if (known) known.unshift(entry);
  else namespace.addresses.set(entry.address, [entry]);
}

/** The namespace no longer knows the address as its own. */
export function forget(entry: InterfaceAddress): void {
  const { addresses } = entry.owner.namespace;
  const known = addresses.get(entry.address)?.filter((other) => other !== entry) ?? [];
  if (known.length > 0) addresses.set(entry.address, known);
  else addresses.delete(entry.address);
}

/** addrconf_join_anycast(): routers listen to the subnet-router anycast address (RFC 4291, 2.6.1). */
export function joinSubnetRouter(entry: InterfaceAddress): void {
  // RFC 6164, 5.1: not on point-to-point links with a /127
  if (entry.prefixLength >= 127) return;
  const anycast = ipv6Network(entry.address, entry.prefixLength);
  if (anycast !== IPV6_ANY) joinAnycast(entry.owner, anycast);
}

export function leaveSubnetRouter(entry: InterfaceAddress): void {
  if (entry.prefixLength >= 127) return;
  const anycast = ipv6Network(entry.address, entry.prefixLength);
  if (anycast !== IPV6_ANY) leaveAnycast(entry.owner, anycast);
}

/** __ipv6_ifa_notify(RTM_NEWADDR): the address is valid from now on. */
export function announceAddress(entry: InterfaceAddress): void {
  const { owner } = entry;
  const { namespace } = owner;
  notifyAddress(RTM.NEWADDR, entry);
  if (entry.route !== undefined && !entry.route.linked) addHostRoute(namespace, entry);
  if (owner.configuration.forwarding) joinSubnetRouter(entry);
  if (entry.peer !== IPV6_ANY) addPrefixRoute(owner, entry.peer, 128, entry.routeMetric);
  namespace.tables.generation++;
}

/** ip6_ins_rt() for the route to an own address. */
export function addHostRoute(namespace: Inet6Netns, entry: InterfaceAddress): void {
  if (entry.route === undefined) return;
  try {
    addRoute(namespace, entry.route);
  } catch (refusal) {
    // The same address on a second path of the same device: its route is there.
    if (!(refusal instanceof Refusal)) throw refusal;
  }
}

/** __ipv6_ifa_notify(RTM_DELADDR) */
export function withdrawAddress(entry: InterfaceAddress): void {
  const { owner } = entry;
  const { namespace } = owner;
  notifyAddress(RTM.DELADDR, entry);
  if (owner.configuration.forwarding) leaveSubnetRouter(entry);
  leaveSolicited(owner, entry.address);
  if (entry.peer !== IPV6_ANY) {
    const route = findPrefixRoute(owner, entry.peer, 128, 0, 0, false);
    if (route) removeRoute(namespace, route);
  }
  if (entry.route !== undefined) removeRoute(namespace, entry.route);
  namespace.tables.generation++;
}

/** ipv6_del_addr() */
export function removeAddress(entry: InterfaceAddress): void {
  if (entry.state === "dead") return;
  entry.state = "dead";
  const { owner } = entry;
  forget(entry);
  const keepsRoute = (entry.flags & (IFA_F.PERMANENT | IFA_F.NOPREFIXROUTE)) !== IFA_F.PERMANENT;
  const fate = keepsRoute ? undefined : fateOfPrefixRoute(entry);
  owner.addresses.splice(owner.addresses.indexOf(entry), 1);
  entry.stopDad();
  withdrawAddress(entry);
  if (fate !== undefined && fate.action !== "keep") {
    cleanPrefixRoute(entry, fate.action === "expire" ? fate.at : undefined, false);
  }
  dropPreferredSource(entry);
}

/** cleanup_prefix_route(): the route to the prefix goes, or ends at `expires`. */
export function cleanPrefixRoute(entry: InterfaceAddress, expires: number | undefined, peer: boolean): void {
  const { owner } = entry;
  const prefix = peer ? entry.peer : entry.address;
  const route = findPrefixRoute(owner, prefix, entry.prefixLength, 0, RTF.DEFAULT, false);
  if (!route) return;
  if (expires === undefined) {
    removeRoute(owner.namespace, route);
    return;
  }
  if (route.expires === undefined) {
    route.expires = expires;
    route.flags |= RTF.EXPIRES;
    scheduleExpiry(owner.namespace);
  }
}

/** rt6_remove_prefsrc(): routes that prefer a source that is gone choose one again. */
function dropPreferredSource(entry: InterfaceAddress): void {
  for (const route of routesBy(entry.owner.device)) {
    if (route.preferredSource === entry.address) route.preferredSource = undefined;
  }
}

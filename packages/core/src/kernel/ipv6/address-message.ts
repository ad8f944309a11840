// RTM_NEWADDR and RTM_DELADDR of IPv6 as the kernel tells them (inet6_fill_ifaddr), and the entries of RTM_GETMULTICAST and
// RTM_GETANYCAST.

import { encodeAddress, IFA_F } from "../../netlink/rtnl/address.ts";
import { RTNLGRP } from "../../netlink/rtnl/multicast-groups.ts";
import { RT_SCOPE } from "../../netlink/rtnl/route-constants.ts";
import { AF } from "../../netlink/rtnl/types.ts";
import type { RTM } from "../../netlink/rtnl/types.ts";
import type { Nanoseconds } from "../../system/system.ts";
import { SECOND } from "../../system/system.ts";
import { IPV6_ANY, ipv6ToBytes } from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import { hasListeners, notifyGroup } from "../netlink/endpoint.ts";
import { interfaceScope, netlinkScope } from "./address-type.ts";
import type { InterfaceAddress } from "./interface-address.ts";
import { INFINITE_LIFETIME } from "./interface-address.ts";
import type { Inet6Device } from "./interface.ts";

/** Hundredths of a second since boot, as netlink's stamps count. */
export function stampOf(time: Nanoseconds): number {
  return Math.floor(time / (SECOND / 100)) % 0x1_0000_0000;
}

/** Seconds that are left of a lifetime. */
function remaining(lifetime: number, elapsed: number): number {
  return lifetime === INFINITE_LIFETIME ? lifetime : Math.max(0, lifetime - elapsed);
}

export function fillAddress(entry: InterfaceAddress, targetNetnsid?: number): Uint8Array {
  const { owner, flags } = entry;
  const permanent = (flags & IFA_F.PERMANENT) !== 0 && entry.preferredLifetime === INFINITE_LIFETIME;
  const elapsed = Math.floor((owner.device.kernel.clock.now - entry.updated) / SECOND);
  const endless = permanent || entry.preferredLifetime === INFINITE_LIFETIME;
  const preferred = permanent ? INFINITE_LIFETIME : remaining(entry.preferredLifetime, elapsed);
  const valid = permanent
    ? INFINITE_LIFETIME
    : endless
      ? entry.validLifetime
      : remaining(entry.validLifetime, elapsed);
  const peer = entry.peer !== IPV6_ANY;
  return encodeAddress({
    family: AF.INET6,
    prefixlen: entry.prefixLength,
    flags: flags & 0xff,
    scope: netlinkScope(entry.scope),
    index: owner.device.ifindex,
    targetNetnsid,
    local: peer ? ipv6ToBytes(entry.address) : undefined,
    address: ipv6ToBytes(peer ? entry.peer : entry.address),
    rtPriority: entry.routeMetric === 0 ? undefined : entry.routeMetric,
    cacheinfo: { preferred, valid, cstamp: stampOf(entry.created), tstamp: stampOf(entry.updated) },
    ifaFlags: flags,
    proto: entry.protocol === 0 ? undefined : entry.protocol,
  });
}

/** inet6_ifa_notify() */
export function notifyAddress(type: typeof RTM.NEWADDR | typeof RTM.DELADDR, entry: InterfaceAddress): void {
  const { netns } = entry.owner.namespace;
  if (hasListeners(netns, 0, RTNLGRP.IPV6_IFADDR)) {
    notifyGroup(netns, 0, RTNLGRP.IPV6_IFADDR, type, fillAddress(entry));
  }
}

function fillGroup(
  owner: Inet6Device,
  address: Ipv6Address,
  kind: "multicast" | "anycast",
  target?: number,
): Uint8Array {
  const now = stampOf(owner.updated);
  return encodeAddress({
    family: AF.INET6,
    prefixlen: 128,
    flags: IFA_F.PERMANENT,
    scope: (interfaceScope(address) & 0x40) !== 0 ? RT_SCOPE.SITE : RT_SCOPE.UNIVERSE,
    index: owner.device.ifindex,
    targetNetnsid: target,
    [kind]: ipv6ToBytes(address),
    cacheinfo: { preferred: INFINITE_LIFETIME, valid: INFINITE_LIFETIME, cstamp: now, tstamp: now },
  });
}

/** inet6_fill_ifmcaddr() for each group of a device. */
export function fillGroups(owner: Inet6Device, targetNetnsid?: number): Uint8Array[] {
  return owner.multicast.groups.map(({ group }) => fillGroup(owner, group, "multicast", targetNetnsid));
}

/** inet6_fill_ifacaddr() for each anycast address of a device. */
export function fillAnycasts(owner: Inet6Device, targetNetnsid?: number): Uint8Array[] {
  return owner.anycasts.map(({ address }) => fillGroup(owner, address, "anycast", targetNetnsid));
}

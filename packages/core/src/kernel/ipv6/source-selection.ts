// Choosing a source address (RFC 6724, 5, in the order of rules that net/ipv6/addrconf.c: ipv6_dev_get_saddr has).

import { IFA_F } from "../../netlink/rtnl/address.ts";
import {
  IPV6_LOOPBACK,
  ipv6Group,
  ipv6SharedBits,
  isMulticastIpv6,
  isV4MappedIpv6,
} from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import type { NetDevice } from "../device.ts";
import { l3MasterOf } from "../l3mdev.ts";
import { labelOf } from "./address-labels.ts";
import { isV4Compatible, SCOPE, sourceScope } from "./address-type.ts";
import type { InterfaceAddress } from "./interface-address.ts";
import { inet6Device } from "./interface.ts";
import type { Inet6Device, Inet6Netns } from "./interface.ts";
import type { Route6 } from "./fib-route.ts";

/** IPV6_PREFER_SRC_*: what a socket asked for (RFC 5014). */
const PREFER_SOURCE = { TEMPORARY: 1, PUBLIC: 2, CARE_OF: 4, HOME: 0x400 } as const;

interface Target {
  readonly namespace: Inet6Netns;
  readonly address: Ipv6Address;
  /** ifindex of the device that the packet leaves by; 0 if that is open. */
  readonly ifindex: number;
  readonly scope: number;
  readonly label: number;
  readonly preferences: number;
}

/** 2001:10::/28, identifiers that are no addresses (RFC 4843). */
function isOrchid(address: Ipv6Address): boolean {
  return ipv6Group(address, 0) === 0x2001 && (ipv6Group(address, 1) & 0xfff0) === 0x0010;
}

const bit = (condition: boolean): number => (condition ? 1 : 0);

function preferred(candidate: InterfaceAddress): number {
  const { address, owner } = candidate;
  if (address === IPV6_LOOPBACK || isV4MappedIpv6(address) || isV4Compatible(address)) return 1;
  const useOptimistic = owner.configuration.use_optimistic || owner.namespace.all.use_optimistic;
  return bit((candidate.flags & (IFA_F.DEPRECATED | (useOptimistic ? 0 : IFA_F.OPTIMISTIC))) === 0);
}

function privacy(candidate: InterfaceAddress, preferences: number): number {
  const asked = (preferences & (PREFER_SOURCE.PUBLIC | PREFER_SOURCE.TEMPORARY)) !== 0;
  const temporary = asked
    ? (preferences & PREFER_SOURCE.TEMPORARY) !== 0
    : candidate.owner.configuration.use_tempaddr >= 2;
  return bit(!candidate.has(IFA_F.SECONDARY) !== temporary);
}

type Rule = (candidate: InterfaceAddress, target: Target) => number;

/** Each gives a number; the higher one wins, equal ones go on to the next rule. */
const RULES: readonly Rule[] = [
  // Rule 1: the destination itself
  ({ address }, target) => bit(address === target.address),
  // Rule 2: the smallest scope that is wide enough, else the widest
  ({ address }, { scope }) => {
    const own = sourceScope(address);
    return own >= scope ? -own : own - 128;
  },
  // Rule 3: not deprecated
  (candidate) => preferred(candidate),
  // Rule 4: home addresses
  (candidate, { preferences }) =>
    bit(!candidate.has(IFA_F.HOMEADDRESS) !== ((preferences & PREFER_SOURCE.CARE_OF) === 0)),
  // Rule 5: the outgoing interface
  ({ owner }, { ifindex }) => bit(ifindex === 0 || ifindex === owner.device.ifindex),
  // Rule 6: matching label
  ({ address, owner }, { namespace, label }) =>
    bit(labelOf(namespace.netns, address, owner.device.ifindex) === label),
  // Rule 7: temporary or public
  (candidate, { preferences }) => privacy(candidate, preferences),
  // Rule 7+: identifiers only among themselves (RFC 4843)
  ({ address }, target) => bit(isOrchid(address) === isOrchid(target.address)),
  // Rule 8: longest common prefix
  ({ address, prefixLength }, target) => Math.min(ipv6SharedBits(address, target.address), prefixLength),
  // Optimistic addresses come last (RFC 4429)
  (candidate) => bit(!candidate.has(IFA_F.OPTIMISTIC)),
];

function isBetter(candidate: InterfaceAddress, best: InterfaceAddress, target: Target): boolean {
  for (const rule of RULES) {
    const difference = rule(candidate, target) - rule(best, target);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

function bestOn(
  owner: Inet6Device,
  target: Target,
  known: InterfaceAddress | undefined,
): InterfaceAddress | undefined {
  let best = known;
  for (const candidate of owner.addresses) {
    if (candidate.tentative || isMulticastIpv6(candidate.address)) continue;
    if (best === undefined || isBetter(candidate, best, target)) best = candidate;
  }
  return best;
}

/** ipv6_dev_get_saddr(): undefined if there is no usable address. `device` is where the packet leaves. */
export function selectSource(
  namespace: Inet6Netns,
  device: NetDevice | undefined,
  destination: Ipv6Address,
  preferences = 0,
): Ipv6Address | undefined {
  const ifindex = device?.ifindex ?? 0;
  const target: Target = {
    namespace,
    address: destination,
    ifindex,
    scope: sourceScope(destination),
    label: labelOf(namespace.netns, destination, ifindex),
    preferences,
  };
  const owner = device && inet6Device.of(device);
  const ownOnly =
    device !== undefined &&
    (isMulticastIpv6(destination) || target.scope <= SCOPE.LINK || owner?.configuration.use_oif_addrs_only);
  if (ownOnly) return owner && bestOn(owner, target, undefined)?.address;
  const master = device && l3MasterOf(device);
  if (master !== undefined && device !== undefined) {
    // The device first, then its domain's master, before the rest of the domain (ipv6_get_saddr_master).
    const near = bestOfDevices([device, master], target);
    if (near !== undefined && sourceScope(near.address) >= target.scope) return near.address;
  }
  const domain = [...namespace.netns.devices.values()].filter((each) => l3MasterOf(each) === master);
  return bestOfDevices(domain, target)?.address;
}

function bestOfDevices(devices: Iterable<NetDevice>, target: Target): InterfaceAddress | undefined {
  let best: InterfaceAddress | undefined;
  for (const each of devices) {
    const candidate = inet6Device.of(each);
    if (candidate) best = bestOn(candidate, target, best);
  }
  return best;
}

/** ip6_route_get_saddr(): the source for a packet on this path: the route's own, or the best one. */
export function sourceForRoute(
  namespace: Inet6Netns,
  path: Route6,
  destination: Ipv6Address,
  preferences = 0,
): Ipv6Address | undefined {
  const { preferredSource, device } = path.fib;
  return preferredSource ?? selectSource(namespace, device, destination, preferences);
}

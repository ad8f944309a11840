// Which of its own addresses a host uses (inet_select_addr, inet_confirm_addr): RFC 1122, 3.3.4.3.

import { IFA_F } from "../../netlink/rtnl/address.ts";
import type { NetDevice } from "../device.ts";
import { l3MasterOf } from "../l3mdev.ts";
import type { InetDevice, InterfaceAddress } from "./in-device.ts";
import { inetDevice } from "./in-device.ts";
import type { Ipv4Netns } from "./namespace.ts";
import { RT_SCOPE } from "../../netlink/rtnl/route-constants.ts";

function isPrimary(address: InterfaceAddress): boolean {
  return (address.flags & IFA_F.SECONDARY) === 0;
}

/** Host scope reaches as far as the link where 127/8 may be routed (route_localnet). */
function localnetScope(inDevice: InetDevice): number {
  return inDevice.either("routeLocalnet") ? RT_SCOPE.LINK : RT_SCOPE.HOST;
}

/** An address of `device` whose scope reaches `scope`, best one in the prefix of `destination`; else one of any device. */
export function selectAddress(
  inet: Ipv4Netns,
  device: NetDevice,
  destination: number,
  scope: number,
): number {
  const inDevice = inetDevice.of(device);
  if (inDevice !== undefined) {
    const limit = localnetScope(inDevice);
    let first = 0;
    for (const address of inDevice.addresses) {
      if (!isPrimary(address) || Math.min(address.scope, limit) > scope) continue;
      if (destination === 0 || address.covers(destination)) return address.local;
      if (first === 0) first = address.local;
    }
    if (first !== 0) return first;
  }
  const master = l3MasterOf(device);
  for (const other of inet.netns.devices.values()) {
    if (l3MasterOf(other) !== master) continue;
    for (const address of inetDevice.of(other)?.addresses ?? []) {
      if (isPrimary(address) && address.scope !== RT_SCOPE.LINK && address.scope <= scope)
        return address.local;
    }
  }
  return 0;
}

/**
 * True if an address is the host's own (`local`, 0 for any), reaches `scope`, and shares a prefix with `destination` unless
 * that is 0. Only addresses of `inDevice` are asked if it is given.
 */
export function confirmAddress(
  inet: Ipv4Netns,
  inDevice: InetDevice | undefined,
  destination: number,
  local: number,
  scope: number,
): boolean {
  if (inDevice !== undefined) return confirmOn(inDevice, destination, local, scope);
  for (const device of inet.netns.devices.values()) {
    const other = inetDevice.of(device);
    if (other !== undefined && confirmOn(other, destination, local, scope)) return true;
  }
  return false;
}

function confirmOn(inDevice: InetDevice, destination: number, local: number, scope: number): boolean {
  const limit = localnetScope(inDevice);
  let found = 0;
  let same = false;
  for (const address of inDevice.addresses) {
    const least = Math.min(address.scope, limit);
    if (found === 0 && (local === address.local || local === 0) && least <= scope) {
      found = address.local;
      if (same) break;
    }
    if (same) continue;
    same = (local === 0 || address.covers(local)) && (destination === 0 || address.covers(destination));
    if (!same || found === 0) continue;
    if (local !== 0 || destination === 0 || address.covers(found)) break;
    if (least <= scope) {
      found = address.local;
      break;
    }
    same = false;
  }
  return same && found !== 0;
}

/** inet_addr_onlink(): `first`, and `second` unless it is 0, are in one prefix of the device. */
export function onLink(inDevice: InetDevice, first: number, second: number): boolean {
  return inDevice.addresses.some(
    (address) => isPrimary(address) && address.covers(first) && (second === 0 || address.covers(second)),
  );
}

/** __ip_dev_find(): the device that has an address, or that the local table gives it to. */
export function isOwnAddress(inet: Ipv4Netns, address: number): boolean {
  return inet.byAddress.has(address);
}

// IPv4 addresses as netlink messages (inet_fill_ifaddr), and their notifications (rtmsg_ifa).

import type { AddressMessage } from "../../netlink/rtnl/address.ts";
import { encodeAddress, IFA_F } from "../../netlink/rtnl/address.ts";
import { RTNLGRP } from "../../netlink/rtnl/multicast-groups.ts";
import { AF } from "../../netlink/rtnl/types.ts";
import { writeIpv4Address } from "../../wire/ipv4-address.ts";
import { hasListeners, notifyGroup } from "../netlink/endpoint.ts";
import type { InterfaceAddress } from "./in-device.ts";
import { FOREVER } from "./in-device.ts";

const NANOSECONDS_PER_TICK = 10_000_000; // USER_HZ 100

export function ipv4Bytes(address: number): Uint8Array {
  const bytes = new Uint8Array(4);
  writeIpv4Address(bytes, 0, address);
  return bytes;
}

export function readIpv4Bytes(bytes: Uint8Array | undefined): number {
  if (bytes === undefined || bytes.length < 4) return 0;
  const [a = 0, b = 0, c = 0, d = 0] = bytes;
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
}

/** What is left of lifetimes, seconds. */
function lifetimes(address: InterfaceAddress): { readonly preferred: number; readonly valid: number } {
  if ((address.flags & IFA_F.PERMANENT) !== 0) return { preferred: FOREVER, valid: FOREVER };
  let preferred = address.preferredLifetime;
  let valid = address.validLifetime;
  if (preferred !== FOREVER) {
    const { now } = address.owner.device.kernel.clock;
    const elapsed = Math.floor((now - address.changed) / 1e9);
    preferred = Math.max(0, preferred - elapsed);
    if (valid !== FOREVER) valid = Math.max(0, valid - elapsed);
  }
  return { preferred, valid };
}

export function addressRecord(address: InterfaceAddress, targetNetnsid?: number): Partial<AddressMessage> {
  const { preferred, valid } = lifetimes(address);
  return {
    family: AF.INET,
    prefixlen: address.prefixLength,
    flags: address.flags & 0xff,
    scope: address.scope,
    index: address.owner.device.ifindex,
    targetNetnsid,
    address: address.address === 0 ? undefined : ipv4Bytes(address.address),
    local: address.local === 0 ? undefined : ipv4Bytes(address.local),
    broadcast: address.broadcast === 0 ? undefined : ipv4Bytes(address.broadcast),
    label: address.label === "" ? undefined : address.label,
    proto: address.protocol === 0 ? undefined : address.protocol,
    ifaFlags: address.flags,
    rtPriority: address.metric === 0 ? undefined : address.metric,
    cacheinfo: {
      preferred,
      valid,
      cstamp: ticks(address.created),
      tstamp: ticks(address.changed),
    },
  };
}

function ticks(time: number): number {
  return Math.floor(time / NANOSECONDS_PER_TICK) >>> 0;
}

/** RTM_NEWADDR or RTM_DELADDR to those who listen. */
export function notifyAddress(address: InterfaceAddress, type: number): void {
  const { netns } = address.owner.inet;
  if (!hasListeners(netns, 0, RTNLGRP.IPV4_IFADDR)) return;
  notifyGroup(netns, 0, RTNLGRP.IPV4_IFADDR, type, encodeAddress(addressRecord(address)));
}

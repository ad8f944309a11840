// Prefixes of router advertisements: routes to them and addresses in them (RFC 4862, 5.5.3; addrconf_prefix_rcv).

import { IFA_F, IFAPROT } from "../../netlink/rtnl/address.ts";
import { encodePrefix } from "../../netlink/rtnl/address-label.ts";
import { RTNLGRP } from "../../netlink/rtnl/multicast-groups.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { SECOND } from "../../system/system.ts";
import { ipv6ToBytes, ipv6WithEui64, isLinkLocalIpv6, isMulticastIpv6 } from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import { ND_INFINITY } from "../../wire/ndisc-options.ts";
import type { NdOption } from "../../wire/ndisc-options.ts";
import { hasListeners, notifyGroup } from "../netlink/endpoint.ts";
import { createAddress } from "./address-life.ts";
import { notifyAddress } from "./address-message.ts";
import { interfaceScope } from "./address-type.ts";
import { ADDRESS_GENERATION } from "./configuration.ts";
import { startDad } from "./dad.ts";
import { removeRoute, scheduleExpiry } from "./fib-change.ts";
import { RTF } from "./fib-route.ts";
import type { InterfaceAddress } from "./interface-address.ts";
import type { Inet6Device } from "./interface.ts";
import { checkLifetimes } from "./lifetimes.ts";
import { addPrefixRoute, findPrefixRoute } from "./prefix-routes.ts";
import { stableAddress } from "./stable-address.ts";
import { manageTemporaries } from "./temporary.ts";

type PrefixOption = Extract<NdOption, { kind: "prefix" }>;

/** RFC 4862, 5.5.3 e: an address that is valid for longer is not cut down to less than this at once. Seconds. */
const MIN_VALID_LIFETIME = 7200;
/** Only 64-bit identifiers are made. */
const AUTONOMOUS_LENGTH = 64;

/** addrconf_prefix_rcv(); `withLinkAddress`: the router has told its link-layer address. */
export function receivePrefix(owner: Inet6Device, option: PrefixOption, withLinkAddress: boolean): void {
  const { prefix, validLifetime, preferredLifetime } = option;
  if (isMulticastIpv6(prefix) || isLinkLocalIpv6(prefix) || option.length > 128) return;
  if (preferredLifetime > validLifetime) return;
  if (option.onLink) takePrefixRoute(owner, option);
  if (option.autonomous && owner.configuration.autoconf) {
    if (option.length === AUTONOMOUS_LENGTH) takeAddress(owner, option, withLinkAddress);
  }
  notifyPrefix(owner, option);
}

function takePrefixRoute(owner: Inet6Device, option: PrefixOption): void {
  const { prefix, length, validLifetime } = option;
  const { namespace } = owner;
  const flags = RTF.ADDRCONF | RTF.PREFIX_RT;
  const expires =
    validLifetime === ND_INFINITY ? undefined : namespace.kernel.clock.now + validLifetime * SECOND;
  const known = findPrefixRoute(owner, prefix, length, flags, RTF.DEFAULT, true);
  if (!known) {
    if (validLifetime > 0) addPrefixRoute(owner, prefix, length, 0, expires, flags);
    return;
  }
  if (validLifetime === 0) {
    removeRoute(namespace, known);
    return;
  }
  known.expires = expires;
  known.flags = expires === undefined ? known.flags & ~RTF.EXPIRES : known.flags | RTF.EXPIRES;
  if (expires !== undefined) scheduleExpiry(namespace);
}

/** The address that a prefix gives this host. */
function addressIn(
  owner: Inet6Device,
  prefix: Ipv6Address,
): { readonly address: Ipv6Address; readonly flags: number; readonly tokenized: boolean } | undefined {
  if (owner.token !== undefined) {
    const address = (prefix.slice(0, 4) + owner.token.slice(4)) as Ipv6Address;
    return { address, flags: 0, tokenized: true };
  }
  const mode = owner.configuration.addr_gen_mode;
  if (mode === ADDRESS_GENERATION.STABLE_PRIVACY || mode === ADDRESS_GENERATION.RANDOM) {
    const address = stableAddress(owner, prefix);
    if (address !== undefined) return { address, flags: IFA_F.STABLE_PRIVACY, tokenized: false };
  }
  if (owner.device.addressLength !== 6) return undefined;
  return {
    address: ipv6WithEui64(prefix, owner.device.address, owner.device.interfaceId),
    flags: 0,
    tokenized: false,
  };
}

/** addrconf_prefix_rcv_add_addr() */
function takeAddress(owner: Inet6Device, option: PrefixOption, withLinkAddress: boolean): void {
  const found = addressIn(owner, option.prefix);
  if (!found) return;
  const { namespace, device } = owner;
  let entry = namespace.findAddress(found.address, device);
  let created = false;
  if (!entry) {
    if (option.validLifetime === 0) return;
    entry = makeAddress(owner, option, found.address, found.flags, withLinkAddress);
    if (!entry) return;
    entry.tokenized = found.tokenized;
    created = true;
    startDad(entry);
  } else renew(owner, entry, option);
  manageTemporaries(entry, option.validLifetime, option.preferredLifetime, created);
  checkLifetimes(namespace);
}

function makeAddress(
  owner: Inet6Device,
  option: PrefixOption,
  address: Ipv6Address,
  flags: number,
  withLinkAddress: boolean,
): InterfaceAddress | undefined {
  const { configuration, namespace } = owner;
  const limit = configuration.max_addresses;
  if (limit > 0 && owner.addresses.length >= limit) return undefined;
  const optimistic =
    (namespace.all.optimistic_dad || configuration.optimistic_dad) && !namespace.all.forwarding;
  try {
    const entry = createAddress(owner, {
      address,
      prefixLength: option.length,
      scope: interfaceScope(address),
      flags: flags | (optimistic && withLinkAddress ? IFA_F.OPTIMISTIC : 0),
      validLifetime: option.validLifetime,
      preferredLifetime: option.preferredLifetime,
      protocol: IFAPROT.KERNEL_RA,
    });
    entry.flags |= IFA_F.MANAGETEMPADDR;
    return entry;
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return undefined;
  }
}

/** New lifetimes for an address that is there. */
function renew(owner: Inet6Device, entry: InterfaceAddress, option: PrefixOption): void {
  const { now } = owner.device.kernel.clock;
  const elapsed = Math.floor((now - entry.updated) / SECOND);
  const left = entry.validLifetime > elapsed ? entry.validLifetime - elapsed : 0;
  if (left === 0) return;
  const floor = owner.configuration.ra_honor_pio_life ? 0 : Math.min(left, MIN_VALID_LIFETIME);
  entry.validLifetime = Math.max(option.validLifetime, floor);
  entry.preferredLifetime = option.preferredLifetime;
  entry.updated = now;
  entry.flags &= ~IFA_F.DEPRECATED;
  if (!entry.has(IFA_F.TENTATIVE)) notifyAddress(RTM.NEWADDR, entry);
}

const ON_LINK = 1;
const AUTONOMOUS = 2;

/** inet6_prefix_notify() */
function notifyPrefix(owner: Inet6Device, option: PrefixOption): void {
  const { netns } = owner.namespace;
  if (!hasListeners(netns, 0, RTNLGRP.IPV6_PREFIX)) return;
  const body = encodePrefix({
    family: AF.INET6,
    ifindex: owner.device.ifindex,
    type: 3, // the option's own type
    prefixlen: option.length,
    prefixFlags: (option.onLink ? ON_LINK : 0) | (option.autonomous ? AUTONOMOUS : 0),
    address: ipv6ToBytes(option.prefix),
    cacheinfo: { preferred: option.preferredLifetime, valid: option.validLifetime },
  });
  notifyGroup(netns, 0, RTNLGRP.IPV6_PREFIX, RTM.NEWPREFIX, body);
}

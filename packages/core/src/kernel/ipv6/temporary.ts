// Temporary addresses beside public ones (RFC 8981; ipv6_create_tempaddr, manage_tempaddrs in net/ipv6/addrconf.c): random
// identifiers that are replaced before they are deprecated.

import { IFA_F } from "../../netlink/rtnl/address.ts";
import { RTM } from "../../netlink/rtnl/types.ts";
import type { Nanoseconds } from "../../system/system.ts";
import { SECOND } from "../../system/system.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { ipv6FromGroups, ipv6Group } from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import { createAddress, removeAddress } from "./address-life.ts";
import { notifyAddress } from "./address-message.ts";
import { startDad } from "./dad.ts";
import type { InterfaceAddress } from "./interface-address.ts";
import { INFINITE_LIFETIME } from "./interface-address.ts";
import type { Inet6Device } from "./interface.ts";
import { setBeforeDeprecation } from "./lifetimes.ts";

/** Seconds before deprecation when a successor is made at the least (REGEN_ADVANCE, RFC 8981, 3.8). */
const MIN_ADVANCE = 2;

/** How long before its end an address is replaced, seconds: long enough for duplicate address detection. */
function regenerationAdvance(owner: Inet6Device): number {
  const { regen_max_retry: retries, dad_transmits: transmits } = owner.configuration;
  const retrans = owner.neighbourParameters.retransTime / SECOND;
  return MIN_ADVANCE + retries * transmits * Math.max(retrans, 0.01);
}

function temporariesOf(entry: InterfaceAddress): InterfaceAddress[] {
  return entry.owner.addresses.filter((other) => other.temporary?.publicAddress === entry);
}

/** delete_tempaddrs() */
export function removeTemporariesOf(entry: InterfaceAddress): void {
  for (const each of temporariesOf(entry)) removeAddress(each);
}

function randomIdentifier(owner: Inet6Device, prefix: Ipv6Address): Ipv6Address {
  const { random } = owner.device.kernel;
  const groups = [0, 1, 2, 3].map((group) => ipv6Group(prefix, group)) as [number, number, number, number];
  const low = [random.uint32(), random.uint32()] as const;
  return ipv6FromGroups(...groups, low[0] >>> 16, low[0] & 0xffff, low[1] >>> 16, low[1] & 0xffff);
}

/** ipv6_create_tempaddr(): false if no address could be made. */
function createTemporary(entry: InterfaceAddress, regenerations: number): boolean {
  const { owner } = entry;
  const { configuration, device } = owner;
  if (configuration.use_tempaddr <= 0 || regenerations >= configuration.regen_max_retry) return false;
  const { now } = device.kernel.clock;
  const age = Math.floor((now - entry.updated) / SECOND);
  const advance = regenerationAdvance(owner);
  const longestDesync = Math.min(configuration.max_desync_factor, configuration.temp_prefered_lft - advance);
  const desync = longestDesync > 0 ? device.kernel.random.below(longestDesync) : 0;
  const cap = (lifetime: number, limit: number): number =>
    lifetime === INFINITE_LIFETIME ? limit : Math.min(lifetime - age, limit);
  const validLifetime = cap(entry.validLifetime, configuration.temp_valid_lft + age);
  const preferredLifetime = cap(entry.preferredLifetime, configuration.temp_prefered_lft + age - desync);
  // RFC 8981, 3.4: only if it lives longer than it takes to replace it
  if (preferredLifetime <= advance) return false;
  try {
    const made = createAddress(owner, {
      address: randomIdentifier(owner, entry.address),
      prefixLength: entry.prefixLength,
      scope: entry.scope,
      flags: IFA_F.SECONDARY | (entry.flags & IFA_F.OPTIMISTIC),
      validLifetime,
      preferredLifetime,
      protocol: entry.protocol,
    });
    made.temporary = { publicAddress: entry, regenerations, replaced: false };
    startDad(made);
    return true;
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return false;
  }
}

/** manage_tempaddrs(): temporary addresses follow the lifetimes of their public one, in seconds. */
export function manageTemporaries(
  entry: InterfaceAddress,
  validLifetime: number,
  preferredLifetime: number,
  create: boolean,
): void {
  const { owner } = entry;
  const { now } = owner.device.kernel.clock;
  let any = false;
  for (const each of temporariesOf(entry)) {
    any = true;
    const age = Math.floor((now - each.created) / SECOND);
    const longestValid = Math.max(0, owner.configuration.temp_valid_lft - age);
    const longestPreferred = Math.max(0, owner.configuration.temp_prefered_lft - age);
    each.validLifetime = Math.min(validLifetime, longestValid);
    each.preferredLifetime = Math.min(preferredLifetime, longestPreferred);
    each.updated = now;
    if (each.preferredLifetime > 0) each.flags &= ~IFA_F.DEPRECATED;
    if (!each.has(IFA_F.TENTATIVE)) notifyAddress(RTM.NEWADDR, each);
  }
  if ((create || !any) && owner.configuration.use_tempaddr > 0 && validLifetime > 0)
    createTemporary(entry, 0);
}

/** Makes a successor in time. Returns when to look again. */
function beforeDeprecation(entry: InterfaceAddress, age: number): Nanoseconds | undefined {
  const { temporary, owner } = entry;
  if (temporary === undefined || temporary.replaced || entry.has(IFA_F.TENTATIVE)) return undefined;
  const advance = regenerationAdvance(owner);
  if (age < entry.preferredLifetime - advance) {
    return entry.updated + (entry.preferredLifetime - advance) * SECOND;
  }
  temporary.replaced = true;
  createTemporary(temporary.publicAddress, temporary.regenerations);
  return undefined;
}

export function installTemporaryAddresses(): void {
  setBeforeDeprecation(beforeDeprecation);
}

// Addresses that end: preferred, then deprecated, then gone (RFC 4862, 5.5.4; addrconf_verify_rtnl).

import { IFA_F } from "../../netlink/rtnl/address.ts";
import { RTM } from "../../netlink/rtnl/types.ts";
import type { Nanoseconds } from "../../system/system.ts";
import { SECOND } from "../../system/system.ts";
import { removeAddress } from "./address-life.ts";
import { notifyAddress } from "./address-message.ts";
import type { InterfaceAddress } from "./interface-address.ts";
import { INFINITE_LIFETIME } from "./interface-address.ts";
import type { Inet6Netns } from "./interface.ts";

/** Checks are not closer together (ADDRCONF_TIMER_FUZZ_MAX). */
const MIN_INTERVAL: Nanoseconds = SECOND;
/** Events this close count as due (ADDRCONF_TIMER_FUZZ_MINUS). */
const FUZZ: Nanoseconds = SECOND / 50;

/** Called before an address is deprecated or removed; temporary addresses have successors made. */
export type BeforeDeprecation = (entry: InterfaceAddress, age: number) => Nanoseconds | undefined;

let beforeDeprecation: BeforeDeprecation = () => undefined;

export function setBeforeDeprecation(hook: BeforeDeprecation): void {
  beforeDeprecation = hook;
}

/** Looks at all lifetimes now, and again when the next one ends. */
export function checkLifetimes(namespace: Inet6Netns): void {
  const { now } = namespace.kernel.clock;
  let next = Infinity;
  for (const entries of [...namespace.addresses.values()]) {
    for (const entry of [...entries]) next = Math.min(next, check(entry, now));
  }
  namespace.lifetimeTimer?.cancel();
  namespace.lifetimeTimer = undefined;
  if (next === Infinity) return;
  const wait = Math.max(MIN_INTERVAL, next - now);
  namespace.lifetimeTimer = namespace.kernel.clock.after(wait, () => {
    namespace.lifetimeTimer = undefined;
    checkLifetimes(namespace);
  });
}

/** When the address is to be looked at again; Infinity for never. */
function check(entry: InterfaceAddress, now: Nanoseconds): Nanoseconds {
  const { preferredLifetime: preferred, validLifetime: valid } = entry;
  if (preferred === INFINITE_LIFETIME && (entry.has(IFA_F.PERMANENT) || valid === INFINITE_LIFETIME))
    return Infinity;
  const age = (now - entry.updated + FUZZ) / SECOND;
  if (valid !== INFINITE_LIFETIME && age >= valid) {
    removeAddress(entry);
    return Infinity;
  }
  const end = valid === INFINITE_LIFETIME ? Infinity : entry.updated + valid * SECOND;
  if (preferred === INFINITE_LIFETIME) return end;
  if (age < preferred) {
    const sooner = beforeDeprecation(entry, age);
    return Math.min(entry.updated + preferred * SECOND, sooner ?? Infinity);
  }
  if (!entry.has(IFA_F.DEPRECATED)) {
    entry.flags |= IFA_F.DEPRECATED;
    notifyAddress(RTM.NEWADDR, entry);
  }
  return end;
}

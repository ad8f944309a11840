// Duplicate address detection (RFC 4862, 5.4; with nonces RFC 7527): addrconf_dad_* of net/ipv6/addrconf.c. The work runs a
// moment after it was asked for, outside the request that asked.

import { IFA_F } from "../../netlink/rtnl/address.ts";
import { RTM } from "../../netlink/rtnl/types.ts";
import { MILLISECOND, SECOND } from "../../system/system.ts";
import { IPV6_ALL_NODES, IPV6_ANY, linkLocalIpv6, solicitedNodeMulticast } from "../../wire/ipv6-address.ts";
import { IFF } from "../device.ts";
import { addHostRoute, announceAddress, createAddress, removeAddress } from "./address-life.ts";
import { notifyAddress } from "./address-message.ts";
import { IFA_SCOPE } from "./address-type.ts";
import type { InterfaceAddress } from "./interface-address.ts";
import type { Inet6Device } from "./interface.ts";
import { joinSolicited } from "./mcast.ts";
import { reportAfterDad } from "./mld.ts";
import { sendAdvertisement, sendSolicitation } from "./ndisc-send.ts";
import { mayLookForRouters, startSoliciting } from "./router-solicit.ts";
import { stableAddress } from "./stable-address.ts";

/** Timers are not shorter (HZ/100). */
const MIN_INTERVAL = 10 * MILLISECOND;
/** Bytes of a nonce, so that its option fills eight. */
const NONCE_LENGTH = 6;

/** What the failure of a stable or the standard address leads to, beyond this module. */
export interface DadPolicy {
  /** The device stops speaking IPv6 because its own link-local address is taken (accept_dad 2). */
  disableIpv6(owner: Inet6Device): void;
}

let policy: DadPolicy = { disableIpv6: () => {} };

export function setDadPolicy(chosen: DadPolicy): void {
  policy = chosen;
}

function schedule(entry: InterfaceAddress, delay: number): void {
  entry.dadTimer?.cancel();
  entry.dadTimer = entry.owner.device.kernel.clock.after(delay, () => {
    entry.dadTimer = undefined;
    work(entry);
  });
}

/** addrconf_dad_start() */
export function startDad(entry: InterfaceAddress): void {
  if (entry.state === "dead") return;
  entry.state = "before-dad";
  schedule(entry, 0);
}

/** addrconf_dad_failure(): somebody else has the address. */
export function dadFailed(entry: InterfaceAddress): void {
  if (entry.state !== "dad") return;
  if (entry.has(IFA_F.STABLE_PRIVACY)) tryNextStable(entry);
  entry.state = "conflict";
  schedule(entry, 0);
}

/** addrconf_dad_work() */
function work(entry: InterfaceAddress): void {
  switch (entry.state) {
    case "before-dad":
      entry.state = "dad";
      begin(entry);
      return;
    case "conflict":
      abort(entry);
      return;
    case "dad":
      probe(entry);
      return;
    case "after-dad":
    case "dead":
      return;
    default: {
      const never: never = entry.state;
      return never;
    }
  }
}

/** addrconf_dad_begin() */
function begin(entry: InterfaceAddress): void {
  const { owner } = entry;
  const { device, namespace } = owner;
  joinSolicited(owner, entry.address);
  const without =
    (device.flags & (IFF.NOARP | IFF.LOOPBACK)) !== 0 ||
    (namespace.all.accept_dad < 1 && owner.configuration.accept_dad < 1) ||
    !entry.has(IFA_F.TENTATIVE) ||
    entry.has(IFA_F.NODAD);
  if (without) {
    complete(entry);
    return;
  }
  if (!owner.ready) {
    // A permanent address waits for the device; another is not worth keeping.
    stop(entry, false);
    return;
  }
  if (entry.has(IFA_F.OPTIMISTIC)) {
    addHostRoute(namespace, entry);
    if (owner.configuration.use_optimistic || namespace.all.use_optimistic) notifyAddress(RTM.NEWADDR, entry);
  }
  kick(entry);
}

/** addrconf_dad_kick(): the first solicitation goes out after a random delay (RFC 4862, 5.4.2). */
function kick(entry: InterfaceAddress): void {
  const { owner } = entry;
  const { random } = owner.device.kernel;
  const {
    router_solicitation_delay: limit,
    dad_transmits: transmits,
    enhanced_dad: enhanced,
  } = owner.configuration;
  const longest = Math.max(limit * SECOND, 1);
  const delay = entry.has(IFA_F.OPTIMISTIC) ? 0 : (random.uint32() / 0x1_0000_0000) * longest;
  entry.dadNonce = enhanced || owner.namespace.all.enhanced_dad ? nonce(owner) : new Uint8Array(0);
  entry.dadProbes = transmits;
  schedule(entry, delay);
}

function nonce(owner: Inet6Device): Uint8Array {
  for (;;) {
    const bytes = owner.device.kernel.random.bytes(NONCE_LENGTH);
    if (bytes.some((byte) => byte !== 0)) return bytes;
  }
}

function probe(entry: InterfaceAddress): void {
  const { owner } = entry;
  if (owner.dead || !owner.ready) return;
  if (entry.dadProbes === 0) {
    complete(entry);
    return;
  }
  entry.dadProbes--;
  schedule(entry, Math.max(owner.neighbourParameters.retransTime, MIN_INTERVAL));
  sendSolicitation(owner, entry.address, solicitedNodeMulticast(entry.address), IPV6_ANY, entry.dadNonce);
}

/** The address is unique, as far as could be found out, or nobody wanted to know. */
function complete(entry: InterfaceAddress): void {
  const tellNeighbours = entry.tentative;
  entry.flags &= ~(IFA_F.TENTATIVE | IFA_F.OPTIMISTIC | IFA_F.DADFAILED);
  completed(entry, tellNeighbours);
}

/** addrconf_dad_completed() */
function completed(entry: InterfaceAddress, tellNeighbours: boolean): void {
  const { owner } = entry;
  entry.stopDad();
  announceAddress(entry);
  const first = entry.scope === IFA_SCOPE.LINK && isOnlyLinkLocal(entry);
  if (first) reportAfterDad(owner);
  if (tellNeighbours && (owner.configuration.ndisc_notify || owner.namespace.all.ndisc_notify)) {
    sendAdvertisement(owner, IPV6_ALL_NODES, entry.address, {
      solicited: false,
      override: true,
      includeAddress: true,
    });
  }
  if (first && mayLookForRouters(owner)) startSoliciting(owner, entry);
}

/** ipv6_lonely_lladdr() */
function isOnlyLinkLocal(entry: InterfaceAddress): boolean {
  const settled = IFA_F.PERMANENT | IFA_F.TENTATIVE | IFA_F.OPTIMISTIC | IFA_F.DADFAILED;
  return !entry.owner.addresses.some(
    (other) =>
      other !== entry && other.scope === IFA_SCOPE.LINK && (other.flags & settled) === IFA_F.PERMANENT,
  );
}

/** addrconf_dad_stop() */
function stop(entry: InterfaceAddress, failed: boolean): void {
  if (entry.has(IFA_F.PERMANENT)) {
    entry.stopDad();
    entry.flags |= IFA_F.TENTATIVE | (failed ? IFA_F.DADFAILED : 0);
    if (failed) notifyAddress(RTM.NEWADDR, entry);
    return;
  }
  removeAddress(entry);
}

/** The end of an address that somebody else has. */
function abort(entry: InterfaceAddress): void {
  const { owner } = entry;
  entry.state = "after-dad";
  const standard =
    (owner.namespace.all.accept_dad > 1 || owner.configuration.accept_dad > 1) &&
    !entry.has(IFA_F.STABLE_PRIVACY) &&
    entry.address === linkLocalIpv6(owner.device.address, owner.device.interfaceId);
  stop(entry, true);
  if (standard) {
    owner.configuration.disable_ipv6 = 1;
    policy.disableIpv6(owner);
  }
}

/** A stable private address gets a few more tries (RFC 7217, 6). */
function tryNextStable(entry: InterfaceAddress): void {
  const { owner } = entry;
  const { idgen_retries: limit, idgen_delay: wait } = owner.namespace.settings;
  const longest = owner.configuration.max_addresses;
  if (entry.stablePrivacyRetries >= limit || (longest > 0 && owner.addresses.length >= longest)) return;
  const retries = entry.stablePrivacyRetries + 1;
  const address = stableAddress(owner, entry.address, retries);
  if (address === undefined || owner.namespace.findAddress(address, owner.device) !== undefined) return;
  const replacement = createAddress(owner, {
    address,
    prefixLength: entry.prefixLength,
    scope: entry.scope,
    flags: entry.flags & ~(IFA_F.TENTATIVE | IFA_F.DADFAILED),
    validLifetime: entry.validLifetime,
    preferredLifetime: entry.preferredLifetime,
    protocol: entry.protocol,
  });
  replacement.stablePrivacyRetries = retries;
  schedule(replacement, wait * SECOND);
}

/**
 * addrconf_dad_run(): starts detection for addresses that wait for the device. `restart`: the device may be on another
 * link now, so all begin again.
 */
export function runDad(owner: Inet6Device, restart: boolean): void {
  for (const entry of [...owner.addresses]) {
    if (restart) entry.state = "before-dad";
    else if (!entry.has(IFA_F.TENTATIVE) || entry.state !== "dad") continue;
    kick(entry);
  }
}

// One address of an interface, and its life: tentative, valid, deprecated, gone (struct inet6_ifaddr; RFC 4862, 2 and 5.5.4).

import { IFA_F } from "../../netlink/rtnl/address.ts";
import type { Nanoseconds, Timer } from "../../system/system.ts";
import { IPV6_ANY } from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import type { Fib6Route } from "./fib-route.ts";
import type { Inet6Device } from "./interface.ts";

/** A lifetime that never ends. Seconds, as all lifetimes. */
export const INFINITE_LIFETIME = 0xffff_ffff;

/** Where duplicate address detection is (INET6_IFADDR_STATE_*). "conflict" waits for the work that handles it. */
export type AddressState = "before-dad" | "dad" | "after-dad" | "conflict" | "dead";

/** What a new address is made of (struct ifa6_config). */
export interface AddressSetup {
  readonly address: Ipv6Address;
  readonly peer?: Ipv6Address;
  readonly prefixLength: number;
  readonly scope: number;
  /** IFA_F_* */
  readonly flags: number;
  readonly validLifetime: number;
  readonly preferredLifetime: number;
  /** Metric of the prefix route; 0 for the standard one. */
  readonly routeMetric?: number;
  /** IFAPROT_* */
  readonly protocol?: number;
}

/** A temporary address (RFC 8981) knows the public one that it was made beside. */
export interface TemporaryOrigin {
  readonly publicAddress: InterfaceAddress;
  regenerations: number;
  replaced: boolean;
}

export class InterfaceAddress {
  readonly owner: Inet6Device;
  readonly address: Ipv6Address;
  /** The far end of a point-to-point address; `::` if there is none. */
  peer: Ipv6Address;
  prefixLength: number;
  /** IFA_SCOPE.* */
  readonly scope: number;
  flags: number;
  state: AddressState = "before-dad";
  validLifetime: number;
  preferredLifetime: number;
  /** When it was made, and when its lifetimes were last set. */
  readonly created: Nanoseconds;
  updated: Nanoseconds;
  routeMetric: number;
  protocol: number;
  /** Solicitations still to be sent. */
  dadProbes = 0;
  /** Six bytes that tell own solicitations from others' (RFC 7527); empty if none are sent. */
  dadNonce: Uint8Array = new Uint8Array(0);
  dadTimer: Timer | undefined = undefined;
  stablePrivacyRetries = 0;
  /** Made with the interface's token. */
  tokenized = false;
  /** The route that delivers to it. */
  route: Fib6Route | undefined = undefined;
  temporary: TemporaryOrigin | undefined = undefined;

  constructor(owner: Inet6Device, setup: AddressSetup, now: Nanoseconds) {
    this.owner = owner;
    this.address = setup.address;
    this.peer = setup.peer ?? IPV6_ANY;
    this.prefixLength = setup.prefixLength;
    this.scope = setup.scope;
    this.flags = setup.flags | ((setup.flags & IFA_F.NODAD) === 0 ? IFA_F.TENTATIVE : 0);
    this.validLifetime = setup.validLifetime;
    this.preferredLifetime = setup.preferredLifetime;
    this.routeMetric = setup.routeMetric ?? 0;
    this.protocol = setup.protocol ?? 0;
    this.created = now;
    this.updated = now;
  }

  has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }

  /** It may not be used as a source or answered for: unproven, and not optimistic. */
  get tentative(): boolean {
    return (this.flags & IFA_F.TENTATIVE) !== 0 && (this.flags & IFA_F.OPTIMISTIC) === 0;
  }

  stopDad(): void {
    this.dadTimer?.cancel();
    this.dadTimer = undefined;
  }
}

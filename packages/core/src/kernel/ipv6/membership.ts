// Groups that a device listens to, and the state of the protocol that reports them (struct ifmcaddr6, struct ifacaddr6; MLD:
// RFC 2710, RFC 3810). mcast.ts joins and leaves, mld.ts reports. Sources are not filtered: each group is in exclude mode with
// an empty list, which is what every join without sources asks for.

import type { Nanoseconds, Timer } from "../../system/system.ts";
import { SECOND } from "../../system/system.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import type { Fib6Route } from "./fib-route.ts";

/** One group on one device. */
export interface GroupMembership {
  readonly group: Ipv6Address;
  /** The group is left when nobody uses it. */
  users: number;
  /** Reports of having joined that are still to be sent. */
  reportsLeft: number;
  /** The device filters for its link-layer address. */
  loaded: boolean;
  /** Never reported: all nodes, and groups that do not leave the interface (RFC 3810, 6). */
  readonly unreported: boolean;
  /** This node sent the last MLDv1 report (RFC 2710, 4). */
  lastReporter: boolean;
  /** Answer to a query. */
  reportTimer: Timer | undefined;
  reportAt: Nanoseconds;
}

/** A group that was left, which is still to be reported (idev->mc_tomb). */
export interface LeftGroup {
  readonly group: Ipv6Address;
  reportsLeft: number;
}

/** MLD_QRV_DEFAULT and the other variables of RFC 3810, 9. */
const ROBUSTNESS = 2;
const QUERY_INTERVAL: Nanoseconds = 125 * SECOND;
const RESPONSE_INTERVAL: Nanoseconds = 10 * SECOND;

/** MLD on one device. */
export class MulticastState {
  /** Newest first. */
  groups: GroupMembership[] = [];
  left: LeftGroup[] = [];
  robustness = ROBUSTNESS;
  queryInterval: Nanoseconds = QUERY_INTERVAL;
  responseInterval: Nanoseconds = RESPONSE_INTERVAL;
  /** MLDv1 is spoken until then, because a version 1 querier was heard. */
  v1Until: Nanoseconds = 0;
  /** Reports of changes still to be sent, one for all. */
  changesLeft = 0;
  changeTimer: Timer | undefined = undefined;
  /** Answer to a general query. */
  generalTimer: Timer | undefined = undefined;
  generalAt: Nanoseconds = 0;
  /** Reports still to be sent once the link-local address is proven. */
  initialLeft = 0;
  initialTimer: Timer | undefined = undefined;

  /** ipv6_chk_mcast_addr() */
  find(group: Ipv6Address): GroupMembership | undefined {
    for (const membership of this.groups) if (membership.group === group) return membership;
    return undefined;
  }

  /** ipv6_mc_reset() */
  reset(): void {
    this.robustness = ROBUSTNESS;
    this.queryInterval = QUERY_INTERVAL;
    this.responseInterval = RESPONSE_INTERVAL;
    this.v1Until = 0;
  }

  stopTimers(): void {
    this.changeTimer?.cancel();
    this.generalTimer?.cancel();
    this.initialTimer?.cancel();
    this.changeTimer = undefined;
    this.generalTimer = undefined;
    this.initialTimer = undefined;
    this.changesLeft = 0;
    this.initialLeft = 0;
  }
}

/** An anycast address of a device (RFC 4291, 2.6). */
export interface AnycastAddress {
  readonly address: Ipv6Address;
  users: number;
  readonly route: Fib6Route;
}

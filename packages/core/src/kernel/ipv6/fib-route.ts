// One route of the IPv6 FIB (struct fib6_info with its fib6_nh), and what a packet gets from it (struct rt6_info). Tables are in
// fib-table.ts, finding a route in route-lookup.ts.

import { ICMPV6_ROUTER_PREF, RTN } from "../../netlink/rtnl/route-constants.ts";
import type { RouteMetrics } from "../../netlink/rtnl/route.ts";
import type { Nanoseconds } from "../../system/system.ts";
import { IPV6_ANY, isMulticastIpv6 } from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import type { NetDevice } from "../device.ts";
import type { NexthopObject, NexthopUser, SinglePath } from "../nexthop/objects.ts";
import { l3MasterOf } from "../l3mdev.ts";

/** RTF_* of linux/route.h and linux/ipv6_route.h. The preference bits are kept apart, see `preference`. */
export const RTF = {
  UP: 0x1,
  GATEWAY: 0x2,
  HOST: 0x4,
  DYNAMIC: 0x10,
  MODIFIED: 0x20,
  REJECT: 0x200,
  DEFAULT: 0x1_0000,
  ALLONLINK: 0x2_0000,
  /** Learned from a router advertisement. */
  ADDRCONF: 0x4_0000,
  PREFIX_RT: 0x8_0000,
  ANYCAST: 0x10_0000,
  NONEXTHOP: 0x20_0000,
  EXPIRES: 0x40_0000,
  ROUTEINFO: 0x80_0000,
  CACHE: 0x100_0000,
  LOCAL: 0x8000_0000,
} as const;

/** IP6_RT_PRIO_*: metrics of routes that nobody gave one. */
export const ROUTE_METRIC = { USER: 1024, ADDRCONF: 256 } as const;

/** What a path does with a packet that came in by another device. */
export type RouteAction = "deliver" | "multicast" | "forward" | "reject";

/** A path for packets: a route, or an exception to it for one destination (struct rt6_info). */
export class Route6 {
  readonly fib: Fib6Route;
  /** Where packets go out: loopback for own addresses and for refused ones. */
  readonly device: NetDevice;
  /** First hop, if it is not the destination itself. */
  readonly gateway: Ipv6Address | undefined;
  readonly action: RouteAction;
  /** Positive errno for senders; 0 if packets pass. */
  readonly error: number;
  /** The destination that an exception is for. */
  readonly exceptionFor: Ipv6Address | undefined;
  /** Learned path MTU in bytes; 0 for none. */
  pathMtu = 0;
  /** When an exception ends. */
  expires: Nanoseconds | undefined = undefined;
  /** Made by a redirect (RFC 4861, 8.3). */
  redirected = false;

  constructor(
    fib: Fib6Route,
    device: NetDevice,
    gateway: Ipv6Address | undefined,
    action: RouteAction,
    error: number,
    exceptionFor?: Ipv6Address,
  ) {
    this.fib = fib;
    this.device = device;
    this.gateway = gateway;
    this.action = action;
    this.error = error;
    this.exceptionFor = exceptionFor;
  }
}

/** What a route is made of. */
export interface RouteSetup {
  readonly destination: Ipv6Address;
  readonly prefixLength: number;
  readonly source?: Ipv6Address;
  readonly sourceLength?: number;
  readonly table: number;
  readonly type: number;
  readonly protocol: number;
  readonly metric: number;
  readonly flags: number;
  readonly preference?: number;
  readonly expires?: Nanoseconds | undefined;
  readonly preferredSource?: Ipv6Address | undefined;
  readonly metrics?: RouteMetrics | undefined;
  readonly device: NetDevice;
  readonly gateway?: Ipv6Address | undefined;
  readonly nexthopFlags?: number;
  readonly weight?: number;
  readonly whole?: Fib6Route;
}

/** Errors of the route types that refuse (fib6_prop in net/ipv6/route.c): EINVAL, EHOSTUNREACH, EACCES, EAGAIN. */
function errorOf(type: number): number {
  switch (type) {
    case RTN.BLACKHOLE:
      return 22;
    case RTN.UNREACHABLE:
      return 113;
    case RTN.PROHIBIT:
      return 13;
    case RTN.THROW:
      return 11;
    default:
      return 101;
  }
}

/** What a route by a next-hop object has of it. */
export interface ObjectPaths {
  readonly object: NexthopObject;
  /** How the object tells the route of changes. */
  readonly user: NexthopUser;
  /** The route by each of the object's paths; these are in no table. */
  byPath: ReadonlyMap<SinglePath, Fib6Route>;
}

export class Fib6Route {
  readonly destination: Ipv6Address;
  readonly prefixLength: number;
  /** Only for packets from here; `::`/0 for all. */
  readonly source: Ipv6Address;
  readonly sourceLength: number;
  readonly table: number;
  readonly type: number;
  readonly protocol: number;
  readonly metric: number;
  flags: number;
  preference: number;
  expires: Nanoseconds | undefined;
  preferredSource: Ipv6Address | undefined;
  metrics: RouteMetrics | undefined;
  /** Of the first path, where a next-hop object has several. */
  device: NetDevice;
  gateway: Ipv6Address | undefined;
  /** RTNH_F bits. */
  nexthopFlags: number;
  readonly weight: number;
  /** The route in the table, if this is one path of it. */
  readonly whole: Fib6Route | undefined;
  /** In its table. */
  linked = false;
  /** All routes of the multipath group, itself included; undefined for a single route. */
  siblings: Fib6Route[] | undefined = undefined;
  /** The next-hop object that it goes by, if it does (RTA_NH_ID). */
  object: ObjectPaths | undefined = undefined;
  /** Learned path MTUs and redirects, by destination. */
  exceptions: Map<Ipv6Address, Route6> | undefined = undefined;
  /** When its gateway was last probed because it seemed dead (RFC 4191, 3.5). */
  probed: Nanoseconds = -Infinity;
  #path: Route6 | undefined = undefined;

  constructor(setup: RouteSetup) {
    this.destination = setup.destination;
    this.prefixLength = setup.prefixLength;
    this.source = setup.source ?? IPV6_ANY;
    this.sourceLength = setup.sourceLength ?? 0;
    this.table = setup.table;
    this.type = setup.type;
    this.protocol = setup.protocol;
    this.metric = setup.metric;
    this.flags = setup.flags;
    this.preference = setup.preference ?? ICMPV6_ROUTER_PREF.MEDIUM;
    this.expires = setup.expires;
    this.preferredSource = setup.preferredSource;
    this.metrics = setup.metrics;
    this.device = setup.device;
    this.gateway = setup.gateway;
    this.nexthopFlags = setup.nexthopFlags ?? 0;
    this.weight = setup.weight ?? 1;
    this.whole = setup.whole;
  }

  /** Goes another way from now on. */
  redirect(device: NetDevice, gateway: Ipv6Address | undefined, nexthopFlags: number): void {
    this.device = device;
    this.gateway = gateway;
    this.nexthopFlags = nexthopFlags;
    this.#path = undefined;
  }

  get rejects(): boolean {
    return (this.flags & RTF.REJECT) !== 0;
  }

  /** The path that packets take which no exception concerns. */
  get path(): Route6 {
    return (this.#path ??= this.makePath(undefined, this.gateway));
  }

  /** ip6_rt_init_dst(); with a destination: an exception for it. */
  makePath(exceptionFor: Ipv6Address | undefined, gateway: Ipv6Address | undefined): Route6 {
    const { loopback } = this.device.netns;
    if (this.rejects)
      return new Route6(this, loopback, undefined, "reject", errorOf(this.type), exceptionFor);
    const local = (this.flags & (RTF.LOCAL | RTF.ANYCAST)) !== 0;
    const action = local ? "deliver" : isMulticastIpv6(this.destination) ? "multicast" : "forward";
    const home = l3MasterOf(this.device) ?? loopback;
    return new Route6(this, local ? home : this.device, gateway, action, 0, exceptionFor);
  }

  /** fib6_check_expired() */
  isExpired(now: Nanoseconds): boolean {
    return this.expires !== undefined && now > this.expires;
  }
}

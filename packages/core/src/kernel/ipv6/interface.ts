// What IPv6 knows about a device and about a namespace (struct inet6_dev, struct netns_ipv6). Only state and questions about it;
// how it changes is in addrconf.ts, mcast.ts and their neighbours.

import { IFA_F } from "../../netlink/rtnl/address.ts";
import type { Nanoseconds, Timer } from "../../system/system.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import type { NetDevice } from "../device.ts";
import type { NeighbourParameters } from "../neighbour/parameters.ts";
import type { Netns } from "../netns.ts";
import { Slot } from "../slot.ts";
import { IFA_SCOPE } from "./address-type.ts";
import type { Configuration } from "./configuration.ts";
import { configurationOfAll, configurationOfDefault } from "./configuration.ts";
import type { Fib6Route } from "./fib-route.ts";
import type { Fib6Tables } from "./fib-table.ts";
import { globalSettings } from "./global-settings.ts";
import type { GlobalSettings } from "./global-settings.ts";
import type { InterfaceAddress } from "./interface-address.ts";
import { MulticastState } from "./membership.ts";
import type { AnycastAddress } from "./membership.ts";
import { Ipv6Mib } from "./mib.ts";
import type { Flow6 } from "./route-lookup.ts";
import type { Ipv6Stack } from "./stack.ts";

/** `flags` of an interface (IF_*), as IFLA_INET6_FLAGS tells them. */
export const INTERFACE_FLAG = {
  RS_SENT: 0x10,
  RA_RECEIVED: 0x20,
  RA_MANAGED: 0x40,
  RA_OTHER_CONFIG: 0x80,
  READY: 0x8000_0000,
} as const;

/** IPv6 on one device. It exists while the MTU allows IPv6 (RFC 8200, 5). */
export class Inet6Device {
  readonly device: NetDevice;
  readonly namespace: Inet6Netns;
  readonly configuration: Configuration;
  readonly neighbourParameters: NeighbourParameters;
  readonly mib = new Ipv6Mib();
  /** Widest scope first; within a scope the newest first. */
  readonly addresses: InterfaceAddress[] = [];
  readonly multicast: MulticastState;
  readonly anycasts: AnycastAddress[] = [];
  /** INTERFACE_FLAG bits. */
  flags = 0;
  /** Being torn down. */
  dead = false;
  /** When its state last changed (IFLA_INET6_CACHEINFO). */
  updated: Nanoseconds;
  /** Key of stable private addresses (RFC 7217); undefined until it is set. */
  stableSecret: Uint8Array | undefined = undefined;
  /** Interface identifier set by hand for autoconfiguration, in the low half; undefined for none. */
  token: Ipv6Address | undefined = undefined;
  /** MTU that the last router advertisement told. */
  advertisedMtu = 0;
  /** Router solicitations (RFC 7559): running timer, those sent, seconds to the next. */
  solicitTimer: Timer | undefined = undefined;
  solicitProbes = 0;
  solicitInterval: Nanoseconds = 0;

  constructor(
    device: NetDevice,
    namespace: Inet6Netns,
    configuration: Configuration,
    neighbourParameters: NeighbourParameters,
  ) {
    this.device = device;
    this.namespace = namespace;
    this.configuration = configuration;
    this.neighbourParameters = neighbourParameters;
    this.multicast = new MulticastState();
    this.updated = device.kernel.clock.now;
  }

  get ready(): boolean {
    return (this.flags & INTERFACE_FLAG.READY) !== 0;
  }

  /** ipv6_get_lladdr(): a link-local address that has none of the `banned` flags. */
  linkLocal(banned: number): InterfaceAddress | undefined {
    for (let index = this.addresses.length - 1; index >= 0; index--) {
      const address = this.addresses[index] as InterfaceAddress;
      if (address.scope > IFA_SCOPE.LINK) break;
      if (address.scope === IFA_SCOPE.LINK && (address.flags & banned) === 0) return address;
    }
    return undefined;
  }
}

/** 0-1,3-127 */
const STANDARD_RATE_MASK: ReadonlySet<number> = new Set(
  Array.from({ length: 128 }, (_, type) => type).filter((type) => type !== 2),
);

/** IPv6 in one namespace. */
export class Inet6Netns {
  readonly netns: Netns;
  readonly stack: Ipv6Stack;
  readonly all: Configuration = configurationOfAll();
  readonly defaults: Configuration = configurationOfDefault();
  /** Key of stable private addresses for new devices. */
  defaultSecret: Uint8Array | undefined = undefined;
  readonly settings: GlobalSettings;
  readonly mib = new Ipv6Mib();
  /** ICMPv6 types under the rate limit: errors but "packet too big" (icmp/ratemask). */
  rateMask: ReadonlySet<number> = STANDARD_RATE_MASK;
  readonly tables: Fib6Tables;
  /** Every address of the namespace. Most are on one device only. */
  readonly addresses = new Map<Ipv6Address, InterfaceAddress[]>();
  /** The path to nowhere, made on first use. */
  nullRoute: Fib6Route | undefined = undefined;
  /** Asks the tables as the routing rules say; undefined while only the standard rules exist. */
  rules: ((flow: Flow6, oif: number, flags: number) => Fib6Route | undefined) | undefined = undefined;
  /** The next look at lifetimes. */
  lifetimeTimer: Timer | undefined = undefined;
  /** Ends the lives of expired routes. */
  routeTimer: Timer | undefined = undefined;

  constructor(netns: Netns, stack: Ipv6Stack, tables: Fib6Tables) {
    this.netns = netns;
    this.stack = stack;
    this.tables = tables;
    this.settings = globalSettings(netns.kernel.profile.name);
  }

  get kernel(): Netns["kernel"] {
    return this.netns.kernel;
  }

  /** ipv6_get_ifaddr(): the entry for an address; `device` undefined: on any. `strict`: link-local only on that device. */
  findAddress(address: Ipv6Address, device?: NetDevice, strict = true): InterfaceAddress | undefined {
    const entries = this.addresses.get(address);
    if (entries === undefined) return undefined;
    for (const entry of entries) {
      if (device === undefined || entry.owner.device === device) return entry;
      if (!strict && (entry.scope & (IFA_SCOPE.LINK | IFA_SCOPE.HOST)) === 0) return entry;
    }
    return undefined;
  }

  /** ipv6_chk_addr_and_flags(): whether it is an own address that may be used. */
  hasAddress(
    address: Ipv6Address,
    device?: NetDevice,
    strict = false,
    banned: number = IFA_F.TENTATIVE,
  ): boolean {
    const entries = this.addresses.get(address);
    if (entries === undefined) return false;
    for (const entry of entries) {
      // An optimistic address counts as its own while it is still tentative (RFC 4429).
      const flags = (entry.flags & IFA_F.OPTIMISTIC) !== 0 ? entry.flags & ~IFA_F.TENTATIVE : entry.flags;
      if ((flags & banned) !== 0) continue;
      if (device === undefined || entry.owner.device === device) return true;
      if (!strict && (entry.scope & (IFA_SCOPE.LINK | IFA_SCOPE.HOST)) === 0) return true;
    }
    return false;
  }
}

/** IPv6 on a device; undefined if it does not speak IPv6. */
export const inet6Device = new Slot<Inet6Device>();

/** IPv6 in a namespace. */
export const inet6Netns = new Slot<Inet6Netns>();

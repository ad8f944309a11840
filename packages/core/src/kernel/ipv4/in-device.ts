// IPv4 on a device (struct in_device): its addresses, settings and group memberships. Addresses are added and removed in
// addresses.ts; groups belong to igmp.ts.

import type { Nanoseconds } from "../../system/system.ts";
import type { NetDevice } from "../device.ts";
import type { NeighbourParameters } from "../neighbour/parameters.ts";
import { Slot } from "../slot.ts";
import type { InterfaceConfiguration } from "./configuration.ts";
import type { Nexthop } from "./fib/nexthop.ts";
import type { GroupMembership } from "./igmp-group.ts";
import type { Ipv4Netns } from "./namespace.ts";

/** A lifetime without end, seconds. */
export const FOREVER = 0xffff_ffff;

/** An address of an interface (struct in_ifaddr). Addresses are unsigned 32-bit numbers. */
export class InterfaceAddress {
  readonly owner: InetDevice;
  readonly local: number;
  /** The prefix's address; on a point-to-point address that of the far end. */
  readonly address: number;
  readonly prefixLength: number;
  readonly mask: number;
  /** 0: none is set. */
  readonly broadcast: number;
  readonly scope: number;
  label: string;
  /** IFA_F_*. */
  flags: number;
  /** IFAPROT_*. */
  protocol = 0;
  /** Metric of the prefix's route. */
  metric = 0;
  /** Seconds. */
  validLifetime = FOREVER;
  preferredLifetime = FOREVER;
  created: Nanoseconds = -1;
  changed: Nanoseconds = 0;

  constructor(
    owner: InetDevice,
    fields: {
      readonly local: number;
      readonly address?: number;
      readonly prefixLength: number;
      readonly broadcast?: number;
      readonly scope?: number;
      readonly label?: string;
      readonly flags?: number;
    },
  ) {
    this.owner = owner;
    this.local = fields.local;
    this.address = fields.address ?? fields.local;
    this.prefixLength = fields.prefixLength;
    this.mask = fields.prefixLength === 0 ? 0 : (0xffff_ffff << (32 - fields.prefixLength)) >>> 0;
    this.broadcast = fields.broadcast ?? 0;
    this.scope = fields.scope ?? 0;
    this.label = fields.label ?? owner.device.name;
    this.flags = fields.flags ?? 0;
  }

  /** The prefix that the address is in. */
  get prefix(): number {
    return (this.address & this.mask) >>> 0;
  }

  /** True if `other` lies in the prefix of this one. */
  covers(other: number): boolean {
    return ((other ^ this.address) & this.mask) === 0;
  }

  /** True if both are in one prefix of one length. */
  sharesPrefix(other: InterfaceAddress): boolean {
    return this.mask === other.mask && this.covers(other.address);
  }
}

export class InetDevice {
  readonly device: NetDevice;
  readonly inet: Ipv4Netns;
  readonly configuration: InterfaceConfiguration;
  readonly arpParameters: NeighbourParameters;
  /** Primary addresses by scope, then secondary ones in order of adding. */
  readonly addresses: InterfaceAddress[] = [];
  /** Groups that the host has joined here, newest first. */
  readonly groups: GroupMembership[] = [];
  /** Next hops of routes that leave by the device. */
  readonly nexthops = new Set<Nexthop>();
  dead = false;
  /** Settings that were written for this device and no longer follow "default"; "all" once it has an address. */
  #ownSettings: Set<string> | "all" | undefined = undefined;

  constructor(
    device: NetDevice,
    inet: Ipv4Netns,
    configuration: InterfaceConfiguration,
    arpParameters: NeighbourParameters,
  ) {
    this.device = device;
    this.inet = inet;
    this.configuration = configuration;
    this.arpParameters = arpParameters;
  }

  followsDefault(key: keyof InterfaceConfiguration): boolean {
    const own = this.#ownSettings;
    return own === undefined || (own !== "all" && !own.has(key));
  }

  keepSetting(key: keyof InterfaceConfiguration): void {
    const own = this.#ownSettings ?? new Set<string>();
    if (own === "all") return;
    this.#ownSettings = own.add(key);
  }

  /** ipv4_devconf_setall(): what is configured by hand stays as it is. */
  keepAllSettings(): void {
    this.#ownSettings = "all";
  }

  get forwarding(): boolean {
    return this.configuration.forwarding !== 0;
  }

  /** IN_DEV_ORCONF: on here or for all. */
  either(key: keyof InterfaceConfiguration): boolean {
    return this.configuration[key] !== 0 || this.inet.all[key] !== 0;
  }

  /** IN_DEV_ANDCONF: on here and for all. */
  both(key: keyof InterfaceConfiguration): boolean {
    return this.configuration[key] !== 0 && this.inet.all[key] !== 0;
  }

  /** IN_DEV_MAXCONF: the stricter of the two. */
  greater(key: keyof InterfaceConfiguration): number {
    return Math.max(this.configuration[key], this.inet.all[key]);
  }

  /** IN_DEV_RX_REDIRECTS: a router obeys redirects only if both say so. */
  get acceptsRedirects(): boolean {
    return this.forwarding ? this.both("acceptRedirects") : this.either("acceptRedirects");
  }
}

export const inetDevice = new Slot<InetDevice>();

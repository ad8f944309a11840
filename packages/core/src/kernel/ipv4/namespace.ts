// IPv4 of one namespace (struct netns_ipv4), and what all namespaces of a kernel share. State only; the code is with the
// concern it belongs to.

import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import { coreSetting } from "../core-sysctls.ts";
import type { Kernel } from "../kernel.ts";
import type { NeighbourTable } from "../neighbour/table.ts";
import type { Netns } from "../netns.ts";
import type { Packet } from "../packet.ts";
import { Slot } from "../slot.ts";
import { copyConfiguration, defaultConfiguration, InterfaceConfiguration } from "./configuration.ts";
import type { RouteListener } from "./fib/change.ts";
import { FibTables } from "./fib/tables.ts";
import type { InterfaceAddress } from "./in-device.ts";
import { ExtendedCounters, IcmpCounters, IpCounters } from "./mib.ts";
import { PeerTable } from "./peers.ts";
import type { ReassemblyQueue } from "./reassembly.ts";
import { RouteCache } from "./route-cache.ts";
import { Ipv4Settings } from "./settings.ts";

/** A transport protocol above IPv4 (struct net_protocol). */
export interface Ipv4Protocol {
  /**
   * A datagram for this host. `packet.network` is the IP header, `packet.start` the byte after it, `packet.end` the end
   * of the datagram. The protocol ends the packet: delivers or drops it.
   */
  receive(packet: Packet): void;
  /**
   * An ICMP error came in about something that this host sent. `packet.start` is the quoted IP header;
   * `transport` the offset of what follows it. The bytes must not be changed or kept.
   */
  error?(packet: Packet, error: IcmpErrorReport): void;
}

/** What an ICMP error says. */
export interface IcmpErrorReport {
  readonly type: number;
  readonly code: number;
  /** The second word of the message: gateway of a redirect, MTU of "fragmentation needed", pointer << 24. */
  readonly info: number;
  /** Sender of the error. */
  readonly from: number;
  /** Header of the quoted packet. */
  readonly source: number;
  readonly destination: number;
  readonly protocol: number;
  /** Offset in `packet.bytes` of the quoted transport header; at least 8 bytes are there. */
  readonly transport: number;
}

/** Sees datagrams for this host before the transport protocol (raw sockets). */
export interface RawReceiver {
  /**
   * True if at least one socket wants protocol `protocol`: then no "protocol unreachable" is sent. The packet starts at its
   * IP header and must be cloned to be kept.
   */
  receive(packet: Packet, protocol: number): boolean;
  error?(packet: Packet, error: IcmpErrorReport): void;
}

/** One for a kernel. */
export class Ipv4Stack {
  readonly kernel: Kernel;
  readonly arp: NeighbourTable<number>;
  /** Neighbour discovery's cache, for IPv4 routes by IPv6 gateways; put here by IPv6. */
  neighbours6: NeighbourTable<Ipv6Address> | undefined = undefined;
  /** By IP protocol number. */
  readonly protocols: (Ipv4Protocol | undefined)[] = [];
  readonly rawReceivers: RawReceiver[] = [];
  readonly routeListeners: RouteListener[] = [];
  /** icmp_send(), put here by icmp-send.ts: code below it in the order of imports reaches it through this. */
  sendError: (packet: Packet, type: number, code: number, info: number) => void = () => {};
  /** ICMP messages of the whole host: net.ipv4.icmp_msgs_per_sec, icmp_msgs_burst. */
  icmpMessagesPerSecond = 1000;
  icmpMessagesBurst = 50;
  icmpCredit = 0;
  icmpCreditAt = 0;

  constructor(kernel: Kernel, arp: NeighbourTable<number>) {
    this.kernel = kernel;
    this.arp = arp;
  }
}

export class Ipv4Netns {
  readonly netns: Netns;
  readonly stack: Ipv4Stack;
  readonly all: InterfaceConfiguration;
  readonly default: InterfaceConfiguration;
  readonly settings = new Ipv4Settings();
  readonly ip = new IpCounters();
  readonly icmp = new IcmpCounters();
  readonly extended = new ExtendedCounters();
  readonly fib: FibTables;
  readonly routes = new RouteCache();
  readonly peers = new PeerTable();
  /** Goes up when everything learned about destinations is forgotten (net/ipv4/route/flush). */
  exceptionGeneration = 0;
  /** Somebody has added a route of type local: looking at addresses is not enough to know one's own. */
  customLocalRoutes = false;
  /** Own addresses of all devices by number (inet_addr_lst). */
  readonly byAddress = new Map<number, InterfaceAddress[]>();
  /** Datagrams that are not yet complete. */
  readonly reassembly = new Map<string, ReassemblyQueue>();
  reassemblyMemory = 0;
  /** Profile.ipv4CountsTransmits, at hand for every packet. */
  readonly countsTransmits: boolean;
  /** Counter behind the identifications of sent datagrams. */
  nextId: number;

  constructor(netns: Netns, stack: Ipv4Stack, defaults: Ipv4Netns | undefined) {
    this.netns = netns;
    this.stack = stack;
    this.fib = new FibTables(this);
    this.all = copyConfiguration(defaults?.all ?? new InterfaceConfiguration());
    this.default = copyConfiguration(defaults?.default ?? defaultConfiguration());
    this.countsTransmits = netns.kernel.profile.ipv4CountsTransmits;
    this.nextId = netns.kernel.random.uint32();
  }

  /** rt_cache_flush(): cached decisions are made anew. Called on every change that routing depends on. */
  routesChanged(): void {
    this.routes.generation++;
  }
}

export const ipv4Stack = new Slot<Ipv4Stack>();
const ipv4Netns = new Slot<Ipv4Netns>();

/** IPv4 of a namespace. */
export function ipv4Of(netns: Netns): Ipv4Netns {
  return ipv4Netns.require(netns);
}

/** net.core.devconf_inherit_init_net: new namespaces start with the compiled-in settings. */
const COMPILED_IN = 2;

/** Called when a namespace is made. */
export function createIpv4(netns: Netns, stack: Ipv4Stack): Ipv4Netns {
  const { kernel } = netns;
  const init = kernel.init as Netns | undefined; // not there yet while the first namespace is made
  const inherits =
    init !== undefined && init !== netns && coreSetting(kernel, "devconf_inherit_init_net") !== COMPILED_IN;
  const inet = new Ipv4Netns(netns, stack, inherits ? ipv4Of(init) : undefined);
  ipv4Netns.set(netns, inet);
  return inet;
}

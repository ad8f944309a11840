// A routing decision for packets (struct rtable): what to do with them, by which device and gateway, how large they may be.
// Decisions are made in route-input.ts and route-output.ts and live as long as nothing changes that they depend on.

import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import type { NetDevice } from "../device.ts";
import type { Packet } from "../packet.ts";
import type { FibResult } from "./fib/tables.ts";
import type { FibInfo, Nexthop } from "./fib/nexthop.ts";
import { METRIC } from "./fib/nexthop.ts";
import type { RouteException } from "./route-exceptions.ts";

/** What becomes of a packet that came in. */
export type InputAction = "deliver" | "forward" | "refuse";

/** Bytes: the smallest MTU that every IPv4 host must take (RFC 791). */
export const MIN_MTU = 68;
const MAX_MTU = 0xffff; // IP_MAX_MTU
const DEFAULT_TTL_UNSET = 0;

export class Route {
  /** RTN_* */
  readonly type: number;
  /** RTCF_* */
  flags: number;
  /** Where packets go out; the loopback device for those that stay. */
  readonly device: NetDevice;
  readonly input: InputAction;
  /** True for a packet that came in, false for one of this host. */
  readonly isInput: boolean;
  /** ifindex: where a packet came in, or what its sender asked for. */
  readonly iif: number;
  /** errno that "refuse" stands for. */
  readonly error: number;
  /** Gateway on the link; 0 if the destination is on it. */
  gateway = 0;
  gateway6: Ipv6Address | undefined = undefined;
  /** The fib's part; undefined for what is decided without it. */
  readonly info: FibInfo | undefined;
  readonly nexthop: Nexthop | undefined;
  /** Its table, and prefix, for `ip route get`. */
  readonly result: FibResult | undefined;
  /** Source and destination as routing chose them. */
  readonly source: number;
  readonly destination: number;
  /** Tell the sender of the packet that the gateway is on its own link. */
  redirect = false;
  /** What is known about this destination beside the route. */
  exception: RouteException | undefined = undefined;

  constructor(fields: {
    readonly type: number;
    readonly flags: number;
    readonly device: NetDevice;
    readonly input: InputAction;
    readonly isInput: boolean;
    readonly iif: number;
    readonly error?: number;
    readonly result?: FibResult | undefined;
    /** False: the route's next hop does not count (broadcasts, multicasts). */
    readonly useNexthop?: boolean;
    readonly source: number;
    readonly destination: number;
  }) {
    const { result } = fields;
    this.type = fields.type;
    this.flags = fields.flags;
    this.device = fields.device;
    this.input = fields.input;
    this.isInput = fields.isInput;
    this.iif = fields.iif;
    this.error = fields.error ?? 0;
    this.source = fields.source;
    this.destination = fields.destination;
    this.result = result;
    const used = fields.useNexthop === false ? undefined : result;
    this.info = used?.alias.info;
    this.nexthop = used?.nexthop;
  }

  /** The address whose link-layer address a packet to `destination` needs. */
  nextHopFor(destination: number): number {
    return this.gateway === 0 ? destination : this.gateway;
  }

  metric(number: number): number {
    return this.info?.metric(number) ?? 0;
  }

  /** True if packets may not be fragmented below the MTU that is locked (`mtu lock`). */
  get mtuLocked(): boolean {
    return this.exception?.mtuLocked === true || (this.metric(METRIC.LOCK) & (1 << METRIC.MTU)) !== 0;
  }

  /** ip_dst_mtu_maybe_forward(): the path MTU; for forwarded packets only what the link or a lock says. */
  mtu(now: number, forwarding: boolean, usePathMtu: boolean): number {
    if (usePathMtu || this.mtuLocked || !forwarding) {
      const learned = this.exception?.mtuAt(now) ?? 0;
      if (learned !== 0) return learned;
    }
    const metric = this.metric(METRIC.MTU);
    if (metric !== 0) return metric;
    const linkMtu = Math.min(this.device.mtu, MAX_MTU);
    if (this.mtuLocked && this.gateway !== 0 && linkMtu > 576) return 576;
    return linkMtu;
  }

  /** Time to live of packets by this route that have no own. */
  hopLimit(standard: number): number {
    const metric = this.metric(METRIC.HOPLIMIT);
    return metric === DEFAULT_TTL_UNSET ? standard : metric;
  }
}

/** inet_iif(): ifindex of the device that a packet counts as received by; for an own address, of the one that has it. */
export function receivedBy({ route, device }: Packet): number {
  return route instanceof Route && route.iif !== 0 ? route.iif : device.ifindex;
}

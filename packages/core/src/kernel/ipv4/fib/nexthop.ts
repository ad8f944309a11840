// What a route says beside its prefix (struct fib_info), and its next hops (struct fib_nh). Checking and making them is
// in create-info.ts; they die and come back in device-sync.ts.

import type { NetDevice } from "../../device.ts";
import type { NexthopObject, NexthopUser } from "../../nexthop/objects.ts";
import type { Ipv6Address } from "../../../wire/ipv6-address.ts";
import type { RouteExceptions } from "../route-exceptions.ts";
import { RTNH_F } from "../../../netlink/rtnl/route-constants.ts";
import { RTNH_STATE_MASK } from "../route-flags.ts";
import type { FibAlias } from "./table.ts";

/** RTAX_*: numbers of the metrics that the kernel itself reads. */
export const METRIC = {
  LOCK: 1,
  MTU: 2,
  ADVMSS: 8,
  HOPLIMIT: 10,
  INITCWND: 11,
  FEATURES: 12,
  INITRWND: 14,
  CC_ALGO: 16,
} as const;

/** One way to send a packet on. */
export class Nexthop {
  /** The route that it belongs to; undefined for that of a next-hop object, which many routes share. */
  readonly info: FibInfo | undefined;
  /** Undefined only for routes that go nowhere. */
  device: NetDevice | undefined = undefined;
  oif = 0;
  /** 0: none, the destination is on the link. An IPv4 address. */
  gateway = 0;
  /** An IPv6 gateway (RTA_VIA); undefined for none. */
  gateway6: Ipv6Address | undefined = undefined;
  flags = 0;
  /** Scope of the gateway: nearer than the route. */
  scope = 0;
  /** 1 and more. */
  weight = 1;
  /** Realm of the destination, for traffic control (RTA_FLOW). */
  realm = 0;
  /** Highest hash value that chooses this next hop, -1 while it cannot be used. */
  upperBound = 0;
  /** Source address for packets by this hop, found once per generation of addresses. */
  source = 0;
  sourceGeneration = -1;
  /** What is known about single destinations: path MTUs, redirects. */
  exceptions: RouteExceptions | undefined = undefined;

  constructor(info: FibInfo | undefined) {
    this.info = info;
  }

  get hasGateway(): boolean {
    return this.gateway !== 0 || this.gateway6 !== undefined;
  }

  get dead(): boolean {
    return (this.flags & RTNH_F.DEAD) !== 0;
  }

  /** What makes it the same hop as another (nh_comp): not its state. */
  get identity(): string {
    const { oif, gateway, gateway6, scope, weight, realm, flags } = this;
    return `${oif} ${gateway} ${gateway6 ?? ""} ${scope} ${weight} ${realm} ${flags & ~RTNH_STATE_MASK}`;
  }
}

export class FibInfo {
  readonly protocol: number;
  readonly scope: number;
  /** RTN_* */
  readonly type: number;
  /** 0: none. */
  readonly preferredSource: number;
  readonly priority: number;
  readonly tableId: number;
  /** RTNH_F_* of the whole route. */
  flags: number;
  /** By RTAX_* number; undefined if there are none. */
  readonly metrics: ReadonlyMap<number, number> | undefined;
  /** Name of the congestion control that METRIC.CC_ALGO stands for. */
  readonly congestionControl: string | undefined;
  readonly nexthops: Nexthop[] = [];
  /** The next-hop object that the route goes by; `nexthops` are then the object's (RTA_NH_ID). */
  object: NexthopObject | undefined = undefined;
  /** How that object tells the route of changes, while the route is in a table. */
  user: NexthopUser | undefined = undefined;
  /** Entries of tables that use it: equal routes share one. */
  readonly aliases: FibAlias[] = [];

  constructor(fields: {
    readonly protocol: number;
    readonly scope: number;
    readonly type: number;
    readonly preferredSource: number;
    readonly priority: number;
    readonly tableId: number;
    readonly flags: number;
    readonly metrics?: ReadonlyMap<number, number> | undefined;
    readonly congestionControl?: string | undefined;
  }) {
    this.protocol = fields.protocol;
    this.scope = fields.scope;
    this.type = fields.type;
    this.preferredSource = fields.preferredSource;
    this.priority = fields.priority;
    this.tableId = fields.tableId;
    this.flags = fields.flags;
    this.metrics = fields.metrics;
    this.congestionControl = fields.congestionControl;
  }

  get dead(): boolean {
    return (this.flags & RTNH_F.DEAD) !== 0;
  }

  metric(number: number): number {
    return this.metrics?.get(number) ?? 0;
  }

  /** The first next hop, which routes with one have. */
  get nexthop(): Nexthop {
    return this.nexthops[0] as Nexthop; // every route is made with at least one
  }

  /** Of what makes it the same route as another: all but metrics and next hops. */
  get ownIdentity(): string {
    const { protocol, scope, type, preferredSource, priority, tableId, flags } = this;
    return `${protocol} ${scope} ${type} ${preferredSource} ${priority} ${tableId} ${flags & ~RTNH_STATE_MASK}`;
  }

  /** What makes it the same route as another but for the prefix (fib_find_info): not its state. */
  get identity(): string {
    const { metrics, congestionControl } = this;
    const measures = metrics === undefined ? "" : [...metrics].sort(([a], [b]) => a - b).join(" ");
    const { object } = this;
    const hops = object === undefined ? this.nexthops.map((hop) => hop.identity) : [`nhid ${object.id}`];
    return [this.ownIdentity, measures, congestionControl ?? "", ...hops].join("|");
  }
}

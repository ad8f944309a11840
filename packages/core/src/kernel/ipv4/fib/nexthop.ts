// What a route says beside its prefix (struct fib_info), and its next hops (struct fib_nh). Checking and making them is
// in create-info.ts; they die and come back in device-sync.ts.

import type { NetDevice } from "../../device.ts";
import type { RouteExceptions } from "../route-exceptions.ts";
import { RTNH_F } from "../../../netlink/rtnl/route-constants.ts";
import { RTNH_STATE_MASK } from "../route-flags.ts";

/** RTAX_*: numbers of the metrics that the kernel itself reads. */
export const METRIC = { LOCK: 1, MTU: 2, ADVMSS: 8, HOPLIMIT: 10, FEATURES: 12, CC_ALGO: 16 } as const;

/** One way to send a packet on. */
export class Nexthop {
  readonly info: FibInfo;
  /** Undefined only for routes that go nowhere. */
  device: NetDevice | undefined = undefined;
  oif = 0;
  /** 0: none, the destination is on the link. An IPv4 address. */
  gateway = 0;
  /** 16 bytes of an IPv6 gateway (RTA_VIA), as a string of their codes; undefined for none. */
  gateway6: string | undefined = undefined;
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

  constructor(info: FibInfo) {
    this.info = info;
  }

  get hasGateway(): boolean {
    return this.gateway !== 0 || this.gateway6 !== undefined;
  }

  get dead(): boolean {
    return (this.flags & RTNH_F.DEAD) !== 0;
  }

  /** nh_comp(): the same hop, whatever its state. */
  equals(other: Nexthop): boolean {
    return (
      this.oif === other.oif &&
      this.gateway === other.gateway &&
      this.gateway6 === other.gateway6 &&
      this.scope === other.scope &&
      this.weight === other.weight &&
      this.realm === other.realm &&
      ((this.flags ^ other.flags) & ~RTNH_STATE_MASK) === 0
    );
  }
}

export class FibInfo {
  readonly protocol: number;
  readonly scope: number;
  /** RTN_* */
  readonly type: number;
  /** 0: none. */
  readonly preferredSource: number;
  priority: number;
  readonly tableId: number;
  /** RTNH_F_* of the whole route. */
  flags: number;
  /** By RTAX_* number; undefined if there are none. */
  readonly metrics: ReadonlyMap<number, number> | undefined;
  /** Name of the congestion control that METRIC.CC_ALGO stands for. */
  readonly congestionControl: string | undefined;
  readonly nexthops: Nexthop[] = [];
  /** Entries of tables that use it; shared by equal routes. */
  users = 0;

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

  /** fib_find_info(): the same route but for its prefix. */
  equals(other: FibInfo): boolean {
    return (
      this.protocol === other.protocol &&
      this.scope === other.scope &&
      this.type === other.type &&
      this.preferredSource === other.preferredSource &&
      this.priority === other.priority &&
      this.tableId === other.tableId &&
      ((this.flags ^ other.flags) & ~RTNH_STATE_MASK) === 0 &&
      this.nexthops.length === other.nexthops.length &&
      sameMetrics(this, other) &&
      this.nexthops.every((hop, index) => hop.equals(other.nexthops[index] as Nexthop))
    );
  }
}

function sameMetrics(a: FibInfo, b: FibInfo): boolean {
  if (a.congestionControl !== b.congestionControl) return false;
  const size = a.metrics?.size ?? 0;
  if (size !== (b.metrics?.size ?? 0)) return false;
  for (const [number, value] of a.metrics ?? []) if (b.metric(number) !== value) return false;
  return true;
}

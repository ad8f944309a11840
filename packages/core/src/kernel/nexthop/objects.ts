// Next-hop objects of a namespace (struct nexthop, net/ipv4/nexthop.c): what they are, and which one a flow takes. Requests
// about them are in family.ts, checks in request.ts, what changes them in change.ts. Routes know this file only: they refer to an
// object, and it tells them when it changes.

import type { NetDevice } from "../device.ts";
import type { Nexthop } from "../ipv4/fib/nexthop.ts";
import { Slot } from "../slot.ts";
import type { ResilientTable } from "./resilient.ts";

/** One way to send packets on (struct nh_info). */
export interface SinglePath {
  readonly kind: "single";
  /** AF_INET or AF_INET6. */
  readonly family: number;
  /** Packets end here. */
  readonly blackhole: boolean;
  /** For entries of a forwarding database: a remote VTEP, and no way for routes. */
  readonly fdb: boolean;
  /** Device, gateway, scope and what is known of destinations: shared by all routes and groups that come this way. */
  readonly hop: Nexthop;
}

/** A member of a group (struct nh_grp_entry). */
export interface GroupMember {
  readonly object: NexthopObject;
  /** 1 and more. */
  readonly weight: number;
  /** Of a group that chooses by hash threshold (RFC 2992): the highest hash that takes this member. */
  upperBound: number;
  /** Of a resilient group: how many buckets the member has, and how many its weight asks for. */
  buckets: number;
  wantedBuckets: number;
}

/** Several objects (struct nh_group). */
export interface GroupPath {
  readonly kind: "group";
  readonly fdb: boolean;
  readonly members: readonly GroupMember[];
  /** Only of a resilient group. */
  readonly resilient: ResilientTable | undefined;
}

export type NexthopPath = SinglePath | GroupPath;

/** A route that goes by an object. */
export interface NexthopUser {
  /** Refuses a path that the route cannot go by, with the kernel's text. */
  check(path: NexthopPath): void;
  /** The object's path, or that of a member, is another one now. */
  changed(): void;
  /** Tells listeners of the route again, which now goes another way. */
  announce(): void;
  /** The object goes, and the route with it. */
  removed(): void;
}

export class NexthopObject {
  readonly id: number;
  /** RTPROT_* */
  protocol: number;
  path: NexthopPath;
  /** Groups that it is a member of. */
  readonly groups = new Set<NexthopObject>();
  /** IPv4 routes, in the order in which they came. */
  readonly users = new Set<NexthopUser>();
  /** IPv6 routes. */
  readonly users6 = new Set<NexthopUser>();

  constructor(id: number, protocol: number, path: NexthopPath) {
    this.id = id;
    this.protocol = protocol;
    this.path = path;
  }

  /** nexthop_is_blackhole(): also a group of one member that is. */
  get blackhole(): boolean {
    const only = this.path.kind === "group" && this.path.members.length === 1 ? this.single : this.path;
    return only.kind === "single" && only.blackhole;
  }

  /** The path itself, or that of the group's first member. */
  get single(): SinglePath {
    return this.singles[0] as SinglePath; // a group has at least one member
  }

  /** All paths behind the object. */
  get singles(): readonly SinglePath[] {
    const { path } = this;
    if (path.kind === "single") return [path];
    return path.members.map(({ object }) => object.path as SinglePath); // groups are not nested
  }

  /** Beside each of `singles`: its weight. */
  get weights(): readonly number[] {
    return this.path.kind === "single" ? [1] : this.path.members.map(({ weight }) => weight);
  }
}

/** The objects of a namespace, in the order of their ids. */
export class NexthopObjects {
  readonly #byId = new Map<number, NexthopObject>();
  /** Objects that leave by a device. Not those for forwarding databases, which have none. */
  readonly #byDevice = new Slot<Set<NexthopObject>>();
  #lastAllocated = 0;

  find(id: number): NexthopObject | undefined {
    return this.#byId.get(id);
  }

  inOrder(): NexthopObject[] {
    return [...this.#byId.values()].sort((a, b) => a.id - b.id);
  }

  /** nh_find_unused_id(): 0 if all are taken. */
  unusedId(): number {
    const start = this.#lastAllocated;
    for (;;) {
      this.#lastAllocated = (this.#lastAllocated + 1) >>> 0;
      if (this.#lastAllocated === start) return 0;
      if (this.#lastAllocated !== 0 && !this.#byId.has(this.#lastAllocated)) return this.#lastAllocated;
    }
  }

  add(object: NexthopObject): void {
    this.#byId.set(object.id, object);
  }

  delete(object: NexthopObject): void {
    this.#byId.delete(object.id);
  }

  /** Newest first, as the kernel's hash lists them. */
  by(device: NetDevice): NexthopObject[] {
    return [...(this.#byDevice.of(device) ?? [])].reverse();
  }

  /** Notes, or forgets, by which device an object leaves. */
  track(object: NexthopObject, on: boolean): void {
    const { path } = object;
    const device = path.kind === "single" && !path.fdb ? path.hop.device : undefined;
    if (device === undefined) return;
    let own = this.#byDevice.of(device);
    if (own === undefined) this.#byDevice.set(device, (own = new Set()));
    if (on) own.add(object);
    else own.delete(object);
  }
}

export const nexthopObjects = new Slot<NexthopObjects>();

/** Flows are hashed to 31 bits. */
const HASH_SPACE = 0x8000_0000;

/** nh_hthr_group_rebalance(): shares the hash space between members by weight. */
export function rebalance(members: readonly GroupMember[]): void {
  let total = 0;
  for (const { weight } of members) total += weight;
  let sum = 0;
  for (const member of members) {
    sum += member.weight;
    member.upperBound = Math.round((HASH_SPACE * sum) / total) - 1;
  }
}

/**
 * nexthop_select_path(): the path that a flow takes. `hash` has 31 bits. `isGood` tells whether the gateway answers; a
 * group by hash threshold passes over members whose does not.
 */
export function selectPath(
  object: NexthopObject,
  hash: number,
  isGood: (path: SinglePath) => boolean,
): SinglePath {
  const { path } = object;
  if (path.kind === "single") return path;
  if (path.resilient !== undefined) return path.resilient.use(hash).object.path as SinglePath;
  let last: SinglePath | undefined;
  for (const { object: member, upperBound } of path.members) {
    const single = member.path as SinglePath;
    if (!path.fdb && !isGood(single)) continue;
    last = single;
    if (hash <= upperBound) return single;
  }
  return last ?? object.single;
}

// The buckets of a resilient group (struct nh_res_table; Documentation/networking/nexthop-group-resilient.rst): flows hash to
// buckets, and a bucket changes its member only when it is idle or when the group has been out of balance for too long.

import type { Nanoseconds, Timer } from "../../system/system.ts";
import { SECOND } from "../../system/system.ts";
import type { Clock } from "../clock.ts";
import type { GroupMember } from "./objects.ts";

/** NH_RES_DEFAULT_IDLE_TIMER; there is no unbalanced timer unless somebody sets one. */
export const DEFAULT_IDLE_TIMER: Nanoseconds = 120 * SECOND;

export interface Bucket {
  /** Undefined until it is migrated for the first time, and after its member has left. */
  member: GroupMember | undefined;
  used: Nanoseconds;
  migrated: Nanoseconds;
}

export class ResilientTable {
  readonly buckets: readonly Bucket[];
  idleTimer: Nanoseconds;
  /** 0: never force. */
  unbalancedTimer: Nanoseconds;
  readonly #clock: Clock;
  #unbalancedSince: Nanoseconds = 0;
  /** Members with fewer buckets than they want; the last of the group comes first. */
  #underweight: GroupMember[] = [];
  #timer: Timer | undefined = undefined;
  /** Told of a bucket that has moved while nobody asked for anything (RTM_NEWNEXTHOPBUCKET). */
  onMigrated: (index: number) => void = () => {};

  constructor(clock: Clock, size: number, idleTimer: Nanoseconds, unbalancedTimer: Nanoseconds) {
    const bucket = (): Bucket => ({ member: undefined, used: clock.now, migrated: clock.now });
    this.#clock = clock;
    this.buckets = Array.from({ length: size }, bucket);
    this.idleTimer = idleTimer;
    this.unbalancedTimer = unbalancedTimer;
  }

  /** How long the group has been out of balance; 0 if it is not. */
  get unbalancedTime(): Nanoseconds {
    return this.#underweight.length === 0 ? 0 : this.#clock.now - this.#unbalancedSince;
  }

  /** The member for a hash, whose bucket is in use now. */
  use(hash: number): GroupMember {
    const bucket = this.buckets[hash % this.buckets.length] as Bucket; // there is at least one
    bucket.used = this.#clock.now;
    return bucket.member as GroupMember; // filled since the group was made
  }

  /**
   * replace_nexthop_grp_res(): from now on these are the members. Buckets of those that stay remain theirs, if they
   * are not to be migrated at once.
   */
  setMembers(members: readonly GroupMember[]): void {
    const wasUnbalanced = this.#underweight.length > 0;
    const since = this.#unbalancedSince;
    for (const bucket of this.buckets) {
      const stays = members.find(({ object }) => object === bucket.member?.object);
      bucket.member = stays;
      if (stays !== undefined) stays.buckets++;
    }
    this.#rebalance(members);
    if (wasUnbalanced && this.#underweight.length > 0) this.#unbalancedSince = since;
    this.upkeep(false);
  }

  /** nh_res_group_rebalance() */
  #rebalance(members: readonly GroupMember[]): void {
    let total = 0;
    for (const { weight } of members) total += weight;
    let sum = 0;
    let previous = 0;
    this.#underweight = [];
    for (const member of members) {
      sum += member.weight;
      const bound = Math.round((this.buckets.length * sum) / total);
      member.wantedBuckets = bound - previous;
      previous = bound;
      if (member.buckets >= member.wantedBuckets) continue;
      if (this.#underweight.length === 0) this.#unbalancedSince = this.#clock.now;
      this.#underweight.unshift(member);
    }
  }

  /** nh_res_table_upkeep(): migrates what may be, and comes back when the next bucket may. `tell`: listeners hear of it. */
  upkeep(tell: boolean): void {
    this.stop();
    const { now } = this.#clock;
    let deadline = now + (this.unbalancedTimer || this.idleTimer);
    for (const [index, bucket] of this.buckets.entries()) {
      const due = this.#dueAt(bucket, now);
      if (due === undefined) continue;
      if (due > now) deadline = Math.min(deadline, due);
      else if (this.#migrate(bucket) && tell) this.onMigrated(index);
    }
    if (this.#underweight.length === 0) return;
    this.#timer = this.#clock.after(deadline - now, () => this.upkeep(true));
  }

  /** When a bucket may migrate (nh_res_bucket_should_migrate): undefined if its member may keep it. */
  #dueAt(bucket: Bucket, now: Nanoseconds): Nanoseconds | undefined {
    const { member } = bucket;
    if (member === undefined) return now;
    if (member.buckets <= member.wantedBuckets) return undefined;
    const idle = bucket.used === bucket.migrated ? now : bucket.used + this.idleTimer;
    return this.unbalancedTimer === 0 ? idle : Math.min(idle, this.#unbalancedSince + this.unbalancedTimer);
  }

  #migrate(bucket: Bucket): boolean {
    const [to] = this.#underweight;
    if (to === undefined) return false;
    if (bucket.member !== undefined) bucket.member.buckets--;
    bucket.member = to;
    to.buckets++;
    bucket.used = bucket.migrated = this.#clock.now;
    if (to.buckets >= to.wantedBuckets) this.#underweight.shift();
    return true;
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}

// Timing of the neighbour layer, for one device or as the default of a table (struct neigh_parms). Times are
// nanoseconds; user space sees seconds, milliseconds or 1/100 s (sysctls.ts, table-family.ts).

import { MILLISECOND, SECOND } from "../../system/system.ts";
import type { Nanoseconds } from "../../system/system.ts";
import type { Clock } from "../clock.ts";
import type { Random } from "../random.ts";

/** The reachable time is drawn anew this often (neigh_periodic_work). */
const RANDOMIZE_INTERVAL: Nanoseconds = 300 * SECOND;

/** Values that differ between ARP and neighbour discovery. */
export interface ParameterDefaults {
  readonly anycastDelay?: Nanoseconds;
  readonly proxyDelay?: Nanoseconds;
  readonly locktime?: Nanoseconds;
}

const NONE: ReadonlySet<string> = new Set();

export class NeighbourParameters {
  /** Multicast or broadcast probes for a new entry. */
  mcastProbes = 3;
  /** Unicast probes to a known address. */
  ucastProbes = 3;
  /** Probes left to a user-space daemon. */
  appProbes = 0;
  /** Multicast probes after the unicast ones have failed. */
  mcastReprobes = 0;
  retransTime: Nanoseconds = SECOND;
  baseReachableTime: Nanoseconds = 30 * SECOND;
  delayProbeTime: Nanoseconds = 5 * SECOND;
  intervalProbeTime: Nanoseconds = 5 * SECOND;
  gcStaleTime: Nanoseconds = 60 * SECOND;
  /** Packets that wait for one resolution, bytes of memory (SK_WMEM_MAX). */
  queueLengthBytes = 212_992;
  /** Requests that wait for a delayed proxy answer. */
  proxyQueueLength = 64;
  anycastDelay: Nanoseconds;
  proxyDelay: Nanoseconds;
  /** An entry is not overwritten within this time after it was confirmed (ARP only). */
  locktime: Nanoseconds;

  /** Members that were set for this device and no longer follow the defaults. */
  own: ReadonlySet<string> = NONE;

  #reachableTime: Nanoseconds = 0;
  #drawnAt: Nanoseconds = -1;

  constructor(defaults: ParameterDefaults = {}) {
    this.anycastDelay = defaults.anycastDelay ?? SECOND;
    this.proxyDelay = defaults.proxyDelay ?? 800 * MILLISECOND;
    this.locktime = defaults.locktime ?? 0;
  }

  /** A copy for a device. */
  copy(): NeighbourParameters {
    const copy = new NeighbourParameters();
    copy.mcastProbes = this.mcastProbes;
    copy.ucastProbes = this.ucastProbes;
    copy.appProbes = this.appProbes;
    copy.mcastReprobes = this.mcastReprobes;
    copy.retransTime = this.retransTime;
    copy.baseReachableTime = this.baseReachableTime;
    copy.delayProbeTime = this.delayProbeTime;
    copy.intervalProbeTime = this.intervalProbeTime;
    copy.gcStaleTime = this.gcStaleTime;
    copy.queueLengthBytes = this.queueLengthBytes;
    copy.proxyQueueLength = this.proxyQueueLength;
    copy.anycastDelay = this.anycastDelay;
    copy.proxyDelay = this.proxyDelay;
    copy.locktime = this.locktime;
    return copy;
  }

  /** ReachableTime of RFC 4861, 6.3.2: uniform between half and one and a half of the base, drawn every 5 minutes. */
  reachableTime(clock: Clock, random: Random): Nanoseconds {
    if (this.#drawnAt < 0 || clock.now > this.#drawnAt + RANDOMIZE_INTERVAL) {
      this.#drawnAt = clock.now;
      this.#reachableTime =
        this.baseReachableTime / 2 + (random.uint32() / 0x1_0000_0000) * this.baseReachableTime;
    }
    return this.#reachableTime;
  }

  /** A new base takes effect with the next draw. */
  setBaseReachableTime(time: Nanoseconds): void {
    this.baseReachableTime = time;
    this.#drawnAt = -1;
  }
}

// What traffic control of a device may be asked for by the switch or by tc(8): a queueing discipline with classes on the way out (net/sched/
// sch_htb.c and others), a policer on the way in (net/sched/act_police.c). Counterpart: what Open vSwitch's lib/netdev-linux.c
// sends by rtnetlink.

import { NEVER } from "../netlink/rtnl/qdisc-netem.ts";
import type { NetemSettings } from "../netlink/rtnl/qdisc-netem.ts";

/** Bytes and bytes a second. */
export interface ClassRates {
  /** What it may send whatever others do. */
  readonly rate: number;
  /** What it may send at most. */
  readonly ceil: number;
  /** What may go at once after a pause. */
  readonly burst: number;
  /** Classes with a smaller one go first with what others leave. */
  readonly priority: number;
}

/** A discipline whose classes share a rate. Queue N is the class 1:N+1; packets of no queue are in queue 0. */
export interface SharedRate {
  readonly kind: "htb" | "hfsc";
  readonly maxRate: number;
  readonly classes: ReadonlyMap<number, ClassRates>;
}

/** Disciplines that act only on what waits, which nothing does on a device that sends at once. Bytes, seconds. */
export interface FairQueueing {
  readonly kind: "sfq";
  readonly quantum: number;
  readonly perturb: number;
}

/** The same. Microseconds, packets. */
export interface ControlledDelay {
  readonly kind: "codel";
  readonly target: number;
  readonly limit: number;
  readonly interval: number;
}

export interface FairControlledDelay extends Omit<ControlledDelay, "kind"> {
  readonly kind: "fq_codel";
  readonly flows: number;
  /** Bytes. */
  readonly quantum: number;
}

export interface Emulation extends NetemSettings {
  readonly kind: "netem";
}

/** Packets that wait for tokens. */
export interface TokenBucket {
  readonly kind: "tbf";
  /** Bytes a second. */
  readonly rate: number;
  /** What may go at once, nanoseconds at the rate. */
  readonly buffer: number;
  /** Bytes that may wait. */
  readonly limit: number;
  /** As it was told: of the next bucket, which is for a peak rate. */
  readonly mtu: number;
  readonly cellLog: number;
}

/** Plain queues: nothing waits in them here. Packets, for bfifo bytes. */
export interface PlainQueue {
  readonly kind: "pfifo" | "bfifo" | "pfifo_fast";
  readonly limit: number;
}

export type Queueing =
  SharedRate | FairQueueing | ControlledDelay | FairControlledDelay | Emulation | TokenBucket | PlainQueue;

/** netem without anything finer. @param latency microseconds @param limit packets @param loss percent */
export function plainEmulation(latency: number, limit: number, loss: number): Emulation {
  return {
    kind: "netem",
    limit,
    latency: latency * 1000,
    jitter: 0,
    delayCorrelation: 0,
    loss: { probability: Math.floor((loss / 100) * 0xffff_ffff), correlation: 0 },
    duplicate: NEVER,
    reorder: NEVER,
    corrupt: NEVER,
    gap: 0,
    rate: 0,
    packetOverhead: 0,
    cellSize: 0,
    cellOverhead: 0,
  };
}

/** Since a class was made. */
export interface ClassCounters {
  readonly packets: number;
  readonly bytes: number;
  readonly drops: number;
  /** Clock, nanoseconds. */
  readonly created: number;
}

/** A token bucket of bytes, one of packets, or both one after the other; what exceeds it is dropped. */
export interface Policing {
  /** Bytes a second, and bytes; 0: any. */
  readonly rate: number;
  readonly burst: number;
  /** Packets a second, and packets; 0: any. */
  readonly packetRate: number;
  readonly packetBurst: number;
}

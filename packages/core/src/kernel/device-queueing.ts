// What traffic control of a device may be asked for by the switch: a queueing discipline with classes on the way out (net/sched/
// sch_htb.c and others), a policer on the way in (net/sched/act_police.c). Counterpart: what Open vSwitch's lib/netdev-linux.c
// sends by rtnetlink. tc(8) shows it and changes nothing.

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

export interface Emulation {
  readonly kind: "netem";
  /** Microseconds. */
  readonly latency: number;
  /** Packets that may wait. */
  readonly limit: number;
  /** Percent of packets. */
  readonly loss: number;
}

export type Queueing = SharedRate | FairQueueing | ControlledDelay | FairControlledDelay | Emulation;

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

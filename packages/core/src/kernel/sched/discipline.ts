// A queueing discipline that a device was given (struct Qdisc): has packets before the driver has them.

import type { ClassCounters, Queueing } from "../device-queueing.ts";
import type { Packet } from "../packet.ts";

export interface QueueCounters {
  packets: number;
  bytes: number;
  drops: number;
  overlimits: number;
}

export const noCounters = (): QueueCounters => ({ packets: 0, bytes: 0, drops: 0, overlimits: 0 });

export interface Discipline {
  readonly kind: Queueing["kind"];
  readonly queueing: Queueing;
  readonly counters: QueueCounters;
  /** Packets and bytes that wait. */
  readonly waiting: { readonly packets: number; readonly bytes: number };
  /** Has other settings of its kind from now on. */
  configure(queueing: Queueing): void;
  enqueue(packet: Packet): void;
  /** Drops what waits. */
  reset(): void;
  /** By queue, in the order in which the kernel lists its classes. */
  classCounters(): ReadonlyMap<number, ClassCounters>;
}

// The disciplines without classes that only sort or count what waits: they let everything through, since a device here sends at
// once.

import type { ClassCounters, Queueing } from "../device-queueing.ts";
import type { Packet } from "../packet.ts";
import type { Discipline } from "./discipline.ts";
import { noCounters } from "./discipline.ts";

export class ClasslessDiscipline implements Discipline {
  readonly kind: Queueing["kind"];
  readonly counters = noCounters();
  readonly #send: (packet: Packet) => void;
  readonly waiting = { packets: 0, bytes: 0 };
  queueing: Queueing;

  constructor(queueing: Queueing, send: (packet: Packet) => void) {
    this.kind = queueing.kind;
    this.queueing = queueing;
    this.#send = send;
  }

  configure(queueing: Queueing): void {
    this.queueing = queueing;
  }

  enqueue(packet: Packet): void {
    this.counters.packets++;
    this.counters.bytes += packet.length;
    this.#send(packet);
  }

  reset(): void {}

  classCounters(): ReadonlyMap<number, ClassCounters> {
    return new Map();
  }
}

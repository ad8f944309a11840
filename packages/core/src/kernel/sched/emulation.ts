// The disciplines without classes: netem (net/sched/sch_netem.c) delays packets and loses some; those that only sort what waits let
// everything through, since a device here sends at once.

import type { ClassCounters, Queueing } from "../device-queueing.ts";
import type { NetDevice } from "../device.ts";
import type { Packet } from "../packet.ts";
import type { Timer } from "../../system/system.ts";
import type { Discipline } from "./discipline.ts";
import { noCounters } from "./discipline.ts";

const MICROSECOND = 1000;
const NOTHING = { latency: 0, limit: Infinity, loss: 0 };

export class ClasslessDiscipline implements Discipline {
  readonly kind: Queueing["kind"];
  readonly counters = noCounters();
  readonly #device: NetDevice;
  readonly #send: (packet: Packet) => void;
  readonly #queue: { readonly packet: Packet; readonly timer: Timer }[] = [];
  queueing: Queueing;

  constructor(device: NetDevice, queueing: Queueing, send: (packet: Packet) => void) {
    this.#device = device;
    this.kind = queueing.kind;
    this.queueing = queueing;
    this.#send = send;
  }

  configure(queueing: Queueing): void {
    this.queueing = queueing;
  }

  get waiting(): { readonly packets: number; readonly bytes: number } {
    const bytes = this.#queue.reduce((sum, { packet }) => sum + packet.length, 0);
    return { packets: this.#queue.length, bytes };
  }

  enqueue(packet: Packet): void {
    const { latency, limit, loss } = this.queueing.kind === "netem" ? this.queueing : NOTHING;
    const { random, clock } = this.#device.kernel;
    const lost = loss > 0 && random.uint32() < (loss / 100) * 2 ** 32;
    if (lost || this.#queue.length >= limit) {
      this.counters.drops++;
      this.#device.kernel.drop(packet, "QDISC_DROP", this.#device.name);
      return;
    }
    if (latency === 0) {
      this.#dequeue(packet);
      return;
    }
    const timer = clock.after(latency * MICROSECOND, () => {
      const at = this.#queue.findIndex((waiting) => waiting.packet === packet);
      this.#queue.splice(at, 1);
      this.#dequeue(packet);
    });
    this.#queue.push({ packet, timer });
  }

  #dequeue(packet: Packet): void {
    this.counters.packets++;
    this.counters.bytes += packet.length;
    this.#send(packet);
  }

  reset(): void {
    for (const { packet, timer } of this.#queue.splice(0)) {
      timer.cancel();
      this.#device.kernel.drop(packet, "QDISC_DROP", this.#device.name);
    }
  }

  classCounters(): ReadonlyMap<number, ClassCounters> {
    return new Map();
  }
}

// tbf (net/sched/sch_tbf.c): packets go at a rate, and so many bytes at once after a pause; what does not fit in the queue is
// dropped.

import type { ClassCounters, Queueing, TokenBucket } from "../device-queueing.ts";
import type { NetDevice } from "../device.ts";
import type { Packet } from "../packet.ts";
import type { Timer } from "../../system/system.ts";
import type { Discipline } from "./discipline.ts";
import { noCounters } from "./discipline.ts";
import { durationOf } from "./rates.ts";

export class TokenBucketDiscipline implements Discipline {
  readonly kind = "tbf";
  readonly counters = noCounters();
  queueing: TokenBucket;
  readonly #device: NetDevice;
  readonly #send: (packet: Packet) => void;
  readonly #queue: Packet[] = [];
  #bytes = 0;
  /** Nanoseconds at the rate, and when that was. */
  #tokens: number;
  #checked: number;
  #timer: Timer | undefined;

  constructor(device: NetDevice, queueing: TokenBucket, send: (packet: Packet) => void) {
    this.#device = device;
    this.queueing = queueing;
    this.#send = send;
    this.#tokens = queueing.buffer;
    this.#checked = device.kernel.clock.now;
  }

  /** Other settings begin with a full bucket. */
  configure(queueing: Queueing): void {
    if (queueing.kind !== "tbf") return;
    this.queueing = queueing;
    this.#tokens = queueing.buffer;
    this.#checked = this.#device.kernel.clock.now;
    this.#run();
  }

  get waiting(): { readonly packets: number; readonly bytes: number } {
    return { packets: this.#queue.length, bytes: this.#bytes };
  }

  enqueue(packet: Packet): void {
    const { limit, buffer, rate } = this.queueing;
    const { length } = packet;
    if (durationOf(length, rate) > buffer || this.#bytes + length > limit) {
      this.counters.drops++;
      this.#device.kernel.drop(packet, "QDISC_DROP", this.#device.name);
      return;
    }
    this.#queue.push(packet);
    this.#bytes += length;
    this.#run();
  }

  /** tbf_dequeue(), until what is first has to wait. */
  #run(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const { rate, buffer } = this.queueing;
    const { clock } = this.#device.kernel;
    for (let first = this.#queue[0]; first !== undefined; first = this.#queue[0]) {
      const left =
        Math.min(buffer, this.#tokens + clock.now - this.#checked) - durationOf(first.length, rate);
      if (left < 0) {
        this.counters.overlimits++;
        this.#timer = clock.after(-left, () => this.#run());
        return;
      }
      this.#queue.shift();
      this.#bytes -= first.length;
      this.#tokens = left;
      this.#checked = clock.now;
      this.counters.packets++;
      this.counters.bytes += first.length;
      this.#send(first);
    }
  }

  reset(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#bytes = 0;
    for (const packet of this.#queue.splice(0))
      this.#device.kernel.drop(packet, "QDISC_DROP", this.#device.name);
  }

  classCounters(): ReadonlyMap<number, ClassCounters> {
    return new Map();
  }
}

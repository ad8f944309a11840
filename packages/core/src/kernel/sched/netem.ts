// netem (net/sched/sch_netem.c): delays packets, loses, doubles, breaks and reorders some, and keeps a rate.

import type { ClassCounters, Emulation, Queueing } from "../device-queueing.ts";
import type { NetDevice } from "../device.ts";
import type { Packet } from "../packet.ts";
import type { Chance } from "../../netlink/rtnl/qdisc-netem.ts";
import type { Timer } from "../../system/system.ts";
import type { Discipline } from "./discipline.ts";
import { noCounters } from "./discipline.ts";

const U32_RANGE = 2 ** 32;
const SECOND = 1e9;

/** get_crandom(): numbers below 2^32, each near the one before as far as they are correlated. */
class Correlated {
  #last = 0;

  next(correlation: number, random: () => number): number {
    const value = random();
    if (correlation === 0) return value;
    const weight = (correlation + 1) / U32_RANGE;
    return (this.#last = Math.floor(value * (1 - weight) + this.#last * weight));
  }
}

export class NetemDiscipline implements Discipline {
  readonly kind = "netem";
  readonly counters = noCounters();
  queueing: Emulation;
  readonly #device: NetDevice;
  readonly #send: (packet: Packet) => void;
  readonly #queue: { readonly packet: Packet; readonly timer: Timer; readonly at: number }[] = [];
  readonly #delays = new Correlated();
  readonly #losses = new Correlated();
  readonly #doubles = new Correlated();
  readonly #reorders = new Correlated();
  readonly #corruptions = new Correlated();
  /** Packets since one has overtaken the others. */
  #sinceGap = 0;

  constructor(device: NetDevice, queueing: Emulation, send: (packet: Packet) => void) {
    this.#device = device;
    this.queueing = queueing;
    this.#send = send;
  }

  configure(queueing: Queueing): void {
    if (queueing.kind === "netem") this.queueing = queueing;
  }

  get waiting(): { readonly packets: number; readonly bytes: number } {
    const bytes = this.#queue.reduce((sum, { packet }) => sum + packet.length, 0);
    return { packets: this.#queue.length, bytes };
  }

  enqueue(packet: Packet): void {
    const { loss, duplicate } = this.queueing;
    const double = this.#happens(duplicate, this.#doubles);
    const lost = this.#happens(loss, this.#losses);
    if (lost && !double) return this.#drop(packet);
    if (double && !lost) this.#enter(packet.clone());
    this.#enter(packet);
  }

  #random = (): number => this.#device.kernel.random.uint32();

  #happens({ probability, correlation }: Chance, numbers: Correlated): boolean {
    return probability > 0 && probability >= numbers.next(correlation, this.#random);
  }

  #drop(packet: Packet): void {
    this.counters.drops++;
    this.#device.kernel.drop(packet, "QDISC_DROP", this.#device.name);
  }

  #enter(whole: Packet): void {
    const { limit, corrupt, gap, reorder } = this.queueing;
    if (this.#queue.length >= limit) return this.#drop(whole);
    const packet = this.#happens(corrupt, this.#corruptions) ? this.#broken(whole) : whole;
    const overtakes =
      gap > 0 &&
      this.#sinceGap >= gap - 1 &&
      reorder.probability >= this.#reorders.next(reorder.correlation, this.#random);
    if (overtakes) {
      this.#sinceGap = 0;
      return this.#wait(packet, 0);
    }
    this.#sinceGap++;
    this.#wait(packet, this.#delay(packet));
  }

  /** tabledist(), packet_time_ns(): nanoseconds until it may go. */
  #delay({ length }: Packet): number {
    const { latency, jitter, delayCorrelation, rate } = this.queueing;
    const spread =
      jitter === 0 ? 0 : (this.#delays.next(delayCorrelation, this.#random) % (2 * jitter)) - jitter;
    const delay = latency + spread;
    if (rate === 0) return Math.max(0, delay);
    const { now } = this.#device.kernel.clock;
    // What waits already uses up the time that this one would have waited for.
    const last = this.#queue.reduce((latest, { at }) => Math.max(latest, at), 0);
    const behind = last === 0 ? 0 : Math.max(0, last - now);
    return behind + Math.max(0, delay - behind) + this.#transmissionTime(length);
  }

  #transmissionTime(length: number): number {
    const { rate, packetOverhead, cellSize, cellOverhead } = this.queueing;
    let size = length + packetOverhead;
    if (cellSize > 0) size = Math.ceil(size / cellSize) * (cellSize + cellOverhead);
    return Math.floor((size * SECOND) / rate);
  }

  /** One bit of a copy is turned. */
  #broken(packet: Packet): Packet {
    const copy = packet.clone();
    const place = copy.start + (this.#random() % Math.max(1, copy.length));
    copy.bytes[place] = (copy.bytes[place] ?? 0) ^ (1 << (this.#random() % 8));
    return copy;
  }

  #wait(packet: Packet, delay: number): void {
    if (delay === 0) return this.#dequeue(packet);
    const { clock } = this.#device.kernel;
    const timer = clock.after(delay, () => {
      const index = this.#queue.findIndex((waiting) => waiting.packet === packet);
      this.#queue.splice(index, 1);
      this.#dequeue(packet);
    });
    this.#queue.push({ packet, timer, at: clock.now + delay });
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

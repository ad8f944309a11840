// The rate limit of packet-ins to one controller (Open vSwitch's ofproto/pinsched.c): a token bucket, and a queue of what
// has to wait, which takes turns between ports. One for packets without a flow and one for those that an action sends.

import type { Timer } from "../../../system/system.ts";
import type { PacketInEvent } from "../../ofproto/bridge.ts";
import { W, word } from "../../../ovsproto/flow/flow.ts";
import type { DaemonHost } from "../host.ts";

/** Tokens that one packet takes; a bucket gets `rate` of them a millisecond. */
const COST = 1000;

class Scheduler {
  tokens = 0;
  filled: number;
  readonly queues = new Map<number, (() => void)[]>();
  lastPort = -1;
  queued = 0;
  bypassed = 0;
  waited = 0;
  dropped = 0;

  constructor(now: number) {
    this.filled = now;
  }
}

export class PacketInQueue {
  readonly #host: DaemonHost;
  #rate: number;
  #burst: number;
  readonly #schedulers: readonly [Scheduler, Scheduler];
  #timer: Timer | undefined;

  /** `rate` in packets a second; `burst` in packets. */
  constructor(host: DaemonHost, rate: number, burst: number) {
    this.#host = host;
    this.#rate = rate;
    this.#burst = burst;
    this.#schedulers = [new Scheduler(host.monotonic()), new Scheduler(host.monotonic())];
    this.setLimits(rate, burst);
  }

  setLimits(rate: number, burst: number): void {
    this.#rate = Math.min(rate, Math.floor(0x7fff_ffff / COST));
    this.#burst = Math.max(burst === 0 ? Math.floor(this.#rate / 4) : burst, 1);
    for (const each of this.#schedulers) while (each.queued > this.#burst) this.#dropOne(each);
  }

  /** pinsched_send(): sends it now if it may, else keeps it. */
  send(event: PacketInEvent, send: () => void): void {
    // no match, or a miss of a table
    const scheduler = this.#schedulers[event.reason === 0 || event.reason >= 6 ? 0 : 1];
    if (scheduler.queued === 0 && this.#take(scheduler)) {
      scheduler.bypassed++;
      send();
      return;
    }
    if (scheduler.queued >= this.#burst) this.#dropOne(scheduler);
    const port = word(event.flow, W.IN_PORT);
    const queue = scheduler.queues.get(port) ?? [];
    queue.push(send);
    scheduler.queues.set(port, queue);
    scheduler.queued++;
    scheduler.waited++;
    this.#schedule();
  }

  #take(scheduler: Scheduler): boolean {
    const now = this.#host.monotonic();
    const gained = Math.floor((now - scheduler.filled) / 1e6) * this.#rate;
    if (gained > 0) {
      scheduler.filled = now;
      scheduler.tokens = Math.min(scheduler.tokens + gained, this.#burst * COST);
    }
    if (scheduler.tokens < COST) return false;
    scheduler.tokens -= COST;
    return true;
  }

  /** Drops from the longest queue. */
  #dropOne(scheduler: Scheduler): void {
    let longest: (() => void)[] | undefined;
    for (const queue of scheduler.queues.values()) {
      if (longest === undefined || queue.length > longest.length) longest = queue;
    }
    if (!longest) return;
    longest.shift();
    scheduler.queued--;
    scheduler.dropped++;
  }

  #schedule(): void {
    this.#timer ??= this.#host.after(Math.max(1, Math.ceil(COST / this.#rate)) * 1e6, () => {
      this.#timer = undefined;
      for (const scheduler of this.#schedulers) this.#run(scheduler);
      if (this.#schedulers.some(({ queued }) => queued > 0)) this.#schedule();
    });
  }

  #run(scheduler: Scheduler): void {
    while (scheduler.queued > 0 && this.#take(scheduler)) {
      const ports = [...scheduler.queues.keys()]
        .filter((port) => scheduler.queues.get(port)?.length)
        .toSorted((a, b) => a - b);
      const port = ports.find((each) => each > scheduler.lastPort) ?? ports[0];
      if (port === undefined) return;
      scheduler.lastPort = port;
      scheduler.queued--;
      scheduler.queues.get(port)?.shift()?.();
    }
  }

  /** Keys of the column `status`. */
  status(): Record<string, string> {
    const entries = this.#schedulers.flatMap(({ queued, bypassed, waited, dropped }, at) => {
      const name = at === 0 ? "packet-in-miss" : "packet-in-action";
      return [
        [`${name}-backlog`, String(queued)],
        [`${name}-bypassed`, String(bypassed)],
        [`${name}-queued`, String(waited)],
        [`${name}-dropped`, String(dropped)],
      ] as const;
    });
    return Object.fromEntries(entries);
  }

  close(): void {
    this.#timer?.cancel();
  }
}

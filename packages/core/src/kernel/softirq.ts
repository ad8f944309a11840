// The per-CPU backlog (net/core/dev.c: enqueue_to_backlog, process_backlog): where every hop waits, so that a loop of
// devices is a queue that is worked off and bounded, not a recursion. One CPU.

import type { Clock } from "./clock.ts";
import type { Packet } from "./packet.ts";

/** net.core.netdev_max_backlog */
const BACKLOG_LIMIT = 1000;
/** Packets handled before timers and programs get their turn (net.core.netdev_budget). */
const BUDGET = 300;
/** What a hop costs in virtual time, nanoseconds. */
const HOP_COST = 10_000;

const RING = 1024; // power of two above the limit

export class Softirq {
  readonly #clock: Clock;
  readonly #ring: (Packet | undefined)[] = new Array<Packet | undefined>(RING).fill(undefined);
  #head = 0;
  #length = 0;
  #running = false;
  /** Set by receive.ts: the way up from a device. */
  receive: (packet: Packet) => void = () => {};
  /** Frames that found the backlog full (second column of /proc/net/softnet_stat). */
  dropped = 0;
  processed = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get pending(): boolean {
    return this.#length > 0;
  }

  /** netif_rx(). False if the backlog is full; the caller counts the drop. */
  enqueue(packet: Packet): boolean {
    if (this.#length >= BACKLOG_LIMIT) {
      this.dropped++;
      return false;
    }
    this.#ring[(this.#head + this.#length++) & (RING - 1)] = packet;
    return true;
  }

  /** Works off the backlog, at most one budget. Does nothing when called from inside itself. */
  run(): void {
    if (this.#running) return;
    this.#running = true;
    let left = BUDGET;
    while (this.#length > 0 && left-- > 0) {
      const packet = this.#ring[this.#head] as Packet;
      this.#ring[this.#head] = undefined;
      this.#head = (this.#head + 1) & (RING - 1);
      this.#length--;
      this.processed++;
      this.#clock.now += HOP_COST;
      this.receive(packet);
    }
    this.#running = false;
  }
}

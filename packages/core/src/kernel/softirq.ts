// The per-CPU backlog (net/core/dev.c: enqueue_to_backlog, process_backlog): where every hop waits, so that a loop of
// devices is a queue that is worked off and bounded, not a recursion. One CPU.

import type { Clock } from "./clock.ts";
import type { Packet } from "./packet.ts";

/** What a hop costs in virtual time, nanoseconds. */
const HOP_COST = 10_000;

const FIRST_RING = 1024; // places; always a power of two

export class Softirq {
  readonly #clock: Clock;
  #ring: (Packet | undefined)[] = new Array<Packet | undefined>(FIRST_RING).fill(undefined);
  #mask = FIRST_RING - 1;
  #head = 0;
  #length = 0;
  #running = false;
  /** Set by receive.ts: the way up from a device. */
  receive: (packet: Packet) => void = () => {};
  /** Frames that found the backlog full (second column of /proc/net/softnet_stat). */
  dropped = 0;
  processed = 0;
  /** net.core.netdev_max_backlog */
  #limit = 1000;
  /** How many packets fit without a look at limit and ring. */
  #room = 1000;
  /** Packets handled before timers and programs get their turn (net.core.netdev_budget). */
  budget = 300;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get pending(): boolean {
    return this.#length > 0;
  }

  get limit(): number {
    return this.#limit;
  }

  set limit(limit: number) {
    this.#limit = limit;
    this.#room = Math.min(limit, this.#ring.length);
  }

  /** netif_rx(). False if the backlog is full; the caller counts the drop. */
  enqueue(packet: Packet): boolean {
    if (this.#length >= this.#room) {
      if (this.#length >= this.#limit) {
        this.dropped++;
        return false;
      }
      this.#grow();
    }
    this.#ring[(this.#head + this.#length++) & this.#mask] = packet;
    return true;
  }

  #grow(): void {
    const waiting = Array.from(
      { length: this.#length },
      (_, at) => this.#ring[(this.#head + at) & this.#mask],
    );
    const size = 2 * this.#ring.length;
    this.#ring = [...waiting, ...new Array<Packet | undefined>(size - waiting.length).fill(undefined)];
    this.#mask = size - 1;
    this.#head = 0;
    this.limit = this.#limit;
  }

  /** Works off the backlog, at most one budget. Does nothing when called from inside itself. */
  run(): void {
    if (this.#running) return;
    this.#running = true;
    let left = Math.max(1, this.budget);
    while (this.#length > 0 && left-- > 0) {
      const packet = this.#ring[this.#head] as Packet;
      this.#ring[this.#head] = undefined;
      this.#head = (this.#head + 1) & this.#mask;
      this.#length--;
      this.processed++;
      this.#clock.now += HOP_COST;
      this.receive(packet);
      if (packet.ended) packet.recycle();
    }
    this.#running = false;
  }
}

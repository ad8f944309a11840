// The kernel's one clock: time since boot and a queue of timers with a fixed order. It never looks at real time; the
// driver (see scheduler.ts) decides whether time jumps to the next timer (virtual) or follows the host (real).

import type { Microseconds, Nanoseconds, Timer } from "../system/system.ts";

class ClockTimer implements Timer {
  readonly at: Nanoseconds;
  readonly order: number;
  fire: (() => void) | undefined;
  constructor(at: Nanoseconds, order: number, fire: () => void) {
    this.at = at;
    this.order = order;
    this.fire = fire;
  }
  cancel(): void {
    this.fire = undefined;
  }
}

/** Uptime of the embedded host when its first process starts. */
const UPTIME_AT_START: Nanoseconds = 60_000_000_000;

export class Clock {
  /** Since boot. Advanced by the driver and, by the cost of each hop, while frames are processed. */
  now: Nanoseconds = UPTIME_AT_START;
  /** Wall-clock time at boot. */
  readonly bootTime: Microseconds;
  readonly #heap: ClockTimer[] = [];
  #order = 0;

  constructor(bootTime: Microseconds) {
    this.bootTime = bootTime;
  }

  realtime(): Microseconds {
    return this.bootTime + Math.floor(this.now / 1000);
  }

  /** Timers of the same instant fire in the order in which they were set. */
  after(delay: Nanoseconds, fire: () => void): Timer {
    const timer = new ClockTimer(this.now + Math.max(0, Math.round(delay)), this.#order++, fire);
    const heap = this.#heap;
    let hole = heap.length;
    heap.push(timer);
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const above = heap[parent] as ClockTimer;
      if (!before(timer, above)) break;
      heap[hole] = above;
      hole = parent;
    }
    heap[hole] = timer;
    return timer;
  }

  /** When the earliest timer is due; undefined if none is set. */
  next(): Nanoseconds | undefined {
    let top = this.#heap[0];
    while (top !== undefined && top.fire === undefined) {
      this.#pop();
      top = this.#heap[0];
    }
    return top?.at;
  }

  /** Fires the earliest timer if it is due. False if none was. */
  fireDue(): boolean {
    const at = this.next();
    if (at === undefined || at > this.now) return false;
    const timer = this.#pop();
    const fire = timer.fire;
    timer.fire = undefined;
    fire?.();
    return true;
  }

  #pop(): ClockTimer {
    const heap = this.#heap;
    const top = heap[0] as ClockTimer;
    const last = heap.pop() as ClockTimer;
    const length = heap.length;
    if (length === 0) return top;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= length) break;
      if (child + 1 < length && before(heap[child + 1] as ClockTimer, heap[child] as ClockTimer)) child++;
      if (!before(heap[child] as ClockTimer, last)) break;
      heap[hole] = heap[child] as ClockTimer;
      hole = child;
    }
    heap[hole] = last;
    return top;
  }
}

function before(a: ClockTimer, b: ClockTimer): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

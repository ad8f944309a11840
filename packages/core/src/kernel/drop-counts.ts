// How many packets ended, and why. Counting is on the path of a packet: what drops, mostly drops for one reason, so the
// counter that was last in use is found without a look into the table.

import type { DropReason } from "../trace/drop-reason.ts";

interface Counter {
  readonly reason: DropReason;
  count: number;
}

export class DropCounts {
  readonly #counters = new Map<DropReason, Counter>();
  #last: Counter | undefined = undefined;

  add(reason: DropReason): void {
    let counter = this.#last;
    if (counter === undefined || counter.reason !== reason) {
      counter = this.#counter(reason);
      this.#last = counter;
    }
    counter.count++;
  }

  #counter(reason: DropReason): Counter {
    let counter = this.#counters.get(reason);
    if (counter === undefined) {
      counter = { reason, count: 0 };
      this.#counters.set(reason, counter);
    }
    return counter;
  }

  get(reason: DropReason): number {
    return this.#counters.get(reason)?.count ?? 0;
  }

  /** In the order in which the reasons first came up. */
  *[Symbol.iterator](): Generator<Readonly<Counter>> {
    yield* this.#counters.values();
  }
}

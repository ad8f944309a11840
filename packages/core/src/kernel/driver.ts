// Who runs next: packets, timers, programs. Programs are async functions, so "nobody is runnable" means that a turn of the
// host's event loop has passed and nothing happened. Virtual: time then jumps to the next timer. Real: it follows the host.

import { Stalled } from "../system/stalled.ts";
import type { Nanoseconds, Timer } from "../system/system.ts";
import type { Kernel } from "./kernel.ts";

/** What the driver needs of its host (Node or a browser). */
export interface HostLoop {
  /** Resolves after everything that is runnable now has run: one turn of the event loop. */
  turn(): Promise<void>;
  /** Resolves after the promises that are settled have run what waits for them, without a turn of the event loop. */
  drain?(): Promise<void>;
  /** Present if the clock is to follow the host's. */
  readonly realTime?: {
    /** Monotonic. */
    now(): Nanoseconds;
    /** Resolves after `delay` or when `wake` is called, whichever is first. */
    sleep(delay: Nanoseconds | undefined): Promise<void>;
    wake(): void;
  };
}

/** Timers fired in one go before programs get their turn. */
const TIMERS_PER_TURN = 1000;
/** Times that promises only are waited for before the event loop gets its turn, for signals to be noticed. */
const DRAINS_PER_TURN = 16;

/** Time in which only the kernel's own timers have fired, while no program waits for a deadline: nothing will wake one any more. */
const IDLE_LIMIT: Nanoseconds = 31 * 86_400 * 1e9;

export class Driver {
  readonly #kernel: Kernel;
  readonly #host: HostLoop;
  #holds = 0;
  /** Of programs. */
  #deadlines = 0;
  /** When a program has last done something. */
  #lastActive: Nanoseconds = 0;
  /** Runs that go on when nobody holds the time any more. */
  readonly #held: (() => void)[] = [];
  #settling = false;

  constructor(kernel: Kernel, host: HostLoop) {
    this.#kernel = kernel;
    this.#host = host;
  }

  /** Keeps virtual time still until the returned function is called, for work that takes only real time. */
  hold(): () => void {
    this.#holds++;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      if (--this.#holds === 0) for (const goOn of this.#held.splice(0)) goOn();
      this.#host.realTime?.wake();
    };
  }

  /** A deadline of a program. */
  after(delay: Nanoseconds, fire: () => void): Timer {
    const { clock } = this.#kernel;
    let isAhead = true;
    const end = (): void => {
      if (!isAhead) return;
      isAhead = false;
      this.#deadlines--;
      this.active();
    };
    this.#deadlines++;
    const timer = clock.after(delay, () => {
      end();
      fire();
    });
    return {
      cancel: () => {
        end();
        timer.cancel();
      },
    };
  }

  /** A program has done something. */
  active(): void {
    this.#lastActive = this.#kernel.clock.now;
  }

  /** The end of a system call: what it set off (one budget of packets, work that is due) happens now. */
  settle(): void {
    if (this.#settling) return;
    this.#settling = true;
    try {
      const { softirq, clock } = this.#kernel;
      softirq.run();
      let left = TIMERS_PER_TURN;
      while (left-- > 0 && clock.fireDue()) softirq.run();
    } finally {
      this.#settling = false;
    }
  }

  /** Runs the system until `done` says so. */
  async run(done: () => boolean): Promise<void> {
    const { clock, softirq } = this.#kernel;
    const { realTime } = this.#host;
    const offset = realTime ? clock.now - realTime.now() : 0;
    let drains = 0;
    this.active();
    for (;;) {
      const drained = this.#host.drain !== undefined && drains++ < DRAINS_PER_TURN;
      if (drained) await this.#host.drain?.();
      else await this.#host.turn();
      if (!drained) drains = 0;
      if (done()) return;
      if (realTime) clock.now = Math.max(clock.now, realTime.now() + offset);
      else if (this.#holds > 0) {
        await new Promise<void>((resolve) => this.#held.push(resolve));
        continue;
      }
      const next = clock.next();
      if (softirq.pending || (next !== undefined && next <= clock.now)) {
        this.settle();
        continue;
      }
      if (drained) {
        // whoever waits for the host itself may still be about to run
        drains = DRAINS_PER_TURN;
        continue;
      }
      if (realTime) await realTime.sleep(next === undefined ? undefined : next - clock.now);
      else if (next === undefined || this.#isIdle(next)) throw new Stalled();
      else {
        clock.now = next;
        this.settle();
      }
    }
  }

  #isIdle(next: Nanoseconds): boolean {
    return this.#deadlines === 0 && next - this.#lastActive > IDLE_LIMIT;
  }
}

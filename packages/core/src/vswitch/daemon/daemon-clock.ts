// The clock of a daemon that was started with --enable-dummy (Open vSwitch's lib/timeval.c): it can be stopped, and it can be
// moved on by hand, after which the daemon does what has become due. Its timers are its own, because those of the system do
// not stop with it.

import type { Nanoseconds, Timer } from "../../system/system.ts";
import type { DatapathClock } from "../datapath/datapath.ts";

/** Time that goes on whatever the daemon thinks. */
export interface TrueTime {
  monotonic(): Nanoseconds;
  after(delay: Nanoseconds, fire: () => void): Timer;
}

interface DaemonTimer extends Timer {
  readonly at: Nanoseconds;
  fire: (() => void) | undefined;
}

export class DaemonClock implements DatapathClock {
  readonly #true: TrueTime;
  /** Ascending by time, equal ones as they were set. */
  readonly #timers: DaemonTimer[] = [];
  #armed: { readonly timer: Timer; readonly at: Nanoseconds } | undefined;
  #warp: Nanoseconds = 0;
  #stoppedAt: Nanoseconds | undefined;
  /** The end of a time/warp that is going on. */
  #warping: (() => void) | undefined;

  constructor(time: TrueTime) {
    this.#true = time;
  }

  get now(): Nanoseconds {
    return (this.#stoppedAt ?? this.#true.monotonic()) + this.#warp;
  }

  get stopped(): boolean {
    return this.#stoppedAt !== undefined;
  }

  after(delay: Nanoseconds, fire: () => void): Timer {
    const timer: DaemonTimer = {
      at: this.now + Math.max(0, Math.round(delay)),
      fire,
      cancel() {
        this.fire = undefined;
      },
    };
    let place = this.#timers.length;
    while (place > 0 && (this.#timers[place - 1] as DaemonTimer).at > timer.at) place--;
    this.#timers.splice(place, 0, timer);
    this.#arm();
    return timer;
  }

  /** Sees to it that what is next is done in time; while the clock stands, only what is due already. */
  #arm(): void {
    while (this.#timers[0] && this.#timers[0].fire === undefined) this.#timers.shift();
    const next = this.#timers[0];
    if (next === undefined) return;
    const { now } = this;
    if (next.at > now && this.#stoppedAt !== undefined) return;
    if (this.#armed && this.#armed.at <= next.at) return;
    this.#armed?.timer.cancel();
    const timer = this.#true.after(next.at - now, () => {
      this.#armed = undefined;
      this.#runDue();
    });
    this.#armed = { timer, at: next.at };
  }

  /** One turn of the daemon's main loop: what is due now, but not what that makes due. */
  #runDue(): void {
    const { now } = this;
    let count = 0;
    while (count < this.#timers.length && (this.#timers[count] as DaemonTimer).at <= now) count++;
    for (const timer of this.#timers.splice(0, count)) {
      const { fire } = timer;
      timer.fire = undefined;
      fire?.();
    }
    this.#arm();
  }

  /** time/stop */
  stop(): void {
    this.#stoppedAt ??= this.#true.monotonic();
  }

  get warping(): boolean {
    return this.#warping !== undefined;
  }

  /**
   * time/warp: moves on by `total` in steps of `step`, or by one step if there is no total; between the steps the daemon
   * does what has become due. `done` is called after the last step.
   */
  warp(total: Nanoseconds, step: Nanoseconds, done: () => void): void {
    this.#warping = done;
    let left = total;
    const move = (): void => {
      const by = left === 0 ? step : Math.min(step, left);
      left = Math.max(0, left - by);
      this.#warp += by;
      // what was armed for a time that has now passed comes at once
      this.#armed?.timer.cancel();
      this.#armed = undefined;
      this.#runDue();
      if (left > 0) this.#true.after(0, move);
      else {
        this.#warping = undefined;
        this.#true.after(0, done);
      }
    };
    move();
  }
}

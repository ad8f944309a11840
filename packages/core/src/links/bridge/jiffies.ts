// Time as net/bridge counts it. Timers of the bridge run on jiffies (1/HZ s) and user space sees them in USER_HZ
// (1/100 s), so that what a user sets or reads is rounded through both (include/linux/jiffies.h, kernel/time/timer.c).

import type { Kernel } from "../../kernel/kernel.ts";
import type { Timer } from "../../system/system.ts";

/** 1/HZ s. */
export type Jiffies = number;
/** 1/100 s, clock_t of USER_HZ. */
export type ClockTicks = number;

const USER_HZ = 100;
const NANOSECONDS_PER_SECOND = 1_000_000_000;
/** The counter starts five minutes before its low 32 bits wrap (INITIAL_JIFFIES); it shows where timers are rounded. */
const WRAP = 0x1_0000_0000;
const SECONDS_BEFORE_WRAP = 300;

/** clock_t_to_jiffies() */
export function clockToJiffies(ticks: ClockTicks, hz: number): Jiffies {
  return Math.floor((ticks * hz) / USER_HZ);
}

/** jiffies_to_clock_t() and jiffies_delta_to_clock_t(): never negative. */
export function jiffiesToClock(jiffies: Jiffies, hz: number): ClockTicks {
  return Math.max(0, Math.floor((jiffies * USER_HZ) / hz));
}

/** A span of the kernel's clock in USER_HZ. */
export function nanosecondsToClock(span: number, hz: number): ClockTicks {
  return jiffiesToClock(Math.floor((span / NANOSECONDS_PER_SECOND) * hz), hz);
}

/** round_jiffies(): moves a timer that need not be exact to a full second, so that wake-ups fall together. */
export function roundJiffies(kernel: Kernel, expires: Jiffies): Jiffies {
  const { hz } = kernel.profile;
  const start = WRAP - SECONDS_BEFORE_WRAP * hz;
  const absolute = start + expires;
  const rest = absolute % hz;
  const rounded = (rest < hz / 4 ? absolute - rest : absolute - rest + hz) - start;
  return rounded > kernel.jiffies ? rounded : expires;
}

/** struct timer_list: one expiry at a time, which can be moved. */
export class JiffyTimer {
  readonly #kernel: Kernel;
  readonly #fire: () => void;
  #timer: Timer | undefined;
  #expires: Jiffies = 0;

  constructor(kernel: Kernel, fire: () => void) {
    this.#kernel = kernel;
    this.#fire = fire;
  }

  get pending(): boolean {
    return this.#timer !== undefined;
  }

  /** mod_timer(jiffies + delay) */
  start(delay: Jiffies): void {
    this.startAt(this.#kernel.jiffies + delay);
  }

  /** mod_timer(expires) */
  startAt(expires: Jiffies): void {
    const { clock, profile } = this.#kernel;
    this.#timer?.cancel();
    this.#expires = expires;
    const due = (expires * NANOSECONDS_PER_SECOND) / profile.hz;
    this.#timer = clock.after(due - clock.now, () => {
      this.#timer = undefined;
      this.#fire();
    });
  }

  /** del_timer() */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** br_timer_value(): what is left, in USER_HZ; 0 if it does not run. */
  get left(): ClockTicks {
    if (this.#timer === undefined) return 0;
    return jiffiesToClock(this.#expires - this.#kernel.jiffies, this.#kernel.profile.hz);
  }
}

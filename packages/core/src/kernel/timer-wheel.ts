// Timers of the kernel's protocols (kernel/time/timer.c): they count jiffies, and the farther away they are the coarser is the
// wheel that they hang on, so that they fire late by up to a granule. Seen from outside: a neighbour that does not answer fails
// after 3.05 s, not after 3. Programs' timers (poll, nanosleep) are exact; they take the clock directly.

import type { Nanoseconds, Timer } from "../system/system.ts";
import { SECOND } from "../system/system.ts";
import type { Kernel } from "./kernel.ts";

/** Slots of a level, and by how many bits each level is coarser than the one below. */
const LEVEL_BITS = 6;
const LEVEL_SHIFT = 3;
const LEVELS = 9;

/** The level for a timer that is `delta` jiffies away (calc_wheel_index). */
function levelFor(delta: number): number {
  let level = 0;
  while (level < LEVELS - 1 && delta >= (2 ** LEVEL_BITS - 1) * 2 ** (LEVEL_SHIFT * level)) level++;
  return level;
}

/** When a timer for `at` really fires, as the time since boot. */
export function wheelTime(kernel: Kernel, at: Nanoseconds): Nanoseconds {
  const jiffy = SECOND / kernel.profile.hz;
  const now = Math.floor(kernel.clock.now / jiffy);
  const expires = Math.max(now, Math.ceil(at / jiffy));
  const granule = 2 ** (LEVEL_SHIFT * levelFor(expires - now));
  return (Math.floor(expires / granule) + 1) * granule * jiffy;
}

/** Like clock.after(), with the wheel's granularity. */
export function afterOnWheel(kernel: Kernel, delay: Nanoseconds, fire: () => void): Timer {
  const { clock } = kernel;
  return clock.after(wheelTime(kernel, clock.now + delay) - clock.now, fire);
}

// Rates of traffic control (net/sched/sch_generic.c, psched_*): tokens are nanoseconds at a rate.

/** Of 64 nanoseconds (PSCHED_SHIFT): what programs give bursts in. */
const TICKS = 15_625_000; // a second
const TICK = 64; // nanoseconds

/** A shorter frame counts as one of these bytes (mpu). */
export const LEAST_BYTES = 60;

/** How long bytes take, nanoseconds. */
export function durationOf(bytes: number, rate: number): number {
  return Math.floor((bytes * 1e9) / rate);
}

/** Ticks of a bucket, which are unsigned. */
export function ticksOf(nanoseconds: number): number {
  return Math.min(0xffff_ffff, Math.floor(nanoseconds / TICK));
}

/** Ticks of tokens, of which there may be less than none. */
export function signedTicksOf(nanoseconds: number): number {
  return Math.max(-0x8000_0000, Math.min(0x7fff_ffff, Math.floor(nanoseconds / TICK)));
}

/** A bucket of so many bytes, as the interface in ticks has it, nanoseconds. */
export function bucketOf(bytes: number, rate: number): number {
  return Math.floor((TICKS * bytes) / rate) * TICK;
}

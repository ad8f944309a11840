// A test while it runs, on either side: bytes move and intervals are reported until it is over.

import type { Process } from "../../system/process.ts";
import { SECOND } from "../../system/system.ts";
import type { Mover } from "./mover.ts";
import type { Report } from "./report.ts";
import type { Control } from "./control.ts";
import type { IntervalResult } from "./stream.ts";

export interface RunOptions {
  /** Seconds between reports; 0: none. */
  readonly interval: number;
  /** Seconds; undefined: until the peer says so. */
  readonly duration: number | undefined;
  /** True when a signal has asked for the end. */
  readonly stopped: () => boolean;
}

/** What was told of all streams in one interval. */
export type Interval = readonly IntervalResult[];

/** Runs until the time is up, all is sent, or the peer says something on the control connection. */
export async function runTest(
  process: Process,
  mover: Mover,
  control: Control,
  report: Report,
  options: RunOptions,
): Promise<Interval[]> {
  const { interval, duration } = options;
  const intervals: Interval[] = [];
  let start = 0;
  let next = interval > 0 ? interval : Number.POSITIVE_INFINITY;
  const finish = (): void => {
    const end = mover.elapsed;
    const results = mover.streams.map((stream) => stream.takeInterval(start, end));
    if (report.counts(results)) {
      if (intervals.length > 0 && results.length > 1) report.rule();
      intervals.push(results);
      report.interval(mover.streams, results);
    }
    start = end;
  };
  for (;;) {
    const until = Math.min(next, duration ?? Number.POSITIVE_INFINITY);
    const more = mover.move(until);
    const now = mover.elapsed;
    const over = mover.isDone || (duration !== undefined && now >= duration) || options.stopped();
    if (now >= next && !over) {
      finish();
      next += interval;
    }
    if (over || control.ready) break;
    if (more) {
      // The peer and its packets get their turn.
      await process.wait([], 0);
      continue;
    }
    const left = Number.isFinite(until) ? Math.max(0, (until - now) * SECOND) : undefined;
    const pause = mover.pace === undefined ? left : Math.min(mover.pace, left ?? mover.pace);
    await process.wait([control.socket.input, ...mover.waitables()], pause);
  }
  for (const stream of mover.streams) stream.endTime = mover.elapsed;
  finish();
  return intervals;
}

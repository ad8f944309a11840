import { expect, test } from "vitest";
import { Clock } from "../../kernel/clock.ts";
import { DaemonClock } from "./daemon-clock.ts";

const SECOND = 1e9;

class Bed {
  readonly kernel = new Clock(0);
  readonly log: string[] = [];
  readonly clock = new DaemonClock({
    monotonic: () => this.kernel.now,
    after: (delay, fire) => this.kernel.after(delay, fire),
  });

  note(name: string, seconds: number): void {
    this.clock.after(seconds * SECOND, () => this.log.push(name));
  }

  /** Lets true time pass. */
  pass(seconds: number): void {
    const until = this.kernel.now + seconds * SECOND;
    for (let next = this.kernel.next(); next !== undefined && next <= until; next = this.kernel.next()) {
      this.kernel.now = Math.max(this.kernel.now, next);
      this.kernel.fireDue();
    }
    this.kernel.now = until;
  }
}

test("goes with true time until it is stopped", () => {
  const bed = new Bed();
  bed.note("later", 5);
  bed.note("sooner", 1);
  bed.pass(2);
  expect(bed.log).toEqual(["sooner"]);
  bed.clock.stop();
  const { now } = bed.clock;
  bed.pass(60);
  expect(bed.log).toEqual(["sooner"]);
  expect(bed.clock.now).toBe(now);
});

test("does what is due at once even while it stands", () => {
  const bed = new Bed();
  bed.clock.stop();
  bed.note("now", 0);
  bed.note("cancelled", 0);
  bed.clock.after(0, () => bed.log.push("never")).cancel();
  bed.pass(0);
  expect(bed.log).toEqual(["now", "cancelled"]);
});

test("a warp of one step fires what has become due once, in order", () => {
  const bed = new Bed();
  bed.clock.stop();
  const tick = (): void => {
    bed.log.push("tick");
    bed.clock.after(SECOND, tick);
  };
  bed.clock.after(SECOND, tick);
  bed.note("after three seconds", 3);
  bed.clock.warp(0, 5 * SECOND, () => bed.log.push("warped"));
  bed.pass(0);
  expect(bed.log).toEqual(["tick", "after three seconds", "warped"]);
});

test("a large warp is made in steps, and the last is what is left", () => {
  const bed = new Bed();
  bed.clock.stop();
  const start = bed.clock.now;
  const tick = (): void => {
    bed.log.push(String((bed.clock.now - start) / SECOND));
    bed.clock.after(SECOND, tick);
  };
  bed.clock.after(SECOND, tick);
  bed.clock.warp(2.5 * SECOND, SECOND, () => bed.log.push("warped"));
  expect(bed.clock.warping).toBe(true);
  bed.pass(0);
  expect(bed.log).toEqual(["1", "2", "warped"]);
  expect(bed.clock.now - start).toBe(2.5 * SECOND);
});

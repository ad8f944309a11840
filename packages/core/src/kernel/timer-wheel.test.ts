import { describe, expect, test } from "vitest";
import { MILLISECOND, SECOND } from "../system/system.ts";
import { Kernel } from "./kernel.ts";
import { profileOf } from "./profile.ts";
import { wheelTime } from "./timer-wheel.ts";

describe("the timer wheel", () => {
  const kernel = new Kernel({ profile: profileOf("linux-6.1"), seed: 1, bootTime: 0 }); // 250 jiffies a second
  const late = (delay: number): number =>
    (wheelTime(kernel, kernel.clock.now + delay) - kernel.clock.now - delay) / MILLISECOND;

  test.each([
    ["a near timer by a jiffy", 40 * MILLISECOND, 4, 4],
    ["one of a second by up to 8", SECOND, 4, 32],
    ["one of five seconds by up to 64", 5 * SECOND, 4, 256],
    ["one of half a minute by up to 512", 30 * SECOND, 4, 2048],
  ])("fires %s late", (_, delay, least, most) => {
    for (let jiffies = 0; jiffies < 2000; jiffies += 7) {
      kernel.clock.now = 60 * SECOND + jiffies * 4 * MILLISECOND;
      expect(late(delay)).toBeGreaterThanOrEqual(least);
      expect(late(delay)).toBeLessThanOrEqual(most);
    }
  });
});

import { describe, expect, test } from "vitest";
import { Policer } from "./policer.ts";

const SECOND = 1e9;

describe("a policer", () => {
  test("passes its burst at once, then its rate", () => {
    const policer = new Policer({ rate: 1000, burst: 3000, packetRate: 0, packetBurst: 0 }, 1, 0);
    const passes = (at: number) => policer.passes(1000, at);
    expect([0, 0, 0, 0].map(passes)).toEqual([true, true, true, false]);
    expect(passes(SECOND / 2)).toBe(false);
    expect(passes(SECOND)).toBe(true);
    expect(passes(SECOND)).toBe(false);
    expect(policer).toMatchObject({ packets: 7, bytes: 7000, drops: 3 });
  });

  test("counts packets whatever their length", () => {
    const policer = new Policer({ rate: 0, burst: 0, packetRate: 10, packetBurst: 2 }, 1, 0);
    expect([0, 0, 0].map((at) => policer.passes(60_000, at))).toEqual([true, true, false]);
    expect(policer.passes(1, SECOND / 10)).toBe(true);
  });
});

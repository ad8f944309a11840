import { expect, test } from "vitest";
import type { SeenDevice } from "../../system/network-capture.ts";
import { Lookout } from "./lookout.ts";

const device = (netns: number): SeenDevice => ({
  number: netns,
  netns,
  ifindex: 2,
  name: "eth0",
  hardwareType: 1, // Ethernet
  address: 0,
});

test("a storm in one namespace hides nothing of another one, and has a limit", () => {
  const lookout = new Lookout(true);
  const bytes = new Uint8Array(16).fill(0xa5);
  const seen = { bytes, mac: 0, end: 16, vlanTci: -1, vlanTpid: 0, traceId: 0, journey: 0 };
  let now = 0;
  const clock = { realtime: () => now, now: 0 };
  for (; now < 100_000; now++) lookout.frame(seen, device(1), false, clock);
  const storm = lookout.sightings.length;
  expect(storm).toBeLessThan(100_000);
  lookout.frame(seen, device(2), true, clock);
  expect(lookout.sightings.slice(storm).map(({ device: { netns } }) => netns)).toEqual([2]);
});

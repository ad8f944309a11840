// The backlog: first in, first out, bounded by net.core.netdev_max_backlog, which may be raised and lowered.

import { expect, test } from "vitest";
import { Clock } from "./clock.ts";
import type { Packet } from "./packet.ts";
import { Softirq } from "./softirq.ts";

const packet = (mark: number): Packet => ({ mark }) as Packet;

function filled(count: number, limit?: number): { readonly softirq: Softirq; readonly seen: number[] } {
  const softirq = new Softirq(new Clock(0));
  const seen: number[] = [];
  softirq.receive = ({ mark }) => seen.push(mark);
  if (limit !== undefined) softirq.limit = limit;
  for (let mark = 0; mark < count; mark++) softirq.enqueue(packet(mark));
  return { softirq, seen };
}

test("more than the limit is dropped and counted", () => {
  const { softirq } = filled(1500);
  expect(softirq.dropped).toBe(500);
});

test("a budget is worked off in one run, in order", () => {
  const { softirq, seen } = filled(1000);
  softirq.run();
  expect(seen).toEqual(Array.from({ length: 300 }, (_, mark) => mark));
});

test("a raised limit makes room behind a moving head", () => {
  const { softirq, seen } = filled(1000);
  softirq.run();
  softirq.limit = 5000;
  for (let mark = 1000; mark < 5000; mark++) softirq.enqueue(packet(mark));
  expect(softirq.dropped).toBe(0);
  while (softirq.pending) softirq.run();
  expect(seen).toEqual(Array.from({ length: 5000 }, (_, mark) => mark));
});

test("a lowered limit refuses until the queue is below it", () => {
  const { softirq } = filled(100);
  softirq.limit = 50;
  expect(softirq.enqueue(packet(1))).toBe(false);
  softirq.run();
  expect(softirq.enqueue(packet(1))).toBe(true);
});

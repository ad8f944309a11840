// The flow that was found last answers first, and only as long as it is there.

import { expect, test } from "vitest";
import { newFlow, W } from "../../ovsproto/flow/flow.ts";
import type { Flow } from "../../ovsproto/flow/flow.ts";
import { DpFlow, FlowTable } from "./flow-table.ts";

function words(values: Readonly<Record<number, number>>): Flow {
  const flow = newFlow();
  for (const [at, value] of Object.entries(values)) flow[Number(at)] = value;
  return flow;
}

const ALL = 0xffff_ffff;
const flowTo = (port: number, destination: number) =>
  new DpFlow(
    words({ [W.IN_PORT]: port, [W.ETH_DST + 1]: destination }),
    words({ [W.IN_PORT]: ALL, [W.ETH_DST + 1]: ALL }),
    `${port} ${destination}`,
    [],
  );

test("packets of one connection and of another with the same place in the cache find their own flows", () => {
  const table = new FlowTable();
  // the place is the exclusive or of these words, below the size of the cache
  const [one, other] = [flowTo(1, 2), flowTo(1, 2 + table.cacheSize)];
  table.insert(one);
  table.insert(other);
  for (const flow of [one, one, other, one, other, other]) expect(table.lookup(flow.key)).toBe(flow);
  expect([table.maskHits, table.cacheHits]).toEqual([6, 5]);
});

test("both ways of a connection share a place in the cache, which a packet that no flow takes empties", () => {
  const table = new FlowTable();
  const [there, back] = [flowTo(1, 2), flowTo(2, 2)];
  table.insert(there);
  for (const key of [there.key, there.key, back.key, there.key]) table.lookup(key);
  expect([table.maskHits, table.cacheHits]).toEqual([4, 1]);
});

test("a flow that is gone takes nothing, and neither does it when another with its mask has come", () => {
  const table = new FlowTable();
  const flow = flowTo(1, 2);
  const { key } = flow;
  table.insert(flow);
  table.lookup(key);
  expect(table.lookup(key)).toBe(flow);
  table.remove(flow);
  expect(table.lookup(key)).toBeUndefined();
  const neighbour = flowTo(1, 3);
  table.insert(neighbour);
  expect(table.lookup(key)).toBeUndefined();
  expect(table.lookup(neighbour.key)).toBe(neighbour);
});

test("a flow that no packet has met was never used", () => {
  const flow = flowTo(1, 2);
  expect(flow.used).toBeUndefined();
  flow.usedAt = 0;
  expect(flow.used).toBe(0);
  flow.resetCounters();
  expect(flow.used).toBeUndefined();
});

import { expect, test } from "vitest";
import { CaptureRing, WriterState } from "./capture-ring.ts";

test("a writer that does not start leaves nobody waiting, and is not waited for when it comes late", () => {
  const ring = new CaptureRing(undefined, 1);
  let filled = 0;
  for (; ring.free() !== undefined; filled++) ring.fill(1);
  expect(filled).toBeGreaterThan(10);
  expect(ring.state).toBe(WriterState.BROKEN);
  expect(new CaptureRing(ring.memory).start()).toBe(false);
  ring.waitUntilEnded();
});

test("what is filled on one side is taken on the other, up to the end", () => {
  const ring = new CaptureRing();
  const writer = new CaptureRing(ring.memory);
  expect(writer.start()).toBe(true);
  for (const word of [7, 8]) {
    ring.free()?.fill(word, 0, 3);
    ring.fill(3);
  }
  ring.fill(0);
  const taken: number[][] = [];
  while (writer.take((words, used) => taken.push([...words.subarray(0, used)])));
  expect(taken).toEqual([
    [7, 7, 7],
    [8, 8, 8],
  ]);
  expect(writer.waiting).toBe(false);
});

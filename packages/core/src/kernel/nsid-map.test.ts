import { expect, test } from "vitest";
import { boot } from "./boot.ts";
import { NsidMap } from "./nsid-map.ts";
import { createNetns } from "./netns-life.ts";
import { profileOf } from "./profile.ts";

test("ids are the lowest free ones, and lead back to their namespace", () => {
  const kernel = boot({ profile: profileOf("linux-6.1"), seed: 1, bootTime: 0 }, [], []);
  const [a, b, c] = [createNetns(kernel), createNetns(kernel), createNetns(kernel)];
  const ids = new NsidMap();
  expect(ids.lowestFree()).toBe(0);
  ids.set(a, 0).set(b, 1).set(c, 5);
  expect(ids.lowestFree()).toBe(2);
  expect(ids.owner(5)).toBe(c);
  ids.delete(a);
  expect(ids.lowestFree()).toBe(0);
  expect(ids.owner(0)).toBeUndefined();
  ids.set(a, 2);
  expect([...ids.values()]).toEqual([1, 5, 2]);
  ids.clear();
  expect([ids.size, ids.lowestFree(), ids.owner(5)]).toEqual([0, 0, undefined]);
});

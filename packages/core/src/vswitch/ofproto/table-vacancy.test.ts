// Vacancy events, with the numbers that ovs-vswitchd 3.1.0 shows for the same tables.

import { expect, test } from "vitest";
import { NO_FLOW_LIMIT, TableVacancy, vacancyOf } from "./table-vacancy.ts";

test("is what is free of the limit, rounded down", () => {
  expect([0, 1, 3, 10, 11].map((flows) => vacancyOf(flows, 10))).toEqual([100, 90, 70, 0, 0]);
  expect(vacancyOf(2, 3)).toBe(33);
  expect(vacancyOf(5, 0)).toBe(100);
  expect([0, 1].map((flows) => vacancyOf(flows, NO_FLOW_LIMIT))).toEqual([100, 99]);
});

test("is told once below the lower threshold and once above the upper one", () => {
  const vacancy = new TableVacancy();
  expect(vacancy.changed(0)).toBeUndefined();
  vacancy.configure(true, 20, 80, 100);
  expect([30, 20, 19, 10, 50, 80, 81, 100, 10].map((free) => vacancy.changed(free))).toEqual([
    undefined,
    undefined,
    3,
    undefined,
    undefined,
    undefined,
    4,
    undefined,
    3,
  ]);
});

test("a table that is fuller than the upper threshold waits for that one first", () => {
  const vacancy = new TableVacancy();
  vacancy.configure(true, 20, 80, 50);
  expect([10, 90].map((free) => vacancy.changed(free))).toEqual([undefined, 4]);
  vacancy.configure(false, 0, 0, 0);
  expect(vacancy.on).toBe(false);
  expect(vacancy.changed(10)).toBeUndefined();
});

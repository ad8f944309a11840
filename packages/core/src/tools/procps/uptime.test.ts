// uptime -p: the words of procps-ng 4.0 (library/uptime.c) for times that no test waits for.

import { expect, test } from "vitest";
import { pretty } from "./uptime.ts";

test.each([
  [0, "0 minutes"],
  [59, "0 minutes"],
  [60, "1 minute"],
  [3600, "1 hour"],
  [59_040, "16 hours, 24 minutes"],
  [86_400, "1 day"],
  [8 * 86_400 + 120, "1 week, 1 day, 2 minutes"],
  [365 * 86_400, "1 year, 1 day"],
  [11 * 365 * 86_400, "1 decade, 1 year, 1 week, 4 days"],
])("%i s", (seconds, text) => {
  expect(pretty(seconds)).toBe(text);
});

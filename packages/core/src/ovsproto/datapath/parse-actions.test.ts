import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { formatDpActions } from "./format-actions.ts";
import { parseDpActions } from "./parse-actions.ts";

/** What `ovs-appctl dpctl/parse-actions` of Open vSwitch 3.1.0 (Debian 12) made of each text; "refused" for an error. */
const recorded = readFileSync(new URL("fixtures/actions.txt", import.meta.url), "utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => line.split(" => ") as [string, string]);

test.each(recorded)("%s", (text, expected) => {
  const actions = parseDpActions(text);
  expect(typeof actions === "number" ? "refused" : formatDpActions(actions, undefined, 0)).toBe(expected);
});

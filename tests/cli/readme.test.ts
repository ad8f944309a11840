// The console blocks of README.md are what the program prints today, but for blanks at the ends of lines, which editors
// and formatters take away.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Command, root } from "./command.ts";

const command = new Command();
afterAll(() => command.remove());

test("the tour prints what README says", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const blocks = [...readme.matchAll(/^```console\n(.*?)^```$/gms)].map((match) => match[1] ?? "");
  expect(blocks.length).toBeGreaterThan(0);
  const { stdout, stderr, code } = command.run(["run", "--echo", join(root, "examples/tour.sh")]);
  expect([stderr, code]).toEqual(["", 0]);
  expect(blocks.join("")).toBe(stdout.replaceAll(/^# .*\n/gm, "").replaceAll(/ +$/gm, ""));
});

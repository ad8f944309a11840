// Against the machine's own sort in the locale C.

import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { parseSort, sortLines } from "./sort.ts";

const INPUT = [
  "in_port(1),eth(dst=1)",
  "in_port(1),eth_type(0x0806)",
  "In_port(2)",
  " b 10 x",
  "a 9 y",
  "a 10 y",
  "a 9 Y",
  "a:3:z",
  "a:20:b",
  "A:3:c",
  "",
  "-5 q",
  "1.5 q",
  "a 9 y",
];

test.each([
  [[]],
  [["-r"]],
  [["-u"]],
  [["-n"]],
  [["-nr"]],
  [["-f"]],
  [["-k2"]],
  [["-k2n"]],
  [["-k", "2,2nr", "-k1,1"]],
  [["-k2,2", "-s"]],
  [["-t:", "-k2n"]],
  [["-t", ":", "-k3.1,3.1r", "-u"]],
  [["-b", "-k1.1"]],
])("%j", (args) => {
  const real = spawnSync("sort", args, {
    input: `${INPUT.join("\n")}\n`,
    env: { LC_ALL: "C", PATH: "/usr/bin:/bin" },
  });
  const options = parseSort(args);
  const ours = options && sortLines(INPUT, options).map((line) => `${line}\n`);
  expect(ours?.join("")).toBe(String(real.stdout));
});

test("leaves to the library what it does not know", () => {
  for (const args of [["-V"], ["--help"], ["-o", "file"], ["-k0"]]) expect(parseSort(args)).toBeUndefined();
});

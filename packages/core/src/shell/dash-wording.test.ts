// Messages and exit codes of `sh -c`, as dash 0.5.12 of Debian 12 printed them.

import { expect, test } from "vitest";
import { coreutils } from "../tools/coreutils/programs.ts";
import { runProgram } from "./testing/test-system.ts";

test.each([
  ["nosuchcmd", "sh: 1: nosuchcmd: not found\n", 127],
  ["./nope", "sh: 1: ./nope: not found\n", 127],
  ["true < nope", "sh: 1: cannot open nope: No such file\n", 2],
  ["echo x > /nope/y", "sh: 1: cannot create /nope/y: Directory nonexistent\n", 2],
  ["cd /nope", "sh: 1: cd: can't cd to /nope\n", 2],
  ["[ abc -eq 1 ]", "sh: 1: [: Illegal number: abc\n", 2],
  ["[ 1 -eq 1", "sh: 1: [: missing ]\n", 2],
  ["set -u; echo $foo", "sh: 1: foo: parameter not set\n", 2],
  ["echo ${foo:?bar: unbound variable}", "sh: 1: foo: bar: unbound variable\n", 2],
  ["readonly x=1; x=2; echo after", "sh: 1: x: is read only\n", 2],
  ["nosuch1\nnosuch2", "sh: 1: nosuch1: not found\nsh: 2: nosuch2: not found\n", 127],
])("%s", async (script, stderr, code) => {
  const outcome = await runProgram(["sh", "-c", script], { programs: Object.fromEntries(coreutils) });
  expect(outcome).toMatchObject({ stdout: "", stderr, code });
});

// ps, pgrep, pkill and killall among the processes of a system.

import { expect, test } from "vitest";
import { shellPrograms } from "../../shell/programs.ts";
import { runBash } from "../../shell/testing/test-system.ts";
import { coreutils } from "../coreutils/programs.ts";
import { processPrograms } from "./processes.ts";

const programs = Object.fromEntries([...coreutils, ...processPrograms, ...shellPrograms]);

test("pgrep finds by name, -f by command line", async () => {
  const { stdout } = await runBash(
    "sleep 77 & sleep 88 & pgrep sleep | wc -l; pgrep -af '^sleep 8'; pgrep -c nope; pgrep -f '^sleep 7' -l",
    { programs },
  );
  expect(stdout.replace(/^\d{3} /gm, "PID ")).toBe("2\nPID sleep 88\n0\nPID sleep\n");
});

test("pkill sends a signal to all that match, killall to all of a name", async () => {
  const { stdout, stderr } = await runBash(
    "sleep 77 & a=$!; sleep 88 & b=$!; pkill -INT sleep; pkill sleep; wait $a; echo $?; wait $b; echo $?; killall sleep; echo $?",
    { programs },
  );
  expect(stdout).toBe("143\n143\n1\n");
  expect(stderr).toBe("sleep: no process found\n");
});

test("ps shows pids and commands", async () => {
  const { stdout } = await runBash("sleep 5 & ps -e -o pid=,args=; ps -p $! -o comm; ps -C sleep -o ppid= ", {
    programs,
  });
  expect(stdout).toMatch(
    /^ +\d+ bash -c .*\n +\d+ sleep 5\n +\d+ ps -e -o pid=,args=\nCOMMAND\nsleep\n +\d+\n$/,
  );
});

// The text tools over a system's files and streams. What each tool does is the library's business; here is what the
// adapter adds: files, /dev/fd, exit codes, the wording of errors, and that the clock stands still.

import { expect, test } from "vitest";
import { EmbeddedSystem } from "@patchcord/core/embedded.ts";
import { bashProgram } from "@patchcord/core/shell/bash.ts";
import { Process } from "@patchcord/core/system/process.ts";
import { descriptor, nullDescriptor, sinkOutput } from "@patchcord/core/system/streams.ts";
import { virtualTimeHost } from "../node-host.ts";
import { lookupProgram } from "../programs.ts";
import { readsInput } from "./input.ts";

/** Runs `bash -c SCRIPT` on an embedded system of its own. */
async function run(script: string): Promise<{ stdout: string; stderr: string; system: EmbeddedSystem }> {
  const system = new EmbeddedSystem({ host: virtualTimeHost });
  const written = ["", ""];
  const collect = (index: 0 | 1) => {
    const decoder = new TextDecoder();
    return descriptor({
      output: sinkOutput((bytes) => {
        written[index] += decoder.decode(bytes, { stream: true });
      }),
    });
  };
  const process = Process.start(system, lookupProgram, bashProgram, {
    argv: ["bash", "-c", script],
    cwd: "/tmp",
    env: new Map([["PATH", "/usr/bin:/bin"]]),
    fds: new Map([
      [0, nullDescriptor()],
      [1, collect(0)],
      [2, collect(1)],
    ]),
  });
  await system.run(() => process.status !== undefined);
  return { stdout: written[0] ?? "", stderr: written[1] ?? "", system };
}

test.each([
  [`printf '1: ab:cd:ef:00:11:22 x\\n' | sed 's/[0-9a-f:]\\{17\\}/MAC/'`, "1: MAC x\n"],
  [`printf 'a 1\\nb 22\\n' | sed -E 's/[0-9]+/N/' | awk '{print $2, $1}'`, "N a\nN b\n"],
  [`printf 'b\\na\\nc\\n' | sort -r | tr a-z A-Z | cut -c1 | paste -sd+`, "C+B+A\n"],
  [`echo '{"a":[1,{"b":"c"}]}' | jq -c '.a[1].b'`, '"c"\n'],
  [`echo hello > f; sed -i s/hello/bye/ f; cat f; awk 'END {print NR}' f`, "bye\n1\n"],
  [`sort <(printf 'b\\na\\n') | comm -12 - <(printf 'a\\nc\\n')`, "a\n"],
  [
    `echo 'a|b.c' | awk -F'|' '{print $2}'; echo a.b | awk -F. '{print $2}'; echo 'a|b' | awk -v FS='|' '{print $2}'`,
    "b.c\nb\nb\n",
  ],
  [`echo 'a+b' | awk 'BEGIN {FS="+"} {print $2}'; echo 'a b' | awk -v OFS=, '{$1=$1; print}'`, "b\na,b\n"],
  [
    `echo '{print NR, $1}' > p; echo x | awk -f p; echo x | sed -un p; which ip awk`,
    "1 x\nx\n/usr/bin/ip\n/usr/bin/awk\n",
  ],
  [`mkdir -p d/e; touch d/e/x; find d -type f`, "d/e/x\n"],
  [`printf 'a\\xffb' | tr a c | od -An -tx1`, " 63 ff 62\n"],
  [
    `cd /tmp; echo one > r; sed -n p < r; sed -n p r - <<< two; sed -n p /dev/stdin <<< three`,
    "one\none\ntwo\nthree\n",
  ],
])("%s", async (script, stdout) => {
  const outcome = await run(script);
  expect(outcome.stderr).toBe("");
  expect(outcome.stdout).toBe(stdout);
});

test("errors are worded as the real tools word them", async () => {
  const { stderr, stdout } = await run("for t in 'sed p' 'awk 1' sort; do $t /nope; echo $?; done");
  expect(stdout).toBe("2\n2\n2\n");
  expect(stderr).toBe(
    "sed: can't read /nope: No such file or directory\n" +
      "awk: cannot open /nope (No such file or directory)\n" +
      "sort: cannot read: /nope: No such file or directory\n",
  );
});

test("a virtual clock stands still while a tool works, and runs while it waits for input", async () => {
  const { stdout } = await run(
    "{ echo a; sleep 3; echo b; } | sed s/^/x/; sort <(sleep 2; echo c); echo $SECONDS",
  );
  expect(stdout).toBe("xa\nxb\nc\n5\n");
});

test.each([
  ["jq", ["."], true],
  ["jq", [".a", "file"], false],
  ["jq", ["--arg", "name", "value", "."], true],
  ["jq", ["-n", "1"], false],
  ["find", ["."], false],
  ["comm", ["a", "b"], false],
])("%s %j reads standard input: %s", (tool, args, reads) => {
  expect(readsInput(tool, args)).toBe(reads);
});

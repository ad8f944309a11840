// ovs-ofctl's commands that need no switch, against output recorded from the real one.

import { describe, expect, test } from "vitest";
import { TestSystem } from "../../shell/testing/test-system.ts";
import { exitCode, Process } from "../../system/process.ts";
import { bytesInput, descriptor, sinkOutput } from "../../system/streams.ts";
import { ovsOfctl } from "./ovs-ofctl.ts";
import { RECORDED_FLOWS, RECORDED_MESSAGES } from "./testing/recorded.ts";

async function run(words: readonly string[], input = "") {
  const system = new TestSystem();
  const decoder = new TextDecoder();
  const out = { stdout: "", stderr: "" };
  const collect = (name: "stdout" | "stderr") =>
    descriptor({ output: sinkOutput((bytes) => (out[name] += decoder.decode(bytes))) });
  const process = Process.start(system, () => undefined, ovsOfctl, {
    argv: ["ovs-ofctl", ...words],
    cwd: "/tmp",
    netns: system.initialNetns,
    fds: new Map([
      [0, descriptor({ input: bytesInput(new TextEncoder().encode(input)) })],
      [1, collect("stdout")],
      [2, collect("stderr")],
    ]),
  });
  await system.runUntil(() => process.status !== undefined);
  return { ...out, code: process.status ? exitCode(process.status) : -1 };
}

/** Without lines of the log, whose times differ. */
const unlogged = (text: string) => text.replace(/^[^\n|]*Z\|[^\n]*\n/gm, "");

describe("parse-flow", () => {
  test.each(RECORDED_FLOWS)("%s", async (flow, lines) => {
    const { stdout, stderr, code } = await run(["parse-flow", flow]);
    const text = code === 0 ? stdout : unlogged(stderr);
    expect(text.trimEnd().split("\n")).toEqual(lines);
  });
});

describe("ofp-print", () => {
  test.each(RECORDED_MESSAGES)("%s", async (hex, text, code) => {
    const result = await run(["ofp-print", hex]);
    expect({ stdout: result.stdout, code: result.code }).toEqual({ stdout: text, code });
  });
});

describe("what is wrong on the command line", () => {
  test.each([
    [[], "missing command name; use --help for help"],
    [["foo"], "unknown command 'foo'; use --help for help"],
    [["show"], "'show' command requires at least 1 arguments"],
    [["show", "a", "b"], "'show' command takes at most 1 arguments"],
    [["show", "nonexist"], "nonexist is not a bridge or a socket"],
    [["ofp-print", "00zz"], "trailing garbage following hex bytes"],
    [["-O", "OpenFlow99", "show", "br0"], 'Unknown OpenFlow version: "OpenFlow99"'],
  ])("%j", async (words, message) => {
    expect(await run(words)).toEqual({ stdout: "", stderr: `ovs-ofctl: ${message}\n`, code: 1 });
  });
});

test("actions and matches go through bytes and back", async () => {
  const actions = await run(["parse-actions", "OpenFlow11"], "0000 0010 00000001 0000 000000000000\n");
  expect(actions.stdout).toBe("actions=output:1\n\n");
  const fields = await run(["parse-nx-match"], "NXM_OF_ETH_TYPE(0800), NXM_OF_IP_SRC(0a010203)\n");
  expect(fields.stdout).toBe("NXM_OF_ETH_TYPE(0800), NXM_OF_IP_SRC(0a010203)\n");
});

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

describe("the log tells why actions are refused, as recorded", () => {
  test.each([
    [
      "OpenFlow10",
      "0000 0008 ffff 0000",
      "bad OpenFlow10 actions: OFPBAC_BAD_OUT_PORT\n\n",
      ["WARN|bad action at offset 0 (OFPBAC_BAD_OUT_PORT):", "00000000  00 00 00 08 ff ff 00 00-"],
    ],
    [
      "OpenFlow10",
      "ffff 0010 00002320 00f0 0000 00000000",
      "bad OpenFlow10 actions: OFPBAC_BAD_VENDOR_TYPE\n\n",
      [
        "WARN|unknown OpenFlow10 action for vendor 0x2320 and type 240",
        "WARN|bad action at offset 0 (OFPBAC_BAD_VENDOR_TYPE):",
        "00000000  ff ff 00 10 00 00 23 20-00 f0 00 00 00 00 00 00",
      ],
    ],
    [
      "OpenFlow12",
      "0019 0010 80003008 0000000000000000",
      "bad OpenFlow12 actions: OFPBAC_BAD_SET_LEN\n\n",
      [
        "WARN|bad action at offset 0 (OFPBAC_BAD_SET_LEN):",
        "00000000  00 19 00 10 80 00 30 08-00 00 00 00 00 00 00 00",
      ],
    ],
    [
      "OpenFlow12",
      "000a 0008 0050 0000",
      "actions=mod_tp_dst:80\n\n",
      ["INFO|OFPAT_SET_TP_DST is deprecated in OpenFlow12 (use Set-Field)"],
    ],
    [
      "OpenFlow10",
      "0000 000c 0001 0000 00000000",
      "bad OpenFlow10 actions: OFPBRC_BAD_LEN\n\n",
      ["WARN|OpenFlow message actions length 12 is not a multiple of 8"],
    ],
  ])("%s %s", async (version, hex, stdout, log) => {
    const result = await run(["parse-actions", version], `${hex}\n`);
    expect(result.stdout).toBe(stdout);
    expect(
      result.stderr
        .replace(/^.*\|ofp_actions\|/gm, "")
        .trimEnd()
        .split("\n"),
    ).toEqual(log);
  });
});

test.each([
  [
    ["0000", "0000"],
    " -> 0000/0000\nNXM: <any> -> 0000/0000\nOXM: <any> -> 0000/0000,--\n" +
      "OF1.0: 0000/1,00/1 -> 0000/0000\nOF1.1: 0000/1,00/1 -> 0000/0000\n",
  ],
  [
    ["1009", "1fff"],
    "dl_vlan=9 -> 1009/1fff\nNXM: NXM_OF_VLAN_TCI_W(1009/1fff) -> 1009/1fff\n" +
      "OXM: OXM_OF_VLAN_VID(1009) -> 1009/1fff,--\n" +
      "OF1.0: 0009/0,00/1 -> 1009/1fff\nOF1.1: 0009/0,00/1 -> 1009/1fff\n",
  ],
  [
    ["2000", "e000"],
    "vlan_tci=0x2000/0xe000 -> 2000/e000\nNXM: NXM_OF_VLAN_TCI_W(2000/e000) -> 2000/e000\n" +
      "OXM: <any> -> 0000/0000,--\nOF1.0: 0000/1,01/0 -> 3000/f000\nOF1.1: fffe/0,01/0 -> 3000/f000\n",
  ],
  [
    ["1009", "0fff"],
    "vlan_tci=0x1009/0x0fff -> 0009/0fff\nNXM:  -> OFPBMC_BAD_WILDCARDS\nOXM:  -> OFPBMC_BAD_WILDCARDS\n" +
      "OF1.0: 0009/0,00/1 -> 1009/1fff\nOF1.1: 0009/0,00/1 -> 1009/1fff\n",
  ],
])("check-vlan %j", async (words, stdout) => {
  expect((await run(["check-vlan", ...words])).stdout).toBe(stdout);
});

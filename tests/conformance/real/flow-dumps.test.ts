// Which differences of two dumps count, on flows that the real ovs-dpctl has printed (32_ovs_kernel_dp).

import { expect, test } from "vitest";
import { readGolden } from "../golden.ts";
import type { Result } from "../golden.ts";
import { equalFlowDumps, isFlowDump } from "./flow-dumps.ts";

const dumps = readGolden("linux-6.1", "32_ovs_kernel_dp").steps.flatMap((step) =>
  step.type === "command" && isFlowDump(step.recorded.cmd) ? [step.recorded] : [],
);
const [{ first, second } = { first: undefined, second: undefined }] = dumps;
if (!first || !second) throw new Error("the recording has no dump of flows");
const changed = (change: (lines: string[]) => string[]): Result => ({
  ...first,
  stdout: `${change(first.stdout.trimEnd().split("\n")).join("\n")}\n`,
});
const same = (ours: Result): boolean => equalFlowDumps(first, second, ours);
const icmp = (line: string): boolean => line.includes("eth_type(0x0800)");

test("order, counters, ages and a neighbour's probe are chance", () => {
  expect(dumps.length).toBe(5);
  expect(same(first)).toBe(true);
  expect(same(changed((lines) => lines.toReversed()))).toBe(true);
  const again = (line: string) =>
    line.replace(/packets:\d+, bytes:\d+, used:[\w.]+/, "packets:9, bytes:9, used:1.5s");
  expect(same(changed((lines) => lines.map(again)))).toBe(true);
  const probe = /in_port\(3\).*eth_type\(0x0806\), packets/;
  expect(first.stdout).toMatch(probe);
  expect(same(changed((lines) => lines.filter((line) => !probe.test(line))))).toBe(true);
});

test("a flow that is missing, one that nobody has, another mask and other actions are not", () => {
  expect(same(changed((lines) => lines.filter((line) => !icmp(line))))).toBe(false);
  const alter = (from: string | RegExp, to: string) =>
    changed((lines) => lines.map((line) => (icmp(line) ? line.replace(from, to) : line)));
  expect(same(alter("frag=no", "proto=1,frag=no"))).toBe(false);
  expect(same(alter(/actions:\d/, "actions:9"))).toBe(false);
  expect(
    same(changed((lines) => [...lines, (lines.find(icmp) ?? "").replace("in_port(2)", "in_port(9)")])),
  ).toBe(false);
  expect(same({ ...first, rc: 1 })).toBe(false);
});

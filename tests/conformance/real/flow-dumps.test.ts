// Which differences of two dumps count, on flows that the real ovs-dpctl has printed (32_ovs_kernel_dp).

import { expect, test } from "vitest";
import { AddressMap } from "../compare.ts";
import { readGolden } from "../golden.ts";
import type { Result } from "../golden.ts";
import { equalFlowDumps, isFlowDump } from "./flow-dumps.ts";

const dumps = readGolden("linux-6.1", "32_ovs_kernel_dp").steps.flatMap((step) =>
  step.type === "command" && isFlowDump(step.recorded.cmd) ? [step.recorded] : [],
);
const [{ first } = { first: undefined }] = dumps;
if (!first) throw new Error("the recording has no dump of flows");
const changed = (change: (lines: string[]) => string[]): Result => ({
  ...first,
  stdout: `${change(first.stdout.trimEnd().split("\n")).join("\n")}\n`,
});
const same = (ours: Result): boolean => equalFlowDumps(first, ours, new AddressMap());
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

test("random addresses are the same ones everywhere", () => {
  const flow = (from: string, to: string): string =>
    `in_port(1),eth(src=${from},dst=${to}),eth_type(0x0800),ipv4(frag=no), packets:1, bytes:98, used:1.0s, actions:2\n`;
  const [a, b, c, d] = [
    "9e:00:00:00:00:0a",
    "9e:00:00:00:00:0b",
    "6a:11:22:33:44:55",
    "6a:11:22:33:44:66",
  ] as const;
  const dump = (...flows: readonly string[]): Result => ({ stdout: flows.join(""), stderr: "", rc: 0 });
  const theirs = dump(flow(a, b), flow(b, a));
  expect(equalFlowDumps(theirs, dump(flow(d, c), flow(c, d)), new AddressMap())).toBe(true);
  expect(equalFlowDumps(theirs, dump(flow(c, d), flow(c, d)), new AddressMap())).toBe(false);
});

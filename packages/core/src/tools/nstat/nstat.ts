// nstat of iproute2 6.1: the kernel's network counters, and what they have grown by since the last call. No daemon (-d, -t).

import { globExpression } from "../../system/glob.ts";
import type { Process, Program } from "../../system/process.ts";
import { has, parseOptions } from "../coreutils/options.ts";
import { program } from "../coreutils/program.ts";
import { readText } from "../resolver/databases.ts";
import { NSTAT_USAGE } from "./usage.ts";

/** Settings among the counters. */
const USELESS = /^(?:IpForwarding|IpDefaultTTL|TcpRtoAlgorithm|TcpRtoMin|TcpRtoMax|TcpMaxConn|TcpCurrEstab)$/;
const WRONG = 255;

type Counters = ReadonlyMap<string, bigint>;

/** Pairs of lines: names after a prefix, then the values. */
function* pairedCounters(text: string): Generator<[string, bigint]> {
  const lines = text.trimEnd().split("\n");
  for (let at = 0; at + 1 < lines.length; at += 2) {
    const [prefix = "", ...names] = (lines[at] ?? "").trim().split(" ");
    const [, ...values] = (lines[at + 1] ?? "").trim().split(" ");
    for (const [index, name] of names.entries())
      yield [`${prefix.replace(":", "")}${name}`, BigInt(values[index] ?? 0)];
  }
}

function* listedCounters(text: string): Generator<[string, bigint]> {
  for (const line of text.split("\n")) {
    const [name, value] = line.trim().split(/\s+/);
    if (name !== undefined && value !== undefined) yield [name, BigInt(value)];
  }
}

function kernelCounters(process: Process): Counters {
  return new Map(
    [
      ...pairedCounters(readText(process, "/proc/net/snmp") ?? ""),
      ...listedCounters(readText(process, "/proc/net/snmp6") ?? ""),
      ...pairedCounters(readText(process, "/proc/net/netstat") ?? ""),
    ].filter(([name]) => !USELESS.test(name)),
  );
}

function historyPath(process: Process): string {
  return process.env.get("NSTAT_HISTORY") ?? "/tmp/.nstat.u0";
}

function history(process: Process): Counters {
  const lines = (readText(process, historyPath(process)) ?? "")
    .split("\n")
    .filter((line) => !line.startsWith("#"));
  return new Map(listedCounters(lines.join("\n")));
}

function historyText(counters: Counters): string {
  return `#kernel\n${[...counters].map(([name, value]) => row(name, value)).join("")}`;
}

function row(name: string, value: bigint): string {
  return `${name.padEnd(32)}${String(value).padEnd(16)}${"0.0".padStart(6)}\n`;
}

/** Shell patterns, without regard to anything but `*`, `?` and sets. */
function matcher(patterns: readonly string[]): (name: string) => boolean {
  const expressions = patterns.map((pattern) => globExpression(pattern));
  return (name) => expressions.length === 0 || expressions.some((expression) => expression.test(name));
}

export const nstat: Program = program((process) => {
  const usage = (text = ""): never => {
    process.warn(text + NSTAT_USAGE);
    return process.exit(WRONG);
  };
  const parsed = parseOptions(process, {
    short: "h?vVzrnasd:t:jp",
    long: {
      help: "h",
      ignore: "a",
      "scan=": "d",
      nooutput: "n",
      json: "j",
      reset: "r",
      noupdate: "s",
      pretty: "p",
      "interval=": "t",
      version: "V",
      zeros: "z",
    },
    wrong: (text) => usage(`nstat: ${text}\n`),
  });
  if (has(parsed, "h") || has(parsed, "?")) return usage();
  if (has(parsed, "v") || has(parsed, "V")) {
    process.print("nstat utility, iproute2-6.1.0\n");
    return 0;
  }
  if (has(parsed, "d") || has(parsed, "t")) {
    process.warn("nstat: -d and -t are not implemented\n");
    return 1;
  }
  const counters = kernelCounters(process);
  const before: Counters = has(parsed, "a") || has(parsed, "r") ? new Map() : history(process);
  const matches = matcher(parsed.operands);
  const shown = [...counters]
    .map(([name, value]): [string, bigint] => [name, value - (before.get(name) ?? 0n)])
    .filter(([name, value]) => matches(name) && (has(parsed, "z") || value !== 0n));
  if (!has(parsed, "n")) process.print(has(parsed, "j") ? json(shown, has(parsed, "p")) : text(shown));
  if (!has(parsed, "s"))
    process.files.writeFile(historyPath(process), new TextEncoder().encode(historyText(counters)));
  return 0;
});

function text(shown: readonly [string, bigint][]): string {
  return `#kernel\n${shown.map(([name, value]) => row(name, value)).join("")}`;
}

function json(shown: readonly [string, bigint][], pretty: boolean): string {
  const members = shown.map(([name, value]) => `"${name}":${pretty ? " " : ""}${value}`);
  if (!pretty) return `{"kernel":{${members.join(",")}}}\n`;
  const inside = members.length === 0 ? "{}" : `{\n        ${members.join(",\n        ")}\n    }`;
  return `{\n    "kernel": ${inside}\n}\n`;
}

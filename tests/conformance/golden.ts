// Reads the recordings under tests/fixtures/golden: the script's lines with what the real tools printed for them.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ProfileName } from "@patchcord/core/kernel/profile.ts";

/** What one run of a command gave. */
export interface Result {
  readonly stdout: string;
  readonly stderr: string;
  readonly rc: number;
}

/** When a command began, and the lines before it that are not recorded, milliseconds after the start of its script. */
export interface LineTimes {
  readonly began: number;
  readonly silent: readonly number[];
}
export type TimedResult = Result & LineTimes;

/** A recorded command with both runs (equal objects where only one was made or both gave the same). */
export interface Recorded {
  readonly cmd: string;
  readonly first: Result;
  readonly second: Result;
  /** Recorded once; two runs of the same command on the other kernel differed. */
  readonly mayVary: boolean;
}

/** A line of a script. */
export type Step =
  | { readonly type: "silent"; readonly cmd: string }
  | { readonly type: "environment"; readonly name: string; readonly value: string }
  | { readonly type: "directory"; readonly path: string }
  | { readonly type: "command"; readonly recorded: Recorded };

export interface GoldenScript {
  readonly name: string;
  readonly profile: ProfileName;
  readonly loopbackUp: boolean;
  readonly hostName: string;
  readonly steps: readonly Step[];
}

export const GOLDEN_FOLDER = join(import.meta.dirname, "../fixtures/golden");

/** Script names ("04_bridge") recorded for a profile. */
export function goldenNames(profile: ProfileName): string[] {
  return readdirSync(join(GOLDEN_FOLDER, profile))
    .filter((file) => file.endsWith(".jsonl"))
    .map((file) => file.slice(0, -".jsonl".length))
    .sort();
}

interface Line {
  cmd: string;
  stdout: string;
  stderr: string;
  rc: number;
  stdout2?: string;
  stderr2?: string;
  rc2?: number;
}

/** One recorder wrote the signal of a killed command as a negative number, the other as shells do. */
function exitCodeOf(rc: number): number {
  return rc < 0 ? 128 - rc : rc;
}

/** The profile whose recordings were all made twice. */
const RECORDED_TWICE: ProfileName = "linux-6.1";

/** Commands of a script whose two runs differed. A script that this profile does not have was recorded twice by the other. */
function varyingCommands(name: string): Set<string> {
  if (!existsSync(join(GOLDEN_FOLDER, RECORDED_TWICE, `${name}.jsonl`))) return new Set();
  const twice = readGolden(RECORDED_TWICE, name).steps.flatMap((step) =>
    step.type === "command" ? [step.recorded] : [],
  );
  const differ = (a: Result, b: Result): boolean =>
    a.stdout !== b.stdout || a.stderr !== b.stderr || a.rc !== b.rc;
  return new Set(twice.filter(({ first, second }) => differ(first, second)).map(({ cmd }) => cmd));
}

export function readGolden(profile: ProfileName, name: string): GoldenScript {
  const path = join(GOLDEN_FOLDER, profile, name);
  const recordings = readFileSync(`${path}.jsonl`, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);
  const varying = profile === RECORDED_TWICE ? new Set<string>() : varyingCommands(name);
  let next = 0;
  // The recorder sets lo up in its guest; the other recordings were made in namespaces, where it starts down.
  let loopbackUp = profile === RECORDED_TWICE;
  let hostName = "vethhost";
  const steps: Step[] = [];
  for (const line of readFileSync(`${path}.sh`, "utf8").split("\n")) {
    const settings = /^#!\s*oracle:\s*(.*)$/.exec(line);
    if (settings) {
      for (const word of (settings[1] ?? "").split(/\s+/)) {
        if (word === "lo=down") loopbackUp = false;
        if (word.startsWith("host=")) hostName = word.slice("host=".length);
      }
      continue;
    }
    if (line.trim() === "" || line.startsWith("#")) continue;
    const exported = /^@export\s+([A-Za-z_]\w*)=(.*)$/.exec(line);
    if (exported) steps.push({ type: "environment", name: exported[1] ?? "", value: exported[2] ?? "" });
    else if (line.startsWith("@")) steps.push({ type: "silent", cmd: line.slice(1) });
    else if (/^cd\s+\S+$/.test(line)) steps.push({ type: "directory", path: line.split(/\s+/)[1] ?? "/" });
    else {
      const one = recordings[next++];
      if (one === undefined || one.cmd !== line) {
        throw new Error(`${path}: recording ${next} is not of the script's line: ${line}`);
      }
      const first = { stdout: one.stdout, stderr: one.stderr, rc: exitCodeOf(one.rc) };
      const second = {
        stdout: one.stdout2 ?? one.stdout,
        stderr: one.stderr2 ?? one.stderr,
        rc: exitCodeOf(one.rc2 ?? one.rc),
      };
      steps.push({
        type: "command",
        recorded: { cmd: one.cmd, first, second, mayVary: varying.has(one.cmd) },
      });
    }
  }
  return { name, profile, loopbackUp, hostName, steps };
}

// Kills a bring-up on the real kernel at a chosen system call, cleans up, and looks whether the machine is as it was: with
// devices, namespaces and an Open vSwitch of others there, which must be left alone.

import { spawn } from "node:child_process";
import { packageMissing, realKernelMissing } from "../real-kernel.ts";
import type { Command } from "../cli/command.ts";
import { BRING_UPS } from "./killing/bring-ups.ts";
import type { BringUpName } from "./killing/bring-ups.ts";
import { HARNESS } from "./killing/harness.ts";

/**
 * Where a run ends: at the Nth call of a system call by one of its threads, after so many seconds ("time"), or when so many thousandths
 * of the words are in its journal ("journal"; first all of them, which is a whole run).
 */
export interface KillPoint {
  readonly calls: string;
  readonly at: number;
  /** The cleanup is killed as well, at this of its sendmsg or write calls; then there is another one. */
  readonly during?: number;
}

export interface KillOutcome extends KillPoint {
  /** 137 if the run was killed; 0 if it ended before that call. */
  readonly ended: number;
  /** Empty if the machine is as it was. */
  readonly difference: string;
}

/** Calls that change the machine or tell somebody to; between two of them a kill makes no difference. */
const CHANGING =
  "sendmsg,sendto,write,writev,pwrite64,ioctl,mount,umount2,setns,unshare,mkdir,rmdir,unlink,openat,close,connect";
/** Seconds. An attached lab ends by a kill only: soon after it was plugged in where its calls are told. */
const LIMIT = 240;
const ATTACHED = 10;

/** Why it cannot be done here. */
export function killAndCleanMissing(): string | undefined {
  return packageMissing("strace", "/usr/bin/strace") ?? realKernelMissing();
}

/** Several places are used at a time, and none may read a file that is just being written. */
let places = 0;

/** Runs a harness: the words of its program, what it finds in its environment, and its input; its output. */
export type Place = (
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
  input: string,
) => Promise<string>;

const thisMachine: Place = ([program = "", ...words], environment, input) =>
  new Promise<string>((resolve, reject) => {
    const child = spawn(program, words, {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, ...environment },
    });
    let out = "";
    let errors = "";
    child.stdout.on("data", (chunk) => (out += chunk));
    child.stderr.on("data", (chunk) => (errors += chunk));
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve(out) : reject(new Error(`${code}: ${errors}${out}`))));
    child.stdin.end(input);
  });

async function harnessed(
  command: Command,
  name: BringUpName,
  input: string,
  where: Place = thisMachine,
): Promise<string> {
  const { words, script } = BRING_UPS[name];
  const place = ++places;
  const path = command.script(`${name}-${place}.sh`, script);
  const harness = command.script(`harness-${place}.sh`, HARNESS);
  const namespaces = ["-n", "-m", "-p", "-f", "--kill-child", "--mount-proc"];
  const run = ["bash", "--norc", harness, name, process.execPath, command.main, ...words, path];
  const environment = { CALLS: CHANGING, LIMIT: String(name === "attach" ? ATTACHED : LIMIT) };
  return await where(["unshare", ...namespaces, ...run], environment, input);
}

const OUTCOME = /^(\S+) ([\d.]+) (\d+) (same|cleanup \d+)$/;

function outcomesIn(output: string): KillOutcome[] {
  const outcomes: { calls: string; at: number; ended: number; difference: string }[] = [];
  let told = "";
  for (const line of output.split("\n")) {
    const match = OUTCOME.exec(line);
    if (match) {
      const [, calls = "", at, ended, verdict = ""] = match;
      const difference = verdict === "same" ? "" : `${told}${verdict}`;
      outcomes.push({ calls, at: Number(at), ended: Number(ended), difference });
      told = "";
    } else if (outcomes.length > 0 && (outcomes.at(-1)?.difference ?? "") !== "" && /^[<>\d-]/.test(line)) {
      const last = outcomes.at(-1);
      if (last) last.difference += `\n${line}`;
    } else if (line !== "" && !line.startsWith("call ")) told += `${line}\n`;
  }
  return outcomes;
}

export async function killAndClean(
  command: Command,
  name: BringUpName,
  points: readonly KillPoint[],
  where?: Place,
): Promise<KillOutcome[]> {
  return outcomesIn(
    await harnessed(
      command,
      name,
      points.map(({ calls, at, during }) => `${calls} ${at} ${during ?? ""}\n`).join(""),
      where,
    ),
  );
}

/** Every call of a whole bring-up from the first word in its journal on: where it can be killed. */
export async function killPoints(command: Command, name: BringUpName, where?: Place): Promise<KillPoint[]> {
  const output = await harnessed(command, name, `calibrate ${LIMIT}\n`, where);
  const counts = new Map<string, number>();
  const points: KillPoint[] = [];
  let begun = false;
  for (const line of output.split("\n")) {
    const [word, thread, call = "", journal] = line.split(" ");
    if (word !== "call") continue;
    const key = `${thread} ${call}`;
    const at = (counts.get(key) ?? 0) + 1;
    counts.set(key, at);
    begun ||= journal === "journal";
    if (begun) points.push({ calls: call, at });
  }
  if (points.length === 0) throw new Error(`no journal in the calls of ${name}: ${output.slice(0, 500)}`);
  return points;
}

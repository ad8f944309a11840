// One sequence on both systems. What the real tools printed on the real kernel must be what ours print on the embedded one,
// but for the few values that are the machine's own.

import type { ProfileName } from "@patchcord/core/kernel/profile.ts";
import type { ProgramLookup } from "@patchcord/core/system/process.ts";
import { MILLISECOND } from "@patchcord/core/system/system.ts";
import { EmbeddedLines } from "../embedded-lines.ts";
import type { Result } from "../golden.ts";
import type { Sequence } from "./generate.ts";
import { runReal } from "./run-real.ts";

/** Round-trip times, timers of a bridge in hundredths of a second, and queues, of which there is one a CPU. */
const MASKS: readonly (readonly [RegExp, string])[] = [
  [/time=\d+(\.\d+)? ms/g, "time=T"],
  [/, time \d+ms/g, ", time T"],
  [/^rtt .*$/gm, "rtt T"],
  [/numtxqueues \d+ numrxqueues \d+/g, "numtxqueues N numrxqueues N"],
  [/((?:hello|tcn|topology_change|gc|forward_delay|message_age|hold)_timer) +\d+\.\d+/g, "$1 T"],
];

function masked(text: string): string {
  return MASKS.reduce((out, [pattern, by]) => out.replace(pattern, by), text);
}

export interface Difference {
  readonly seed: number;
  /** The commands up to the one that differs. */
  readonly commands: readonly string[];
  readonly command: string;
  readonly real: Result;
  readonly ours: Result;
}

/**
 * The first command that differs; undefined if none does. A busy machine can be late for an event that a sequence
 * waits for, so a difference counts if it is there a second time.
 */
export async function compareSequence(
  sequence: Sequence,
  lookup: ProgramLookup,
  profile: ProfileName,
): Promise<Difference | undefined> {
  const once = await compareOnce(sequence, lookup, profile);
  return once && compareOnce(sequence, lookup, profile);
}

async function compareOnce(
  sequence: Sequence,
  lookup: ProgramLookup,
  profile: ProfileName,
): Promise<Difference | undefined> {
  const lines = new EmbeddedLines({
    profile,
    lookup,
    startCost: MILLISECOND,
    lineCost: MILLISECOND,
  });
  const all = [...sequence.commands, ...sequence.looks];
  const [real, ours] = await Promise.all([
    runReal(sequence),
    (async () => {
      const results: Result[] = [];
      for (const line of all) results.push(await lines.run(line));
      return results;
    })(),
  ]);
  for (const [index, command] of all.entries()) {
    const [theirs, own] = [real[index] as Result, ours[index] as Result];
    const same =
      theirs.rc === own.rc &&
      masked(theirs.stdout) === masked(own.stdout) &&
      masked(theirs.stderr) === masked(own.stderr);
    if (!same)
      return { seed: sequence.seed, commands: all.slice(0, index + 1), command, real: theirs, ours: own };
  }
  return undefined;
}

export function describeDifference(difference: Difference): string {
  const { seed, commands, command, real, ours } = difference;
  const show = ({ stdout, stderr, rc }: Result): string =>
    `${stdout}${stderr.replace(/^(?=.)/gm, "2> ")}[exit ${rc}]`;
  return [
    `seed ${seed}, after:`,
    ...commands.map((each) => `  ${each}`),
    `$ ${command}`,
    "--- real",
    show(real),
    "--- ours",
    show(ours),
  ].join("\n");
}

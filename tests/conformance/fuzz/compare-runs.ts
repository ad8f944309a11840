// One sequence twice: what the real tools printed on the real kernel must be what ours print on the embedded one, and what ours
// print on the real one, but for the few values that are the machine's own.

import type { ProfileName } from "@patchcord/core/kernel/profile.ts";
import type { ProgramLookup } from "@patchcord/core/system/process.ts";
import { MILLISECOND } from "@patchcord/core/system/system.ts";
import { EmbeddedLines } from "../embedded-lines.ts";
import type { Result } from "../golden.ts";
import { runApart } from "../real/apart.ts";
import { inNameOrder } from "../uuid-order.ts";
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

/**
 * UUIDs, times, addresses that nobody gave, the default of this kernel's configuration, what a datapath numbers its ports by and
 * which member stands for a bond (they come in the order of UUIDs); the error of a patch port, which comes and goes with each
 * reconfiguration, and events of the real kernel lead to some; and static entries, which the original no longer knows as such once the
 * ageing time has changed.
 */
const SWITCH_MASKS: typeof MASKS = [
  [/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "UUID"],
  [/\b(?!02:00:00|aa:55:aa|ff:ff:ff|00:00:00|01:00:00)[0-9a-f]{2}(?::[0-9a-f]{2}){5}\b/g, "MAC"],
  [/^ +error: "No usable peer .*\n/gm, ""],
  [/^(error +: )"No usable peer .*$/gm, "$1[]"],
  [/^(bond\d+\t\S+\t\d+\t).*$/gm, "$1MEMBERS"],
  [/: hit:\d+ missed:\d+$/gm, ": hit:N missed:N"],
  [/\bqdisc pfifo_fast\b/g, "qdisc fq_codel"],
  [/^\d{4}-\d\d-\d\dT[\d:]+Z\|/gm, "TIME|"],
  [/\bduration=[\d.]+s/g, "duration=T"],
  [/\b(idle|hard)_age=\d+/g, "$1_age=T"],
  [/^( +\S+ +\d+ +[0-9a-f:]{17}) +\d+$/gm, "$1 AGE"],
  [/^( +\S+ +\d+ +[0-9a-f:]{17}) +-\d+$/gm, "$1  static"],
  [/^ +1\d\d\d( +\d+ +[0-9a-f:]{17} )/gm, " BOND$1"],
  [/\b(\d+)\/\d+: \(/g, "$1/N: ("],
];

/**
 * Devices join the anycast address of one prefix when their address detection ends, which begins after a random part of a
 * second (RFC 4862 5.4.2), and are listed in that order.
 */
const SAME_ANYCAST = /^anycast (\S+) .*\n(?:anycast \1 .*\n)+/gm;

/** Groups come in the order of a hash with a random basis, learned addresses as a round of statistics found them used. */
const LISTED = /^(?: group_id=.*\n)+|^(?: +\S+ +\d+ +[0-9a-f:]{17} .*\n)+/gm;

const sorted = (lines: string): string => lines.split("\n").sort().join("\n");

function masked({ switch: ovs = false }: Sequence, command: string, text: string): string {
  const inOrder = inNameOrder(command, text).replace(SAME_ANYCAST, sorted).replace(LISTED, sorted);
  const masks = ovs ? [...MASKS, ...SWITCH_MASKS] : MASKS;
  return masks.reduce((out, [pattern, by]) => out.replace(pattern, by), inOrder);
}

export interface Difference {
  readonly seed: number;
  /** The commands up to the one that differs. */
  readonly commands: readonly string[];
  readonly command: string;
  readonly real: Result;
  readonly ours: Result;
}

export interface Comparison {
  /** The first command of a sequence that differed every time, in the crowd and when it was repeated alone. */
  readonly differing: readonly Difference[];
  /** What was first to differ in the crowd in a sequence without such a command. */
  readonly once: readonly Difference[];
}

export interface Listener {
  /** A sequence has run in the crowd: what differed, if anything did. */
  ran?(difference: Difference | undefined): void;
  /** A sequence that had differed was repeated alone. */
  repeated?(first: Difference, again: Difference | undefined): void;
}

/** How often one that differs is repeated. */
const REPETITIONS = 2;

/**
 * Compares all sequences, `atOnce` of them side by side (the real runs mostly sleep). Namespaces of one machine share the
 * queue of link events, where a crowd delays each other's, and a busy machine can be late for an event that a sequence
 * waits for. So one that differs is repeated alone when the crowd is through: a real difference shows again, every time.
 */
export async function compareSequences(
  sequences: Iterable<Sequence>,
  atOnce: number,
  way: Way,
  listener: Listener = {},
): Promise<Comparison> {
  const suspicious: { readonly sequence: Sequence; readonly found: Differences }[] = [];
  const waiting = sequences[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (let next = waiting.next(); next.done !== true; next = waiting.next()) {
      const found = await compareSequence(next.value, way);
      if (found.size > 0) suspicious.push({ sequence: next.value, found });
      listener.ran?.(firstOf(found));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  const differing: Difference[] = [];
  const once: Difference[] = [];
  for (const { sequence, found } of suspicious) {
    const first = firstOf(found);
    if (first === undefined) continue;
    let still = found;
    for (let repetition = 0; repetition < REPETITIONS && still.size > 0; repetition++) {
      const before = still;
      still = new Map([...(await compareSequence(sequence, way))].filter(([at]) => before.has(at)));
    }
    const again = firstOf(still);
    if (again) differing.push(again);
    else once.push(first);
    listener.repeated?.(first, again);
  }
  return { differing, once };
}

/** Results of a sequence's commands and looks, in order: of the real tools on the real kernel, and of ours. */
export type Way = (
  sequence: Sequence,
) => Promise<readonly [real: readonly Result[], ours: readonly Result[]]>;

/** Ours on the embedded kernel. */
export function onEmbeddedKernel(lookup: ProgramLookup, profile: ProfileName): Way {
  return async (sequence) => {
    const lines = new EmbeddedLines({ profile, lookup, startCost: MILLISECOND, lineCost: MILLISECOND });
    const ours = async (): Promise<Result[]> => {
      const results: Result[] = [];
      for (const line of [...sequence.commands, ...sequence.looks]) results.push(await lines.run(line));
      return results;
    };
    return Promise.all([runReal(sequence), ours()]);
  };
}

/** Milliseconds between two lines: what a line of the real tools takes to start. */
const PAUSE = 5;

/** Ours on the real kernel. */
export const onRealKernel: Way = async ({ commands, looks }) => {
  const nothing = { stdout: "", stderr: "", rc: 0 };
  const steps = [...commands, ...looks].map((cmd) => ({
    type: "command" as const,
    recorded: { cmd, first: nothing, second: nothing, mayVary: false },
  }));
  const place = { loopbackUp: false, hostName: "vethhost", pause: PAUSE };
  const [real = [], ours = []] = await runApart(["real", "ours"], steps, place);
  return [real, ours];
};

/** By the command's number in its sequence, in order. */
type Differences = ReadonlyMap<number, Difference>;

const firstOf = (found: Differences): Difference | undefined => found.values().next().value;

async function compareSequence(sequence: Sequence, way: Way): Promise<Differences> {
  const all = [...sequence.commands, ...sequence.looks];
  const [real, ours] = await way(sequence);
  const found = new Map<number, Difference>();
  for (const [index, command] of all.entries()) {
    const [theirs, own] = [real[index] as Result, ours[index] as Result];
    const same =
      theirs.rc === own.rc &&
      masked(sequence, command, theirs.stdout) === masked(sequence, command, own.stdout) &&
      masked(sequence, command, theirs.stderr) === masked(sequence, command, own.stderr);
    if (!same) {
      const commands = all.slice(0, index + 1);
      found.set(index, { seed: sequence.seed, commands, command, real: theirs, ours: own });
    }
  }
  return found;
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

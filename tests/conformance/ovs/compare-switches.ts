// One sequence of lines on the real Open vSwitch and on the embedded one: every line must print the same.

import type { ProgramLookup } from "@patchcord/core/system/process.ts";
import { MILLISECOND } from "@patchcord/core/system/system.ts";
import { EmbeddedLines } from "../embedded-lines.ts";
import type { Result } from "../golden.ts";
import { runOnRealSwitch } from "./real-switch.ts";

export interface SwitchSequence {
  readonly seed: number;
  /** What makes the bridge and its ports, where the two differ: one has dummy devices, the other a kernel. */
  readonly realSetup: readonly string[];
  readonly ourSetup: readonly string[];
  readonly lines: readonly string[];
  /** Ours has a datapath of dummies, too, whose daemons `ourSetup` starts in /tmp/run. */
  readonly dummies?: boolean;
}

export interface SwitchDifference {
  readonly seed: number;
  readonly before: readonly string[];
  readonly line: string;
  readonly real: Result;
  readonly ours: Result;
}

/** Numbers of the datapath's ports, theirs and ours: dummy ports have the number that their name ends in, bridges start at 100. */
const DATAPATH_PORTS = new Map([
  ["1", "100"],
  ["2", "1"],
  ["3", "2"],
  ["4", "3"],
  ["5", "4"],
]);

function withTheirPorts(text: string): string {
  return text.replace(/^(Datapath actions: )(.*)$/gm, (_, head: string, actions: string) =>
    head.concat(
      actions.replace(
        /(?<=^|,|\b(?:clone|gt|le|actions)\()(\d+)(?=[,)]|$)/g,
        (number) => DATAPATH_PORTS.get(number) ?? number,
      ),
    ),
  );
}

const MASKS: readonly (readonly [RegExp, string])[] = [
  [/\bpid=\d+/g, "pid=N"],
  [/\bduration=[\d.]+s/g, "duration=T"],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, "DATE"],
];

/** A datapath of dummies has the queue's number itself for a priority, the kernel's the class 1:(N+1). */
function withTheirPriorities(text: string): string {
  return text.replace(/(?<=skb_priority[=(])0x1([0-9a-f]{4})\b/g, (_, queue: string) => {
    const number = parseInt(queue, 16) - 1;
    return number === 0 ? "0" : `0x${number.toString(16)}`;
  });
}

const asTheirs = (text: string): string => withTheirPriorities(withTheirPorts(text));
const unchanged = (text: string): string => text;

/** Groups come in the order of a hash with a random basis. */
const GROUP_LINES = /^(?: group_id=.*\n)+/gm;

function masked(text: string): string {
  const sorted = text.replace(GROUP_LINES, (lines) => lines.split("\n").sort().join("\n"));
  return MASKS.reduce((out, [pattern, by]) => out.replace(pattern, by), sorted);
}

/** All differences of a sequence. */
export async function compareSwitches(
  sequence: SwitchSequence,
  lookup: ProgramLookup,
): Promise<SwitchDifference[]> {
  const { realSetup, ourSetup, lines } = sequence;
  const embedded = new EmbeddedLines({
    profile: "linux-6.1",
    lookup,
    startCost: MILLISECOND,
    lineCost: MILLISECOND,
  });
  if (sequence.dummies === true)
    for (const name of ["RUN", "LOG", "DB", "SYSCONF"]) embedded.env.set(`OVS_${name}DIR`, "/tmp/run");
  const [theirs, own] = await Promise.all([
    runOnRealSwitch([...realSetup, ...lines]),
    (async () => {
      const results: Result[] = [];
      for (const line of [...ourSetup, ...lines]) results.push(await embedded.run(line));
      return results;
    })(),
  ]);
  return differencesOf(sequence, theirs, own);
}

/** @param theirs what the lines of the setup and of the sequence gave */
export function differencesOf(
  { seed, realSetup, ourSetup, lines, dummies }: SwitchSequence,
  theirs: readonly Result[],
  own: readonly Result[],
): SwitchDifference[] {
  const asReal = dummies === true ? unchanged : asTheirs;
  // what made the daemon end, and what came then, is not compared
  const ended = theirs.findIndex(({ stderr }) => /cannot read pidfile|failed to open socket/.test(stderr));
  const compared = ended < 0 ? lines : lines.slice(0, Math.max(0, ended - realSetup.length - 1));
  return compared.flatMap((line, index) => {
    const real = theirs[realSetup.length + index] as Result;
    const printed = own[ourSetup.length + index] as Result;
    const ours = { ...printed, stdout: asReal(printed.stdout) };
    const same =
      real.rc === ours.rc &&
      masked(real.stdout) === masked(ours.stdout) &&
      masked(real.stderr) === masked(ours.stderr);
    return same ? [] : [{ seed, before: lines.slice(0, index), line, real, ours }];
  });
}

export function describeSwitchDifference({ seed, before, line, real, ours }: SwitchDifference): string {
  const show = ({ stdout, stderr, rc }: Result): string =>
    `${stdout}${stderr.replace(/^(?=.)/gm, "2> ")}[exit ${rc}]`;
  return [
    `seed ${seed}, after:`,
    ...before.map((each) => `  ${each}`),
    `$ ${line}`,
    "--- real",
    show(real),
    "--- ours",
    show(ours),
  ].join("\n");
}

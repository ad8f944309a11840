// One script three ways: the real tools on the real kernel, our tools on the real kernel, our tools on the embedded one
// with the profile of that kernel. The real tools run twice, so that what varies by itself is known, as with the recordings.

import type { ProfileName } from "@patchcord/core/kernel/profile.ts";
import { MILLISECOND } from "@patchcord/core/system/system.ts";
import { lookupProgram } from "../../../packages/cli/src/programs.ts";
import { AddressMap, equalLists, equalsRecording } from "../compare.ts";
import type { ListRule } from "../compare.ts";
import { EmbeddedLines, startingSwitch } from "../embedded-lines.ts";
import type { Result, Step, TimedResult } from "../golden.ts";
import { runSteps } from "../steps.ts";
import { equalFlowDumps, isFlowDump } from "./flow-dumps.ts";
import { runApart } from "./apart.ts";
import type { PlaceOptions, Tools } from "./apart.ts";

/**
 * The kernel lists neighbours and addresses by a hash with a secret; states of neighbours follow the time since they were last heard of.
 * brctl sorts by addresses, of which some are random; a switch by when they were last used, if a neighbour was probed meanwhile or not.
 */
const LISTS: ReadonlyMap<string, ListRule> = new Map([
  ["ip -6 neigh", { ages: false }],
  ["ip -n ns1 neigh", { ages: true }],
  ["ip -n r1 neigh", { ages: true }],
  ["brctl showmacs br1", { ages: true }],
  ["cat /proc/net/if_inet6", { ages: false }],
  ["ovs-appctl fdb/show br-int-a", { ages: true }],
]);

/** Open vSwitch's own programs tell it when they were kept from running for a second. */
const BUSY_MACHINE = /^.*\|timeval\|WARN\|.*\n/gm;

/** Milliseconds between two lines, for what the kernel does later. */
const PAUSE = 60;

export interface Script {
  readonly steps: readonly Step[];
  readonly loopbackUp: boolean;
  readonly hostName: string;
}

export interface Comparison {
  readonly command: string;
  /** "COMMAND [NUMBER]": which of the equal ones of its script it is. */
  readonly numbered: string;
  readonly real: Result;
  readonly realAgain: Result;
  readonly onReal: Result;
  /** Undefined without a profile of this kernel. */
  readonly onEmbedded: Result | undefined;
  /** Ours on the real kernel print what the real tools print. */
  readonly toolsEqual: boolean;
  /** Ours print the same on both kernels. */
  readonly kernelsEqual: boolean;
}

/** Where a real kernel is: this machine's in namespaces, or a guest's. */
export interface Place {
  /** The results of each run, in the order of `tools`. */
  run(tools: readonly Tools[], steps: readonly Step[], options: PlaceOptions): Promise<TimedResult[][]>;
  /** The real tools run once there, for scripts in which nothing varies. */
  readonly once?: boolean;
  /** Milliseconds between two lines, if not as usual. */
  readonly pause?: number;
  /** What that kernel was configured otherwise than the profile's, and what the time decides there: of one command or all. */
  readonly masks?: readonly Mask[];
}

/** What is replaced by what; of one command only, which may have a number ("ip link [2]": the second of these in a script). */
export type Mask = readonly [RegExp, string, command?: string];

/** Masks of one script: for what is held against the real tools, and against the embedded kernel. */
export interface ScriptMasks {
  readonly tools: readonly Mask[];
  readonly kernels: readonly Mask[];
}

export const thisMachine: Place = {
  run: runApart,
  masks: [
    // what is left of a bridge's timer that runs when a command comes to look
    [/(_timer) +(?!0\.00)\d+\.\d\d/g, "$1 LEFT"],
    // how long ago a bridge has heard an address, to a hundredth of a second
    [/(\tno\t\t +)\d+\.\d\d$/gm, "$1AGE"],
    // bytes and packets of a cable whose ends solicit routers and report to groups, which they do at random times: `ip -s link`,
    // `ip -j -s link`, /proc/net/dev
    [/^ +\d+ +\d+(?= +\d+ +\d+ +\d+ +\d+ $)/gm, " BYTES PACKETS"],
    [/"(bytes|packets)":\d+/g, '"$1":N'],
    [
      /^( *(?!lo:)\S+:) +\d+ +\d+((?: +\d+){6}) +\d+ +\d+(?=(?: +\d+){6}$)/gm,
      "$1 BYTES PACKETS$2 BYTES PACKETS",
    ],
  ],
};

/** For scripts in which nothing varies and nothing happens later. */
export const thisMachineAtOnce: Place = { ...thisMachine, once: true, pause: 5 };

export async function compareThreeWays(
  script: Script,
  profile: ProfileName | undefined,
  { run, once = false, pause = PAUSE, masks = [] }: Place = thisMachine,
  ofScript: ScriptMasks = { tools: [], kernels: [] },
): Promise<Comparison[]> {
  const commands = script.steps.flatMap((step) => (step.type === "command" ? [step.recorded] : []));
  const numbered = commands.map(({ cmd }, at) => `${cmd} [${occurrence(commands, at)}]`);
  const maskedBy =
    (all: readonly Mask[]) =>
    <T extends Result>(result: T, index: number): T => ({
      ...result,
      stdout: all.reduce(
        (text, [pattern, by, command]) =>
          command === undefined || command === commands[index]?.cmd || command === numbered[index]
            ? text.replace(pattern, by)
            : text,
        result.stdout,
      ),
      stderr: result.stderr.replace(BUSY_MACHINE, ""),
    });
  const masked = maskedBy(masks);
  const [forTools, forKernels] = [maskedBy(ofScript.tools), maskedBy(ofScript.kernels)];
  const { steps, loopbackUp, hostName } = script;
  const place = { loopbackUp, hostName, pause };
  const runs = await run(once ? ["real", "ours"] : ["real", "ours", "real"], steps, place);
  const [real = [], onReal = [], realAgain = real] = runs.map((results) => results.map(masked));
  const onEmbedded = profile && (await runEmbedded(script, profile, onReal));
  const [tools, toolsAgain, kernels] = [new AddressMap(), new AddressMap(), new AddressMap()];
  return commands.map(({ cmd, first: one, second: other, mayVary }, index) => {
    const [first, second, ours] = [real[index], realAgain[index], onReal[index]] as [Result, Result, Result];
    const inner = onEmbedded?.[index] && masked(onEmbedded[index], index);
    const list = LISTS.get(cmd);
    const [theirs, theirsAgain, own] = [first, second, ours].map((result) => forTools(result, index)) as [
      Result,
      Result,
      Result,
    ];
    const [outer, outerReal] = [ours, first].map((result) => forKernels(result, index)) as [Result, Result];
    const within = inner && forKernels(inner, index);
    // What differed between two recordings may differ here, even if two runs happen to agree.
    const varies = mayVary || JSON.stringify(one) !== JSON.stringify(other);
    return {
      command: cmd,
      numbered: numbered[index] ?? cmd,
      real: first,
      realAgain: second,
      onReal: ours,
      onEmbedded: inner,
      // Either run may be the one that was as late or as early as ours; each has random addresses of its own.
      toolsEqual: isFlowDump(cmd)
        ? [equalFlowDumps(theirs, own, tools), equalFlowDumps(theirsAgain, own, toolsAgain)].includes(true)
        : list
          ? [equalLists(theirs, own, list, tools), equalLists(theirsAgain, own, list, toolsAgain)].includes(
              true,
            )
          : [
              equalsRecording({ cmd, first: theirs, second: theirsAgain, mayVary: varies }, own, tools),
              equalsRecording({ cmd, first: theirsAgain, second: theirs, mayVary: varies }, own, toolsAgain),
            ].includes(true),
      kernelsEqual:
        within === undefined ||
        (isFlowDump(cmd)
          ? equalFlowDumps(outer, within, kernels)
          : list
            ? equalLists(outer, within, list, kernels)
            : equalsRecording({ cmd, first: outer, second: outerReal, mayVary: varies }, within, kernels)),
    };
  });
}

/** Which of the equal commands of a script it is, from 1. */
function occurrence(commands: readonly { readonly cmd: string }[], at: number): number {
  return commands.slice(0, at + 1).filter(({ cmd }) => cmd === commands[at]?.cmd).length;
}

/** The embedded clock follows the pace of the real run, so that what a timer does falls between the same commands. */
async function runEmbedded(
  { steps, loopbackUp, hostName }: Script,
  profile: ProfileName,
  pace: readonly TimedResult[],
): Promise<Result[]> {
  const lines = new EmbeddedLines({ profile, lookup: lookupProgram, hostName, startCost: 0, lineCost: 0 });
  if (loopbackUp) await lines.run("ip link set lo up");
  const start = lines.system.monotonic();
  let silent = 0;
  return runSteps(
    steps.map((step) => startingSwitch(step, hostName)),
    lines,
    (command, type) => {
      const times = pace[command];
      const at = type === "silent" ? times?.silent[silent++] : times?.began;
      if (type === "command") silent = 0;
      return lines.advanceTo(start + Math.round((at ?? 0) * MILLISECOND)); // nanoseconds are whole
    },
  );
}

/** The difference for people. */
export function describe(comparison: Comparison, what: "tools" | "kernels"): string {
  const show = ({ stdout, stderr, rc }: Result): string =>
    `${stdout}${stderr.replace(/^(?=.)/gm, "2> ")}[exit ${rc}]`;
  const { command, real, realAgain, onReal, onEmbedded } = comparison;
  const again =
    real.stdout === realAgain.stdout && real.stderr === realAgain.stderr
      ? []
      : ["--- real tools again", show(realAgain)];
  return what === "tools"
    ? [`$ ${command}`, "--- real tools", show(real), ...again, "--- ours", show(onReal)].join("\n")
    : [
        `$ ${command}`,
        "--- real kernel",
        show(onReal),
        "--- embedded",
        onEmbedded ? show(onEmbedded) : "",
      ].join("\n");
}

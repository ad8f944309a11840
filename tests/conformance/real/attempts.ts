// Three ways until it is clear: timers of a busy machine are late, so a difference counts if it is there every time; scripts are
// repeated one at a time. What the recordings explain (scores.json) may differ between the kernels here too, and what no kernel
// determines (known.json) everywhere; "NAME, kernels" has what two kernels do not have alike, "NAME, tools" what goes by how soon a tool
// runs. A reason alone is for all that a command prints; with a mask it is for what that matches, and all else is held against each other.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ProfileName } from "@patchcord/core/kernel/profile.ts";
import { compareThreeWays, describe } from "./three-ways.ts";
import type { Comparison, Mask, Place, Script } from "./three-ways.ts";

interface Scores {
  readonly scripts: Readonly<Record<string, { readonly differing?: Readonly<Record<string, string>> }>>;
}
const read = (path: string): unknown => JSON.parse(readFileSync(join(import.meta.dirname, path), "utf8"));
const scores = read("../scores.json") as Scores;
/** By commands ("COMMAND", or "COMMAND [NUMBER]"). */
type Known = Readonly<Record<string, string | { readonly mask: string; readonly why: string }>>;
const undetermined = read("known.json") as Readonly<Record<string, Known>>;

const ATTEMPTS = 3;

export interface Verdict {
  readonly commands: number;
  readonly attempts: number;
  /** Commands ("COMMAND [NUMBER]") that ours print otherwise than the real tools on the same kernel, each with both outputs. */
  readonly tools: ReadonlyMap<string, string>;
  /** Commands that ours print otherwise on the embedded kernel. */
  readonly kernels: ReadonlyMap<string, string>;
  /** Differences of one attempt that another one did not show. */
  readonly passing: readonly string[];
}

/** For people: every difference, those of chance too, and how many commands are equal. */
export function report(name: string, { commands, attempts, tools, kernels, passing }: Verdict): string {
  return [
    ...passing.map((text) => `=== ${name}, not in every one of ${attempts} attempts\n${text}`),
    ...[...tools.values()].map((text) => `=== ${name}, tools\n${text}`),
    ...[...kernels.values()].map((text) => `=== ${name}, kernels\n${text}`),
    `${name}: tools ${commands - tools.size} / ${commands} equal, kernels ${commands - kernels.size} / ${commands}`,
  ].join("\n");
}

let repeating: Promise<unknown> = Promise.resolve();

/** After everybody else who waits here. */
function inTurn<T>(run: () => Promise<T>): Promise<T> {
  const result = repeating.then(run);
  repeating = result.catch(() => {});
  return result;
}

export async function judge(
  script: Script & { readonly name: string },
  profile: ProfileName,
  place: Place,
  {
    recording = `${profile}/${script.name}`,
    attempts = ATTEMPTS,
  }: {
    /** The name in scores.json of what explains differences. */
    readonly recording?: string;
    readonly attempts?: number;
  } = {},
): Promise<Verdict> {
  const always = undetermined[script.name] ?? {};
  const ofTools = undetermined[`${script.name}, tools`] ?? {};
  const ofKernels = undetermined[`${script.name}, kernels`] ?? {};
  const unlike = { ...scores.scripts[recording]?.differing, ...excused(ofKernels) };
  const masks = { tools: masksOf(always, ofTools), kernels: masksOf(always, ofKernels) };
  const wrong = (comparisons: readonly Comparison[], what: "tools" | "kernels"): Map<string, string> => {
    const known = excused(what === "tools" ? { ...always, ...ofTools } : always);
    return new Map(
      comparisons.flatMap((each): [string, string][] => {
        const name = each.numbered;
        if (known[each.command] !== undefined || known[name] !== undefined) return [];
        if (what === "tools" ? each.toolsEqual : each.kernelsEqual) return [];
        if (what === "kernels" && unlike[each.command] !== undefined) return [];
        return [[name, describe(each, what)]];
      }),
    );
  };
  let verdict: Verdict | undefined;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const compare = (): Promise<Comparison[]> => compareThreeWays(script, profile, place, masks);
    const comparisons = await (attempt === 0 ? compare() : inTurn(compare));
    const before = verdict;
    const now = { tools: wrong(comparisons, "tools"), kernels: wrong(comparisons, "kernels") };
    const still = {
      tools: both(before?.tools, now.tools),
      kernels: both(before?.kernels, now.kernels),
    };
    const passing = (["tools", "kernels"] as const).flatMap((what) =>
      [...(before?.[what] ?? []), ...now[what]].flatMap(([command, text]) =>
        still[what].has(command) ? [] : [text],
      ),
    );
    verdict = {
      commands: comparisons.length,
      attempts: attempt + 1,
      ...still,
      passing: [...(before?.passing ?? []), ...passing],
    };
    if (verdict.tools.size === 0 && verdict.kernels.size === 0) break;
  }
  if (verdict === undefined) throw new Error("no attempt was made");
  return verdict;
}

/** What is not compared at all. */
function excused(known: Known): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(known).flatMap(([command, reason]) =>
      typeof reason === "string" ? [[command, reason]] : [],
    ),
  );
}

function masksOf(...all: readonly Known[]): Mask[] {
  return all.flatMap((known) =>
    Object.entries(known).flatMap(([command, reason]): Mask[] =>
      typeof reason === "string" ? [] : [[new RegExp(reason.mask, "gm"), "", command]],
    ),
  );
}

/** What was wrong before and still is. */
function both(
  before: ReadonlyMap<string, string> | undefined,
  now: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  return before === undefined ? now : new Map([...now].filter(([command]) => before.has(command)));
}

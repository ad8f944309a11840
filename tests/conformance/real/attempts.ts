// Three ways until it is clear: timers of a busy machine are late, so a difference counts if it is there every time; scripts are
// repeated one at a time. What the recordings explain (scores.json) may differ between the kernels here too, and what no kernel
// determines (known.json) everywhere; "NAME, kernels" has what two kernels do not have alike, "NAME, tools" what goes by how soon a tool
// runs.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ProfileName } from "@patchcord/core/kernel/profile.ts";
import { compareThreeWays, describe } from "./three-ways.ts";
import type { Comparison, Place, Script } from "./three-ways.ts";

interface Scores {
  readonly scripts: Readonly<Record<string, { readonly differing?: Readonly<Record<string, string>> }>>;
}
const read = (path: string): unknown => JSON.parse(readFileSync(join(import.meta.dirname, path), "utf8"));
const scores = read("../scores.json") as Scores;
const undetermined = read("known.json") as Readonly<Record<string, Readonly<Record<string, string>>>>;

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

/** For people: every difference, and how many commands are equal. */
export function report(name: string, { commands, tools, kernels }: Verdict): string {
  return [
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
  const unlike = { ...scores.scripts[recording]?.differing, ...undetermined[`${script.name}, kernels`] };
  const wrong = (comparisons: readonly Comparison[], what: "tools" | "kernels"): Map<string, string> => {
    const known = what === "tools" ? { ...always, ...ofTools } : always;
    return new Map(
      comparisons.flatMap((each, at): [string, string][] => {
        const name = `${each.command} [${occurrence(comparisons, at)}]`;
        if (known[each.command] !== undefined || known[name] !== undefined) return [];
        if (what === "tools" ? each.toolsEqual : each.kernelsEqual) return [];
        if (what === "kernels" && unlike[each.command] !== undefined) return [];
        return [[name, describe(each, what)]];
      }),
    );
  };
  let verdict: Verdict | undefined;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const compare = (): Promise<Comparison[]> => compareThreeWays(script, profile, place);
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

/** Which of the equal commands of a script it is, from 1: known.json may mean one of them. */
function occurrence(comparisons: readonly Comparison[], at: number): number {
  const command = comparisons[at]?.command;
  return comparisons.slice(0, at + 1).filter((each) => each.command === command).length;
}

/** What was wrong before and still is. */
function both(
  before: ReadonlyMap<string, string> | undefined,
  now: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  return before === undefined ? now : new Map([...now].filter(([command]) => before.has(command)));
}

// Programs whose code is loaded when the first of them is started: what a script does not use need not be read at its start.

import type { Process, Program } from "./process.ts";
import { inStoppedTime } from "./stopped-time.ts";

/** Entries of a list of programs. `load` brings those of the given names, at most once. */
export function onDemand(
  names: readonly string[],
  load: () => Promise<ReadonlyMap<string, Program>>,
): [name: string, program: Program][] {
  let loading: Promise<ReadonlyMap<string, Program>> | undefined;
  const loaded = (): Promise<ReadonlyMap<string, Program>> => (loading ??= load());
  return names.map((name) => {
    let program: Program | undefined;
    const bring = async (): Promise<Program> => {
      program ??= (await loaded()).get(name);
      if (!program) throw new Error(`${name} is not among the programs that were loaded for it`);
      return program;
    };
    const run = async (process: Process): Promise<number> =>
      (program ?? (await inStoppedTime(process.system, bring)))(process);
    return [name, Object.assign(run, { load: bring })];
  });
}

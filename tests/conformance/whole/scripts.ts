// The whole scripts, written as people write tutorials, labs and kernel tests, and what the real programs printed for them.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const SCRIPTS = join(import.meta.dirname, "scripts");

export function scriptNames(): string[] {
  return readdirSync(SCRIPTS)
    .filter((file) => file.endsWith(".sh"))
    .map((file) => file.slice(0, -".sh".length))
    .sort();
}

export const scriptText = (name: string): string => readFileSync(join(SCRIPTS, `${name}.sh`), "utf8");

/** What a run of the real programs printed, the exit code in the last line. */
export const recording = (name: string, run: 1 | 2): string =>
  readFileSync(join(SCRIPTS, `${name}.${run}.txt`), "utf8");

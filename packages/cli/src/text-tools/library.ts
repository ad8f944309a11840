// The one place that imports the library with the text tools. The command is bundled (scripts/bundle.mjs), so that the
// installed package does not depend on the library's many packages; this becomes a chunk, loaded when a tool first runs.

import { Bash } from "just-bash";
import type { BashExecResult, IFileSystem } from "just-bash";

const UNLIMITED = Number.MAX_SAFE_INTEGER;

/** One call of a tool. `stdin` has a character a byte. */
export interface Call {
  readonly tool: string;
  readonly args: readonly string[];
  readonly files: IFileSystem;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
}

export function runTool({ tool, args, files, cwd, env, stdin }: Call): Promise<BashExecResult> {
  const bash = new Bash({
    fs: files,
    cwd,
    // Guards against hostile scripts; ours only see the lab, and it triples the time.
    defenseInDepth: false,
    executionLimits: { maxWorkUnits: UNLIMITED, maxAwkIterations: UNLIMITED, maxSedIterations: UNLIMITED },
  });
  return bash.exec(tool, {
    args: [...args],
    cwd,
    env: { ...env },
    replaceEnv: true,
    stdin,
    stdinKind: "bytes",
  });
}

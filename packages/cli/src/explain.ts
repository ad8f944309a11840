// `patchcord trace` and its kin: runs the scripts that make a network, then one of the programs that explain it.

import { exitCode } from "@patchcord/core/system/process.ts";
import { lookupProgram } from "./programs.ts";
import { readScripts, scriptProgram, UNREADABLE } from "./run.ts";
import { Session } from "./session.ts";
import type { SessionOptions } from "./session.ts";

export interface ExplainOptions extends SessionOptions {
  /** Scripts that make the network. */
  readonly lab: readonly string[];
}

const USAGE = 2; // of the programs

const LAB_HELP = (name: string): string => `
The network, before NAMESPACE:
      --lab SCRIPT   what makes it, run silently; may be repeated, - is standard input. At the prompt of
                     \`patchcord shell\`, and in scripts, \`${name}\` looks at the network that is there.
      --seed N, --clock KIND, --profile NAME
                     as for \`patchcord run\`

  patchcord ${name} --lab examples/tour.sh green 10.1.0.2
`;

/** Exit code of the program; that of the lab does not count, since broken networks are what is explained. */
export async function explain(
  name: string,
  args: readonly string[],
  options: ExplainOptions,
): Promise<number> {
  const session = await Session.open(options);
  const program = lookupProgram(name, undefined as never);
  if (program === undefined) throw new Error(`no program ${name}`);
  const asksForHelp = args.includes("--help") || args.includes("-h");
  if (asksForHelp) {
    const code = exitCode(await session.run(program, [name, "--help"]));
    process.stdout.write(LAB_HELP(name));
    return code;
  }
  if (options.lab.length === 0 && options.system === "embedded") {
    process.stderr.write(
      `patchcord ${name}: which network? Give --lab SCRIPT, or type ${name} at the prompt of patchcord shell.\n`,
    );
    return USAGE;
  }
  const scripts = readScripts(options.lab);
  if (scripts === undefined) return UNREADABLE;
  for (const { path, text } of scripts)
    await session.run(scriptProgram(path, text, false), [path], "nowhere");
  const color = process.env["NO_COLOR"] ? ["--color=never"] : [];
  return exitCode(await session.run(program, [name, ...color, ...args]));
}

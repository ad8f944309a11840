// `patchcord trace` and its kin: runs the scripts that make a network, then one of the programs that explain it.

import type { Scan } from "@patchcord/core/tools/scan/model.ts";
import { rebuildScan } from "@patchcord/core/tools/scan/rebuild.ts";
import { exitCode } from "@patchcord/core/system/process.ts";
import { lookupProgram } from "./programs.ts";
import { readScripts, scriptProgram, UNREADABLE } from "./run.ts";
import type { Script } from "./run.ts";
import { Session } from "./session.ts";
import type { SessionOptions } from "./session.ts";

export interface ExplainOptions extends SessionOptions {
  /** Scripts that make the network. */
  readonly lab: readonly string[];
  /** What `scan --json` printed on a machine whose network is to be explained; - is standard input. */
  readonly fromScan?: string;
  /** What the program is given in the example of its help. */
  readonly operands: string;
}

const USAGE = 2; // of the programs

const LAB_HELP = (name: string, operands: string): string => `
The network, given first:
      --lab SCRIPT   what makes it, run silently; may be repeated, - is standard input. At the prompt of
                     \`patchcord shell\`, and in scripts, \`${name}\` looks at the network that is there.
      --from-scan FILE
                     what \`patchcord scan --json\` printed on a machine (- is standard input): its network is built anew
                     here, and the machine is not touched. What the scan does not tell is said on standard error
      --seed N, --clock KIND, --profile NAME
                     as for \`patchcord run\`

  patchcord ${[name, "--lab examples/tour.sh", operands].join(" ").trimEnd()}
`;

/** The script that makes the network of a scan again; undefined, after a complaint, if there is no scan to be read. */
function networkOf(name: string, path: string): readonly Script[] | undefined {
  const [file] = readScripts([path]) ?? [];
  if (file === undefined) return undefined;
  let scan: Scan;
  try {
    scan = JSON.parse(file.text) as Scan;
    if (!Array.isArray(scan.namespaces)) throw new SyntaxError("there is no list of namespaces");
  } catch (fault) {
    if (!(fault instanceof SyntaxError)) throw fault;
    const fact = fault.message.replace(/\s+/g, " "); // it quotes the text
    process.stderr.write(`patchcord ${name}: ${path}: this is not what scan --json prints: ${fact}\n`);
    return undefined;
  }
  const { commands, unknown } = rebuildScan(scan);
  for (const line of unknown) process.stderr.write(`patchcord ${name}: not told by the scan: ${line}\n`);
  return [{ path, text: `${commands.join("\n")}\n` }];
}

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
    process.stdout.write(LAB_HELP(name, options.operands));
    return code;
  }
  const rebuilt = options.fromScan === undefined ? [] : networkOf(name, options.fromScan);
  if (rebuilt === undefined) return UNREADABLE;
  if (options.lab.length + rebuilt.length === 0 && options.system === "embedded") {
    process.stderr.write(
      `patchcord ${name}: which network? Give --lab SCRIPT or --from-scan FILE, or type ${name} at the prompt of patchcord shell.\n`,
    );
    return USAGE;
  }
  const scripts = readScripts(options.lab);
  if (scripts === undefined) return UNREADABLE;
  for (const { path, text } of [...rebuilt, ...scripts])
    await session.run(scriptProgram(path, text, false), [path], "nowhere");
  return exitCode(await session.run(program, [name, ...args]));
}

// awk as Debian has it: mawk 1.3.4. Records are read and printed as they come. Text is bytes, as for mawk. Not here: what only gawk
// has (gensub, asort, bit functions, networks, FPAT, PROCINFO).

import { Refusal } from "../../netlink/refusal.ts";
import { strerror } from "../../netlink/errno.ts";
import type { Process, Program } from "../../system/process.ts";
import { openReader, readAll } from "../coreutils/streams.ts";
import { callFunction, runProgram } from "./execute.ts";
import { callBuiltin } from "./functions.ts";
import { assignArgument, AwkFault, AwkRunFault, byteText, Machine } from "./machine.ts";
import { parseAwk } from "./parse.ts";
import { textOf } from "./streams.ts";
import { AwkSyntaxFault } from "./syntax.ts";
import type { AwkProgram } from "./syntax.ts";
import { unescape } from "./tokens.ts";
import { AWK_USAGE, AWK_VERSION } from "./usage.ts";

const TROUBLE = 2;

interface Invocation {
  readonly program: string;
  /** The file that it comes from. */
  readonly source: string | undefined;
  readonly separator: string | undefined;
  readonly assignments: readonly string[];
  readonly operands: readonly string[];
}

const awk: Program = async (process) => {
  const name = nameOf(process);
  const failed = (text: string): number => {
    process.warn(`${name}: ${text}\n`);
    return TROUBLE;
  };
  try {
    const invocation = await readInvocation(process);
    if (typeof invocation === "number") return invocation;
    return await run(process, invocation, failed);
  } catch (fault) {
    if (fault instanceof AwkFault) return failed(fault.message);
    throw fault;
  }
};

/** Without the directory that it was called by. */
function nameOf({ argv }: Process): string {
  return argv[0]?.replace(/^.*\//, "") ?? "awk";
}

async function run(
  process: Process,
  { program, source, separator, assignments, operands }: Invocation,
  failed: (text: string) => number,
): Promise<number> {
  const dialect = { intervals: nameOf(process) === "gawk" };
  let parsed: AwkProgram;
  try {
    parsed = parseAwk(program, dialect);
  } catch (fault) {
    if (!(fault instanceof AwkSyntaxFault)) throw fault;
    return failed(source === undefined ? fault.message : `${source}: ${fault.message}`);
  }
  const machine = new Machine(process, parsed, dialect, [nameOf(process), ...operands], {
    function: callFunction,
    builtin: callBuiltin,
  });
  if (separator !== undefined) machine.set({ kind: "global", name: "FS" }, separator);
  for (const assignment of assignments) {
    if (!assignArgument(machine, assignment)) return failed(`improper assignment: -v ${assignment}`);
  }
  try {
    await runProgram(machine);
  } catch (fault) {
    const message = messageOf(fault, machine);
    if (message === undefined) throw fault;
    const status = failed(message);
    await machine.streams.closeAll();
    return status;
  }
  return machine.status & 0xff;
}

/** What is said about an error of a running program; undefined if it is none of that. */
function messageOf(fault: unknown, machine: Machine): string | undefined {
  if (fault instanceof AwkFault) return fault.message;
  if (fault instanceof Refusal) return `read error (${strerror(fault.errno)})`;
  if (!(fault instanceof AwkRunFault || fault instanceof AwkSyntaxFault)) return undefined;
  const file = machine.text(machine.global("FILENAME").value);
  const counts = `FNR=${machine.number("FNR")} NR=${machine.number("NR")}`;
  return `run time error: ${fault.message}\n\tFILENAME="${file}" ${counts}`;
}

/** An exit code if there is nothing to run. */
async function readInvocation(process: Process): Promise<Invocation | number> {
  const args = process.argv.slice(1);
  const assignments: string[] = [];
  const programs: string[] = [];
  let separator: string | undefined;
  let source: string | undefined;
  let at = 0;
  for (; at < args.length; at++) {
    const word = args[at] ?? "";
    if (word === "--") {
      at++;
      break;
    }
    const [, letter, attached = ""] = /^-([FvfW])([^]*)$/.exec(word) ?? [];
    if (letter === undefined) {
      if (word.length < 2 || !word.startsWith("-")) break;
      process.warn(`${nameOf(process)}: not an option: ${word}\n`);
      if (word === "--posix" || word === "--re-interval") continue;
      return TROUBLE;
    }
    const value = attached === "" ? args[++at] : attached;
    if (value === undefined) throw new AwkFault(`option ${word} lacks argument`);
    if (letter === "F") separator = unescape(byteText(value));
    else if (letter === "v") assignments.push(byteText(value));
    else if (letter === "f") {
      source ??= value;
      programs.push(await programFile(process, value));
    } else {
      const status = implementationOption(process, value);
      if (status !== undefined) return status;
    }
  }
  const operands = args.slice(at);
  const program = programs.length > 0 ? programs.join("\n") : operands.shift();
  if (program === undefined) {
    process.warn(AWK_USAGE);
    return 0;
  }
  const text = programs.length > 0 ? program : byteText(program);
  return { program: text, source, separator, assignments, operands };
}

/** -W: an exit code for those that end at once. That output is not held back is so anyway. */
function implementationOption(process: Process, value: string): number | undefined {
  const starts = (word: string): boolean => value !== "" && word.startsWith(value);
  if (starts("version")) {
    process.print(AWK_VERSION);
    return 0;
  }
  if (starts("help") || starts("usage")) {
    process.warn(AWK_USAGE);
    return 0;
  }
  if (starts("dump") || starts("exec") || starts("posix_space"))
    throw new AwkFault(`-W ${value} is not implemented`);
  if (!starts("interactive") && !/^(?:random|sprintf)=/.test(value))
    process.warn(`${nameOf(process)}: vacuous option: -W ${value}\n`);
  return undefined;
}

async function programFile(process: Process, path: string): Promise<string> {
  try {
    return textOf(await readAll(openReader(process, path)));
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    throw new AwkFault(`cannot open ${path} (${strerror(refusal.errno)})`);
  }
}

export const awkPrograms: ReadonlyMap<string, Program> = new Map([
  ["awk", awk],
  ["gawk", awk],
  ["mawk", awk],
]);

// The `bash` and `sh` programs: arguments, where the script comes from, and the top level that runs it (bash(1),
// OPTIONS and INVOCATION).

import type { Statement } from "unbash";
import { Refusal } from "../netlink/refusal.ts";
import { ERRNO, strerror } from "../netlink/errno.ts";
import type { Process, Program } from "../system/process.ts";
import { setLetter, setOption } from "./builtins/settings.ts";
import { ShellFault } from "./control.ts";
import { interpreter } from "./interpreter.ts";
import {
  BASH_VERSION,
  importEnvironment,
  importFunctions,
  installSpecialVariables,
} from "./special-variables.ts";
import { holdInterrupts, live } from "./run/fork.ts";
import { reportSyntax } from "./run/report.ts";
import { readPath } from "./run/open.ts";
import { Shell } from "./shell.ts";
import type { ShellInput } from "./shell.ts";
import { parseSource, SourceText, SYNTAX_ERROR } from "./source.ts";
import { Reading } from "./verbose.ts";

const NOT_FOUND = 127;

interface Invocation {
  readonly options: readonly { readonly text: string; readonly on: boolean; readonly long: boolean }[];
  readonly commandString: boolean;
  readonly fromInput: boolean;
  readonly rest: readonly string[];
}

class UsageFault {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

const IGNORED_LONG = /^--(?:norc|noprofile|posix|login|noediting|restricted|rcfile|init-file)$/;

function readInvocation(args: readonly string[]): Invocation {
  const options: { text: string; on: boolean; long: boolean }[] = [];
  let commandString = false;
  let fromInput = false;
  let at = 0;
  for (; at < args.length; at++) {
    const word = args[at] ?? "";
    if (word === "--" || word === "-") {
      at++;
      break;
    }
    if (!/^[-+]./.test(word)) break;
    if (word.startsWith("--")) {
      if (word === "--version") options.push({ text: "version", on: true, long: true });
      else if (!IGNORED_LONG.test(word)) throw new UsageFault(`${word}: invalid option`);
      continue;
    }
    for (const letter of word.slice(1)) {
      if (letter === "c") commandString = true;
      else if (letter === "s") fromInput = true;
      else if (letter === "o" || letter === "O") {
        options.push({ text: args[++at] ?? "", on: word.startsWith("-"), long: letter === "o" });
      } else if (letter !== "l" && letter !== "i" && letter !== "r") {
        options.push({ text: letter, on: word.startsWith("-"), long: false });
      }
    }
  }
  return { options, commandString, fromInput, rest: args.slice(at) };
}

/** A shell in a process, ready to run. */
export function createShell(process: Process, name: string, input: ShellInput): Shell {
  const shell = new Shell(process, interpreter, { name, input });
  shell.dash = /(?:^|\/)(?:da)?sh$/.test(process.argv[0] ?? "");
  if (shell.dash) shell.options.clear();
  importEnvironment(shell);
  installSpecialVariables(shell);
  holdInterrupts(shell);
  return shell;
}

/** `bash` and `sh`. */
export const bashProgram: Program = async (process) => {
  const called = process.argv[0] ?? "bash";
  let invocation: Invocation;
  try {
    invocation = readInvocation(process.argv.slice(1));
  } catch (fault) {
    if (!(fault instanceof UsageFault)) throw fault;
    process.warn(`${called}: ${fault.message}\n`);
    return SYNTAX_ERROR;
  }
  const { rest, commandString, fromInput } = invocation;
  if (invocation.options.some(({ text, long }) => long && text === "version")) {
    process.print(`GNU bash, version ${BASH_VERSION} (x86_64-pc-linux-gnu)\n`);
    return 0;
  }
  if (commandString) {
    const [text, name = called, ...positional] = rest;
    if (text === undefined) {
      process.warn(`${called}: -c: option requires an argument\n`);
      return SYNTAX_ERROR;
    }
    return start(process, invocation, name, positional, "string", () => Promise.resolve(text));
  }
  if (fromInput || rest.length === 0) {
    return start(process, invocation, called, rest, "stdin", () => readInput(process));
  }
  const [file = "", ...positional] = rest;
  let text: string;
  try {
    text = new TextDecoder().decode(await readPath(process, file));
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    process.warn(`${called}: ${file}: ${strerror(refusal.errno)}\n`);
    return refusal.errno === ERRNO.ENOENT ? NOT_FOUND : 126;
  }
  return start(process, invocation, file, positional, "file", () => Promise.resolve(text));
};

async function start(
  process: Process,
  invocation: Invocation,
  name: string,
  positional: readonly string[],
  input: ShellInput,
  script: () => Promise<string>,
): Promise<number> {
  const shell = createShell(process, name, input);
  if (!shell.dash) importFunctions(shell);
  shell.positional = [...positional];
  for (const { text, on, long } of invocation.options) {
    const known = long ? setOption(shell, text, on) : setLetter(shell, text, on);
    if (known) continue;
    process.warn(
      `${process.argv[0] ?? "bash"}: ${long ? text : `-${text}`}: invalid option${long ? " name" : ""}\n`,
    );
    return SYNTAX_ERROR;
  }
  const text = await script();
  return live(shell, () => runScript(shell, text));
}

/** Runs a whole script at the top level of a shell: what fails fatally in a file only ends the command it is in.
 * `beforeStatement` is told the offsets of each statement before it runs. */
export async function runScript(
  shell: Shell,
  text: string,
  beforeStatement: (from: number, to: number) => void = () => {},
): Promise<number> {
  const parsed = parseSource(new SourceText(shell.name, text));
  shell.source = parsed.source;
  const reading = new Reading(shell, parsed);
  let discarded = -1;
  for (const statement of parsed.statements) {
    if (shell.options.has("noexec")) break;
    if (parsed.source.lineAt(statement.pos) === discarded) {
      // The rest of a line belongs to the command that was given up.
      discarded = parsed.source.lineAt(statement.end);
      continue;
    }
    reading.upTo(statement);
    beforeStatement(statement.pos, statement.end);
    try {
      await runTopLevel(shell, statement, statement === parsed.statements.at(-1) && !parsed.error);
    } catch (fault) {
      if (!(fault instanceof ShellFault)) throw fault;
      if (shell.input === "string" || shell.dash || (fault.effect === "exit" && !shell.interactive))
        throw fault;
      shell.report(fault);
      discarded = parsed.source.lineAt(statement.end);
    }
  }
  reading.rest();
  if (!parsed.error) return shell.status;
  reportSyntax(shell, parsed.error);
  shell.status = SYNTAX_ERROR;
  return SYNTAX_ERROR;
}

async function runTopLevel(shell: Shell, statement: Statement, last: boolean): Promise<void> {
  const { command } = statement;
  const simple = command.type === "Command" && !statement.background;
  if (last && shell.input === "string" && simple && !shell.traps.any) {
    // The last command of `-c` needs no process of its own.
    shell.status = await interpreter.runCommand(shell, command, true);
    if (shell.status !== 0) await shell.failed(shell.status);
  } else await interpreter.runList(shell, { commands: [statement] });
}

/** All of standard input. A command that the script runs cannot read the rest of it, unlike with bash. */
async function readInput(process: Process): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const bytes = await process.read();
    if (bytes === null) return text + decoder.decode();
    if (bytes !== undefined) text += decoder.decode(bytes, { stream: true });
  }
}

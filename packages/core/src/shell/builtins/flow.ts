// Builtins that change what runs next: break, continue, return, exit, eval, source, exec, command, builtin.

import { Refusal } from "../../netlink/refusal.ts";
import { ERRNO, strerror } from "../../netlink/errno.ts";
import { Break, Continue, ExitShell, Return, ShellFault } from "../control.ts";
import { dashSourceFault } from "../dash/wording.ts";
import { readPath } from "../run/open.ts";
import { pathOf } from "../../system/executable.ts";
import { SourceText } from "../source.ts";
import type { Shell } from "../shell.ts";
import type { Builtin } from "./builtin.ts";
import { readOptions, USAGE_STATUS } from "./builtin.ts";
import { meaningOf } from "./describe.ts";

const NOT_FOUND = 127;

export const colon: Builtin = () => 0;
export const no: Builtin = () => 1;

/** Status that `exit` and `return` were given; undefined: the last one. */
function statusArgument(shell: Shell, name: string, text: string | undefined): number {
  if (text === undefined) return shell.status;
  if (!/^\s*[-+]?\d+\s*$/.test(text)) {
    shell.complain(`${name}: ${text}: numeric argument required`);
    return USAGE_STATUS;
  }
  return Number(BigInt.asUintN(8, BigInt(text.trim().replace(/^\+/, ""))));
}

function levels(shell: Shell, name: string, text: string | undefined): number | undefined {
  if (shell.loopDepth === 0) {
    if (shell.dash) return undefined;
    shell.complain(`${name}: only meaningful in a \`for', \`while', or \`until' loop`);
    return undefined;
  }
  if (text === undefined) return 1;
  if (!/^\d+$/.test(text)) {
    shell.complain(`${name}: ${text}: numeric argument required`);
    throw new ExitShell(128);
  }
  if (Number(text) < 1) {
    shell.complain(`${name}: ${text}: loop count out of range`);
    throw new Break(Number.POSITIVE_INFINITY, 1);
  }
  return Number(text);
}

export const breakLoop: Builtin = (shell, args) => {
  const count = levels(shell, "break", args[0]);
  if (count === undefined) return 0;
  throw new Break(count);
};

export const continueLoop: Builtin = (shell, args) => {
  const count = levels(shell, "continue", args[0]);
  if (count === undefined) return 0;
  throw new Continue(count);
};

export const returnFrom: Builtin = (shell, args) => {
  if (shell.returnDepth === 0 && !shell.dash) {
    shell.complain("return: can only `return' from a function or sourced script");
    return USAGE_STATUS;
  }
  throw new Return(statusArgument(shell, "return", args[0]));
};

export const exit: Builtin = (shell, args) => {
  if (args.length > 1 && /^-?\d+$/.test(args[0] ?? "")) {
    shell.complain("exit: too many arguments");
    return 1;
  }
  throw new ExitShell(statusArgument(shell, "exit", args[0]));
};

export const evaluate: Builtin = async (shell, args) => {
  const words = args[0] === "--" ? args.slice(1) : args;
  const text = words.join(" ");
  if (text.trim() === "") return 0;
  shell.traceDepth++;
  const { currentCommand } = shell;
  try {
    // dash counts the lines of the text.
    const firstLine = shell.dash ? 1 : shell.line;
    return await shell.interpreter.runText(shell, new SourceText(shell.source.name, text, firstLine), "eval");
  } finally {
    shell.currentCommand = currentCommand;
    shell.traceDepth--;
  }
};

export const source: Builtin = async (shell, args, name) => {
  const [file, ...rest] = args[0] === "--" ? args.slice(1) : args;
  if (file === undefined) {
    if (shell.dash) return 0;
    shell.complain(`${name}: filename argument required`);
    shell.process.warn(`${name}: usage: ${name} filename [arguments]\n`);
    return USAGE_STATUS;
  }
  shell.exportPath();
  const path = file.includes("/") ? file : (pathOf(shell.process, file) ?? file);
  let text: string;
  try {
    text = new TextDecoder().decode(await readPath(shell.process, path));
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    if (shell.dash) throw new ShellFault(dashSourceFault(file, refusal.errno), "exit", true);
    const missing = refusal.errno === ERRNO.ENOENT && !file.includes("/");
    shell.complain(missing ? `${file}: ${strerror(ERRNO.ENOENT)}` : `${path}: ${strerror(refusal.errno)}`);
    return 1;
  }
  const { positional } = shell;
  if (rest.length > 0) shell.positional = rest;
  shell.frames.push({ functionName: "source", callLine: shell.line, source: shell.source });
  shell.returnDepth++;
  try {
    const status = await shell.interpreter.runText(shell, new SourceText(path, text));
    await shell.runPseudo("RETURN");
    return status;
  } catch (control) {
    if (control instanceof Return) return control.status;
    throw control;
  } finally {
    shell.returnDepth--;
    shell.frames.pop();
    if (rest.length > 0) shell.positional = positional;
  }
};

export const exec: Builtin = (shell, args) => {
  const read = readOptions(
    shell,
    "exec",
    args,
    "cl",
    "a",
    "exec [-cl] [-a name] [command [argument ...]] [redirection ...]",
  );
  if (!read) return USAGE_STATUS;
  if (read.rest.length === 0) return 0;
  return shell.interpreter.replace(shell, read.rest, read.options.has("c") ? "empty" : "inherited");
};

export const command: Builtin = async (shell, args) => {
  const read = readOptions(shell, "command", args, "pvV", "", "command [-pVv] command [arg ...]");
  if (!read) return USAGE_STATUS;
  const { options, rest } = read;
  if (!options.has("v") && !options.has("V")) {
    return rest.length === 0 ? 0 : shell.interpreter.runWords(shell, rest, false);
  }
  let status = 1;
  for (const name of shell.dash ? rest.slice(0, 1) : rest) {
    const found = meaningOf(shell, name);
    if (found) {
      shell.print(`${options.has("V") ? found.long : found.short}\n`);
      status = 0;
    } else if (options.has("V")) {
      if (shell.dash) shell.print(`${name}: not found\n`);
      else shell.complain(`command: ${name}: not found`);
    }
  }
  return status !== 0 && shell.dash ? NOT_FOUND : status;
};

export const builtin: Builtin = (shell, args) => {
  const words = args[0] === "--" ? args.slice(1) : args;
  if (words.length === 0) return 0;
  if (!shell.interpreter.isBuiltin(shell, words[0] ?? "")) {
    shell.complain(`builtin: ${words[0] ?? ""}: not a shell builtin`);
    return 1;
  }
  return shell.interpreter.runWords(shell, words, false);
};

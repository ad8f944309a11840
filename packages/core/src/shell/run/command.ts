// Simple commands (bash(1), SIMPLE COMMAND EXPANSION and COMMAND EXECUTION): assignments, redirections, and the call of
// a function, builtin or program.

import type { Command } from "unbash";
import { Refusal } from "../../netlink/refusal.ts";
import { strerror } from "../../netlink/errno.ts";
import type { Process, Program } from "../../system/process.ts";
import { exportedText } from "../builtins/describe.ts";
import { remember } from "../builtins/hash.ts";
import { builtinNamed, declarationNamed } from "../builtins/table.ts";
import type { Builtin, Declaration, Declared } from "../builtins/builtin.ts";
import { ExitShell, Return, ShellFault } from "../control.ts";
import { isSpecialBuiltin, withMisuse } from "../dash/builtins.ts";
import { expandWords } from "../expand/word.ts";
import { findProgram } from "../lookup.ts";
import type { PseudoSignal } from "../traps.ts";
import type { Shell, ShellFunction } from "../shell.ts";
import { aliasOf, runAlias } from "./alias.ts";
import { assign, prepare } from "./assign.ts";
import { closeSubstitutions, waitForeground } from "./fork.ts";
import { commandText, reportForeground } from "./report.ts";
import { install, redirect, RedirectionFault, withDescriptors } from "./redirect.ts";
import { traceAssignment, traceCommand, traceDeclaration } from "./trace.ts";

export async function runSimple(shell: Shell, node: Command, inPlace: boolean): Promise<number> {
  await shell.step();
  const { source } = shell;
  await shell.begins(node.pos, () => source.text.slice(node.pos, node.end));
  shell.substitutionStatus = undefined;
  shell.death = undefined;
  const mark = shell.substitutionFds.length;
  try {
    const alias = aliasOf(shell, node);
    if (alias !== undefined) return await runAlias(shell, node, alias);
    const status = await perform(shell, node, inPlace);
    if (shell.death) tellDeath(shell, node);
    return status;
  } catch (fault) {
    if (!(fault instanceof RedirectionFault)) throw fault;
    if (shell.dash && node.name && isSpecialBuiltin(node.name.value))
      throw new ShellFault(fault.message, "exit");
    shell.complain(fault.message);
    return fault.status;
  } finally {
    if (shell.substitutionFds.length > mark) closeSubstitutions(shell, mark);
  }
}

/** Inside a function or eval, the command that died has been told of there. */
function tellDeath(shell: Shell, node: Command): void {
  if (shell.death) reportForeground(shell, [shell.death], [commandText(shell.source, node)]);
  shell.death = undefined;
}

async function perform(shell: Shell, node: Command, inPlace: boolean): Promise<number> {
  const words = node.name ? await expandWords(shell, [node.name]) : [];
  const declaration = words[0] === undefined ? undefined : declarationNamed(shell, words[0]);
  const declared: Declared[] = [];
  if (declaration) await collectDeclared(shell, node, words.slice(1), declared);
  else for (const part of node.suffix) words.push(...(await argumentsOf(shell, part)));
  if (words.length === 0) return assignOnly(shell, node);
  const run = (): Promise<number> =>
    declaration
      ? callDeclaration(shell, declaration, declared, words[0] ?? "")
      : dispatch(shell, words, inPlace, true);
  const status = await withAssignments(shell, node, words, async () => {
    if (shell.options.has("xtrace")) {
      if (declaration) await traceDeclaration(shell, words[0] ?? "", declared);
      else await traceCommand(shell, words);
    }
    return withRedirections(shell, node, words, inPlace, run);
  });
  shell.lastArgument = words.at(-1) ?? "";
  return status;
}

async function argumentsOf(shell: Shell, part: Command["suffix"][number]): Promise<string[]> {
  if (part.type === "Word") return expandWords(shell, [part]);
  if (part.type !== "Assignment") return [];
  // Of `alias`, which is no declaration.
  const { reference, value } = await prepare(shell, part);
  return [`${reference}=${typeof value === "string" ? value : ""}`];
}

async function collectDeclared(
  shell: Shell,
  node: Command,
  leading: readonly string[],
  out: Declared[],
): Promise<void> {
  out.push(...leading);
  for (const part of node.suffix) {
    if (part.type === "Word") out.push(...(await expandWords(shell, [part])));
    else if (part.type === "Assignment") {
      const prepared = await prepare(shell, part);
      out.push({
        name: part.name,
        text: part.text,
        array: typeof prepared.value !== "string",
        value: typeof prepared.value === "string" ? prepared.value : undefined,
        assign: () => assign(shell, prepared),
      });
    }
  }
}

async function withRedirections(
  shell: Shell,
  node: Command,
  words: readonly string[],
  inPlace: boolean,
  run: () => Promise<number>,
): Promise<number> {
  if (node.redirects.length === 0) return run();
  const redirected = await redirect(shell, node.redirects);
  if (inPlace || words[0] === "exec") {
    install(shell.process, redirected.fds);
    for (const fd of redirected.opened) fd.release();
    return run();
  }
  return withDescriptors(shell.process, redirected, run);
}

/** Assignments in front of a command last as long as the command. */
async function withAssignments(
  shell: Shell,
  node: Command,
  words: readonly string[],
  run: () => Promise<number>,
): Promise<number> {
  const assignments = node.prefix.filter((part) => part.type === "Assignment");
  if (assignments.length === 0) return run();
  shell.variables.pushScope("temporary");
  try {
    for (const one of assignments) {
      const prepared = await prepare(shell, one);
      const before = prepared.append ? (shell.variables.get(prepared.name) ?? "") : "";
      const value = typeof prepared.value === "string" ? prepared.value : "";
      shell.variables.setTemporary(prepared.name, before + value);
      if (shell.options.has("xtrace")) await traceAssignment(shell, prepared.name, value, prepared.append);
    }
    return await run();
  } finally {
    // `exec` keeps them: the shell is gone, or its environment is what was asked for.
    if (words[0] !== "exec") shell.variables.popScope();
  }
}

/** A command without a command word: the assignments stay. */
async function assignOnly(shell: Shell, node: Command): Promise<number> {
  let failed = false;
  if (node.redirects.length > 0) {
    try {
      const { opened } = await redirect(shell, node.redirects);
      for (const fd of opened) fd.release();
    } catch (fault) {
      if (!(fault instanceof RedirectionFault)) throw fault;
      shell.complain(fault.message);
      failed = true;
    }
  }
  for (const part of node.prefix) {
    if (part.type !== "Assignment") continue;
    const prepared = await prepare(shell, part);
    if (shell.options.has("xtrace")) {
      const shown =
        typeof prepared.value === "string" ? prepared.value : part.text.slice(part.text.indexOf("=") + 1);
      await traceAssignment(
        shell,
        prepared.reference,
        shown,
        prepared.append,
        typeof prepared.value !== "string",
      );
    }
    assign(shell, prepared);
  }
  return failed ? 1 : (shell.substitutionStatus ?? 0);
}

/** Runs expanded words as a command. */
export async function dispatch(
  shell: Shell,
  words: readonly string[],
  inPlace: boolean,
  functions: boolean,
): Promise<number> {
  const name = words[0] ?? "";
  const own = functions ? shell.functions.get(name) : undefined;
  if (own) return callFunction(shell, own, words.slice(1));
  const builtin = builtinNamed(shell, name);
  if (builtin) return callBuiltin(shell, builtin, words);
  const declaration = declarationNamed(shell, name);
  if (declaration) return callDeclaration(shell, declaration, words.slice(1), name);
  return runProgram(shell, words, inPlace);
}

async function callDeclaration(
  shell: Shell,
  declaration: Declaration,
  args: readonly Declared[],
  name: string,
): Promise<number> {
  const run = (): number => declaration(shell, args, name);
  return shell.dash ? withMisuse(shell, name, run) : run();
}

async function callBuiltin(shell: Shell, builtin: Builtin, words: readonly string[]): Promise<number> {
  const [name = "", ...args] = words;
  try {
    const run = (): number | Promise<number> => builtin(shell, args, name);
    const status = await (shell.dash ? withMisuse(shell, name, run) : run());
    const output = shell.process.fds.get(1)?.output;
    if (output && !output.ready) await shell.process.wait([output]);
    return status;
  } catch (refusal) {
    // What a builtin does not answer itself is a failed write to its standard output.
    if (!(refusal instanceof Refusal)) throw refusal;
    shell.complain(`${name}: write error: ${strerror(refusal.errno)}`);
    return 1;
  }
}

const MAX_DEPTH = 1000; // calls; bash would run out of stack later, JavaScript sooner

async function callFunction(shell: Shell, own: ShellFunction, args: readonly string[]): Promise<number> {
  if (shell.frames.length >= MAX_DEPTH) {
    throw new ShellFault(`${own.name}: maximum function nesting level exceeded (${MAX_DEPTH})`);
  }
  const { positional, source, position, loopDepth } = shell;
  shell.frames.push({ functionName: own.name, callLine: shell.line, source });
  shell.variables.pushScope("function");
  shell.positional = [...args];
  shell.source = own.source;
  shell.loopDepth = 0;
  shell.returnDepth++;
  const putAside = takeTraps(shell);
  try {
    const status = await statusOfBody(shell, own);
    await shell.runPseudo("RETURN");
    return status;
  } catch (control) {
    if (control instanceof ShellFault) control.where ??= shell.messagePrefix();
    throw control;
  } finally {
    for (const [name, action] of putAside)
      if (shell.traps.get(name) === undefined) shell.traps.set(name, action);
    shell.returnDepth--;
    shell.loopDepth = loopDepth;
    shell.variables.popScope();
    shell.frames.pop();
    shell.positional = positional;
    shell.source = source;
    shell.position = position;
  }
}

async function statusOfBody(shell: Shell, own: ShellFunction): Promise<number> {
  try {
    return await shell.interpreter.runCommand(shell, own.body, false);
  } catch (control) {
    if (control instanceof Return) return control.status;
    throw control;
  }
}

/** Traps that a function has only by `set -E` or `set -T`, or if it sets them itself: they are put aside meanwhile. */
function takeTraps(shell: Shell): [PseudoSignal, string][] {
  const taken: [PseudoSignal, string][] = [];
  for (const [name, option] of FUNCTION_TRAPS) {
    const action = shell.options.has(option) ? undefined : shell.traps.get(name);
    if (action === undefined) continue;
    shell.traps.clear(name);
    taken.push([name, action]);
  }
  return taken;
}

const FUNCTION_TRAPS = [
  ["ERR", "errtrace"],
  ["DEBUG", "functrace"],
  ["RETURN", "functrace"],
] as const;

async function runProgram(shell: Shell, words: readonly string[], inPlace: boolean): Promise<number> {
  shell.exportPath();
  const found = findProgram(shell.process, words[0] ?? "");
  if ("message" in found) {
    shell.complain(found.message);
    return found.status;
  }
  remember(shell, words[0] ?? "");
  if (inPlace) return become(shell, found.program, words);
  const child = shell.process.spawn(found.program, { argv: words, env: environmentOf(shell) });
  return waitForeground(shell, child);
}

/** Turns the shell's process into the program. */
async function become(shell: Shell, program: Program, words: readonly string[]): Promise<number> {
  setEnvironment(shell.process, environmentOf(shell));
  return shell.process.exec(program, words);
}

/** What a program gets: exported variables and, as bash hands them on, exported functions. */
function environmentOf(shell: Shell): ReadonlyMap<string, string> {
  const variables = shell.variables.environment();
  if (shell.exportedFunctions.size === 0) return variables;
  const environment = new Map(variables);
  for (const name of shell.exportedFunctions)
    if (shell.functions.has(name)) environment.set(`BASH_FUNC_${name}%%`, exportedText(shell, name));
  return environment;
}

function setEnvironment(process: Process, environment: ReadonlyMap<string, string>): void {
  process.env.clear();
  for (const [name, value] of environment) process.env.set(name, value);
}

/** `exec program`: does not come back unless there is no such program. */
export async function replaceShell(
  shell: Shell,
  words: readonly string[],
  environment: "inherited" | "empty",
): Promise<number> {
  shell.exportPath();
  const found = findProgram(shell.process, words[0] ?? "");
  if ("message" in found) {
    shell.complain(`exec: ${found.message.replace(/: command not found$/, ": not found")}`);
    if (shell.interactive) return found.status;
    throw new ExitShell(found.status);
  }
  shell.traps.clear("EXIT");
  setEnvironment(shell.process, environment === "empty" ? new Map() : environmentOf(shell));
  throw new ExitShell(await shell.process.exec(found.program, words));
}

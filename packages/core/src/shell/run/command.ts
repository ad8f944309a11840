// Simple commands (bash(1), SIMPLE COMMAND EXPANSION and COMMAND EXECUTION): assignments, redirections, and the call of
// a function, builtin or program.

import type { ArrayValue, Assignment, Command } from "unbash";
import { Refusal } from "../../netlink/refusal.ts";
import { strerror } from "../../netlink/errno.ts";
import type { Process, Program } from "../../system/process.ts";
import { builtins, declarations } from "../builtins/table.ts";
import type { Builtin, Declared } from "../builtins/builtin.ts";
import { ExitShell, Return, ShellFault } from "../control.ts";
import { assignTo, evaluateIn, indexKey, subscriptKey } from "../expand/arithmetic.ts";
import { expandAssignedText, expandString, expandWords } from "../expand/word.ts";
import { findProgram } from "../lookup.ts";
import type { Shell, ShellFunction } from "../shell.ts";
import { IndexedArray } from "../variables.ts";
import { closeSubstitutions, waitForeground } from "./fork.ts";
import { install, redirect, RedirectionFault, withDescriptors } from "./redirect.ts";
import { traceAssignment, traceCommand } from "./trace.ts";

/** An assignment whose words are expanded. */
interface Prepared {
  readonly name: string;
  /** As `assignTo` takes it: with subscript. */
  readonly reference: string;
  readonly append: boolean;
  readonly value: string | ArrayEntries;
}

type ArrayEntries = readonly {
  readonly key: string | undefined;
  readonly value: string;
  readonly append: boolean;
}[];

export async function runSimple(shell: Shell, node: Command, inPlace: boolean): Promise<number> {
  await shell.step();
  shell.position = node.pos;
  shell.substitutionStatus = undefined;
  const mark = shell.substitutionFds.length;
  try {
    return await perform(shell, node, inPlace);
  } catch (fault) {
    if (!(fault instanceof RedirectionFault)) throw fault;
    shell.complain(fault.message);
    return 1;
  } finally {
    if (shell.substitutionFds.length > mark) closeSubstitutions(shell, mark);
  }
}

async function perform(shell: Shell, node: Command, inPlace: boolean): Promise<number> {
  const words = node.name ? await expandWords(shell, [node.name]) : [];
  const declaration = words[0] === undefined ? undefined : declarations.get(words[0]);
  const declared: Declared[] = [];
  if (declaration) await collectDeclared(shell, node, words.slice(1), declared);
  else
    words.push(
      ...(await expandWords(
        shell,
        node.suffix.filter((part) => part.type === "Word"),
      )),
    );
  if (words.length === 0) return assignOnly(shell, node);
  const debug = shell.traps.get("DEBUG");
  if (debug) await shell.runTrap(debug);
  if (shell.options.has("xtrace"))
    await traceCommand(shell, declaration ? [words[0] ?? "", ...declared.map(textOf)] : words);
  const run = (): Promise<number> =>
    declaration
      ? Promise.resolve(declaration(shell, declared, words[0] ?? ""))
      : dispatch(shell, words, inPlace, true);
  const status = await withRedirections(shell, node, words, inPlace, () =>
    withAssignments(shell, node, words, run),
  );
  shell.lastArgument = words.at(-1) ?? "";
  return status;
}

function textOf(declared: Declared): string {
  return typeof declared === "string" ? declared : declared.text;
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

async function prepare(shell: Shell, node: Assignment): Promise<Prepared> {
  const { name } = node;
  const append = node.append ?? false;
  if (node.value.type === "ArrayValue") {
    return { name, reference: name, append, value: await arrayEntries(shell, node.value) };
  }
  const reference = node.index ? `${name}[${await expandString(shell, node.index)}]` : name;
  return { name, reference, append, value: await expandString(shell, node.value, "assignment") };
}

/** The elements of (a b [k]=v): `[k]=` is recognised in the text of a word. */
async function arrayEntries(shell: Shell, node: ArrayValue): Promise<ArrayEntries> {
  const out: { key: string | undefined; value: string; append: boolean }[] = [];
  for (const word of node.elements) {
    const keyed = word.text.startsWith("[") ? subscriptOf(word.text) : undefined;
    if (!keyed) {
      for (const value of await expandWords(shell, [word]))
        out.push({ key: undefined, value, append: false });
      continue;
    }
    const [key, value] = await Promise.all([
      expandFragment(shell, keyed.subscript),
      expandFragment(shell, keyed.value),
    ]);
    out.push({ key, value, append: keyed.append });
  }
  return out;
}

function subscriptOf(text: string): { subscript: string; value: string; append: boolean } | undefined {
  const match = /^\[((?:[^\]"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')*)\](\+?)=([\s\S]*)$/.exec(text);
  return match ? { subscript: match[1] ?? "", value: match[3] ?? "", append: match[2] === "+" } : undefined;
}

/** Expands part of a word's text as an assigned value. */
async function expandFragment(shell: Shell, text: string): Promise<string> {
  return text === "" ? "" : expandAssignedText(shell, text);
}

function assign(shell: Shell, prepared: Prepared): void {
  const { variables } = shell;
  const { name, reference, append, value } = prepared;
  if (typeof value !== "string") return assignArray(shell, name, append, value);
  if (!append) {
    assignTo(shell, reference, value);
    if (shell.options.has("allexport")) variables.setExported(name, true);
    return;
  }
  const open = reference.indexOf("[");
  const before =
    open > 0
      ? variables.element(name, subscriptKey(shell, name, reference.slice(open + 1, -1)))
      : variables.get(name);
  const integer = variables.find(name)?.integer;
  assignTo(shell, reference, integer ? `(${before || 0})+(${value})` : (before ?? "") + value);
}

function assignArray(shell: Shell, name: string, append: boolean, entries: ArrayEntries): void {
  const { variables } = shell;
  const variable = variables.find(name);
  if (variable?.readonly) throw new ShellFault(`${name}: readonly variable`);
  const before = variable?.value;
  if (before instanceof Map) {
    const map = new Map(append ? before : []);
    let pendingKey: string | undefined;
    for (const entry of entries) {
      if (entry.key !== undefined)
        map.set(entry.key, (entry.append ? (map.get(entry.key) ?? "") : "") + entry.value);
      else if (pendingKey === undefined) pendingKey = entry.value;
      else {
        map.set(pendingKey, entry.value);
        pendingKey = undefined;
      }
    }
    if (pendingKey !== undefined) map.set(pendingKey, "");
    return variables.setArray(name, map);
  }
  const array = append
    ? before instanceof IndexedArray
      ? before.copy()
      : IndexedArray.of(before === undefined ? [] : [before])
    : new IndexedArray();
  let next = array.end;
  for (const { key, value, append: more } of entries) {
    if (key !== undefined) next = Number(indexKey(shell, name, String(evaluateIn(shell, key))));
    const text = variable?.integer ? String(evaluateIn(shell, value)) : value;
    array.set(next, more ? (array.get(next) ?? "") + text : text);
    next++;
  }
  variables.setArray(name, array);
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
  const builtin = builtins.get(name);
  if (builtin) return callBuiltin(shell, builtin, words);
  const declaration = declarations.get(name);
  if (declaration) return declaration(shell, words.slice(1), name);
  return runProgram(shell, words, inPlace);
}

async function callBuiltin(shell: Shell, builtin: Builtin, words: readonly string[]): Promise<number> {
  try {
    const status = await builtin(shell, words.slice(1), words[0] ?? "");
    const output = shell.process.fds.get(1)?.output;
    if (output && !output.ready) await shell.process.wait([output]);
    return status;
  } catch (refusal) {
    // What a builtin does not answer itself is a failed write to its standard output.
    if (!(refusal instanceof Refusal)) throw refusal;
    shell.complain(`${words[0] ?? ""}: write error: ${strerror(refusal.errno)}`);
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
  const errTrap = shell.options.has("errtrace") ? undefined : shell.traps.get("ERR");
  if (errTrap !== undefined) shell.traps.clear("ERR");
  try {
    return await shell.interpreter.runCommand(shell, own.body, false);
  } catch (control) {
    if (control instanceof Return) return control.status;
    throw control;
  } finally {
    if (errTrap !== undefined && shell.traps.get("ERR") === undefined) shell.traps.set("ERR", errTrap);
    shell.returnDepth--;
    shell.loopDepth = loopDepth;
    shell.variables.popScope();
    shell.frames.pop();
    shell.positional = positional;
    shell.source = source;
    shell.position = position;
  }
}

async function runProgram(shell: Shell, words: readonly string[], inPlace: boolean): Promise<number> {
  shell.exportPath();
  const found = findProgram(shell.process, words[0] ?? "");
  if ("message" in found) {
    shell.complain(found.message);
    return found.status;
  }
  if (inPlace) return become(shell, found.program, words);
  const child = shell.process.spawn(found.program, { argv: words, env: shell.variables.environment() });
  return waitForeground(shell, child);
}

/** Turns the shell's process into the program. */
async function become(shell: Shell, program: Program, words: readonly string[]): Promise<number> {
  setEnvironment(shell.process, shell.variables.environment());
  return shell.process.exec(program, words);
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
  setEnvironment(shell.process, environment === "empty" ? new Map() : shell.variables.environment());
  throw new ExitShell(await shell.process.exec(found.program, words));
}

// Compound commands (bash(1), Compound Commands) and function definitions.

import type {
  ArithmeticFor,
  Case,
  CommandNode,
  CompoundList,
  For,
  If,
  Redirected,
  Select,
  Subshell,
  TestCommand,
  While,
} from "unbash";
import { Break, Continue, ShellFault } from "../control.ts";
import {
  expandArithmetic,
  expandHereText,
  expandPattern,
  expandString,
  expandWords,
} from "../expand/word.ts";
import { Pattern } from "../pattern.ts";
import type { Shell } from "../shell.ts";
import { NAME } from "../variables.ts";
import { runConditional } from "./conditional.ts";
import { closeSubstitutions, fork, waitForeground } from "./fork.ts";
import { tested } from "./pipeline.ts";
import { commandText, reportForeground } from "./report.ts";
import { install, redirect, RedirectionFault, withDescriptors } from "./redirect.ts";
import { traceText } from "./trace.ts";

const NOT_FOUND = 127;

/** Runs every command but simple ones. */
export async function runCompound(
  shell: Shell,
  node: Exclude<CommandNode, { type: "Command" }> | CompoundList,
  inPlace: boolean,
): Promise<number> {
  const { interpreter } = shell;
  switch (node.type) {
    case "CompoundList":
      return interpreter.runList(shell, node);
    case "BraceGroup":
      return interpreter.runList(shell, node.body);
    case "Subshell":
      return runSubshell(shell, node, inPlace);
    case "If":
      return runIf(shell, node);
    case "While":
      return runWhile(shell, node);
    case "For":
      return runFor(shell, node);
    case "ArithmeticFor":
      return runArithmeticFor(shell, node);
    case "Case":
      return runCase(shell, node);
    case "Select":
      return runSelect(shell, node);
    case "TestCommand":
      if (shell.dash) return unknown(shell, node, "[[");
      return onlyFailing(shell, () => runConditional(shell, node));
    case "ArithmeticCommand":
      await shell.step();
      await shell.begins(node.pos, () => `((${node.body}))`);
      if (shell.options.has("xtrace")) await traceText(shell, `(( ${node.body} ))`);
      return onlyFailing(shell, async () =>
        (await expandArithmetic(shell, node.body, "((")) === 0n ? 1 : 0,
      );
    case "Redirected":
      return runRedirected(shell, node, inPlace);
    case "Function":
      shell.functions.set(node.name.value, {
        name: node.name.value,
        body: node.body,
        source: shell.functionSource(),
      });
      return 0;
    case "Coproc":
      shell.position = node.pos;
      shell.complain("coproc: not supported");
      return 1;
  }
}

/** What is no syntax in dash is a command that it does not find. */
function unknown(shell: Shell, node: TestCommand, name: string): number {
  shell.position = node.pos;
  shell.complain(`${name}: command not found`);
  return NOT_FOUND;
}

/** Runs what has a status of its own for a fault in it: `((` and `[[` do not give up the line that they stand in. */
export async function onlyFailing(shell: Shell, run: () => Promise<number>): Promise<number> {
  try {
    return await run();
  } catch (fault) {
    if (!(fault instanceof ShellFault) || fault.effect === "exit") throw fault;
    shell.report(fault);
    return 1;
  }
}

async function runSubshell(shell: Shell, node: Subshell, inPlace: boolean): Promise<number> {
  if (inPlace) return shell.interpreter.runList(shell, node.body);
  await shell.step();
  const { source } = shell;
  shell.stands(node.pos, () => commandText(source, node));
  const child = fork(shell, (sub) => sub.interpreter.runList(sub, node.body));
  const status = await waitForeground(shell, child);
  if (shell.death) reportForeground(shell, [child], [commandText(shell.source, node)]);
  shell.death = undefined;
  return status;
}

async function runRedirected(shell: Shell, node: Redirected, inPlace: boolean): Promise<number> {
  shell.position = node.pos;
  const mark = shell.substitutionFds.length;
  try {
    const redirected = await redirect(shell, node.redirects);
    const run = (): Promise<number> => shell.interpreter.runCommand(shell, node.command, inPlace);
    if (!inPlace) return await withDescriptors(shell.process, redirected, run);
    install(shell.process, redirected.fds);
    for (const fd of redirected.opened) fd.release();
    return await run();
  } catch (fault) {
    if (!(fault instanceof RedirectionFault)) throw fault;
    shell.complain(fault.message);
    return fault.status;
  } finally {
    if (shell.substitutionFds.length > mark) closeSubstitutions(shell, mark);
  }
}

async function runIf(shell: Shell, node: If): Promise<number> {
  const { interpreter } = shell;
  for (const { clause, then } of [node, ...node.elif]) {
    if ((await tested(shell, () => interpreter.runList(shell, clause))) === 0)
      return interpreter.runList(shell, then);
  }
  return node.else ? interpreter.runList(shell, node.else) : 0;
}

/** Runs a loop's body once. True if the loop is to end. */
async function turn(shell: Shell, body: CompoundList): Promise<boolean> {
  await shell.step();
  try {
    await shell.interpreter.runList(shell, body);
    return false;
  } catch (control) {
    if (control instanceof Break || control instanceof Continue) {
      if (--control.levels > 0 && shell.loopDepth > 1) throw control;
      shell.status = control instanceof Break ? control.status : 0;
      return control instanceof Break;
    }
    throw control;
  }
}

async function looping<T>(shell: Shell, run: () => Promise<T>): Promise<T> {
  shell.loopDepth++;
  try {
    return await run();
  } finally {
    shell.loopDepth--;
  }
}

async function runWhile(shell: Shell, node: While): Promise<number> {
  return looping(shell, async () => {
    let status = 0;
    for (;;) {
      let held: boolean;
      try {
        held =
          ((await tested(shell, () => shell.interpreter.runList(shell, node.clause))) === 0) ===
          (node.kind === "while");
      } catch (control) {
        // break and continue may stand in the condition, too.
        if (!(control instanceof Break || control instanceof Continue)) throw control;
        if (--control.levels > 0 && shell.loopDepth > 1) throw control;
        if (control instanceof Break) return 0;
        continue;
      }
      if (!held) return status;
      const ended = await turn(shell, node.body);
      status = shell.status;
      if (ended) return status;
    }
  });
}

async function loopWords(shell: Shell, node: For | Select): Promise<readonly string[]> {
  shell.position = node.pos;
  const name = node.name.value;
  if (!NAME.test(name)) throw new ShellFault(`\`${node.name.text}': not a valid identifier`);
  return node.wordlist ? expandWords(shell, node.wordlist) : [...shell.positional];
}

async function runFor(shell: Shell, node: For): Promise<number> {
  const items = await loopWords(shell, node);
  return looping(shell, async () => {
    let status = 0;
    const words = node.wordlist ? node.wordlist.map((word) => word.text).join(" ") : '"$@"';
    const head = `for ${node.name.value} in ${words}`;
    for (const item of items) {
      await shell.begins(node.pos, () => head);
      if (shell.options.has("xtrace")) await traceText(shell, head);
      shell.variables.set(node.name.value, item);
      const ended = await turn(shell, node.body);
      status = shell.status;
      if (ended) break;
    }
    return status;
  });
}

async function runArithmeticFor(shell: Shell, node: ArithmeticFor): Promise<number> {
  const [initialize = "", test = "", update = ""] = clausesOf(
    shell.source.text.slice(node.pos, node.body.pos),
  );
  const evaluate = async (text: string, empty: bigint): Promise<bigint> => {
    const expression = text.trimStart();
    if (expression === "") return empty;
    await shell.begins(node.pos, () => `((${expression}))`);
    if (shell.options.has("xtrace")) await traceText(shell, `(( ${expression} ))`);
    return expandArithmetic(shell, text, "((");
  };
  await evaluate(initialize, 0n);
  return looping(shell, async () => {
    let status = 0;
    while ((await evaluate(test, 1n)) !== 0n) {
      const ended = await turn(shell, node.body);
      status = shell.status;
      if (ended) break;
      await evaluate(update, 0n);
    }
    return status;
  });
}

/** The three expressions of `for ((a; b; c))`, as text. */
function clausesOf(head: string): string[] {
  const start = head.indexOf("((") + 2;
  const clauses = [""];
  let depth = 0;
  for (let at = start; at < head.length; at++) {
    const char = head[at] ?? "";
    if (char === ")" && depth === 0) break;
    if (char === "(") depth++;
    if (char === ")") depth--;
    if (char === ";" && depth === 0) clauses.push("");
    else clauses[clauses.length - 1] += char;
  }
  return clauses;
}

async function runCase(shell: Shell, node: Case): Promise<number> {
  await shell.step();
  const head = `case ${node.word.text} in`;
  await shell.begins(node.pos, () => `${head} `);
  if (shell.options.has("xtrace")) await traceText(shell, head);
  const text = await expandString(shell, node.word);
  const ignoreCase = shell.shopts.has("nocasematch");
  let status = 0;
  let falling = false;
  for (const item of node.items) {
    if (!falling && !(await matchesAny(shell, item.pattern, text, ignoreCase))) continue;
    status = item.body.commands.length === 0 ? 0 : await shell.interpreter.runList(shell, item.body);
    if (item.terminator !== ";&" && item.terminator !== ";;&") return status;
    falling = item.terminator === ";&";
  }
  return status;
}

async function matchesAny(
  shell: Shell,
  patterns: Case["items"][number]["pattern"],
  text: string,
  ignoreCase: boolean,
): Promise<boolean> {
  for (const pattern of patterns) {
    if (new Pattern(await expandPattern(shell, pattern), ignoreCase).matches(text)) return true;
  }
  return false;
}

const COLUMNS = 80;

async function runSelect(shell: Shell, node: Select): Promise<number> {
  const items = await loopWords(shell, node);
  if (items.length === 0) return 0;
  return looping(shell, async () => {
    let menu = true;
    for (;;) {
      if (menu) shell.process.warn(selectMenu(items, Number(shell.variables.get("COLUMNS") ?? COLUMNS)));
      shell.process.warn(await expandHereText(shell, shell.variables.get("PS3") ?? "#? "));
      if ((await shell.interpreter.runWords(shell, ["read"], false)) !== 0) {
        shell.process.warn("\n");
        return 1;
      }
      const reply = shell.variables.get("REPLY") ?? "";
      menu = reply === "";
      if (menu) continue;
      shell.variables.set(node.name.value, /^\d+$/.test(reply) ? (items[Number(reply) - 1] ?? "") : "");
      if (await turn(shell, node.body)) return shell.status;
    }
  });
}

/** Numbered items in columns, as select prints them. */
function selectMenu(items: readonly string[], columns: number): string {
  const indexWidth = String(items.length).length;
  const width = Math.max(...items.map((item) => item.length)) + indexWidth + 2;
  const across = Math.max(1, Math.floor(columns / (width + 2)));
  const rows = items.length <= across ? items.length : Math.ceil(items.length / across);
  let out = "";
  for (let row = 0; row < rows; row++) {
    const cells = items.flatMap((item, at) =>
      at % rows === row ? [`${String(at + 1).padStart(indexWidth)}) ${item}`] : [],
    );
    out += `${cells.map((cell, at) => (at < cells.length - 1 ? cell.padEnd(width + 2) : cell)).join("")}\n`;
  }
  return out;
}

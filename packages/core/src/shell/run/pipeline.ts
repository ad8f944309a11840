// Lists, pipelines and background commands (bash(1), Pipelines and Lists).

import type { AndOr, CommandNode, CompoundList, Pipeline, PipelineNode, Statement } from "unbash";
import type { Process } from "../../system/process.ts";
import { MILLISECOND } from "../../system/system.ts";
import { Pipe } from "../../system/streams.ts";
import type { Descriptor } from "../../system/streams.ts";
import type { Shell } from "../shell.ts";
import { commandText, reportBackground, reportForeground } from "./report.ts";
import { backgroundDescriptors, fork, waitForeground } from "./fork.ts";

export async function runList(shell: Shell, list: Pick<CompoundList, "commands">): Promise<number> {
  for (const statement of list.commands) {
    if (shell.jobs.any && !shell.interactive) reportBackground(shell);
    if (statement.background) await startBackground(shell, statement);
    else await runPipeline(shell, statement.command);
  }
  if (list.commands.length === 0) shell.status = 0;
  return shell.status;
}

/** Runs a pipeline or && and || list, and sets `$?`. */
export async function runPipeline(shell: Shell, node: PipelineNode | AndOr): Promise<number> {
  if (node.type === "AndOr") return runAndOr(shell, node);
  if (node.type === "Pipeline") return runElements(shell, node);
  shell.status = await shell.interpreter.runCommand(shell, node, false);
  if (isSimple(node)) shell.pipeStatus = [shell.status];
  if (shell.status !== 0 && countsAsFailure(node)) await shell.failed(shell.status);
  if (shell.traps.pending) await shell.runTraps();
  return shell.status;
}

function isSimple(node: CommandNode): boolean {
  return (
    node.type === "Command" ||
    node.type === "Subshell" ||
    node.type === "TestCommand" ||
    node.type === "ArithmeticCommand"
  );
}

/** Commands whose own status `set -e` looks at; the parts of the others have been looked at already. */
function countsAsFailure(node: CommandNode): boolean {
  return isSimple(node.type === "Redirected" ? node.command : node) || node.type === "Redirected";
}

/** Runs something whose status is only tested. */
export async function tested<T>(shell: Shell, run: () => Promise<T>): Promise<T> {
  shell.conditionDepth++;
  try {
    return await run();
  } finally {
    shell.conditionDepth--;
  }
}

async function runAndOr(shell: Shell, node: AndOr): Promise<number> {
  const last = node.commands.length - 1;
  for (const [index, command] of node.commands.entries()) {
    const operator = node.operators[index - 1];
    if (operator !== undefined && (shell.status === 0) !== (operator === "&&")) continue;
    if (index < last) await tested(shell, () => runPipeline(shell, command));
    else await runPipeline(shell, command);
  }
  return shell.status;
}

async function runElements(shell: Shell, node: Pipeline): Promise<number> {
  const negations = node.prefixes.filter((prefix) => prefix.type === "Negation").length;
  const time = node.prefixes.find((prefix) => prefix.type === "Time");
  const begun = shell.process.monotonic();
  const run = (): Promise<number> => {
    const only = node.commands[0];
    if (only === undefined) return Promise.resolve(0);
    return node.commands.length === 1 ? runPipeline(shell, only) : runJoined(shell, node);
  };
  shell.status = negations > 0 ? await tested(shell, run) : await run();
  if (time) reportTime(shell, shell.process.monotonic() - begun, time.posix !== undefined);
  if (negations % 2 === 1) shell.status = shell.status === 0 ? 1 : 0;
  else if (negations === 0 && node.commands.length > 1 && shell.status !== 0)
    await shell.failed(shell.status);
  if (shell.traps.pending) await shell.runTraps();
  return shell.status;
}

/** `time`: processor time is not modelled. */
function reportTime(shell: Shell, elapsed: number, posix: boolean): void {
  const seconds = elapsed / (1000 * MILLISECOND);
  if (posix) return shell.process.warn(`real ${seconds.toFixed(2)}\nuser 0.00\nsys 0.00\n`);
  const format = shell.variables.get("TIMEFORMAT") ?? "\nreal\t%3lR\nuser\t%3lU\nsys\t%3lS";
  if (format === "") return;
  const unknown = /%(?:%|\dl?[RUSP]|l?[RUSP]|(.))/g;
  for (const [, letter] of format.matchAll(unknown)) {
    if (letter !== undefined) return shell.complain(`TIMEFORMAT: \`${letter}': invalid format character`);
  }
  const text = format.replace(
    /%(?:%|(\d?)(l?)([RUSP]))/g,
    (_, digits: string, long: string, what?: string) => {
      if (what === undefined) return "%";
      if (what === "P") return "0.00";
      const places = Math.min(digits === "" ? 3 : Number(digits), 3);
      const value = what === "R" ? seconds : 0;
      if (long === "") return truncated(value, places);
      return `${Math.floor(value / 60)}m${truncated(value % 60, places)}s`;
    },
  );
  shell.process.warn(`${text}\n`);
}

/** Seconds with so many digits behind the point, and none of them rounded up. */
function truncated(seconds: number, places: number): string {
  const unit = 10 ** places;
  return (Math.floor(Math.round(seconds * 1e6) / (1e6 / unit)) / unit).toFixed(places);
}

async function runJoined(shell: Shell, node: Pipeline): Promise<number> {
  await shell.step();
  const { source } = shell;
  const last = node.commands.at(-1);
  if (last) shell.stands(node.pos, () => commandText(source, last));
  const processes = startElements(shell, node, shell.process.fds, false);
  const statuses: number[] = [];
  for (const process of processes) statuses.push(await waitForeground(shell, process));
  shell.pipeStatus = statuses;
  if (shell.death) {
    reportForeground(
      shell,
      processes,
      node.commands.map((command) => commandText(shell.source, command)),
    );
  }
  shell.death = undefined;
  if (!shell.options.has("pipefail")) return statuses.at(-1) ?? 0;
  return statuses.findLast((status) => status !== 0) ?? 0;
}

/** Starts every element in a process of its own, connected by pipes. */
function startElements(
  shell: Shell,
  node: Pipeline,
  fds: ReadonlyMap<number, Descriptor>,
  background: boolean,
): readonly Process[] {
  const processes: Process[] = [];
  let input: Descriptor | undefined;
  for (const [index, command] of node.commands.entries()) {
    const own = new Map(fds);
    if (input) own.set(0, input);
    const pipe = index < node.commands.length - 1 ? new Pipe() : undefined;
    if (pipe) own.set(1, pipe.writer);
    if (pipe && node.operators[index] === "|&") own.set(2, pipe.writer);
    processes.push(
      fork(shell, (sub) => sub.interpreter.runCommand(sub, command, true), { fds: own, background }),
    );
    input?.release();
    pipe?.writer.release();
    input = pipe?.reader;
  }
  return processes;
}

async function startBackground(shell: Shell, statement: Statement): Promise<void> {
  await shell.step();
  const node = statement.command;
  shell.position = statement.pos;
  const text = shell.source.text.slice(statement.pos, statement.end).replace(/\s*&\s*$/, "");
  const { fds, release } = backgroundDescriptors(shell);
  let processes: readonly Process[];
  if (node.type === "Pipeline" && node.prefixes.length === 0 && node.commands.length > 1) {
    processes = startElements(shell, node, fds, true);
  } else {
    const body = (sub: Shell): Promise<number> =>
      node.type === "AndOr" || node.type === "Pipeline"
        ? sub.interpreter.runPipeline(sub, node)
        : sub.interpreter.runCommand(sub, node, true);
    processes = [fork(shell, body, { fds, background: true })];
  }
  release();
  const job = shell.jobs.add(processes, text);
  if (shell.interactive && shell.subshellLevel === 0) shell.process.warn(`[${job.number}] ${job.last.pid}\n`);
  shell.status = 0;
}

// What bash says about commands that a signal has ended: a line with pid, signal and command (jobs.c's formats, as
// seen in its output). SIGINT and SIGPIPE are not worth a word; SIGTERM is told without a pid.

import type { CommandNode, Redirection } from "unbash";
import type { Process } from "../../system/process.ts";
import type { Signal } from "../../system/signals.ts";
import type { Job } from "../jobs.ts";
import { dashUnexpected, dashUnterminated } from "../dash/syntax.ts";
import type { Shell } from "../shell.ts";
import type { SourceText, SyntaxFault } from "../source.ts";

/** strsignal(3) for the signals that end processes. */
export const SIGNAL_TEXTS: Readonly<Partial<Record<Signal, string>>> = {
  SIGHUP: "Hangup",
  SIGINT: "Interrupt",
  SIGQUIT: "Quit",
  SIGILL: "Illegal instruction",
  SIGTRAP: "Trace/breakpoint trap",
  SIGABRT: "Aborted",
  SIGBUS: "Bus error",
  SIGFPE: "Floating point exception",
  SIGKILL: "Killed",
  SIGUSR1: "User defined signal 1",
  SIGSEGV: "Segmentation fault",
  SIGUSR2: "User defined signal 2",
  SIGPIPE: "Broken pipe",
  SIGALRM: "Alarm clock",
  SIGTERM: "Terminated",
};

const UNTOLD: ReadonlySet<Signal> = new Set(["SIGINT", "SIGPIPE"]);
const STATE_WIDTH = 24;
const PID_WIDTH = 5;

/** "Done", "Exit 3", "Killed": how a process ended. */
export function endingText(process: Process): string {
  const { status } = process;
  if (status?.signal !== undefined) return SIGNAL_TEXTS[status.signal] ?? status.signal;
  return status?.code === 0 || status === undefined ? "Done" : `Exit ${status.code}`;
}

/** Tells of a foreground command's death, if it died in a way that is told. */
export function reportForeground(
  shell: Shell,
  processes: readonly Process[],
  texts: readonly string[],
): void {
  const signal = processes.at(-1)?.status?.signal;
  if (signal === undefined || UNTOLD.has(signal) || shell.inSubstitution) return;
  if (shell.interactive || shell.dash || signal === "SIGTERM")
    shell.process.warn(`${SIGNAL_TEXTS[signal] ?? signal}\n`);
  else tell(shell, processes, texts);
}

/** What an interactive shell says before its prompt: jobs that have ended, which are then forgotten. */
export function notifyJobs(shell: Shell): void {
  for (const job of shell.jobs.takeEnded()) {
    shell.process.warn(`${describeJob(shell, job)}\n`);
    shell.jobs.remove(job);
  }
}

/** Tells of background jobs that died since the last look. dash tells of one that is waited for, in `wait`. */
export function reportBackground(shell: Shell): void {
  if (shell.dash) return;
  for (const job of shell.jobs.takeEnded()) {
    const signal = job.last.status?.signal;
    if (signal === undefined || UNTOLD.has(signal) || signal === "SIGTERM" || shell.inSubstitution) continue;
    tell(shell, job.processes, job.processes.length === 1 ? [job.text] : job.text.split(/ \| ?/));
  }
}

function tell(shell: Shell, processes: readonly Process[], texts: readonly string[]): void {
  const prefix = shell.messagePrefix();
  processes.forEach((process, index) => {
    const lead = index === 0 ? prefix : " ".repeat(PID_WIDTH);
    const bar = index === 0 ? "" : "| ";
    const pid = String(process.pid).padStart(PID_WIDTH);
    shell.process.warn(
      `${lead}${pid} ${endingText(process).padEnd(STATE_WIDTH)}${bar}${texts[index] ?? ""}\n`,
    );
  });
}

/** Says what is wrong with a text; `where` stands between the shell's name and the line: `eval: `, `-c: `. */
export function reportSyntax(shell: Shell, fault: SyntaxFault, command?: "eval"): void {
  const { cause, line } = fault;
  const within = command === undefined ? "" : `${command}: `;
  if (shell.dash) {
    const text = typeof cause === "string" ? dashUnterminated(cause) : dashUnexpected(cause);
    const { source } = shell;
    const place = fault.incomplete ? source.lineAt(source.text.length) : line;
    shell.process.warn(`${shell.source.name}: ${place}: ${within}${text}\n`);
    return;
  }
  const string = shell.input === "string" && command === undefined ? "-c: " : "";
  const where = shell.interactive ? within : `${within}${string}line ${line}: `;
  const name = shell.interactive ? shell.name : shell.source.name;
  // At a prompt the line stands above, so it is not repeated.
  for (const message of shell.interactive ? fault.messages.slice(0, 1) : fault.messages)
    shell.process.warn(`${name}: ${where}${message}\n`);
}

/** Text of a command as bash prints it again. */
export function commandText(source: SourceText, node: CommandNode): string {
  const slice = (part: { readonly pos: number; readonly end: number }): string =>
    source.text.slice(part.pos, part.end);
  const redirects = (list: readonly Redirection[]): string[] =>
    list.map((one) => slice(one).replace(/^(\d*[<>|]+)(?=[^\s&<>|])/, "$1 "));
  if (node.type === "Command") {
    const words = [node.name, ...node.prefix, ...node.suffix].filter((part) => part !== undefined);
    const plain = words.filter((part) => part.type === "Word" || part.type === "Assignment");
    return [...plain.sort((a, b) => a.pos - b.pos).map(slice), ...redirects(node.redirects)].join(" ");
  }
  if (node.type === "Subshell") return `( ${slice(node).slice(1, -1).trim()} )`;
  if (node.type === "Redirected")
    return [commandText(source, node.command), ...redirects(node.redirects)].join(" ");
  return slice(node);
}

/** A line of `jobs`. */
export function describeJob(shell: Shell, job: Job, withPid = false): string {
  const mark = job === shell.jobs.current ? "+" : job === shell.jobs.previous ? "-" : " ";
  const pid = withPid ? `${job.last.pid} ` : "";
  const state = job.running ? "Running" : endingText(job.last);
  return `[${job.number}]${mark}  ${pid}${state.padEnd(STATE_WIDTH)}${job.text}${job.running ? " &" : ""}`;
}

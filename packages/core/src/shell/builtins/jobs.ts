// wait, kill, jobs, fg, disown, trap, times: processes and signals.

import type { Process } from "../../system/process.ts";
import type { Running } from "../../system/process-table.ts";
import { exitCode } from "../../system/process.ts";
import type { Signal } from "../../system/signals.ts";
import { parseSignal, SIGNAL_NUMBERS } from "../../system/signals.ts";
import type { Waitable } from "../../system/streams.ts";
import { singleQuote } from "../expand/quote.ts";
import { describeJob, reportBackground, reportForeground } from "../run/report.ts";
import type { Job } from "../jobs.ts";
import { isPseudo } from "../traps.ts";
import type { PseudoSignal } from "../traps.ts";
import type { Shell } from "../shell.ts";
import type { Builtin } from "./builtin.ts";
import { readOptions, USAGE_STATUS } from "./builtin.ts";

const NO_SUCH_CHILD = 127;

function ending(process: Process): Waitable {
  return {
    get ready() {
      return process.status !== undefined;
    },
    subscribe: (wake) => process.onEnd(wake),
  };
}

/** Waits until `done`. A number is the status of a wait that a trapped signal has cut short. */
async function waitUntil(
  shell: Shell,
  processes: readonly Process[],
  done: () => boolean,
): Promise<number | undefined> {
  const waitables = processes.map(ending);
  while (!done()) {
    const result = await shell.process.wait(waitables.filter((one) => !one.ready));
    if (result !== "signal") continue;
    if (shell.interruptPending) shell.interrupt();
    const signal = shell.traps.next;
    if (signal !== undefined) return 128 + SIGNAL_NUMBERS[signal];
  }
  return undefined;
}

export const wait: Builtin = async (shell, args) => {
  const read = readOptions(shell, "wait", args, "nf", "p", "wait [-fn] [-p var] [id ...]");
  if (!read) return USAGE_STATUS;
  const { options, rest } = read;
  const told = (pid: number): void => {
    const variable = options.get("p");
    if (variable !== undefined) shell.variables.set(variable, String(pid));
  };
  if (options.has("n")) {
    const jobs = rest.length === 0 ? shell.jobs.list : rest.flatMap((id) => jobOf(shell, id) ?? []);
    if (jobs.length === 0) return NO_SUCH_CHILD;
    const cut = await waitUntil(
      shell,
      jobs.flatMap((job) => job.processes),
      () => jobs.some((job) => !job.running),
    );
    if (cut !== undefined) return cut;
    return collect(shell, jobs.find((job) => !job.running) as Job, told); // the wait ended because there is one
  }
  if (rest.length === 0) {
    const jobs = [...shell.jobs.list];
    const cut = await waitUntil(
      shell,
      jobs.flatMap((job) => job.processes),
      () => jobs.every((job) => !job.running),
    );
    if (cut !== undefined) return cut;
    reportBackground(shell);
    for (const job of jobs) shell.jobs.remove(job);
    return 0;
  }
  let status = 0;
  for (const id of rest) {
    const job = jobOf(shell, id);
    if (!job) {
      const past = /^\d+$/.test(id) ? shell.jobs.pastStatus(Number(id)) : undefined;
      if (past === undefined) {
        if (shell.dash && /^\d+$/.test(id)) status = NO_SUCH_CHILD;
        else if (id.startsWith("%")) shell.complain(`wait: ${id}: no such job`);
        else if (/^\d+$/.test(id)) shell.complain(`wait: pid ${id} is not a child of this shell`);
        else shell.complain(`wait: \`${id}': not a pid or valid job spec`);
      }
      status = past ?? (/^\d+$|^%/.test(id) ? NO_SUCH_CHILD : 1);
      continue;
    }
    const cut = await waitUntil(shell, job.processes, () => !job.running);
    if (cut !== undefined) return cut;
    const own = /^\d+$/.test(id) ? job.processes.find((process) => process.pid === Number(id)) : undefined;
    const code = collect(shell, job, told);
    if (shell.dash) reportForeground(shell, job.processes, []);
    status = own?.status ? exitCode(own.status) : code;
  }
  return status;
};

function collect(shell: Shell, job: Job, told: (pid: number) => void): number {
  told(job.last.pid);
  if (!shell.interactive) reportBackground(shell);
  shell.jobs.remove(job);
  return job.code ?? 0;
}

function jobOf(shell: Shell, id: string): Job | undefined {
  return id.startsWith("%") ? shell.jobs.bySpec(id) : shell.jobs.byPid(Number(id));
}

/** Name without SIG, as `kill -l` and `trap` list it. */
function shortName(signal: Signal): string {
  return signal.slice("SIG".length);
}

function listSignals(shell: Shell, rest: readonly string[]): number {
  let status = 0;
  if (rest.length === 0) {
    const all = Object.entries(SIGNAL_NUMBERS).map(
      ([name, number]) => `${String(number).padStart(2)}) ${name}`,
    );
    for (let at = 0; at < all.length; at += 5) shell.print(`${all.slice(at, at + 5).join("\t")}\n`);
  }
  for (const text of rest) {
    const number = /^\d+$/.test(text) ? String(Number(text) > 128 ? Number(text) - 128 : Number(text)) : text;
    const signal = parseSignal(number);
    if (signal) shell.print(`${/^\d+$/.test(text) ? shortName(signal) : SIGNAL_NUMBERS[signal]}\n`);
    else {
      shell.complain(`kill: ${text}: invalid signal specification`);
      status = 1;
    }
  }
  return status;
}

const KILL_USAGE =
  "kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]\n";

const DASH_KILL_USAGE =
  "kill: Usage: kill [-s sigspec | -signum | -sigspec] [pid | job]... or\nkill -l [exitstatus]";

export const kill: Builtin = (shell, args) => {
  let rest = args;
  let signal: Signal | undefined = "SIGTERM";
  let probe = false;
  const first = rest[0] ?? "";
  if (first === "-l" || first === "-L") return listSignals(shell, rest.slice(1));
  if (first === "-s" || first === "-n") {
    const text = rest[1] ?? "";
    probe = text === "0" || text === "EXIT";
    signal = parseSignal(text);
    rest = rest.slice(2);
    if (!signal && !probe) return badSignal(shell, text);
  } else if (first === "--") rest = rest.slice(1);
  else if (/^-./.test(first)) {
    const text = first.slice(1);
    probe = text === "0";
    signal = parseSignal(text);
    if (!signal && !probe) return badSignal(shell, text);
    rest = rest.slice(1);
    if (rest[0] === "--") rest = rest.slice(1);
  }
  if (rest.length === 0) {
    if (shell.dash) shell.complain(DASH_KILL_USAGE);
    else shell.process.warn(KILL_USAGE);
    return USAGE_STATUS;
  }
  let status = 0;
  for (const id of rest) {
    const targets = targetsOf(shell, id);
    if (typeof targets === "string") {
      shell.complain(`kill: ${targets}`);
      status = 1;
    } else if (!probe && signal) for (const target of targets) target.kill(signal);
  }
  // A signal to the shell itself acts before the next command.
  return shell.process.interrupted ? shell.process.wait([], 0).then(() => status) : status;
};

function badSignal(shell: Shell, text: string): number {
  shell.complain(`kill: ${text}: invalid signal specification`);
  return shell.dash ? USAGE_STATUS : 1;
}

/** Processes that a pid, -pgid or %job means; a text is the error. */
function targetsOf(shell: Shell, id: string): readonly Running[] | string {
  if (id.startsWith("%")) {
    const job = shell.jobs.bySpec(id);
    return job ? job.processes.filter((process) => process.status === undefined) : `${id}: no such job`;
  }
  if (!/^-?\d+$/.test(id)) return `${id}: arguments must be process or job IDs`;
  const pid = Number(id);
  const process = pid === 0 ? shell.process : shell.process.find(Math.abs(pid));
  if (process) return pid <= 0 ? [process, ...descendants(process)] : [process];
  const daemon = shell.process.everyone.find((one) => one.pid === pid);
  if (daemon) return [daemon];
  // A child that has ended is a zombie until the shell looks at it: signals to it succeed.
  const job = shell.jobs.byPid(pid);
  return job ? [] : `(${id}) - No such process`;
}

function descendants(process: Process): Process[] {
  return [...process.children].flatMap((child) => [child, ...descendants(child)]);
}

export const jobs: Builtin = (shell, args) => {
  const read = readOptions(
    shell,
    "jobs",
    args,
    "lnprs",
    "",
    "jobs [-lnprs] [jobspec ...] or jobs -x command [args]",
  );
  if (!read) return USAGE_STATUS;
  const { options, rest } = read;
  let status = 0;
  const chosen = rest.length === 0 ? [...shell.jobs.known] : [];
  for (const id of rest) {
    const job = shell.jobs.bySpec(id.startsWith("%") ? id : `%${id}`);
    if (job) chosen.push(job);
    else {
      shell.complain(`jobs: ${id}: no such job`);
      status = 1;
    }
  }
  const listed = chosen.filter((job) => !options.has("r") || job.running);
  const lines = listed.map((job) =>
    options.has("p") ? String(job.last.pid) : describeJob(shell, job, options.has("l")),
  );
  for (const line of lines) shell.print(`${line}\n`);
  for (const job of listed) if (!job.running) shell.jobs.remove(job);
  return status;
};

export const foreground: Builtin = async (shell, args, name) => {
  if (!shell.interactive) {
    shell.complain(`${name}: no job control`);
    return 1;
  }
  const id = args[0] ?? "%+";
  const job = shell.jobs.bySpec(id.startsWith("%") ? id : `%${id}`);
  if (!job) {
    shell.complain(`${name}: ${args[0] ?? "current"}: no such job`);
    return 1;
  }
  if (name === "bg") return 0;
  shell.print(`${job.text}\n`);
  for (const process of job.processes) process.ownGroup = false;
  const cut = await waitUntil(shell, job.processes, () => !job.running);
  if (cut !== undefined) return cut;
  return collect(shell, job, () => {});
};

export const disown: Builtin = (shell, args) => {
  const ids = args.filter((word) => !word.startsWith("-"));
  const all = args.some((word) => /^-\w*a/.test(word));
  const chosen = all
    ? [...shell.jobs.list]
    : ids.length > 0
      ? ids.flatMap((id) => jobOf(shell, id) ?? [])
      : [shell.jobs.current];
  for (const job of chosen) if (job) shell.jobs.remove(job);
  return 0;
};

function trapName(text: string): Signal | PseudoSignal | undefined {
  const upper = text.toUpperCase();
  if (upper === "0" || upper === "EXIT") return "EXIT";
  if (isPseudo(upper)) return upper;
  return parseSignal(text);
}

export const trap: Builtin = (shell, args) => {
  const read = readOptions(
    shell,
    "trap",
    args[0] === "-" ? ["--", ...args] : args,
    "lp",
    "",
    "trap [-lp] [[arg] signal_spec ...]",
  );
  if (!read) return USAGE_STATUS;
  const { options, rest } = read;
  if (options.has("l")) return listSignals(shell, []);
  if (options.has("p") || rest.length === 0) {
    const wanted = rest.map(trapName);
    for (const [name, action] of shell.traps.list().toSorted((a, b) => trapNumber(a[0]) - trapNumber(b[0]))) {
      if (wanted.length === 0 || wanted.includes(name))
        shell.print(`trap -- ${singleQuote(action)} ${shell.dash ? name.replace(/^SIG/, "") : name}\n`);
    }
    return 0;
  }
  const [action = "", ...names] = rest;
  const single = names.length === 0;
  const clear = action === "-" || single || /^\d+$/.test(action);
  let status = 0;
  for (const text of single || /^\d+$/.test(action) ? rest : names) {
    const name = trapName(text);
    if (name === undefined) {
      shell.complain(`trap: ${text}: invalid signal specification`);
      status = 1;
    } else if (clear) shell.traps.clear(name);
    else shell.traps.set(name, action);
  }
  return status;
};

function trapNumber(name: Signal | PseudoSignal): number {
  if (name === "EXIT") return 0;
  if (name === "DEBUG") return 65;
  if (name === "ERR") return 66;
  return name === "RETURN" ? 67 : SIGNAL_NUMBERS[name];
}

/** Processor time is not modelled. */
export const times: Builtin = (shell) => {
  shell.print("0m0.000s 0m0.000s\n0m0.000s 0m0.000s\n");
  return 0;
};

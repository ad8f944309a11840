// ps, pgrep, pkill, killall: the processes of the system, by name and by pid (procps-ng 4.0, psmisc 23).

import type { Process, Program } from "../../system/process.ts";
import { posixRegExp } from "../../system/posix-regexp.ts";
import type { Signal } from "../../system/signals.ts";
import { parseSignal } from "../../system/signals.ts";
import { has, parseOptions, usageError, valueOf } from "../coreutils/options.ts";
import type { Parsed } from "../coreutils/options.ts";
import { complain, program, quoted } from "../coreutils/program.ts";

const NAME_LENGTH = 15; // TASK_COMM_LEN - 1
const NOTHING = 1;
const USAGE = 2;

/** comm: last component of the program's name, cut as the kernel does. */
function nameOf(process: Process): string {
  const [first = ""] = process.argv;
  return first.slice(first.lastIndexOf("/") + 1, first.lastIndexOf("/") + 1 + NAME_LENGTH);
}

function commandOf(process: Process): string {
  return process.argv.join(" ");
}

export const ps = program((process) => {
  const [name = "", first = "", ...rest] = process.argv;
  // BSD style options have no dash: `ps ax`, `ps aux`.
  if (/^[aefluwx]+$/.test(first)) process.argv = [name, `-${first}`, ...rest];
  const parsed = parseOptions(process, {
    short: "aAefluwxo:p:C:",
    long: { "format=": "o", "pid=": "p", forest: "forest", "no-headers": "h" },
  });
  const everyone = ["A", "e", "a", "x"].some((letter) => has(parsed, letter));
  const pids = valueOf(parsed, "p")?.split(/[ ,]+/).map(Number);
  const wanted = valueOf(parsed, "C")?.split(",");
  const shown = process.everyone.filter((one) => {
    if (pids) return pids.includes(one.pid);
    if (wanted) return wanted.includes(nameOf(one));
    return (
      everyone || one === process || one.pid === process.parentPid || one.parentPid === process.parentPid
    );
  });
  const columns =
    valueOf(parsed, "o")?.split(",") ??
    (has(parsed, "f")
      ? ["user", "pid", "ppid", "cmd"]
      : has(parsed, "x") || has(parsed, "u")
        ? ["pid", "args"]
        : ["pid", "comm"]);
  const table = columns.map((column) => {
    const [key = "", title] = column.split("=");
    const known = COLUMNS[key];
    if (!known) {
      process.warn(`error: unknown user-defined format specifier "${key}"\n`);
      return undefined;
    }
    return { ...known, title: title ?? known.title };
  });
  if (table.some((column) => column === undefined)) return NOTHING;
  const cells = table.flatMap((column) => column ?? []);
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, at) =>
        cells[at]?.right
          ? text.padStart(cells[at]?.width ?? 0)
          : at === cells.length - 1
            ? text
            : text.padEnd(cells[at]?.width ?? 0),
      )
      .join(" ");
  if (!has(parsed, "h") && cells.some(({ title }) => title !== ""))
    process.print(`${line(cells.map(({ title }) => title))}\n`);
  for (const one of shown) process.print(`${line(cells.map(({ show }) => show(one)))}\n`);
  return shown.length > 0 ? 0 : NOTHING;
});

interface Column {
  readonly title: string;
  readonly width: number;
  readonly right: boolean;
  show(process: Process): string;
}

const PID: Column = { title: "PID", width: 7, right: true, show: (process) => String(process.pid) };
const ARGS: Column = { title: "COMMAND", width: 27, right: false, show: commandOf };
const COMM: Column = { title: "COMMAND", width: 15, right: false, show: nameOf };
const COLUMNS: Readonly<Record<string, Column>> = {
  pid: PID,
  ppid: { title: "PPID", width: 7, right: true, show: (process) => String(process.parentPid) },
  user: { title: "USER", width: 8, right: false, show: () => "root" },
  comm: COMM,
  ucmd: COMM,
  args: ARGS,
  command: ARGS,
  cmd: { ...ARGS, title: "CMD" },
  netns: { title: "NETNS", width: 10, right: true, show: (process) => String(process.netns.inode) },
};

const MATCH_LONG = {
  "list-name": "l",
  "list-full": "a",
  delimiter: "d",
  full: "f",
  "ignore-case": "i",
  newest: "n",
  oldest: "o",
  "parent=": "P",
  exact: "x",
  inverse: "v",
  count: "c",
  echo: "e",
};

/** The processes that pgrep's options and pattern choose; undefined after a complaint. */
function matching(process: Process, parsed: Parsed): readonly Process[] | undefined {
  const [pattern, extra] = parsed.operands;
  if (extra !== undefined) {
    process.warn(`${process.argv[0] ?? ""}: only one pattern can be provided\n`);
    return undefined;
  }
  const parents = valueOf(parsed, "P")?.split(",").map(Number);
  if (pattern === undefined && !parents) usageError(process, "no matching criteria specified", USAGE);
  const expression = posixRegExp(
    has(parsed, "x") ? `^(${pattern ?? ""})$` : (pattern ?? ""),
    "extended",
    has(parsed, "i") ? "i" : "",
  );
  if (!expression) {
    complain(process, `${pattern ?? ""}: invalid regular expression`);
    return undefined;
  }
  const all = process.everyone.filter(
    (one) =>
      one !== process &&
      (!parents || parents.includes(one.parentPid)) &&
      expression.test(has(parsed, "f") ? commandOf(one) : nameOf(one)) !== has(parsed, "v"),
  );
  if (has(parsed, "n")) return all.slice(-1);
  return has(parsed, "o") ? all.slice(0, 1) : all;
}

export const pgrep = program((process) => {
  const parsed = parseOptions(process, { short: "lad:fcinoP:vx", long: MATCH_LONG }, USAGE);
  const found = matching(process, parsed);
  if (!found) return USAGE;
  if (has(parsed, "c")) process.print(`${found.length}\n`);
  else {
    const rows = found.map((one) =>
      has(parsed, "a")
        ? `${one.pid} ${commandOf(one)}`
        : has(parsed, "l")
          ? `${one.pid} ${nameOf(one)}`
          : String(one.pid),
    );
    if (rows.length > 0) process.print(`${rows.join(valueOf(parsed, "d") ?? "\n")}\n`);
  }
  return found.length > 0 ? 0 : NOTHING;
});

/** Takes -SIGNAL out of the arguments. Undefined if it names none. */
function takeSignal(process: Process): Signal | undefined {
  const [name = "", ...words] = process.argv;
  const at = words.findIndex((word) => /^-(?:\d+|(?:SIG)?[A-Z]{2,}[12]?)$/.test(word));
  if (at < 0) return "SIGTERM";
  const signal = parseSignal((words[at] ?? "").slice(1));
  process.argv = [name, ...words.filter((_, index) => index !== at)];
  return signal;
}

export const pkill = program((process) => {
  const short = takeSignal(process);
  const parsed = parseOptions(
    process,
    { short: "cefinoP:vx", long: { ...MATCH_LONG, "signal=": "signal" } },
    USAGE,
  );
  const named = valueOf(parsed, "signal");
  const signal = named === undefined ? short : parseSignal(named);
  if (!signal) usageError(process, `unknown signal ${quoted(named ?? "")}`, USAGE);
  const found = matching(process, parsed);
  if (!found) return USAGE;
  for (const one of found) {
    if (has(parsed, "e")) process.print(`${nameOf(one)} killed (pid ${one.pid})\n`);
    one.kill(signal);
  }
  if (has(parsed, "c")) process.print(`${found.length}\n`);
  return found.length > 0 ? 0 : NOTHING;
});

export const killall: Program = program((process) => {
  const short = takeSignal(process);
  const parsed = parseOptions(process, {
    short: "eIiqrs:vw",
    long: { exact: "e", "ignore-case": "I", quiet: "q", "signal=": "s", verbose: "v", wait: "w" },
  });
  const named = valueOf(parsed, "s");
  const signal = named === undefined ? short : parseSignal(named);
  if (!signal) {
    process.warn(`${named ?? ""}: unknown signal; killall -l lists signals.\n`);
    return NOTHING;
  }
  let status = 0;
  for (const name of parsed.operands) {
    const found = process.everyone.filter((one) => one !== process && nameOf(one) === name);
    for (const one of found) one.kill(signal);
    if (found.length > 0) continue;
    if (!has(parsed, "q")) process.warn(`${name}: no process found\n`);
    status = NOTHING;
  }
  return status;
});

/** pidof of sysvinit-utils 3.06: the newest first. */
const pidof = program((process) => {
  const parsed = parseOptions(process, { short: "cd:no:qsxz" });
  const separator = valueOf(parsed, "d") ?? " ";
  const found = process.everyone
    .filter(
      (one) =>
        one !== process &&
        parsed.operands.some((name) => name.slice(name.lastIndexOf("/") + 1) === nameOf(one)),
    )
    .map(({ pid }) => pid)
    .reverse();
  const shown = has(parsed, "s") ? found.slice(0, 1) : found;
  if (shown.length === 0) return NOTHING;
  if (!has(parsed, "q")) process.print(`${shown.join(separator)}\n`);
  return 0;
});

export const processPrograms: ReadonlyMap<string, Program> = new Map([
  ["killall", killall],
  ["pgrep", pgrep],
  ["pidof", pidof],
  ["pkill", pkill],
  ["ps", ps],
]);

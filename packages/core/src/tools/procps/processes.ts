// pgrep, pkill, killall, pidof, and ps (ps/ps.ts): the processes of the system, by name and by pid (procps-ng 4.0, psmisc 23).

import type { Process, Program } from "../../system/process.ts";
import type { Running } from "../../system/process-table.ts";
import { posixRegExp } from "../../system/posix-regexp.ts";
import type { Signal } from "../../system/signals.ts";
import { parseSignal } from "../../system/signals.ts";
import { has, parseOptions, usageError, valueOf } from "../coreutils/options.ts";
import type { Parsed } from "../coreutils/options.ts";
import { complain, program, quoted } from "../coreutils/program.ts";
import { commandName } from "./ps/rows.ts";
import { ps } from "./ps/ps.ts";

const NOTHING = 1;
const USAGE = 2;

function commandOf(process: Running): string {
  return process.argv.join(" ");
}

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
function matching(process: Process, parsed: Parsed): readonly Running[] | undefined {
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
      expression.test(has(parsed, "f") ? commandOf(one) : commandName(one)) !== has(parsed, "v"),
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
          ? `${one.pid} ${commandName(one)}`
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
    if (has(parsed, "e")) process.print(`${commandName(one)} killed (pid ${one.pid})\n`);
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
    const found = process.everyone.filter((one) => one !== process && commandName(one) === name);
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
        parsed.operands.some((name) => name.slice(name.lastIndexOf("/") + 1) === commandName(one)),
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

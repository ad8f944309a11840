// ps of procps-ng 4.0.2: which processes there are, in the columns that are asked for. Threads are not shown one by one.

import type { Process, Program } from "../../../system/process.ts";
import { program } from "../../coreutils/program.ts";
import { accountId, accountName } from "../../ip/tuntap/accounts.ts";
import { readText } from "../../resolver/databases.ts";
import { readArguments } from "./arguments.ts";
import type { Choice, Request } from "./arguments.ts";
import type { Column, Host } from "./columns.ts";
import { COLUMNS, terminalName } from "./columns.ts";
import { WrongUsage } from "./formats.ts";
import { readRows } from "./rows.ts";
import type { Row } from "./rows.ts";
import { treeOrder } from "./tree.ts";

const NOTHING = 1;
const VERSION = "ps from procps-ng 4.0.2\n";

const USAGE = `
Usage:
 ps [options]

 Try 'ps --help <simple|list|output|threads|misc|all>'
  or 'ps --help <s|l|o|t|m|a>'
 for additional help text.

For more details see ps(1).
`;

export const ps: Program = program((process) => {
  let request: Request;
  try {
    request = readArguments(process.argv.slice(1), (kind, text) => accountId(process, kind, text));
  } catch (wrong) {
    if (!(wrong instanceof WrongUsage)) throw wrong;
    process.warn(`error: ${wrong.text}\n${USAGE}`);
    return NOTHING;
  }
  if (request.version) process.print(VERSION);
  else if (request.help) process.print(USAGE);
  if (request.version || request.help) return 0;
  const host: Host = {
    account: (kind, id) => accountName(process, kind, id) ?? String(id),
    now: process.realtime(),
    memory: totalMemory(process),
  };
  const rows = readRows(process);
  const own = rows.find(({ pid }) => pid === process.pid);
  const chosen = sorted(
    rows.filter((row) => isChosen(row, request, own) !== request.negated),
    request,
    host,
  );
  print(process, request, chosen, host);
  return chosen.length > 0 ? 0 : NOTHING;
});

/** Bytes; 0 where nobody tells. */
function totalMemory(process: Process): number {
  const total = /^MemTotal: +(\d+) kB/m.exec(readText(process, "/proc/meminfo") ?? "")?.[1];
  return Number(total ?? 0) * 1024;
}

function isChosen(row: Row, request: Request, own: Row | undefined): boolean {
  const { choices, everyone, bsd, running } = request;
  if (running && row.state !== "R" && row.state !== "D") return false;
  if (choices.some((choice) => matches(row, choice))) return true;
  if (everyone !== undefined) {
    if (everyone === "all") return true;
    return row.session !== row.pid && (everyone === "no leaders" || row.terminal !== 0);
  }
  if (request.ofAll || request.without || (bsd && choices.length === 0)) {
    const mine = request.ofAll || row.uid === (own?.uid ?? 0);
    return mine && (request.without || row.terminal !== 0);
  }
  if (choices.length > 0) return false;
  return row.uid === (own?.uid ?? 0) && row.terminal === (own?.terminal ?? 0);
}

function matches(row: Row, choice: Choice): boolean {
  switch (choice.by) {
    case "pid":
      return choice.numbers.includes(row.pid);
    case "parent":
      return choice.numbers.includes(row.parent);
    case "session":
      return choice.numbers.includes(row.session);
    case "user":
      return choice.numbers.includes(row.uid);
    case "group":
      return choice.numbers.includes(row.gid);
    case "name":
      return choice.names.includes(row.command);
    case "terminal":
      return choice.names.includes(terminalName(row));
  }
}

function compare(column: Column, host: Host, a: Row, b: Row): number {
  if (column.order) return column.order(a) - column.order(b);
  const [one, other] = [column.show(a, host), column.show(b, host)];
  const difference = Number(one) - Number(other);
  if (!Number.isNaN(difference)) return difference;
  return one < other ? -1 : one > other ? 1 : 0;
}

function sorted(rows: readonly Row[], { sort }: Request, host: Host): readonly Row[] {
  return rows.toSorted((a, b) => {
    for (const { column, descending } of sort) {
      const order = compare(column, host, a, b);
      if (order !== 0) return descending ? -order : order;
    }
    return 0;
  });
}

function print(process: Process, request: Request, rows: readonly Row[], host: Host): void {
  const { columns, headings, tree, namesOnly, width } = request;
  const line = (texts: readonly string[]): void => process.print(`${layOut(columns, texts, width)}\n`);
  if (headings && columns.some(({ title }) => title !== "")) line(columns.map(({ title }) => title));
  const ordered = tree === undefined ? rows.map((row) => ({ row, prefix: "" })) : treeOrder(rows, tree);
  const commands = new Set(["args", "command", "cmd", "ucmd", "comm"].map((name) => COLUMNS.get(name)?.show));
  for (const { row, prefix } of ordered) {
    const shown = namesOnly ? { ...row, argv: [row.command] } : row;
    line(columns.map((column) => (commands.has(column.show) ? prefix : "") + column.show(shown, host)));
  }
}

/** Characters that the last column has, however narrow the line is. */
const LEAST = 8;

/** A number that is too wide pushes the next columns aside until one has room; a text is cut, but for the last, which fills the line. */
function layOut(columns: readonly Column[], texts: readonly string[], lineWidth: number): string {
  let line = "";
  let end = 0;
  for (const [at, { width, right }] of columns.entries()) {
    const text = texts[at] ?? "";
    if (at > 0) line += " ";
    end += (at > 0 ? 1 : 0) + width;
    const room = Math.max(0, end - line.length);
    if (right) line += text.padStart(room);
    else if (at === columns.length - 1) line += text.slice(0, Math.max(lineWidth - line.length, LEAST));
    else line += text.slice(0, Math.max(width, columns[at]?.title.length ?? 0)).padEnd(room);
  }
  return line;
}

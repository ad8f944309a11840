// watch of procps-ng 4.0: runs a command again and again and shows its output on a cleared screen. Differences are marked by
// line and column as the original does; the command's own colours are kept with -c only.

import { formatTime } from "../../system/calendar.ts";
import type { Process, Program } from "../../system/process.ts";
import { exitCode } from "../../system/process.ts";
import { descriptor, sinkOutput } from "../../system/streams.ts";
import { SECOND } from "../../system/system.ts";
import { has, parseOptions, usageError, valueOf } from "../coreutils/options.ts";
import { program } from "../coreutils/program.ts";
import { join } from "../coreutils/streams.ts";
import { terminalNamed } from "../ncurses/terminals.ts";

const SHORTEST = 0.1; // seconds
const LONGEST = 2_678_400; // a month
const STANDARD = 2;
const COMMAND_KILLED = 8;
const REVERSE = "\x1b[7m";
const NORMAL = "\x1b[27m";

const USAGE = `
Usage:
 watch [options] command

Options:
  -b, --beep             beep if command has a non-zero exit
  -c, --color            interpret ANSI color and style sequences
  -d, --differences[=<permanent>]
                         highlight changes between updates
  -e, --errexit          exit if command has a non-zero exit
  -g, --chgexit          exit when output from command changes
  -q, --equexit <cycles>
                         exit when output from command does not change
  -n, --interval <secs>  seconds to wait between updates
  -p, --precise          attempt run command in precise intervals
  -t, --no-title         turn off header
  -w, --no-wrap          turn off line wrapping
  -x, --exec             pass command to exec instead of "sh -c"

 -h, --help     display this help and exit
 -v, --version  output version information and exit

For more details see watch(1).
`;

export const watch: Program = program(async (process) => {
  const parsed = parseOptions(process, {
    short: "bcCd::eghq:n:prtwvx",
    long: {
      beep: "b",
      color: "c",
      "no-color": "C",
      "differences?": "d",
      errexit: "e",
      chgexit: "g",
      "equexit=": "q",
      "interval=": "n",
      precise: "p",
      "no-rerun": "r",
      "no-title": "t",
      "no-wrap": "w",
      exec: "x",
      help: "h",
      version: "v",
    },
    stopEarly: true,
  });
  if (has(parsed, "v")) {
    process.print(`${process.argv[0] ?? ""} from procps-ng 4.0.2\n`);
    return 0;
  }
  const text = valueOf(parsed, "n") ?? process.env.get("WATCH_INTERVAL") ?? String(STANDARD);
  const asked = Number(text.replace(",", "."));
  if (Number.isNaN(asked)) usageError(process, `failed to parse argument: '${text}'`);
  const interval = Math.min(Math.max(asked, SHORTEST), LONGEST);
  if (has(parsed, "h")) {
    process.print(USAGE);
    return 0;
  }
  if (parsed.operands.length === 0) {
    process.warn(USAGE);
    return 1;
  }
  const size = process.fds.get(1)?.output?.terminal ?? { columns: 80, rows: 24 };
  const terminal = terminalNamed(process.env.get("TERM") ?? "");
  if (terminal?.clear === undefined) {
    process.warn(`Error opening terminal: ${process.env.get("TERM") ?? "unknown"}.\n`);
    return 1;
  }
  const command = has(parsed, "x") ? parsed.operands : ["sh", "-c", parsed.operands.join(" ")];
  const title = has(parsed, "t") ? undefined : parsed.operands.join(" ");
  const height = size.rows - (title === undefined ? 0 : 2);
  const colors = parsed.options.findLast(({ name }) => name === "c" || name === "C")?.name === "c";
  let previous: readonly (readonly string[])[] | undefined;
  let first: readonly (readonly string[])[] | undefined;
  let equal = 0;
  for (;;) {
    const { lines, status } = await output(process, command);
    const shown = screenLines(lines, size.columns, has(parsed, "w"), colors).slice(0, height);
    const base = has(parsed, "d") ? (valueOf(parsed, "d") ? first : previous) : undefined;
    process.print(
      terminal.clear + (title === undefined ? "" : `${header(process, interval, title, size.columns)}\n\n`),
    );
    process.print(shown.map((line, at) => (base ? marked(base[at] ?? [], line) : line.join(""))).join("\n"));
    process.print("\n");
    process.flush();
    const changed = previous !== undefined && textOf(shown) !== textOf(previous);
    equal = changed ? 0 : equal + (previous === undefined ? 0 : 1);
    first ??= shown;
    previous = shown;
    if (has(parsed, "e") && status !== 0) return COMMAND_KILLED;
    if (has(parsed, "g") && changed) return 0;
    if (has(parsed, "q") && equal >= Number(valueOf(parsed, "q"))) return 0;
    await process.sleep(interval * SECOND);
  }
});

function textOf(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => row.join("")).join("\n");
}

function header(process: Process, interval: number, title: string, columns: number): string {
  const left = `Every ${interval.toFixed(1)}s: `;
  const right = `${process.system.hostName}: ${formatTime("%a %b %e %H:%M:%S %Y", process.realtime())}`;
  const room = columns - left.length - right.length - 1;
  const name = title.length > room ? `${title.slice(0, Math.max(0, room - 3))}...` : title;
  return `${left}${name}`.padEnd(columns - right.length) + right;
}

async function output(
  process: Process,
  command: readonly string[],
): Promise<{ readonly lines: readonly string[]; readonly status: number }> {
  const parts: Uint8Array[] = [];
  const sink = descriptor({ output: sinkOutput((bytes) => void parts.push(bytes.slice())) });
  const found = process.lookup(command[0] ?? "", process);
  if (!found)
    return { lines: [`watch: exec of ${command[0]} failed: No such file or directory`], status: 127 };
  const fds = new Map(process.fds).set(1, sink).set(2, sink);
  const child = process.spawn(found, { argv: command, fds });
  let ended = await process.waitFor(child);
  while (ended === undefined) ended = await process.waitFor(child);
  const text = new TextDecoder().decode(join(parts));
  return { lines: text.replace(/\n$/, "").split("\n"), status: exitCode(ended) };
}

const TAB = 8;

const ESC = "\x1b";
/** Behind the escape character. */
const SEQUENCE = /^\[[\d;]*[A-Za-z]/;

/** A line by what is in each column. Control characters are shown as ^X, but for colours if those are to be kept. */
function cellsOf(line: string, colors: boolean): string[] {
  const cells: string[] = [];
  let before = "";
  for (let rest = line; rest !== "";) {
    const sequence = colors && rest.startsWith(ESC) ? SEQUENCE.exec(rest.slice(1))?.[0] : undefined;
    const escape = sequence === undefined ? undefined : ESC + sequence;
    const char = escape ?? String.fromCodePoint(rest.codePointAt(0) ?? 0);
    rest = rest.slice(char.length);
    if (escape !== undefined) {
      before += escape;
      continue;
    }
    const shown =
      char === "\t"
        ? " ".repeat(TAB - (cells.length % TAB))
        : char < " " || char === "\x7f"
          ? `^${String.fromCodePoint((char.codePointAt(0) ?? 0) ^ 0x40)}`
          : char;
    for (const cell of shown) {
      cells.push(before + cell);
      before = "";
    }
  }
  const last = cells.pop();
  return last === undefined ? [] : [...cells, last + before];
}

/** Lines as the screen holds them: tabs spread, long ones wrapped or cut. */
function screenLines(lines: readonly string[], columns: number, cut: boolean, colors: boolean): string[][] {
  return lines.flatMap((line) => {
    const cells = cellsOf(line, colors);
    if (cut || cells.length <= columns) return [cells.slice(0, columns)];
    const rows: string[][] = [];
    for (let at = 0; at < cells.length; at += columns) rows.push(cells.slice(at, at + columns));
    return rows;
  });
}

/** What differs from `before`, in reverse video. */
function marked(before: readonly string[], line: readonly string[]): string {
  let text = "";
  let on = false;
  line.forEach((char, at) => {
    const differs = before[at] !== char;
    if (differs !== on) text += differs ? REVERSE : NORMAL;
    on = differs;
    text += char;
  });
  return on ? text + NORMAL : text;
}

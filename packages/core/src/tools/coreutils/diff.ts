// diff: normal, unified (-u) and brief (-q) output for two files or directories (POSIX diff).

import { Refusal } from "../../netlink/refusal.ts";
import { strerror } from "../../netlink/errno.ts";
import { formatTime } from "../../system/calendar.ts";
import type { Process } from "../../system/process.ts";
import { has, parseOptions, usageError, valueOf } from "./options.ts";
import type { Parsed } from "./options.ts";
import { complain, program, localeQuoted } from "./program.ts";
import { openReader, readAll } from "./streams.ts";

const SAME = 0;
const DIFFERENT = 1;
const TROUBLE = 2;
const CONTEXT = 3; // lines around a change with -u

/** Lines [from, to) of the first file replaced by lines [start, end) of the second. */
interface Change {
  readonly from: number;
  readonly to: number;
  readonly start: number;
  readonly end: number;
}

interface Lines {
  readonly texts: readonly string[];
  /** False if the last line has no newline. */
  readonly complete: boolean;
}

export const diff = program(async (process) => {
  const parsed = parseOptions(
    process,
    {
      short: "abBinqrsuNU:wL:",
      long: {
        text: "a",
        "ignore-space-change": "b",
        "ignore-case": "i",
        brief: "q",
        recursive: "r",
        "report-identical-files": "s",
        "unified=": "U",
        "new-file": "N",
        "ignore-all-space": "w",
        "label=": "L",
        "color=": "color",
      },
    },
    TROUBLE,
  );
  const [first, second, extra] = parsed.operands;
  if (first === undefined)
    usageError(process, `missing operand after ${localeQuoted(process, process.argv.at(-1) ?? "")}`, TROUBLE);
  if (second === undefined)
    usageError(process, `missing operand after ${localeQuoted(process, first)}`, TROUBLE);
  if (extra !== undefined) usageError(process, `extra operand ${localeQuoted(process, extra)}`, TROUBLE);
  return compare(process, parsed, first, second);
});

function isDirectory(process: Process, path: string): boolean {
  try {
    return path !== "-" && process.files.status(path).type === "directory";
  } catch (refusal) {
    if (refusal instanceof Refusal) return false;
    throw refusal;
  }
}

async function compare(process: Process, parsed: Parsed, first: string, second: string): Promise<number> {
  const [firstIs, secondIs] = [isDirectory(process, first), isDirectory(process, second)];
  if (firstIs && secondIs) return compareDirectories(process, parsed, first, second);
  const under = (directory: string, file: string): string =>
    `${directory}/${file.slice(file.lastIndexOf("/") + 1)}`;
  const left = firstIs ? under(first, second) : first;
  const right = secondIs ? under(second, first) : second;
  const a = await readLines(process, left);
  const b = await readLines(process, right);
  if (!a || !b) return TROUBLE;
  const changes = changesBetween(a, b, parsed);
  if (changes.length === 0) {
    if (has(parsed, "s")) process.print(`Files ${left} and ${right} are identical\n`);
    return SAME;
  }
  if (has(parsed, "q")) process.print(`Files ${left} and ${right} differ\n`);
  else if (has(parsed, "u") || has(parsed, "U")) {
    const labels = parsed.options.filter(({ name }) => name === "L").map(({ value }) => value);
    process.print(
      `--- ${labels[0] ?? stamped(process, left)}\n+++ ${labels[1] ?? stamped(process, right)}\n`,
    );
    printUnified(process, a, b, changes, Number(valueOf(parsed, "U") ?? CONTEXT));
  } else printNormal(process, a, b, changes);
  return DIFFERENT;
}

async function compareDirectories(
  process: Process,
  parsed: Parsed,
  first: string,
  second: string,
): Promise<number> {
  const { files } = process;
  const left = new Set(files.readDirectory(first));
  const right = new Set(files.readDirectory(second));
  let status = SAME;
  for (const name of [...new Set([...left, ...right])].sort()) {
    const paths = [`${first}/${name}`, `${second}/${name}`] as const;
    if (!left.has(name) || !right.has(name)) {
      process.print(`Only in ${left.has(name) ? first : second}: ${name}\n`);
      status = Math.max(status, DIFFERENT);
    } else if (paths.every((path) => isDirectory(process, path)) && !has(parsed, "r")) {
      process.print(`Common subdirectories: ${paths[0]} and ${paths[1]}\n`);
    } else status = Math.max(status, await compare(process, parsed, paths[0], paths[1]));
  }
  return status;
}

async function readLines(process: Process, path: string): Promise<Lines | undefined> {
  try {
    const text = new TextDecoder().decode(await readAll(openReader(process, path)));
    const texts = text.split("\n");
    if (texts.at(-1) === "") texts.pop();
    return { texts, complete: text === "" || text.endsWith("\n") };
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    complain(process, `${path}: ${strerror(refusal.errno)}`);
    return undefined;
  }
}

function stamped(process: Process, path: string): string {
  try {
    return `${path}\t${formatTime("%Y-%m-%d %H:%M:%S.%N %z", process.files.status(path).modified)}`;
  } catch (refusal) {
    if (refusal instanceof Refusal)
      return `${path}\t${formatTime("%Y-%m-%d %H:%M:%S.%N %z", process.realtime())}`;
    throw refusal;
  }
}

/** Changes in order, by Myers' algorithm (An O(ND) Difference Algorithm and Its Variations, 1986). */
function changesBetween(a: Lines, b: Lines, parsed: Parsed): Change[] {
  const keyOf = (line: string, index: number, lines: Lines): string => {
    let key = line;
    if (has(parsed, "w")) key = key.replace(/\s+/g, "");
    else if (has(parsed, "b")) key = key.replace(/\s+/g, " ").trimEnd();
    if (has(parsed, "i")) key = key.toLowerCase();
    return index === lines.texts.length - 1 && !lines.complete ? `${key}\n` : key;
  };
  const left = a.texts.map((line, index) => keyOf(line, index, a));
  const right = b.texts.map((line, index) => keyOf(line, index, b));
  const changes: Change[] = [];
  for (const [x, y] of editScript(left, right)) {
    const last = changes.at(-1);
    const deletes = x !== undefined;
    const at = deletes ? x.at : y.at;
    const other = deletes ? x.other : y.other;
    const [i, j] = deletes ? [at, other] : [other, at];
    if (last && last.to === i && last.end === j) {
      changes[changes.length - 1] = {
        ...last,
        to: deletes ? i + 1 : last.to,
        end: deletes ? last.end : j + 1,
      };
    } else changes.push({ from: i, to: deletes ? i + 1 : i, start: j, end: deletes ? j : j + 1 });
  }
  return changes;
}

interface Edit {
  readonly at: number;
  /** Position in the other file. */
  readonly other: number;
}

/** Deletions ([edit, undefined]) and insertions ([undefined, edit]) in order. */
function editScript(
  left: readonly string[],
  right: readonly string[],
): ([Edit, undefined] | [undefined, Edit])[] {
  const traces: Map<number, number>[] = [];
  let furthest = new Map([[1, 0]]);
  for (let distance = 0; ; distance++) {
    const next = new Map(furthest);
    traces.push(furthest);
    for (let k = -distance; k <= distance; k += 2) {
      const down =
        k === -distance || (k !== distance && (furthest.get(k - 1) ?? -1) < (furthest.get(k + 1) ?? -1));
      let x = down ? (furthest.get(k + 1) ?? 0) : (furthest.get(k - 1) ?? 0) + 1;
      while (x < left.length && x - k < right.length && left[x] === right[x - k]) x++;
      next.set(k, x);
      if (x >= left.length && x - k >= right.length) return backtrack(traces, left.length, right.length);
    }
    furthest = next;
  }
}

function backtrack(
  traces: readonly Map<number, number>[],
  width: number,
  height: number,
): ([Edit, undefined] | [undefined, Edit])[] {
  const edits: ([Edit, undefined] | [undefined, Edit])[] = [];
  let x = width;
  let y = height;
  for (let distance = traces.length - 1; distance > 0; distance--) {
    const furthest = traces[distance] ?? new Map<number, number>();
    const k = x - y;
    const down =
      k === -distance || (k !== distance && (furthest.get(k - 1) ?? -1) < (furthest.get(k + 1) ?? -1));
    const previousK = down ? k + 1 : k - 1;
    const previousX = furthest.get(previousK) ?? 0;
    const previousY = previousX - previousK;
    edits.push(
      down
        ? [undefined, { at: previousY, other: previousX }]
        : [{ at: previousX, other: previousY }, undefined],
    );
    x = previousX;
    y = previousY;
  }
  return edits.reverse();
}

const NO_NEWLINE = "\\ No newline at end of file\n";

function printLines(process: Process, mark: string, lines: Lines, from: number, to: number): void {
  for (let at = from; at < to; at++) {
    process.print(`${mark}${lines.texts[at] ?? ""}\n`);
    if (at === lines.texts.length - 1 && !lines.complete) process.print(NO_NEWLINE);
  }
}

/** "3" or "3,5"; a place between lines is the line before it. */
function range(from: number, to: number): string {
  return to - from > 1 ? `${from + 1},${to}` : String(to > from ? from + 1 : from);
}

function printNormal(process: Process, a: Lines, b: Lines, changes: readonly Change[]): void {
  for (const { from, to, start, end } of changes) {
    const kind = from === to ? "a" : start === end ? "d" : "c";
    process.print(`${range(from, to)}${kind}${range(start, end)}\n`);
    printLines(process, "< ", a, from, to);
    if (kind === "c") process.print("---\n");
    printLines(process, "> ", b, start, end);
  }
}

function printUnified(
  process: Process,
  a: Lines,
  b: Lines,
  changes: readonly Change[],
  context: number,
): void {
  const hunks: Change[][] = [];
  for (const change of changes) {
    const hunk = hunks.at(-1);
    if (hunk && change.from - (hunk.at(-1)?.to ?? 0) <= 2 * context) hunk.push(change);
    else hunks.push([change]);
  }
  const side = (from: number, to: number): string => {
    const size = to - from;
    return size === 1 ? String(from + 1) : `${size === 0 ? from : from + 1},${size}`;
  };
  for (const hunk of hunks) {
    const [first] = hunk;
    const last = hunk.at(-1);
    if (!first || !last) continue;
    const lead = Math.min(context, first.from);
    const trail = Math.min(context, a.texts.length - last.to);
    process.print(
      `@@ -${side(first.from - lead, last.to + trail)} +${side(first.start - lead, last.end + trail)} @@\n`,
    );
    let at = first.from - lead;
    for (const { from, to, start, end } of hunk) {
      printLines(process, " ", a, at, from);
      printLines(process, "-", a, from, to);
      printLines(process, "+", b, start, end);
      at = to;
    }
    printLines(process, " ", a, at, last.to + trail);
  }
}

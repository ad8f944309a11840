// column(1) of util-linux 2.38: lines as a table, or entries in columns. Trees, wrapping and column orders are not implemented.

import type { Process, Program } from "../../system/process.ts";
import { has, parseOptions, valueOf } from "../coreutils/options.ts";
import { complain, program } from "../coreutils/program.ts";
import { openReader, readAll } from "../coreutils/streams.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { strerror } from "../../netlink/errno.ts";

const STANDARD_WIDTH = 80;
const TAB = 8;

interface Table {
  readonly separator: string | undefined;
  readonly output: string;
  readonly names: readonly string[];
  readonly heading: boolean;
  readonly right: ReadonlySet<number>;
  readonly hidden: ReadonlySet<number>;
  readonly limit: number;
  readonly emptyLines: boolean;
}

export const column: Program = program(async (process) => {
  const parsed = parseOptions(process, {
    short: "c:dEH:hJl:LN:n:eo:O:p:R:r:S:s:tT:VW:x",
    long: {
      "output-width=": "c",
      columns: "c",
      table: "t",
      "table-noheadings": "d",
      "table-hide=": "H",
      json: "J",
      "table-columns-limit=": "l",
      "keep-empty-lines": "L",
      "table-columns=": "N",
      "table-name=": "n",
      "table-header-repeat": "e",
      "output-separator=": "o",
      "table-right=": "R",
      "separator=": "s",
      fillrows: "x",
      version: "V",
    },
  });
  if (has(parsed, "V")) {
    process.print("column from util-linux 2.38.1\n");
    return 0;
  }
  for (const letter of ["E", "O", "p", "r", "S", "T", "W"]) {
    if (!has(parsed, letter)) continue;
    complain(process, `option -${letter} is not implemented`);
    return 1;
  }
  const width = Number(valueOf(parsed, "c") ?? process.env.get("COLUMNS") ?? STANDARD_WIDTH);
  const [text, failed] = await readFiles(process, parsed.operands);
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const isTable = has(parsed, "t") || has(parsed, "J");
  if (!isTable) {
    process.print(inColumns(lines, width, has(parsed, "x")));
    return failed;
  }
  const names = valueOf(parsed, "N")?.split(",") ?? [];
  const table: Table = {
    separator: valueOf(parsed, "s"),
    output: valueOf(parsed, "o") ?? "  ",
    names,
    heading: !has(parsed, "d"),
    right: placesOf(valueOf(parsed, "R"), names),
    hidden: placesOf(valueOf(parsed, "H"), names),
    limit: Number(valueOf(parsed, "l") ?? Infinity),
    emptyLines: has(parsed, "L"),
  };
  const rows = lines
    .filter((line) => table.emptyLines || line.trim() !== "")
    .map((line) => cellsOf(line, table));
  if (has(parsed, "J")) process.print(asJson(rows, names, valueOf(parsed, "n") ?? "table"));
  else process.print(asTable(rows, table));
  return failed;
});

async function readFiles(process: Process, operands: readonly string[]): Promise<readonly [string, number]> {
  let text = "";
  let failed = 0;
  for (const path of operands.length === 0 ? ["-"] : operands) {
    try {
      text += new TextDecoder().decode(await readAll(openReader(process, path)));
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      complain(process, `${path}: ${strerror(refusal.errno)}`);
      failed = 1;
    }
  }
  return [text, failed];
}

/** Characters; all of them count as one column of the terminal. */
const textWidth = (text: string): number => [...text].length;

/** Columns by number from 1, or by name. */
function placesOf(list: string | undefined, names: readonly string[]): Set<number> {
  const words = list === undefined ? [] : list.split(",");
  return new Set(words.map((word) => (/^\d+$/.test(word) ? Number(word) - 1 : names.indexOf(word))));
}

/** Blanks separate greedily; of characters that were given, each separates. */
function cellsOf(line: string, { separator, limit }: Table): string[] {
  const cells =
    separator === undefined
      ? line.trim().split(/[ \t]+/)
      : splitAtAny(line.replace(/^[ \t]+/, ""), separator);
  if (cells.length <= limit) return cells;
  const rest = line.trim().split(/(?<=\s)(?=\S)/);
  return [
    ...cells.slice(0, limit - 1),
    separator === undefined ? rest.slice(limit - 1).join("") : cells.slice(limit - 1).join(separator[0]),
  ];
}

function splitAtAny(line: string, separators: string): string[] {
  const cells: string[] = [];
  let cell = "";
  for (const char of line) {
    if (separators.includes(char)) {
      cells.push(cell);
      cell = "";
    } else cell += char;
  }
  return [...cells, cell];
}

/** All columns but the last are filled up, in rows that lack them too. */
function asTable(rows: readonly (readonly string[])[], table: Table): string {
  const { names, output, right, hidden } = table;
  const count = Math.max(names.length, ...rows.map((row) => row.length));
  const heading = names.length > 0 && table.heading ? [names] : [];
  const all = [...heading, ...rows];
  if (rows.length === 0) return "";
  const places = Array.from({ length: count }, (_, at) => at).filter((at) => !hidden.has(at));
  const widths = places.map((at) => Math.max(0, ...[...rows, names].map((row) => textWidth(row[at] ?? ""))));
  const last = places.length - 1;
  const line = (row: readonly string[]): string =>
    places
      .map((at, index) => {
        const cell = row[at] ?? "";
        const fill = " ".repeat((widths[index] ?? 0) - textWidth(cell));
        if (right.has(at) && (cell !== "" || index < last)) return fill + cell;
        return index === last ? cell : cell + fill;
      })
      .join(output);
  return all.map((row) => `${line(row)}\n`).join("");
}

function asJson(rows: readonly (readonly string[])[], names: readonly string[], title: string): string {
  const object = (row: readonly string[]): string =>
    names
      .map((name, at) => {
        const cell = row[at];
        return `         ${JSON.stringify(name.toLowerCase())}: ${cell === undefined || cell === "" ? "null" : JSON.stringify(cell)}`;
      })
      .join(",\n");
  const list = rows.map((row) => `{\n${object(row)}\n      }`).join(",");
  return `{\n   ${JSON.stringify(title)}: [\n      ${list}\n   ]\n}\n`;
}

/** Entries in columns of equal width, filled downwards, or along rows. */
function inColumns(lines: readonly string[], width: number, alongRows: boolean): string {
  const entries = lines.filter((line) => line.trim() !== "");
  if (entries.length === 0) return "";
  const widest = Math.max(...entries.map(textWidth));
  if (widest >= width) return entries.map((entry) => `${entry}\n`).join("");
  const step = (Math.floor(widest / TAB) + 1) * TAB;
  const columns = Math.max(1, Math.floor(width / step));
  const rows = Math.ceil(entries.length / columns);
  let text = "";
  for (let row = 0; row < rows; row++) {
    const indexes = alongRows
      ? Array.from({ length: columns }, (_, at) => row * columns + at)
      : Array.from({ length: columns }, (_, at) => at * rows + row);
    const cells = indexes.flatMap((index) => entries[index] ?? []);
    text += cells
      .map((cell, at) =>
        at === cells.length - 1 ? cell : cell + "\t".repeat(Math.ceil((step - textWidth(cell)) / TAB)),
      )
      .join("");
    text += "\n";
  }
  return text;
}

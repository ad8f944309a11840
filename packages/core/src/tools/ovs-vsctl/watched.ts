// Which tables and columns the commands of one call of ovs-vsctl need, and what commands name tables and columns by: a
// part of the name will do if it fits only one.

import type { ColumnSchema, TableSchema } from "../../ovsproto/ovsdb/schema.ts";
import { ownColumns } from "../../ovsproto/ovsdb/schema.ts";
import { compareText } from "../../ovsproto/json.ts";
import type { Replica } from "../ovsdb/replica.ts";
import type { Process } from "../../system/process.ts";
import type { ToolLog } from "../ovsdb/tool-log.ts";
import { Fatal } from "./command.ts";
import { rowNames } from "./row-names.ts";

export class Watched {
  readonly replica: Replica;
  readonly #process: Process;
  readonly #log: ToolLog;

  constructor(process: Process, replica: Replica, log: ToolLog) {
    this.#process = process;
    this.#log = log;
    this.replica = replica;
  }

  watch(table: string, ...columns: readonly string[]): void {
    this.replica.watch(table, ...columns);
  }

  warn(module: string, text: string): void {
    this.#log.write(module, "warn", text);
  }

  get onTerminal(): boolean {
    return this.#process.fds.get(1)?.output?.terminal !== undefined;
  }

  /** Errors: Fatal. */
  table(name: string): TableSchema {
    return tableNamed(this.replica, name);
  }

  /** A table whose rows are to be named. Errors: Fatal. */
  tableWithNames(name: string): TableSchema {
    const table = this.table(name);
    this.watch(table.name);
    for (const { in: where, by, through } of rowNames(table.name)) {
      this.watch(where, ...(by === undefined ? [] : [by]), ...(through === undefined ? [] : [through]));
    }
    return table;
  }

  /** Errors: Fatal. */
  column(table: TableSchema, name: string): ColumnSchema {
    const column = columnNamed(table, name);
    this.watch(table.name, column.name);
    return column;
  }
}

const SAME = 1e9; // but for case and dashes

/** How much of a name a word is: 0 if it is none of it. */
function score(name: string, word: string): number {
  const plain = (text: string): string => text.toLowerCase().replaceAll("-", "_");
  if (plain(name) === plain(word)) return SAME;
  return plain(name).startsWith(plain(word)) ? word.length : 0;
}

/** What a word stands for, or all that it could stand for. */
function matching<T extends { readonly name: string }>(list: Iterable<T>, word: string): T[] {
  let best: T[] = [];
  let highest = 1;
  for (const one of list) {
    const points = score(one.name, word);
    if (points > highest) best = [];
    if (points >= highest) best.push(one);
    highest = Math.max(highest, points);
  }
  return best.sort((a, b) => compareText(a.name, b.name));
}

/** Errors: Fatal. */
export function tableNamed(replica: Replica, name: string): TableSchema {
  const { tables } = replica.schema;
  const exact = tables.get(name);
  if (exact) return exact;
  const [table, ...others] = matching(tables.values(), name);
  if (!table) throw new Fatal(`unknown table "${name}"`);
  if (others.length === 0) return table;
  const names = [table, ...others].map((one) => one.name).join(", ");
  throw new Fatal(`"${name}" matches multiple table names: ${names}`);
}

/** Errors: Fatal. */
export function columnNamed(table: TableSchema, name: string): ColumnSchema {
  const columns = ownColumns(table);
  const exact = columns.find((column) => column.name === name);
  if (exact) return exact;
  const [column, ...others] = matching(columns, name);
  if (!column) throw new Fatal(`${table.name} does not contain a column whose name matches "${name}"`);
  if (others.length === 0) return column;
  const names = [column, ...others].map((one) => one.name).join(", ");
  throw new Fatal(`${table.name} contains more than one column whose name matches "${name}": ${names}`);
}

/** Columns in the order in which they are listed. */
export function listedColumns(table: TableSchema): ColumnSchema[] {
  return ownColumns(table).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

// The commands that work on any table: list, find, get, set, add, remove, clear, create, destroy, wait-until, comment
// (ovs-vsctl(8), "Database Commands").

import type { Datum } from "../../ovsproto/ovsdb/datum.ts";
import { findKey, formatDatum, unionDatum, uniqueDatum } from "../../ovsproto/ovsdb/datum.ts";
import { formatAtom } from "../../ovsproto/ovsdb/atom.ts";
import type { ColumnSchema, TableSchema } from "../../ovsproto/ovsdb/schema.ts";
import type { ColumnType } from "../../ovsproto/ovsdb/type.ts";
import { isScalar, scalar, setOf, UNLIMITED } from "../../ovsproto/ovsdb/type.ts";
import type { Cell } from "../ovsdb/output-table.ts";
import type { ReplicaRow } from "../ovsdb/replica-row.ts";
import { columnOf, parseColumnArgument } from "./column-argument.ts";
import type { Call, Command } from "./command.ts";
import { Fatal } from "./command.ts";
import type { Context } from "./context.ts";
import { TryAgain } from "./context.ts";
import type { Watched } from "./watched.ts";
import { holds } from "./row-condition.ts";
import { columnNamed, listedColumns } from "./watched.ts";

const MANY = Number.MAX_SAFE_INTEGER;

/** The row that a command is for; undefined if it need not exist and does not. */
function targetRow(
  context: Context,
  table: TableSchema,
  name: string,
  { options }: Call,
): ReplicaRow | undefined {
  return options.has("if-exists") ? context.findRow(table, name) : context.rowNamed(table, name);
}

function checkMutable(row: ReplicaRow, column: ColumnSchema): void {
  if (row.old && !column.mutable) {
    throw new Fatal(`cannot modify read-only column ${column.name} in table ${row.table.name}`);
  }
}

function isUuidColumn(argument: string): boolean {
  return /^[-_]uuid$/i.test(argument);
}

function watchColumns(from: number): NonNullable<Command["prepare"]> {
  return (watched, { args }) => {
    const table = watched.tableWithNames(args[0] ?? "");
    for (const argument of args.slice(from)) {
      if (!isUuidColumn(argument)) watched.watch(table.name, columnOf(table, argument).name);
    }
  };
}

// ---- get

function prepareGet(watched: Watched, call: Call): void {
  if (!call.options.has("id") && call.args.length <= 2 && watched.onTerminal) {
    watched.warn("db_ctl_base", '"get" command without row arguments or "--id" is possibly erroneous');
  }
  watchColumns(2)(watched, call);
}

function get(context: Context, call: Call): void {
  const [tableName = "", record = "", ...columns] = call.args;
  const id = call.options.get("id");
  const mustExist = !call.options.has("if-exists");
  if (id !== undefined && !mustExist) throw new Fatal("--if-exists and --id may not be specified together");
  const table = context.tableNamed(tableName);
  const row = targetRow(context, table, record, call);
  if (!row) return;
  if (id !== undefined) {
    if (context.symbols.has(id)) {
      throw new Fatal(`row id "${id}" specified on "get" command was used before it was defined`);
    }
    const symbol = context.createSymbol(id);
    symbol.uuid = row.uuid;
    symbol.strong = true; // the row is there already
  }
  for (const argument of columns) {
    if (isUuidColumn(argument)) {
      call.output += `${row.uuid}\n`;
      continue;
    }
    const { column, key } = parseColumnArgument(table, argument, []);
    context.transaction.verify(row, column.name);
    const datum = row.get(column.name);
    if (key === undefined) {
      call.output += `${formatDatum(column.type, datum)}\n`;
      continue;
    }
    const { value } = column.type;
    if (!value) throw new Fatal(`cannot specify key to get for non-map column ${column.name}`);
    const at = findKey(datum, context.atom(column.type.key, key));
    if (at >= 0) call.output += formatAtom(value.type, datum.values?.[at] ?? "");
    else if (mustExist) {
      throw new Fatal(`no key "${key}" in ${table.name} record "${record}" column ${column.name}`);
    }
    call.output += "\n";
  }
}

// ---- list and find

const UUID_COLUMN = undefined;

/** Undefined stands for _uuid. Errors: Fatal. */
function shownColumns(table: TableSchema, names: string | undefined): (ColumnSchema | undefined)[] {
  if (names === undefined) return [UUID_COLUMN, ...listedColumns(table)];
  const words = names.split(/[, ]+/).filter((word) => word !== "");
  if (words.length === 0) throw new Fatal("must specify at least one column name");
  return words.map((word) => (word.toLowerCase() === "_uuid" ? UUID_COLUMN : columnNamed(table, word)));
}

function prepareList(watched: Watched, { args, options }: Call): TableSchema {
  const table = watched.tableWithNames(args[0] ?? "");
  for (const column of shownColumns(table, options.get("columns"))) {
    if (column) watched.watch(table.name, column.name);
  }
  return table;
}

function setTable(
  context: Context,
  columns: readonly (ColumnSchema | undefined)[],
  rows: readonly ReplicaRow[],
): void {
  context.table = {
    headings: columns.map((column) => column?.name ?? "_uuid"),
    rows: rows.map((row) =>
      columns.map((column): Cell =>
        column
          ? { type: column.type, datum: row.get(column.name) }
          : { type: scalar("uuid"), datum: { keys: [row.uuid] } },
      ),
    ),
  };
}

function list(context: Context, call: Call): void {
  const [tableName = "", ...records] = call.args;
  const table = context.tableNamed(tableName);
  const columns = shownColumns(table, call.options.get("columns"));
  const rows =
    records.length === 0
      ? context.replica.rows(table.name)
      : records.flatMap((record) => targetRow(context, table, record, call) ?? []);
  setTable(context, columns, rows);
}

function prepareFind(watched: Watched, call: Call): void {
  const table = prepareList(watched, call);
  for (const argument of call.args.slice(1)) watched.watch(table.name, columnOf(table, argument).name);
}

function find(context: Context, call: Call): void {
  const [tableName = "", ...conditions] = call.args;
  const table = context.tableNamed(tableName);
  const columns = shownColumns(table, call.options.get("columns"));
  const rows = context.replica
    .rows(table.name)
    .filter((row) => conditions.every((condition) => holds(context, table, row, condition)));
  setTable(context, columns, rows);
}

// ---- set, add, remove, clear

/** COLUMN[:KEY]=VALUE. Errors: Fatal. */
export function setColumn(context: Context, table: TableSchema, row: ReplicaRow, argument: string): void {
  const { column, key, value = "" } = parseColumnArgument(table, argument, ["="]);
  checkMutable(row, column);
  const { type } = column;
  if (key === undefined) {
    context.write(row, column, context.datum(type, value));
    return;
  }
  if (!type.value) throw new Fatal(`cannot specify key to set for non-map column ${column.name}`);
  const keyAtom = context.atom(type.key, key);
  const valueAtom = context.atom(type.value, value);
  context.transaction.add(row, column.name, { keys: [keyAtom], values: [valueAtom] });
}

function set(context: Context, call: Call): void {
  const [tableName = "", record = "", ...settings] = call.args;
  const table = context.tableNamed(tableName);
  const row = targetRow(context, table, record, call);
  if (!row) return;
  for (const setting of settings) setColumn(context, table, row, setting);
  context.invalidate();
}

function prepareOneColumn(watched: Watched, { args }: Call): void {
  watched.column(watched.tableWithNames(args[0] ?? ""), args[2] ?? "");
}

const noun = (type: ColumnType): string => (type.value ? "pair(s)" : "value(s)");

function add(context: Context, call: Call): void {
  const [tableName = "", record = "", columnName = "", ...values] = call.args;
  const table = context.tableNamed(tableName);
  const column = columnNamed(table, columnName);
  const row = targetRow(context, table, record, call);
  if (!row) return;
  checkMutable(row, column);
  const { type } = column;
  if (isScalar(type)) addToScalar(context, row, column, values);
  else {
    for (const value of values) {
      context.transaction.add(row, column.name, context.datum(setOf(type, 1, UNLIMITED), value));
    }
  }
  context.invalidate();
}

/** It holds one value already, so only that one can be added. Errors: Fatal. */
function addToScalar(
  context: Context,
  row: ReplicaRow,
  column: ColumnSchema,
  values: readonly string[],
): void {
  const { type } = column;
  let result = row.get(column.name);
  for (const value of values) result = unionDatum(result, context.datum(setOf(type, 1, UNLIMITED), value));
  if (result.keys.length > type.max) {
    throw new Fatal(
      `"add" operation would put ${result.keys.length} ${noun(type)} in column ${column.name} of table ${row.table.name} but the maximum number is ${type.max}`,
    );
  }
  context.transaction.verify(row, column.name);
  context.write(row, column, result);
}

function remove(context: Context, call: Call): void {
  const [tableName = "", record = "", columnName = "", ...values] = call.args;
  const table = context.tableNamed(tableName);
  const column = columnNamed(table, columnName);
  const row = targetRow(context, table, record, call);
  if (!row) return;
  checkMutable(row, column);
  const { type } = column;
  let result = row.get(column.name);
  for (const value of values) result = without(context, type, result, value);
  if (result.keys.length < type.min) {
    throw new Fatal(
      `"remove" operation would put ${result.keys.length} ${noun(type)} in column ${column.name} of table ${table.name} but the minimum number is ${type.min}`,
    );
  }
  context.transaction.verify(row, column.name);
  context.write(row, column, result);
  context.invalidate();
}

/** Of a map, pairs are removed if both sides are given and fit, or by their key alone. */
function without(context: Context, type: ColumnType, datum: Datum, text: string): Datum {
  const loose = setOf(type, 1, UNLIMITED);
  let less: Datum;
  try {
    less = context.datum(loose, text);
  } catch (error) {
    if (!(error instanceof Fatal) || !type.value) throw error;
    less = context.datum({ key: type.key, min: 1, max: UNLIMITED }, text);
  }
  const kept = datum.keys.flatMap((key, at) => {
    const found = findKey(less, key);
    const same = found >= 0 && (!less.values || less.values[found] === datum.values?.[at]);
    return same ? [] : [at];
  });
  return uniqueDatum(
    kept.map((at) => datum.keys[at] ?? ""),
    datum.values && kept.map((at) => datum.values?.[at] ?? ""),
  );
}

function prepareClear(watched: Watched, { args }: Call): void {
  const table = watched.tableWithNames(args[0] ?? "");
  for (const name of args.slice(2)) watched.column(table, name);
}

function clear(context: Context, call: Call): void {
  const [tableName = "", record = "", ...columns] = call.args;
  const table = context.tableNamed(tableName);
  const row = targetRow(context, table, record, call);
  if (!row) return;
  for (const name of columns) {
    const column = columnNamed(table, name);
    checkMutable(row, column);
    if (column.type.min > 0) {
      throw new Fatal(
        `"clear" operation cannot be applied to column ${column.name} of table ${table.name}, which is not allowed to be empty`,
      );
    }
    context.write(row, column, column.type.value ? { keys: [], values: [] } : { keys: [] });
  }
  context.invalidate();
}

// ---- create and destroy

function prepareCreate(watched: Watched, { args, options }: Call): void {
  const table = watched.table(args[0] ?? "");
  watched.watch(table.name);
  if (!options.has("id") && !table.isRoot) {
    watched.warn(
      "db_ctl_base",
      `applying "create" command to table ${table.name} without --id option will have no effect`,
    );
  }
}

function create(context: Context, call: Call): void {
  const [tableName = "", ...settings] = call.args;
  const id = call.options.get("id");
  const table = context.tableNamed(tableName);
  let uuid: string | undefined;
  if (id !== undefined) {
    const symbol = context.createSymbol(id);
    if (table.isRoot) symbol.strong = true; // it stays without being referred to
    ({ uuid } = symbol);
  }
  const row = context.transaction.insert(table.name, uuid);
  for (const setting of settings) setColumn(context, table, row, setting);
  call.output = row.uuid;
}

/** Prints the UUID that the database has chosen. */
function finishCreate(context: Context, call: Call): void {
  call.output = `${context.transaction.insertedUuid(call.output) ?? call.output}\n`;
}

function prepareDestroy(watched: Watched, { args }: Call): void {
  watched.tableWithNames(args[0] ?? "");
}

function destroy(context: Context, call: Call): void {
  const [tableName = "", ...records] = call.args;
  const all = call.options.has("all");
  const table = context.tableNamed(tableName);
  if (all && records.length > 0) {
    throw new Fatal("--all and records argument should not be specified together");
  }
  if (all && call.options.has("if-exists")) {
    throw new Fatal("--all and --if-exists should not be specified together");
  }
  if (!all && records.length === 0) {
    context.warn("db_ctl_base", "either --all or records argument should be specified");
  }
  if (all) for (const row of context.replica.rows(table.name)) context.transaction.delete(row);
  for (const record of records) {
    const row = targetRow(context, table, record, call); // one by one: the next may be named by being the only one left
    if (row) context.transaction.delete(row);
  }
  context.invalidate();
}

// ---- wait-until

function waitUntil(context: Context, { args }: Call): void {
  const [tableName = "", record = "", ...conditions] = args;
  const table = context.tableNamed(tableName);
  const row = context.findRow(table, record);
  if (!row || !conditions.every((condition) => holds(context, table, row, condition))) {
    throw new TryAgain("the row is not as it should be");
  }
}

export const databaseCommands: readonly Command[] = [
  { name: "comment", minArguments: 0, maxArguments: MANY, syntax: "[ARG]...", options: [] },
  {
    name: "get",
    minArguments: 2,
    maxArguments: MANY,
    syntax: "TABLE RECORD [COLUMN[:KEY]]...",
    options: ["--if-exists", "--id="],
    prepare: prepareGet,
    run: get,
  },
  {
    name: "list",
    minArguments: 1,
    maxArguments: MANY,
    syntax: "TABLE [RECORD]...",
    options: ["--if-exists", "--columns="],
    prepare: prepareList,
    run: list,
  },
  {
    name: "find",
    minArguments: 1,
    maxArguments: MANY,
    syntax: "TABLE [COLUMN[:KEY]=VALUE]...",
    options: ["--columns="],
    prepare: prepareFind,
    run: find,
  },
  {
    name: "set",
    minArguments: 3,
    maxArguments: MANY,
    syntax: "TABLE RECORD COLUMN[:KEY]=VALUE...",
    options: ["--if-exists"],
    prepare: watchColumns(2),
    run: set,
  },
  {
    name: "add",
    minArguments: 4,
    maxArguments: MANY,
    syntax: "TABLE RECORD COLUMN [KEY=]VALUE...",
    options: ["--if-exists"],
    prepare: prepareOneColumn,
    run: add,
  },
  {
    name: "remove",
    minArguments: 4,
    maxArguments: MANY,
    syntax: "TABLE RECORD COLUMN KEY|VALUE|KEY=VALUE...",
    options: ["--if-exists"],
    prepare: prepareOneColumn,
    run: remove,
  },
  {
    name: "clear",
    minArguments: 3,
    maxArguments: MANY,
    syntax: "TABLE RECORD COLUMN...",
    options: ["--if-exists"],
    prepare: prepareClear,
    run: clear,
  },
  {
    name: "create",
    minArguments: 2,
    maxArguments: MANY,
    syntax: "TABLE COLUMN[:KEY]=VALUE...",
    options: ["--id="],
    prepare: prepareCreate,
    run: create,
    finish: finishCreate,
  },
  {
    name: "destroy",
    minArguments: 1,
    maxArguments: MANY,
    syntax: "TABLE [RECORD]...",
    options: ["--if-exists", "--all"],
    prepare: prepareDestroy,
    run: destroy,
  },
  {
    name: "wait-until",
    minArguments: 2,
    maxArguments: MANY,
    syntax: "TABLE RECORD [COLUMN[:KEY]=VALUE]...",
    options: [],
    prepare: watchColumns(2),
    run: waitUntil,
  },
];

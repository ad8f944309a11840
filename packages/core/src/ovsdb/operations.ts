// The operations of "transact" (RFC 7047, 5.2), one function each.

import type { Json } from "../ovsproto/json.ts";
import { isObject, lasting } from "../ovsproto/json.ts";
import type { NamedUuids } from "../ovsproto/ovsdb/atom.ts";
import type { Clause } from "../ovsproto/ovsdb/condition.ts";
import { conditionFromJson, matches } from "../ovsproto/ovsdb/condition.ts";
import type { Datum } from "../ovsproto/ovsdb/datum.ts";
import {
  checkDatum,
  compareDatums,
  datumFromJson,
  datumToJson,
  defaultDatum,
} from "../ovsproto/ovsdb/datum.ts";
import { OvsdbError, syntaxError } from "../ovsproto/ovsdb/error.ts";
import type { Members } from "../ovsproto/ovsdb/members.ts";
import type { ColumnSchema, TableSchema } from "../ovsproto/ovsdb/schema.ts";
import { nameOrder } from "../ovsproto/ovsdb/name-order.ts";
import { columnSet, columnWalk } from "../ovsproto/ovsdb/schema.ts";
import { parseUuid } from "../ovsproto/ovsdb/uuid.ts";
import type { Access } from "./access.ts";
import type { Row, Table } from "./database.ts";
import { Database } from "./database.ts";
import { mutate, mutationFromJson } from "./mutation.ts";
import { rowBy } from "./plain-wait.ts";
import type { Transaction } from "./transaction.ts";

/** Thrown by "wait": the transaction must be tried again when something has changed. */
export class NotYet {
  /** Milliseconds after which it fails; undefined: never. */
  readonly timeout: number | undefined;
  constructor(timeout: number | undefined) {
    this.timeout = timeout;
  }
}

/** What the operations of one transaction share. */
export interface Execution {
  readonly database: Database;
  readonly transaction: Transaction;
  /** Since the request came, milliseconds. */
  readonly elapsed: number;
  /** False: a "wait" that does not hold fails at once. */
  readonly mayWait: boolean;
  /** UUIDs by the names that inserts give or will give; and which inserts have come. */
  readonly names: Map<string, { readonly uuid: string; inserted: boolean }>;
  readonly holdsLock: (name: string) => boolean;
  /** Undefined: all may be changed. */
  readonly access: Access | undefined;
}

/** The result of a "wait" that holds. */
export const HELD = lasting({});

export type Operation = (execution: Execution, members: Members) => { readonly [name: string]: Json };

function tableOf(execution: Execution, members: Members): Table {
  const name = members.required("table", "id");
  const table = execution.database.tables.get(name);
  if (!table) throw members.failure(`No table named ${name}.`);
  return table;
}

function nameOf(execution: Execution): NamedUuids {
  return (name) => symbol(execution, name).uuid;
}

export function symbol(execution: Execution, name: string): { readonly uuid: string; inserted: boolean } {
  let known = execution.names.get(name);
  if (!known) {
    known = { uuid: execution.database.newUuid(), inserted: false };
    execution.names.set(name, known);
  }
  return known;
}

/** Columns of a <row> object. */
function rowFromJson(table: TableSchema, json: Json, named: NamedUuids): Map<string, Datum> {
  if (!isObject(json)) throw syntaxError(json, "row must be JSON object");
  const values = new Map<string, Datum>();
  for (const name of nameOrder(Object.keys(json))) {
    const column = table.columns.get(name);
    if (!column) {
      throw syntaxError(json, `No column ${name} in table ${table.name}.`, "unknown column");
    }
    values.set(name, datumFromJson(column.type, json[name] ?? null, named));
  }
  return values;
}

function columnsOf(table: TableSchema, json: Json | undefined): readonly ColumnSchema[] {
  return json === undefined ? [...table.columns.values()] : columnSet(table, json);
}

/** Rows that satisfy a condition, as they were when it was asked. */
export function* query(table: Table, condition: readonly Clause[]): IterableIterator<Row> {
  const [first] = condition;
  const direct =
    condition.length === 1 &&
    typeof first === "object" &&
    first.column.name === "_uuid" &&
    first.test === "==";
  if (direct) {
    const row = table.rows.get(String(first.argument.keys[0]));
    if (row) yield row;
    return;
  }
  for (const row of [...table.rows.values()]) if (satisfies(row, condition)) yield row;
}

/** Most conditions name one row. */
function rowsWhere(execution: Execution, table: Table, where: readonly Json[]): Row[] {
  const row = rowBy(table, where);
  return row ? [row] : [...query(table, conditionFromJson(table.schema, where, nameOf(execution)))];
}

export function satisfies(row: Row, condition: readonly Clause[]): boolean {
  return condition.every((clause) =>
    typeof clause === "boolean"
      ? clause
      : matches(Database.value(row, clause.column.name), clause.test, clause.argument),
  );
}

export function rowToJson(row: Row, columns: readonly ColumnSchema[]): { readonly [name: string]: Json } {
  return Object.fromEntries(
    columns.map((column) => [column.name, datumToJson(column.type, Database.value(row, column.name))]),
  );
}

const insert: Operation = (execution, members) => {
  const table = tableOf(execution, members);
  const uuidText = members.optional("uuid", "string");
  const name = members.optional("uuid-name", "id");
  const rowJson = members.required("row", "object");
  const chosen = uuidText === undefined ? undefined : chosenUuid(execution, table, uuidText);
  const uuid = name === undefined ? (chosen ?? execution.database.newUuid()) : named(execution, name, chosen);
  const given = rowFromJson(table.schema, rowJson, nameOf(execution));
  for (const column of given.keys()) if (column.startsWith("_")) given.delete(column);
  for (const { name: column, type } of forbiddenDefaults(table.schema)) {
    const value = given.get(column) ?? defaultDatum(type);
    if (value.keys.length === 1) checkDatum(type, value);
  }
  execution.access?.checkInsert(table, given);
  execution.transaction.insert(table, uuid, given);
  return { uuid: ["uuid", uuid] };
};

/** The same of values that their columns may have. False if others may not be left out. */
export function insertRow(
  { transaction }: Execution,
  table: Table,
  uuid: string,
  given: ReadonlyMap<string, Datum>,
): boolean {
  for (const { name } of forbiddenDefaults(table.schema)) if (!given.has(name)) return false;
  transaction.insert(table, uuid, given);
  return true;
}

const columnsWithForbiddenDefaults = new WeakMap<TableSchema, readonly ColumnSchema[]>();

/** Columns that may not be left out, since their default violates a constraint. */
function forbiddenDefaults(schema: TableSchema): readonly ColumnSchema[] {
  let found = columnsWithForbiddenDefaults.get(schema);
  if (!found) {
    const forbids = ({ type }: ColumnSchema): boolean => {
      const value = defaultDatum(type);
      if (value.keys.length !== 1) return false;
      try {
        checkDatum(type, value);
        return false;
      } catch {
        return true;
      }
    };
    found = columnWalk(schema).filter(forbids);
    columnsWithForbiddenDefaults.set(schema, found);
  }
  return found;
}

function chosenUuid({ transaction }: Execution, table: Table, text: string): string {
  const uuid = parseUuid(text);
  if (uuid === undefined) throw syntaxError(text, "bad uuid");
  if (!transaction.mayInsert(table, uuid)) {
    throw syntaxError(
      text,
      "This UUID would duplicate a UUID already present within the table or deleted within the same transaction.",
      "duplicate uuid",
    );
  }
  return uuid;
}

function named(execution: Execution, name: string, chosen: string | undefined): string {
  const known = symbol(execution, name);
  if (known.inserted) {
    throw syntaxError(
      name,
      'This "uuid-name" appeared on an earlier "insert" operation.',
      "duplicate uuid-name",
    );
  }
  const uuid = chosen ?? known.uuid;
  execution.names.set(name, { uuid, inserted: true });
  return uuid;
}

const select: Operation = (execution, members) => {
  const table = tableOf(execution, members);
  const where = members.required("where", "array");
  const columnsJson = members.optional("columns", "array");
  const sortJson = members.optional("sort", "array");
  const selected = rowsWhere(execution, table, where);
  const columns = columnsOf(table.schema, columnsJson);
  const order = sortJson === undefined ? columnWalk(table.schema) : columnSet(table.schema, sortJson);
  const rows = distinct(selected, columns);
  rows.sort((a, b) => compareColumns(a, b, order));
  return { rows: rows.map((row) => rowToJson(row, columns)) };
};

function compareColumns(a: Row, b: Row, columns: readonly ColumnSchema[]): number {
  for (const { name } of columns) {
    const order = compareDatums(Database.value(a, name), Database.value(b, name));
    if (order !== 0) return order;
  }
  return 0;
}

/** Rows that differ in some of the columns. With _uuid among them, all do. */
function distinct(rows: readonly Row[], columns: readonly ColumnSchema[]): Row[] {
  if (columns.some((column) => column.name === "_uuid")) return [...rows];
  const kept = new Map<string, Row>();
  for (const row of rows) {
    const key = keyOf(columns.map((column) => Database.value(row, column.name)));
    if (!kept.has(key)) kept.set(key, row);
  }
  return [...kept.values()];
}

function keyOf(datums: readonly Datum[]): string {
  return JSON.stringify(datums.map(({ keys, values = [] }) => [keys.map(String), values.map(String)]));
}

const update: Operation = (execution, members) => {
  const table = tableOf(execution, members);
  const where = members.required("where", "array");
  const rowJson = members.required("row", "object");
  const values = rowFromJson(table.schema, rowJson, nameOf(execution));
  for (const name of values.keys()) {
    if (table.schema.columns.get(name)?.mutable === true) continue;
    throw syntaxError(
      members.json,
      `Cannot update immutable column ${name} in table ${table.schema.name}.`,
      "constraint violation",
    );
  }
  const selected = rowsWhere(execution, table, where);
  execution.access?.checkModify(table, selected, values.keys(), "modification of");
  let count = 0;
  for (const row of selected) {
    count++;
    execution.transaction.modify(table, row.uuid, values);
  }
  return { count };
};

const mutateRows: Operation = (execution, members) => {
  const table = tableOf(execution, members);
  const where = members.required("where", "array");
  const mutationsJson = members.required("mutations", "array");
  const mutations = mutationsJson.map((json) => mutationFromJson(table.schema, json, nameOf(execution)));
  const selected = rowsWhere(execution, table, where);
  const mutated = mutations.map(({ column }) => column.name);
  execution.access?.checkModify(table, selected, mutated, "mutate operation on");
  let count = 0;
  for (const row of selected) {
    count++;
    const values = new Map<string, Datum>();
    for (const mutation of mutations) {
      const { name } = mutation.column;
      values.set(name, mutate(mutation, values.get(name) ?? Database.value(row, name)));
    }
    execution.transaction.modify(table, row.uuid, values);
  }
  return { count };
};

const deleteRows: Operation = (execution, members) => {
  const where = members.required("where", "array");
  const table = tableOf(execution, members);
  const selected = rowsWhere(execution, table, where);
  execution.access?.checkDelete(table, selected);
  let count = 0;
  for (const row of selected) {
    count++;
    execution.transaction.delete(table, row.uuid);
  }
  return { count };
};

const wait: Operation = (execution, members) => {
  const timeoutJson = members.optional("timeout", "integer");
  const where = members.required("where", "array");
  const columnsJson = members.optional("columns", "array");
  const until = members.required("until", "string");
  const rowsJson = members.required("rows", "array");
  const table = tableOf(execution, members);
  const selected = rowsWhere(execution, table, where);
  const columns = columnsOf(table.schema, columnsJson);
  const timeout = timeoutJson === undefined ? undefined : Number(timeoutJson);
  if (timeout !== undefined && timeout < 0) throw syntaxError(timeout, "timeout must be nonnegative");
  if (until !== "==" && until !== "!=") throw syntaxError(until, '"until" must be "==" or "!="');
  const expected = rowsJson.map((json) => {
    const values = rowFromJson(table.schema, json, nameOf(execution));
    return columns.map(({ name, type }) => values.get(name) ?? defaultDatum(type));
  });
  const actual = selected.map((row) => columns.map(({ name }) => Database.value(row, name)));
  if (sameRows(actual, expected) === (until === "==")) return {};
  if (timeout !== undefined && execution.elapsed >= timeout) {
    throw new OvsdbError(
      "timed out",
      execution.elapsed > 0 ? `"wait" timed out after ${execution.elapsed} ms` : '"where" clause test failed',
    );
  }
  if (!execution.mayWait) throw new OvsdbError("not supported", "triggers not supported");
  throw new NotYet(timeout);
};

type Datums = readonly Datum[];

/** As sets. Clients wait for one row each most of the time. */
function sameRows(a: readonly Datums[], b: readonly Datums[]): boolean {
  const [first, ...others] = a;
  const [second] = b;
  if (first && second && others.length === 0 && b.length === 1) {
    return first.every((datum, at) => compareDatums(datum, second[at] as Datum) === 0);
  }
  const keys = new Set(a.map(keyOf));
  const wanted = new Set(b.map(keyOf));
  return keys.size === wanted.size && [...keys].every((key) => wanted.has(key));
}

const commit: Operation = (_, members) => {
  members.required("durable", "boolean");
  return {};
};

const abort: Operation = () => {
  throw new OvsdbError("aborted", "aborted by request");
};

const comment: Operation = (execution, members) => {
  execution.transaction.comments.push(members.required("comment", "string"));
  return {};
};

const assert: Operation = (execution, members) => {
  const lock = members.required("lock", "id");
  if (!execution.holdsLock(lock)) throw new OvsdbError("not owner", `Asserted lock ${lock} not held.`);
  return {};
};

/** By name; those that only read are allowed on databases that nobody may change. */
export const OPERATIONS: ReadonlyMap<string, { readonly run: Operation; readonly readOnly: boolean }> =
  new Map([
    ["insert", { run: insert, readOnly: false }],
    ["select", { run: select, readOnly: true }],
    ["update", { run: update, readOnly: false }],
    ["mutate", { run: mutateRows, readOnly: false }],
    ["delete", { run: deleteRows, readOnly: false }],
    ["wait", { run: wait, readOnly: true }],
    ["commit", { run: commit, readOnly: false }],
    ["abort", { run: abort, readOnly: true }],
    ["comment", { run: comment, readOnly: true }],
    ["assert", { run: assert, readOnly: true }],
  ]);

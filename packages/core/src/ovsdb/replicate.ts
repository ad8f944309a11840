// Makes a database a copy of another: what a "monitor" of all its columns tells (RFC 7047, 4.1.5 and 4.1.6) becomes
// transactions. Tables that are left out keep what they have.

import type { Json } from "../ovsproto/json.ts";
import { equalJson, isObject } from "../ovsproto/json.ts";
import type { Datum } from "../ovsproto/ovsdb/datum.ts";
import { datumFromJson } from "../ovsproto/ovsdb/datum.ts";
import { OvsdbError } from "../ovsproto/ovsdb/error.ts";
import { nameOrder } from "../ovsproto/ovsdb/name-order.ts";
import { columnToJson, ownColumns } from "../ovsproto/ovsdb/schema.ts";
import type { DatabaseSchema, TableSchema } from "../ovsproto/ovsdb/schema.ts";
import { parseUuid } from "../ovsproto/ovsdb/uuid.ts";
import type { Commit, Database, Table } from "./database.ts";
import { Transaction } from "./transaction.ts";

export interface ReplicateOptions {
  /** Names of tables. */
  readonly excluded: ReadonlySet<string>;
  /** Keeps what was committed. */
  readonly durable: (commit: Commit) => void;
}

/** Why rows of that schema cannot be kept in a database of this one; undefined if they can. */
export function replicationHindrance(
  here: DatabaseSchema,
  there: DatabaseSchema,
  excluded: ReadonlySet<string>,
): string | undefined {
  for (const table of there.tables.values()) {
    if (excluded.has(table.name)) continue;
    const own = here.tables.get(table.name);
    if (!own) return `Table ${table.name} not present in the local db schema`;
    for (const column of ownColumns(table)) {
      const mine = own.columns.get(column.name);
      if (!mine) return `Column ${column.name} not present in the local db schema table ${table.name}.`;
      if (!equalJson(columnToJson(column), columnToJson(mine))) {
        return `Column ${column.name} mismatch in local db schema table ${table.name}.`;
      }
    }
  }
  return undefined;
}

/** <monitor-requests> for all that is to be copied. */
export function replicationRequests(schema: DatabaseSchema, excluded: ReadonlySet<string>): Json {
  const tables = [...schema.tables.values()].filter(({ name }) => !excluded.has(name));
  return Object.fromEntries(
    tables.map((table) => [table.name, { columns: ownColumns(table).map(({ name }) => name) }]),
  );
}

/** Errors: OvsdbError. */
export function clearTables(database: Database, { excluded, durable }: ReplicateOptions): void {
  const transaction = new Transaction(database);
  for (const table of database.tables.values()) {
    if (excluded.has(table.schema.name)) continue;
    for (const row of [...table.rows.values()]) transaction.delete(table, row.uuid);
  }
  transaction.commit(durable);
}

/** <table-updates>. Errors: OvsdbError; then nothing of them is there. */
export function applyUpdates(
  database: Database,
  updates: Json,
  { excluded, durable }: ReplicateOptions,
): void {
  if (!isObject(updates)) return;
  const transaction = new Transaction(database);
  try {
    for (const name of nameOrder(Object.keys(updates))) {
      if (!excluded.has(name)) applyTable(transaction, name, updates[name] ?? null);
    }
  } catch (error) {
    transaction.abort();
    throw error;
  }
  transaction.commit(durable);
}

function applyTable(transaction: Transaction, name: string, rows: Json): void {
  const table = transaction.database.tables.get(name);
  if (!table) throw new OvsdbError("unknown table", `No table named ${name}.`);
  if (!isObject(rows)) throw new OvsdbError("syntax error", "<table-update> is not an object", rows);
  for (const text of nameOrder(Object.keys(rows))) {
    const uuid = parseUuid(text);
    if (uuid === undefined) throw new OvsdbError("syntax error", "<table-update> names must be UUIDs", rows);
    const update = rows[text];
    if (!isObject(update)) throw new OvsdbError("syntax error", "<row-update> is not an object", rows);
    applyRow(transaction, table, uuid, update["new"]);
  }
}

function applyRow(transaction: Transaction, table: Table, uuid: string, row: Json | undefined): void {
  const known = table.rows.has(uuid);
  if (!isObject(row)) {
    if (known) transaction.delete(table, uuid);
  } else if (known) transaction.modify(table, uuid, valuesOf(table.schema, row));
  else transaction.insert(table, uuid, valuesOf(table.schema, row));
}

function valuesOf(schema: TableSchema, row: { readonly [name: string]: Json }): Map<string, Datum> {
  const values = new Map<string, Datum>();
  for (const [name, json] of Object.entries(row)) {
    const column = schema.columns.get(name);
    if (!column) throw new OvsdbError("unknown column", `No column ${name} in table ${schema.name}.`, row);
    values.set(name, datumFromJson(column.type, json));
  }
  return values;
}

// What must hold at the end of a transaction (RFC 7047, 3.2): strong references lead to rows, rows that nobody needs go,
// weak references to rows that are gone go too, tables keep to their size, and indexes are unique.

import type { Atom } from "../ovsproto/ovsdb/atom.ts";
import type { Datum } from "../ovsproto/ovsdb/datum.ts";
import { formatDatum } from "../ovsproto/ovsdb/datum.ts";
import { OvsdbError } from "../ovsproto/ovsdb/error.ts";
import type { ColumnSchema } from "../ovsproto/ovsdb/schema.ts";
import { referencesOf } from "../ovsproto/ovsdb/schema.ts";
import type { Database, Row, Table } from "./database.ts";
import type { TouchedRow, Transaction } from "./transaction.ts";

/** New numbers of strong references, by table and row, of all that have changed. */
export type ReferenceCounts = Map<Table, Map<string, number>>;

/** Errors: OvsdbError. Deletes garbage and dead weak references inside the transaction. */
export function checkIntegrity(transaction: Transaction): ReferenceCounts {
  const counts = new Counts(transaction);
  for (const touched of transaction.rows()) countReferences(touched, counts);
  for (const { table, uuid, new: row } of transaction.rows()) {
    const count = row ? 0 : counts.of(table, uuid);
    if (count > 0) {
      throw new OvsdbError(
        "referential integrity violation",
        `cannot delete ${table.schema.name} row ${uuid} because of ${count} remaining reference(s)`,
      );
    }
  }
  collectGarbage(transaction, counts);
  checkMaxRows(transaction);
  removeDeadReferences(transaction);
  checkIndexes(transaction);
  return counts.changed;
}

class Counts {
  readonly changed: ReferenceCounts = new Map();
  readonly #database: Database;
  readonly #touched: Transaction["touched"];

  constructor(transaction: Transaction) {
    this.#database = transaction.database;
    this.#touched = transaction.touched;
  }

  /** True if the row was there before the transaction and no longer is. */
  deletes(table: Table, uuid: string): boolean {
    const row = this.#touched.get(table)?.get(uuid);
    return row?.old !== undefined && row.new === undefined;
  }

  table(name: string): Table {
    const table = this.#database.tables.get(name);
    if (!table) throw new Error(`no table ${name}`);
    return table;
  }

  of(table: Table, uuid: string): number {
    return this.changed.get(table)?.get(uuid) ?? table.references.get(uuid) ?? 0;
  }

  add(table: Table, uuid: string, delta: number): void {
    let rows = this.changed.get(table);
    if (!rows) {
      rows = new Map();
      this.changed.set(table, rows);
    }
    rows.set(uuid, this.of(table, uuid) + delta);
  }
}

interface Reference {
  readonly column: ColumnSchema;
  readonly refTable: string;
  readonly target: Atom;
}

function* references(table: Table, row: Row, type: "strong" | "weak"): IterableIterator<Reference> {
  for (const column of table.schema.columns.values()) {
    for (const { base, of } of referencesOf(column.type)) {
      if (base.refTable === undefined || base.refType !== type) continue;
      for (const target of row.values.get(column.name)?.[of] ?? []) {
        // A row's reference to itself does not keep it.
        if (type === "weak" || target !== row.uuid) yield { column, refTable: base.refTable, target };
      }
    }
  }
}

function countReferences({ table, old, new: row }: TouchedRow, counts: Counts): void {
  for (const { refTable, target } of old ? references(table, old, "strong") : []) {
    counts.add(counts.table(refTable), String(target), -1);
  }
  for (const { column, refTable, target } of row ? references(table, row, "strong") : []) {
    const uuid = String(target);
    const there = counts.table(refTable);
    // A reference to a row that this transaction deletes is told of later, with the number of those that remain.
    if (!there.rows.has(uuid) && !counts.deletes(there, uuid)) {
      throw new OvsdbError(
        "referential integrity violation",
        `Table ${table.schema.name} column ${column.name} row ${row?.uuid} references nonexistent row ${uuid} in table ${refTable}.`,
      );
    }
    counts.add(there, uuid, 1);
  }
}

/** Rows of tables that are no roots live while something refers to them. */
function collectGarbage(transaction: Transaction, counts: Counts): void {
  const candidates: [Table, string][] = [];
  for (const { table, uuid } of transaction.rows()) candidates.push([table, uuid]);
  for (const [table, rows] of counts.changed) for (const uuid of rows.keys()) candidates.push([table, uuid]);
  for (let next = candidates.pop(); next; next = candidates.pop()) {
    const [table, uuid] = next;
    const row = table.rows.get(uuid);
    if (table.schema.isRoot || !row || counts.of(table, uuid) > 0) continue;
    transaction.delete(table, uuid);
    for (const { refTable, target } of references(table, row, "strong")) {
      const there = counts.table(refTable);
      counts.add(there, String(target), -1);
      candidates.push([there, String(target)]);
    }
  }
}

function checkMaxRows(transaction: Transaction): void {
  for (const table of transaction.touched.keys()) {
    const { maxRows, name } = table.schema;
    if (table.rows.size <= maxRows) continue;
    throw new OvsdbError(
      "constraint violation",
      `transaction causes "${name}" table to contain ${table.rows.size} rows, greater than the schema-defined limit of ${maxRows} row(s)`,
    );
  }
}

/** Where weak references may have died: in rows that were written, and in all if rows of their target were deleted. */
function removeDeadReferences(transaction: Transaction): void {
  const { database } = transaction;
  const deletedFrom = new Set<string>();
  for (const { table, old, new: row } of transaction.rows())
    if (old && !row) deletedFrom.add(table.schema.name);
  for (const table of database.tables.values()) {
    const weak = [...table.schema.columns.values()].filter((column) =>
      referencesOf(column.type).some(({ base }) => base.refType === "weak"),
    );
    if (weak.length === 0) continue;
    const all = weak.some((column) =>
      referencesOf(column.type).some(({ base }) => deletedFrom.has(base.refTable ?? "")),
    );
    const touched = transaction.touched.get(table);
    for (const row of [...table.rows.values()]) {
      if (all || touched?.has(row.uuid)) pruneRow(transaction, table, row, weak);
    }
  }
}

function pruneRow(transaction: Transaction, table: Table, row: Row, columns: readonly ColumnSchema[]): void {
  for (const column of columns) {
    const value = row.values.get(column.name);
    if (!value) continue;
    const pruned = withoutDead(transaction.database, column, value);
    if (pruned === value) continue;
    if (pruned.keys.length < column.type.min) {
      const dead = value.keys.length - pruned.keys.length;
      const touched = transaction.touched.get(table)?.get(row.uuid);
      const inserted = touched && !touched.old ? "(inserted within this transaction) " : "";
      throw new OvsdbError(
        "constraint violation",
        `Deletion of ${dead} weak reference(s) to deleted (or never-existing) rows from column "${column.name}" in "${table.schema.name}" row ${row.uuid} ${inserted}caused this column to become empty, but constraints on this column disallow an empty column.`,
      );
    }
    transaction.modify(table, row.uuid, new Map([[column.name, pruned]]));
  }
}

function withoutDead(database: Database, column: ColumnSchema, value: Datum): Datum {
  const dead = new Set<number>();
  for (const { base, of } of referencesOf(column.type)) {
    if (base.refType !== "weak" || base.refTable === undefined) continue;
    const rows = database.tables.get(base.refTable)?.rows;
    for (const [at, target] of (value[of] ?? []).entries()) if (!rows?.has(String(target))) dead.add(at);
  }
  if (dead.size === 0) return value;
  const alive = (_: unknown, at: number): boolean => !dead.has(at);
  const keys = value.keys.filter(alive);
  return value.values ? { keys, values: value.values.filter(alive) } : { keys };
}

function checkIndexes(transaction: Transaction): void {
  for (const [table, touched] of transaction.touched) {
    for (const index of table.schema.indexes) {
      const seen = new Map<string, Row>();
      // Rows that were not written are compared too, but only with those that were.
      for (const row of table.rows.values()) {
        if (!touched.has(row.uuid)) seen.set(indexKey(index, row), row);
      }
      for (const { new: row } of touched.values()) {
        if (!row) continue;
        const key = indexKey(index, row);
        const other = seen.get(key);
        if (other) throw duplicate(table, index, row, other, touched);
        seen.set(key, row);
      }
    }
  }
}

function indexKey(index: readonly ColumnSchema[], row: Row): string {
  return JSON.stringify(index.map((column) => showValue(column, row)));
}

function showValue(column: ColumnSchema, row: Row): string {
  const value = row.values.get(column.name);
  return value ? formatDatum(column.type, value) : row.uuid;
}

function duplicate(
  table: Table,
  index: readonly ColumnSchema[],
  first: Row,
  second: Row,
  touched: ReadonlyMap<string, TouchedRow>,
): OvsdbError {
  if (first.uuid < second.uuid) return duplicate(table, index, second, first, touched); // the greater UUID comes first
  const values = index.map((column) => showValue(column, first)).join(", ");
  const told = (row: Row): string => `row, with UUID ${row.uuid}, ${history(index, touched.get(row.uuid))}`;
  return new OvsdbError(
    "constraint violation",
    `Transaction causes multiple rows in "${table.schema.name}" table to have identical values (${values}) for index on ${columnNames(index)}.  First ${told(first)}  Second ${told(second)}`,
  );
}

function columnNames(index: readonly ColumnSchema[]): string {
  const names = index.map((column) => `"${column.name}"`);
  const last = names.pop() ?? "";
  if (names.length === 0) return `column ${last}`;
  return `columns ${names.join(", ")}${names.length > 1 ? "," : ""} and ${last}`;
}

function history(index: readonly ColumnSchema[], touched: TouchedRow | undefined): string {
  if (!touched)
    return "existed in the database before this transaction and was not modified by the transaction.";
  const { old, new: row } = touched;
  if (!old || !row) return "was inserted by this transaction.";
  if (indexKey(index, old) === indexKey(index, row)) {
    return "existed in the database before this transaction, which modified some of the row's columns but not any columns in this index.";
  }
  return `had the following index values before the transaction: ${index.map((column) => showValue(column, old)).join(", ")}.`;
}

// What must hold at the end of a transaction (RFC 7047, 3.2): strong references lead to rows, rows that nobody needs go,
// weak references to rows that are gone go too, tables keep to their size, and indexes are unique.

import type { Atom } from "../ovsproto/ovsdb/atom.ts";
import type { Datum } from "../ovsproto/ovsdb/datum.ts";
import { compareDatums } from "../ovsproto/ovsdb/datum.ts";
import { OvsdbError } from "../ovsproto/ovsdb/error.ts";
import type { UuidTable } from "../ovsproto/ovsdb/hash-table.ts";
import type { ColumnSchema, TableSchema } from "../ovsproto/ovsdb/schema.ts";
import { columnWalk, referencesOf, weakColumnsOf } from "../ovsproto/ovsdb/schema.ts";
import { ZERO_UUID } from "../ovsproto/ovsdb/uuid.ts";
import type { Row, Table } from "./database.ts";
import { Database } from "./database.ts";
import type { TableIndex } from "./table-index.ts";
import { indexKey, showValue } from "./table-index.ts";
import { changedColumns } from "./touched-row.ts";
import type { TouchedRow } from "./touched-row.ts";
import type { Transaction } from "./transaction.ts";

/** New numbers of strong references, by table and row, of all that have changed. */
export type ReferenceCounts = Map<Table, Map<string, number>>;

/** Errors: OvsdbError. Deletes garbage and dead weak references inside the transaction. */
export function checkIntegrity(transaction: Transaction): ReferenceCounts {
  const counts = new Counts(transaction);
  const rows = transaction.rows().filter(mayViolate);
  if (rows.length === 0) return counts.changed;
  for (const touched of rows) countReferences(touched, counts);
  for (const { table, uuid, new: row } of rows) {
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

/** Rows that come or go, that nothing keeps, or of which a reference or a part of an index has changed. */
function mayViolate(touched: TouchedRow): boolean {
  const { table, uuid, old, new: row } = touched;
  if (!old || !row || (!table.schema.isRoot && !table.references.has(uuid))) return true;
  const bound = boundColumnsOf(table.schema);
  return changedColumns(touched).some((name) => bound.has(name));
}

const boundColumns = new WeakMap<TableSchema, ReadonlySet<string>>();

/** Names of columns that are references or belong to an index. */
function boundColumnsOf(schema: TableSchema): ReadonlySet<string> {
  let found = boundColumns.get(schema);
  if (!found) {
    const columns = [
      ...strongColumnsOf(schema).map(({ column }) => column),
      ...weakColumnsOf(schema),
      ...schema.indexes.flat(),
    ];
    found = new Set(columns.map(({ name }) => name));
    boundColumns.set(schema, found);
  }
  return found;
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

/** Keys or values of a column that keep rows of another table. */
interface ReferenceColumn {
  readonly column: ColumnSchema;
  readonly refTable: string;
  readonly of: "keys" | "values";
}

const strongColumns = new WeakMap<TableSchema, readonly ReferenceColumn[]>();

function strongColumnsOf(schema: TableSchema): readonly ReferenceColumn[] {
  let found = strongColumns.get(schema);
  if (!found) {
    found = columnWalk(schema).flatMap((column) =>
      referencesOf(column.type).flatMap(({ base: { refTable, refType }, of }) =>
        refTable !== undefined && refType === "strong" ? [{ column, refTable, of }] : [],
      ),
    );
    strongColumns.set(schema, found);
  }
  return found;
}

const NONE: readonly Atom[] = [];

/** Those that are in `atoms` but not in `others`, or at another place there: sets mostly differ in one element. */
function changed(atoms: readonly Atom[], others: readonly Atom[]): readonly Atom[] {
  if (atoms === others) return NONE;
  let first = 0;
  while (first < atoms.length && atoms[first] === others[first]) first++;
  let end = atoms.length;
  for (
    let other = others.length;
    end > first && other > first && atoms[end - 1] === others[other - 1];
    other--
  )
    end--;
  return atoms.slice(first, end);
}

/** References that one of the rows has and the other has not, or has at another place. A row's reference to itself does not keep it. */
function forReferences(
  { schema }: Table,
  row: Row,
  other: Row | undefined,
  found: (target: string, refTable: string, column: ColumnSchema) => void,
): void {
  for (const { column, of, refTable } of strongColumnsOf(schema)) {
    const atoms = row.values.get(column.name)?.[of] ?? NONE;
    for (const target of changed(atoms, other?.values.get(column.name)?.[of] ?? NONE))
      if (target !== row.uuid) found(String(target), refTable, column);
  }
}

function countReferences({ table, old, new: row }: TouchedRow, counts: Counts): void {
  if (old) forReferences(table, old, row, (target, name) => counts.add(counts.table(name), target, -1));
  if (!row) return;
  forReferences(table, row, old, (target, name, column) => {
    const there = counts.table(name);
    // A reference to a row that this transaction deletes is told of later, with the number of those that remain.
    if (!there.rows.has(target) && !counts.deletes(there, target)) {
      throw new OvsdbError(
        "referential integrity violation",
        `Table ${table.schema.name} column ${column.name} row ${row.uuid} references nonexistent row ${target} in table ${name}.`,
      );
    }
    counts.add(there, target, 1);
  });
}

/** Rows of tables that are no roots live while something refers to them. */
function collectGarbage(transaction: Transaction, counts: Counts): void {
  const candidates: [Table, string][] = [];
  const consider = (table: Table, uuid: string): void => {
    if (!table.schema.isRoot && counts.of(table, uuid) <= 0) candidates.push([table, uuid]);
  };
  for (const { table, uuid } of transaction.rows()) consider(table, uuid);
  for (const [table, rows] of counts.changed) for (const uuid of rows.keys()) consider(table, uuid);
  for (let next = candidates.pop(); next; next = candidates.pop()) {
    const [table, uuid] = next;
    const row = table.rows.get(uuid);
    if (table.schema.isRoot || !row || counts.of(table, uuid) > 0) continue;
    transaction.delete(table, uuid);
    forReferences(table, row, undefined, (target, name) => {
      const there = counts.table(name);
      counts.add(there, target, -1);
      candidates.push([there, target]);
    });
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
  for (const table of database.weaklyReferring) {
    const touched = transaction.touched.get(table);
    if (!touched && deletedFrom.size === 0) continue;
    const weak = weakColumnsOf(table.schema);
    const all = weak.some((column) =>
      referencesOf(column.type).some(({ base }) => deletedFrom.has(base.refTable ?? "")),
    );
    const rows = all
      ? [...table.rows.values()]
      : [...(touched?.values() ?? [])].flatMap((each) => each.new ?? []);
    for (const row of rows) pruneRow(transaction, table, row, weak);
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
      if (inserted !== "" && (value.keys.includes(ZERO_UUID) || value.values?.includes(ZERO_UUID) === true)) {
        throw new OvsdbError(
          "constraint violation",
          `Weak reference column "${column.name}" in "${table.schema.name}" row ${row.uuid} ${inserted}contained all-zeros UUID (probably as the default value for this column) but deleting this value caused a constraint volation because this column is not allowed to be empty.`,
        );
      }
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
    const duplicate = firstDuplicate(table, touched);
    if (duplicate) throw duplicate;
  }
}

/** Rows that were not written are in the table's indexes, and are equal to none of each other. */
function firstDuplicate(table: Table, touched: UuidTable<TouchedRow>): OvsdbError | undefined {
  if (table.indexes.length === 0) return undefined;
  const seen: (Map<string, Row> | undefined)[] = [];
  for (const { old, new: row } of touched.values()) {
    if (!row) continue;
    for (const [at, index] of table.indexes.entries()) {
      if (index.keeps(old, row)) continue;
      const key = index.keyOf(row);
      const there = index.rows.get(key);
      const other =
        seen[at]?.get(key) ?? (there === undefined ? undefined : stillThere(table, index, there, touched));
      if (other) return duplicate(table, index.columns, row, other, touched);
      (seen[at] ??= new Map()).set(key, row);
    }
  }
  return undefined;
}

/** A row of an index, if it will be there under the same key after the transaction. */
function stillThere(
  table: Table,
  index: TableIndex,
  uuid: string,
  touched: UuidTable<TouchedRow>,
): Row | undefined {
  const change = touched.get(uuid);
  return change === undefined || index.keeps(change.old, change.new) ? table.rows.get(uuid) : undefined;
}

function duplicate(
  table: Table,
  index: readonly ColumnSchema[],
  first: Row,
  second: Row,
  touched: UuidTable<TouchedRow>,
): OvsdbError {
  if (compareRows(table, first, second) < 0) return duplicate(table, index, second, first, touched);
  const told = (row: Row): string => `row, with UUID ${row.uuid}, ${history(index, touched.get(row.uuid))}`;
  return new OvsdbError(
    "constraint violation",
    `Transaction causes multiple rows in "${table.schema.name}" table to have identical values (${showValues(index, first)}) for index on ${columnNames(index)}.  First ${told(first)}  Second ${told(second)}`,
  );
}

/** By all columns, the version too. */
function compareRows(table: Table, first: Row, second: Row): number {
  for (const { name } of columnWalk(table.schema)) {
    const order = compareDatums(Database.value(first, name), Database.value(second, name));
    if (order !== 0) return order;
  }
  return 0;
}

/** a / a and b / a, b, and c */
function enumerated(words: readonly string[]): string {
  if (words.length < 3) return words.join(" and ");
  return `${words.slice(0, -1).join(", ")}, and ${words.at(-1)}`;
}

function columnNames(index: readonly ColumnSchema[]): string {
  return `column${index.length > 1 ? "s" : ""} ${enumerated(index.map(({ name }) => `"${name}"`))}`;
}

function showValues(index: readonly ColumnSchema[], row: Row): string {
  return enumerated(index.map((column) => showValue(column, row)));
}

function history(index: readonly ColumnSchema[], touched: TouchedRow | undefined): string {
  if (!touched)
    return "existed in the database before this transaction and was not modified by the transaction.";
  const { old, new: row } = touched;
  if (!old || !row) return "was inserted by this transaction.";
  if (indexKey(index, old) === indexKey(index, row)) {
    return "existed in the database before this transaction, which modified some of the row's columns but not any columns in this index.";
  }
  return `had the following index values before the transaction: ${showValues(index, old)}.`;
}

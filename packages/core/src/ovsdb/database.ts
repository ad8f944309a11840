// A database in memory: rows by table, how often each is referred to, and who is told of what is committed. Rows are never
// changed, only replaced, and only by a Transaction.

import type { JsonObject } from "../ovsproto/json.ts";
import type { Datum } from "../ovsproto/ovsdb/datum.ts";
import { UuidTable } from "../ovsproto/ovsdb/hash-table.ts";
import type { DatabaseSchema, TableSchema } from "../ovsproto/ovsdb/schema.ts";
import { weakColumnsOf } from "../ovsproto/ovsdb/schema.ts";
import { randomUuid } from "../ovsproto/ovsdb/uuid.ts";
import type { RowDatums } from "./row-datums.ts";
import { TableIndex } from "./table-index.ts";

/** A row as it is at one time. */
export interface Row {
  readonly uuid: string;
  /** A UUID that is new whenever the row has changed; its text. */
  readonly version: () => string;
  readonly values: RowDatums;
  /** What clients were told of it when they came, last time, and of which columns: most ask for the same. */
  told: ToldRow | undefined;
}

export interface ToldRow {
  /** Names, with commas between them. */
  readonly columns: string;
  readonly update: JsonObject;
  /** It has been looked through for all messages (`lasting`). */
  readonly lasts: boolean;
}

/** A row before and after a transaction; undefined where it did not exist. */
export interface RowChange {
  readonly table: TableSchema;
  readonly uuid: string;
  readonly old: Row | undefined;
  readonly new: Row | undefined;
  /** Columns that differ, of a row that is there before and after. */
  readonly columns: readonly string[];
}

export interface Commit {
  readonly changes: readonly RowChange[];
  readonly comments: readonly string[];
}

export type CommitListener = (commit: Commit) => void;

export class Table {
  readonly schema: TableSchema;
  readonly rows = new UuidTable<Row>();
  /** Strong references from other rows. */
  readonly references = new Map<string, number>();
  readonly indexes: readonly TableIndex[];

  constructor(schema: TableSchema) {
    this.schema = schema;
    this.indexes = schema.indexes.map((columns) => new TableIndex(columns));
  }

  /** Rows have been committed. */
  reindex(rows: Iterable<{ readonly old: Row | undefined; readonly new: Row | undefined }>): void {
    if (this.indexes.length === 0) return;
    const changed = [...rows];
    // All that are gone before any that have come: a value may pass from one row to another.
    for (const index of this.indexes) {
      for (const { old, new: row } of changed) if (old && !index.keeps(old, row)) index.remove(old);
      for (const { old, new: row } of changed) if (row && !index.keeps(old, row)) index.add(row);
    }
  }
}

export class Database {
  schema: DatabaseSchema;
  tables: ReadonlyMap<string, Table>;
  /** Tables with weak references. */
  readonly weaklyReferring: readonly Table[];
  readonly random32: () => number;
  readonly #listeners = new Set<CommitListener>();

  constructor(schema: DatabaseSchema, random32: () => number) {
    this.schema = schema;
    this.random32 = random32;
    this.tables = new Map([...schema.tables].map(([name, table]) => [name, new Table(table)]));
    this.weaklyReferring = [...this.tables.values()].filter(
      (table) => weakColumnsOf(table.schema).length > 0,
    );
  }

  newUuid(): string {
    return randomUuid(this.random32);
  }

  /** The version of a row, of which nobody reads the text most of the time. */
  newVersion(): () => string {
    const words = [this.random32(), this.random32(), this.random32(), this.random32()];
    return () => {
      let next = 0;
      return randomUuid(() => words[next++] ?? 0);
    };
  }

  /** A column's value, also of those that every table has. */
  static value(row: Row, column: string): Datum {
    if (column === "_uuid") return { keys: [row.uuid] };
    if (column === "_version") return { keys: [row.version()] };
    const value = row.values.get(column);
    if (!value) throw new Error(`row without column ${column}`);
    return value;
  }

  /** Told of every commit that changed something, in the order of subscription, after it is complete. */
  subscribe(listener: CommitListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  committed(commit: Commit): void {
    for (const listener of [...this.#listeners]) listener(commit);
  }
}

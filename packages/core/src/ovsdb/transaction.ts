// A transaction: changes that take place at once in the tables and are all taken back if it is aborted or may not be
// committed. Nothing else runs meanwhile, so nobody sees the half of it. What must hold at its end is in integrity.ts.

import type { Datum } from "../ovsproto/ovsdb/datum.ts";
import { UuidTable } from "../ovsproto/ovsdb/hash-table.ts";
import type { Commit, Database, Row, Table } from "./database.ts";
import { checkIntegrity } from "./integrity.ts";
import { RowDatums } from "./row-datums.ts";
import { changedColumns } from "./touched-row.ts";
import type { TouchedRow } from "./touched-row.ts";

export class Transaction {
  readonly database: Database;
  readonly comments: string[] = [];
  /** Tables in the order in which they were touched, their rows in that of the original. */
  readonly touched = new Map<Table, UuidTable<TouchedRow>>();
  #finished = false;

  constructor(database: Database) {
    this.database = database;
  }

  /** False if a row of that name is there, or was there when the transaction began. */
  mayInsert(table: Table, uuid: string): boolean {
    return !table.rows.has(uuid) && !this.touched.get(table)?.has(uuid);
  }

  /** A new row; columns without a value get their default. */
  insert(table: Table, uuid: string, given: ReadonlyMap<string, Datum>): void {
    const values = RowDatums.defaults(table.schema).with(given);
    const row: Row = { uuid, version: this.database.newVersion(), values, told: undefined };
    const touched = this.#touch(table, uuid);
    touched.new = row;
    // in the place of one that this transaction has deleted
    if (touched.old) for (const name of values.columns()) touched.written.add(name);
    touched.changed = undefined;
    table.rows.set(uuid, row);
  }

  /** Replaces some columns. A value that is equal changes nothing. */
  modify(table: Table, uuid: string, values: ReadonlyMap<string, Datum>): void {
    const row = table.rows.get(uuid);
    if (!row) throw new Error("modified row does not exist");
    const columns: string[] = [];
    const changed = row.values.changed(values, (column) => columns.push(column));
    if (!changed) return;
    const touched = this.#touch(table, uuid);
    for (const column of columns) touched.written.add(column);
    const next: Row = { uuid, version: this.database.newVersion(), values: changed, told: undefined };
    touched.new = next;
    touched.changed = undefined;
    table.rows.set(uuid, next);
  }

  delete(table: Table, uuid: string): void {
    const touched = this.#touch(table, uuid);
    touched.new = undefined;
    table.rows.delete(uuid);
    if (!touched.old) this.touched.get(table)?.delete(uuid); // as if it had never been
  }

  #touch(table: Table, uuid: string): TouchedRow {
    let rows = this.touched.get(table);
    if (!rows) {
      rows = new UuidTable();
      this.touched.set(table, rows);
    }
    let touched = rows.get(uuid);
    if (!touched) {
      const row = table.rows.get(uuid);
      touched = { table, uuid, old: row, new: row, written: new Set(), changed: undefined };
      rows.set(uuid, touched);
    }
    return touched;
  }

  /** As they are now, whatever is touched meanwhile. */
  rows(): readonly TouchedRow[] {
    const all: TouchedRow[] = [];
    for (const rows of this.touched.values()) all.push(...rows.values());
    return all;
  }

  /**
   * Makes it permanent. Errors: OvsdbError for what may not hold at the end of a transaction; all is taken back then.
   * `durable` is called when it may be committed, and what it throws takes it back too.
   */
  commit(durable?: (commit: Commit) => void): Commit {
    let commit: Commit = { changes: [], comments: this.comments };
    try {
      this.#dropUnchanged();
      if (this.touched.size > 0) {
        const counts = checkIntegrity(this);
        const changes = this.rows().map((touched) => ({
          table: touched.table.schema,
          uuid: touched.uuid,
          old: touched.old,
          new: touched.new,
          columns: changedColumns(touched),
        }));
        commit = { changes, comments: this.comments };
        if (changes.length > 0 || this.comments.length > 0) durable?.(commit);
        for (const [table, rows] of this.touched) table.reindex(rows.values());
        for (const [table, references] of counts) {
          for (const [uuid, count] of references) {
            if (count > 0) table.references.set(uuid, count);
            else table.references.delete(uuid);
          }
        }
      }
    } catch (error) {
      this.abort();
      throw error;
    }
    this.#finished = true;
    if (commit.changes.length > 0) this.database.committed(commit);
    return commit;
  }

  /** Takes everything back. */
  abort(): void {
    if (this.#finished) return;
    this.#finished = true;
    for (const { table, uuid, old } of this.rows()) {
      if (old) table.rows.set(uuid, old);
      else table.rows.delete(uuid);
    }
  }

  /** Rows that are as they were need no new version and are nobody's business. */
  #dropUnchanged(): void {
    for (const [table, rows] of this.touched) {
      for (const touched of rows.values()) {
        const { uuid, old, new: row } = touched;
        if (old !== row && (!old || !row || changedColumns(touched).length > 0)) continue;
        if (old) table.rows.set(uuid, old);
        rows.delete(uuid);
      }
      if (rows.size === 0) this.touched.delete(table);
    }
  }
}

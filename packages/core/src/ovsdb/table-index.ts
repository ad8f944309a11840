// An index of a table (RFC 7047, 3.2 <table-schema>): no two rows have the same values in its columns. It holds what is
// committed; a transaction looks into it and changes it when it is committed itself.

import { formatDatum } from "../ovsproto/ovsdb/datum.ts";
import type { ColumnSchema } from "../ovsproto/ovsdb/schema.ts";
import type { Row } from "./database.ts";

export class TableIndex {
  readonly columns: readonly ColumnSchema[];
  /** UUIDs of rows by their values in the columns. */
  readonly rows = new Map<string, string>();

  constructor(columns: readonly ColumnSchema[]) {
    this.columns = columns;
  }

  keyOf(row: Row): string {
    return indexKey(this.columns, row);
  }

  /** Whether a change leaves the columns as they were. */
  keeps(old: Row | undefined, row: Row | undefined): boolean {
    if (!old || !row) return false;
    return this.columns.every(({ name }) => old.values.get(name) === row.values.get(name));
  }

  remove(row: Row): void {
    const key = this.keyOf(row);
    if (this.rows.get(key) === row.uuid) this.rows.delete(key);
  }

  add(row: Row): void {
    this.rows.set(this.keyOf(row), row.uuid);
  }
}

export function indexKey(columns: readonly ColumnSchema[], row: Row): string {
  return JSON.stringify(columns.map((column) => showValue(column, row)));
}

/** A value of an indexed column as errors show it. */
export function showValue(column: ColumnSchema, row: Row): string {
  const value = row.values.get(column.name);
  return value ? formatDatum(column.type, value) : row.uuid;
}

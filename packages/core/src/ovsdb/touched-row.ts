// A row as a transaction found it and as it is by now.

import { equalDatums } from "../ovsproto/ovsdb/datum.ts";
import type { Row, Table } from "./database.ts";

/** A row that a transaction has touched. */
export interface TouchedRow {
  readonly table: Table;
  readonly uuid: string;
  readonly old: Row | undefined;
  new: Row | undefined;
  /** Columns that were written, of a row that was there. */
  readonly written: Set<string>;
  /** See changedColumns; undefined until it is asked for, and once more is written. */
  changed: readonly string[] | undefined;
}

/** Of those that were written, which have another value than before. */
export function changedColumns(touched: TouchedRow): readonly string[] {
  return (touched.changed ??= differing(touched));
}

function differing({ old, new: row, written }: TouchedRow): readonly string[] {
  const changed: string[] = [];
  if (!old || !row) return changed;
  for (const name of written) {
    const before = old.values.get(name);
    const after = row.values.get(name);
    if (!before || !after || !equalDatums(before, after)) changed.push(name);
  }
  return changed;
}

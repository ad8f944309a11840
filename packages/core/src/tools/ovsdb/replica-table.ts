// The rows of one table of a replica. A client that asks for a table is told of every row at once, and mostly looks for a few of
// them: a row is made when it is looked at, and all are put in order when somebody wants to see them in order.

import type { Json } from "../../ovsproto/json.ts";
import { UuidTable } from "../../ovsproto/ovsdb/hash-table.ts";
import { nameOrder } from "../../ovsproto/ovsdb/name-order.ts";
import type { TableSchema } from "../../ovsproto/ovsdb/schema.ts";
import type { RowWaits } from "../../ovsdb/said-operations.ts";
import type { FirstRows } from "./first-rows.ts";
import type { Told } from "./replica-row.ts";
import { ReplicaRow } from "./replica-row.ts";
import type { WatchedTable } from "./row-columns.ts";

const NONE: FirstRows = { size: 0, uuids: [], told: () => undefined, column: () => [], waitsFor: () => [] };

export class ReplicaTable implements WatchedTable {
  readonly schema: TableSchema;
  readonly columns: ReadonlySet<string>;
  /** What there was at first. */
  #first: FirstRows = NONE;
  /** Rows that were looked at or have come since, and those that have gone. */
  readonly #known = new Map<string, ReplicaRow | null>();
  /** UUIDs of rows that have come or gone, one after the other. */
  readonly #changed: string[] = [];
  #ordered: UuidTable<ReplicaRow> | undefined;
  #isAsAtFirst = true;
  /** Rows that the server has told of since. */
  #toldSince = false;

  constructor(schema: TableSchema, columns: ReadonlySet<string>) {
    this.schema = schema;
    this.columns = columns;
  }

  /** All that there is; the table is empty before. */
  begin(rows: FirstRows): void {
    this.#first = rows;
  }

  /** What there was at first, if nothing has changed since the table was told of. */
  get first(): FirstRows | undefined {
    return this.#isAsAtFirst ? this.#first : undefined;
  }

  get(uuid: string): ReplicaRow | undefined {
    const known = this.#known.get(uuid);
    if (known !== undefined) return known ?? undefined;
    const told = this.#first.told(uuid);
    if (!told) return undefined;
    const row = new ReplicaRow(this.schema, uuid, told);
    this.#known.set(uuid, row);
    return row;
  }

  set(uuid: string, row: ReplicaRow): void {
    this.#isAsAtFirst = false;
    this.#toldSince ||= row.old !== undefined;
    this.#known.set(uuid, row);
    this.#changed.push(uuid);
    this.#ordered?.set(uuid, row);
  }

  delete(uuid: string): void {
    const row = this.get(uuid);
    if (!row) return;
    this.#isAsAtFirst = false;
    this.#toldSince ||= row.old !== undefined;
    this.#known.set(uuid, null);
    this.#changed.push(uuid);
    this.#ordered?.delete(uuid);
  }

  /** A row has other columns now. */
  change(row: ReplicaRow, told: Told): void {
    this.#isAsAtFirst = false;
    this.#toldSince = true;
    row.old = told;
  }

  /** Operations that hold a transaction to a column of each row, as it was told. */
  waitsFor(column: string): (Json | RowWaits)[] {
    if (!this.#toldSince) return this.#first.waitsFor(column);
    const waits: (Json | RowWaits)[] = [];
    for (const uuid of this.#uuids()) {
      const old = this.get(uuid)?.old;
      if (old) waits.push(old.waitFor(uuid, column));
    }
    return waits;
  }

  /** Of all rows that there have been. */
  #uuids(): Iterable<string> {
    return new Set([...this.#first.uuids, ...this.#changed]);
  }

  /** In the order in which Open vSwitch's hash maps are walked. */
  values(): ReplicaRow[] {
    this.#ordered ??= this.#inOrder();
    return this.#ordered.values();
  }

  #inOrder(): UuidTable<ReplicaRow> {
    const ordered = new UuidTable<ReplicaRow>();
    for (const uuid of nameOrder(this.#first.uuids)) {
      // one that has gone since has had its place
      const row = this.get(uuid) ?? new ReplicaRow(this.schema, uuid);
      ordered.set(uuid, row);
    }
    for (const uuid of this.#changed) {
      const row = this.#known.get(uuid);
      if (row) ordered.set(uuid, row);
      else ordered.delete(uuid);
    }
    return ordered;
  }
}

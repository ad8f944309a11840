// The rows of one table of a replica. A client that asks for a table is told of every row at once, and mostly looks for a few of
// them: a row is made when it is looked at, and all are put in order when somebody wants to see them in order.

import type { Json, JsonObject } from "../../ovsproto/json.ts";
import { UuidTable } from "../../ovsproto/ovsdb/hash-table.ts";
import { nameOrder } from "../../ovsproto/ovsdb/name-order.ts";
import type { TableSchema } from "../../ovsproto/ovsdb/schema.ts";
import { ReplicaRow, ToldColumns } from "./replica-row.ts";

export class ReplicaTable {
  readonly schema: TableSchema;
  /** What there was at first, by UUID. */
  #first: JsonObject = {};
  /** Rows that were looked at or have come since, and those that have gone. */
  readonly #known = new Map<string, ReplicaRow | null>();
  /** UUIDs of rows that have come or gone, one after the other. */
  readonly #changed: string[] = [];
  #ordered: UuidTable<ReplicaRow> | undefined;
  #isAsAtFirst = true;

  constructor(schema: TableSchema) {
    this.schema = schema;
  }

  /** All that there is, as a <table-update2>; the table is empty before. */
  begin(rows: JsonObject): void {
    this.#first = rows;
  }

  /** The <row-update2> of each row by its UUID, if nothing has changed since the table was told of. */
  get first(): JsonObject | undefined {
    return this.#isAsAtFirst ? this.#first : undefined;
  }

  get(uuid: string): ReplicaRow | undefined {
    const known = this.#known.get(uuid);
    if (known !== undefined) return known ?? undefined;
    const told = ToldColumns.of(this.schema, this.#first[uuid]);
    if (!told) return undefined;
    const row = new ReplicaRow(this.schema, uuid, told);
    this.#known.set(uuid, row);
    return row;
  }

  set(uuid: string, row: ReplicaRow): void {
    this.#isAsAtFirst = false;
    this.#known.set(uuid, row);
    this.#changed.push(uuid);
    this.#ordered?.set(uuid, row);
  }

  delete(uuid: string): void {
    if (!this.get(uuid)) return;
    this.#isAsAtFirst = false;
    this.#known.set(uuid, null);
    this.#changed.push(uuid);
    this.#ordered?.delete(uuid);
  }

  /** A row has other columns now. */
  change(row: ReplicaRow, told: ToldColumns): void {
    this.#isAsAtFirst = false;
    row.old = told;
  }

  /** Operations that hold a transaction to a column of each row, as it was told. */
  waitsFor(column: string): Json[] {
    const waits: Json[] = [];
    for (const uuid of Object.keys(this.#first)) {
      const row = this.#known.get(uuid);
      const columns = row === undefined ? ToldColumns.of(this.schema, this.#first[uuid]) : row?.old;
      if (columns) waits.push(columns.waitFor(uuid, column));
    }
    for (const uuid of this.#changed) {
      const old = this.#first[uuid] === undefined ? this.#known.get(uuid)?.old : undefined;
      if (old) waits.push(old.waitFor(uuid, column));
    }
    return waits;
  }

  /** In the order in which Open vSwitch's hash maps are walked. */
  values(): ReplicaRow[] {
    this.#ordered ??= this.#inOrder();
    return this.#ordered.values();
  }

  #inOrder(): UuidTable<ReplicaRow> {
    const ordered = new UuidTable<ReplicaRow>();
    for (const uuid of nameOrder(Object.keys(this.#first))) {
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

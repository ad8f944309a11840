// The rows of one table of a replica. A client that asks for a table is told of every row at once, and mostly looks for a few of
// them: a row is made when it is looked at, and all are put in order when somebody wants to see them in order.

import type { JsonObject } from "../../ovsproto/json.ts";
import { UuidTable } from "../../ovsproto/ovsdb/hash-table.ts";
import { nameOrder } from "../../ovsproto/ovsdb/name-order.ts";
import type { TableSchema } from "../../ovsproto/ovsdb/schema.ts";
import { ReplicaRow, ToldColumns, toldWhole } from "./replica-row.ts";

export class ReplicaTable {
  readonly schema: TableSchema;
  /** What there was at first, by UUID. */
  #first: JsonObject = {};
  /** Rows that were looked at or have come since, and those that have gone. */
  readonly #known = new Map<string, ReplicaRow | null>();
  /** UUIDs of rows that have come or gone, one after the other. */
  readonly #changed: string[] = [];
  #ordered: UuidTable<ReplicaRow> | undefined;

  constructor(schema: TableSchema) {
    this.schema = schema;
  }

  /** All that there is, as a <table-update2>; the table is empty before. */
  begin(rows: JsonObject): void {
    this.#first = rows;
  }

  get(uuid: string): ReplicaRow | undefined {
    const known = this.#known.get(uuid);
    if (known !== undefined) return known ?? undefined;
    const told = toldWhole(this.#first[uuid]);
    if (!told) return undefined;
    const row = new ReplicaRow(this.schema, uuid, ToldColumns.of(this.schema, told));
    this.#known.set(uuid, row);
    return row;
  }

  set(uuid: string, row: ReplicaRow): void {
    this.#known.set(uuid, row);
    this.#changed.push(uuid);
    this.#ordered?.set(uuid, row);
  }

  delete(uuid: string): void {
    if (!this.get(uuid)) return;
    this.#known.set(uuid, null);
    this.#changed.push(uuid);
    this.#ordered?.delete(uuid);
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

  /** In the order in which they were told. */
  each(tell: (row: ReplicaRow) => void): void {
    for (const uuid of Object.keys(this.#first)) this.#tellOf(uuid, tell);
    for (const uuid of this.#changed) if (this.#first[uuid] === undefined) this.#tellOf(uuid, tell);
  }

  #tellOf(uuid: string, tell: (row: ReplicaRow) => void): void {
    const row = this.get(uuid);
    if (row?.deleted === false) tell(row);
  }
}

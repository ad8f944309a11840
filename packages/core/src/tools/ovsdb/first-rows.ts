// The rows of a table that a client is told of when it asks for the table. It mostly looks for a few of them.

import type { Json, JsonObject } from "../../ovsproto/json.ts";
import type { Datum } from "../../ovsproto/ovsdb/datum.ts";
import type { Row } from "../../ovsdb/database.ts";
import { Database } from "../../ovsdb/database.ts";
import { RowWaits } from "../../ovsdb/said-operations.ts";
import type { Told } from "./replica-row.ts";
import { ToldColumns } from "./replica-row.ts";
import type { WatchedTable } from "./row-columns.ts";
import { RowColumns } from "./row-columns.ts";

export interface FirstRows {
  readonly size: number;
  readonly uuids: readonly string[];
  told(uuid: string): Told | undefined;
  /** A watched column of each row. */
  column(name: string): (Datum | undefined)[];
  /** Operations that hold a transaction to a column of each row, as it was told. */
  waitsFor(column: string): (Json | RowWaits)[];
}

/** Told as a <table-update2>. */
export class FirstTold implements FirstRows {
  readonly uuids: readonly string[];
  readonly #table: WatchedTable;
  readonly #rows: JsonObject;

  constructor(table: WatchedTable, rows: JsonObject) {
    this.#table = table;
    this.#rows = rows;
    this.uuids = Object.keys(rows);
  }

  get size(): number {
    return this.uuids.length;
  }

  told(uuid: string): ToldColumns | undefined {
    return ToldColumns.of(this.#table.schema, this.#rows[uuid]);
  }

  column(name: string): (Datum | undefined)[] {
    return this.uuids.map((uuid) => this.told(uuid)?.get(name));
  }

  waitsFor(column: string): Json[] {
    return this.uuids.flatMap((uuid) => this.told(uuid)?.waitFor(uuid, column) ?? []);
  }
}

/** The rows themselves of a server in the same system. */
export class FirstSeen implements FirstRows {
  readonly #table: WatchedTable;
  readonly #rows: readonly Row[];
  #byUuid: ReadonlyMap<string, Row> | undefined;

  constructor(table: WatchedTable, rows: readonly Row[]) {
    this.#table = table;
    this.#rows = rows;
  }

  get size(): number {
    return this.#rows.length;
  }

  get uuids(): readonly string[] {
    return this.#rows.map(({ uuid }) => uuid);
  }

  told(uuid: string): RowColumns | undefined {
    const row = this.#row(uuid);
    return row && new RowColumns(this.#table, row);
  }

  #row(uuid: string): Row | undefined {
    const [first] = this.#rows;
    if (first === undefined || first.uuid === uuid) return first;
    if (this.#rows.length === 1) return undefined;
    this.#byUuid ??= new Map(this.#rows.map((row) => [row.uuid, row]));
    return this.#byUuid.get(uuid);
  }

  column(name: string): Datum[] {
    const place = this.#rows[0]?.values.place(name);
    if (place === undefined) return this.#rows.map((row) => Database.value(row, name));
    const column: Datum[] = [];
    for (let at = 0; at < this.#rows.length; at++) column.push((this.#rows[at] as Row).values.at(place));
    return column;
  }

  waitsFor(column: string): RowWaits[] {
    return this.#rows.length === 0 ? [] : [new RowWaits(this.#table.schema, this.#rows, [column])];
  }
}

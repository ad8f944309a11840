// The columns of a row of a server in the same system: the server tells of the row itself, of which a client sees what it watches.

import type { JsonObject } from "../../ovsproto/json.ts";
import type { Datum } from "../../ovsproto/ovsdb/datum.ts";
import type { TableSchema } from "../../ovsproto/ovsdb/schema.ts";
import type { Row } from "../../ovsdb/database.ts";
import { Database } from "../../ovsdb/database.ts";
import { RowWaits } from "../../ovsdb/said-operations.ts";
import type { Told } from "./replica-row.ts";
import { ToldColumns } from "./replica-row.ts";

/** What a client watches. */
export interface WatchedTable {
  readonly schema: TableSchema;
  readonly columns: ReadonlySet<string>;
}

export class RowColumns implements Told {
  readonly differences = 0;
  readonly #table: WatchedTable;
  readonly #row: Row;

  constructor(table: WatchedTable, row: Row) {
    this.#table = table;
    this.#row = row;
  }

  get(name: string): Datum | undefined {
    return this.#table.columns.has(name) ? Database.value(this.#row, name) : undefined;
  }

  changed(difference: JsonObject): ToldColumns {
    return new ToldColumns(this.#table.schema, difference, this);
  }

  with(json: JsonObject): ToldColumns {
    return this.changed({}).with(json);
  }

  waitFor(_: string, columns: string): RowWaits {
    return new RowWaits(this.#table.schema, [this.#row], columns.split(","));
  }
}

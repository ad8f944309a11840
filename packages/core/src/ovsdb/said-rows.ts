// What clients and the server tell each other of rows, as they do in one system: rows never change, so they themselves can be told
// of, and asked for again, without being put into JSON.

import type { Json } from "../ovsproto/json.ts";
import type { Saying } from "../ovsproto/json-rpc.ts";
import { datumToJson } from "../ovsproto/ovsdb/datum.ts";
import type { TableSchema } from "../ovsproto/ovsdb/schema.ts";
import type { Row, Table } from "./database.ts";
import { Database } from "./database.ts";

/** The reply to a monitor request: all rows of the tables that have any. */
export class InitialRows implements Saying {
  readonly exact = true;
  readonly tables: ReadonlyMap<string, readonly Row[]>;
  readonly #json: () => Json;

  /** `json`: the <table-updates> of them, and what goes along with these. */
  constructor(tables: ReadonlyMap<string, readonly Row[]>, json: () => Json) {
    this.tables = tables;
    this.#json = json;
  }

  toJson(): Json {
    return this.#json();
  }
}

/** What a commit means to a client that sees a row. */
export interface ToldChange {
  readonly schema: TableSchema;
  readonly uuid: string;
  /** Undefined if it has come. */
  readonly old: Row | undefined;
  /** Undefined if it is gone. */
  readonly new: Row | undefined;
}

/** The parameters of an update. */
export class RowUpdates implements Saying<readonly Json[]> {
  readonly exact = true;
  readonly changes: readonly ToldChange[];
  readonly #json: () => readonly Json[];

  /** `json`: the name of the monitor, the <table-updates>, and what goes along with these. */
  constructor(changes: readonly ToldChange[], json: () => readonly Json[]) {
    this.changes = changes;
    this.#json = json;
  }

  toJson(): readonly Json[] {
    return this.#json();
  }
}

/** Operations "wait" (RFC 7047, 5.2.6), one for each row: columns are to be as they were in it. */
export class RowWaits {
  readonly table: TableSchema;
  readonly rows: readonly Row[];
  readonly columns: readonly string[];

  constructor(table: TableSchema, rows: readonly Row[], columns: readonly string[]) {
    this.table = table;
    this.rows = rows;
    this.columns = columns;
  }

  /** Whether the rows are what they were. If not, the columns may still be. */
  holds(tables: ReadonlyMap<string, Table>): boolean {
    const table = tables.get(this.table.name);
    if (!table) return false;
    for (let at = 0; at < this.rows.length; at++) {
      const row = this.rows[at] as Row;
      if (table.rows.get(row.uuid) !== row) return false;
    }
    return true;
  }

  toJson(): Json[] {
    return this.rows.map((row) => ({
      op: "wait",
      table: this.table.name,
      timeout: 0,
      where: [["_uuid", "==", ["uuid", row.uuid]]],
      columns: this.columns,
      until: "==",
      rows: [Object.fromEntries(this.columns.map((name) => [name, this.#json(row, name)]))],
    }));
  }

  #json(row: Row, name: string): Json {
    const type = this.table.columns.get(name)?.type;
    return type ? datumToJson(type, Database.value(row, name)) : null;
  }
}

/** The parameters of "transact". */
export class Operations implements Saying<readonly Json[]> {
  readonly exact: boolean;
  readonly database: string;
  readonly list: readonly (Json | RowWaits)[];

  /** `exact`: the JSON among them has no reals, and no texts that a reader may refuse. */
  constructor(database: string, list: readonly (Json | RowWaits)[], exact: boolean) {
    this.database = database;
    this.list = list;
    this.exact = exact;
  }

  toJson(): readonly Json[] {
    return [
      this.database,
      ...this.list.flatMap((each) => (each instanceof RowWaits ? each.toJson() : [each])),
    ];
  }
}

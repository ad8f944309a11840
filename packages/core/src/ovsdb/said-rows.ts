// What a server tells a client of rows in the same system: rows never change, so they themselves can be told of, without being put
// into JSON.

import type { Json } from "../ovsproto/json.ts";
import type { Saying } from "../ovsproto/json-rpc.ts";
import type { DatabaseSchema, TableSchema } from "../ovsproto/ovsdb/schema.ts";
import type { Row } from "./database.ts";

/** The reply to a monitor request: all rows of the tables that have any. */
export class InitialRows implements Saying {
  readonly exact = true;
  readonly schema: DatabaseSchema;
  readonly tables: ReadonlyMap<string, readonly Row[]>;
  readonly #json: () => Json;

  /** `json`: the <table-updates> of them, and what goes along with these. */
  constructor(schema: DatabaseSchema, tables: ReadonlyMap<string, readonly Row[]>, json: () => Json) {
    this.schema = schema;
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

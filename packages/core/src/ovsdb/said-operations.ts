// What a client in the server's own system asks for: operations of a transaction as values, which are put into JSON for servers
// elsewhere, and here where they might be refused, so that the refusal is in the same words.

import type { Json } from "../ovsproto/json.ts";
import { isArray } from "../ovsproto/json.ts";
import type { Saying } from "../ovsproto/json-rpc.ts";
import type { Datum } from "../ovsproto/ovsdb/datum.ts";
import {
  datumToJson,
  defaultDatum,
  equalDatums,
  isAllowed,
  sortedDatum,
  unionDatum,
} from "../ovsproto/ovsdb/datum.ts";
import type { DatabaseSchema, TableSchema } from "../ovsproto/ovsdb/schema.ts";
import type { ColumnType } from "../ovsproto/ovsdb/type.ts";
import type { Row, Table } from "./database.ts";
import { Database } from "./database.ts";
import type { Execution } from "./operations.ts";
import { HELD, insertRow, symbol } from "./operations.ts";

export interface SaidOperation {
  /** Operations of RFC 7047 that it stands for. */
  readonly count: number;
  toJson(): Json[];
  /** Their results. Undefined if nothing was done, since it is not certain that it may be. */
  run(execution: Execution): Json[] | undefined;
}

/** The parameters of "transact". */
export class Operations implements Saying<readonly Json[]> {
  readonly exact: boolean;
  /** Undefined if it is not known to be the server's own. */
  readonly schema: DatabaseSchema | undefined;
  readonly database: string;
  readonly list: readonly (Json | SaidOperation)[];

  /** `exact`: it has no reals, and no texts that a reader of JSON may refuse. */
  constructor(
    database: string,
    list: readonly (Json | SaidOperation)[],
    options: { readonly schema: DatabaseSchema | undefined; readonly exact: boolean },
  ) {
    this.database = database;
    this.list = list;
    this.schema = options.schema;
    this.exact = options.exact;
  }

  toJson(): readonly Json[] {
    return [this.database, ...this.list.flatMap((each) => (isSaid(each) ? each.toJson() : [each]))];
  }
}

export function isSaid(operation: Json | SaidOperation): operation is SaidOperation {
  return (
    typeof operation === "object" &&
    operation !== null &&
    "toJson" in operation &&
    typeof operation.toJson === "function"
  );
}

/** "wait" for each row: columns are to be as they were in it. */
export class RowWaits implements SaidOperation {
  readonly table: TableSchema;
  readonly rows: readonly Row[];
  readonly columns: readonly string[];

  constructor(table: TableSchema, rows: readonly Row[], columns: readonly string[]) {
    this.table = table;
    this.rows = rows;
    this.columns = columns;
  }

  get count(): number {
    return this.rows.length;
  }

  /** What is not the same row may still have the same columns. */
  run({ database }: Execution): Json[] | undefined {
    const table = database.tables.get(this.table.name);
    if (!table) return undefined;
    const results: Json[] = [];
    for (let at = 0; at < this.rows.length; at++) {
      const row = this.rows[at] as Row;
      if (table.rows.get(row.uuid) !== row) return undefined;
      results.push(HELD);
    }
    return results;
  }

  toJson(): Json[] {
    return this.rows.map((row) => ({
      op: "wait",
      table: this.table.name,
      timeout: 0,
      where: whereUuid(row.uuid),
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

/** A row that a transaction writes. */
export interface WrittenRow {
  readonly table: TableSchema;
  /** Of a new row, as long as it has none of the database's. */
  readonly uuid: string;
  readonly values: ReadonlyMap<string, Datum>;
  /** UUIDs of the transaction's new rows. */
  readonly fresh: ReadonlySet<string>;
}

/** "insert" */
export class RowInsert implements SaidOperation {
  readonly count = 1;
  readonly #row: WrittenRow;

  constructor(row: WrittenRow) {
    this.#row = row;
  }

  toJson(): Json[] {
    const { table, uuid } = this.#row;
    const row = rowJson(this.#row, (type, value) => !equalDatums(value, defaultDatum(type)));
    return [{ op: "insert", table: table.name, "uuid-name": nameOfNew(uuid), row }];
  }

  run(execution: Execution): Json[] | undefined {
    const { uuid } = this.#row;
    const table = execution.database.tables.get(this.#row.table.name);
    const known = symbol(execution, nameOfNew(uuid));
    const values = table && !known.inserted && resolved(execution, table, this.#row);
    if (!values || !insertRow(execution, table, known.uuid, values)) return undefined;
    known.inserted = true;
    return [{ uuid: ["uuid", known.uuid] }];
  }
}

/** "update" of a row. */
export class RowUpdate implements SaidOperation {
  readonly count = 1;
  readonly #row: WrittenRow;

  constructor(row: WrittenRow) {
    this.#row = row;
  }

  toJson(): Json[] {
    const { table, uuid } = this.#row;
    return [{ op: "update", table: table.name, where: whereUuid(uuid), row: rowJson(this.#row, () => true) }];
  }

  run(execution: Execution): Json[] | undefined {
    const { uuid } = this.#row;
    const table = execution.database.tables.get(this.#row.table.name);
    if (!table?.rows.has(uuid)) return undefined;
    const values = resolved(execution, table, this.#row);
    if (!values || !areMutable(table, values)) return undefined;
    execution.transaction.modify(table, uuid, values);
    return [{ count: 1 }];
  }
}

/** "mutate" of a row, to whose sets elements are added. */
export class SetAdditions implements SaidOperation {
  readonly count = 1;
  readonly #row: WrittenRow;

  constructor(row: WrittenRow) {
    this.#row = row;
  }

  toJson(): Json[] {
    const { table, uuid, values, fresh } = this.#row;
    const mutations: Json[] = [];
    for (const [name, added] of values) {
      const type = table.columns.get(name)?.type;
      if (type) mutations.push(additionJson(name, type, added, fresh));
    }
    return [{ op: "mutate", table: table.name, where: whereUuid(uuid), mutations }];
  }

  run(execution: Execution): Json[] | undefined {
    const table = execution.database.tables.get(this.#row.table.name);
    const row = table?.rows.get(this.#row.uuid);
    if (!row) return undefined;
    const values = new Map<string, Datum>();
    for (const [name, added] of this.#row.values) {
      const column = table?.schema.columns.get(name);
      if (!column?.mutable || column.type.value) return undefined;
      const value = unionDatum(
        Database.value(row, name),
        inDatabase(execution, column.type, added, this.#row.fresh),
      );
      if (!isAllowed(column.type, value)) return undefined;
      values.set(name, value);
    }
    if (table) execution.transaction.modify(table, row.uuid, values);
    return [{ count: 1 }];
  }
}

/** "mutate" that adds one to an integer, and "select" of what it has become. */
export class Increment implements SaidOperation {
  readonly count = 2;
  readonly #table: TableSchema;
  readonly #uuid: string;
  readonly #column: string;
  readonly #isNew: boolean;

  /** `isNew`: the transaction inserts the row. */
  constructor(table: TableSchema, uuid: string, column: string, isNew: boolean) {
    this.#table = table;
    this.#uuid = uuid;
    this.#column = column;
    this.#isNew = isNew;
  }

  toJson(): Json[] {
    const where = this.#isNew
      ? [["_uuid", "==", ["named-uuid", nameOfNew(this.#uuid)]]]
      : whereUuid(this.#uuid);
    const table = this.#table.name;
    return [
      { op: "mutate", table, where, mutations: [[this.#column, "+=", 1]] },
      { op: "select", table, where, columns: [this.#column] },
    ];
  }

  run({ database, transaction }: Execution): Json[] | undefined {
    const table = database.tables.get(this.#table.name);
    const column = table?.schema.columns.get(this.#column);
    const old = table?.rows.get(this.#uuid)?.values.get(this.#column)?.keys[0];
    if (!table || !column?.mutable || typeof old !== "number" || column.type.key.type !== "integer")
      return undefined;
    const value = { keys: [old + 1] };
    if (!Number.isSafeInteger(old + 1) || !isAllowed(column.type, value)) return undefined;
    transaction.modify(table, this.#uuid, new Map([[this.#column, value]]));
    return [{ count: 1 }, { rows: [{ [this.#column]: old + 1 }] }];
  }
}

/** The values with the UUIDs that the database gives to new rows; undefined if a column may not have one of them. */
function resolved(
  execution: Execution,
  table: Table,
  { values, fresh }: WrittenRow,
): Map<string, Datum> | undefined {
  const found = new Map<string, Datum>();
  for (const [name, value] of values) {
    const type = table.schema.columns.get(name)?.type;
    if (!type || !isAllowed(type, value)) return undefined;
    found.set(name, inDatabase(execution, type, value, fresh));
  }
  return found;
}

function inDatabase(execution: Execution, type: ColumnType, datum: Datum, fresh: ReadonlySet<string>): Datum {
  if (fresh.size === 0 || (type.key.type !== "uuid" && type.value?.type !== "uuid")) return datum;
  const replaced = (atoms: Datum["keys"]): Datum["keys"] =>
    atoms.map((atom) =>
      typeof atom === "string" && fresh.has(atom) ? symbol(execution, nameOfNew(atom)).uuid : atom,
    );
  const keys = type.key.type === "uuid" ? replaced(datum.keys) : datum.keys;
  const values = type.value?.type === "uuid" ? replaced(datum.values ?? []) : datum.values;
  return sortedDatum(keys, values) ?? datum;
}

function areMutable(table: Table, values: ReadonlyMap<string, Datum>): boolean {
  for (const name of values.keys()) if (table.schema.columns.get(name)?.mutable !== true) return false;
  return true;
}

/** A <row>, of the columns that have to be told. */
function rowJson(
  { table, values, fresh }: WrittenRow,
  isTold: (type: ColumnType, value: Datum) => boolean,
): Record<string, Json> {
  const row: Record<string, Json> = {};
  for (const [name, value] of values) {
    const type = table.columns.get(name)?.type;
    if (type && isTold(type, value)) row[name] = namedJson(type, value, fresh);
  }
  return row;
}

/** References to new rows go by name. */
function namedJson(type: ColumnType, datum: Datum, fresh: ReadonlySet<string>): Json {
  const json = datumToJson(type, datum);
  return fresh.size === 0 ? json : withNames(json, fresh);
}

function withNames(json: Json, fresh: ReadonlySet<string>): Json {
  if (!isArray(json)) return json;
  const [tag, uuid] = json;
  if (json.length === 2 && tag === "uuid" && typeof uuid === "string")
    return fresh.has(uuid) ? ["named-uuid", nameOfNew(uuid)] : json;
  return json.map((element) => withNames(element, fresh));
}

/** A <mutation> that adds to a set or map. A set of one is written as a set. */
export function additionJson(name: string, type: ColumnType, added: Datum, fresh: ReadonlySet<string>): Json {
  const json = namedJson(type, added, fresh);
  const isWhole = isArray(json) && (json[0] === "set" || json[0] === "map");
  return [name, "insert", isWhole ? json : ["set", [json]]];
}

function nameOfNew(uuid: string): string {
  return `row${uuid.replaceAll("-", "_")}`;
}

export function whereUuid(uuid: string): Json {
  return [["_uuid", "==", ["uuid", uuid]]];
}

// A client's copy of some tables of a database, kept up to date by a monitor ("monitor_cond_since", or what an older
// server has), and the rows as a transaction in progress would make them.

import type { Json, JsonObject } from "../../ovsproto/json.ts";
import { isArray, isObject, memberOf } from "../../ovsproto/json.ts";
import type { Datum } from "../../ovsproto/ovsdb/datum.ts";
import { datumFromJson, defaultDatum, unionDatum } from "../../ovsproto/ovsdb/datum.ts";
import { applyDifference } from "../../ovsproto/ovsdb/difference.ts";
import { UuidTable } from "../../ovsproto/ovsdb/hash-table.ts";
import type { ColumnSchema, DatabaseSchema, TableSchema } from "../../ovsproto/ovsdb/schema.ts";
import { nameOrder } from "../../ovsproto/ovsdb/name-order.ts";
import { ZERO_UUID } from "../../ovsproto/ovsdb/uuid.ts";
import type { Notification, RpcClient } from "./rpc-client.ts";
import { RequestRefused } from "./rpc-client.ts";

/** The columns of a row as the server has told them, which are read when they are first asked for. */
class ToldColumns {
  /** What a server in the same system tells of a row is one value for all clients, and is read by the first that looks at it. */
  static readonly #known = new WeakMap<JsonObject, ToldColumns>();
  readonly #table: TableSchema;
  readonly #json: JsonObject;
  /** Made when a column is first asked for: of most rows none ever is. */
  #read: Map<string, Datum> | undefined;

  private constructor(table: TableSchema, json: JsonObject) {
    this.#table = table;
    this.#json = json;
  }

  static of(table: TableSchema, json: JsonObject): ToldColumns {
    const known = ToldColumns.#known.get(json);
    if (known && known.#table === table) return known;
    const columns = new ToldColumns(table, json);
    ToldColumns.#known.set(json, columns);
    return columns;
  }

  /** What was not told has its default. Errors: OvsdbError for what the column may not hold. */
  get(name: string): Datum | undefined {
    const known = this.#read?.get(name);
    if (known) return known;
    const json = memberOf(this.#json, name);
    const column = this.#table.columns.get(name);
    if (!column) return undefined;
    const value = json === undefined ? defaultDatum(column.type) : datumFromJson(column.type, json);
    this.#read ??= new Map();
    this.#read.set(name, value);
    return value;
  }

  /** With columns that have other values. */
  changed(values: ReadonlyMap<string, Datum>): ToldColumns {
    const columns = new ToldColumns(this.#table, this.#json);
    columns.#read = new Map([...(this.#read ?? []), ...values]);
    return columns;
  }

  /** With the columns of an <old> and <new> of RFC 7047 that have changed. */
  with(json: JsonObject): ToldColumns {
    const columns = new ToldColumns(this.#table, { ...this.#json, ...json });
    columns.#read = new Map([...(this.#read ?? [])].filter(([name]) => !Object.hasOwn(json, name)));
    return columns;
  }
}

const NOTHING: ReadonlyMap<string, Datum> = new Map();

export class ReplicaRow {
  readonly table: TableSchema;
  readonly uuid: string;
  /** Undefined for a row that a transaction inserts. */
  old: ToldColumns | undefined;
  #written: Map<string, Datum> | undefined;
  #added: Map<string, Datum> | undefined;
  deleted = false;

  constructor(table: TableSchema, uuid: string, old?: ToldColumns) {
    this.table = table;
    this.uuid = uuid;
    this.old = old;
  }

  /** What a transaction has written. */
  get written(): ReadonlyMap<string, Datum> {
    return this.#written ?? NOTHING;
  }

  /** What it has added to sets and maps without replacing them. */
  get added(): ReadonlyMap<string, Datum> {
    return this.#added ?? NOTHING;
  }

  write(column: string, value: Datum): void {
    this.#written ??= new Map();
    this.#written.set(column, value);
  }

  add(column: string, more: Datum): void {
    this.#added ??= new Map();
    const earlier = this.#added.get(column);
    this.#added.set(column, earlier ? unionDatum(more, earlier) : more);
  }

  /** The transaction is over. */
  forget(): void {
    this.#written = undefined;
    this.#added = undefined;
  }

  /** As the transaction in progress would have it. A column that is not monitored has its default. */
  get(column: string): Datum {
    const told = this.#written || this.#added ? undefined : this.old?.get(column);
    if (told) return told;
    const schema = this.table.columns.get(column);
    if (!schema) throw new Error(`table ${this.table.name} has no column ${column}`);
    const value = this.#written?.get(column) ?? this.old?.get(column) ?? defaultDatum(schema.type);
    const added = this.#added?.get(column);
    return added ? unionDatum(added, value) : value;
  }
}

type MonitorMethod = "monitor_cond_since" | "monitor_cond" | "monitor";

export class Replica {
  readonly schema: DatabaseSchema;
  readonly tables = new Map<string, UuidTable<ReplicaRow>>();
  readonly #columns = new Map<string, Set<string>>();
  /** Counts changes. */
  version = 0;

  constructor(schema: DatabaseSchema) {
    this.schema = schema;
  }

  table(name: string): TableSchema {
    const table = this.schema.tables.get(name);
    if (!table) throw new Error(`no table ${name}`);
    return table;
  }

  /** Before `start`: what is to be watched. */
  watch(table: string, ...columns: readonly string[]): void {
    const known = this.#columns.get(table) ?? new Set();
    this.#columns.set(table, known);
    for (const column of columns) known.add(column);
  }

  watches(table: string, column: string): boolean {
    return this.#columns.get(table)?.has(column) ?? false;
  }

  rows(table: string): ReplicaRow[] {
    return (this.tables.get(table)?.values() ?? []).filter((row) => !row.deleted);
  }

  row(table: string, uuid: string): ReplicaRow | undefined {
    const row = this.tables.get(table)?.get(uuid);
    return row?.deleted === false ? row : undefined;
  }

  /** Rows that a column of references leads to. */
  follow(from: ReplicaRow, column: string, table: string): ReplicaRow[] {
    const found: ReplicaRow[] = [];
    for (const uuid of from.get(column).keys) {
      const row = this.row(table, String(uuid));
      if (row) found.push(row);
    }
    return found;
  }

  /** Errors: RequestRefused, ConnectionLost. */
  async start(client: RpcClient): Promise<void> {
    const requests: JsonObject = Object.fromEntries(
      [...this.#columns].map(([table, columns]) => [table, [{ columns: [...columns].sort() }]]),
    );
    const id: Json = ["monid", this.schema.name];
    const methods: readonly MonitorMethod[] = ["monitor_cond_since", "monitor_cond", "monitor"];
    for (const name of this.#columns.keys()) this.tables.set(name, new UuidTable());
    for (const method of methods) {
      const since = method === "monitor_cond_since" ? [ZERO_UUID] : [];
      try {
        const reply = await client.request(method, [this.schema.name, id, requests, ...since]);
        const updates = method === "monitor_cond_since" && isArray(reply) ? (reply[2] ?? null) : reply;
        this.#apply(updates, method !== "monitor");
        return;
      } catch (error) {
        const unknown = error instanceof RequestRefused && isUnknownMethod(error.error);
        if (!unknown || method === "monitor") throw error;
      }
    }
  }

  /** What the server tells of changes. */
  notified({ method, params }: Notification): void {
    if (method === "update3") this.#apply(params[2] ?? null, true);
    else if (method === "update2") this.#apply(params[1] ?? null, true);
    else if (method === "update") this.#apply(params[1] ?? null, false);
  }

  #apply(updates: Json, second: boolean): void {
    if (!isObject(updates)) return;
    this.version++;
    for (const [name, rows] of Object.entries(updates)) {
      const table = this.schema.tables.get(name);
      const there = this.tables.get(name);
      if (!table || !there || !isObject(rows)) continue;
      for (const uuid of nameOrder(Object.keys(rows))) {
        const update = rows[uuid];
        if (isObject(update)) applyRow(table, there, uuid, update, second);
      }
    }
  }
}

function isUnknownMethod(error: Json): boolean {
  return isObject(error) ? error["error"] === "unknown method" : error === "unknown method";
}

function applyRow(
  table: TableSchema,
  rows: UuidTable<ReplicaRow>,
  uuid: string,
  update: JsonObject,
  second: boolean,
): void {
  const whole = second ? (update["initial"] ?? update["insert"]) : update["new"];
  const difference = second ? update["modify"] : undefined;
  const row = rows.get(uuid);
  if (isObject(whole)) {
    const told = (!second && row?.old?.with(whole)) || ToldColumns.of(table, whole);
    if (row) row.old = told;
    else rows.set(uuid, new ReplicaRow(table, uuid, told));
  } else if (isObject(difference)) {
    if (!row?.old) return;
    const changed = new Map<string, Datum>();
    for (const [column, value] of columnsIn(table, difference)) {
      const old = row.old.get(column.name) ?? defaultDatum(column.type);
      changed.set(column.name, applyDifference(column.type, old, looseDatum(column, value)));
    }
    row.old = row.old.changed(changed);
  } else rows.delete(uuid);
}

function* columnsIn(table: TableSchema, json: JsonObject): IterableIterator<[ColumnSchema, Json]> {
  for (const [name, value] of Object.entries(json)) {
    const column = table.columns.get(name);
    if (column) yield [column, value];
  }
}

/** A difference may have more or fewer elements than the column. */
function looseDatum({ type }: ColumnSchema, json: Json): Datum {
  return datumFromJson(type.max > 1 ? { ...type, min: 0, max: 0xffff_ffff } : type, json);
}

// A row of a replica: what the server has told of it, and what a transaction in progress has made of that.

import type { Json, JsonObject } from "../../ovsproto/json.ts";
import { isObject, lasting, memberOf } from "../../ovsproto/json.ts";
import type { Datum } from "../../ovsproto/ovsdb/datum.ts";
import { datumFromJson, datumToJson, defaultDatum, unionDatum } from "../../ovsproto/ovsdb/datum.ts";
import { applyDifference } from "../../ovsproto/ovsdb/difference.ts";
import type { ColumnSchema, TableSchema } from "../../ovsproto/ovsdb/schema.ts";
import type { RowWaits } from "../../ovsdb/said-operations.ts";

/** Changes of a row that are kept beside what it was before; then it is read as a whole. */
const DIFFERENCES_AT_MOST = 8;

/** The columns of a row as the server has told them. */
export interface Told {
  /** Changes of the row that are kept beside what it was before. */
  readonly differences: number;
  /** What was not told has its default. Errors: OvsdbError for what the column may not hold. */
  get(name: string): Datum | undefined;
  /** With the difference that <row-update2> of ovsdb-server(7) tells. */
  changed(difference: JsonObject): Told;
  /** With the columns of an <old> and <new> of RFC 7047 that have changed. */
  with(json: JsonObject): Told;
  /**
   * The operation that holds a transaction to the row as it was told.
   * @param columns names, with commas between them
   */
  waitFor(uuid: string, columns: string): Json | RowWaits;
}

/** Those that were told as JSON, which is read when they are first asked for. */
export class ToldColumns implements Told {
  /** What a server in the same system tells of a row is one value for all clients, and is read by the first that looks at it. */
  static readonly #known = new WeakMap<JsonObject, ToldColumns>();
  readonly #table: TableSchema;
  readonly #json: JsonObject;
  /** Of a row that has changed: what it was, to which `#json` is the difference. */
  readonly #before: Told | undefined;
  readonly differences: number;
  /** Made when a column is first asked for: of most rows none ever is. */
  #read: Map<string, Datum> | undefined;
  #wait: { readonly columns: string; readonly operation: Json } | undefined;

  constructor(table: TableSchema, json: JsonObject, before?: Told) {
    this.#table = table;
    this.#json = json;
    this.#before = before;
    this.differences = before ? before.differences + 1 : 0;
  }

  /** What a <row-update2> tells of a row that has come; undefined if it is none. */
  static of(table: TableSchema, update: Json | undefined): ToldColumns | undefined {
    if (!isObject(update)) return undefined;
    const known = ToldColumns.#known.get(update);
    if (known && known.#table === table) return known;
    const whole = update["initial"] ?? update["insert"];
    if (!isObject(whole)) return undefined;
    const columns = new ToldColumns(table, whole);
    ToldColumns.#known.set(update, columns);
    return columns;
  }

  get(name: string): Datum | undefined {
    const known = this.#read?.get(name);
    if (known) return known;
    const column = this.#table.columns.get(name);
    if (!column) return undefined;
    const value = this.#value(column);
    this.#read ??= new Map();
    this.#read.set(name, value);
    return value;
  }

  #value(column: ColumnSchema): Datum {
    const { name, type } = column;
    const json = memberOf(this.#json, name);
    if (!this.#before) return json === undefined ? defaultDatum(type) : datumFromJson(type, json);
    const before = this.#before.get(name) ?? defaultDatum(type);
    return json === undefined ? before : applyDifference(type, before, looseDatum(column, json));
  }

  changed(difference: JsonObject): ToldColumns {
    const columns = new ToldColumns(this.#table, difference, this);
    if (columns.differences < DIFFERENCES_AT_MOST) return columns;
    const whole = new ToldColumns(this.#table, {});
    whole.#read = new Map();
    for (const { name } of this.#table.columns.values())
      whole.#read.set(name, columns.get(name) ?? { keys: [] });
    return whole;
  }

  with(json: JsonObject): ToldColumns {
    const columns = new ToldColumns(this.#table, { ...this.#json, ...json });
    columns.#read = new Map([...(this.#read ?? [])].filter(([name]) => !Object.hasOwn(json, name)));
    return columns;
  }

  /** Most rows are the same for one command after the other. */
  waitFor(uuid: string, columns: string): Json {
    if (this.#wait?.columns === columns) return this.#wait.operation;
    const names = columns.split(",");
    const values = names.map((name) => [name, this.#toJson(name)] as const);
    const operation = lasting({
      op: "wait",
      table: this.#table.name,
      timeout: 0,
      where: [["_uuid", "==", ["uuid", uuid]]],
      columns: names,
      until: "==",
      rows: [Object.fromEntries(values)],
    });
    this.#wait = { columns, operation };
    return operation;
  }

  #toJson(name: string): Json {
    const told = this.#before || this.#read?.has(name) === true ? undefined : memberOf(this.#json, name);
    if (told !== undefined) return told;
    const type = this.#table.columns.get(name)?.type;
    return type ? datumToJson(type, this.get(name) ?? defaultDatum(type)) : null;
  }
}

/** A difference may have more or fewer elements than the column. */
function looseDatum({ type }: ColumnSchema, json: Json): Datum {
  return datumFromJson(type.max > 1 ? { ...type, min: 0, max: 0xffff_ffff } : type, json);
}

const NOTHING: ReadonlyMap<string, Datum> = new Map();

export class ReplicaRow {
  readonly table: TableSchema;
  readonly uuid: string;
  /** Undefined for a row that a transaction inserts. */
  old: Told | undefined;
  #written: Map<string, Datum> | undefined;
  #added: Map<string, Datum> | undefined;
  /** Names of columns that a transaction has relied on, with commas between them. */
  verified = "";
  deleted = false;

  constructor(table: TableSchema, uuid: string, old?: Told) {
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

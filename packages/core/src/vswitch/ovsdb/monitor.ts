// What a client has asked to be told (RFC 7047, 4.1.5; "monitor_cond" and "monitor_cond_since" of ovsdb-server(7)): which
// columns of which rows, and what a commit means for them, as <table-updates> of the method's version.

import type { Json, JsonObject } from "../../ovsproto/json.ts";
import { isLasting, isObject, lasting, knownLasting } from "../../ovsproto/json.ts";
import type { Clause } from "../../ovsproto/ovsdb/condition.ts";
import { matches } from "../../ovsproto/ovsdb/condition.ts";
import { datumToJson, defaultDatum, equalDatums } from "../../ovsproto/ovsdb/datum.ts";
import { differenceOf } from "../../ovsproto/ovsdb/difference.ts";
import type { ColumnSchema, TableSchema } from "../../ovsproto/ovsdb/schema.ts";
import { ZERO_UUID } from "../../ovsproto/ovsdb/uuid.ts";
import type { Commit, Row, RowChange } from "../../ovsdb/database.ts";
import { Database } from "../../ovsdb/database.ts";
import type { ToldChange } from "../../ovsdb/said-rows.ts";
import { InitialRows, RowUpdates } from "../../ovsdb/said-rows.ts";

export type UpdateKind = "initial" | "insert" | "delete" | "modify";

export interface MonitoredColumn {
  readonly column: ColumnSchema;
  readonly select: ReadonlySet<UpdateKind>;
}

export interface MonitoredTable {
  readonly schema: TableSchema;
  readonly columns: readonly MonitoredColumn[];
  /** Names of those that are told of at first, with commas between them. */
  readonly atFirst: string;
  /** Union of what the requests for this table select, also of those without columns. */
  readonly select: ReadonlySet<UpdateKind>;
  /** A row is seen if one of them holds; undefined: every row. */
  condition: readonly Clause[] | undefined;
}

/** 1: "update"; 2: "update2"; 3: "update3", which names a transaction too. */
export type MonitorVersion = 1 | 2 | 3;

export class Monitor {
  id: Json;
  readonly database: Database;
  readonly version: MonitorVersion;
  readonly tables: ReadonlyMap<string, MonitoredTable>;
  /** Conditions that still hold for what rows were. */
  readonly #pending = new Map<string, Pick<MonitoredTable, "condition">>();
  readonly #conditionColumns = new Map<string, Set<string>>();

  constructor(
    id: Json,
    database: Database,
    version: MonitorVersion,
    tables: ReadonlyMap<string, MonitoredTable>,
  ) {
    this.id = id;
    this.database = database;
    this.version = version;
    this.tables = tables;
    for (const [name, { condition }] of tables) if (condition) this.#lookAt(name, condition);
  }

  /** Columns that conditions of a table look at, or have looked at; of monitors that may have conditions. */
  #lookAt(table: string, condition: readonly Clause[]): void {
    if (this.version === 1) return;
    const columns = this.#conditionColumns.get(table) ?? new Set<string>();
    for (const clause of condition) if (typeof clause !== "boolean") columns.add(clause.column.name);
    this.#conditionColumns.set(table, columns);
  }

  /** All rows that are there, as the reply tells of them. */
  initial(): InitialRows {
    const all = new Map<string, readonly Row[]>();
    for (const [name, table] of this.tables) {
      if (!table.select.has("initial")) continue;
      const there = this.#rows(name);
      const rows = table.condition ? there.filter((row) => visible(table, row)) : there;
      if (rows.length > 0) all.set(name, rows);
    }
    const { tables, version } = this;
    return new InitialRows(this.database.schema, all, () => {
      const updates: Record<string, Json> = {};
      for (const [name, rows] of all) {
        const table = tables.get(name) as MonitoredTable;
        updates[name] = version === 1 ? initialRows(table, rows) : initialRows2(table, rows);
      }
      return version === 3 ? [false, ZERO_UUID, updates] : updates;
    });
  }

  /** Undefined if the commit is of no concern to the client. */
  updates(commit: Commit): RowUpdates | undefined {
    const seen: SeenChange[] = [];
    for (const change of commit.changes) {
      const table = this.tables.get(change.table.name);
      if (!table) continue;
      const before = this.#pending.get(table.schema.name) ?? table;
      const old = change.old && visible(before, change.old) ? change.old : undefined;
      const row = change.new && visible(table, change.new) ? change.new : undefined;
      if (old && row && !table.columns.some(({ column: { name } }) => isIn(change.columns, name))) {
        // a column that only conditions look at is told of by an empty change
        const looked = this.#conditionColumns.get(table.schema.name);
        if (!looked || !change.columns.some((name) => looked.has(name))) continue;
      }
      note(seen, table, change.uuid, old, row, change.columns);
    }
    return this.#told(seen);
  }

  /**
   * Of a request that was refused halfway: the conditions in front of what is wrong hold for what rows become, and those of before for
   * what they were, until a request is accepted.
   */
  keepConditions(conditions: ReadonlyMap<string, readonly Clause[]>): void {
    for (const [name, condition] of conditions) {
      const table = this.tables.get(name);
      if (!table) continue;
      if (!this.#pending.has(name)) this.#pending.set(name, { condition: table.condition });
      table.condition = condition.length === 0 ? undefined : condition;
      this.#lookAt(name, condition);
    }
  }

  /** Replaces conditions; what comes into sight is inserted, what goes out of it deleted. */
  changeConditions(conditions: ReadonlyMap<string, readonly Clause[]>): RowUpdates | undefined {
    const changes: SeenChange[] = [];
    const names = new Set([...conditions.keys(), ...this.#pending.keys()]);
    for (const name of names) {
      const table = this.tables.get(name);
      if (!table) continue;
      const rows = this.#rows(name);
      const earlier = this.#pending.get(name) ?? table;
      const before = new Set(rows.filter((row) => visible(earlier, row)));
      this.#pending.delete(name);
      const condition = conditions.get(name);
      if (condition) {
        table.condition = condition.length === 0 ? undefined : condition;
        this.#lookAt(name, condition);
      }
      for (const row of rows) {
        const now = visible(table, row);
        if (now === before.has(row)) continue;
        note(changes, table, row.uuid, now ? undefined : row, now ? row : undefined, []);
      }
    }
    return this.#told(changes);
  }

  #rows(table: string): Row[] {
    return this.database.tables.get(table)?.rows.values() ?? [];
  }

  #told(changes: readonly SeenChange[]): RowUpdates | undefined {
    if (changes.length === 0) return undefined;
    const { id, version } = this;
    return new RowUpdates(changes, () => {
      const updates = updatesOf(changes, version);
      return version === 3 ? [id, ZERO_UUID, updates] : [id, updates];
    });
  }
}

type RowDifference = Pick<RowChange, "old" | "new" | "columns">;

/** A change as far as a condition lets a client see it. */
interface SeenChange extends ToldChange {
  readonly table: MonitoredTable;
  readonly kind: UpdateKind;
  readonly columns: readonly string[];
}

function note(
  seen: SeenChange[],
  table: MonitoredTable,
  uuid: string,
  old: Row | undefined,
  row: Row | undefined,
  columns: readonly string[],
): void {
  if (!old && !row) return;
  const kind: UpdateKind = !old ? "insert" : !row ? "delete" : "modify";
  if (table.select.has(kind)) seen.push({ table, schema: table.schema, kind, uuid, old, new: row, columns });
}

/** <table-updates> */
function updatesOf(changes: readonly SeenChange[], version: MonitorVersion): Json {
  const tables: Record<string, Record<string, Json>> = {};
  const update = version === 1 ? rowUpdate : rowUpdate2;
  for (const change of changes)
    (tables[change.schema.name] ??= byName())[change.uuid] = update(change.table, change.kind, change);
  return tables;
}

function visible(table: Pick<MonitoredTable, "condition">, row: Row): boolean {
  if (!table.condition) return true;
  return table.condition.some((clause) =>
    typeof clause === "boolean"
      ? clause
      : matches(Database.value(row, clause.column.name), clause.test, clause.argument),
  );
}

/** The version changes with any other column. */
function isIn(columns: readonly string[], name: string): boolean {
  return name === "_version" || columns.includes(name);
}

function json({ type, name }: ColumnSchema, row: Row): Json {
  return datumToJson(type, Database.value(row, name));
}

function initialRows(table: MonitoredTable, rows: readonly Row[]): Json {
  return Object.fromEntries(rows.map((row) => [row.uuid, rowUpdate(table, "initial", whole(row))]));
}

function initialRows2(table: MonitoredTable, rows: readonly Row[]): Json {
  const columns = table.atFirst;
  const updates = byName<JsonObject>();
  let last = true;
  for (const row of rows) {
    let { told } = row;
    if (told?.columns !== columns) {
      const { initial = {} } = rowUpdate2(table, "initial", whole(row));
      const update = lasting({ initial: isObject(initial) ? lasting(initial) : initial });
      told = { columns, update, lasts: isLasting(update) };
      row.told = told;
    }
    updates[row.uuid] = told.update;
    last &&= told.lasts;
  }
  return last ? knownLasting(updates) : updates;
}

function whole(row: Row): RowDifference {
  return { old: undefined, new: row, columns: [] };
}

/** Without a prototype it is a table from the first member on, which the engine finds out after a hundred otherwise. */
function byName<T>(): Record<string, T> {
  return Object.create(null) as Record<string, T>;
}

/** <row-update> of RFC 7047. */
function rowUpdate(table: MonitoredTable, kind: UpdateKind, { old, new: row, columns }: RowDifference): Json {
  const before: Record<string, Json> = {};
  const after: Record<string, Json> = {};
  for (const { column, select } of table.columns) {
    if (!select.has(kind)) continue;
    if (old && (!row || isIn(columns, column.name))) before[column.name] = json(column, old);
    if (row) after[column.name] = json(column, row);
  }
  return { ...(old ? { old: before } : {}), ...(row ? { new: after } : {}) };
}

/** <row-update2> of ovsdb-server(7): no defaults, and only the difference of sets and maps. */
function rowUpdate2(
  table: MonitoredTable,
  kind: UpdateKind,
  { old, new: row, columns }: RowDifference,
): JsonObject {
  if (!row) return { delete: null };
  const told: Record<string, Json> = {};
  for (const { column, select } of table.columns) {
    const { name, type } = column;
    if ((old && !isIn(columns, name)) || !select.has(kind)) continue;
    const value = Database.value(row, name);
    if (old) told[name] = datumToJson(type, differenceOf(type, Database.value(old, name), value));
    else if (!equalDatums(value, defaultDatum(type))) told[name] = datumToJson(type, value);
  }
  return { [kind]: told };
}

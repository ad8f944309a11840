// The parameters of "monitor", "monitor_cond", "monitor_cond_since" and "monitor_cond_change".

import type { Json, JsonObject } from "../../ovsproto/json.ts";
import { isArray, isObject } from "../../ovsproto/json.ts";
import type { Clause } from "../../ovsproto/ovsdb/condition.ts";
import { conditionFromJson } from "../../ovsproto/ovsdb/condition.ts";
import { OvsdbError, syntaxError } from "../../ovsproto/ovsdb/error.ts";
import { nameOrder } from "../../ovsproto/ovsdb/name-order.ts";
import { Members } from "../../ovsproto/ovsdb/members.ts";
import type { ColumnSchema, TableSchema } from "../../ovsproto/ovsdb/schema.ts";
import type { Database } from "../../ovsdb/database.ts";
import type { MonitoredColumn, MonitoredTable, UpdateKind } from "./monitor.ts";

const KINDS = ["initial", "insert", "delete", "modify"] as const;

/** What requests mean for a database: clients in the same system send the same value again. */
const readRequests = new WeakMap<
  JsonObject,
  {
    readonly database: Database;
    readonly conditional: boolean;
    readonly tables: ReadonlyMap<string, MonitoredTable>;
  }
>();

/** Conditions of the tables may be changed afterwards. */
export function monitoredTables(
  database: Database,
  json: Json | undefined,
  conditional: boolean,
): Map<string, MonitoredTable> {
  const known = isObject(json) ? readRequests.get(json) : undefined;
  let tables = known?.database === database && known.conditional === conditional ? known.tables : undefined;
  if (!tables) {
    tables = readTables(database, json, conditional);
    if (isObject(json)) readRequests.set(json, { database, conditional, tables });
  }
  const copies = new Map<string, MonitoredTable>();
  for (const [name, table] of tables) copies.set(name, { ...table });
  return copies;
}

function readTables(
  database: Database,
  json: Json | undefined,
  conditional: boolean,
): Map<string, MonitoredTable> {
  if (!isObject(json)) throw syntaxError(json ?? null, "monitor-requests must be object");
  const tables = new Map<string, MonitoredTable>();
  for (const name of nameOrder(Object.keys(json))) {
    const schema = database.tables.get(name)?.schema;
    if (!schema) throw syntaxError(undefined, `no table named ${name}`);
    const requests = json[name] ?? null;
    tables.set(name, monitoredTable(schema, isArray(requests) ? requests : [requests], conditional));
  }
  return tables;
}

function monitoredTable(
  schema: TableSchema,
  requests: readonly Json[],
  conditional: boolean,
): MonitoredTable {
  const columns: MonitoredColumn[] = [];
  const select = new Set<UpdateKind>();
  const seen = new Set<string>();
  let condition: readonly Clause[] | undefined;
  for (const request of requests) {
    const members = new Members(request, `table ${schema.name}`);
    const where = conditional ? members.optional("where", "array", "boolean") : undefined;
    const columnsJson = members.optional("columns", "array");
    const selectJson = members.optional("select", "object");
    members.finish();
    const selected = selectFrom(schema, selectJson);
    for (const kind of selected) select.add(kind);
    for (const column of columnsFrom(schema, columnsJson)) {
      if (seen.has(column.name)) {
        throw syntaxError(columnsJson, `column ${column.name} mentioned more than once`);
      }
      seen.add(column.name);
      columns.push({ column, select: selected });
    }
    if (where !== undefined) condition = clausesFrom(schema, where);
  }
  const atFirst = columns.flatMap((each) => (each.select.has("initial") ? each.column.name : [])).join();
  return { schema, columns, atFirst, select, condition: condition?.length === 0 ? undefined : condition };
}

function selectFrom(schema: TableSchema, json: Json | undefined): Set<UpdateKind> {
  if (json === undefined) return new Set(KINDS);
  const members = new Members(json, `table ${schema.name} select`);
  const selected = new Set(KINDS.filter((kind) => members.optional(kind, "boolean") ?? true));
  members.finish();
  return selected;
}

function* columnsFrom(schema: TableSchema, json: readonly Json[] | undefined): Generator<ColumnSchema> {
  if (json === undefined) {
    for (const column of schema.columns.values()) if (column.name !== "_uuid") yield column;
    return;
  }
  for (const name of json) {
    if (typeof name !== "string") throw syntaxError(json, "array of column names expected");
    const column = schema.columns.get(name);
    if (!column) throw syntaxError(json, `${name} is not a valid column name`);
    yield column;
  }
}

/** One of them has to hold. A bare boolean may stand for the whole. */
function clausesFrom(schema: TableSchema, where: Json): Clause[] {
  if (typeof where === "boolean") return [where];
  return conditionFromJson(schema, isArray(where) ? where : []);
}

/**
 * @param conditional false: the monitor is one without conditions, so that nobody looks at them
 * @param conditions gets those that are good, also if the request is refused
 */
export function readConditions(
  monitored: ReadonlyMap<string, MonitoredTable>,
  json: Json | undefined,
  conditional: boolean,
  conditions: Map<string, Clause[]>,
): void {
  if (!isObject(json))
    throw new OvsdbError("syntax error", "monitor-cond-change-requests must be object", json);
  for (const name of nameOrder(Object.keys(json))) {
    const requests = json[name];
    const table = monitored.get(name);
    if (!table) throw syntaxError(undefined, `no table named ${name} in monitor session`);
    if (!isArray(requests)) {
      throw syntaxError(undefined, `table ${name} no monitor-cond-change JSON array`);
    }
    for (const request of requests) {
      const members = new Members(request, `table ${name}`);
      const where = members.optional("where", "array", "boolean");
      const columns = members.optional("columns", "array");
      members.finish();
      if (columns !== undefined) throw syntaxError(request, "changing columns is unsupported");
      if (conditional) conditions.set(name, where === undefined ? [] : clausesFrom(table.schema, where));
    }
  }
}

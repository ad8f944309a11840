// A client's copy of some tables of a database, kept up to date by a monitor ("monitor_cond_since", or what an older
// server has), and the rows as a transaction in progress would make them.

import type { Json, JsonObject } from "../../ovsproto/json.ts";
import { isArray, isObject, lasting } from "../../ovsproto/json.ts";
import type { DatabaseSchema, TableSchema } from "../../ovsproto/ovsdb/schema.ts";
import { haveSameTables } from "../../ovsproto/ovsdb/schema.ts";
import { nameOrder } from "../../ovsproto/ovsdb/name-order.ts";
import { ZERO_UUID } from "../../ovsproto/ovsdb/uuid.ts";
import { SaidNotification, SaidReply } from "../../ovsproto/json-rpc.ts";
import type { ToldChange } from "../../ovsdb/said-rows.ts";
import { InitialRows, RowUpdates } from "../../ovsdb/said-rows.ts";
import { FirstSeen, FirstTold } from "./first-rows.ts";
import type { Told } from "./replica-row.ts";
import { ReplicaRow, ToldColumns } from "./replica-row.ts";
import { ReplicaTable } from "./replica-table.ts";
import { RowColumns } from "./row-columns.ts";
import type { Notification, RpcClient } from "./rpc-client.ts";
import { RequestRefused } from "./rpc-client.ts";

type MonitorMethod = "monitor_cond_since" | "monitor_cond" | "monitor";

export class Replica {
  readonly schema: DatabaseSchema;
  readonly tables = new Map<string, ReplicaTable>();
  readonly #columns = new Map<string, Set<string>>();
  /** Of a server in the same system that has told of its rows themselves. */
  serverSchema: DatabaseSchema | undefined;
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
    this.eachOf(from, column, table, (row) => found.push(row));
    return found;
  }

  /** The same, one after the other. */
  eachOf(from: ReplicaRow | undefined, column: string, table: string, tell: (row: ReplicaRow) => void): void {
    const rows = this.tables.get(table);
    const keys = from?.get(column).keys ?? [];
    for (let at = 0; at < keys.length; at++) {
      const row = rows?.get(String(keys[at]));
      if (row?.deleted === false) tell(row);
    }
  }

  /** Errors: RequestRefused, ConnectionLost. */
  async start(client: Pick<RpcClient, "send" | "message">): Promise<void> {
    const requests = requestsFor(this.#columns);
    const id: Json = ["monid", this.schema.name];
    const methods: readonly MonitorMethod[] = ["monitor_cond_since", "monitor_cond", "monitor"];
    for (const [name, columns] of this.#columns)
      this.tables.set(name, new ReplicaTable(this.table(name), columns));
    for (const method of methods) {
      const since = method === "monitor_cond_since" ? [ZERO_UUID] : [];
      try {
        const sent = client.send(method, [this.schema.name, id, requests, ...since]);
        const reply = await client.message(sent);
        const said = reply instanceof SaidReply && reply.said instanceof InitialRows ? reply.said : undefined;
        if (said && haveSameTables(said.schema, this.schema)) this.#see(said);
        else this.#read(method, reply.result);
        return;
      } catch (error) {
        const unknown = error instanceof RequestRefused && isUnknownMethod(error.error);
        if (!unknown || method === "monitor") throw error;
      }
    }
  }

  /** What the server tells of changes. */
  notified(message: Notification): void {
    if (this.serverSchema && message instanceof SaidNotification && message.said instanceof RowUpdates) {
      this.#changed(message.said);
      return;
    }
    const { method, params } = message;
    if (method === "update3") this.#apply(params[2] ?? null, true);
    else if (method === "update2") this.#apply(params[1] ?? null, true);
    else if (method === "update") this.#apply(params[1] ?? null, false);
  }

  #see({ schema, tables }: InitialRows): void {
    this.version++;
    this.serverSchema = schema;
    for (const [name, rows] of tables) {
      const table = this.tables.get(name);
      table?.begin(new FirstSeen(table, rows));
    }
  }

  #read(method: MonitorMethod, reply: Json): void {
    if (method === "monitor") {
      this.#apply(reply, false);
      return;
    }
    this.version++;
    const updates = method === "monitor_cond_since" && isArray(reply) ? (reply[2] ?? null) : reply;
    if (!isObject(updates)) return;
    for (const [name, rows] of Object.entries(updates)) {
      const table = this.tables.get(name);
      if (table && isObject(rows)) table.begin(new FirstTold(table, rows));
    }
  }

  #changed({ changes }: RowUpdates): void {
    this.version++;
    const byTable = new Map<ReplicaTable, ToldChange[]>();
    for (const change of changes) {
      const table = this.tables.get(change.schema.name);
      if (!table) continue;
      const known = byTable.get(table);
      if (known) known.push(change);
      else byTable.set(table, [change]);
    }
    for (const [table, list] of byTable) for (const change of inNameOrder(list)) changeRow(table, change);
  }

  #apply(updates: Json, second: boolean): void {
    if (!isObject(updates)) return;
    this.version++;
    for (const [name, rows] of Object.entries(updates)) {
      const table = this.tables.get(name);
      if (!table || !isObject(rows)) continue;
      for (const uuid of nameOrder(Object.keys(rows))) {
        const update = rows[uuid];
        if (isObject(update)) applyRow(table, uuid, update, second);
      }
    }
  }
}

/** Requests that were made before: most commands watch what others do. */
const madeRequests = new Map<string, JsonObject>();
const REQUESTS_AT_MOST = 64;

/** <monitor-requests> for columns of tables. */
function requestsFor(watched: ReadonlyMap<string, ReadonlySet<string>>): JsonObject {
  let key = "";
  for (const [table, columns] of watched) key += `${table} ${[...columns].join()} `;
  let requests = madeRequests.get(key);
  if (!requests) {
    if (madeRequests.size === REQUESTS_AT_MOST) madeRequests.clear();
    const entries = [...watched].map(
      ([table, columns]) => [table, [{ columns: [...columns].sort() }]] as const,
    );
    requests = lasting(Object.fromEntries(entries));
    madeRequests.set(key, requests);
  }
  return requests;
}

function isUnknownMethod(error: Json): boolean {
  return isObject(error) ? error["error"] === "unknown method" : error === "unknown method";
}

function applyRow(table: ReplicaTable, uuid: string, update: JsonObject, second: boolean): void {
  const difference = second ? update["modify"] : undefined;
  const row = table.get(uuid);
  const told = second ? ToldColumns.of(table.schema, update) : toldNew(table, row, update["new"]);
  if (told) tell(table, uuid, row, told);
  else if (isObject(difference)) {
    if (row?.old) table.change(row, row.old.changed(difference));
  } else table.delete(uuid);
}

function inNameOrder(changes: readonly ToldChange[]): readonly ToldChange[] {
  if (changes.length < 2) return changes;
  const byUuid = new Map(changes.map((change) => [change.uuid, change]));
  return nameOrder([...byUuid.keys()]).flatMap((uuid) => byUuid.get(uuid) ?? []);
}

function changeRow(table: ReplicaTable, { uuid, old, new: row }: ToldChange): void {
  if (!row) table.delete(uuid);
  else tell(table, uuid, old && table.get(uuid), new RowColumns(table, row));
}

function tell(table: ReplicaTable, uuid: string, row: ReplicaRow | undefined, told: Told): void {
  if (row) table.change(row, told);
  else table.set(uuid, new ReplicaRow(table.schema, uuid, told));
}

/** Of a row that has changed, <new> of RFC 7047 has only some columns. */
function toldNew(
  { schema }: ReplicaTable,
  row: ReplicaRow | undefined,
  json: Json | undefined,
): Told | undefined {
  if (!isObject(json)) return undefined;
  return row?.old?.with(json) ?? new ToldColumns(schema, json);
}

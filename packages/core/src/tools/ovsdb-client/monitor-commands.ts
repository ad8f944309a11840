// monitor, monitor-cond and monitor-cond-since: the contents of tables, and every change of them as it comes.

import type { Json, JsonObject } from "../../ovsproto/json.ts";
import { compareText, isArray, isObject, memberOf } from "../../ovsproto/json.ts";
import { conditionFromJson } from "../../ovsproto/ovsdb/condition.ts";
import { datumFromJson } from "../../ovsproto/ovsdb/datum.ts";
import { nameOrder } from "../../ovsproto/ovsdb/name-order.ts";
import type { ColumnSchema, TableSchema } from "../../ovsproto/ovsdb/schema.ts";
import { UNLIMITED } from "../../ovsproto/ovsdb/type.ts";
import { ZERO_UUID } from "../../ovsproto/ovsdb/uuid.ts";
import { RequestRefused } from "../ovsdb/rpc-client.ts";
import type { Cell } from "../ovsdb/output-table.ts";
import { follow, MONITOR_COMMANDS } from "./follow.ts";
import type { ClientCommand, ClientSession } from "./session.ts";
import { ClientFatal, parseArgument } from "./session.ts";

interface Watched {
  readonly table: TableSchema;
  readonly columns: readonly ColumnSchema[];
  readonly requests: readonly JsonObject[];
}

const KINDS: readonly string[] = ["initial", "insert", "delete", "modify"];

/** One [COLUMN,...] argument: columns, and kinds of change that are not to be seen. Errors: ClientFatal. */
function requestOf(
  session: ClientSession,
  database: string,
  table: TableSchema,
  argument: string,
): { readonly columns: ColumnSchema[]; readonly request: JsonObject } {
  const words = argument.split(",").filter((word) => word !== "");
  const hidden = KINDS.filter((kind) => words.includes(`!${kind}`));
  const names = words.filter((word) => !hidden.includes(word.slice(1)) || !word.startsWith("!"));
  const columns = names.map((name) => {
    const column = table.columns.get(name);
    if (!column) {
      throw new ClientFatal(
        `${session.server}: table "${table.name}" in ${database} does not have a column named "${name}"`,
      );
    }
    return column;
  });
  const chosen = columns.length > 0 ? columns : allColumns(table);
  const select = Object.fromEntries(KINDS.map((kind) => [kind, !hidden.includes(kind)]));
  return {
    columns: chosen,
    request: { columns: chosen.map(({ name }) => name), ...(hidden.length > 0 ? { select } : {}) },
  };
}

function allColumns(table: TableSchema): ColumnSchema[] {
  const own = [...table.columns.values()].filter(({ name }) => !name.startsWith("_"));
  const version = table.columns.get("_version");
  return [...own.sort((a, b) => compareText(a.name, b.name)), ...(version ? [version] : [])];
}

function watchedTable(
  session: ClientSession,
  database: string,
  table: TableSchema,
  columnArguments: readonly string[],
  where: Json | undefined,
): Watched {
  const parts = (columnArguments.length === 0 ? [""] : columnArguments).map((argument) =>
    requestOf(session, database, table, argument),
  );
  const columns = parts.flatMap((part) => part.columns);
  for (const [at, { name }] of columns.entries()) {
    if (columns.findIndex((column) => column.name === name) < at) {
      throw new ClientFatal(`${session.server}: column "${name}" mentioned multiple times`);
    }
  }
  const condition = where === undefined ? {} : { where };
  return { table, columns, requests: parts.map(({ request }) => ({ ...request, ...condition })) };
}

/** Undefined for a server that refuses: as the original, the tool waits on and says nothing. */
async function answer(
  session: ClientSession,
  method: string,
  params: readonly Json[],
): Promise<Json | undefined> {
  try {
    return await session.client.request(method, params);
  } catch (error) {
    if (error instanceof RequestRefused) return undefined;
    throw error;
  }
}

async function watch(
  session: ClientSession,
  database: string,
  method: "monitor" | "monitor_cond" | "monitor_cond_since",
  [tableName = "", ...columnArguments]: readonly string[],
  where?: Json,
  since: string = ZERO_UUID,
): Promise<void> {
  const schema = await session.schema(database);
  const all = tableName === "ALL" && where === undefined;
  const table = schema.tables.get(tableName);
  if (!all && !table) {
    const place = where === undefined ? `${session.server}: ` : "";
    throw new ClientFatal(`${place}${database} does not have a table named "${tableName}"`);
  }
  if (table && where !== undefined) conditionFromJson(table, isArray(where) ? where : [where]);
  const tables = nameOrder(nameOrder([...schema.tables.keys()])).flatMap(
    (name) => schema.tables.get(name) ?? [],
  );
  const watched = (table ? [table] : tables)
    .map((one) => watchedTable(session, database, one, columnArguments, where))
    .sort((a, b) => compareText(a.table.name, b.table.name));
  const captions = watched.length > 1;
  const requests = Object.fromEntries(watched.map((one) => [one.table.name, one.requests]));
  const params: Json[] = [database, null, requests];
  if (method === "monitor_cond_since") params.push(since);
  const reply = await answer(session, method, params);
  if (reply === undefined) session.process.flush();
  else if (method === "monitor_cond_since" && isArray(reply)) {
    session.process.print(`found: ${String(reply[0])}, last_id: ${String(reply[1])}\n`);
    print(session, watched, reply[2] ?? null, true, true, captions);
  } else print(session, watched, reply, true, method !== "monitor", captions);
  await follow(session, MONITOR_COMMANDS, ({ method: update, params: told }) => {
    if (update === "update") print(session, watched, told[1] ?? null, false, false, captions);
    else if (update === "update2") print(session, watched, told[1] ?? null, false, true, captions);
    else if (update === "update3") {
      session.process.print(`\nlast_id: ${String(told[1])}`);
      print(session, watched, told[2] ?? null, false, true, captions);
    } else if (update === "monitor_canceled") {
      throw new ClientFatal(`${session.server}: ${database} database was removed`);
    }
  });
}

function print(
  session: ClientSession,
  watched: readonly Watched[],
  updates: Json,
  initial: boolean,
  second: boolean,
  captions: boolean,
): void {
  if (!isObject(updates)) return;
  for (const { table, columns } of watched) {
    const rows = memberOf(updates, table.name);
    if (!isObject(rows)) continue;
    session.printTable({
      ...(captions ? { caption: table.name } : {}),
      headings: ["row", "action", ...columns.map(({ name }) => name)],
      rows: nameOrder(Object.keys(rows)).flatMap((uuid) => {
        const update = rows[uuid];
        if (!isObject(update)) return [];
        return second ? rows2(uuid, update, columns) : rows1(uuid, update, columns, initial);
      }),
    });
  }
}

function cells(uuid: string, action: string, values: JsonObject, columns: readonly ColumnSchema[]): Cell[] {
  return [
    { text: uuid },
    { text: action },
    ...columns.map(({ name, type }): Cell => {
      const value = memberOf(values, name);
      if (value === undefined) return undefined;
      // A difference may have more elements than the column.
      const loose = type.max > 1 ? { ...type, min: 0 as const, max: UNLIMITED } : type;
      return { type, datum: datumFromJson(loose, value) };
    }),
  ];
}

/** <row-update> of RFC 7047. */
function rows1(
  uuid: string,
  update: JsonObject,
  columns: readonly ColumnSchema[],
  initial: boolean,
): Cell[][] {
  const { old, new: after } = update;
  if (isObject(old) && isObject(after)) {
    return [cells(uuid, "old", old, columns), cells("", "new", after, columns)];
  }
  if (isObject(old)) return [cells(uuid, "delete", old, columns)];
  return isObject(after) ? [cells(uuid, initial ? "initial" : "insert", after, columns)] : [];
}

/** <row-update2> of ovsdb-server(7). */
function rows2(uuid: string, update: JsonObject, columns: readonly ColumnSchema[]): Cell[][] {
  return Object.entries(update).map(([action, values]) =>
    cells(uuid, action, isObject(values) ? values : {}, columns),
  );
}

const MANY = Number.MAX_SAFE_INTEGER;

export const monitorCommands: readonly ClientCommand[] = [
  {
    name: "monitor",
    needsDatabase: true,
    minArguments: 1,
    maxArguments: MANY,
    watches: true,
    run: (session, database, args) => watch(session, database, "monitor", args),
  },
  {
    name: "monitor-cond",
    needsDatabase: true,
    minArguments: 2,
    maxArguments: MANY,
    watches: true,
    run: (session, database, [where = "", ...args]) =>
      watch(session, database, "monitor_cond", args, parseArgument(where)),
  },
  {
    name: "monitor-cond-since",
    needsDatabase: true,
    minArguments: 2,
    maxArguments: MANY,
    watches: true,
    run: (session, database, [first = "", ...args]) => {
      const since = /^[0-9a-f-]{36}$/i.test(first) ? first : undefined;
      const [where = "", ...rest] = since === undefined ? [first, ...args] : args;
      return watch(session, database, "monitor_cond_since", rest, parseArgument(where), since);
    },
  },
];

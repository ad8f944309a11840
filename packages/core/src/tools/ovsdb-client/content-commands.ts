// Commands about what is in a database: transactions, dumps, backups.

import type { Json, JsonObject } from "../../ovsproto/json.ts";
import { compareText, equalJson, formatJson, isArray, isObject, memberOf } from "../../ovsproto/json.ts";
import type { Datum } from "../../ovsproto/ovsdb/datum.ts";
import { compareDatums, datumFromJson, datumToJson } from "../../ovsproto/ovsdb/datum.ts";
import { inHashOrder, nameOrder } from "../../ovsproto/ovsdb/name-order.ts";
import { OvsdbError } from "../../ovsproto/ovsdb/error.ts";
import { formatRecord, logFormat, readLog } from "../../ovsproto/ovsdb/log-file.ts";
import type { ColumnSchema, DatabaseSchema, TableSchema } from "../../ovsproto/ovsdb/schema.ts";
import { ownColumns, parseSchema, schemaToJson } from "../../ovsproto/ovsdb/schema.ts";
import { RequestRefused } from "../ovsdb/rpc-client.ts";
import type { ClientCommand, ClientSession } from "./session.ts";
import { ClientFatal, parseArgument } from "./session.ts";

/** Errors: ClientFatal. */
async function request(session: ClientSession, params: readonly Json[]): Promise<readonly Json[]> {
  try {
    const reply = await session.client.request("transact", params);
    return isArray(reply) ? reply : [];
  } catch (error) {
    if (!(error instanceof RequestRefused)) throw error;
    const style = { sort: true, pretty: session.options.style.pretty };
    throw new ClientFatal(`transaction returned error: ${formatJson(error.error, style)}`);
  }
}

/** Errors: ClientFatal. */
function transactionOf([text = ""]: readonly string[]): readonly Json[] {
  const json = parseArgument(text);
  if (!isArray(json) || json.length === 0 || typeof json[0] !== "string") {
    throw new ClientFatal("not a valid OVSDB query");
  }
  return json;
}

async function transact(session: ClientSession, _: string, args: readonly string[]): Promise<void> {
  session.printJson(await request(session, transactionOf(args)));
}

/** As "transact", but everything is taken back at its end. */
async function query(session: ClientSession, _: string, args: readonly string[]): Promise<void> {
  const results = await request(session, [...transactionOf(args), { op: "abort" }]);
  const last = results.at(-1) ?? null;
  if (last === null) {
    session.printJson(results); // something before it has failed
    return;
  }
  if (!isObject(last) || last["error"] !== "aborted") {
    throw new ClientFatal(`unexpected result for last operation: ${formatJson(last, { sort: true })}`);
  }
  session.printJson(results.slice(0, -1));
}

// ---- dump

interface DumpedTable {
  readonly schema: TableSchema;
  readonly columns: readonly ColumnSchema[];
  readonly rows: readonly (readonly Datum[])[];
}

async function readTables(
  session: ClientSession,
  database: string,
  wanted: readonly { readonly schema: TableSchema; readonly columns: readonly ColumnSchema[] }[],
): Promise<DumpedTable[]> {
  const operations = wanted.map(({ schema, columns }) => ({
    op: "select",
    table: schema.name,
    where: [],
    columns: columns.map(({ name }) => name),
  }));
  const results = await request(session, [database, ...operations]);
  return wanted.map(({ schema, columns }, at) => {
    const result = results[at];
    const rows = isObject(result) && isArray(result["rows"]) ? result["rows"] : undefined;
    if (!rows) {
      throw new ClientFatal(
        `${schema.name} table reply is not an object with a "rows" member array: ${formatJson(inHashOrder(result ?? null))}`,
      );
    }
    const values = rows.map((row) =>
      columns.map(({ name, type }) =>
        datumFromJson(type, isObject(row) ? (memberOf(row, name) ?? null) : null),
      ),
    );
    return { schema, columns, rows: values };
  });
}

/** Those that are named, as a hash map has them. Errors: ClientFatal. */
function chosenColumns(table: TableSchema, names: readonly string[]): ColumnSchema[] {
  for (const name of names)
    if (!table.columns.has(name)) throw new ClientFatal(`Table "${table.name}" has no column ${name}.`);
  return nameOrder(names).flatMap((name) => (name === "_version" ? [] : (table.columns.get(name) ?? [])));
}

/** Rows by what is in them; UUIDs, which are random, count last. */
function sortRows({ columns, rows }: DumpedTable): readonly (readonly Datum[])[] {
  const isUuid = (column: ColumnSchema): boolean => column.type.key.type === "uuid";
  const indexes = columns.map((_, at) => at);
  const order = [
    ...indexes.filter((at) => !isUuid(columns[at] as ColumnSchema)),
    ...indexes.filter((at) => isUuid(columns[at] as ColumnSchema)),
  ];
  return [...rows].sort((a, b) => {
    for (const at of order) {
      const difference = compareDatums(a[at] as Datum, b[at] as Datum);
      if (difference !== 0) return difference;
    }
    return 0;
  });
}

function dumpColumns(table: TableSchema): ColumnSchema[] {
  return [...table.columns.values()]
    .filter(({ name }) => name !== "_version")
    .sort((a, b) => compareText(a.name, b.name));
}

async function dump(session: ClientSession, database: string, args: readonly string[]): Promise<void> {
  const schema = await session.schema(database);
  const [tableName, ...columnNames] = args;
  const tables = [...schema.tables.values()].sort((a, b) => compareText(a.name, b.name));
  const chosen = tableName === undefined ? tables : tables.filter(({ name }) => name === tableName);
  if (chosen.length === 0) throw new ClientFatal(`No table "${tableName}" found.`);
  const wanted = chosen.map((table) => ({
    schema: table,
    columns: columnNames.length === 0 ? dumpColumns(table) : chosenColumns(table, columnNames),
  }));
  for (const table of await readTables(session, database, wanted)) {
    const { columns } = table;
    const shown = columns
      .map((column, at) => ({ ...column, at }))
      .sort((a, b) => compareText(a.name, b.name));
    const sorted = {
      ...table,
      columns: shown,
      rows: table.rows.map((row) => shown.flatMap(({ at }) => row[at] ?? [])),
    };
    session.printTable({
      caption: `${table.schema.name} table`,
      headings: shown.map(({ name }) => name),
      rows: sortRows(sorted).map((row) =>
        row.map((datum, at) => ({ type: (shown[at] as ColumnSchema).type, datum })),
      ),
    });
  }
}

// ---- backup and restore

async function backup(session: ClientSession, database: string): Promise<void> {
  const { process } = session;
  if (process.fds.get(1)?.output?.terminal !== undefined) {
    throw new ClientFatal("not writing backup to a terminal; please redirect stdout to a file");
  }
  const schema = await session.schema(database);
  const wanted = [...schema.tables.values()].map((table) => {
    const uuid = table.columns.get("_uuid");
    const persistent = ownColumns(table).filter((column) => column.persistent);
    return { schema: table, columns: [...(uuid ? [uuid] : []), ...persistent] };
  });
  const tables: Record<string, Json> = {};
  for (const { schema: table, columns, rows } of await readTables(session, database, wanted)) {
    const json: Record<string, Json> = {};
    for (const [uuid, ...values] of rows) {
      const row: Record<string, Json> = {};
      for (const [at, value] of values.entries()) {
        const column = columns[at + 1] as ColumnSchema;
        row[column.name] = datumToJson(column.type, value);
      }
      json[String(uuid?.keys[0])] = row;
    }
    if (rows.length > 0) tables[table.name] = json;
  }
  process.write(1, formatRecord(schemaToJson(schema)));
  process.write(
    1,
    formatRecord(
      inHashOrder({
        ...tables,
        _comment: 'produced by "ovsdb-client backup"',
        _date: Math.floor(process.realtime() / 1000),
        _is_diff: true,
      }),
    ),
  );
}

async function readAll(session: ClientSession): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (;;) {
    const part = await session.process.read();
    if (!part) break;
    parts.push(part);
  }
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Puts the rows of a backup in the place of all that are there. */
async function restore(session: ClientSession, database: string): Promise<void> {
  const bytes = await readAll(session);
  if (bytes.length === 0) throw new OvsdbError("ovsdb error", "/dev/stdin: cannot identify file type");
  if (logFormat(bytes) === undefined)
    throw new OvsdbError("ovsdb error", "/dev/stdin: unexpected file format");
  const { records, damage } = readLog(bytes);
  const [schemaJson, ...contents] = records;
  if (!schemaJson)
    throw new OvsdbError(damage?.tag ?? "I/O error", `/dev/stdin: ${damage?.message ?? "no records"}`);
  const saved = parseSchema(schemaJson);
  const schema = await session.schema(database);
  if (saved.name !== schema.name) {
    throw new ClientFatal(
      `backup schema has name "${saved.name}" but database schema has name "${schema.name}"`,
    );
  }
  const difference = differenceOfSchemas(saved, schema);
  if (difference !== undefined) {
    if (!session.options.force) {
      throw new ClientFatal(
        `${difference} (use --force to override differences, or "ovsdb-client convert" to change the schema)`,
      );
    }
    session.log("ovsdb_client", difference);
  }
  if (damage) throw new OvsdbError(damage.tag, `/dev/stdin: ${damage.message}`);
  const operations: Json[] = [...schema.tables.keys()].map((table) => ({ op: "delete", table, where: [] }));
  // A UUID cannot be used again in the transaction that deletes its row, so rows get new ones and are referred to by name.
  const rows = savedRows(contents);
  const known = new Set(rows.map(({ uuid }) => uuid));
  for (const { table, uuid, row } of rows) {
    const target = schema.tables.get(table);
    if (!target) continue;
    const values = Object.entries(knownColumns(target, row)).map(([name, value]) => [
      name,
      byName(value, known),
    ]);
    operations.push({
      op: "insert",
      table,
      "uuid-name": rowName(uuid),
      row: Object.fromEntries(values) as JsonObject,
    });
  }
  const results = await request(session, [database, ...operations]);
  const failed = results.find((result) => isObject(result) && result["error"] !== undefined);
  if (failed !== undefined) throw new ClientFatal(`restore failed: ${formatJson(failed, { sort: true })}`);
}

function differenceOfSchemas(saved: DatabaseSchema, schema: DatabaseSchema): string | undefined {
  if (saved.version !== schema.version) {
    return `backup schema has version "${saved.version}" but database schema has version "${schema.version}"`;
  }
  if (equalJson(schemaToJson(saved), schemaToJson(schema))) return undefined;
  return `backup schema and database schema are both version ${schema.version} but still differ`;
}

function savedRows(
  contents: readonly JsonObject[],
): { readonly table: string; readonly uuid: string; readonly row: JsonObject }[] {
  return contents.flatMap((content) =>
    Object.entries(content).flatMap(([table, rows]) =>
      isObject(rows)
        ? Object.entries(rows).flatMap(([uuid, row]) => (isObject(row) ? [{ table, uuid, row }] : []))
        : [],
    ),
  );
}

function rowName(uuid: string): string {
  return `row${uuid.replaceAll("-", "_")}`;
}

function byName(json: Json, known: ReadonlySet<string>): Json {
  if (!isArray(json)) return json;
  const [tag, uuid] = json;
  if (json.length === 2 && tag === "uuid" && typeof uuid === "string") {
    return known.has(uuid) ? ["named-uuid", rowName(uuid)] : json;
  }
  return json.map((element) => byName(element, known));
}

function knownColumns(table: TableSchema, row: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(row).filter(([name]) => table.columns.has(name)));
}

const onText = { needsDatabase: false, minArguments: 1, maxArguments: 1 } as const;

export const contentCommands: readonly ClientCommand[] = [
  { name: "transact", ...onText, check: transactionOf, run: transact },
  { name: "query", ...onText, check: transactionOf, run: query },
  { name: "dump", needsDatabase: true, minArguments: 0, maxArguments: Number.MAX_SAFE_INTEGER, run: dump },
  { name: "backup", needsDatabase: true, minArguments: 0, maxArguments: 0, run: backup },
  { name: "restore", needsDatabase: true, minArguments: 0, maxArguments: 0, run: restore },
];

// Commands about databases and their schemas.

import type { Json } from "../../ovsproto/json.ts";
import { isArray, isObject } from "../../ovsproto/json.ts";
import { compareText, equalJson } from "../../ovsproto/json.ts";
import { columnWalk, parseSchema, schemaToJson, tableWalk } from "../../ovsproto/ovsdb/schema.ts";
import { typeToJson } from "../../ovsproto/ovsdb/type-json.ts";
import type { Cell } from "../ovsdb/output-table.ts";
import type { ClientCommand, ClientSession } from "./session.ts";
import { ClientFatal } from "./session.ts";

async function listDatabases(session: ClientSession): Promise<void> {
  const reply = await session.client.request("list_dbs", []);
  const names = isArray(reply) ? reply.map(String).sort(compareText) : [];
  for (const name of names) session.process.print(`${name}\n`);
}

async function getSchema(session: ClientSession, database: string): Promise<void> {
  session.printJson(schemaToJson(await session.schema(database)));
}

async function listTables(session: ClientSession, database: string): Promise<void> {
  const schema = await session.schema(database);
  session.printTable({
    headings: ["Table"],
    rows: tableWalk(schema).map(({ name }) => [{ text: name }]),
  });
}

async function listColumns(
  session: ClientSession,
  database: string,
  [name]: readonly string[],
): Promise<void> {
  const schema = await session.schema(database);
  const rows: Cell[][] = [];
  for (const table of tableWalk(schema)) {
    if (name !== undefined && name !== table.name) continue;
    for (const column of columnWalk(table)) {
      const type = { json: typeToJson(column.type) };
      rows.push([...(name === undefined ? [{ text: table.name }] : []), { text: column.name }, type]);
    }
  }
  session.printTable({ headings: [...(name === undefined ? ["Table"] : []), "Column", "Type"], rows });
}

/** Errors: ClientFatal. */
function schemaFile(session: ClientSession, path: string): Json {
  const json = session.parseFile(path);
  parseSchema(json);
  return json;
}

async function convert(session: ClientSession, _: string, [path = ""]: readonly string[]): Promise<void> {
  const schema = schemaFile(session, path);
  const name = isObject(schema) ? (schema["name"] ?? null) : null;
  await session.client.request("convert", [name, schema]);
}

async function needsConversion(
  session: ClientSession,
  _: string,
  [path = ""]: readonly string[],
): Promise<void> {
  const wanted = parseSchema(schemaFile(session, path));
  const have = await session.schema(wanted.name);
  const same = equalJson(schemaToJson(wanted), schemaToJson(have));
  session.process.print(same ? "no\n" : "yes\n");
}

const WAIT_STATES: readonly string[] = ["added", "connected", "removed"];

/** Until the server has, or no longer has, a database. */
async function wait(
  session: ClientSession,
  _: string,
  [database = "", state = ""]: readonly string[],
): Promise<void> {
  if (!WAIT_STATES.includes(state)) throw new ClientFatal(`${state}: unknown state`);
  for (const what of ["connecting...", "connected"]) session.log("reconnect", `${session.server}: ${what}`);
  const table = { Database: [{ columns: ["name", "connected"] }] };
  const names = async (): Promise<readonly Json[]> => {
    const reply = await session.client.request("list_dbs", []);
    return isArray(reply) ? reply : [];
  };
  await session.client.request("monitor", ["_Server", null, table]);
  while ((await names()).includes(database) === (state === "removed")) await session.client.notification();
}

const onDatabase = { needsDatabase: true, minArguments: 0, maxArguments: 0 } as const;
const onFile = { needsDatabase: false, minArguments: 1, maxArguments: 1 } as const;

export const schemaCommands: readonly ClientCommand[] = [
  { name: "list-dbs", needsDatabase: false, minArguments: 0, maxArguments: 0, run: listDatabases },
  { name: "get-schema", ...onDatabase, run: getSchema },
  {
    name: "get-schema-version",
    ...onDatabase,
    run: async (session, database) => session.process.print(`${(await session.schema(database)).version}\n`),
  },
  {
    name: "get-schema-cksum",
    ...onDatabase,
    run: async (session, database) => session.process.print(`${(await session.schema(database)).checksum}\n`),
  },
  { name: "list-tables", ...onDatabase, run: listTables },
  { name: "list-columns", needsDatabase: true, minArguments: 0, maxArguments: 1, run: listColumns },
  { name: "convert", ...onFile, run: convert },
  { name: "needs-conversion", ...onFile, run: needsConversion },
  { name: "wait", needsDatabase: false, minArguments: 2, maxArguments: 2, run: wait },
];

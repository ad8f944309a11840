// Arguments of a database server that may name a column instead (query_db_string() of ovsdb-server.c).

import type { OvsdbServer } from "../ovsdb/server.ts";

/** "db:DATABASE,TABLE,COLUMN": the first string that a row has there, if one has; anything else is itself. */
export function columnText(server: OvsdbServer, text: string): string | undefined {
  if (!text.startsWith("db:")) return text;
  const [database = "", table = "", column = ""] = text.slice("db:".length).split(",");
  const schema = server.databases.get(database)?.schema.tables.get(table);
  if (schema?.columns.get(column)?.type.key.type !== "string") return undefined;
  for (const row of server.local(database).rows(table)) {
    const [first] = row.strings(column);
    if (first !== undefined && first !== "") return first;
  }
  return undefined;
}

// Conversion of a database to another schema, as "convert" of ovsdb-server(7) and `ovsdb-tool convert` do it: columns that
// both schemas have keep their values, as far as the new type allows them.

import type { Datum } from "../ovsproto/ovsdb/datum.ts";
import { datumFromJson, datumToJson } from "../ovsproto/ovsdb/datum.ts";
import type { DatabaseSchema } from "../ovsproto/ovsdb/schema.ts";
import { ownColumns } from "../ovsproto/ovsdb/schema.ts";
import { Database } from "./database.ts";
import { Transaction } from "./transaction.ts";

/** A new database with the old one's rows. Errors: OvsdbError for values that do not fit. */
export function convertDatabase(from: Database, schema: DatabaseSchema): Database {
  const to = new Database(schema, from.random32);
  const transaction = new Transaction(to);
  for (const [name, source] of from.tables) {
    const table = to.tables.get(name);
    if (!table) continue;
    for (const row of source.rows.values()) {
      const values = new Map<string, Datum>();
      for (const column of ownColumns(table.schema)) {
        const old = source.schema.columns.get(column.name);
        const value: Datum | undefined = old && row.values.get(column.name);
        if (!old || !value) continue;
        values.set(column.name, datumFromJson(column.type, datumToJson(old.type, value)));
      }
      transaction.insert(table, row.uuid, values);
    }
  }
  transaction.commit();
  return to;
}

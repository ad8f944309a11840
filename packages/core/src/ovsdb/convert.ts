// Conversion of a database to another schema, as "convert" of ovsdb-server(7) and `ovsdb-tool convert` do it: columns that
// both schemas have keep their values, as far as the new type allows them.

import type { Datum } from "../ovsproto/ovsdb/datum.ts";
import { datumFromJson, datumToJson } from "../ovsproto/ovsdb/datum.ts";
import type { Atom } from "../ovsproto/ovsdb/atom.ts";
import { syntaxError } from "../ovsproto/ovsdb/error.ts";
import type { BaseType } from "../ovsproto/ovsdb/type.ts";
import type { DatabaseSchema } from "../ovsproto/ovsdb/schema.ts";
import { nameOrder } from "../ovsproto/ovsdb/name-order.ts";
import { ownColumns, tableWalk } from "../ovsproto/ovsdb/schema.ts";
import { Database } from "./database.ts";
import { Transaction } from "./transaction.ts";

/** A new database with the old one's rows. Errors: OvsdbError for values that do not fit. */
export function convertDatabase(from: Database, schema: DatabaseSchema): Database {
  const to = new Database(schema, from.random32);
  const transaction = new Transaction(to);
  // the original goes through the old schema, which decides which of several values that do not fit is told of
  for (const name of nameOrder(tableWalk(from.schema).map((each) => each.name))) {
    const source = from.tables.get(name);
    const table = to.tables.get(name);
    if (!source || !table) continue;
    for (const row of source.rows.values()) {
      const values = new Map<string, Datum>();
      for (const old of ownColumns(source.schema)) {
        const column = table.schema.columns.get(old.name);
        const value = row.values.get(old.name);
        if (!column || !value) continue;
        const converted = datumFromJson(column.type, datumToJson(old.type, value));
        refuseReals(old.type.key, column.type.key, value.keys);
        if (old.type.value && column.type.value) {
          refuseReals(old.type.value, column.type.value, value.values ?? []);
        }
        values.set(old.name, converted);
      }
      transaction.insert(table, row.uuid, values);
    }
  }
  transaction.commit();
  return to;
}

/** No real number is an integer here, not even a whole one. Errors: OvsdbError. */
function refuseReals(from: BaseType, to: BaseType, [first]: readonly Atom[]): void {
  if (from.type === "real" && to.type === "integer" && typeof first === "number") {
    throw syntaxError(first, "expected integer");
  }
}

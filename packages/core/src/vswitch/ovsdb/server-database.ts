// The `_Server` database (ovsdb-server(5)): a row for each database that is served. Clients read in it which databases
// there are and whether their schema has changed.

import type { Json } from "../../ovsproto/json.ts";
import { formatJson } from "../../ovsproto/json.ts";
import type { DatabaseSchema } from "../../ovsproto/ovsdb/schema.ts";
import { parseSchema, schemaToJson } from "../../ovsproto/ovsdb/schema.ts";
import { Database } from "../../ovsdb/database.ts";
import { LocalClient } from "./local-client.ts";

const optional = (key: string): Json => ({ key, min: 0, max: 1 });

const serverSchema: Json = {
  name: "_Server",
  version: "1.2.0",
  cksum: "3009684573 744",
  tables: {
    Database: {
      columns: {
        name: { type: "string" },
        model: { type: { key: { type: "string", enum: ["set", ["standalone", "clustered", "relay"]] } } },
        connected: { type: "boolean" },
        leader: { type: "boolean" },
        schema: { type: optional("string") },
        cid: { type: optional("uuid") },
        sid: { type: optional("uuid") },
        index: { type: optional("integer") },
      },
      isRoot: true,
    },
  },
};

export function createServerDatabase(random32: () => number): Database {
  return new Database(parseSchema(serverSchema), random32);
}

interface Described {
  readonly name: string;
  /** Undefined: it is not known yet. */
  readonly schema: DatabaseSchema | undefined;
  /** Of a database that another server has. */
  readonly relay: { readonly connected: boolean } | undefined;
}

/** Makes the rows those of the databases that are served now. */
export function describeDatabases(server: Database, databases: Iterable<Described>): void {
  const client = new LocalClient(server);
  client.transact((write) => {
    const gone = new Map(client.rows("Database").map((row) => [row.string("name"), row.uuid]));
    for (const { name, schema: known, relay } of databases) {
      const schema = known && formatJson(schemaToJson(known), { sort: true });
      const uuid = gone.get(name);
      gone.delete(name);
      const state = { connected: relay?.connected ?? true, ...(schema === undefined ? {} : { schema }) };
      if (uuid === undefined) {
        const model = relay ? "relay" : "standalone";
        write.insert("Database", { name, model, leader: !relay, ...state });
      } else write.set("Database", uuid, state);
    }
    for (const uuid of gone.values()) write.delete("Database", uuid);
  });
}

// A database server as the backup of another (ovsdb-server(1), "Active-Backup"): it connects to the active one, asks for its
// databases one after the other, and copies those whose schema is its own.

import type { Json } from "../../ovsproto/json.ts";
import { equalJson, isArray } from "../../ovsproto/json.ts";
import type { JsonRpcMessage } from "../../ovsproto/json-rpc.ts";
import { OvsdbError } from "../../ovsproto/ovsdb/error.ts";
import type { DatabaseSchema } from "../../ovsproto/ovsdb/schema.ts";
import { parseSchema, schemaToJson } from "../../ovsproto/ovsdb/schema.ts";
import type { StreamSocket } from "../../system/stream-sockets.ts";
import {
  applyUpdates,
  clearTables,
  replicationHindrance,
  replicationRequests,
} from "../../ovsdb/replicate.ts";
import type { Database } from "../../ovsdb/database.ts";
import type { Vlog } from "../daemon/log/vlog.ts";
import { JsonRpcConnection } from "../ovsdb/connection.ts";
import { ActiveManager, OVSDB_PORT } from "../ovsdb/remotes.ts";
import type { ManagerHost } from "../ovsdb/remotes.ts";
import type { OvsdbServer } from "../ovsdb/server.ts";
import { parseTarget } from "../ovsdb/stream-target.ts";
import type { ExcludedTables } from "./excluded-tables.ts";

/** What was asked for last; "replicating" once all databases have come, "failed" until the next connection. */
type State = "connecting" | "server id" | "databases" | "schemas" | "contents" | "replicating" | "failed";

const MAX_BACKOFF = 8; // seconds
const RESERVED = "_Server";

export class Replication {
  readonly #host: ManagerHost;
  readonly #server: OvsdbServer;
  readonly #vlog: Vlog;
  readonly #from: string;
  readonly #excluded: ExcludedTables;
  readonly #manager: ActiveManager;
  #connection: JsonRpcConnection | undefined;
  #state: State = "connecting";
  #nextId = 0;
  /** Requests without an answer, and the database that each is about. */
  readonly #asked = new Map<number, string | undefined>();
  /** The databases that are copied, and their schemas there once they are known. */
  readonly #databases = new Map<string, DatabaseSchema | undefined>();

  constructor(host: ManagerHost, server: OvsdbServer, vlog: Vlog, from: string, excluded: ExcludedTables) {
    this.#host = host;
    this.#server = server;
    this.#vlog = vlog;
    this.#from = from;
    this.#excluded = excluded;
    const target = parseTarget(from, OVSDB_PORT);
    this.#manager = new ActiveManager(host, target, MAX_BACKOFF, (socket, lost) =>
      this.#connected(socket, lost),
    );
  }

  /** Told when it can go on no more: the server is then on its own. */
  onFailed: () => void = () => {};

  /** What `ovsdb-server/sync-status` says below the first line. */
  status(): string {
    switch (this.#state) {
      case "replicating": {
        const names = [...this.#databases.keys()].map((name) => ` ${name}`).join(",");
        const excluded = this.#excluded.text();
        return `replicating: ${this.#from}\ndatabase:${names}${excluded === "" ? "" : `\nexclude: ${excluded}`}`;
      }
      case "failed":
        return `Replication to (${this.#from}) failed`;
      default:
        return `connecting: ${this.#from}`;
    }
  }

  close(): void {
    this.#manager.close();
  }

  #connected(socket: StreamSocket, lost: () => void): () => void {
    this.#databases.clear();
    this.#asked.clear();
    const connection = new JsonRpcConnection(socket, (fire) => this.#host.after(0, fire), {
      received: (message) => this.#received(message),
      closed: () => {
        this.#state = "connecting";
        lost();
      },
    });
    this.#connection = connection;
    this.#ask("get_server_id", [], "server id");
    return () => connection.close();
  }

  #ask(method: string, params: readonly Json[], state: State, database?: string): void {
    const id = this.#nextId++;
    this.#asked.set(id, database);
    this.#state = state;
    this.#connection?.send({ type: "request", method, params, id });
  }

  #fail(text: string): void {
    this.#vlog.log("replication", "warn", text);
    this.#state = "failed";
    this.#host.after(0, () => this.onFailed());
  }

  #received(message: JsonRpcMessage): void {
    try {
      if (message.type === "notification") this.#notified(message.method, message.params);
      else if (message.type === "reply") this.#replied(Number(message.id), message.result);
      else if (message.type === "request" && message.method === "echo") {
        this.#connection?.send({ type: "reply", result: message.params, id: message.id });
      }
    } catch (error) {
      if (!(error instanceof OvsdbError)) throw error;
      this.#fail(error.toString());
    }
  }

  #notified(method: string, [name, updates = null]: readonly Json[]): void {
    if (method !== "update" || typeof name !== "string" || this.#state === "failed") return;
    const database = this.#copied(name);
    if (database) applyUpdates(database, updates, this.#options(database));
  }

  #copied(name: string): Database | undefined {
    return this.#databases.has(name) ? this.#server.databases.get(name) : undefined;
  }

  #options(database: Database) {
    return {
      excluded: this.#excluded.of(database.schema.name),
      durable: (commit: Parameters<OvsdbServer["keep"]>[1]) => this.#server.keep(database, commit),
    };
  }

  #replied(id: number, result: Json): void {
    if (!this.#asked.has(id)) return;
    const name = this.#asked.get(id);
    this.#asked.delete(id);
    switch (this.#state) {
      case "server id":
        if (result === this.#server.id) {
          this.#fail("ovsdb error: Server ID check failed: Self replicating is not allowed");
        } else this.#ask("list_dbs", [], "databases");
        return;
      case "databases":
        this.#askSchemas(result);
        return;
      case "schemas":
        this.#takeSchema(name ?? "", result);
        return;
      case "contents":
        this.#takeContents(name ?? "", result);
        return;
      default:
    }
  }

  #askSchemas(names: Json): void {
    if (!isArray(names)) {
      this.#fail("ovsdb error: list_dbs response is not array");
      return;
    }
    for (const name of names) {
      if (typeof name !== "string" || name === RESERVED || !this.#server.databases.has(name)) continue;
      this.#databases.set(name, undefined);
      this.#ask("get_schema", [name], "schemas", name);
    }
  }

  #takeSchema(name: string, json: Json): void {
    const theirs = parseSchema(json);
    if (this.#canCopy(name, theirs)) this.#databases.set(name, theirs);
    else this.#databases.delete(name);
    if (this.#asked.size > 0) return;
    if (this.#databases.size === 0) {
      this.#fail("Nothing to replicate.");
      return;
    }
    for (const [each, schema] of this.#databases) {
      const requests = replicationRequests(schema ?? theirs, this.#excluded.of(each));
      this.#ask("monitor", [each, each, requests], "contents", each);
    }
  }

  #canCopy(name: string, theirs: DatabaseSchema): boolean {
    const database = this.#copied(name);
    if (!database || theirs.name !== name) {
      this.#vlog.log("replication", "warn", `unexpected schema ${theirs.name}`);
      return false;
    }
    if (equalJson(schemaToJson(theirs), schemaToJson(database.schema))) return true;
    const log = (text: string): void => this.#vlog.log("replication", "info", text);
    log(`Schema version mismatch, checking if ${name} can still be replicated or not.`);
    const hindrance = replicationHindrance(database.schema, theirs, this.#excluded.of(name));
    if (hindrance !== undefined) log(hindrance);
    log(`${name} ${hindrance === undefined ? "can" : "cannot"} be replicated.`);
    return hindrance === undefined;
  }

  #takeContents(name: string, contents: Json): void {
    const database = this.#copied(name);
    if (database) {
      clearTables(database, this.#options(database));
      applyUpdates(database, contents, this.#options(database));
    }
    if (this.#asked.size === 0) this.#state = "replicating";
  }
}

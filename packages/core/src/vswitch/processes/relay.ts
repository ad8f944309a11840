// A relay database (ovsdb(7), "Relay Service Model"; ovsdb-server(1), relay:DB:REMOTE): what another server has is read here, and
// transactions that change something are sent there. What is read stays while the other server is away.

import type { Json } from "../../ovsproto/json.ts";
import type { JsonRpcMessage } from "../../ovsproto/json-rpc.ts";
import { OvsdbError } from "../../ovsproto/ovsdb/error.ts";
import { parseSchema, schemaToJson } from "../../ovsproto/ovsdb/schema.ts";
import { equalJson } from "../../ovsproto/json.ts";
import type { StreamSocket } from "../../system/stream-sockets.ts";
import { applyUpdates, clearTables, replicationRequests } from "../../ovsdb/replicate.ts";
import { Database } from "../../ovsdb/database.ts";
import type { Vlog } from "../daemon/log/vlog.ts";
import { JsonRpcConnection } from "../ovsdb/connection.ts";
import { ActiveManager, OVSDB_PORT } from "../ovsdb/remotes.ts";
import type { ManagerHost } from "../ovsdb/remotes.ts";
import type { OvsdbServer } from "../ovsdb/server.ts";
import { parseTarget } from "../ovsdb/stream-target.ts";
import type { StreamTarget } from "../ovsdb/stream-target.ts";

const PREFIX = "relay:";
const MAX_BACKOFF = 8; // seconds
/** Nanoseconds (RELAY_MAX_RECONNECTION_MS). */
const PATIENCE = 30e9;
const EVERYTHING = { excluded: new Set<string>(), durable: () => {} };

/** How the answer to a forwarded transaction reaches whoever asked. */
export type Answered = (answer: { readonly result: Json } | { readonly error: Json }) => void;

/** "relay:DB:REMOTE[,REMOTE]..." Undefined: it is no relay. Errors: OvsdbError. */
export function relayFrom(
  text: string,
): { readonly name: string; readonly remotes: readonly string[] } | undefined {
  if (!text.startsWith(PREFIX)) return undefined;
  const colon = text.indexOf(":", PREFIX.length);
  if (colon < 0) throw new OvsdbError("ovsdb error", `${text}: invalid syntax`);
  const remotes = text
    .slice(colon + 1)
    .split(",")
    .filter((remote) => remote !== "");
  return { name: text.slice(PREFIX.length, colon), remotes };
}

export class Relay {
  readonly name: string;
  readonly #host: ManagerHost;
  readonly #server: OvsdbServer;
  readonly #random32: () => number;
  readonly #vlog: Vlog;
  #manager: ActiveManager | undefined;
  #closed = false;
  #connection: JsonRpcConnection | undefined;
  #database: Database | undefined;
  #connected = false;
  #lostAt: number | undefined;
  #remote = "";
  #nextId = 0;
  #schemaRequest: number | undefined;
  #monitorRequest: number | undefined;
  /** Sent and not answered. */
  readonly #forwarded = new Map<number, Answered>();
  /** Not sent yet. */
  readonly #waiting: { readonly params: readonly Json[]; readonly answered: Answered }[] = [];

  constructor(
    host: ManagerHost,
    server: OvsdbServer,
    vlog: Vlog,
    random32: () => number,
    name: string,
    remotes: readonly string[],
  ) {
    this.#host = host;
    this.#server = server;
    this.#vlog = vlog;
    this.#random32 = random32;
    this.name = name;
    server.addRelay(this);
    const [first = "", ...others] = remotes;
    // one after the other
    let at = 0;
    const next = (): StreamTarget => {
      this.#remote = at === 0 ? first : (others[(at - 1) % others.length] ?? first);
      at = (at + 1) % remotes.length;
      return parseTarget(this.#remote, OVSDB_PORT);
    };
    const connect = (): void => {
      if (this.#closed) return;
      this.#manager = new ActiveManager(
        host,
        next,
        MAX_BACKOFF,
        (socket, lost) => this.#accepted(socket, lost),
        {
          attempt: (text) => vlog.log("reconnect", "info", `${this.#remote}: ${text}`),
        },
      );
    };
    host.after(0, () => host.after(0, connect)); // the server tells its version first
  }

  /** It has what the other server has, or had it a short time ago: clients are not to go elsewhere for a restart. */
  get connected(): boolean {
    if (this.#connected) return true;
    return this.#lostAt !== undefined && this.#host.monotonic() - this.#lostAt < PATIENCE;
  }

  /** Sends a transaction on, as soon as the other server is there. @param params those of "transact" */
  forward(params: readonly Json[], answered: Answered): void {
    if (this.#connected) this.#send(params, answered);
    else this.#waiting.push({ params, answered });
  }

  #send(params: readonly Json[], answered: Answered): void {
    this.#forwarded.set(this.#ask("transact", params), answered);
  }

  #ask(method: string, params: readonly Json[]): number {
    const id = this.#nextId++;
    this.#connection?.send({ type: "request", method, params, id });
    return id;
  }

  #accepted(socket: StreamSocket, lost: () => void): () => void {
    const connection = new JsonRpcConnection(socket, (fire) => this.#host.after(0, fire), {
      received: (message) => this.#received(message),
      closed: () => {
        this.#lost();
        lost();
      },
    });
    this.#connection = connection;
    this.#schemaRequest = this.#ask("get_schema", [this.name]);
    return () => connection.close();
  }

  #lost(): void {
    this.#connection = undefined;
    if (this.#connected) {
      this.#lostAt = this.#host.monotonic();
      this.#host.after(PATIENCE, () => this.#server.describe());
    }
    this.#connected = false;
    for (const answered of this.#forwarded.values()) answered({ error: "disconnected" });
    this.#forwarded.clear();
  }

  #received(message: JsonRpcMessage): void {
    switch (message.type) {
      case "request":
        if (message.method !== "echo") return;
        this.#connection?.send({ type: "reply", result: message.params, id: message.id });
        return;
      case "notification":
        if (message.method === "update" && message.params[0] === this.name) {
          this.#update(message.params[1] ?? null);
        }
        return;
      default:
        this.#answered(message);
    }
  }

  #answered(message: Extract<JsonRpcMessage, { type: "reply" | "error" }>): void {
    const id = Number(message.id);
    const forwarded = this.#forwarded.get(id);
    if (forwarded) {
      this.#forwarded.delete(id);
      forwarded(message.type === "reply" ? { result: message.result } : { error: message.error });
    } else if (message.type === "error") {
      const what = `${this.#remote}: server does not have ${this.name} database`;
      if (id === this.#schemaRequest) this.#vlog.log("ovsdb_cs", "info", what);
    } else if (id === this.#schemaRequest) this.#takeSchema(message.result);
    else if (id === this.#monitorRequest) this.#takeContents(message.result);
  }

  #takeSchema(json: Json): void {
    const schema = parseSchema(json);
    const known = this.#database;
    if (!known || !equalJson(schemaToJson(known.schema), schemaToJson(schema))) {
      this.#database = new Database(schema, this.#random32);
      if (known) this.#server.replaced(known);
      this.#server.add(this.#database);
    }
    this.#monitorRequest = this.#ask("monitor", [
      this.name,
      this.name,
      replicationRequests(schema, EVERYTHING.excluded),
    ]);
  }

  #takeContents(contents: Json): void {
    if (!this.#database) return;
    clearTables(this.#database, EVERYTHING);
    this.#update(contents);
    this.#connected = true;
    this.#server.describe();
    for (const { params, answered } of this.#waiting.splice(0)) this.#send(params, answered);
  }

  #update(updates: Json): void {
    if (this.#database) applyUpdates(this.#database, updates, EVERYTHING);
  }

  close(): void {
    this.#closed = true;
    this.#manager?.close();
  }
}

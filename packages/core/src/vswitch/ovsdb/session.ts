// One client's connection (RFC 7047, 4.1; ovsdb-server(7) for newer methods): its monitors, its locks, and its
// transactions that wait for something to change. What a client does wrong is told to it alone.

import type { Json } from "../../ovsproto/json.ts";
import { equalJson, isObject } from "../../ovsproto/json.ts";
import type { JsonRpcMessage } from "../../ovsproto/json-rpc.ts";
import { SaidNotification, SaidReply, SaidRequest } from "../../ovsproto/json-rpc.ts";
import type { Clause } from "../../ovsproto/ovsdb/condition.ts";
import { OvsdbError, syntaxError } from "../../ovsproto/ovsdb/error.ts";
import { isId } from "../../ovsproto/ovsdb/members.ts";
import { parseSchema, schemaToJson } from "../../ovsproto/ovsdb/schema.ts";
import type { StreamSocket } from "../../system/stream-sockets.ts";
import type { Nanoseconds, Timer } from "../../system/system.ts";
import { MILLISECOND } from "../../system/system.ts";
import type { ConnectionLog } from "./connection-log.ts";
import { JsonRpcConnection } from "./connection.ts";
import type { Commit, Database } from "../../ovsdb/database.ts";
import { execute } from "../../ovsdb/execute.ts";
import type { SaidOperation } from "../../ovsdb/said-operations.ts";
import { Operations } from "../../ovsdb/said-operations.ts";
import type { RowUpdates } from "../../ovsdb/said-rows.ts";
import { InitialRows } from "../../ovsdb/said-rows.ts";
import type { Claim } from "./locks.ts";
import type { MonitorVersion } from "./monitor.ts";
import { Monitor } from "./monitor.ts";
import { monitoredTables, readConditions } from "./monitor-request.ts";
import { NotYet, OPERATIONS } from "../../ovsdb/operations.ts";
import type { OvsdbServer } from "./server.ts";

type Request = Extract<JsonRpcMessage, { type: "request" }>;

/** A transaction whose "wait" does not hold yet. */
interface Waiting {
  readonly request: Request;
  readonly database: Database;
  readonly operations: readonly (Json | SaidOperation)[];
  readonly since: Nanoseconds;
  timer: Timer | undefined;
}

/** Of the server's own requests. */
const ECHO_ID = "echo";

/** A request that is refused in one word, not by an <error>. */
class PlainRefusal {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const UPDATE_METHODS: Readonly<Record<MonitorVersion, string>> = { 1: "update", 2: "update2", 3: "update3" };

/** Whether there is an operation that does not only read. */
function changesSomething(params: readonly Json[]): boolean {
  return params.some(
    (json) =>
      isObject(json) && typeof json["op"] === "string" && OPERATIONS.get(json["op"])?.readOnly === false,
  );
}

/** What the remote lets those do who have come by it. */
export interface RemoteRights {
  readonly onlyReads: boolean;
  /** "": there are no limits. */
  readonly role: string;
}

export class Session {
  readonly #server: OvsdbServer;
  readonly #connection: JsonRpcConnection;
  readonly #ended: () => void;
  readonly #monitors: Monitor[] = [];
  readonly #claims = new Map<string, Claim<Session>>();
  readonly #waiting: Waiting[] = [];
  #retry: Timer | undefined;
  #changeAware = false;
  readonly #remote: RemoteRights;
  readonly #peerName: () => string | undefined;

  readonly #log: ConnectionLog | undefined;

  constructor(
    server: OvsdbServer,
    socket: StreamSocket,
    remote: RemoteRights,
    ended: () => void,
    log: ConnectionLog | undefined,
  ) {
    this.#log = log;
    this.#remote = remote;
    this.#peerName = () => socket.peerName?.();
    this.#server = server;
    this.#ended = ended;
    this.#connection = new JsonRpcConnection(
      socket,
      (fire) => server.host.after(0, fire),
      {
        received: (message) => this.#received(message),
        closed: () => this.#end(),
      },
      log,
    );
  }

  get monitors(): number {
    return this.#monitors.length;
  }

  /** Transactions that wait. */
  get triggers(): number {
    return this.#waiting.length;
  }

  close(): void {
    this.#connection.close();
    this.#end();
  }

  #end(): void {
    for (const { timer } of this.#waiting.splice(0)) timer?.cancel();
    this.#retry?.cancel();
    this.#monitors.length = 0;
    for (const name of [...this.#claims.keys()]) this.#unlock(name);
    this.#ended();
  }

  #notify(method: string, params: readonly Json[]): void {
    this.#connection.send({ type: "notification", method, params });
  }

  // ---- what others do

  committed(database: Database, commit: Commit): void {
    for (const monitor of this.#monitors) {
      if (monitor.database === database) this.#sendUpdate(monitor, monitor.updates(commit));
    }
    if (this.#waiting.some((one) => one.database === database)) {
      this.#retry ??= this.#server.host.after(0, () => {
        this.#retry = undefined;
        this.#retryWaiting();
      });
    }
  }

  /** Its schema has changed: clients that know how to go on are told, others must come again. */
  databaseReplaced(database: Database): void {
    if (!this.#changeAware) {
      this.close();
      return;
    }
    for (const monitor of this.#monitors.filter((one) => one.database === database)) {
      this.#monitors.splice(this.#monitors.indexOf(monitor), 1);
      this.#notify("monitor_canceled", [monitor.id]);
    }
    for (const waiting of this.#waiting.filter((one) => one.database === database)) {
      this.#forget(waiting);
      this.#reply(waiting.request, [{ error: "canceled" }]);
    }
  }

  #sendUpdate({ version }: Monitor, updates: RowUpdates | undefined): void {
    if (updates) this.#connection.send(new SaidNotification(UPDATE_METHODS[version], updates));
  }

  // ---- requests

  #received(message: JsonRpcMessage): void {
    if (message.type === "notification") {
      if (message.method === "cancel") this.#cancel(message.params[0] ?? null);
      return;
    }
    if (message.type !== "request") {
      if (message.type === "reply" && message.id === ECHO_ID) return;
      this.#log?.unexpected(message.type);
      this.close();
      return;
    }
    try {
      const result = this.#answer(message);
      if (result !== undefined) this.#reply(message, result);
    } catch (error) {
      if (!(error instanceof OvsdbError) && !(error instanceof PlainRefusal)) throw error;
      const told = error instanceof OvsdbError ? error.toJson() : error.text;
      this.#connection.send({ type: "error", error: told, id: message.id });
    }
  }

  #reply({ id }: Request, result: Json | InitialRows): void {
    const isSaid = result instanceof InitialRows;
    this.#connection.send(isSaid ? new SaidReply(id, result) : { type: "reply", result, id });
  }

  /** Undefined if the reply comes later. */
  #answer(request: Request): Json | InitialRows | undefined {
    if (!this.#server.conditions && request.method.startsWith("monitor_cond")) {
      throw new PlainRefusal("unknown method");
    }
    switch (request.method) {
      case "echo":
        return request.params;
      case "list_dbs":
        return this.#server.names;
      case "get_schema":
        return schemaToJson(this.#database(request).schema);
      case "get_server_id":
        return this.#server.id;
      case "set_db_change_aware":
        return this.#setChangeAware(request);
      case "transact":
        return this.#transact(request);
      case "convert":
        return this.#convert(request);
      case "monitor":
        return this.#monitor(request, 1);
      case "monitor_cond":
        return this.#monitor(request, 2);
      case "monitor_cond_since":
        return this.#monitor(request, 3);
      case "monitor_cond_change":
        return this.#changeMonitor(request);
      case "monitor_cancel":
        return this.#cancelMonitor(request);
      case "lock":
        return this.#lock(request, false);
      case "steal":
        return this.#lock(request, true);
      case "unlock":
        return this.#releaseLock(request);
      default:
        throw new PlainRefusal("unknown method");
    }
  }

  #database(request: Request, name: Json | undefined = request.params[0]): Database {
    if (typeof name !== "string") {
      throw syntaxError(request.params, `${request.method} request params must begin with <db-name>`);
    }
    const database = this.#server.databases.get(name);
    if (!database && this.#server.relayOf(name)) {
      throw new OvsdbError(
        "database not available",
        `${request.method} request specifies database ${name} which is not yet available because it has not completed joining its cluster`,
      );
    }
    if (!database) {
      throw syntaxError(
        request.params,
        `${request.method} request specifies unknown database ${name}`,
        "unknown database",
      );
    }
    return database;
  }

  #setChangeAware({ params }: Request): Json {
    if (params.length !== 1 || typeof params[0] !== "boolean") {
      throw syntaxError(params, "set_db_change_aware: true or false parameter expected");
    }
    [this.#changeAware] = params;
    return {};
  }

  // ---- transactions

  #transact(request: Request): Json | undefined {
    const said =
      request instanceof SaidRequest && request.said instanceof Operations ? request.said : undefined;
    const database = this.#database(request, said?.database);
    const operations = said?.schema === database.schema ? said.list : request.params.slice(1);
    if (this.#waiting.some((one) => equalJson(one.request.id, request.id))) {
      throw new PlainRefusal("duplicate request ID");
    }
    const relay = this.#server.relayOf(database.schema.name);
    if (relay && changesSomething(request.params)) {
      relay.forward(request.params, (answer) =>
        this.#connection.send(
          "result" in answer
            ? { type: "reply", result: answer.result, id: request.id }
            : { type: "error", error: answer.error, id: request.id },
        ),
      );
      return undefined;
    }
    const since = this.#server.host.monotonic();
    return this.#try({ request, database, operations, since, timer: undefined });
  }

  #try(waiting: Waiting): Json | undefined {
    const { database, operations, since } = waiting;
    const elapsed = Math.floor((this.#server.host.monotonic() - since) / MILLISECOND);
    const results = execute(database, operations, {
      elapsed,
      mayWait: true,
      readOnly: this.#readOnly(database),
      client: this.#remote.role === "" ? undefined : { role: this.#remote.role, id: this.#peerName() },
      holdsLock: (name) => {
        const claim = this.#claims.get(name);
        return claim !== undefined && this.#server.locks.owns(claim);
      },
      durable: (commit) => this.#server.keep(database, commit),
    });
    if (!(results instanceof NotYet)) {
      this.#forget(waiting);
      return results;
    }
    if (!this.#waiting.includes(waiting)) this.#waiting.push(waiting);
    waiting.timer?.cancel();
    const { timeout } = results;
    waiting.timer =
      timeout === undefined
        ? undefined
        : this.#server.host.after(Math.max(0, timeout - elapsed) * MILLISECOND, () =>
            this.#tryAgain(waiting),
          );
    return undefined;
  }

  #readOnly(database: Database): "server" | "database" | undefined {
    if (this.#server.readOnly || this.#remote.onlyReads) return "server";
    return database.schema.name.startsWith("_") ? "database" : undefined;
  }

  #tryAgain(waiting: Waiting): void {
    const results = this.#try(waiting);
    if (results !== undefined) this.#reply(waiting.request, results);
  }

  #retryWaiting(): void {
    for (const waiting of [...this.#waiting]) if (this.#waiting.includes(waiting)) this.#tryAgain(waiting);
  }

  #forget(waiting: Waiting): void {
    waiting.timer?.cancel();
    const at = this.#waiting.indexOf(waiting);
    if (at >= 0) this.#waiting.splice(at, 1);
  }

  #cancel(id: Json): void {
    const waiting = this.#waiting.find((one) => equalJson(one.request.id, id));
    if (!waiting) return;
    this.#forget(waiting);
    this.#connection.send({ type: "error", error: "canceled", id });
  }

  #convert(request: Request): undefined {
    const database = this.#database(request);
    const [, schema] = request.params;
    if (request.params.length !== 2 || schema === undefined) {
      throw syntaxError(request.params, "array expected");
    }
    const parsed = parseSchema(schema);
    if (parsed.name !== database.schema.name) {
      throw new OvsdbError(
        "invalid parameters",
        `new schema name (${parsed.name}) does not match database name (${database.schema.name})`,
      );
    }
    const replace = this.#server.convert(database.schema.name, parsed);
    // The reply goes out before connections that do not know of conversions are closed.
    this.#reply(request, {});
    replace();
    return undefined;
  }

  // ---- monitors

  #monitor(request: Request, version: MonitorVersion): InitialRows {
    const database = this.#database(request);
    const { params } = request;
    const [, id = null, requests, last] = params;
    if (params.length > 2 && !isObject(requests)) {
      throw syntaxError(requests, "monitor-requests must be object");
    }
    if (params.length > 1 && this.#findMonitor(id)) throw syntaxError(id, "duplicate monitor ID");
    const enough = version === 3 ? params.length === 4 : params.length === 3 || params.length === 4;
    if (!enough) throw syntaxError(params, "invalid parameters");
    if (version === 3 && typeof last !== "string") throw syntaxError(last, "last-txn-id must be string");
    const monitor = new Monitor(id, database, version, monitoredTables(database, requests, version > 1));
    this.#monitors.push(monitor);
    return monitor.initial();
  }

  #findMonitor(id: Json): Monitor | undefined {
    return this.#monitors.find((one) => equalJson(one.id, id));
  }

  #changeMonitor({ params }: Request): Json {
    if (params.length !== 3) throw syntaxError(params, "invalid parameters");
    const [id = null, newId = null, requests] = params;
    const monitor = this.#findMonitor(id);
    if (!monitor) throw syntaxError(params[0], "unknown monitor session");
    if (!equalJson(id, newId) && this.#findMonitor(newId)) throw syntaxError(newId, "duplicate monitor ID");
    const conditional = monitor.version > 1;
    const conditions = new Map<string, Clause[]>();
    try {
      readConditions(monitor.tables, requests, conditional, conditions);
    } catch (error) {
      monitor.keepConditions(conditions);
      throw error;
    }
    if (conditional) this.#sendUpdate(monitor, monitor.changeConditions(conditions));
    monitor.id = newId;
    return {};
  }

  #cancelMonitor({ params }: Request): Json {
    if (params.length !== 1) throw new PlainRefusal("invalid parameters");
    const monitor = this.#findMonitor(params[0] ?? null);
    if (!monitor) throw new PlainRefusal("unknown monitor");
    this.#monitors.splice(this.#monitors.indexOf(monitor), 1);
    return {};
  }

  // ---- locks

  #lockName({ method, params }: Request): string {
    if (this.#server.readOnly || this.#remote.onlyReads) {
      throw new OvsdbError("not allowed", "lock and unlock methods not allowed, DB server is read only.");
    }
    const [name] = params;
    if (params.length !== 1 || typeof name !== "string" || !isId(name)) {
      throw syntaxError(params, `${method} request params must be <id>`);
    }
    return name;
  }

  #lock(request: Request, steal: boolean): Json {
    const name = this.#lockName(request);
    if (this.#claims.has(name)) {
      throw syntaxError(request.params, `must issue "unlock" before new "${request.method}"`);
    }
    const claim = { owner: this as Session, name };
    this.#claims.set(name, claim);
    const { locked, victim } = this.#server.locks.claim(claim, steal);
    if (victim) victim.#notify("stolen", [name]);
    return { locked };
  }

  #releaseLock(request: Request): Json {
    const name = this.#lockName(request);
    if (!this.#claims.has(name))
      throw syntaxError(request.params, 'unlock: "unlock" without "lock" or "steal"');
    this.#unlock(name);
    return {};
  }

  #unlock(name: string): void {
    const claim = this.#claims.get(name);
    if (!claim) return;
    this.#claims.delete(name);
    const next = this.#server.locks.release(claim);
    if (next) next.#notify("locked", [name]);
  }
}

// The database server: its databases, its clients, and what they share. It knows sockets only as pairs of streams; where
// they come from is its host's business.

import type { Json } from "../../ovsproto/json.ts";
import { OvsdbError } from "../../ovsproto/ovsdb/error.ts";
import type { DatabaseSchema } from "../../ovsproto/ovsdb/schema.ts";
import { nameOrder } from "../../ovsproto/ovsdb/name-order.ts";
import { cloneSchema } from "../../ovsproto/ovsdb/schema.ts";
import { randomUuid } from "../../ovsproto/ovsdb/uuid.ts";
import type { StreamSocket } from "../../system/stream-sockets.ts";
import type { Nanoseconds, Timer } from "../../system/system.ts";
import { convertDatabase } from "../../ovsdb/convert.ts";
import type { Commit, Database } from "../../ovsdb/database.ts";
import type { Journal } from "../../ovsdb/journal.ts";
import type { Vlog } from "../daemon/log/vlog.ts";
import { formatInetTarget } from "../inet-target.ts";
import { ConnectionLog } from "./connection-log.ts";
import { LocalClient } from "./local-client.ts";
import { Locks } from "./locks.ts";
import { createServerDatabase, describeDatabases } from "./server-database.ts";
import { Session } from "./session.ts";

/** What the server needs of the system around it. */
export interface ServerHost {
  monotonic(): Nanoseconds;
  after(delay: Nanoseconds, fire: () => void): Timer;
  random32(): number;
}

const SERVER_DATABASE = "_Server";

/** A database whose contents another server has. */
export interface RelayDatabase {
  readonly name: string;
  readonly connected: boolean;
  /** Has a transaction done there. @param params those of "transact" */
  forward(
    params: readonly Json[],
    answered: (answer: { readonly result: Json } | { readonly error: Json }) => void,
  ): void;
}

/** A daemon that follows a database by a socket monitors that one and _Server. */
const LOCAL_MONITORS = 2;

export class OvsdbServer {
  readonly host: ServerHost;
  readonly id: string;
  readonly locks = new Locks<Session>();
  readonly #databases = new Map<string, Database>();
  readonly #journals = new Map<string, Journal>();
  readonly #relays = new Map<string, RelayDatabase>();
  readonly #sessions = new Set<Session>();
  /** Clients in this process that are told of commits. */
  readonly #locals = new Set<LocalClient>();
  readonly #ends = new Map<string, () => void>();
  #vlog: Vlog | undefined;
  #unixConnections = 0;
  #readOnly = false;
  #conditions = true;

  constructor(host: ServerHost) {
    this.host = host;
    this.id = randomUuid(() => host.random32());
    this.#add(createServerDatabase(() => host.random32()));
  }

  /** A database that another server has: it may have no schema yet. */
  addRelay(relay: RelayDatabase): void {
    this.#relays.set(relay.name, relay);
    this.describe();
  }

  relayOf(name: string): RelayDatabase | undefined {
    return this.#relays.get(name);
  }

  /** All in the original's order, also those whose schema is not known yet. */
  get names(): string[] {
    const all = new Set([...this.#databases.keys(), ...this.#relays.keys()]);
    all.delete(SERVER_DATABASE);
    return [...nameOrder([...all, SERVER_DATABASE])];
  }

  add(database: Database, journal?: Journal): void {
    if (journal) this.#journals.set(database.schema.name, journal);
    this.#add(database);
  }

  #add(database: Database): void {
    const { name } = database.schema;
    this.#databases.set(name, database);
    this.#ends.get(name)?.();
    this.#ends.set(
      name,
      database.subscribe((commit) => {
        for (const session of [...this.#sessions]) session.committed(database, commit);
      }),
    );
    this.describe();
  }

  /** Takes a database away; its clients are told by their end. */
  remove(name: string): void {
    this.#relays.delete(name);
    const database = this.#databases.get(name);
    if (!database) {
      this.describe();
      return;
    }
    this.#ends.get(name)?.();
    this.#ends.delete(name);
    this.#journals.delete(name);
    this.#databases.delete(name);
    this.replaced(database);
    this.describe();
  }

  /** Writes into _Server how things are. */
  describe(): void {
    const server = this.#databases.get("_Server");
    if (!server) return;
    const described = this.names.map((name) => ({
      name,
      schema: this.#databases.get(name)?.schema,
      relay: this.#relays.get(name),
    }));
    describeDatabases(server, described);
  }

  /** Clients of a database hear that it is another one now. */
  replaced(database: Database): void {
    for (const session of [...this.#sessions]) session.databaseReplaced(database);
  }

  get databases(): ReadonlyMap<string, Database> {
    return this.#databases;
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  /** Clients, what they have asked to be told, and transactions that wait. */
  get usage(): { readonly sessions: number; readonly monitors: number; readonly triggers: number } {
    const locals = this.#locals.size;
    let monitors = LOCAL_MONITORS * locals;
    let triggers = 0;
    for (const session of this.#sessions) {
      monitors += session.monitors;
      triggers += session.triggers;
    }
    return { sessions: this.#sessions.size + locals, monitors, triggers };
  }

  /** A client in this process. */
  local(name: string): LocalClient {
    const database = this.#databases.get(name);
    if (!database) throw new Error(`no database ${name}`);
    return new LocalClient(database, (commit) => this.keep(database, commit), this.#locals);
  }

  /** Takes the server's end of a connection, maybe of one that may only read, or that has a role. Returns what ends it. */
  accept(socket: StreamSocket, closed: () => void = () => {}, onlyReads = false, role = ""): () => void {
    const ended = (): void => {
      this.#sessions.delete(session);
      closed();
    };
    const session = new Session(this, socket, { onlyReads, role }, ended, this.#logOf(socket));
    this.#sessions.add(session);
    return () => session.close();
  }

  /** Where it tells how connections go. */
  set vlog(vlog: Vlog) {
    this.#vlog = vlog;
  }

  /** A connection to a unix socket that is no session: they have numbers in their names. */
  countConnection(): void {
    this.#unixConnections++;
  }

  #logOf({ remote, peerName }: StreamSocket): ConnectionLog | undefined {
    const name =
      remote && remote.family !== "unix"
        ? `${peerName ? "ssl" : "tcp"}:${formatInetTarget(remote)}`
        : `unix#${this.#unixConnections++}`;
    return this.#vlog && new ConnectionLog(this.#vlog, name);
  }

  keep(database: Database, commit: Commit): void {
    this.#journals.get(database.schema.name)?.append(database, commit);
  }

  /** Writes a database's file anew, without its history. */
  compact(name: string): void {
    const database = this.#databases.get(name);
    if (database) this.#journals.get(name)?.replace(database);
  }

  /** "convert": the same rows under another schema; the returned function puts them in the old ones' place. Errors: OvsdbError. */
  convert(name: string, schema: DatabaseSchema): () => void {
    const old = this.#databases.get(name);
    if (!old) throw new OvsdbError("unknown database", name);
    const database = convertDatabase(old, cloneSchema(schema));
    return () => {
      this.#journals.get(name)?.replace(database);
      for (const session of [...this.#sessions]) session.databaseReplaced(old);
      this.#add(database);
    };
  }

  /** False: it knows only the monitors of RFC 7047, as servers before there were others. */
  get conditions(): boolean {
    return this.#conditions;
  }

  disableConditions(): void {
    this.#conditions = false;
    this.disconnect();
  }

  get readOnly(): boolean {
    return this.#readOnly;
  }

  /** Clients of a backup only read; those who are there have to come again. */
  setReadOnly(readOnly: boolean): void {
    if (this.#readOnly === readOnly) return;
    this.#readOnly = readOnly;
    this.disconnect();
  }

  /** Ends all connections; clients may come again. */
  disconnect(): void {
    for (const session of [...this.#sessions]) session.close();
  }

  /** Ends all connections. */
  close(): void {
    for (const session of [...this.#sessions]) session.close();
    for (const end of this.#ends.values()) end();
  }
}

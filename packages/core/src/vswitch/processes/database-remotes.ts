// The remotes of a database server (--remote, ovsdb-server/add-remote): streams that it listens on or connects to, and columns
// of databases that name such streams.

import { Refusal } from "../../netlink/refusal.ts";
import { strerror } from "../../netlink/errno.ts";
import type { StreamSocket } from "../../system/stream-sockets.ts";
import type { Vlog } from "../daemon/log/vlog.ts";
import { ActiveManager, Managers, OVSDB_PORT } from "../ovsdb/remotes.ts";
import type { ManagerHost } from "../ovsdb/remotes.ts";
import type { OvsdbServer } from "../ovsdb/server.ts";
import { parseTarget } from "../ovsdb/stream-target.ts";
import type { StreamTarget } from "../ovsdb/stream-target.ts";
import { SOCKET_MODE } from "../stream-host.ts";
import type { TargetAddress } from "../stream-host.ts";
import { absoluteSocket, plainPath } from "./run-directory.ts";

const MAX_BACKOFF = 8; // seconds

export class DatabaseRemotes {
  readonly #host: ManagerHost;
  readonly #directory: string;
  readonly #server: OvsdbServer;
  readonly #vlog: Vlog;
  /** Undefined where there is nothing to do (yet). */
  readonly #open = new Map<string, { close(): void } | undefined>();

  constructor(host: ManagerHost, directory: string, server: OvsdbServer, vlog: Vlog) {
    this.#host = host;
    this.#directory = directory;
    this.#server = server;
    this.#vlog = vlog;
  }

  get names(): string[] {
    return [...this.#open.keys()].sort();
  }

  has(name: string): boolean {
    return this.#open.has(name);
  }

  /** True if someone who asks for the socket at that path, without links, finds this server. */
  listensOn(path: string): boolean {
    for (const [name, open] of this.#open) {
      if (open === undefined || !name.startsWith("punix:")) continue;
      if (plainPath(absoluteSocket(name.slice("punix:".length), this.#directory)) === path) return true;
    }
    return false;
  }

  /** True if someone who connects to that address finds this server. */
  listensAt(address: TargetAddress): boolean {
    for (const [name, open] of this.#open) {
      if (open === undefined) continue;
      const names = open instanceof Managers ? open.targets : [name];
      if (names.some((each) => takes(parseTarget(each, OVSDB_PORT), address))) return true;
    }
    return false;
  }

  /** Why a column cannot name remotes (parse_db_column of the original); undefined if it can, or the remote is no column. */
  hindrance(name: string): string | undefined {
    if (!name.startsWith("db:")) return undefined;
    const [database, table, column] = name
      .slice("db:".length)
      .split(",")
      .filter((word) => word !== "");
    if (database === undefined || table === undefined || column === undefined) {
      return `"${name}": invalid syntax`;
    }
    const known = this.#server.databases.get(database);
    if (!known) return `"${name}": no database named ${database}`;
    const columns = known.schema.tables.get(table)?.columns;
    if (!columns) return `"${name}": no table named ${table}`;
    return columns.has(column) ? undefined : `"${name}": table "${table}" has no column "${column}"`;
  }

  add(name: string): void {
    if (!this.#open.has(name)) this.#open.set(name, this.#start(name));
  }

  #start(name: string): { close(): void } | undefined {
    if (name.startsWith("db:")) return this.#column(name);
    const target = parseTarget(name, OVSDB_PORT);
    const accept = (socket: StreamSocket, closed?: () => void) => this.#server.accept(socket, closed);
    switch (target.type) {
      case "passive":
        try {
          return { close: this.#listen(name, target.address, accept) };
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          this.#vlog.log("ovsdb_jsonrpc_server", "err", `${name}: listen failed: ${strerror(error.errno)}`);
          return undefined;
        }
      case "active":
        return new ActiveManager(this.#host, target, MAX_BACKOFF, accept);
      default:
        return undefined;
    }
  }

  /** What the system has chosen is told in the log (inet_open_passive). Errors: Refusal. */
  #listen(name: string, address: TargetAddress, accept: (socket: StreamSocket) => void): () => void {
    return this.#host.listenStream(
      address,
      SOCKET_MODE,
      (socket) => accept(socket),
      (port) => {
        if (address.family === "unix" || address.port !== 0) return;
        this.#vlog.log(
          "socket_util",
          "info",
          `${name.slice(name.indexOf(":") + 1)}: listening on port ${port}`,
        );
      },
    );
  }

  #column(name: string): { close(): void } | undefined {
    const [database = "", table = "", column = ""] = name.slice(3).split(",");
    const schema = this.#server.databases.get(database)?.schema.tables.get(table)?.columns.get(column);
    if (!schema) {
      this.#vlog.log("ovsdb_server", "warn", `no such column: ${name.slice(3)}`);
      return undefined;
    }
    return new Managers(this.#host, this.#server, this.#server.local(database), table, schema);
  }

  /** Databases have come or gone: columns that could not be followed may be there now, others are no longer. */
  databasesChanged(): void {
    for (const [name, open] of this.#open) {
      if (!name.startsWith("db:")) continue;
      open?.close();
      this.#open.set(name, this.#column(name));
    }
  }

  remove(name: string): void {
    this.#open.get(name)?.close();
    this.#open.delete(name);
  }

  close(): void {
    for (const open of this.#open.values()) open?.close();
    this.#open.clear();
  }
}

function takes(target: StreamTarget, address: TargetAddress): boolean {
  if (target.type !== "passive" || target.address.family === "unix" || address.family === "unix")
    return false;
  const { address: own, port, ssl = false } = target.address;
  const isAny = own.every((byte) => byte === 0);
  const isSame =
    own.length === address.address.length && own.every((byte, at) => byte === address.address[at]);
  return port === address.port && ssl === (address.ssl ?? false) && (isAny || isSame);
}

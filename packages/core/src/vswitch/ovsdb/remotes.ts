// Who else speaks with the database server: the rows of table Manager (ovsdb-server --remote=db:Open_vSwitch,Open_vSwitch,
// manager_options). The server connects to active targets again and again (Open vSwitch's lib/reconnect.c) and listens on
// passive ones; the columns is_connected and status tell how that goes.

import { ERRNO, strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { StreamHost, TargetAddress } from "../stream-host.ts";
import type { RowChange } from "../../ovsdb/database.ts";
import type { ColumnSchema } from "../../ovsproto/ovsdb/schema.ts";
import { readStream } from "../../system/stream-sockets.ts";
import type { StreamSocket } from "../../system/stream-sockets.ts";
import type { Timer } from "../../system/system.ts";
import type { LocalClient, RowValues } from "./local-client.ts";
import type { OvsdbServer } from "./server.ts";
import { parseTarget } from "./stream-target.ts";
import type { StreamTarget } from "./stream-target.ts";
import type { RowView } from "./value.ts";

/** IANA's port of OVSDB. */
export const OVSDB_PORT = 6640;
const DEFAULT_BACKOFF = 8;
const SOCKET_MODE = 0o750;
/** Between writes of the status, nanoseconds (update_remote_status of ovsdb-server). */
const STATUS_INTERVAL = 2.5e9;

export interface ManagerHost extends StreamHost {
  /** Nanoseconds. */
  monotonic(): number;
  after(delay: number, fire: () => void): Timer;
}

/** Who hears of attempts to connect, in the words of lib/reconnect.c. */
export interface Attempts {
  attempt(text: string): void;
}

const SILENT: Attempts = { attempt: () => {} };

/** One that the server connects to. */
export class ActiveManager {
  readonly #host: ManagerHost;
  readonly #target: () => StreamTarget;
  readonly #told: Attempts;
  readonly #accept: (socket: StreamSocket, closed: () => void) => () => void;
  /** Seconds. */
  maxBackoff: number;
  #backoff = 0;
  #deadline = 0;
  #timer: Timer | undefined;
  #end: (() => void) | undefined;
  /** Ends an attempt that is going on. */
  #opening: (() => void) | undefined;
  #closed = false;
  #since: number | undefined;
  #until: number | undefined;

  constructor(
    host: ManagerHost,
    target: StreamTarget | (() => StreamTarget),
    maxBackoff: number,
    accept: (socket: StreamSocket, closed: () => void) => () => void,
    told: Attempts = SILENT,
  ) {
    this.#told = told;
    this.#host = host;
    this.#target = typeof target === "function" ? target : () => target;
    this.maxBackoff = maxBackoff;
    this.#accept = accept;
    this.#connect();
  }

  #connect(): void {
    if (this.#closed) return;
    this.#deadline = this.#host.monotonic() + this.#backoff * 1e9;
    const quiet = this.#backoff >= this.maxBackoff;
    const target = this.#target();
    if (!quiet) this.#told.attempt("connecting...");
    try {
      if (target.type !== "active") throw new Refusal(ERRNO.EAFNOSUPPORT);
      this.#open(this.#host.connectStream(target.address));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#failed(error.errno);
    }
  }

  /** Waits until the connection is there, as long as one waits for that (reconnect_run()). */
  #open(socket: StreamSocket): void {
    const opened = (): void => {
      this.#told.attempt("connected");
      this.#since = this.#host.monotonic();
      this.#end = this.#accept(socket, () => this.#lost());
    };
    if (socket.output.ready) {
      opened();
      return;
    }
    const stop = (): void => {
      this.#opening = undefined;
      timer.cancel();
      unsubscribe();
    };
    const failed = (): void => {
      stop();
      socket.close();
      this.#failed(errno);
    };
    let errno: number = ERRNO.ETIMEDOUT;
    const timer = this.#host.after(Math.max(1, this.#backoff) * 1e9, failed);
    const unsubscribe = socket.output.subscribe(() => {
      if (!socket.output.ready) return;
      stop();
      // what has failed meanwhile is told by the first who reads
      errno = 0;
      const early = readStream(socket, (refusal) => (errno = refusal.errno));
      if (early) socket.input.unread(early);
      if (errno !== 0 || early === null) failed();
      else opened();
    });
    this.#opening = () => {
      stop();
      socket.close();
    };
  }

  #lost(): void {
    if (!this.#end) return;
    this.#end = undefined;
    this.#until = this.#host.monotonic();
    this.#wait();
  }

  #failed(errno: number): void {
    const quiet = this.#backoff >= this.maxBackoff;
    const first = this.#backoff === 0;
    if (!quiet) this.#told.attempt(`connection attempt failed (${strerror(errno)})`);
    this.#wait();
    if (first || quiet) return;
    this.#told.attempt(
      this.#backoff < this.maxBackoff
        ? `waiting ${this.#backoff} seconds before reconnect`
        : "continuing to reconnect in the background but suppressing further logging",
    );
  }

  /** Twice as long each time, unless the connection was there for a while. */
  #wait(): void {
    if (this.#closed) return;
    const now = this.#host.monotonic();
    this.#backoff =
      now >= this.#deadline && this.#backoff > 0 && this.#since !== undefined
        ? 1
        : Math.max(1, 2 * this.#backoff);
    this.#backoff = Math.min(this.#backoff, this.maxBackoff);
    this.#timer = this.#host.after(this.#backoff * 1e9, () => this.#connect());
  }

  columns(): RowValues {
    const now = this.#host.monotonic();
    const ago = (then: number) => String(Math.floor((now - then) / 1e9));
    return {
      is_connected: this.#end !== undefined,
      status: {
        ...(this.#since === undefined ? {} : { sec_since_connect: ago(this.#since) }),
        ...(this.#until === undefined ? {} : { sec_since_disconnect: ago(this.#until) }),
        state: this.#end ? "ACTIVE" : this.#opening ? "CONNECTING" : "BACKOFF",
      },
    };
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#opening?.();
    this.#end?.();
  }
}

/** One that connects to the server. */
class PassiveManager {
  readonly #host: ManagerHost;
  readonly #ends = new Set<() => void>();
  #port: number | undefined;
  #stop: () => void = () => {};
  #since: number;
  #until: number;

  constructor(
    host: ManagerHost,
    address: TargetAddress,
    accept: (socket: StreamSocket, closed: () => void) => () => void,
  ) {
    this.#host = host;
    this.#since = this.#until = host.monotonic();
    const connected = (socket: StreamSocket) => {
      this.#since = host.monotonic();
      const end = accept(socket, () => {
        this.#ends.delete(end);
        this.#until = host.monotonic();
      });
      this.#ends.add(end);
    };
    this.#stop = host.listenStream(address, SOCKET_MODE, connected, (port) => (this.#port = port));
  }

  columns(): RowValues {
    const now = this.#host.monotonic();
    const connected = this.#ends.size;
    const ago = (then: number) => String(Math.floor((now - then) / 1e9));
    return {
      is_connected: connected > 0,
      status: {
        ...(this.#port === undefined ? {} : { bound_port: String(this.#port) }),
        ...(connected > 1 ? { n_connections: String(connected) } : {}),
        sec_since_connect: ago(this.#since),
        sec_since_disconnect: ago(this.#until),
      },
    };
  }

  close(): void {
    this.#stop();
    for (const end of this.#ends) end();
  }
}

/** The remotes that a column names: strings, or rows of a table with a column "target". */
export class Managers {
  readonly #host: ManagerHost;
  readonly #server: OvsdbServer;
  readonly #database: LocalClient;
  readonly #table: string;
  readonly #column: ColumnSchema;
  readonly #managers = new Map<string, ActiveManager | PassiveManager>();
  readonly #unsubscribe: () => void;
  #pending = false;
  #watching = false;
  #closed = false;

  constructor(
    host: ManagerHost,
    server: OvsdbServer,
    database: LocalClient,
    table: string,
    column: ColumnSchema,
  ) {
    this.#host = host;
    this.#server = server;
    this.#database = database;
    this.#table = table;
    this.#column = column;
    const { refTable } = column.type.key;
    const isAbout = ({ table: { name }, old, new: row, columns }: RowChange): boolean =>
      name === refTable || (name === table && (!old || !row || columns.includes(column.name)));
    this.#unsubscribe = database.subscribe(({ changes }) => {
      if (this.#pending || !changes.some(isAbout)) return;
      this.#pending = true;
      host.after(0, () => this.#follow());
    });
    this.#follow();
  }

  /** Rows that name remotes, if the column refers to such; targets that it names itself. */
  get #targets(): Map<string, RowView | undefined> {
    const { name, type } = this.#column;
    const targets = new Map<string, RowView | undefined>();
    for (const row of this.#database.rows(this.#table)) {
      if (type.key.type === "string") {
        for (const target of row.strings(name)) targets.set(target, undefined);
      } else if (type.key.refTable !== undefined) {
        for (const each of this.#database.follow(row, name, type.key.refTable)) {
          if (each.row.values.has("target")) targets.set(each.string("target") ?? "", each);
        }
      }
    }
    return targets;
  }

  /** Those that it listens on or connects to now. */
  get targets(): string[] {
    return [...this.#managers.keys()];
  }

  #follow(): void {
    this.#pending = false;
    if (this.#closed) return;
    const targets = this.#targets;
    for (const [target, manager] of this.#managers) {
      if (targets.has(target)) continue;
      manager.close();
      this.#managers.delete(target);
    }
    for (const [target, row] of targets) {
      const known = this.#managers.get(target);
      if (known instanceof ActiveManager) known.maxBackoff = backoffOf(row);
      if (!known) this.#add(target, row);
    }
    if (this.#managers.size > 0) this.#watch();
  }

  #add(target: string, row: RowView | undefined): void {
    const parsed = parseTarget(target, OVSDB_PORT);
    const onlyReads = row?.row.values.get("read_only")?.keys[0] === true;
    const role = row?.row.values.get("role")?.keys[0];
    const accept = (socket: StreamSocket, closed: () => void) =>
      this.#server.accept(socket, closed, onlyReads, typeof role === "string" ? role : "");
    if (parsed.type === "passive") {
      try {
        this.#managers.set(target, new PassiveManager(this.#host, parsed.address, accept));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error; // it is tried again when the table changes
      }
      return;
    }
    if (parsed.type === "refused" && parsed.passive) return;
    this.#managers.set(target, new ActiveManager(this.#host, parsed, backoffOf(row), accept));
  }

  #watch(): void {
    if (this.#watching) return;
    this.#watching = true;
    this.#host.after(STATUS_INTERVAL, () => {
      this.#watching = false;
      if (this.#closed) return;
      this.#write();
      if (this.#managers.size > 0) this.#watch();
    });
  }

  #write(): void {
    const { refTable } = this.#column.type.key;
    if (refTable === undefined) return;
    this.#database.transact((write) => {
      for (const [target, row] of this.#targets) {
        const columns = this.#managers.get(target)?.columns() ?? { is_connected: false, status: {} };
        if (!row) continue;
        const known = Object.entries(columns).filter(([name]) => row.row.values.has(name));
        write.set(refTable, row.uuid, Object.fromEntries(known));
      }
    });
  }

  close(): void {
    this.#closed = true;
    this.#unsubscribe();
    for (const manager of this.#managers.values()) manager.close();
    this.#managers.clear();
  }
}

function backoffOf(row: RowView | undefined): number {
  const backoff = row?.row.values.has("max_backoff") === true ? row.number("max_backoff") : undefined;
  return backoff === undefined ? DEFAULT_BACKOFF : Math.max(1, Math.floor(backoff / 1000));
}

// The switch daemon's connection to its database (ovsdb-cs.c, with lib/reconnect.c's waits). The server is a part of the same
// system, so what goes over the connection are calls; that it is not there, comes, and goes is as with a socket.

import { Refusal } from "../../netlink/refusal.ts";
import { readStream } from "../../system/stream-sockets.ts";
import type { StreamSocket } from "../../system/stream-sockets.ts";
import { OVSDB_PORT } from "../ovsdb/remotes.ts";
import type { TargetAddress } from "../stream-host.ts";
import type { Nanoseconds, Timer } from "../../system/system.ts";
import { ERRNO, strerror } from "../../netlink/errno.ts";
import type { Vlog } from "../daemon/log/vlog.ts";
import type { CommitListener } from "../../ovsdb/database.ts";
import type { DatabaseClient, LocalClient, Writer } from "../ovsdb/local-client.ts";
import { parseTarget } from "../ovsdb/stream-target.ts";
import type { RowView } from "../ovsdb/value.ts";
import type { DatabaseServer } from "./database-server.ts";

const DATABASE = "Open_vSwitch";
/** Seconds; failures that are logged before the log has enough of them (reconnect_run). */
const MAX_BACKOFF = 8;

/** Finds who listens on an address, or the errno of the attempt. */
export type FindServer = (address: TargetAddress) => DatabaseServer | number;

export class DatabaseLink implements DatabaseClient {
  readonly #remote: string;
  readonly #find: FindServer;
  readonly #after: (delay: Nanoseconds, fire: () => void) => Timer;
  readonly #vlog: Vlog;
  readonly #listeners = new Set<CommitListener>();
  readonly #connectStream: (address: TargetAddress) => StreamSocket;
  #stream: StreamSocket | undefined;
  #client: LocalClient | undefined;
  #endings: (() => void)[] = [];
  #retry: Timer | undefined;
  #backoff = 0;
  #closed = false;
  /** Told when there is a database, each time anew. */
  onConnected: () => void = () => {};

  constructor(
    remote: string,
    find: FindServer,
    after: (delay: Nanoseconds, fire: () => void) => Timer,
    vlog: Vlog,
    connectStream: (address: TargetAddress) => StreamSocket,
  ) {
    this.#connectStream = connectStream;
    this.#remote = remote;
    this.#find = find;
    this.#after = after;
    this.#vlog = vlog;
  }

  get connected(): boolean {
    return this.#client !== undefined;
  }

  connect(): void {
    this.#retry = undefined;
    if (this.#closed) return;
    const quiet = this.#backoff >= MAX_BACKOFF;
    const log = (text: string) => {
      if (!quiet) this.#vlog.log("reconnect", "info", `${this.#remote}: ${text}`);
    };
    log("connecting...");
    const target = parseTarget(this.#remote, OVSDB_PORT);
    if (target.type !== "active") {
      const errno = target.type === "refused" ? target.errno : ERRNO.EAFNOSUPPORT;
      this.#failed(`connection attempt failed (${strerror(errno)})`, log);
      return;
    }
    if (target.address.family === "unix") this.#found(this.#find(target.address), log);
    else this.#openStream(target.address, log);
  }

  #failed(text: string, log: (text: string) => void): void {
    log(text);
    this.#wait(log);
  }

  /** Another host, or SSL: the stream tells whether there is a way, and stays as long as the server is used. */
  #openStream(address: TargetAddress, log: (text: string) => void): void {
    let socket: StreamSocket;
    try {
      socket = this.#connectStream(address);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#failed(`connection attempt failed (${strerror(error.errno)})`, log);
      return;
    }
    this.#stream = socket;
    const opened = (): void => {
      let errno = 0;
      readStream(socket, (refusal) => (errno = refusal.errno));
      if (errno === 0) this.#found(this.#find(address), log);
      else {
        this.#dropStream();
        this.#failed(`connection attempt failed (${strerror(errno)})`, log);
      }
    };
    if (socket.output.ready) {
      opened();
      return;
    }
    const timeout = this.#after(Math.max(1, this.#backoff) * 1e9, () => {
      end();
      this.#dropStream();
      this.#failed("connection attempt timed out", log);
    });
    const end = socket.output.subscribe(() => {
      if (!socket.output.ready) return;
      end();
      timeout.cancel();
      opened();
    });
    this.#endings.push(() => {
      end();
      timeout.cancel();
    });
  }

  #dropStream(): void {
    this.#stream?.close();
    this.#stream = undefined;
  }

  #found(found: DatabaseServer | number, log: (text: string) => void): void {
    if (typeof found === "number") {
      this.#dropStream();
      this.#failed(`connection attempt failed (${strerror(found)})`, log);
      return;
    }
    this.#vlog.log("reconnect", "info", `${this.#remote}: connected`);
    this.#backoff = 0;
    const { server } = found;
    // a server that does not have the database (yet) is waited for
    if (!server.databases.has(DATABASE)) {
      this.#dropStream();
      this.#wait(log);
      return;
    }
    const client = server.local(DATABASE);
    if (!this.#stream) server.countConnection();
    this.#client = client;
    this.#endings = [
      client.subscribe((commit) => {
        for (const listener of [...this.#listeners]) listener(commit);
      }),
      found.whenEnded(() => this.#lost()),
    ];
    this.onConnected();
  }

  /** Twice as long each time. */
  #wait(log: (text: string) => void): void {
    const first = this.#backoff === 0;
    this.#backoff = first ? 1 : Math.min(MAX_BACKOFF, 2 * this.#backoff);
    if (!first) {
      log(
        this.#backoff < MAX_BACKOFF
          ? `waiting ${this.#backoff} seconds before reconnect`
          : "continuing to reconnect in the background but suppressing further logging",
      );
    }
    this.#retry = this.#after(this.#backoff * 1e9, () => this.connect());
  }

  #lost(): void {
    this.#leave();
    this.#vlog.log("reconnect", "info", `${this.#remote}: connection closed by peer`);
    this.#backoff = 1;
    this.#retry = this.#after(1e9, () => this.connect());
  }

  #leave(): void {
    for (const end of this.#endings) end();
    this.#endings = [];
    this.#dropStream();
    this.#client = undefined;
  }

  close(): void {
    this.#closed = true;
    this.#retry?.cancel();
    this.#leave();
  }

  // ---- DatabaseClient: without a connection there are no rows, and what is written is lost

  get tables(): Iterable<string> {
    return this.#client?.tables ?? [];
  }

  rows(table: string): RowView[] {
    return this.#client?.rows(table) ?? [];
  }

  row(table: string, uuid: string): RowView | undefined {
    return this.#client?.row(table, uuid);
  }

  follow(from: RowView, column: string, table: string): RowView[] {
    return this.#client?.follow(from, column, table) ?? [];
  }

  subscribe(listener: CommitListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  transact(write: (writer: Writer) => void): void {
    this.#client?.transact(write);
  }
}

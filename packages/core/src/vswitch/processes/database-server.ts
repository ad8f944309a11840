// ovsdb-server as a process of the system: databases in files, remotes, a control socket (ovsdb-server(1)).

import { OvsdbError } from "../../ovsproto/ovsdb/error.ts";
import { StartFailure } from "../../system/switch-daemons.ts";
import type { DatabaseServerStart, SwitchDaemonProcess } from "../../system/switch-daemons.ts";
import { VERSION } from "../daemon/version.ts";
import type { Database } from "../../ovsdb/database.ts";
import { FileJournal, loadDatabase } from "../../ovsdb/journal.ts";
import { OvsdbServer } from "../ovsdb/server.ts";
import { Backup } from "./backup.ts";
import { registerDatabaseCommands } from "./database-commands.ts";
import { DaemonParts } from "./daemon-host.ts";
import type { AppendedFile, OpenVswitchHost } from "./daemon-host.ts";
import { DatabaseRemotes } from "./database-remotes.ts";
import type { ManagerHost } from "../ovsdb/remotes.ts";
import { Relay, relayFrom } from "./relay.ts";
import { ProcessEnd } from "./process-end.ts";
import { inRunDirectory } from "./run-directory.ts";
import { applySsl, sslOf, withSsl } from "./ssl-streams.ts";
import { columnText } from "./column-text.ts";

/** A database's file, by the name under which it was opened. */
interface OpenFile {
  readonly name: string;
  readonly path: string;
  readonly database: string;
}

export class DatabaseServer implements SwitchDaemonProcess {
  readonly server: OvsdbServer;
  readonly parts: DaemonParts;
  readonly remotes: DatabaseRemotes;
  readonly backup: Backup;
  readonly #host: OpenVswitchHost;
  readonly #end = new ProcessEnd();
  readonly #files: OpenFile[] = [];
  readonly #relays = new Map<string, Relay>();
  readonly #streams: ManagerHost;
  /** Files that servers of this system have open (their lock files). */
  readonly #locked: Map<string, number>;
  readonly #pid: number;
  readonly #directory: string;
  readonly #configureSsl: () => void;

  /** Errors: StartFailure. */
  constructor(host: OpenVswitchHost, start: DatabaseServerStart, locked: Map<string, number>) {
    this.#host = host;
    this.#locked = locked;
    this.#pid = start.pid;
    this.#directory = start.directory;
    this.parts = new DaemonParts(host, "ovsdb-server", start);
    this.server = new OvsdbServer(host);
    this.server.vlog = this.parts.vlog;
    this.parts.control.onConnection = () => this.server.countConnection();
    const ssl = sslOf(host, this.parts.vlog, start.directory);
    this.#configureSsl = () => applySsl(ssl, start.ssl, (text) => columnText(this.server, text));
    const streams = withSsl(inRunDirectory(host, start.runDirectory), ssl, this.#configureSsl);
    this.#streams = streams;
    this.remotes = new DatabaseRemotes(streams, start.runDirectory, this.server, this.parts.vlog);
    try {
      for (const { name, path } of start.databases) this.openFile(name, path);
      this.backup = new Backup(streams, this.server, this.parts.vlog, start.backup);
      for (const remote of start.remotes) this.#addRemote(remote);
      this.#configureSsl();
    } catch (error) {
      this.#close();
      throw error instanceof OvsdbError ? new StartFailure(error.toString()) : error;
    }
    registerDatabaseCommands(this);
    this.parts.control.register("exit", "", 0, 0, () => {
      this.#host.after(0, () => this.exit());
      return "";
    });
  }

  /** Errors: StartFailure. */
  #addRemote(remote: string): void {
    const hindrance = this.remotes.hindrance(remote);
    if (hindrance !== undefined) throw new StartFailure(`${hindrance}\n`);
    this.remotes.add(remote);
  }

  announce(): void {
    this.parts.vlog.log("ovsdb_server", "info", `ovsdb-server (Open vSwitch) ${VERSION}`);
  }

  /** Errors: OvsdbError, as the original words it. */
  openFile(name: string, path: string): void {
    const relay = relayFrom(name);
    if (relay) {
      this.#addRelay(relay.name, relay.remotes);
      return;
    }
    const taken = this.#files.some((file) => file.path === path);
    if (taken) throw new OvsdbError("ovsdb error", `${name}: already open`);
    const owner = this.#locked.get(path);
    if (owner !== undefined) {
      const lock = `${name.slice(0, name.lastIndexOf("/") + 1)}.${name.slice(name.lastIndexOf("/") + 1)}.~lock~`;
      const text = `${lock}: cannot lock file because it is already locked by pid ${owner}`;
      this.parts.vlog.log("lockfile", "warn", text);
      throw new OvsdbError(
        "I/O error",
        `${name}: failed to lock lockfile (Resource temporarily unavailable)`,
      );
    }
    const bytes = this.#host.readFile(path);
    if (!bytes) throw new OvsdbError("I/O error", `${name}: open failed (No such file or directory)`);
    if (!/^OVSDB (JSON|CLUSTER) /.test(new TextDecoder("latin1").decode(bytes.subarray(0, 16)))) {
      throw new OvsdbError("ovsdb error", `${name}: unexpected file format`);
    }
    const { database, length, damage } = loadDatabase(bytes, () => this.#host.random32());
    if (this.server.databases.has(database.schema.name)) {
      throw new OvsdbError("ovsdb error", `${database.schema.name}: duplicate database name`);
    }
    if (damage) this.parts.vlog.log("ovsdb_server", "err", `${damage.tag}: ${name}: ${damage.message}`);
    const journal = this.journalOf(path, damage && bytes.subarray(0, length));
    journal.resume(length);
    this.addDatabase(database, journal, name, path);
  }

  #addRelay(name: string, remotes: readonly string[]): void {
    if (this.server.names.includes(name))
      throw new OvsdbError("ovsdb error", `${name}: duplicate database name`);
    const random32 = (): number => this.#host.random32();
    this.#relays.set(name, new Relay(this.#streams, this.server, this.parts.vlog, random32, name, remotes));
  }

  /** Where a name leads from the daemon's working directory. */
  absolute(name: string): string {
    return name.startsWith("/") ? name : `${this.#directory === "/" ? "" : this.#directory}/${name}`;
  }

  /** @param good what the file holds in front of its damage, which is cut off when something is written behind it */
  journalOf(path: string, good?: Uint8Array): FileJournal {
    let kept = good;
    let file: AppendedFile | undefined;
    return new FileJournal(
      {
        append: (make) => {
          if (kept) this.#host.replaceFile(path, kept);
          kept = undefined;
          file ??= this.#host.openAppending(path);
          file.appendLater(make);
        },
        length: () => this.#host.fileLength(path),
        replace: (bytes) => {
          this.#host.replaceFile(path, bytes);
          file = undefined;
        },
      },
      () => this.#host.realtime(),
    );
  }

  addDatabase(database: Database, journal: FileJournal, name: string, path: string): void {
    this.server.add(database, journal);
    this.#files.push({ name, path, database: database.schema.name });
    this.#locked.set(path, this.#pid);
    database.subscribe(({ changes }) => {
      if (changes.some(({ table }) => table.name === "SSL")) this.#configureSsl();
    });
    this.remotes.databasesChanged();
  }

  /** False if there is no such database. */
  removeDatabase(name: string): boolean {
    const at = this.#files.findIndex(({ database }) => database === name);
    const [file] = at < 0 ? [] : this.#files.splice(at, 1);
    const relay = this.#relays.get(name);
    if (relay) {
      this.#relays.delete(name);
      relay.close();
      this.server.remove(name);
      return true;
    }
    if (!file) return false;
    this.#locked.delete(file.path);
    this.server.remove(name);
    this.remotes.databasesChanged();
    return true;
  }

  onReady(told: () => void): void {
    this.#host.after(0, told);
  }

  onExit(told: (code: number) => void): void {
    this.#end.onExit(told);
  }

  /** For clients in this system. The returned function ends the subscription. */
  whenEnded(told: () => void): () => void {
    return this.#end.subscribe(told);
  }

  detach(): void {
    this.parts.vlog.setLevel(undefined, "console", "off");
  }

  exit(): void {
    this.#close();
    this.#end.exit(0);
  }

  /** Its log says nothing of the end by a signal. */
  kill(): void {
    if (this.#end.ended) return;
    this.#close();
    this.#end.killed();
  }

  #close(): void {
    this.remotes.close();
    for (const relay of this.#relays.values()) relay.close();
    this.backup?.close(); // it is not there yet if a database cannot be opened
    this.server.close();
    for (const { path } of this.#files) this.#locked.delete(path);
    this.parts.close();
  }
}

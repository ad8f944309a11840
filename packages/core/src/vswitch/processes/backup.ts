// What a database server knows of the server whose backup it is or may become, and the commands about that (ovsdb-server(1),
// "Active-Backup Commands"). As long as it is a backup, its clients only read.

import type { BackupStart } from "../../system/switch-daemons.ts";
import type { Vlog } from "../daemon/log/vlog.ts";
import type { ManagerHost } from "../ovsdb/remotes.ts";
import type { OvsdbServer } from "../ovsdb/server.ts";
import type { RegisterCommand } from "./database-commands.ts";
import { ExcludedTables } from "./excluded-tables.ts";
import { Replication } from "./replication.ts";

export class Backup {
  readonly #host: ManagerHost;
  readonly #server: OvsdbServer;
  readonly #vlog: Vlog;
  #from: string | undefined;
  #excludedText: string;
  #replication: Replication | undefined;

  constructor(host: ManagerHost, server: OvsdbServer, vlog: Vlog, start: BackupStart) {
    this.#host = host;
    this.#server = server;
    this.#vlog = vlog;
    this.#from = start.from;
    this.#excludedText = start.excluded;
    // As in the original, what cannot be understood on the command line excludes nothing.
    if (!ExcludedTables.parse(start.excluded)) this.#excludedText = "";
    if (start.from !== undefined && !start.active) this.#connect(start.from);
  }

  get #excluded(): ExcludedTables {
    return ExcludedTables.parse(this.#excludedText) ?? new ExcludedTables();
  }

  #connect(from: string): void {
    this.#replication?.close();
    this.#server.setReadOnly(true);
    const excluded = this.#excluded;
    const replication = new Replication(this.#host, this.#server, this.#vlog, from, excluded);
    replication.onFailed = () => {
      if (this.#replication === replication) this.#disconnect();
    };
    this.#replication = replication;
  }

  #disconnect(): void {
    this.#replication?.close();
    this.#replication = undefined;
    this.#server.setReadOnly(false);
  }

  /** Databases have come or gone: all is asked for anew. */
  databasesChanged(): void {
    if (this.#replication && this.#from !== undefined) this.#connect(this.#from);
  }

  registerCommands(register: RegisterCommand): void {
    register("set-active-ovsdb-server", "", 1, 1, ([from]) => {
      this.#from = from;
      return "";
    });
    register("get-active-ovsdb-server", "", 0, 0, () => this.#from ?? "");
    register("connect-active-ovsdb-server", "", 0, 0, () => {
      if (this.#from === undefined) return "Unable to connect: active server is not specified.\n";
      this.#connect(this.#from);
      return "";
    });
    register("disconnect-active-ovsdb-server", "", 0, 0, () => {
      this.#disconnect();
      return "";
    });
    register("set-active-ovsdb-server-probe-interval", "", 1, 1, ([interval = ""]) =>
      /^\s*[-+]?\d+$/.test(interval) ? "" : "Invalid probe interval, integer value expected",
    );
    register("set-sync-exclude-tables", "", 0, 1, ([text = ""]) => {
      // What cannot be understood changes nothing, and is not told.
      if (!ExcludedTables.parse(text)) return "";
      this.#excludedText = text;
      if (this.#replication && this.#from !== undefined) this.#connect(this.#from);
      return "";
    });
    register("get-sync-exclude-tables", "", 0, 0, () => this.#excluded.text());
    register("sync-status", "", 0, 0, () =>
      this.#replication ? `state: backup\n${this.#replication.status()}` : "state: active\n",
    );
  }

  close(): void {
    this.#replication?.close();
  }
}

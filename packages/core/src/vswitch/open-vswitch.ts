// Open vSwitch's daemons as a part of the embedded system. The standard ones start with the first connection to one of their
// sockets (standard-sockets.ts); others are started by the programs ovsdb-server and ovs-vswitchd.

import { ERRNO } from "../netlink/errno.ts";
import { openVswitchSchema } from "../ovsproto/ovsdb/open-vswitch-schema.ts";
import { asCreated } from "../ovsproto/ovsdb/schema.ts";
import type { Signal } from "../system/signals.ts";
import type { TargetAddress } from "./stream-host.ts";
import type { StreamSocket } from "../system/stream-sockets.ts";
import { FATAL_SIGNALS } from "../system/switch-daemons.ts";
import type { DatabaseServerStart, SwitchDaemonProcess, SwitchStart } from "../system/switch-daemons.ts";
import type { SwitchService } from "./daemon/service.ts";
import type { KernelDatapaths } from "./datapath/kernel-datapaths.ts";
import { VERSION } from "./daemon/version.ts";
import { Database } from "../ovsdb/database.ts";
import type { OvsdbServer } from "./ovsdb/server.ts";
import type { OpenVswitchHost } from "./processes/daemon-host.ts";
import { DatabaseServer } from "./processes/database-server.ts";
import { plainPath } from "./processes/run-directory.ts";
import { SwitchProcess } from "./processes/switch-process.ts";
import {
  DATABASE_FILE,
  LOG_DIRECTORY,
  STANDARD_PIDS,
  USERS_RUN_DIRECTORY,
  VERBOSITY,
} from "./standard-daemons.ts";
import type { StandardName } from "./standard-daemons.ts";
import { RUN_DIRECTORY } from "./standard-sockets.ts";
import type { StandardSocket, StandardSockets } from "./standard-sockets.ts";

const SERVER_PID = STANDARD_PIDS["ovsdb-server"];
const SWITCH_PID = STANDARD_PIDS["ovs-vswitchd"];

export class OpenVswitch {
  readonly #host: OpenVswitchHost;
  readonly #datapaths: KernelDatapaths;
  readonly #sockets: StandardSockets;
  readonly #servers = new Set<DatabaseServer>();
  /** Files that database servers have open, with their process ids. */
  readonly #locked = new Map<string, number>();
  #standardServer: DatabaseServer | undefined;
  #standardSwitch: SwitchProcess | undefined;

  constructor(host: OpenVswitchHost, datapaths: KernelDatapaths, sockets: StandardSockets) {
    this.#host = host;
    this.#datapaths = datapaths;
    this.#sockets = sockets;
  }

  // ---- daemons that programs start

  startDatabaseServer(start: DatabaseServerStart): SwitchDaemonProcess {
    const process = new DatabaseServer(this.#host, start, this.#locked);
    this.#servers.add(process);
    process.whenEnded(() => this.#servers.delete(process));
    return process;
  }

  startSwitch(start: SwitchStart): SwitchDaemonProcess {
    return new SwitchProcess(this.#host, start, (address) => this.#find(address), this.#datapaths);
  }

  /** The process id of the server that has a file open. */
  lockOwner(path: string): number | undefined {
    return this.#locked.get(path);
  }

  runsStandard(name: StandardName): boolean {
    return name === "ovsdb-server"
      ? this.#standardServer !== undefined
      : this.#standardSwitch?.ended === false;
  }

  /** A signal that ends a standard daemon: what lies on it goes at once, its pid file only if it has time to tidy up. */
  killStandard(name: StandardName, signal: Signal): void {
    if (this.#sockets.waiting) this.#startStandard();
    const fatal = FATAL_SIGNALS.get(signal);
    if (name === "ovsdb-server") this.#standardServer?.kill();
    else this.#standardSwitch?.kill(fatal);
    if (fatal) this.#removePidFile(name);
  }

  #removePidFile(name: StandardName): void {
    this.#host.removeFile(`${RUN_DIRECTORY}/${name}.pid`);
  }

  /** The server that listens on an address, as a connection would find it. */
  #find(address: TargetAddress): DatabaseServer | number {
    if (address.family !== "unix") {
      for (const server of this.#servers) if (server.remotes.listensAt(address)) return server;
      return ERRNO.ECONNREFUSED;
    }
    const path = plainPath(address.path);
    if (this.#sockets.waiting && path === `${RUN_DIRECTORY}/db.sock`) this.#startStandard();
    for (const server of this.#servers) if (server.remotes.listensOn(path)) return server;
    return this.#host.readFile(path) === undefined ? ERRNO.ENOENT : ERRNO.ECONNREFUSED;
  }

  // ---- the standard daemons

  /** Takes a connection that waits at a socket of theirs. */
  accept(to: StandardSocket, socket: StreamSocket): void {
    if (this.#sockets.waiting) this.#startStandard();
    if (to === "database") this.server.accept(socket);
    else if (to === "ovsdb-server") this.#standardServer?.parts.control.accept(socket);
    else this.service.control.accept(socket);
  }

  #startStandard(): void {
    this.#sockets.end();
    this.#startStandardServer();
    this.#startStandardSwitch();
  }

  startStandard(name: "ovsdb-server" | "ovs-vswitchd"): void {
    if (this.#sockets.waiting) this.#startStandard();
    else if (name === "ovsdb-server") this.#startStandardServer();
    else this.#startStandardSwitch();
  }

  /** Does nothing if it runs. */
  #startStandardServer(): void {
    if (this.#standardServer) return;
    const process = new DatabaseServer(
      this.#host,
      {
        pid: SERVER_PID,
        runDirectory: USERS_RUN_DIRECTORY,
        control: `${RUN_DIRECTORY}/ovsdb-server.${SERVER_PID}.ctl`,
        logFile: `${LOG_DIRECTORY}/ovsdb-server.log`,
        verbosity: VERBOSITY,
        console: () => {},
        directory: "/",
        databases: [],
        remotes: [],
        ssl: {
          privateKey: "db:Open_vSwitch,SSL,private_key",
          certificate: "db:Open_vSwitch,SSL,certificate",
          authority: { file: "db:Open_vSwitch,SSL,ca_cert", bootstrap: true },
        },
        backup: { from: undefined, excluded: "", active: true },
      },
      this.#locked,
    );
    this.#standardServer = process;
    process.detach();
    this.#servers.add(process);
    this.#openStandardDatabase(process);
    process.remotes.add(`punix:${RUN_DIRECTORY}/db.sock`);
    process.announce();
    process.remotes.add("db:Open_vSwitch,Open_vSwitch,manager_options");
    this.#host.writeFile(`${RUN_DIRECTORY}/ovsdb-server.pid`, `${SERVER_PID}\n`);
    process.onExit(() => this.#removePidFile("ovsdb-server"));
    process.whenEnded(() => {
      this.#servers.delete(process);
      this.#standardServer = undefined;
    });
  }

  /** The database of the file; without one, an empty one with what the start script of the Debian package writes into it. */
  #openStandardDatabase(process: DatabaseServer): void {
    const host = this.#host;
    if (host.readFile(DATABASE_FILE)) process.openFile(DATABASE_FILE, DATABASE_FILE);
    else {
      const database = new Database(asCreated(openVswitchSchema), () => host.random32());
      const journal = process.journalOf(DATABASE_FILE);
      journal.replace(database);
      process.addDatabase(database, journal, DATABASE_FILE, DATABASE_FILE);
    }
    const database = process.server.databases.get("Open_vSwitch");
    if (!database) return;
    const client = process.server.local("Open_vSwitch");
    if (client.rows("Open_vSwitch").length > 0) return;
    client.transact((write) => {
      write.insert("Open_vSwitch", {
        db_version: database.schema.version,
        ovs_version: VERSION,
        system_type: "debian",
        system_version: "12",
        external_ids: {
          hostname: host.hostName,
          rundir: USERS_RUN_DIRECTORY,
          "system-id": database.newUuid(),
        },
      });
    });
  }

  /** Does nothing if it runs. */
  #startStandardSwitch(): void {
    if (this.#standardSwitch && !this.#standardSwitch.ended) return;
    const process = new SwitchProcess(
      this.#host,
      {
        pid: SWITCH_PID,
        runDirectory: USERS_RUN_DIRECTORY,
        control: `${RUN_DIRECTORY}/ovs-vswitchd.${SWITCH_PID}.ctl`,
        logFile: `${LOG_DIRECTORY}/ovs-vswitchd.log`,
        verbosity: VERBOSITY,
        console: () => {},
        directory: "/",
        ssl: {},
        database: `unix:${USERS_RUN_DIRECTORY}/db.sock`,
        dummy: undefined,
        dummyNuma: undefined,
        systemDatapath: true,
      },
      (address) => this.#find(address),
      this.#datapaths,
    );
    this.#standardSwitch = process;
    process.detach();
    process.service.daemon.run();
    this.#host.writeFile(`${RUN_DIRECTORY}/ovs-vswitchd.pid`, `${SWITCH_PID}\n`);
    process.onExit(() => this.#removePidFile("ovs-vswitchd"));
  }

  /** The standard switch daemon; starts it if it has never run. */
  get service(): SwitchService {
    if (this.#sockets.waiting) this.#startStandard();
    return (this.#standardSwitch as SwitchProcess).service;
  }

  /** The standard database server; starts it if it does not run. */
  get server(): OvsdbServer {
    if (this.#sockets.waiting) this.#startStandard();
    this.#startStandardServer();
    return (this.#standardServer as DatabaseServer).server;
  }
}

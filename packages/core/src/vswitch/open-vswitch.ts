// Open vSwitch as a part of the embedded system. Its daemons start with the first connection to one of their sockets in
// /var/run/openvswitch, so that a system without a switch pays nothing for it.

import { parseSchema } from "../ovsproto/ovsdb/schema.ts";
import { SWITCH_PID, SwitchService } from "./daemon/service.ts";
import type { Datapath } from "./datapath/datapath.ts";
import type { SwitchHost } from "./daemon/host.ts";
import { Coverage } from "./daemon/log/coverage.ts";
import { Vlog } from "./daemon/log/vlog.ts";
import { Database } from "../ovsdb/database.ts";
import { FileJournal, loadDatabase } from "../ovsdb/journal.ts";
import { openVswitchSchema } from "../ovsproto/ovsdb/open-vswitch-schema.ts";
import { Managers } from "./ovsdb/remotes.ts";
import type { ServerHost } from "./ovsdb/server.ts";
import { OvsdbServer } from "./ovsdb/server.ts";

/** What Open vSwitch needs of the system around it. */
export interface OpenVswitchHost
  extends ServerHost, Omit<SwitchHost, "vlog" | "coverage" | "nextConnection"> {
  readonly hostName: string;
  writeFile(path: string, text: string): void;
  removeFile(path: string): void;
  /** Since the epoch, microseconds. */
  realtime(): number;
  /** Undefined if there is no such file. */
  readFile(path: string): Uint8Array | undefined;
  /** Makes the file if need be. */
  appendFile(path: string, bytes: Uint8Array): void;
  /** Puts a whole file in the place of another. */
  replaceFile(path: string, bytes: Uint8Array): void;
}

export const RUN_DIRECTORY = "/run/openvswitch";

/** /var/run is a link to /run. */
const USERS_RUN_DIRECTORY = "/var/run/openvswitch";

/** Of db.sock: rwxr-x---. */
const SOCKET_MODE = 0o750;

/** Where the Debian package keeps the database. */
const DATABASE_FILE = "/var/lib/openvswitch/conf.db";

const LOG_FILE = "/var/log/openvswitch/ovs-vswitchd.log";

const VERSION = "3.1.0";

export class OpenVswitch {
  readonly #host: OpenVswitchHost;
  #server: OvsdbServer | undefined;
  #service: SwitchService | undefined;
  readonly #datapaths = new Map<string, Datapath>();
  #endControl: () => void = () => {};

  constructor(host: OpenVswitchHost) {
    this.#host = host;
    host.serve(`${RUN_DIRECTORY}/db.sock`, SOCKET_MODE, (socket) => this.server.accept(socket));
    this.#offerControl();
  }

  /** The control socket and the pid file that leads to it. */
  #offerControl(): void {
    const host = this.#host;
    host.writeFile(`${RUN_DIRECTORY}/ovs-vswitchd.pid`, `${SWITCH_PID}\n`);
    this.#endControl = host.serve(`${RUN_DIRECTORY}/ovs-vswitchd.${SWITCH_PID}.ctl`, SOCKET_MODE, (socket) =>
      this.service.control.accept(socket),
    );
  }

  #startSwitch(server: OvsdbServer): SwitchService {
    const service = new SwitchService(
      this.#switchHost(),
      server.local("Open_vSwitch"),
      RUN_DIRECTORY,
      this.#datapaths,
    );
    service.onExit = () => {
      this.#endControl();
      this.#host.removeFile(`${RUN_DIRECTORY}/ovs-vswitchd.pid`);
    };
    return service;
  }

  /** A daemon that starts opens its log. */
  #switchHost(): SwitchHost {
    const host = this.#host;
    const encoder = new TextEncoder();
    const log = {
      hostName: host.hostName,
      realtime: () => host.realtime(),
      monotonic: () => host.monotonic(),
      append: (text: string) => host.appendFile(LOG_FILE, encoder.encode(text)),
    };
    const vlog = new Vlog(log, "ovs-vswitchd", LOG_FILE, SWITCH_PID);
    let connections = 0;
    vlog.openFile();
    vlog.log("reconnect", "info", `unix:${USERS_RUN_DIRECTORY}/db.sock: connecting...`);
    vlog.log("reconnect", "info", `unix:${USERS_RUN_DIRECTORY}/db.sock: connected`);
    const coverage = new Coverage(() => host.monotonic());
    return { ...host, vlog, coverage, nextConnection: () => connections++ };
  }

  /** Starts the switch daemon again after it has exited. */
  restartSwitch(): void {
    if (!this.#server || this.#service?.daemon.running) return;
    this.#offerControl();
    this.#service = this.#startSwitch(this.#server);
  }

  /** The switch daemon with its sockets; starts it if need be. */
  get service(): SwitchService {
    this.#server ??= this.#start();
    return this.#service as SwitchService;
  }

  /** The database server; starts it if need be. */
  get server(): OvsdbServer {
    this.#server ??= this.#start();
    return this.#server;
  }

  /** The database of the file; without one, an empty one with what the start script of the Debian package writes into it. */
  #start(): OvsdbServer {
    const host = this.#host;
    const server = new OvsdbServer(host);
    const random32 = (): number => host.random32();
    const journal = new FileJournal(
      {
        append: (bytes) => host.appendFile(DATABASE_FILE, bytes),
        replace: (bytes) => host.replaceFile(DATABASE_FILE, bytes),
      },
      () => host.realtime(),
    );
    const bytes = host.readFile(DATABASE_FILE);
    const database = bytes
      ? loadDatabase(bytes, random32).database
      : new Database(parseSchema(openVswitchSchema), random32);
    server.add(database, journal);
    journal.replace(database);
    const client = server.local("Open_vSwitch");
    const values = {
      db_version: database.schema.version,
      ovs_version: VERSION,
      system_type: "debian",
      system_version: "12",
      external_ids: {
        hostname: host.hostName,
        rundir: "/var/run/openvswitch",
        "system-id": database.newUuid(),
      },
    };
    client.transact((write) => {
      const [root] = client.rows("Open_vSwitch");
      if (!root) write.insert("Open_vSwitch", values);
    });
    void new Managers(host, server, client);
    this.#service = this.#startSwitch(server);
    return server;
  }
}

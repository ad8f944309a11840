// Open vSwitch as a part of the embedded system. Its daemons start with the first connection to one of their sockets in
// /var/run/openvswitch, so that a system without a switch pays nothing for it.

import { parseSchema } from "../ovsproto/ovsdb/schema.ts";
import type { StreamSocket } from "../system/stream-sockets.ts";
import { Database } from "./ovsdb/database.ts";
import { openVswitchSchema } from "../ovsproto/ovsdb/open-vswitch-schema.ts";
import type { ServerHost } from "./ovsdb/server.ts";
import { OvsdbServer } from "./ovsdb/server.ts";

/** What Open vSwitch needs of the system around it. */
export interface OpenVswitchHost extends ServerHost {
  readonly hostName: string;
  /** Listens on a path; the returned function ends that and removes the file. */
  serve(path: string, mode: number, connected: (socket: StreamSocket) => void): () => void;
}

export const RUN_DIRECTORY = "/run/openvswitch";

/** Of db.sock: rwxr-x---. */
const SOCKET_MODE = 0o750;

const VERSION = "3.1.0";

export class OpenVswitch {
  readonly #host: OpenVswitchHost;
  #server: OvsdbServer | undefined;

  constructor(host: OpenVswitchHost) {
    this.#host = host;
    host.serve(`${RUN_DIRECTORY}/db.sock`, SOCKET_MODE, (socket) => this.server.accept(socket));
  }

  /** The database server; starts it if need be. */
  get server(): OvsdbServer {
    this.#server ??= this.#start();
    return this.#server;
  }

  /** An empty database with what the start script of the Debian package writes into it. */
  #start(): OvsdbServer {
    const server = new OvsdbServer(this.#host);
    const database = new Database(parseSchema(openVswitchSchema), () => this.#host.random32());
    server.add(database);
    server.local("Open_vSwitch").transact((write) => {
      write.insert("Open_vSwitch", {
        db_version: database.schema.version,
        ovs_version: VERSION,
        system_type: "debian",
        system_version: "12",
        external_ids: {
          hostname: this.#host.hostName,
          rundir: "/var/run/openvswitch",
          "system-id": database.newUuid(),
        },
      });
    });
    return server;
  }
}

// Where the daemons that the system has from the beginning are found: their sockets and pid files in /run/openvswitch are there
// before they are, so that a system without a switch pays nothing for it.

import type { StreamSocket } from "../system/stream-sockets.ts";
import { SOCKET_MODE } from "./stream-host.ts";
import type { OpenVswitchHost } from "./processes/daemon-host.ts";
import { STANDARD_NAMES, STANDARD_PIDS } from "./standard-daemons.ts";

export const RUN_DIRECTORY = "/run/openvswitch";

/** Control sockets have the names that clients make of the pid files. */
const SOCKETS = {
  database: "db.sock",
  "ovsdb-server": `ovsdb-server.${STANDARD_PIDS["ovsdb-server"]}.ctl`,
  "ovs-vswitchd": `ovs-vswitchd.${STANDARD_PIDS["ovs-vswitchd"]}.ctl`,
} as const;

/** Whose socket it is: the database's, or the control socket of a daemon. */
export type StandardSocket = keyof typeof SOCKETS;

export class StandardSockets {
  #ends: readonly (() => void)[];

  /** `connected`: the daemons are to be started, and to take the connection. */
  constructor(host: OpenVswitchHost, connected: (to: StandardSocket, socket: StreamSocket) => void) {
    this.#ends = (Object.keys(SOCKETS) as StandardSocket[]).map((name) =>
      host.serve(`${RUN_DIRECTORY}/${SOCKETS[name]}`, SOCKET_MODE, (socket) => connected(name, socket)),
    );
    for (const name of STANDARD_NAMES)
      host.writeFile(`${RUN_DIRECTORY}/${name}.pid`, `${STANDARD_PIDS[name]}\n`);
  }

  /** Nobody has needed the daemons yet. */
  get waiting(): boolean {
    return this.#ends.length > 0;
  }

  /** The daemons are about to listen there themselves. */
  end(): void {
    for (const end of this.#ends) end();
    this.#ends = [];
  }
}

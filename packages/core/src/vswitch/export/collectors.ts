// Where what is exported goes (Open vSwitch's ofproto/collectors.c): UDP sockets that are connected to the targets of a row.
// Nobody answers; that nobody is there shows at the next datagram.

import { Refusal } from "../../netlink/refusal.ts";
import { ERRNO, strerror } from "../../netlink/errno.ts";
import type { InetAddress } from "../../system/sockets.ts";
import type { Nanoseconds, Timer } from "../../system/system.ts";
import type { Vlog } from "../daemon/log/vlog.ts";
import { formatInetTarget, parseInetTarget } from "../inet-target.ts";

/** A connected UDP socket. */
export interface DatagramSocket {
  /** Errors: Refusal, also of an earlier datagram (ECONNREFUSED). */
  send(bytes: Uint8Array): void;
  readonly local: InetAddress;
  readonly remote: InetAddress;
  close(): void;
}

/** What exporters need of the daemon around them. */
export interface ExportHost {
  readonly vlog: Vlog;
  /** The daemon's clock, which may be stopped and moved by hand. */
  monotonic(): Nanoseconds;
  after(delay: Nanoseconds, fire: () => void): Timer;
  /** Since the epoch, microseconds; it goes on whatever the daemon's clock does. */
  realtime(): number;
  random32(): number;
  /** Errors: Refusal. */
  connectDatagram(to: InetAddress): DatagramSocket;
}

export class Collectors {
  readonly #host: ExportHost;
  readonly #sockets: DatagramSocket[] = [];

  /** Targets that cannot be reached are left out, with a line in the log. */
  constructor(host: ExportHost, targets: readonly string[], defaultPort: number) {
    this.#host = host;
    for (const name of [...targets].sort()) {
      const target = parseInetTarget(name, defaultPort);
      if (!target && defaultPort === 0 && !name.includes(":"))
        host.vlog.log("socket_util", "err", `${name}: port must be specified`);
      try {
        if (!target) throw new Refusal(ERRNO.EAFNOSUPPORT);
        this.#sockets.push(host.connectDatagram(target));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        this.#warn(`couldn't open connection to collector ${name} (${strerror(error.errno)})`);
      }
    }
  }

  get count(): number {
    return this.#sockets.length;
  }

  /** How many of the sockets refused it. */
  send(bytes: Uint8Array): number {
    let errors = 0;
    for (const socket of this.#sockets) {
      try {
        socket.send(bytes);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        const name = `${formatInetTarget(socket.local)}<->${formatInetTarget(socket.remote)}`;
        this.#warn(`${name}: sending to collector failed (${strerror(error.errno)})`);
        errors++;
      }
    }
    return errors;
  }

  #warn(text: string): void {
    this.#host.vlog.limited("collectors", "collectors", "warn", text);
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
    this.#sockets.length = 0;
  }
}

/** Two rows name the same targets. */
export function sameTargets(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((target) => b.includes(target));
}

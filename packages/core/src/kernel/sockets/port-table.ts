// Ports in use: UDP's, or the ids of ping sockets. Who may share one, and which is free (net/ipv4/udp.c: udp_lib_get_port,
// net/ipv4/ping.c: ping_get_port).

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { IpSocket } from "./ip-socket.ts";

const NONE: readonly IpSocket[] = [];

/** Two addresses to listen on that a packet may both match. */
function overlap(a: IpSocket, b: IpSocket): boolean {
  const meet = a.local === undefined || b.local === undefined || a.local === b.local;
  return meet && ((a.takesIpv4 && b.takesIpv4) || (a.takesIpv6 && b.takesIpv6));
}

export class PortTable<S extends IpSocket> {
  readonly #sockets = new Map<number, S[]>();

  /** Sockets with this port, the newest first. */
  at(port: number): readonly S[] {
    return this.#sockets.get(port) ?? (NONE as readonly S[]);
  }

  *all(): Generator<S> {
    for (const port of [...this.#sockets.keys()].sort((a, b) => a - b)) yield* this.at(port);
  }

  #conflict(socket: S, port: number): boolean {
    return this.at(port).some((other) => {
      if (other === socket || (other.options.reuseAddress && socket.options.reuseAddress)) return false;
      const a = other.options.boundDevice;
      const b = socket.options.boundDevice;
      return (a === 0 || b === 0 || a === b) && overlap(other, socket);
    });
  }

  /**
   * Gives the socket a port of its own: `wanted`, or for 0 a free one from the range.
   * Errors: EADDRINUSE.
   */
  take(socket: S, wanted: number, first: number, last: number): number {
    let port = wanted;
    if (port === 0) {
      const count = last - first + 1;
      const start = socket.kernel.random.below(count);
      for (let step = 0; step < count && port === 0; step++) {
        const candidate = first + ((start + step) % count);
        if (!this.#conflict(socket, candidate)) port = candidate;
      }
    } else if (this.#conflict(socket, port)) port = 0;
    if (port === 0) throw new Refusal(ERRNO.EADDRINUSE);
    const list = this.#sockets.get(port);
    if (list === undefined) this.#sockets.set(port, [socket]);
    else list.unshift(socket);
    return port;
  }

  release(socket: S): void {
    const list = this.#sockets.get(socket.port);
    const index = list?.indexOf(socket) ?? -1;
    if (list === undefined || index < 0) return;
    list.splice(index, 1);
    if (list.length === 0) this.#sockets.delete(socket.port);
  }
}

// Which UDP socket a datagram would go to, and which listener of TCP a SYN, for `trace --dry-run`: the one that names most of it, the newest of equals (compute_score in
// net/ipv4/udp.c and net/ipv6/udp.c). Whether a program reads it is not known.

import { formatBytes } from "../../why/network-state.ts";
import type { LinkState, SocketState } from "../../why/network-state.ts";
import { domainOf } from "./stack.ts";

export interface Datagram {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly ports: readonly [source: number, destination: number];
}

/** Whether a socket bound to `device` hears what comes in by a device (inet_sk_bound_dev_eq). */
function hears(device: number, link: LinkState, transport: "udp" | "tcp"): boolean {
  const domain = domainOf(link);
  if (device === 0)
    return domain === undefined || link.place.sysctl(`ipv4/${transport}_l3mdev_accept`) === "1";
  return device === link.index || device === domain?.index;
}

/** How much of a datagram a socket names; -1 if it does not take it. */
function fit(
  socket: SocketState,
  link: LinkState,
  { source, destination, ports }: Datagram,
  transport: "udp" | "tcp" = "udp",
): number {
  const v4 = destination.length === 4;
  if (socket.port !== ports[1] || !(v4 ? socket.ipv4 : socket.ipv6) || !hears(socket.device, link, transport))
    return -1;
  let score = v4 === (socket.family === "inet") ? 2 : 1;
  if (socket.local !== undefined) {
    if (formatBytes(socket.local) !== formatBytes(destination)) return -1;
    score += 4;
  }
  if (socket.remote !== undefined) {
    if (formatBytes(socket.remote) !== formatBytes(source) || socket.remotePort !== ports[0]) return -1;
    score += 8;
  }
  return socket.device === 0 ? score : score + 4;
}

/** The socket that gets a datagram that came in by a device; `many`: all of them get one to a group. */
export function socketsFor(link: LinkState, datagram: Datagram, many: boolean): SocketState[] {
  const fitting = link.place
    .udpSockets()
    .map((socket) => ({ socket, score: fit(socket, link, datagram) }))
    .filter(({ score }) => score >= 0)
    .sort((a, b) => b.score - a.score)
    .map(({ socket }) => socket);
  return many ? fitting : fitting.slice(0, 1);
}

/** The listener that gets a SYN; undefined if there is none. */
export function listenerFor(link: LinkState, segment: Datagram): SocketState | undefined {
  let best: SocketState | undefined;
  let bestScore = -1;
  for (const socket of link.place.tcpListeners()) {
    const score = fit(socket, link, segment, "tcp");
    if (score <= bestScore) continue;
    best = socket;
    bestScore = score;
  }
  return best;
}

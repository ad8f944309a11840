// The sockets of ping: what both families set, and the device and source address of probes.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import type { InetSocket } from "../../system/sockets.ts";
import { complain, fail } from "../iputils/arguments.ts";
import type { PingOptions } from "./options.ts";

/** net.core.rmem_max, bytes: more is not given to sockets. */
const RECEIVE_LIMIT = 212_992;
const RECEIVE_WANTED = 65_536;

/** A socket and how it was made. */
export interface PingSocket {
  readonly socket: InetSocket;
  readonly type: "SOCK_DGRAM" | "SOCK_RAW";
}

/** Runs `call`; a refusal ends the process with `text` and the errno. */
export function orFail<T>(process: Process, text: string, call: () => T): T {
  try {
    return call();
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return fail(process, 2, refusal.errno, text);
  }
}

/** A ping socket, or where those are not allowed a raw one. Undefined if neither can be had and `required` is false. */
export function openPingSocket(
  process: Process,
  options: PingOptions,
  family: "inet" | "inet6",
  required: boolean,
): PingSocket | undefined {
  const protocol = family === "inet" ? 1 : 58;
  // A chosen id needs a raw socket; IPv6 ones could bind it.
  const datagram = options.identifier === undefined || (family === "inet6" && options.identifier !== 0);
  let errno = 0;
  if (datagram) {
    try {
      return { socket: process.inet({ family, type: "datagram", protocol }), type: "SOCK_DGRAM" };
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      ({ errno } = refusal);
    }
  }
  const fallback: readonly number[] = [0, ERRNO.EAFNOSUPPORT, ERRNO.EPROTONOSUPPORT, ERRNO.EACCES];
  if (fallback.includes(errno)) {
    try {
      return { socket: process.inet({ family, type: "raw", protocol }), type: "SOCK_RAW" };
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      ({ errno } = refusal);
    }
  }
  if (required || options.verbose) complain(process, errno, "socket");
  if (required) process.exit(2);
  return undefined;
}

/** Buffers for packets of about `cost` bytes each, and what else is set on any socket. */
export function setUpSocket(process: Process, options: PingOptions, socket: InetSocket, cost: number): void {
  socket.setOption("SO_SNDBUF", options.sendBuffer || cost);
  const wanted = cost * options.preload;
  socket.setOption("SO_RCVBUF", Math.max(wanted, RECEIVE_WANTED));
  if (2 * Math.min(Math.max(wanted, RECEIVE_WANTED), RECEIVE_LIMIT) < wanted) {
    complain(process, 0, "WARNING: probably, rcvbuf is not enough to hold preload");
  }
}

/** What is set right before the first probe. */
export function finishSocket(options: PingOptions, socket: InetSocket): void {
  if (options.dontRoute) socket.setOption("SO_DONTROUTE", true);
  if (!options.latency) socket.setOption("SO_TIMESTAMP", true);
  if (options.mark !== undefined) socket.setOption("SO_MARK", options.mark);
}

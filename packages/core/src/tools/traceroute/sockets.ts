// The sockets of traceroute's probes: how they are set up, and its words for what the system refuses.

import { ERRNO, strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import type { InetAddress, InetSocket } from "../../system/sockets.ts";
import type { ResolvedHost } from "../resolver/hosts.ts";
import type { TraceOptions } from "./options.ts";

/** A refused call: the line that was begun ends, then what was refused; status 1. */
export function systemError(process: Process, what: string, errno: number): never {
  process.flush();
  process.warn(`\n${what}: ${strerror(errno)}\n`);
  process.exit(1);
}

export function orError<T>(process: Process, what: string, call: () => T): T {
  try {
    return call();
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return systemError(process, what, refusal.errno);
  }
}

/** Options, device and source address of a probe's socket. `route`: bytes of a source route. */
export function tuneSocket(
  process: Process,
  options: TraceOptions,
  host: ResolvedHost,
  socket: InetSocket,
  route: Uint8Array | undefined,
): void {
  const v4 = host.family === "inet";
  if (options.mark !== 0) socket.setOption("SO_MARK", options.mark);
  if (route !== undefined) {
    orError(process, "setsockopt IP_OPTIONS", () => socket.setOption("IP_OPTIONS", route));
  }
  const { device } = options;
  if (device !== undefined) {
    orError(process, "setsockopt SO_BINDTODEVICE", () => socket.setOption("SO_BINDTODEVICE", device));
  }
  const source = options.source?.address ?? new Uint8Array(v4 ? 4 : 16);
  const local: InetAddress = { address: source, port: options.sourcePort, scope: options.source?.scope ?? 0 };
  orError(process, "bind", () => socket.bind(local));
  const discovery = options.dontFragment ? 3 : 0;
  if (v4) {
    socket.setOption("IP_MTU_DISCOVER", discovery);
    if (options.tos !== 0) socket.setOption("IP_TOS", options.tos & 0xff);
  } else {
    socket.setOption("IPV6_MTU_DISCOVER", discovery);
    if (options.flowLabel !== 0) socket.setOption("IPV6_FLOWLABEL", options.flowLabel & 0xf_ffff);
    if (options.tos !== 0) socket.setOption("IPV6_TCLASS", options.tos & 0xff);
  }
  if (options.noRoute) socket.setOption("SO_DONTROUTE", true);
  socket.setOption("SO_TIMESTAMP", true);
  socket.setOption(v4 ? "IP_RECVTTL" : "IPV6_RECVHOPLIMIT", true);
}

export function setTtl(host: ResolvedHost, socket: InetSocket, ttl: number): void {
  socket.setOption(host.family === "inet" ? "IP_TTL" : "IPV6_UNICAST_HOPS", ttl);
}

export function useErrorQueue(host: ResolvedHost, socket: InetSocket): void {
  socket.setOption(host.family === "inet" ? "IP_RECVERR" : "IPV6_RECVERR", true);
}

/** Sends on a connected socket; false if there may be a chance later. */
export function sendProbe(process: Process, socket: InetSocket, bytes: Uint8Array): boolean {
  try {
    socket.sendTo(bytes);
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    const { errno } = refusal;
    if (errno === ERRNO.ENOBUFS || errno === ERRNO.EAGAIN) return false;
    // The error queue says more.
    if (errno !== ERRNO.EMSGSIZE && errno !== ERRNO.EHOSTUNREACH) systemError(process, "send", errno);
  }
  return true;
}

/** The bytes of probes. */
export function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => 0x40 + (index & 0x3f));
}

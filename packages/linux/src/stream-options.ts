// Options of tcp(7) sockets on the real kernel, set between socket(2) and bind(2).

import type { StreamAddress, StreamOptions } from "@patchcord/core/system/stream-sockets.ts";
import { setOption } from "./libc.ts";
import { SO, SOL } from "./socket-constants.ts";

const IPPROTO_TCP = 6;
const TCP = { NODELAY: 1, MAXSEG: 2, KEEPIDLE: 4, KEEPINTVL: 5, KEEPCNT: 6, CONGESTION: 13 } as const;
const KEEPALIVE = 9;
const REUSEPORT = 15;
/** By family: level, type of service, time to live. */
const NETWORK = { inet: [SOL.IP, 1, 2], inet6: [SOL.IPV6, 67, 16] } as const;
const V6ONLY = 26;

function text(value: string): Uint8Array {
  return new TextEncoder().encode(`${value}\0`);
}

/** Errors: Refusal of setsockopt(2). */
export function setStreamOptions(fd: number, { family }: StreamAddress, options: StreamOptions): void {
  if (family === "unix") return;
  const [level, serviceType, timeToLive] = NETWORK[family];
  const set = (at: number, name: number, value: number | Uint8Array | undefined): void => {
    if (value !== undefined) setOption(fd, at, name, value);
  };
  set(SOL.SOCKET, SO.REUSEADDR, options.reuseAddress === true ? 1 : undefined);
  set(SOL.SOCKET, REUSEPORT, options.reusePort === true ? 1 : undefined);
  set(SOL.SOCKET, SO.BINDTODEVICE, options.device === undefined ? undefined : text(options.device));
  set(SOL.SOCKET, SO.MARK, options.mark);
  set(SOL.SOCKET, SO.RCVBUF, options.receiveBuffer);
  set(SOL.SOCKET, SO.SNDBUF, options.sendBuffer);
  set(level, serviceType, options.tos);
  set(level, timeToLive, options.ttl);
  if (family === "inet6")
    set(SOL.IPV6, V6ONLY, options.v6only === undefined ? undefined : Number(options.v6only));
  set(IPPROTO_TCP, TCP.NODELAY, options.noDelay === true ? 1 : undefined);
  set(IPPROTO_TCP, TCP.MAXSEG, options.maximumSegment);
  set(IPPROTO_TCP, TCP.CONGESTION, options.congestion === undefined ? undefined : text(options.congestion));
  const { keepAlive } = options;
  if (keepAlive === undefined || keepAlive === false) return;
  set(SOL.SOCKET, KEEPALIVE, 1);
  if (keepAlive === true) return;
  set(IPPROTO_TCP, TCP.KEEPIDLE, keepAlive.idle);
  set(IPPROTO_TCP, TCP.KEEPINTVL, keepAlive.interval);
  set(IPPROTO_TCP, TCP.KEEPCNT, keepAlive.count);
}

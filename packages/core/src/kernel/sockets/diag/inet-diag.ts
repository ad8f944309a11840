// UDP, raw and TCP in sock_diag (net/ipv4/inet_diag.c, udp_diag.c, raw_diag.c). Filters in byte code are left to
// the asking program, which applies them again anyway.

import { ERRNO } from "../../../netlink/errno.ts";
import { Refusal } from "../../../netlink/refusal.ts";
import {
  decodeInetDiagRequest,
  encodeInetDiagSocket,
  INET_DIAG_EXTENSION,
} from "../../../netlink/sock-diag/inet.ts";
import type { InetDiagRequest, InetDiagSocket } from "../../../netlink/sock-diag/inet.ts";
import { memoryList, SOCKET_STATE } from "../../../netlink/sock-diag/sock-diag.ts";
import { AF } from "../../../netlink/rtnl/types.ts";
import { IpProtocol } from "../../../wire/ip-protocol.ts";
import { isMalformed } from "../../../wire/malformed.ts";
import type { Request } from "../../netlink/handlers.ts";
import type { Netns } from "../../netns.ts";
import { addressBytes } from "../ip-address.ts";
import type { SocketFamily } from "../ip-address.ts";
import type { IpSocket } from "../ip-socket.ts";
import { rawSockets } from "../raw-socket.ts";
import { udpSockets } from "../udp-socket.ts";
import { cookieOf } from "./cookies.ts";
import { destroyTcp, tcpSockets } from "./tcp-diag.ts";

/** Errors: EINVAL for a request that is too short. */
function requested(request: Request): InetDiagRequest {
  const asked = decodeInetDiagRequest(request.message.body);
  if (isMalformed(asked)) throw new Refusal(ERRNO.EINVAL);
  return asked;
}

function familyOf({ family }: InetDiagRequest): SocketFamily {
  return family === AF.INET ? "inet" : "inet6";
}

/** Errors: ENOENT for a protocol that does not tell of its sockets. */
export function dumpInet(request: Request): Uint8Array[] {
  const asked = requested(request);
  const { netns } = request;
  if (asked.longProtocol === undefined && asked.protocol === IpProtocol.TCP)
    return tcpSockets(netns, asked).flatMap((shown) =>
      wanted(asked, shown) ? [encodeInetDiagSocket(shown)] : [],
    );
  return socketsOf(netns, asked).flatMap((socket) => {
    const shown = describe(socket, asked);
    return wanted(asked, shown) ? [encodeInetDiagSocket(shown)] : [];
  });
}

function socketsOf(netns: Netns, asked: InetDiagRequest): IpSocket[] {
  const family = familyOf(asked);
  if (asked.longProtocol === undefined && asked.protocol === IpProtocol.UDP)
    return [...udpSockets(netns).all()].filter((socket) => socket.family === family);
  if (asked.longProtocol === undefined && asked.protocol === IpProtocol.RAW)
    return rawSockets(netns, family).toSorted((a, b) => (a.protocol & 0xff) - (b.protocol & 0xff));
  throw new Refusal(ERRNO.ENOENT);
}

function wanted(asked: InetDiagRequest, shown: Partial<InetDiagSocket>): boolean {
  return (
    shown.family === asked.family &&
    (asked.states & (1 << (shown.state ?? 0))) !== 0 &&
    (asked.sourcePort === 0 || asked.sourcePort === shown.sourcePort) &&
    (asked.destinationPort === 0 || asked.destinationPort === shown.destinationPort)
  );
}

function describe(socket: IpSocket, asked: InetDiagRequest): Partial<InetDiagSocket> {
  const { family, options, queues, kernel } = socket;
  const raw = socket.rawProtocol !== undefined;
  const state = socket.connected ? SOCKET_STATE.ESTABLISHED : SOCKET_STATE.CLOSE;
  const has = (extension: number): boolean => (asked.extensions & extension) !== 0;
  return {
    family: family === "inet" ? AF.INET : AF.INET6,
    state,
    sourcePort: socket.port,
    destinationPort: socket.remotePort,
    source: wide(addressBytes(family, socket.local ?? socket.source)),
    destination: wide(addressBytes(family, socket.remote)),
    ifindex: options.boundDevice,
    cookie: cookieOf(kernel, socket),
    receiveQueue: queues.used,
    inode: socket.inode,
    shutdown: 0,
    tos: has(INET_DIAG_EXTENSION.TOS) ? options.tos : undefined,
    trafficClass:
      has(INET_DIAG_EXTENSION.TCLASS) && family === "inet6" ? Math.max(0, options.trafficClass) : undefined,
    v6only: family === "inet6" && state === SOCKET_STATE.CLOSE ? Number(options.v6only) : undefined,
    mark: options.mark === 0 ? undefined : options.mark,
    options: optionBits(socket),
    protocol: raw ? socket.protocol : undefined,
    memory: has(INET_DIAG_EXTENSION.SKMEMINFO)
      ? memoryList({
          receiveUsed: queues.used,
          receiveBuffer: queues.limit,
          sendUsed: 0,
          sendBuffer: options.sendBuffer,
          forwardAllocated: queues.used > 0 ? 4096 - (queues.used % 4096) : 0,
          sendQueued: 0,
          optionMemory: 0,
          backlog: 0,
          drops: queues.drops,
        })
      : undefined,
  };
}

/** 16 bytes, of which IPv4 uses the first four. */
function wide(address: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(16);
  bytes.set(address);
  return bytes;
}

/** Bits of `struct inet_diag_sockopt`: recverr, hdrincl, mc_loop and mc_all. */
function optionBits({ options }: IpSocket): number {
  const receiveErrors = options.receiveErrors ? 1 : 0;
  const headerIncluded = options.headerIncluded ? 1 << 3 : 0;
  const multicastLoop = options.multicastLoop ? 1 << 4 : 0;
  return receiveErrors | headerIncluded | multicastLoop | (1 << 6);
}

/** SOCK_DESTROY: the program's next call says ECONNABORTED. Errors: ENOENT; EOPNOTSUPP for other protocols. */
export function destroyInet(request: Request): void {
  const asked = requested(request);
  if (asked.protocol === IpProtocol.TCP) {
    destroyTcp(request.netns, asked);
    return;
  }
  const raw = asked.protocol === IpProtocol.RAW;
  if (!raw && asked.protocol !== IpProtocol.UDP) throw new Refusal(ERRNO.EOPNOTSUPP);
  const found = socketsOf(request.netns, asked).find(
    (socket) => cookieOf(socket.kernel, socket) === asked.cookie && socket.port === asked.sourcePort,
  );
  if (!found) throw new Refusal(ERRNO.ENOENT);
  found.abort(ERRNO.ECONNABORTED);
}

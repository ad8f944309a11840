// Stream sockets of tcp(7) between programs of the same namespace. The kernel has no TCP: no segment is sent, so nothing of a
// connection is seen on the loopback device, and one to another host is never established. What listens and connects is
// as with TCP: addresses, ports, who is refused.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { SOCKET_STATE } from "../../netlink/sock-diag/sock-diag.ts";
import { AF } from "../../netlink/rtnl/types.ts";
import { queueConnections, streamSocketPair } from "../../system/stream-sockets.ts";
import type { StreamAddress, StreamListener, StreamSocket } from "../../system/stream-sockets.ts";
import { isLoopbackIpv4, readIpv4Address } from "../../wire/ipv4-address.ts";
import { IPV6_ANY, IPV6_LOOPBACK, readIpv6Address } from "../../wire/ipv6-address.ts";
import { isLoopback } from "../device-register.ts";
import { inet6Netns } from "../ipv6/interface.ts";
import { routeOutput as routeOutput6 } from "../ipv6/route-lookup.ts";
import { ipv4Of } from "../ipv4/namespace.ts";
import { routeOutput } from "../ipv4/route-output.ts";
import type { Netns } from "../netns.ts";

export type InetStreamAddress = StreamAddress & { readonly family: "inet" | "inet6" };

interface Listening {
  readonly netns: Netns;
  readonly inode: number;
  readonly address: InetStreamAddress;
  readonly connected: (socket: StreamSocket) => void;
}

/** What sock_diag tells of a listening socket. `of` is the socket itself. */
export interface ListeningStream {
  readonly of: object;
  readonly family: number;
  readonly state: number;
  readonly sourcePort: number;
  readonly source: Uint8Array;
  readonly inode: number;
  readonly receiveQueue: number;
  readonly sendQueue: number;
  readonly shutdown: number;
  readonly v6only: number | undefined;
}

const BACKLOG = 10;

export class LocalStreams {
  readonly #listening = new Set<Listening>();
  #nextPort = 0;

  /**
   * connect(2). A connection to another host is in progress for ever. Errors: ECONNREFUSED if nobody listens, ENETUNREACH
   * without a way.
   */
  connect(netns: Netns, to: InetStreamAddress): StreamSocket {
    const here = isHere(netns, to);
    const [client, server] = streamSocketPair(to);
    if (!here) return inProgress(client);
    // the source of a packet to an own address is that address
    const from: InetStreamAddress = { ...to, port: this.#clientPort(netns) };
    const listener = [...this.#listening].find((each) => each.netns === netns && takes(each.address, to));
    if (!listener) throw new Refusal(ERRNO.ECONNREFUSED);
    listener.connected({ ...server, remote: from });
    return { ...client, local: from };
  }

  /** Clients get ports one after the other. */
  #clientPort(netns: Netns): number {
    const { localPortFirst, localPortLast } = ipv4Of(netns).settings;
    const next =
      this.#nextPort < localPortFirst || this.#nextPort > localPortLast ? localPortFirst : this.#nextPort;
    this.#nextPort = next + 1;
    return next;
  }

  /**
   * bind(2) and listen(2), for a part of the host: `connected` is called inside connect(2). Returns the address with its
   * port, and what ends it. Errors: EADDRINUSE, EADDRNOTAVAIL.
   */
  serve(
    netns: Netns,
    wanted: InetStreamAddress,
    connected: (socket: StreamSocket) => void,
  ): { readonly address: InetStreamAddress; readonly close: () => void } {
    if (!isAny(wanted) && !isHere(netns, wanted)) throw new Refusal(ERRNO.EADDRNOTAVAIL);
    const address = { ...wanted, port: this.#port(netns, wanted) };
    const listening = { netns, inode: netns.kernel.nextSocketInode(), address, connected };
    this.#listening.add(listening);
    return { address, close: () => this.#listening.delete(listening) };
  }

  /** The listening sockets of a namespace. Connections are not told of. */
  open(netns: Netns): ListeningStream[] {
    return [...this.#listening]
      .filter((listening) => listening.netns === netns)
      .map((listening) => {
        const { address, inode } = listening;
        const source = new Uint8Array(16);
        source.set(address.address);
        const isIpv6 = address.family === "inet6";
        return {
          of: listening,
          family: isIpv6 ? AF.INET6 : AF.INET,
          state: SOCKET_STATE.LISTEN,
          sourcePort: address.port,
          source,
          inode,
          receiveQueue: 0,
          sendQueue: BACKLOG,
          shutdown: 0,
          v6only: isIpv6 ? 0 : undefined,
        };
      });
  }

  #port(netns: Netns, wanted: InetStreamAddress): number {
    const free = (port: number) =>
      ![...this.#listening].some(
        ({ address, netns: place }) =>
          place === netns &&
          address.port === port &&
          (isAny(address) || isAny(wanted) || sameBytes(address.address, wanted.address)),
      );
    if (wanted.port !== 0) {
      if (!free(wanted.port)) throw new Refusal(ERRNO.EADDRINUSE);
      return wanted.port;
    }
    const { localPortFirst, localPortLast } = ipv4Of(netns).settings;
    const count = localPortLast - localPortFirst + 1;
    const start = netns.kernel.random.below(count);
    for (let step = 0; step < count; step++) {
      const port = localPortFirst + ((start + step) % count);
      if (free(port)) return port;
    }
    throw new Refusal(ERRNO.EADDRINUSE);
  }

  /** bind(2) and listen(2), for a program. Errors: as `serve`. */
  listen(netns: Netns, wanted: InetStreamAddress): StreamListener {
    return queueConnections((connected) => this.serve(netns, wanted, connected));
  }
}

/** A socket whose connection is never established. */
function inProgress(socket: StreamSocket): StreamSocket {
  return {
    ...socket,
    neverConnects: true,
    output: { ready: false, write: () => {}, subscribe: () => () => {} },
  };
}

function isAny({ address }: InetStreamAddress): boolean {
  return address.every((byte) => byte === 0);
}

function takes(listening: InetStreamAddress, to: InetStreamAddress): boolean {
  if (listening.port !== to.port) return false;
  // without IPV6_V6ONLY the address :: takes IPv4 too
  if (isAny(listening)) return listening.family === "inet6" || to.family === "inet";
  return sameBytes(listening.address, to.address);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

/**
 * True for an address of this namespace: those of the loopback device also while that is down, since nothing goes over it.
 * Errors: Refusal if there is no way to it.
 */
function isHere(netns: Netns, { address }: InetStreamAddress): boolean {
  if (address.length === 4) {
    const destination = readIpv4Address(address, 0);
    if (isLoopbackIpv4(destination)) return true;
    const route = routeOutput(ipv4Of(netns), { destination });
    if (typeof route === "number") throw new Refusal(route);
    return isLoopback(route.device);
  }
  const namespace = inet6Netns.of(netns);
  if (!namespace) throw new Refusal(ERRNO.EAFNOSUPPORT);
  const destination = readIpv6Address(address, 0);
  if (destination === IPV6_LOOPBACK) return true;
  const route = routeOutput6(namespace, { destination, source: IPV6_ANY });
  if (route.error !== 0) throw new Refusal(route.error);
  return isLoopback(route.device);
}

// Stream sockets of tcp(7) for programs and for the parts of the host that are no programs: connect(2), bind(2) and listen(2).

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type {
  StreamAddress,
  StreamListener,
  StreamOptions,
  StreamSocket,
} from "../../system/stream-sockets.ts";
import { isLinkLocalIpv6 } from "../../wire/ipv6-address.ts";
import { inet6Netns } from "../ipv6/interface.ts";
import type { Netns } from "../netns.ts";
import type { IpAddress, SocketFamily } from "../sockets/ip-address.ts";
import { addressOf } from "../sockets/ip-address.ts";
import * as ipv4 from "../sockets/ipv4-flow.ts";
import * as ipv6 from "../sockets/ipv6-flow.ts";
import { bindConflicts } from "./bind.ts";
import { openConnection } from "./connect.ts";
import type { SocketIdentity } from "./connect.ts";
import { connectionTable } from "./connection-table.ts";
import { Listener } from "./listener.ts";
import { streamAddress, TcpSocket } from "./socket.ts";
import { PLAIN_SETTINGS } from "./tcb.ts";
import type { SocketSettings } from "./tcb.ts";

export type InetStreamAddress = StreamAddress & { readonly family: "inet" | "inet6" };

const BACKLOG = 128;

function deviceIndex(netns: Netns, name: string | undefined): number {
  if (name === undefined || name === "") return 0;
  const device = netns.device(name);
  if (device === undefined) throw new Refusal(ERRNO.ENODEV);
  return device.ifindex;
}

function settingsOf({
  noDelay,
  keepAlive,
  maximumSegment,
  receiveBuffer,
  sendBuffer,
}: StreamOptions): SocketSettings {
  const timed = typeof keepAlive === "object" ? keepAlive : undefined;
  return {
    ...PLAIN_SETTINGS,
    noDelay: noDelay === true,
    keepAlive: keepAlive !== undefined && keepAlive !== false,
    keepIdle: timed?.idle,
    keepInterval: timed?.interval,
    keepCount: timed?.count,
    maximumSegment: maximumSegment ?? 0,
    // setsockopt(2) keeps twice what is asked for.
    receiveBuffer: receiveBuffer === undefined ? undefined : Math.max(receiveBuffer * 2, 2304),
    sendBuffer: sendBuffer === undefined ? undefined : Math.max(sendBuffer * 2, 4608),
  };
}

function identityOf(
  netns: Netns,
  family: SocketFamily,
  options: StreamOptions,
  scope: number,
): SocketIdentity {
  const bound = deviceIndex(netns, options.device);
  if (scope !== 0 && bound !== 0 && scope !== bound) throw new Refusal(ERRNO.EINVAL);
  if (family === "inet6" && inet6Netns.of(netns) === undefined) throw new Refusal(ERRNO.EAFNOSUPPORT);
  return {
    netns,
    family,
    settings: settingsOf(options),
    way: { tos: options.tos ?? 0, ttl: options.ttl ?? 0, mark: options.mark ?? 0, device: bound || scope },
    congestion: options.congestion,
  };
}

/** Errors: EADDRNOTAVAIL and others of bind(2). */
function checkLocal(identity: SocketIdentity, address: IpAddress | undefined, scope: number): void {
  const { netns, way } = identity;
  if (typeof address === "number") ipv4.checkBind(netns, address, false, way.device);
  else if (address !== undefined) ipv6.checkBind(netns, address, scope, way.device);
}

/** Errors: EADDRINUSE. */
function checkPort(
  { netns, family, way }: SocketIdentity,
  local: IpAddress | undefined,
  options: StreamOptions,
): void {
  const port = options.local?.port ?? 0;
  if (port === 0) return;
  const conflict = bindConflicts(connectionTable(netns), {
    local,
    port,
    takesIpv4: family === "inet" || typeof local !== "string",
    takesIpv6: family === "inet6" && typeof local !== "number",
    boundDevice: way.device,
    reuseAddress: options.reuseAddress === true,
    reusePort: options.reusePort === true,
  });
  if (conflict) throw new Refusal(ERRNO.EADDRINUSE);
}

function scopeOf({ scope = 0 }: InetStreamAddress, address: IpAddress | undefined): number {
  return typeof address === "string" && isLinkLocalIpv6(address) ? scope : 0;
}

/**
 * socket(2), bind(2) if an own address is wanted, and connect(2), which goes on by itself: the SYN was sent. `settle` runs what calls
 * set off. Errors: ENETUNREACH and what routes refuse with; ECONNREFUSED to those who look at once; EADDRNOTAVAIL, EADDRINUSE, ENODEV, EINVAL, EAFNOSUPPORT.
 */
export function connectTcp(
  netns: Netns,
  to: InetStreamAddress,
  options: StreamOptions,
  settle: () => void,
): TcpSocket {
  const { family } = to;
  const remote = addressOf(family, to.address);
  const identity = identityOf(netns, family, options, scopeOf(to, remote));
  const local = options.local && addressOf(family, options.local.address);
  if (options.local !== undefined) {
    checkLocal(identity, local, to.scope ?? 0);
    checkPort(identity, local, options);
  }
  const tcb = openConnection({
    ...identity,
    remote,
    remotePort: to.port,
    local,
    localPort: options.local?.port ?? 0,
  });
  const socket = new TcpSocket(tcb, settle);
  settle();
  if (options.looksAtOnce === true && tcb.error !== 0) throw new Refusal(tcb.error);
  return socket;
}

/** A listener for a part of the host: `connected` gets each connection while the kernel takes its last segment. */
export interface TcpService {
  readonly address: InetStreamAddress;
  close(): void;
}

/** socket(2), bind(2) and listen(2). Errors: EADDRINUSE, EADDRNOTAVAIL, EACCES, ENODEV. */
function openListener(netns: Netns, wanted: InetStreamAddress, options: StreamOptions): Listener {
  const { family } = wanted;
  const local = addressOf(family, wanted.address);
  const scope = scopeOf(wanted, local);
  const identity = identityOf(netns, family, options, scope);
  checkLocal(identity, local, scope);
  return new Listener(
    {
      ...identity,
      table: connectionTable(netns),
      v6only: options.v6only ?? ipv6.standardV6only(netns),
      reuseAddress: options.reuseAddress ?? true,
      reusePort: options.reusePort === true,
      backlog: options.backlog ?? BACKLOG,
    },
    { local, port: wanted.port },
  );
}

/** As `openListener`. `accepted` hears of every socket that accept(2) makes. */
export function listenTcp(
  netns: Netns,
  wanted: InetStreamAddress,
  options: StreamOptions,
  settle: () => void,
  accepted: (socket: TcpSocket) => void,
): StreamListener & { readonly inode: number; readonly closed: boolean } {
  const listener = openListener(netns, wanted, options);
  return {
    address: streamAddress(listener.family, listener.local, listener.port),
    inode: listener.inode,
    get closed() {
      return listener.closed;
    },
    get ready() {
      return listener.accepted.length > 0 || listener.error !== 0;
    },
    subscribe: (wake) => listener.wakers.subscribe(wake),
    accept: () => {
      if (listener.error !== 0) throw new Refusal(listener.error);
      const tcb = listener.accept();
      if (tcb === undefined) return undefined;
      const socket = new TcpSocket(tcb, settle);
      accepted(socket);
      return socket;
    },
    close: () => {
      listener.close();
      settle();
    },
  };
}

export function serveTcp(
  netns: Netns,
  wanted: InetStreamAddress,
  options: StreamOptions,
  settle: () => void,
  connected: (socket: StreamSocket) => void,
): TcpService {
  const listener = openListener(netns, wanted, options);
  listener.wakers.subscribe(() => {
    for (let tcb = listener.accept(); tcb !== undefined; tcb = listener.accept())
      connected(new TcpSocket(tcb, settle));
  });
  return {
    address: streamAddress(listener.family, listener.local, listener.port),
    close: () => listener.close(),
  };
}

// TCP's sockets in sock_diag (net/ipv4/tcp_diag.c, inet_diag.c): listeners, connections, requests and what is left of connections.

import { ERRNO } from "../../../netlink/errno.ts";
import { Refusal } from "../../../netlink/refusal.ts";
import { INET_DIAG_EXTENSION } from "../../../netlink/sock-diag/inet.ts";
import type { InetDiagRequest, InetDiagSocket } from "../../../netlink/sock-diag/inet.ts";
import { memoryList } from "../../../netlink/sock-diag/sock-diag.ts";
import { AF } from "../../../netlink/rtnl/types.ts";
import type { Netns } from "../../netns.ts";
import { congestionControl } from "../../tcp/settings.ts";
import type { Conversation } from "../../tcp/connection-table.ts";
import { existingTable } from "../../tcp/connection-table.ts";
import { abort } from "../../tcp/ending.ts";
import type { Listener } from "../../tcp/listener.ts";
import { TCP_STATE_NUMBER } from "../../tcp/state.ts";
import type { Tcb } from "../../tcp/tcb.ts";
import type { TimeWait } from "../../tcp/time-wait.ts";
import type { ConnectionRequest } from "../../tcp/request.ts";
import { distance } from "../../tcp/sequence.ts";
import { pendingSendTimer } from "../../tcp/timers.ts";
import { addressBytes } from "../ip-address.ts";
import type { IpAddress, SocketFamily } from "../ip-address.ts";
import { cookieOf } from "./cookies.ts";
import { connectionInfo, listenerInfo } from "./tcp-info.ts";

/** idiag_timer */
const TIMER = { OFF: 0, ON: 1, KEEPALIVE: 2, TIME_WAIT: 3, PERSIST: 4 } as const;
const IS_CONNECTION = 1 << 1; // of `options`
const MULTICAST = (1 << 4) | (1 << 6); // mc_loop and mc_all, which are on in every socket

function wide(family: SocketFamily, address: IpAddress | undefined): Uint8Array {
  const bytes = new Uint8Array(16);
  bytes.set(addressBytes(family, address));
  return bytes;
}

function has({ extensions }: InetDiagRequest, extension: number): boolean {
  return (extensions & extension) !== 0;
}

/** In the order of the kernel's tables: listeners, then connections. */
export function tcpSockets(netns: Netns, asked: InetDiagRequest): Partial<InetDiagSocket>[] {
  const table = existingTable(netns);
  if (table === undefined) return [];
  const family: SocketFamily = asked.family === AF.INET ? "inet" : "inet6";
  const listeners = [...table.listeners()].filter((each) => each.family === family);
  const conversations = [...table.all()].filter((each) => familyOf(each) === family);
  return [
    ...listeners.map((listener) => describeListener(listener, asked)),
    ...conversations.map((conversation) => describe(conversation, asked)),
  ];
}

function familyOf(conversation: Conversation): SocketFamily {
  return conversation.kind === "request" ? conversation.listener.family : conversation.family;
}

function describeListener(listener: Listener, asked: InetDiagRequest): Partial<InetDiagSocket> {
  const { family, netns, boundDevice, identity } = listener;
  return {
    family: asked.family,
    state: TCP_STATE_NUMBER.LISTEN,
    sourcePort: listener.port,
    source: wide(family, listener.local),
    destination: new Uint8Array(16),
    ifindex: boundDevice,
    cookie: cookieOf(netns.kernel, listener),
    receiveQueue: listener.accepted.length,
    sendQueue: listener.backlog,
    inode: listener.inode,
    shutdown: 0,
    tos: has(asked, INET_DIAG_EXTENSION.TOS) ? identity.way.tos : undefined,
    trafficClass: has(asked, INET_DIAG_EXTENSION.TCLASS) && family === "inet6" ? identity.way.tos : undefined,
    v6only: family === "inet6" ? Number(listener.v6only) : undefined,
    options: IS_CONNECTION | MULTICAST,
    memory: has(asked, INET_DIAG_EXTENSION.SKMEMINFO)
      ? memory(0, listener.receiveBuffer, 0, listener.settings.sendBuffer ?? 16_384)
      : undefined,
    congestionControl: has(asked, INET_DIAG_EXTENSION.CONG)
      ? (identity.congestion ?? congestionControl(netns))
      : undefined,
    info: has(asked, INET_DIAG_EXTENSION.INFO) ? listenerInfo(listener) : undefined,
  };
}

function memory(
  received: number,
  receiveBuffer: number,
  sent: number,
  sendBuffer: number,
): ReturnType<typeof memoryList> {
  return memoryList({
    receiveUsed: received,
    receiveBuffer,
    sendUsed: 0,
    sendBuffer,
    forwardAllocated: received + sent > 0 ? 4096 - ((received + sent) % 4096) : 0,
    sendQueued: sent,
    optionMemory: 0,
    backlog: 0,
    drops: 0,
  });
}

function describe(conversation: Conversation, asked: InetDiagRequest): Partial<InetDiagSocket> {
  const { ends, way, kind } = conversation;
  const family = familyOf(conversation);
  const common = {
    family: asked.family,
    state: TCP_STATE_NUMBER[conversation.state],
    sourcePort: ends.localPort,
    destinationPort: ends.remotePort,
    source: wide(family, ends.local),
    destination: wide(family, ends.remote),
    ifindex: way.options.device,
    cookie: cookieOf(way.netns.kernel, conversation),
  };
  if (kind === "connection") return { ...common, ...describeConnection(conversation, asked) };
  if (kind === "request") return { ...common, ...describeRequest(conversation) };
  return { ...common, ...describeTimeWait(conversation) };
}

function milliseconds(from: number, to: number): number {
  return Math.max(0, Math.round((to - from) / 1e6));
}

function describeRequest(request: ConnectionRequest): Partial<InetDiagSocket> {
  const { now } = request.way.netns.kernel.clock;
  return {
    timer: TIMER.ON,
    retransmits: request.retransmits,
    expires: milliseconds(now, request.dueAt),
  };
}

function describeTimeWait(left: TimeWait): Partial<InetDiagSocket> {
  const { now } = left.way.netns.kernel.clock;
  return { timer: TIMER.TIME_WAIT, expires: milliseconds(now, left.endsAt) };
}

/** idiag_timer, and what it waits for. */
function timerOf(tcb: Tcb): Partial<InetDiagSocket> {
  const { now } = tcb.kernel.clock;
  const pending = pendingSendTimer(tcb);
  if (pending !== undefined) {
    const persist = pending === "window-probe";
    return {
      timer: persist ? TIMER.PERSIST : TIMER.ON,
      retransmits: persist ? tcb.probesOut : tcb.retransmits,
      expires: milliseconds(now, tcb.sendTimer.due ?? now),
    };
  }
  const { due } = tcb.lifeTimer;
  if (due === undefined) return { timer: TIMER.OFF };
  return { timer: TIMER.KEEPALIVE, retransmits: tcb.probesOut, expires: milliseconds(now, due) };
}

function describeConnection(tcb: Tcb, asked: InetDiagRequest): Partial<InetDiagSocket> {
  const { family, received, way } = tcb;
  const inProgress = tcb.state === "SYN-SENT";
  return {
    ...timerOf(tcb),
    receiveQueue: received.readable,
    sendQueue: inProgress ? 1 : Math.max(0, distance(tcb.sndUna, tcb.writeSeq)),
    inode: tcb.orphaned ? 0 : tcb.inode,
    shutdown: (tcb.receiveShutdown ? 1 : 0) | (tcb.sendShutdown ? 2 : 0),
    tos: has(asked, INET_DIAG_EXTENSION.TOS) ? way.options.tos : undefined,
    trafficClass: has(asked, INET_DIAG_EXTENSION.TCLASS) && family === "inet6" ? way.options.tos : undefined,
    mark: way.options.mark === 0 ? undefined : way.options.mark,
    options: IS_CONNECTION | MULTICAST,
    memory: has(asked, INET_DIAG_EXTENSION.SKMEMINFO)
      ? memory(received.memory, tcb.receiveBuffer, tcb.sending.isEmpty ? 0 : tcb.sendMemory, tcb.sendBuffer)
      : undefined,
    congestionControl: has(asked, INET_DIAG_EXTENSION.CONG) ? tcb.congestion.name : undefined,
    info: has(asked, INET_DIAG_EXTENSION.INFO) ? connectionInfo(tcb) : undefined,
  };
}

/** tcp_diag_destroy(). Errors: ENOENT; EOPNOTSUPP for what no program has. */
export function destroyTcp(netns: Netns, asked: InetDiagRequest): void {
  const table = existingTable(netns);
  const listener = [...(table?.listeners() ?? [])].find(
    (each) => each.port === asked.sourcePort && cookieOf(netns.kernel, each) === asked.cookie,
  );
  if (listener !== undefined) {
    listener.destroy(ERRNO.ECONNABORTED);
    return;
  }
  const found = [...(table?.all() ?? [])].find(
    (each) => each.ends.localPort === asked.sourcePort && cookieOf(netns.kernel, each) === asked.cookie,
  );
  if (found === undefined) throw new Refusal(ERRNO.ENOENT);
  if (found.kind === "connection") abort(found, ERRNO.ECONNABORTED);
  else found.end();
}

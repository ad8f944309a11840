// /proc/net/tcp and tcp6 (tcp4_seq_show, tcp6_seq_show), and TCP's part of sockstat.

import { readU32LE } from "../../wire/bytes.ts";
import type { Kernel } from "../kernel.ts";
import type { Netns } from "../netns.ts";
import { addressBytes } from "../sockets/ip-address.ts";
import type { IpAddress, SocketFamily } from "../sockets/ip-address.ts";
import type { Conversation } from "./connection-table.ts";
import { existingTable } from "./connection-table.ts";
import type { Listener } from "./listener.ts";
import { distance } from "./sequence.ts";
import { TCP_STATE_NUMBER } from "./state.ts";
import type { Tcb } from "./tcb.ts";
import { NO_THRESHOLD } from "./tcb.ts";
import { pendingSendTimer } from "./timers.ts";

const COLUMNS = "st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
const HEADER = `  sl  local_address rem_address   ${COLUMNS}`;
const HEADER6 = `  sl  local_address                         remote_address                        ${COLUMNS}\n`;
/** TMPSZ - 1: rows of IPv4 are filled up to this. */
const ROW_WIDTH = 149;
const POINTER = "0".repeat(16);
const USER_HZ = 100;

function hex(value: number, width: number): string {
  return (value >>> 0).toString(16).toUpperCase().padStart(width, "0");
}

function endpoint(family: SocketFamily, address: IpAddress | undefined, port: number): string {
  const bytes = addressBytes(family, address);
  let text = "";
  for (let at = 0; at < bytes.length; at += 4) text += hex(readU32LE(bytes, at), 8);
  return `${text}:${hex(port, 4)}`;
}

interface Row {
  readonly ends: string;
  readonly state: number;
  readonly sendQueue: number;
  readonly receiveQueue: number;
  readonly timer: number;
  /** Of USER_HZ. */
  readonly when: number;
  readonly retransmits: number;
  readonly probes: number;
  readonly inode: number;
  /** References, pointer, and what only connections have. */
  readonly rest: string;
}

function rowText(row: Row, slot: number): string {
  const queues = `${hex(row.sendQueue, 8)}:${hex(row.receiveQueue, 8)}`;
  const timer = `${hex(row.timer, 2)}:${hex(row.when, 8)} ${hex(row.retransmits, 8)}`;
  const owner = `${"0".padStart(5)} ${String(row.probes).padStart(8)} ${row.inode}`;
  return `${String(slot).padStart(4)}: ${row.ends} ${hex(row.state, 2)} ${queues} ${timer} ${owner} ${row.rest}`;
}

function listenerRow(listener: Listener): Row {
  const { family } = listener;
  return {
    ends: `${endpoint(family, listener.local, listener.port)} ${endpoint(family, undefined, 0)}`,
    state: TCP_STATE_NUMBER.LISTEN,
    sendQueue: 0,
    receiveQueue: listener.accepted.length,
    timer: 0,
    when: 0,
    retransmits: 0,
    probes: 0,
    inode: listener.inode,
    rest: `1 ${POINTER} 100 0 0 10 0`,
  };
}

function ticksUntil(now: number, due: number | undefined): number {
  return due === undefined ? 0 : Math.max(0, Math.floor(((due - now) / 1e9) * USER_HZ));
}

function connectionRow(tcb: Tcb, ends: string): Row {
  const { now } = tcb.kernel.clock;
  const pending = pendingSendTimer(tcb);
  const persist = pending === "window-probe";
  const due = pending === undefined ? tcb.lifeTimer.due : tcb.sendTimer.due;
  const timer = pending === undefined ? (due === undefined ? 0 : 2) : persist ? 4 : 1;
  const { hz } = tcb.kernel.profile;
  const rto = Math.floor((Math.ceil((tcb.roundTrip.rto / 1e6) * hz) * USER_HZ) / hz);
  const ato = Math.floor((tcb.ackTimeout * USER_HZ) / 1000);
  const quick = (tcb.quickAcks << 1) | (tcb.pingPong ? 1 : 0);
  const threshold = tcb.slowStartThreshold >= NO_THRESHOLD ? -1 : tcb.slowStartThreshold;
  const references = tcb.orphaned ? 1 : 2;
  return {
    ends,
    state: TCP_STATE_NUMBER[tcb.state],
    sendQueue: Math.max(0, distance(tcb.sndUna, tcb.writeSeq)),
    receiveQueue: Math.max(0, distance(tcb.copiedSeq, tcb.rcvNxt)),
    timer,
    when: ticksUntil(now, due),
    retransmits: tcb.retransmits,
    probes: tcb.probesOut,
    inode: tcb.orphaned ? 0 : tcb.inode,
    rest: `${references + (pending === undefined ? 0 : 1)} ${POINTER} ${rto} ${ato} ${quick} ${tcb.congestionWindow} ${threshold}`,
  };
}

function conversationRow(conversation: Conversation): Row {
  const { ends, way, kind } = conversation;
  const family = kind === "request" ? conversation.listener.family : conversation.family;
  const names = `${endpoint(family, ends.local, ends.localPort)} ${endpoint(family, ends.remote, ends.remotePort)}`;
  if (kind === "connection") return connectionRow(conversation, names);
  const { now } = way.netns.kernel.clock;
  const request = kind === "request";
  return {
    ends: names,
    state: TCP_STATE_NUMBER[conversation.state],
    sendQueue: 0,
    receiveQueue: 0,
    timer: request ? 1 : 3,
    when: ticksUntil(now, request ? conversation.dueAt : conversation.endsAt),
    retransmits: request ? conversation.retransmits : 0,
    probes: 0,
    inode: 0,
    rest: request ? `0 ${POINTER}` : `3 ${POINTER}`,
  };
}

function rowsOf(netns: Netns, family: SocketFamily): string[] {
  const table = existingTable(netns);
  if (table === undefined) return [];
  const rows: Row[] = [];
  for (const listener of table.listeners()) if (listener.family === family) rows.push(listenerRow(listener));
  for (const conversation of table.all()) {
    const own = conversation.kind === "request" ? conversation.listener.family : conversation.family;
    if (own === family) rows.push(conversationRow(conversation));
  }
  return rows.map(rowText);
}

/** What sockstat tells: sockets in use, without a program, in TIME-WAIT, and all with memory of their own. */
export function tcpUse(
  netns: Netns,
): Readonly<Record<"inUse" | "inUse6" | "orphans" | "timeWaits" | "allocated", number>> {
  const table = existingTable(netns);
  const use = { inUse: 0, inUse6: 0, orphans: 0, timeWaits: table?.timeWaits ?? 0, allocated: 0 };
  if (table === undefined) return use;
  const count = (family: SocketFamily): void => {
    if (family === "inet") use.inUse++;
    else use.inUse6++;
    use.allocated++;
  };
  for (const { family } of table.listeners()) count(family);
  for (const conversation of table.all()) {
    if (conversation.kind !== "connection") continue;
    count(conversation.family);
    if (conversation.orphaned) use.orphans++;
  }
  return use;
}

export function installTcpFiles(kernel: Kernel): void {
  kernel.procNet.set("tcp", (netns) =>
    [HEADER, ...rowsOf(netns, "inet")].map((text) => `${text.padEnd(ROW_WIDTH)}\n`).join(""),
  );
  kernel.procNet.set(
    "tcp6",
    (netns) =>
      HEADER6 +
      rowsOf(netns, "inet6")
        .map((text) => `${text}\n`)
        .join(""),
  );
}

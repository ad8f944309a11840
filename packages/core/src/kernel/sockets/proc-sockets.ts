// What /proc/net shows of IP sockets: udp, raw and icmp for both families, and the summaries sockstat and sockstat6. Addresses are
// printed as the 32-bit words of a little-endian machine, which is what all readers expect.

import { readU32LE } from "../../wire/bytes.ts";
import type { Kernel } from "../kernel.ts";
import { ipv4Of } from "../ipv4/namespace.ts";
import type { Netns } from "../netns.ts";
import { installTcpFiles, tcpUse } from "../tcp/proc.ts";
import { addressBytes } from "./ip-address.ts";
import type { IpAddress, SocketFamily } from "./ip-address.ts";
import type { IpSocket } from "./ip-socket.ts";
import { pingSockets } from "./ping-socket.ts";
import { rawSockets } from "./raw-socket.ts";
import { udpSockets } from "./udp-socket.ts";

const COLUMNS = "st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops";
const HEADER = `  sl  local_address rem_address   ${COLUMNS}`;
const HEADER6 = `  sl  local_address                         remote_address                        ${COLUMNS}\n`;
/** seq_setwidth(): rows of udp and icmp are filled up to this, bytes. */
const ROW_WIDTH = 127;
/** States of TCP that stand for connected and not connected. */
const STATE = { ESTABLISHED: "01", CLOSE: "07" } as const;
const UDP_HASH_SIZE = 1024; // uhash_entries of a host with little memory
const RAW_HASH_SIZE = 256;

function hex(value: number, width: number): string {
  return value.toString(16).toUpperCase().padStart(width, "0");
}

function endpoint(family: SocketFamily, address: IpAddress | undefined, port: number): string {
  const bytes = addressBytes(family, address);
  let text = "";
  for (let at = 0; at < bytes.length; at += 4) text += hex(readU32LE(bytes, at), 8);
  return `${text}:${hex(port, 4)}`;
}

function row(socket: IpSocket, slot: number): string {
  const { family, queues } = socket;
  const local = endpoint(family, socket.local ?? socket.source, socket.port);
  const remote = endpoint(family, socket.remote, socket.remotePort);
  const state = socket.connected ? STATE.ESTABLISHED : STATE.CLOSE;
  const queued = `00000000:${hex(queues.used, 8)} 00:00000000 00000000`;
  const owner = `${"0".padStart(5)} ${"0".padStart(8)} ${socket.inode}`;
  const place = String(slot).padStart(5);
  return `${place}: ${local} ${remote} ${state} ${queued} ${owner} 2 0000000000000000 ${queues.drops}`;
}

/** Rows in the order of the kernel's hash table. */
function table(
  sockets: Iterable<IpSocket>,
  family: SocketFamily,
  slotOf: (socket: IpSocket) => number,
): string[] {
  return [...sockets]
    .filter((socket) => socket.family === family)
    .map((socket) => ({ slot: slotOf(socket), socket }))
    .sort((a, b) => a.slot - b.slot)
    .map(({ slot, socket }) => row(socket, slot));
}

function padded(rows: readonly string[]): string {
  return rows.map((text) => `${text.padEnd(ROW_WIDTH)}\n`).join("");
}

function plain(rows: readonly string[]): string {
  return rows.map((text) => `${text}\n`).join("");
}

const udpSlot = (socket: IpSocket): number => socket.port % UDP_HASH_SIZE;
const rawSlot = (socket: IpSocket): number => socket.protocol % RAW_HASH_SIZE;
const pingSlot = (): number => 0;

function count(sockets: Iterable<IpSocket>, family: SocketFamily): number {
  let found = 0;
  for (const socket of sockets) if (socket.family === family) found++;
  return found;
}

function sockstat(netns: Netns): string {
  const inet = ipv4Of(netns);
  const udp = [...udpSockets(netns).all()];
  const raw = rawSockets(netns, "inet").length;
  const tcp = tcpUse(netns);
  const all =
    tcp.allocated +
    udp.length +
    raw +
    rawSockets(netns, "inet6").length +
    [...pingSockets(netns).all()].length;
  return (
    `sockets: used ${all + netns.endpoints.size + netns.taps.size}\n` +
    `TCP: inuse ${tcp.inUse} orphan ${tcp.orphans} tw ${tcp.timeWaits} alloc ${tcp.allocated} mem 0\n` +
    `UDP: inuse ${count(udp, "inet")} mem 0\n` +
    "UDPLITE: inuse 0\n" +
    `RAW: inuse ${raw}\n` +
    `FRAG: inuse ${inet.reassembly.size} memory ${inet.reassemblyMemory}\n`
  );
}

function sockstat6(netns: Netns): string {
  const udp = count(udpSockets(netns).all(), "inet6");
  const raw = rawSockets(netns, "inet6").length;
  return `TCP6: inuse ${tcpUse(netns).inUse6}\nUDP6: inuse ${udp}\nUDPLITE6: inuse 0\nRAW6: inuse ${raw}\nFRAG6: inuse 0 memory 0\n`;
}

export function installSocketFiles(kernel: Kernel): void {
  installTcpFiles(kernel);
  const files = kernel.procNet;
  const udpHeader = ` ${HEADER}`;
  files.set("udp", (netns) => padded([udpHeader, ...table(udpSockets(netns).all(), "inet", udpSlot)]));
  files.set("udplite", () => padded([udpHeader]));
  files.set("icmp", (netns) => padded([HEADER, ...table(pingSockets(netns).all(), "inet", pingSlot)]));
  files.set("raw", (netns) => plain([HEADER, ...table(rawSockets(netns, "inet"), "inet", rawSlot)]));
  files.set("udp6", (netns) => HEADER6 + plain(table(udpSockets(netns).all(), "inet6", udpSlot)));
  files.set("udplite6", () => HEADER6);
  files.set("icmp6", (netns) => HEADER6 + plain(table(pingSockets(netns).all(), "inet6", pingSlot)));
  files.set("raw6", (netns) => HEADER6 + plain(table(rawSockets(netns, "inet6"), "inet6", rawSlot)));
  files.set("sockstat", sockstat);
  files.set("sockstat6", sockstat6);
}

// IP sockets in ss: UDP, raw and TCP by sock_diag, or from /proc/net where the kernel has no such server.

import { NetlinkClient } from "../../netlink/client.ts";
import { errnoName } from "../../netlink/errno.ts";
import { NLM_F } from "../../netlink/message.ts";
import { Refusal } from "../../netlink/refusal.ts";
import {
  decodeInetDiagSocket,
  encodeInetDiagRequest,
  INET_DIAG_EXTENSION,
  INET_SOCKET_OPTIONS,
} from "../../netlink/sock-diag/inet.ts";
import type { InetDiagSocket } from "../../netlink/sock-diag/inet.ts";
import { SOCK_DIAG } from "../../netlink/sock-diag/sock-diag.ts";
import { AF } from "../../netlink/rtnl/types.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { formatIpv4, readIpv4Address } from "../../wire/ipv4-address.ts";
import { formatIpv6, readIpv6Address } from "../../wire/ipv6-address.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { hostName } from "../resolver/hosts.ts";
import { interfaceName } from "../resolver/interfaces.ts";
import { portText } from "./names.ts";
import { procSockets } from "./proc-sockets.ts";
import type { Session } from "./session.ts";
import { tcpInfoText, timerText } from "./tcp-info.ts";
import { detailText, memoryText, stateColumns } from "./socket.ts";
import type { ShownSocket } from "./socket.ts";

export type InetTable = "raw" | "udp" | "tcp" | "dccp" | "sctp" | "mptcp";

const MPTCP = 262;
const PROTOCOLS: Readonly<Record<InetTable, number>> = {
  raw: IpProtocol.RAW,
  udp: IpProtocol.UDP,
  tcp: IpProtocol.TCP,
  dccp: 33,
  sctp: 132,
  mptcp: MPTCP,
};

const NETIDS: ReadonlyMap<number, string> = new Map([
  [0, "raw"],
  [IpProtocol.UDP, "udp"],
  [IpProtocol.TCP, "tcp"],
  [MPTCP, "mptcp"],
  [132, "sctp"],
  [33, "dccp"],
  [IpProtocol.ICMPV6, "icmp6"],
]);

/** Shows one table's sockets. */
export function showInet(session: Session, table: InetTable): void {
  const { selection } = session;
  if (!selection.families.has("inet") && !selection.families.has("inet6")) return;
  const families: number[] = selection.preferred === "inet6" ? [AF.INET6] : [AF.INET];
  if (selection.preferred !== "inet" && selection.preferred !== "inet6") families.push(AF.INET6);
  for (const family of families) if (!dump(session, table, family)) return fromProc(session, table);
}

/** False if the kernel does not answer. */
function dump(session: Session, table: InetTable, family: number): boolean {
  const { process, options, selection } = session;
  const protocol = PROTOCOLS[table];
  const extensions =
    (options.memory ? INET_DIAG_EXTENSION.MEMINFO | INET_DIAG_EXTENSION.SKMEMINFO : 0) |
    (options.info ? INET_DIAG_EXTENSION.INFO | INET_DIAG_EXTENSION.VEGASINFO | INET_DIAG_EXTENSION.CONG : 0) |
    (options.tos ? INET_DIAG_EXTENSION.TOS | INET_DIAG_EXTENSION.TCLASS : 0);
  const request = encodeInetDiagRequest({
    family,
    protocol: protocol & 0xff,
    extensions,
    states: selection.states,
    longProtocol: protocol > 255 ? protocol : undefined,
  });
  const netlink = process.netlink(4);
  try {
    const result = new NetlinkClient(netlink).dump(SOCK_DIAG.BY_FAMILY, request);
    if (!result.ok) {
      const silent = protocol > 255 || ["ENOENT", "EOPNOTSUPP"].includes(errnoName(result.errno) ?? "");
      if (!silent) process.warn(`RTNETLINK answers: ${result.text}\n`);
      return false;
    }
    for (const { body } of result.messages) {
      const socket = decodeInetDiagSocket(body);
      if (!isMalformed(socket)) showOne(session, table, socket);
    }
    return true;
  } finally {
    netlink.close();
  }
}

function shown(table: InetTable, socket: InetDiagSocket): ShownSocket {
  const length = socket.family === AF.INET ? 4 : 16;
  return {
    family: socket.family === AF.INET ? "inet" : "inet6",
    netid: NETIDS.get(socket.protocol ?? PROTOCOLS[table]) ?? "???",
    state: socket.state,
    receiveQueue: socket.receiveQueue,
    sendQueue: socket.sendQueue,
    local: socket.source.subarray(0, length),
    remote: socket.destination.subarray(0, length),
    localPort: socket.sourcePort,
    remotePort: socket.destinationPort,
    ifindex: socket.ifindex,
    inode: socket.inode,
    uid: socket.uid,
    cookie: socket.cookie,
    mark: socket.mark ?? 0,
  };
}

function showOne(session: Session, table: InetTable, socket: InetDiagSocket): void {
  const { options, selection, output } = session;
  const one = shown(table, socket);
  if (one.family === "inet" ? !selection.families.has("inet") : !selection.families.has("inet6")) return;
  if (session.filter?.(one) === false) return;
  if (options.kill && !kill(session, table, socket)) return;
  const v6only = one.family === "inet6" && socket.v6only === 1;
  output.row(inetColumns(session, table, one, v6only));
  output.more(session.users(one.inode));
  if (options.timers) output.more(timerText(socket.timer, socket.expires, socket.retransmits));
  if (options.details) {
    output.more(detailText(one));
    if (one.family === "inet6" && socket.v6only !== undefined) output.more(` v6only:${socket.v6only}`);
    if (socket.shutdown !== undefined)
      output.more(` ${(socket.shutdown & 1) === 0 ? "<" : "-"}-${(socket.shutdown & 2) === 0 ? ">" : "-"}`);
  }
  if (options.tos) {
    if (socket.tos !== undefined) output.more(` tos:${alternateHex(socket.tos)}`);
    if (socket.trafficClass !== undefined) output.more(` tclass:${alternateHex(socket.trafficClass)}`);
    if (socket.classId !== undefined) output.more(` class_id:${alternateHex(socket.classId)}`);
  }
  if (options.socketOptions && socket.options !== undefined)
    output.more(`${session.lineBreak}inet-sockopt: (${optionNames(socket.options)})`);
  if (options.memory || (options.info && one.netid !== "udp")) {
    if (!options.oneLine) output.more("\n\t");
    output.more(memoryText(socket.memory));
  }
  if (options.info && socket.info !== undefined)
    output.more(tcpInfoText(socket.info, socket.congestionControl, options.timers));
}

/** printf's %#x */
function alternateHex(value: number): string {
  return value === 0 ? "0" : `0x${value.toString(16)}`;
}

function optionNames(bits: number): string {
  return INET_SOCKET_OPTIONS.map((name, at) => ((bits & (1 << at)) === 0 ? "" : ` ${name}`)).join("");
}

function inetColumns(session: Session, table: InetTable, one: ShownSocket, v6only: boolean): string[] {
  const { process, options } = session;
  const transport = table === "raw" ? "raw" : table === "udp" ? "udp" : "tcp";
  const address = (bytes: Uint8Array, ifindex: number): string => {
    const device = ifindex === 0 ? "" : `%${interfaceName(process, ifindex) ?? `if${ifindex}`}`;
    return `${addressText(session, bytes, v6only)}${device}:`;
  };
  const port = (number: number): string => portText(process, number, transport, options.numeric);
  return [
    ...stateColumns(one),
    address(one.local ?? new Uint8Array(4), one.ifindex ?? 0),
    port(one.localPort),
    address(one.remote ?? new Uint8Array(4), 0),
    port(one.remotePort),
  ];
}

function addressText({ process, options }: Session, bytes: Uint8Array, v6only: boolean): string {
  if (bytes.length === 16 && !v6only && bytes.every((byte) => byte === 0)) return "*";
  const name = options.resolve ? hostName(process, bytes) : undefined;
  if (name !== undefined) return name;
  return bytes.length === 4
    ? formatIpv4(readIpv4Address(bytes, 0))
    : `[${formatIpv6(readIpv6Address(bytes, 0))}]`;
}

/** SOCK_DESTROY; false if the socket cannot be ended or is gone. */
function kill({ process }: Session, table: InetTable, socket: InetDiagSocket): boolean {
  const netlink = process.netlink(4);
  try {
    const protocol = PROTOCOLS[table];
    const body = encodeInetDiagRequest({ ...socket, protocol, rawProtocol: socket.protocol ?? 0, states: 0 });
    const result = new NetlinkClient(netlink).request(SOCK_DIAG.DESTROY, NLM_F.ACK, body);
    if (!result.ok && !["EOPNOTSUPP", "ENOENT"].includes(errnoName(result.errno) ?? ""))
      process.warn(`SOCK_DESTROY answers: ${result.text}\n`);
    return result.ok;
  } finally {
    netlink.close();
  }
}

function fromProc(session: Session, table: InetTable): void {
  if (table !== "udp" && table !== "raw" && table !== "tcp") return;
  const { selection, output } = session;
  for (const family of ["inet", "inet6"] as const) {
    if (!selection.families.has(family)) continue;
    let sockets: ShownSocket[];
    try {
      sockets = procSockets(session.process, table, family);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      continue;
    }
    for (const one of sockets) {
      if ((selection.states & (1 << one.state)) === 0 || session.filter?.(one) === false) continue;
      output.row(inetColumns(session, table, one, false));
      output.more(session.users(one.inode));
    }
  }
}

// Packet, netlink and unix sockets in ss.

import { NetlinkClient } from "../../netlink/client.ts";
import { errnoName } from "../../netlink/errno.ts";
import {
  ALL_NETLINK_PROTOCOLS,
  decodeNetlinkDiagSocket,
  decodePacketDiagSocket,
  decodeUnixDiagSocket,
  encodePlainDiagRequest,
  encodeUnixDiagRequest,
  NETLINK_SHOW,
  PACKET_INFO_FLAG,
  PACKET_SHOW,
  UNIX_SHOW,
} from "../../netlink/sock-diag/local.ts";
import type { NetlinkDiagSocket, PacketDiagSocket, UnixDiagSocket } from "../../netlink/sock-diag/local.ts";
import { SOCK_DIAG, SOCKET_STATE } from "../../netlink/sock-diag/sock-diag.ts";
import { AF } from "../../netlink/rtnl/types.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { interfaceName } from "../resolver/interfaces.ts";
import { etherTypeText, netlinkProtocolName } from "./names.ts";
import type { Table } from "./selection.ts";
import type { Session } from "./session.ts";
import { detailText, memoryText, stateColumns } from "./socket.ts";
import type { ShownSocket } from "./socket.ts";

const AF_UNIX = 1;
const AF_NETLINK = 16;
const UNBOUND = 0xffff_ffff;

/** The bodies of a dump; an error other than "no such server" is told. */
function dump({ process }: Session, request: Uint8Array): readonly Uint8Array[] {
  const netlink = process.netlink(4);
  try {
    const result = new NetlinkClient(netlink).dump(SOCK_DIAG.BY_FAMILY, request);
    if (result.ok) return result.messages.map(({ body }) => body);
    if (!["ENOENT", "EOPNOTSUPP"].includes(errnoName(result.errno) ?? ""))
      process.warn(`RTNETLINK answers: ${result.text}\n`);
    return [];
  } finally {
    netlink.close();
  }
}

export function showPackets(session: Session): void {
  const { selection } = session;
  if (!selection.families.has("link") || (selection.states & (1 << SOCKET_STATE.CLOSE)) === 0) return;
  const show =
    PACKET_SHOW.INFO | PACKET_SHOW.MEMINFO | PACKET_SHOW.FILTER | PACKET_SHOW.RING_CFG | PACKET_SHOW.FANOUT;
  for (const body of dump(session, encodePlainDiagRequest({ family: AF.PACKET, show }))) {
    const socket = decodePacketDiagSocket(body);
    if (!isMalformed(socket)) showPacket(session, socket);
  }
}

const SOCK_RAW = 3;

function showPacket(session: Session, socket: PacketDiagSocket): void {
  const { options, output, process } = session;
  const ifindex = socket.info?.ifindex ?? 0;
  const one: ShownSocket = {
    family: "link",
    netid: socket.type === SOCK_RAW ? "p_raw" : "p_dgr",
    state: SOCKET_STATE.CLOSE,
    receiveQueue: socket.memory?.[0] ?? 0,
    sendQueue: 0,
    localPort: ifindex,
    remotePort: 0,
    protocol: socket.protocol,
    ifindex,
    inode: socket.inode,
    uid: socket.uid ?? 0,
    cookie: socket.cookie,
  };
  if (session.filter?.(one) === false) return;
  const device = ifindex === 0 ? "*" : (interfaceName(process, ifindex) ?? `if${ifindex}`);
  output.row([...stateColumns(one), `${etherTypeText(socket.protocol)}:`, device, "*", ""]);
  output.more(session.users(one.inode));
  if (options.details) {
    output.more(detailText(one));
    if (socket.info) {
      const { version, copyThreshold, flags } = socket.info;
      output.more(
        `${session.lineBreak}ver:${version} cpy_thresh:${copyThreshold} flags( ${flagText(flags)} )`,
      );
    }
  }
  if (options.bpf && socket.filter) {
    output.more(`${session.lineBreak}bpf filter (${socket.filter.length}): `);
    for (const { code, jt, jf, k } of socket.filter)
      output.more(` 0x${code.toString(16).padStart(2, "0")} ${jt} ${jf} ${k},`);
  }
  if (options.memory) output.more(memoryText(socket.memory));
}

function flagText(flags: number): string {
  const { RUNNING, AUXDATA, ORIGDEV, VNETHDR, LOSS } = PACKET_INFO_FLAG;
  const names = [
    [RUNNING, "running"],
    [AUXDATA, " auxdata"],
    [ORIGDEV, " origdev"],
    [VNETHDR, " vnethdr"],
    [LOSS, " loss"],
  ] as const;
  return flags === 0 ? "0" : names.map(([bit, name]) => ((flags & bit) === 0 ? "" : name)).join("");
}

export function showNetlink(session: Session): void {
  const { selection } = session;
  if (!selection.families.has("netlink") || (selection.states & (1 << SOCKET_STATE.CLOSE)) === 0) return;
  const request = encodePlainDiagRequest({
    family: AF_NETLINK,
    protocol: ALL_NETLINK_PROTOCOLS,
    show: NETLINK_SHOW.GROUPS | NETLINK_SHOW.MEMINFO,
  });
  for (const body of dump(session, request)) {
    const socket = decodeNetlinkDiagSocket(body);
    if (!isMalformed(socket)) showNetlinkSocket(session, socket);
  }
}

function showNetlinkSocket(session: Session, socket: NetlinkDiagSocket): void {
  const { options, output } = session;
  const one: ShownSocket = {
    family: "netlink",
    netid: "nl",
    state: SOCKET_STATE.CLOSE,
    receiveQueue: socket.memory?.[0] ?? 0,
    sendQueue: socket.memory?.[2] ?? 0,
    localPort: socket.portid,
    remotePort: UNBOUND,
    protocol: socket.protocol,
    inode: socket.inode,
  };
  if (session.filter?.(one) === false) return;
  const owner = portidText(session, socket.portid);
  const peer =
    socket.state === 1 ? [`${socket.destinationGroup}:`, String(socket.destinationPortid)] : ["*", ""];
  output.row([...stateColumns(one), `${netlinkProtocolName(socket.protocol)}:`, owner, ...peer]);
  if (options.details) {
    const groups = (socket.groups?.[0] ?? 0).toString(16).padStart(8, "0");
    output.more(` sk=0 cb=0 groups=0x${groups}`);
  }
  if (options.memory) output.more(`\t${memoryText(socket.memory)}`);
}

/** The kernel, or the process that has the port id for its own. */
function portidText({ process, options }: Session, portid: number): string {
  if (portid === UNBOUND) return "*";
  const signed = String(portid | 0);
  if (options.numeric) return signed;
  if (portid === 0) return "kernel";
  const owner = portid < 0x8000_0000 ? process.find(portid) : undefined;
  if (!owner) return signed;
  const [word = ""] = owner.argv;
  return `${word.slice(word.lastIndexOf("/") + 1).slice(0, 15)}/${portid}`;
}

const UNIX_TYPES: Readonly<Record<number, { readonly table: Table; readonly netid: string }>> = {
  1: { table: "unix_stream", netid: "u_str" },
  2: { table: "unix_dgram", netid: "u_dgr" },
  5: { table: "unix_seqpacket", netid: "u_seq" },
};

export function showUnix(session: Session): void {
  const { selection, options } = session;
  if (!selection.families.has("unix")) return;
  const request = encodeUnixDiagRequest({
    family: AF_UNIX,
    states: selection.states,
    show:
      UNIX_SHOW.NAME |
      UNIX_SHOW.PEER |
      UNIX_SHOW.RQLEN |
      (options.memory ? UNIX_SHOW.MEMINFO : 0) |
      (options.details ? UNIX_SHOW.VFS | UNIX_SHOW.ICONS : 0),
  });
  for (const body of dump(session, request)) {
    const socket = decodeUnixDiagSocket(body);
    if (!isMalformed(socket)) showUnixSocket(session, socket);
  }
}

function showUnixSocket(session: Session, socket: UnixDiagSocket): void {
  const { options, output, selection } = session;
  const kind = UNIX_TYPES[socket.type];
  if (kind && !selection.tables.has(kind.table)) return;
  const path = socket.name && unixName(socket.name);
  const one: ShownSocket = {
    family: "unix",
    netid: kind?.netid ?? "u_dgr",
    state: socket.state,
    receiveQueue: socket.queues?.receive ?? 0,
    sendQueue: socket.queues?.send ?? 0,
    localPort: socket.inode,
    remotePort: socket.peer ?? 0,
    path,
    inode: socket.inode,
  };
  if (session.filter?.(one) === false) return;
  output.row([...stateColumns(one), `${path ?? "*"} `, String(one.localPort), "* ", String(one.remotePort)]);
  output.more(session.users(one.inode));
  if (options.memory) output.more(memoryText(socket.memory));
  if (!options.details) return;
  if (socket.shutdown !== undefined)
    output.more(` ${(socket.shutdown & 1) === 0 ? "<" : "-"}-${(socket.shutdown & 2) === 0 ? ">" : "-"}`);
  if (socket.vfs) {
    const { inode, device } = socket.vfs;
    output.more(
      ` ino:${inode} dev:${(device >>> 8) & 0xfff}/${(device & 0xff) | ((device >>> 12) & 0xfff00)}`,
    );
  }
  if (socket.waiting) output.more(` peers:${socket.waiting.map((inode) => ` ${inode}`).join("")}`);
}

/** A path, or an abstract name with `@` for each NUL. */
function unixName(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes);
  return bytes[0] === 0 ? text.replaceAll("\0", "@") : text.replace(/\0.*/s, "");
}

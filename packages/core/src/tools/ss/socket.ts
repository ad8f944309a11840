// A socket as ss prints and filters it, whatever its family.

export type SocketFamily = "inet" | "inet6" | "link" | "unix" | "netlink";

export interface ShownSocket {
  readonly family: SocketFamily;
  /** Text of the column Netid. */
  readonly netid: string;
  readonly state: number;
  readonly receiveQueue: number;
  readonly sendQueue: number;
  /** Address bytes, of IP sockets. */
  readonly local?: Uint8Array;
  readonly remote?: Uint8Array;
  /** Port; ifindex of a packet socket, port id of a netlink socket, inode of a unix socket. */
  readonly localPort: number;
  readonly remotePort: number;
  /** EtherType of a packet socket, protocol of a netlink socket. */
  readonly protocol?: number;
  /** Name of a unix socket; undefined if it has none. */
  readonly path?: string | undefined;
  readonly ifindex?: number;
  readonly inode: number;
  readonly uid?: number;
  readonly cookie?: bigint;
  readonly mark?: number;
}

const STATES = [
  "UNKNOWN",
  "ESTAB",
  "SYN-SENT",
  "SYN-RECV",
  "FIN-WAIT-1",
  "FIN-WAIT-2",
  "TIME-WAIT",
  "UNCONN",
  "CLOSE-WAIT",
  "LAST-ACK",
  "LISTEN",
  "CLOSING",
];

/** The first four columns. */
export function stateColumns(socket: ShownSocket): string[] {
  return [
    socket.netid,
    STATES[socket.state] ?? "",
    String(socket.receiveQueue).padEnd(6),
    String(socket.sendQueue).padEnd(6),
  ];
}

/** ` ino:... sk:...` of -e. */
export function detailText({ uid = 0, inode, cookie = 0n, mark = 0 }: ShownSocket): string {
  return (
    (uid === 0 ? "" : ` uid:${uid}`) +
    ` ino:${inode} sk:${cookie.toString(16)}` +
    (mark === 0 ? "" : ` fwmark:0x${mark.toString(16)}`)
  );
}

const MEMORY_LETTERS = ["r", "rb", "t", "tb", "f", "w", "o", "bl", "d"];

/** ` skmem:(...)` of -m. */
export function memoryText(memory: readonly number[] | undefined): string {
  if (memory === undefined) return "";
  return ` skmem:(${memory
    .slice(0, MEMORY_LETTERS.length)
    .map((value, at) => `${MEMORY_LETTERS[at]}${value}`)
    .join(",")})`;
}

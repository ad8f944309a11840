// What ss shows: tables of sockets, families and states, as its options and state filters choose them.

import { SOCKET_STATE } from "../../netlink/sock-diag/sock-diag.ts";

/** Tables by the names of -A, in the order in which they are shown. */
export const TABLES = [
  "netlink",
  "packet_raw",
  "packet_dgram",
  "unix_stream",
  "unix_dgram",
  "unix_seqpacket",
  "raw",
  "udp",
  "tcp",
  "dccp",
  "sctp",
  "vsock_stream",
  "vsock_dgram",
  "tipc",
  "xdp",
  "mptcp",
] as const;
export type Table = (typeof TABLES)[number];

export type Family = "inet" | "inet6" | "link" | "unix" | "netlink" | "vsock" | "tipc" | "xdp";

const UNIX: readonly Table[] = ["unix_stream", "unix_dgram", "unix_seqpacket"];
const PACKET: readonly Table[] = ["packet_raw", "packet_dgram"];
const INET: readonly Table[] = ["udp", "dccp", "tcp", "mptcp", "sctp", "raw"];
const VSOCK: readonly Table[] = ["vsock_stream", "vsock_dgram"];

const QUERIES: Readonly<Record<string, readonly Table[]>> = {
  all: TABLES.filter((table) => table !== "tipc"),
  inet: INET,
  unix: UNIX,
  u_str: ["unix_stream"],
  u_dgr: ["unix_dgram"],
  u_seq: ["unix_seqpacket"],
  packet: PACKET,
  p_raw: ["packet_raw"],
  p_dgr: ["packet_dgram"],
  vsock: VSOCK,
  v_str: ["vsock_stream"],
  v_dgr: ["vsock_dgram"],
  ...Object.fromEntries(TABLES.map((table) => [table, [table]])),
};

const bit = (state: number): number => 1 << state;
const { CLOSE, ESTABLISHED, LISTEN, SYN_RECV, SYN_SENT, TIME_WAIT } = SOCKET_STATE;

export const ALL_STATES = 0xfff;
/** What is shown if no state is asked for. */
export const CONNECTED = ALL_STATES & ~(bit(LISTEN) | bit(CLOSE) | bit(TIME_WAIT) | bit(SYN_RECV));
export const LISTENING = bit(LISTEN) | bit(CLOSE);

function statesOfTable(table: Table): number {
  if (table === "udp" || table === "raw") return bit(ESTABLISHED);
  return PACKET.includes(table) || table === "netlink" || table === "xdp" ? bit(CLOSE) : CONNECTED;
}

function familiesOfTable(table: Table): readonly Family[] {
  if (INET.includes(table)) return ["inet", "inet6"];
  if (UNIX.includes(table)) return ["unix"];
  if (PACKET.includes(table)) return ["link"];
  if (VSOCK.includes(table)) return ["vsock"];
  return [table as "netlink" | "tipc" | "xdp"];
}

const TABLES_OF_FAMILY: Readonly<Record<Family, readonly Table[]>> = {
  inet: INET,
  inet6: INET,
  link: PACKET,
  unix: UNIX,
  netlink: ["netlink"],
  vsock: VSOCK,
  tipc: ["tipc"],
  xdp: ["xdp"],
};

function statesOfFamily(family: Family): number {
  return family === "link" || family === "netlink" || family === "xdp" ? bit(CLOSE) : CONNECTED;
}

export class Selection {
  readonly tables = new Set<Table>();
  readonly families = new Set<Family>();
  states = 0;
  /** The last family that was asked for. */
  preferred: Family | undefined = undefined;
  /** Nothing was asked for. */
  standard = true;

  table(table: Table, on = true): void {
    if (on) {
      this.states |= statesOfTable(table);
      this.tables.add(table);
    } else this.tables.delete(table);
    this.standard = false;
  }

  /** A name of -A, with "!" before it to leave it out. False if there is none. */
  query(name: string): boolean {
    const bare = name.replace(/^!/, "");
    const tables = Object.hasOwn(QUERIES, bare) ? QUERIES[bare] : undefined;
    for (const table of tables ?? []) this.table(table, bare === name);
    return tables !== undefined;
  }

  family(family: Family): void {
    this.states |= statesOfFamily(family);
    this.families.add(family);
    this.preferred = family;
    this.standard = false;
  }

  /** An address in the filter has a family: only that is shown. */
  restrict(family: Family): void {
    const { states } = this;
    this.families.clear();
    this.family(family);
    this.states = states || this.states;
  }

  mergeDefaults(): void {
    for (const table of this.tables) {
      const families = familiesOfTable(table);
      if (!families.some((family) => this.families.has(family)))
        for (const family of families) this.families.add(family);
    }
    for (const family of this.families) {
      const tables = TABLES_OF_FAMILY[family];
      if (!tables.some((table) => this.tables.has(table))) for (const table of tables) this.tables.add(table);
    }
  }

  hasAny(...tables: readonly Table[]): boolean {
    return tables.some((table) => this.tables.has(table));
  }
}

const STATE_NAMES: Readonly<Record<string, number>> = {
  established: bit(ESTABLISHED),
  "syn-sent": bit(SYN_SENT),
  "syn-recv": bit(SYN_RECV),
  "syn-rcv": bit(SYN_RECV),
  "fin-wait-1": bit(SOCKET_STATE.FIN_WAIT1),
  "fin-wait-2": bit(SOCKET_STATE.FIN_WAIT2),
  "time-wait": bit(TIME_WAIT),
  unconnected: bit(CLOSE),
  close: bit(CLOSE),
  closed: bit(CLOSE),
  "close-wait": bit(SOCKET_STATE.CLOSE_WAIT),
  "last-ack": bit(SOCKET_STATE.LAST_ACK),
  listening: bit(LISTEN),
  closing: bit(SOCKET_STATE.CLOSING),
  unknown: bit(0),
  all: ALL_STATES,
  connected: ALL_STATES & ~(bit(CLOSE) | bit(LISTEN)),
  synchronized: ALL_STATES & ~(bit(CLOSE) | bit(LISTEN) | bit(SYN_SENT)),
  bucket: bit(SYN_RECV) | bit(TIME_WAIT),
  big: ALL_STATES & ~(bit(SYN_RECV) | bit(TIME_WAIT)),
};

/** The states that a word of `state` and `exclude` means; undefined if it is none. */
export function statesNamed(name: string): number | undefined {
  const lower = name.toLowerCase();
  return Object.hasOwn(STATE_NAMES, lower) ? STATE_NAMES[lower] : undefined;
}

// States of TCP connections as a tracker between the ends sees them (net/netfilter/nf_conntrack_proto_tcp.c). Windows: tcp-windows.ts.

export const TCP_STATES = [
  "NONE",
  "SYN_SENT",
  "SYN_RECV",
  "ESTABLISHED",
  "FIN_WAIT",
  "CLOSE_WAIT",
  "LAST_ACK",
  "TIME_WAIT",
  "CLOSE",
  "SYN_SENT2",
] as const;

export type TcpState = (typeof TCP_STATES)[number];

/** Seconds (net.netfilter.nf_conntrack_tcp_timeout_*). */
export const TCP_TIMEOUTS: Readonly<Record<TcpState, number>> = {
  NONE: 0,
  SYN_SENT: 120,
  SYN_RECV: 60,
  ESTABLISHED: 432_000,
  FIN_WAIT: 120,
  CLOSE_WAIT: 60,
  LAST_ACK: 30,
  TIME_WAIT: 120,
  CLOSE: 10,
  SYN_SENT2: 120,
};

/** Abbreviations of the table: "IG" nothing changes, "IV" the packet does not belong to the connection. */
const NAMES = {
  SS: "SYN_SENT",
  SR: "SYN_RECV",
  ES: "ESTABLISHED",
  FW: "FIN_WAIT",
  CW: "CLOSE_WAIT",
  LA: "LAST_ACK",
  TW: "TIME_WAIT",
  CL: "CLOSE",
  S2: "SYN_SENT2",
  IG: "ignore",
  IV: "invalid",
} as const;

type Outcome = TcpState | "ignore" | "invalid";

/** A row a kind of segment, a column a state, in the order of TCP_STATES. */
function table(text: string): readonly (readonly Outcome[])[] {
  return text
    .trim()
    .split("\n")
    .map((row) =>
      row
        .trim()
        .split(/\s+/)
        .map((name) => NAMES[name as keyof typeof NAMES]),
    );
}

const SEGMENTS = { syn: 0, synAck: 1, fin: 2, ack: 3, reset: 4, none: 5 } as const;

const ORIGINAL = table(`
  SS SS IG IG IG IG IG SS SS S2
  IV IV SR IV IV IV IV IV IV SR
  IV IV FW FW LA LA LA TW CL IV
  ES IV ES ES CW CW TW TW CL IV
  IV CL CL CL CL CL CL CL CL CL
  IV IV IV IV IV IV IV IV IV IV
`);
const REPLY = table(`
  IV S2 IV IV IV IV IV SS IV S2
  IV SR IG IG IG IG IG IG IG SR
  IV IV FW FW LA LA LA TW CL IV
  IV IG SR ES CW CW TW TW CL IG
  IV CL CL CL CL CL CL CL CL CL
  IV IV IV IV IV IV IV IV IV IV
`);

const FIN = 1;
const SYN = 2;
const RST = 4;
const ACK = 16;

/** get_conntrack_index() */
function segmentOf(flags: number): number {
  if (flags & RST) return SEGMENTS.reset;
  if (flags & SYN) return flags & ACK ? SEGMENTS.synAck : SEGMENTS.syn;
  if (flags & FIN) return SEGMENTS.fin;
  return flags & ACK ? SEGMENTS.ack : SEGMENTS.none;
}

/** What a segment with these flags makes of a connection. */
export function nextTcpState(state: TcpState, flags: number, reply: boolean): Outcome {
  const rows = reply ? REPLY : ORIGINAL;
  return rows[segmentOf(flags)]?.[TCP_STATES.indexOf(state)] ?? "invalid";
}

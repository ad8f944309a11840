// A TCP connection as the tracker inside the switch daemon sees it (lib/conntrack-tcp.c of Open vSwitch, which has it from the pf
// of the BSDs): the states of both ends and the windows that their segments must be in, after Guido van Rooij, "Real Stateful
// TCP Packet Filtering in IP Filter".

import type { TimeoutName } from "./connection-states.ts";
import { TCP_END_STATES } from "../../../ovsproto/datapath/connection.ts";
import type { TcpEnds } from "../../../ovsproto/datapath/connection.ts";
import { readU8 } from "../../../wire/bytes.ts";
import { tcpAcknowledgement, tcpHeaderLength, tcpSequence, tcpWindow } from "../../../wire/tcp.ts";

/** Indexes of TCP_END_STATES; the order counts. */
const State = { CLOSED: 0, SYN_SENT: 2, ESTABLISHED: 4, CLOSING: 7, FIN_WAIT_2: 9, TIME_WAIT: 10 } as const;

const FIN = 0x01;
const SYN = 0x02;
const RST = 0x04;
const PSH = 0x08;
const ACK = 0x10;
const URG = 0x20;

/** How far acknowledgements may lie back: a window and a bit (MAXACKWINDOW). */
const MAX_ACK_WINDOW = 0xffff + 1500;
const MAX_SCALE = 14;
const TCP_HEADER = 20;
const OPTION_END = 0;
const OPTION_NOP = 1;
const OPTION_WINDOW = 3;

interface Peer {
  state: number;
  /** Highest sequence number sent. */
  low: number;
  /** Highest that the other end has acknowledged, and its window. */
  high: number;
  maxWindow: number;
  /** Undefined: it was not offered; "unknown": the handshake was not seen. */
  scale: number | "unknown" | undefined;
}

/** What a segment makes of a connection: it fits, fits but is like its first, is none of it, or begins another one. */
export type Update = "valid" | "valid, new" | "invalid" | "new";

export interface Segment {
  readonly bytes: Uint8Array;
  /** Offset of the TCP header, and the end of the segment. */
  readonly at: number;
  readonly end: number;
  readonly flags: number;
}

/** tcp_invalid_flags() */
function impossible(flags: number): boolean {
  if (flags & SYN) {
    if (flags & (RST | FIN)) return true;
  } else if (!(flags & (ACK | RST))) return true;
  return !(flags & ACK) && (flags & (FIN | PSH | URG)) !== 0;
}

/** a - b of sequence numbers, as a signed number. */
function distance(a: number, b: number): number {
  return (a - b) | 0;
}

/** tcp_get_wscale() */
function offeredScale(bytes: Uint8Array, at: number): number | undefined {
  let off = at + TCP_HEADER;
  const end = at + tcpHeaderLength(bytes, at);
  let scale: number | undefined;
  while (end - off >= 3) {
    const kind = readU8(bytes, off);
    if (kind === OPTION_END) break;
    if (kind === OPTION_NOP) {
      off++;
      continue;
    }
    if (kind === OPTION_WINDOW) scale = Math.min(readU8(bytes, off + 2), MAX_SCALE);
    off += Math.max(2, readU8(bytes, off + 1));
  }
  return scale;
}

function payloadLength({ bytes, at, end }: Segment): number {
  return Math.max(0, end - at - tcpHeaderLength(bytes, at));
}

export class TcpPeers {
  readonly #peers: readonly [Peer, Peer];
  timeout: TimeoutName = "tcp_syn_sent";

  /** tcp_valid_new(): a connection does not begin with an answer. */
  static mayBegin({ flags }: Segment): boolean {
    return !impossible(flags) && (flags & (SYN | ACK)) !== (SYN | ACK);
  }

  /** tcp_new_conn() */
  constructor(segment: Segment) {
    const { bytes, at, flags } = segment;
    const low = tcpSequence(bytes, at);
    const extra = 1 + (flags & SYN ? 1 : 0) + (flags & FIN ? 1 : 0);
    const scale = flags & SYN ? offeredScale(bytes, at) : "unknown";
    let maxWindow = Math.max(tcpWindow(bytes, at), 1);
    // the first window is not scaled
    if (typeof scale === "number" && scale > 0) maxWindow = Math.ceil(maxWindow / 2 ** scale);
    this.#peers = [
      { state: State.SYN_SENT, low, high: (low + payloadLength(segment) + extra) >>> 0, maxWindow, scale },
      {
        state: State.CLOSED,
        low: 0,
        high: 1,
        maxWindow: 1,
        scale: flags & SYN ? undefined : "unknown",
      },
    ];
  }

  get ends(): TcpEnds {
    const end = ({ state, scale }: Peer) => ({
      state: TCP_END_STATES[state] ?? "CLOSED",
      windowScale: typeof scale === "number" ? scale : 0,
      flags: scale === "unknown" ? ["BE_LIBERAL"] : scale === undefined ? [] : ["WINDOW_SCALE"],
    });
    return [end(this.#peers[0]), end(this.#peers[1])];
  }

  /** tcp_conn_update(). `checks`: sequence numbers count. */
  update(segment: Segment, reply: boolean, checks: boolean): Update {
    const { bytes, at, flags } = segment;
    const source = this.#peers[reply ? 1 : 0];
    const other = this.#peers[reply ? 0 : 1];
    if (impossible(flags)) return "invalid";
    if ((flags & (SYN | ACK)) === SYN) {
      if (other.state >= State.FIN_WAIT_2 && source.state >= State.FIN_WAIT_2) {
        source.state = State.CLOSED;
        other.state = State.CLOSED;
        return "new";
      }
      if (source.state <= State.SYN_SENT) {
        source.state = State.SYN_SENT;
        this.timeout = "tcp_syn_sent";
        return "valid, new";
      }
    }
    let [sourceScale, otherScale] = scales(source, other, flags);
    const first = tcpSequence(bytes, at);
    let sequence = first;
    let window = tcpWindow(bytes, at);
    let end = first + payloadLength(segment) + (flags & SYN ? 1 : 0) + (flags & FIN ? 1 : 0);
    let skewCounts = true;
    if (source.state < State.SYN_SENT) {
      if (flags & SYN && typeof other.scale === "number") {
        source.scale = offeredScale(bytes, at);
        if (source.scale === undefined) {
          other.maxWindow *= 2 ** other.scale;
          other.scale = undefined;
        } else {
          sourceScale = source.scale;
          window = Math.ceil(window / 2 ** sourceScale);
          otherScale = other.scale;
        }
      }
      source.low = first;
      source.state = State.SYN_SENT;
      const reach = end + Math.max(1, other.maxWindow * 2 ** otherScale);
      if (source.high === 1 || distance(reach, source.high) >= 0) {
        source.high = reach >>> 0;
        skewCounts = false;
      }
      source.maxWindow = Math.max(source.maxWindow, window);
    }
    let acknowledged = tcpAcknowledgement(bytes, at);
    const forgotten = acknowledged === 0 && (flags & (ACK | RST)) === (ACK | RST);
    if (!(flags & ACK) || forgotten) acknowledged = other.low;
    if (sequence === end) {
      sequence = source.low;
      end = sequence;
    }
    const skew = skewCounts ? distance(other.low, acknowledged) : 0;
    const slide = () => {
      source.maxWindow = Math.max(source.maxWindow, window);
      if (distance(end, source.low) > 0) source.low = end >>> 0;
      const reach = window * 2 ** sourceScale;
      if (distance(acknowledged + reach, other.high) >= 0)
        other.high = (acknowledged + Math.max(reach, 1)) >>> 0;
    };
    const inWindow =
      distance(source.high, end) >= 0 &&
      distance(sequence, source.low - other.maxWindow * 2 ** otherScale) >= 0 &&
      skew >= -MAX_ACK_WINDOW &&
      skew <= MAX_ACK_WINDOW * 2 ** sourceScale &&
      (!(flags & RST) || Math.abs(distance(first, source.low)) <= 1);
    if (inWindow || !checks) {
      slide();
      this.#advance(source, other, flags);
      return "valid";
    }
    const loose =
      other.state < State.SYN_SENT || other.state >= State.FIN_WAIT_2 || source.state >= State.FIN_WAIT_2;
    if (
      !loose ||
      distance(source.high + MAX_ACK_WINDOW, end) < 0 ||
      distance(sequence, source.low - MAX_ACK_WINDOW) < 0
    ) {
      return "invalid";
    }
    slide();
    if (flags & FIN && source.state < State.CLOSING) source.state = State.CLOSING;
    if (flags & RST) source.state = other.state = State.TIME_WAIT;
    return "valid";
  }

  #advance(source: Peer, other: Peer, flags: number): void {
    if (flags & SYN && source.state < State.SYN_SENT) source.state = State.SYN_SENT;
    if (flags & FIN && source.state < State.CLOSING) source.state = State.CLOSING;
    if (flags & ACK) {
      if (other.state === State.SYN_SENT) other.state = State.ESTABLISHED;
      else if (other.state === State.CLOSING) other.state = State.FIN_WAIT_2;
    }
    if (flags & RST) source.state = other.state = State.TIME_WAIT;
    const least = Math.min(source.state, other.state);
    const most = Math.max(source.state, other.state);
    if (least >= State.FIN_WAIT_2) this.timeout = "tcp_close";
    else if (least >= State.CLOSING) this.timeout = "tcp_time_wait";
    else if (least < State.ESTABLISHED) this.timeout = "tcp_syn_recv";
    else this.timeout = most >= State.CLOSING ? "tcp_fin_wait" : "tcp_established";
  }
}

/** By how many bits windows are shifted; as many as possible if the handshake was not seen. */
function scales(source: Peer, other: Peer, flags: number): [number, number] {
  if (flags & SYN) return [0, 0];
  if (typeof source.scale === "number" && typeof other.scale === "number") return [source.scale, other.scale];
  return source.scale === "unknown" && other.scale === "unknown" ? [MAX_SCALE, MAX_SCALE] : [0, 0];
}

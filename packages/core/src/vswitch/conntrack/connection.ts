// A tracked connection (struct nf_conn).

import type { TcpState } from "./tcp-state.ts";
import { TCP_TIMEOUTS } from "./tcp-state.ts";
import type { Tuple } from "./tuple.ts";
import { isIcmp } from "./tuple.ts";

const TCP = 6;
const UDP = 17;
/** Seconds of silence after which a connection is forgotten. */
const UDP_TIMEOUT = 30;
const UDP_STREAM_TIMEOUT = 120;
const ICMP_TIMEOUT = 30;
const GENERIC_TIMEOUT = 600;

/** nl_ct_tcp_state_to_dpif() and coalesce_tcp_state(): the states of the kernel in the words of Open vSwitch. */
const TOLD_STATES: Readonly<Record<TcpState, string>> = {
  NONE: "CLOSED",
  SYN_SENT: "SYN_SENT",
  SYN_SENT2: "SYN_SENT",
  SYN_RECV: "ESTABLISHED",
  ESTABLISHED: "ESTABLISHED",
  FIN_WAIT: "FIN_WAIT_1",
  CLOSE_WAIT: "CLOSE_WAIT",
  LAST_ACK: "LAST_ACK",
  TIME_WAIT: "TIME_WAIT",
  CLOSE: "CLOSING",
};

export class Connection {
  readonly id: number;
  readonly zone: number;
  readonly original: Tuple;
  /** The inverse of `original`, but for translated addresses. */
  reply: Tuple;
  /** Of the two, what is translated in the original direction. */
  sourceTranslated = false;
  destinationTranslated = false;
  mark = 0;
  /** 128 bits, most significant word first. */
  label: readonly number[] = [0, 0, 0, 0];
  seenReply = false;
  /** Worth keeping when the table is full: both sides have spoken. */
  assured = false;
  tcp: TcpState = "NONE";
  /** Of its policy; undefined: the standard ones. */
  timeouts: ReadonlyMap<string, number> | undefined = undefined;
  /** Clock, nanoseconds. */
  expires = 0;

  /** Application layer gateway that reads its messages. */
  helper: string | undefined = undefined;
  /** The connection that has announced it. */
  parent: Connection | undefined = undefined;

  /** Clock when it was made, nanoseconds. */
  readonly made: number;

  constructor(id: number, zone: number, original: Tuple, reply: Tuple, made: number) {
    this.made = made;
    this.id = id;
    this.zone = zone;
    this.original = original;
    this.reply = reply;
  }

  /** Seconds that it lives on after a packet. */
  get timeout(): number {
    const { protocol } = this.original;
    const chosen = (name: string, standard: number) => this.timeouts?.get(name) ?? standard;
    if (protocol === TCP) return chosen(`tcp_${this.tcp.toLowerCase()}`, TCP_TIMEOUTS[this.tcp]);
    if (protocol === UDP) {
      return this.assured ? chosen("udp_multiple", UDP_STREAM_TIMEOUT) : chosen("udp_single", UDP_TIMEOUT);
    }
    return isIcmp(this.original) ? chosen("icmp_first", ICMP_TIMEOUT) : GENERIC_TIMEOUT;
  }

  /** State of the protocol, as ct_dpif_format_protoinfo() tells it; undefined for protocols without one. */
  get protoinfo(): string | undefined {
    return this.original.protocol === TCP ? TOLD_STATES[this.tcp] : undefined;
  }

  /** State of the end that has begun, for TCP. */
  get originalState(): string {
    return this.tcp;
  }

  /** More of that; undefined where it is not known. */
  get details(): string | undefined {
    return undefined;
  }

  refresh(now: number): void {
    this.expires = now + this.timeout * 1e9;
  }
}

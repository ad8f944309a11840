// A tracked connection (struct nf_conn).

import type { TcpEnds, TrackedConnection, Tuple } from "../../ovsproto/datapath/connection.ts";
import { isIcmp, TCP, toldTcpState, UDP } from "../../ovsproto/datapath/connection.ts";
import type { TcpState } from "./tcp-state.ts";
import { TCP_STATES, TCP_TIMEOUTS } from "./tcp-state.ts";
import type { Side, TcpWindows } from "./tcp-windows.ts";

/** Seconds of silence after which a connection is forgotten. */
const UDP_TIMEOUT = 30;
const UDP_STREAM_TIMEOUT = 120;
const ICMP_TIMEOUT = 30;
/** While data is not acknowledged, or no window is open (tcp_timeout_unacknowledged, tcp_timeout_max_retrans). */
const TCP_STALLED_TIMEOUT = 300;
const GENERIC_TIMEOUT = 600;

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
  /** Of TCP, once a segment was seen. */
  windows: TcpWindows | undefined = undefined;
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
    if (protocol === TCP) {
      const ofState = (state: TcpState) => chosen(`tcp_${state.toLowerCase()}`, TCP_TIMEOUTS[state]);
      if (this.windows?.wasReset === true) return ofState("CLOSE");
      const standard = ofState(this.tcp);
      const stalled =
        this.windows?.closed === true
          ? chosen("tcp_retransmit", TCP_STALLED_TIMEOUT)
          : this.windows?.unacknowledged === true || (this.tcp === "ESTABLISHED" && !this.seenReply)
            ? chosen("tcp_unack", TCP_STALLED_TIMEOUT)
            : standard;
      return Math.min(standard, stalled);
    }
    if (protocol === UDP) {
      return this.assured ? chosen("udp_multiple", UDP_STREAM_TIMEOUT) : chosen("udp_single", UDP_TIMEOUT);
    }
    return isIcmp(this.original) ? chosen("icmp_first", ICMP_TIMEOUT) : GENERIC_TIMEOUT;
  }

  /** Names of IPS_* bits that the kernel's tracker sets here. */
  get status(): readonly string[] {
    const { seenReply, assured, sourceTranslated, destinationTranslated } = this;
    return [
      ...(seenReply ? ["SEEN_REPLY"] : []),
      ...(assured ? ["ASSURED"] : []),
      "CONFIRMED",
      ...(sourceTranslated ? ["SRC_NAT"] : []),
      ...(destinationTranslated ? ["DST_NAT"] : []),
      ...(sourceTranslated || destinationTranslated ? ["SRC_NAT_DONE", "DST_NAT_DONE"] : []),
    ];
  }

  /** The kernel has one state for both ends; undefined for other protocols. */
  get tcpEnds(): TcpEnds | undefined {
    if (this.original.protocol !== TCP) return undefined;
    const state = toldTcpState(TCP_STATES.indexOf(this.tcp));
    const end = (side: Side) => ({
      state,
      windowScale: this.windows?.scaleOf(side) ?? 0,
      flags: this.windows?.flagsOf(side) ?? [],
    });
    return [end(0), end(1)];
  }

  /** `now`: clock, nanoseconds. */
  told(now: number): TrackedConnection {
    const { id, zone, original, reply, mark, label, status, helper, parent } = this;
    const timeout = Math.max(0, Math.floor((this.expires - now) / 1e9));
    const ends = { original, reply, parent: parent?.original };
    return { ...ends, id, zone, status, timeout, mark, label, tcp: this.tcpEnds, helper };
  }

  refresh(now: number): void {
    this.expires = now + this.timeout * 1e9;
  }
}

// A tracked connection (struct nf_conn).

import type { TcpEnds, TrackedConnection, Tuple } from "../../ovsproto/datapath/connection.ts";
import { isIcmp, TCP, toldTcpState, UDP } from "../../ovsproto/datapath/connection.ts";
import type { TcpState } from "./tcp-state.ts";
import { TCP_STATES, TCP_TIMEOUTS } from "./tcp-state.ts";

/** Seconds of silence after which a connection is forgotten. */
const UDP_TIMEOUT = 30;
const UDP_STREAM_TIMEOUT = 120;
const ICMP_TIMEOUT = 30;
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
    const end = { state: toldTcpState(TCP_STATES.indexOf(this.tcp)), windowScale: 0, flags: [] };
    return [end, end];
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

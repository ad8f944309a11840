// Sequence numbers and windows of the two ends of a TCP connection, as the kernel's tracker between them keeps them
// (net/netfilter/nf_conntrack_proto_tcp.c of Linux 6.1, after Guido van Rooij, "Real Stateful TCP Packet Filtering in IP Filter"): whether
// a segment can belong to the connection, and what is told of each end.

import { TCP_CONNECTION_FLAGS } from "../../ovsproto/datapath/connection.ts";
import { TcpFlag } from "../../wire/tcp.ts";
import type { TcpSegment } from "../../wire/tcp.ts";
import type { TcpState } from "./tcp-state.ts";

/** 0: the end that has begun the connection; 1: the other. */
export type Side = 0 | 1;
export type Judgement = "fits" | "ignore" | "invalid";

/** How far acknowledgements may lie back if no larger window was seen (MAXACKWINCONST). */
const MAX_ACK_WINDOW = 66_000;
const MAX_SCALE = 14;

/** Combinations of flags that mean something, without PSH, ECE and CWR (tcp_valid_flags). */
const { FIN, SYN, RST, ACK, URG } = TcpFlag;
const COUNTING = FIN | SYN | RST | ACK | URG;
const VALID: ReadonlySet<number> = new Set([
  SYN,
  SYN | URG,
  SYN | ACK,
  RST,
  RST | ACK,
  FIN | ACK,
  FIN | ACK | URG,
  ACK,
  ACK | URG,
]);

export function hasValidFlags({ flags }: TcpSegment): boolean {
  return VALID.has(flags & COUNTING);
}

interface End {
  /** The highest sequence number sent and one. */
  end: number;
  /** The highest that may be sent and one. */
  maxEnd: number;
  /** The largest window offered; 0: nothing was seen. */
  maxWindow: number;
  maxAck: number;
  scale: number;
  /** IP_CT_TCP_FLAG_*, as Open vSwitch names them. */
  readonly flags: Set<string>;
}

const newEnd = (...flags: readonly string[]): End => ({
  end: 0,
  maxEnd: 0,
  maxWindow: 0,
  maxAck: 0,
  scale: 0,
  flags: new Set(flags),
});

const before = (a: number, b: number): boolean => ((a - b) | 0) < 0;
const after = (a: number, b: number): boolean => before(b, a);

/** segment_seq_plus_len() */
function endOf({ sequence, flags, payload }: TcpSegment): number {
  return (sequence + payload.length + (flags & SYN ? 1 : 0) + (flags & FIN ? 1 : 0)) >>> 0;
}

/** tcp_options() */
function takeOptions(end: End, { options }: TcpSegment): void {
  end.scale = 0;
  for (const flag of end.flags) if (flag !== "BE_LIBERAL") end.flags.delete(flag);
  for (const option of options) {
    if (option.kind === "sack-permitted") end.flags.add("SACK_PERM");
    else if (option.kind === "window-scale") {
      end.scale = Math.min(option.shift, MAX_SCALE);
      end.flags.add("WINDOW_SCALE");
    }
  }
}

/** tcp_sack(): the highest that was told to have come. */
function highestSack({ acknowledgement, options }: TcpSegment): number {
  let highest = acknowledgement;
  for (const option of options) {
    if (option.kind !== "sack") continue;
    for (const { right } of option.blocks) if (after(right, highest)) highest = right;
  }
  return highest;
}

export class TcpWindows {
  readonly #ends: readonly [End, End];
  #last: { readonly side: Side; readonly pureAck: boolean; readonly end: number } | undefined;
  /** The last segment offered no window. */
  closed = false;
  /** The last segment was a reset, whether it has ended the connection or not. */
  wasReset = false;

  /** tcp_new(): of a connection's first segment; one that was begun before is believed. */
  constructor(first: TcpSegment) {
    const end = endOf(first);
    const maxWindow = first.window || 1;
    if (first.flags & SYN) {
      this.#ends = [{ ...newEnd(), end, maxEnd: end, maxWindow }, newEnd()];
      takeOptions(this.#ends[0], first);
      return;
    }
    const believed = ["SACK_PERM", "BE_LIBERAL"];
    this.#ends = [
      { ...newEnd(...believed), end, maxEnd: (end + maxWindow) >>> 0, maxWindow },
      newEnd(...believed),
    ];
  }

  /** In the order of the bits. */
  flagsOf(side: Side): readonly string[] {
    const { flags } = this.#ends[side];
    return TCP_CONNECTION_FLAGS.filter((name) => flags.has(name));
  }

  scaleOf(side: Side): number {
    return this.#ends[side].scale;
  }

  /** One of the ends has sent what the other one has not acknowledged. */
  get unacknowledged(): boolean {
    return this.#ends.some(({ flags }) => flags.has("DATA_UNACKNOWLEDGED"));
  }

  /** Segments outside the windows fit from now on (nf_ct_set_tcp_be_liberal). */
  beLiberal(): void {
    for (const { flags } of this.#ends) flags.add("BE_LIBERAL");
  }

  /** This end is the first that closes. */
  closes(side: Side): void {
    this.#ends[side].flags.add("CLOSE_INIT");
  }

  /** What a reset does: it ends the connection, leaves it as it is, or does not belong to it. */
  reset({ sequence }: TcpSegment, side: Side, established: boolean): "ends" | "stays" | "invalid" {
    const { maxAck, flags } = this.#ends[side === 0 ? 1 : 0];
    if (!flags.has("MAXACK_SET") || (sequence === 0 && !established)) return "ends";
    if (before(sequence, maxAck)) return "invalid";
    if (!established || sequence === maxAck) return "ends";
    const last = this.#last;
    return last?.pureAck === true && last.side === side && last.end === sequence ? "ends" : "stays";
  }

  /** tcp_init_sender() */
  #begin(sender: End, receiver: End, segment: TcpSegment): void {
    sender.end = sender.maxEnd = endOf(segment);
    sender.maxWindow = segment.window || 1;
    takeOptions(sender, segment);
    // both have to offer to scale
    if (!sender.flags.has("WINDOW_SCALE") || !receiver.flags.has("WINDOW_SCALE"))
      sender.scale = receiver.scale = 0;
  }

  /** tcp_in_window(). `state`: before the segment. */
  judge(segment: TcpSegment, side: Side, state: TcpState): Judgement {
    const [sender, receiver] = side === 0 ? this.#ends : [this.#ends[1], this.#ends[0]];
    const { flags } = segment;
    let end = endOf(segment);
    let sequence = segment.sequence;
    let ack = segment.acknowledgement;
    let sack = receiver.flags.has("SACK_PERM") ? highestSack(segment) : ack;
    const opening = state === "SYN_SENT" || state === "SYN_RECV";
    if (sender.maxWindow === 0) {
      if (flags & SYN) {
        this.#begin(sender, receiver, segment);
        if (!(flags & ACK)) return "fits";
      } else {
        sender.end = end;
        sender.maxWindow = segment.window * 2 ** sender.scale || 1;
        sender.maxEnd = (end + sender.maxWindow) >>> 0;
        if (receiver.maxWindow === 0) receiver.end = receiver.maxEnd = sack;
        else if (sack === (receiver.end + 1) >>> 0) receiver.end = sack; // perhaps an answer to a keep-alive
      }
    } else if (flags & SYN && after(end, sender.end) && opening) {
      this.#begin(sender, receiver, segment);
      if (side === 1 && !(flags & ACK)) return "fits";
    }
    if (!(flags & ACK) || (flags & RST && ack === 0)) ack = sack = receiver.end;
    if (flags & RST && sequence === 0 && state === "SYN_SENT") sequence = end = sender.end;

    const misfit: Judgement = sender.flags.has("BE_LIBERAL") ? "fits" : "invalid";
    const maxAckWindow = Math.max(sender.maxWindow, MAX_ACK_WINDOW);
    const ackRecent = after(sack, receiver.end - maxAckWindow - 1);
    const inWindow = after(end, sender.end - receiver.maxWindow - 1);
    const ackSent = before(sack, receiver.end + 1);
    if (!before(sequence, sender.maxEnd + 1)) {
      const overshot = (end - sender.maxEnd + 1) >>> 0;
      if (receiver.maxWindow > 0 && inWindow && ackRecent && ackSent && overshot <= receiver.maxWindow) {
        sender.end = end;
        sender.flags.add("DATA_UNACKNOWLEDGED");
      }
      return misfit;
    }
    if (!ackSent || (receiver.maxWindow > 0 && !inWindow)) return misfit;
    if (!ackRecent) return "ignore";

    const window = flags & SYN ? segment.window : segment.window * 2 ** sender.scale;
    sender.maxWindow = Math.max(sender.maxWindow, window + ((sack - ack) >>> 0));
    if (after(end, sender.end)) {
      sender.end = end;
      sender.flags.add("DATA_UNACKNOWLEDGED");
    }
    if (flags & ACK && (!sender.flags.has("MAXACK_SET") || after(ack, sender.maxAck))) {
      sender.maxAck = ack;
      sender.flags.add("MAXACK_SET");
    }
    if (receiver.maxWindow > 0 && after(end, sender.maxEnd))
      receiver.maxWindow += (end - sender.maxEnd) >>> 0;
    if (after(sack + window, receiver.maxEnd - 1))
      receiver.maxEnd = (sack + window + (window === 0 ? 1 : 0)) >>> 0;
    if (ack === receiver.end) receiver.flags.delete("DATA_UNACKNOWLEDGED");
    const pureAck = (flags & (SYN | FIN | RST | ACK)) === ACK;
    this.#last = { side, pureAck, end: pureAck ? end : (this.#last?.end ?? 0) };
    if (pureAck) this.closed = segment.window === 0;
    return "fits";
  }
}

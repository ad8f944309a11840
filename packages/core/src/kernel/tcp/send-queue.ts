// What a connection has to send: segments that are on the way or were lost (the retransmission queue, and with it the scoreboard of
// RFC 6675), and behind them those that were never sent.

import { after, distance } from "./sequence.ts";

/** A segment of this side. Its bytes are a whole number of bytes of the stream; SYN and FIN count in sequence space. */
export class SentSegment {
  sequence: number;
  /** Behind the last byte. */
  end: number;
  flags: number;
  data: Uint8Array;
  /** ns; last time that it was sent. */
  sentAt = 0;
  sacked = false;
  lost = false;
  /** It was sent again and that copy may still be on the way. */
  retransmitted = false;
  /** It was sent more than once. */
  everRetransmitted = false;

  constructor(sequence: number, flags: number, data: Uint8Array, controls: number) {
    this.sequence = sequence;
    this.end = (sequence + data.length + controls) >>> 0;
    this.flags = flags;
    this.data = data;
  }
}

export class SendQueue {
  /** Sent and not acknowledged, the oldest first. */
  readonly sent: SentSegment[] = [];
  /** Not sent yet. */
  readonly unsent: SentSegment[] = [];
  sackedOut = 0;
  lostOut = 0;
  retransmittedOut = 0;
  /** Bytes of data in both lists. */
  bytes = 0;

  get packetsOut(): number {
    return this.sent.length;
  }

  /** Segments that are thought to be in the network (RFC 6675, "pipe"). */
  get inFlight(): number {
    return this.sent.length - this.sackedOut - this.lostOut + this.retransmittedOut;
  }

  get isEmpty(): boolean {
    return this.sent.length === 0 && this.unsent.length === 0;
  }

  append(segment: SentSegment): void {
    this.unsent.push(segment);
    this.bytes += segment.data.length;
  }

  /** The first unsent segment goes on its way. */
  moveFirst(): void {
    const segment = this.unsent.shift();
    if (segment !== undefined) this.sent.push(segment);
  }

  /** Cuts a segment so that its first part has `length` bytes of data; the second follows in the same list. */
  split(segment: SentSegment, length: number, pushOrFin: number): void {
    for (const list of [this.sent, this.unsent]) {
      const at = list.indexOf(segment);
      if (at < 0) continue;
      const controls = distance(segment.sequence, segment.end) - segment.data.length;
      const rest = new SentSegment(
        (segment.sequence + length) >>> 0,
        segment.flags,
        segment.data.subarray(length),
        controls,
      );
      rest.sentAt = segment.sentAt;
      rest.sacked = segment.sacked;
      rest.lost = segment.lost;
      rest.retransmitted = segment.retransmitted;
      rest.everRetransmitted = segment.everRetransmitted;
      if (list === this.sent) {
        if (rest.sacked) this.sackedOut++;
        if (rest.lost) this.lostOut++;
        if (rest.retransmitted) this.retransmittedOut++;
      }
      segment.data = segment.data.subarray(0, length);
      segment.end = rest.sequence;
      segment.flags &= ~pushOrFin;
      list.splice(at + 1, 0, rest);
      return;
    }
  }

  markSacked(segment: SentSegment): void {
    this.#unmark(segment);
    segment.sacked = true;
    this.sackedOut++;
  }

  markLost(segment: SentSegment): void {
    if (segment.sacked) return;
    if (segment.retransmitted) {
      segment.retransmitted = false;
      this.retransmittedOut--;
    }
    if (segment.lost) return;
    segment.lost = true;
    this.lostOut++;
  }

  markRetransmitted(segment: SentSegment): void {
    segment.everRetransmitted = true;
    if (segment.retransmitted) return;
    segment.retransmitted = true;
    this.retransmittedOut++;
  }

  /** It is neither lost nor sent again any more. */
  #unmark(segment: SentSegment): void {
    if (segment.lost) this.lostOut--;
    if (segment.retransmitted) this.retransmittedOut--;
    segment.lost = false;
    segment.retransmitted = false;
  }

  /** Takes the first segment off, which is acknowledged. */
  removeFirst(): void {
    const segment = this.sent.shift();
    if (segment === undefined) return;
    this.#unmark(segment);
    if (segment.sacked) this.sackedOut--;
    this.bytes -= segment.data.length;
  }

  /** Part of the first segment is acknowledged (tcp_trim_head). */
  trimFirst(sequence: number): void {
    const segment = this.sent[0];
    if (segment === undefined || !after(sequence, segment.sequence)) return;
    const by = distance(segment.sequence, sequence);
    segment.data = segment.data.subarray(by);
    segment.sequence = sequence;
    this.bytes -= by;
  }

  clear(): void {
    this.sent.length = 0;
    this.unsent.length = 0;
    this.sackedOut = this.lostOut = this.retransmittedOut = 0;
    this.bytes = 0;
  }
}

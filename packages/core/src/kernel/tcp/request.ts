// A connection that a listener is asked for, in SYN-RECEIVED: the SYN was answered, the acknowledgement has not come
// (struct request_sock; tcp_conn_request, tcp_check_req).

import { TcpFlag } from "../../wire/tcp.ts";
import { writeTcpSegment } from "../../wire/tcp-write.ts";
import type { Timer } from "../../system/system.ts";
import type { DropReason } from "../../trace/drop-reason.ts";
import type { Packet } from "../packet.ts";
import { makeTcb } from "./connect.ts";
import { firstSequence, timestampOffset } from "./connect.ts";
import { arrive } from "./arrival.ts";
import { setState } from "./ending.ts";
import type { Listener } from "./listener.ts";
import { answerWithReset } from "./reset.ts";
import { firstWindow } from "./receive-window.ts";
import type { FirstWindow } from "./receive-window.ts";
import { RTO_FIRST, RTO_MAX } from "./round-trip.ts";
import type { ArrivedSegment } from "./segment.ts";
import { advance, after, before, distance } from "./sequence.ts";
import { tcpSetting } from "./settings.ts";
import type { Tcb } from "./tcb.ts";
import { tcpCounters } from "./counters.ts";
import { synchronizeMss } from "./transmit.ts";
import { pseudoSum, Way } from "./way.ts";
import type { Ends, WayOptions } from "./way.ts";

const NO_DATA = new Uint8Array(0);

export class ConnectionRequest {
  readonly kind = "request";
  readonly state = "SYN-RECEIVED";
  readonly listener: Listener;
  readonly ends: Ends;
  readonly way: Way;
  readonly iss: number;
  readonly irs: number;
  /** Options that both sides have said. */
  readonly windowScale: number | undefined;
  readonly sackPermitted: boolean;
  readonly timestamps: boolean;
  readonly peerMss: number;
  readonly window: FirstWindow;
  readonly advertisedMss: number;
  readonly tsOffset: number;
  readonly inode = 0;
  tsRecent: number;
  /** SYN-ACKs that were sent again. */
  retransmits = 0;
  /** ns: when the first was sent, and when the next is due. */
  sentAt = 0;
  dueAt = 0;
  #timer: Timer | undefined = undefined;
  #lastAnswer = 0;

  constructor(listener: Listener, ends: Ends, options: WayOptions, segment: ArrivedSegment, iss?: number) {
    const { netns } = listener;
    const { settings } = listener;
    this.listener = listener;
    this.ends = ends;
    this.way = new Way(netns, ends, options);
    this.iss = iss ?? firstSequence(netns);
    this.irs = segment.sequence;
    const { timestamp, maximumSegment = 536 } = segment;
    this.timestamps = timestamp !== undefined && tcpSetting(netns, "tcp_timestamps", 1) !== 0;
    this.tsRecent = timestamp?.value ?? 0;
    this.sackPermitted = segment.sackPermitted && tcpSetting(netns, "tcp_sack", 1) !== 0;
    const scaling = tcpSetting(netns, "tcp_window_scaling", 1) !== 0;
    this.windowScale = scaling ? segment.windowScale : undefined;
    const own = settings.maximumSegment;
    this.peerMss = own > 0 ? Math.min(own, maximumSegment) : maximumSegment;
    const advertised = this.way.advertisedMss();
    this.advertisedMss = own > 0 ? Math.min(own, advertised) : advertised;
    const whole = this.advertisedMss - (this.timestamps ? 12 : 0);
    this.window = firstWindow(netns, listener.receiveBuffer, whole, this.windowScale !== undefined);
    this.tsOffset = timestampOffset(netns, ends.local, ends.remote);
  }

  /** Sends the SYN-ACK and waits. */
  begin(cause: Packet): void {
    this.sentAt = this.way.netns.kernel.clock.now;
    this.#answer(cause);
    this.#wait();
  }

  #wait(): void {
    const { clock } = this.way.netns.kernel;
    const delay = Math.min(RTO_FIRST * 2 ** this.retransmits, RTO_MAX) * 1e3;
    this.#timer?.cancel();
    this.dueAt = clock.now + delay;
    this.#timer = clock.after(delay, () => this.#onTimer());
  }

  /** reqsk_timer_handler() */
  #onTimer(): void {
    if (this.retransmits >= tcpSetting(this.way.netns, "tcp_synack_retries", 5)) {
      this.end();
      return;
    }
    this.#answerAgain();
    this.retransmits++;
    this.#wait();
  }

  #answerAgain(cause?: Packet): void {
    const counters = tcpCounters(this.way.netns);
    counters.retransSegs++;
    counters.count("TCPSynRetrans");
    this.#answer(cause);
  }

  #answer(cause: Packet | undefined): void {
    const { ends, way } = this;
    const now = Math.floor(way.netns.kernel.clock.now / 1e6);
    const segment = writeTcpSegment(
      {
        sourcePort: ends.localPort,
        destinationPort: ends.remotePort,
        sequence: this.iss,
        acknowledgement: advance(this.irs, 1),
        flags: TcpFlag.SYN | TcpFlag.ACK,
        window: Math.min(this.window.window, 0xffff),
      },
      {
        maximumSegment: this.advertisedMss,
        sackPermitted: this.sackPermitted,
        timestamp: this.timestamps ? { value: (now + this.tsOffset) >>> 0, echo: this.tsRecent } : undefined,
        windowScale: this.windowScale === undefined ? undefined : this.window.shift,
      },
      NO_DATA,
      (length) => pseudoSum(ends.local, ends.remote, length),
    );
    tcpCounters(way.netns).outSegs++;
    way.send(segment, { id: 0, ...(cause && { cause }) });
  }

  end(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.listener.table.remove(this);
    this.listener.requests.delete(this);
  }

  /** tcp_check_req(). Undefined, or why the segment ends here. */
  arrive(segment: ArrivedSegment): DropReason | undefined {
    const counters = tcpCounters(this.way.netns);
    const { timestamp } = segment;
    const old = this.timestamps && timestamp !== undefined && before(timestamp.value, this.tsRecent);
    if (segment.sequence === this.irs && segment.flags === TcpFlag.SYN && !old) {
      if (this.#mayAnswer()) {
        this.#answerAgain(segment.packet);
        this.#wait();
      }
      return undefined;
    }
    if (segment.ack && segment.acknowledgement !== advance(this.iss, 1)) {
      answerWithReset(segment);
      return "TCP_FLAGS";
    }
    const next = advance(this.irs, 1);
    const inside = !before(segment.end, next) && distance(next, segment.sequence) <= this.window.window;
    if (old || !inside) {
      if (old) counters.count("PAWSEstab");
      return "TCP_INVALID_SEQUENCE";
    }
    if (timestamp !== undefined && !after(segment.sequence, next)) this.tsRecent = timestamp.value;
    if (segment.rst || (segment.syn && segment.sequence !== this.irs)) {
      counters.count("EmbryonicRsts");
      if (!segment.rst) answerWithReset(segment);
      this.end();
      return segment.rst ? "TCP_RESET" : "TCP_INVALID_SYN";
    }
    if (!segment.ack) return "TCP_FLAGS";
    return this.#complete(segment);
  }

  #mayAnswer(): boolean {
    const now = this.way.netns.kernel.clock.now / 1e6;
    const least = tcpSetting(this.way.netns, "tcp_invalid_ratelimit", 500);
    if (this.#lastAnswer !== 0 && now - this.#lastAnswer < least) {
      tcpCounters(this.way.netns).count("TCPACKSkippedSynRecv");
      return false;
    }
    this.#lastAnswer = now;
    return true;
  }

  /** The connection is there; its first segment may bring data. */
  #complete(segment: ArrivedSegment): DropReason | undefined {
    const { listener } = this;
    const counters = tcpCounters(this.way.netns);
    if (listener.isFull) {
      counters.count("ListenOverflows");
      counters.count("ListenDrops");
      if (tcpSetting(this.way.netns, "tcp_abort_on_overflow") === 0) return "TCP_LISTEN_OVERFLOW";
      answerWithReset(segment);
      this.end();
      return "TCP_RESET";
    }
    this.end();
    const tcb = this.#establish();
    listener.queue(tcb);
    arrive(tcb, segment);
    listener.wake();
    return undefined;
  }

  /** tcp_create_openreq_child() */
  #establish(): Tcb {
    const { listener, ends } = this;
    const tcb = makeTcb({ ...listener.identity, way: this.way.options }, ends);
    const { netns } = listener;
    tcpCounters(netns).passiveOpens++;
    tcb.iss = this.iss;
    tcb.irs = this.irs;
    tcb.rcvNxt = tcb.rcvWup = tcb.copiedSeq = advance(this.irs, 1);
    tcb.sndUna = tcb.sndNxt = tcb.writeSeq = tcb.smallEnd = tcb.pushedSeq = advance(this.iss, 1);
    tcb.sndWl1 = this.irs;
    tcb.timestamps = this.timestamps;
    tcb.tsRecent = this.tsRecent;
    tcb.tsRecentAt = netns.kernel.clock.now / 1e9;
    tcb.tsOffset = this.tsOffset;
    tcb.sackPermitted = this.sackPermitted;
    tcb.windowScaling = this.windowScale !== undefined;
    tcb.sndShift = this.windowScale ?? 0;
    tcb.rcvShift = this.windowScale === undefined ? 0 : this.window.shift;
    tcb.rcvWnd = tcb.rcvThreshold = this.window.window;
    tcb.windowClamp = this.window.clamp;
    tcb.receiveBuffer = listener.receiveBuffer;
    tcb.mssClamp = this.peerMss;
    tcb.advertisedMss = this.advertisedMss;
    synchronizeMss(tcb, this.way.mtu() ?? 1500);
    if (this.retransmits === 0)
      tcb.roundTrip.sample(
        (netns.kernel.clock.now - this.sentAt) / 1e3,
        tcb.microseconds,
        tcb.sndUna,
        tcb.sndNxt,
      );
    tcb.lastReceived = netns.kernel.jiffies;
    tcb.lastAckReceived = tcb.milliseconds;
    tcb.lastSent = tcb.milliseconds;
    tcb.delivered++;
    tcb.segmentsIn = 1;
    tcb.retainsNetns = true;
    netns.retain();
    setState(tcb, "SYN-RECEIVED");
    listener.table.add(tcb);
    return tcb;
  }
}

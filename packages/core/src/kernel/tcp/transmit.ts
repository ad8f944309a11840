// Sending: from the queue as far as the windows allow (RFC 9293, 3.8; RFC 5681), and the segments that carry no data.
// Kernel counterpart: net/ipv4/tcp_output.c.

import { TcpFlag } from "../../wire/tcp.ts";
import type { TcpSendOptions } from "../../wire/tcp-write.ts";
import { tcpOptionsLength, writeTcpSegment } from "../../wire/tcp-write.ts";
import type { Packet } from "../packet.ts";
import { MAX_OPTIONS_LENGTH, reduceByHalfWindow } from "./segment-size.ts";
import { SentSegment } from "./send-queue.ts";
import { advance, after, before, distance } from "./sequence.ts";
import { tcpSetting } from "./settings.ts";
import { INITIAL_WINDOW } from "./tcb.ts";
import type { Tcb } from "./tcb.ts";
import { leftOfTimeout, pendingSendTimer, rearmTimeout, setSendTimer, stopAckTimer, tick } from "./timers.ts";
import { offerWindow } from "./receive-window.ts";
import { RTO_FIRST, RTO_MAX, RTO_MIN } from "./round-trip.ts";
import { pseudoSum } from "./way.ts";

const NO_DATA = new Uint8Array(0);
const SACK_BLOCK = 8;

/** TSval: the clock in milliseconds, from a start that differs by peer (RFC 7323, 5.4). */
export function timestampValue(tcb: Tcb): number {
  return (tcb.milliseconds + tcb.tsOffset) >>> 0;
}

/** Options of a segment of a connection that is established. */
function establishedOptions(tcb: Tcb): TcpSendOptions {
  const timestamp = tcb.timestamps ? { value: timestampValue(tcb), echo: tcb.tsRecent } : undefined;
  if (!tcb.sackPermitted || !tcb.received.hasBlocks) return { timestamp };
  const most = Math.floor((MAX_OPTIONS_LENGTH - tcpOptionsLength({ timestamp }) - 4) / SACK_BLOCK);
  return { timestamp, sack: tcb.received.takeBlocks(most) };
}

/** Options of this side's SYN. */
function synOptions(tcb: Tcb): TcpSendOptions {
  return {
    maximumSegment: tcb.advertisedMss,
    windowScale: tcb.windowScaling ? tcb.rcvShift : undefined,
    sackPermitted: tcb.sackPermitted,
    timestamp: tcb.timestamps ? { value: timestampValue(tcb), echo: tcb.tsRecent } : undefined,
  };
}

/** The peer has been told RCV.NXT (tcp_event_ack_sent). */
function noteAckSent(tcb: Tcb): void {
  tcb.ackScheduled = tcb.ackNow = tcb.ackPushed = tcb.ackPushedAgain = false;
  stopAckTimer(tcb);
  if (tcb.quickAcks === 0) return;
  tcb.quickAcks--;
  if (tcb.quickAcks === 0) tcb.ackTimeout = 40;
}

/** Data goes out: what answers soon after something came is a dialogue (tcp_event_data_sent). */
function noteDataSent(tcb: Tcb): void {
  const now = tcb.kernel.jiffies;
  const idle = tcb.sending.inFlight === 0;
  if (idle && tcb.lastSent !== 0) tcb.congestion.onRestart?.(tcb.microseconds, tcb.lastSent * 1e3);
  tcb.lastSent = tcb.milliseconds;
  if ((now - tcb.lastReceived) * (1000 / tcb.kernel.profile.hz) < tcb.ackTimeout) tcb.pingPong = true;
}

/** Puts a segment on its way. An errno if the way refuses it; it counts as sent all the same. */
function transmit(
  tcb: Tcb,
  sequence: number,
  flags: number,
  data: Uint8Array,
  cause?: Packet,
  window?: number,
): number {
  const syn = (flags & TcpFlag.SYN) !== 0;
  const options = syn ? synOptions(tcb) : establishedOptions(tcb);
  const { ends } = tcb;
  const field = syn ? Math.min(tcb.rcvWnd, 0xffff) : (window ?? offerWindow(tcb));
  const segment = writeTcpSegment(
    {
      sourcePort: ends.localPort,
      destinationPort: ends.remotePort,
      sequence,
      acknowledgement: tcb.rcvNxt,
      flags,
      window: field,
    },
    options,
    data,
    (length) => pseudoSum(ends.local, ends.remote, length),
  );
  if ((flags & TcpFlag.ACK) !== 0) noteAckSent(tcb);
  tcb.segmentsOut++;
  if (data.length > 0) {
    noteDataSent(tcb);
    tcb.dataSegmentsOut++;
    tcb.bytesSent += data.length;
  }
  const controls = (syn ? 1 : 0) + ((flags & TcpFlag.FIN) === 0 ? 0 : 1);
  const consumed = data.length + controls;
  // What is sent again counts as that only (RFC 4022).
  if (consumed === 0 || after(advance(sequence, consumed), tcb.sndNxt)) tcb.counters.outSegs++;
  const id = tcb.nextId;
  tcb.nextId = (tcb.nextId + 1) & 0xffff;
  return tcb.way.send(segment, { id, ...(cause && { cause }) });
}

/** SEG.SEQ of a segment without data: within the peer's window (tcp_acceptable_seq). */
function acceptableSequence(tcb: Tcb): number {
  const windowEnd = advance(tcb.sndUna, tcb.sndWnd);
  if (!before(windowEnd, tcb.sndNxt)) return tcb.sndNxt;
  if (tcb.rcvShift > 0 && distance(windowEnd, tcb.sndNxt) < 2 ** tcb.rcvShift) return tcb.sndNxt;
  return windowEnd;
}

/** An acknowledgement without data. */
export function sendAck(tcb: Tcb, cause?: Packet): void {
  if (tcb.state === "CLOSED") return;
  transmit(tcb, acceptableSequence(tcb), TcpFlag.ACK, NO_DATA, cause);
}

/** Ends the connection for the peer (tcp_send_active_reset). */
export function sendReset(tcb: Tcb): void {
  tcb.counters.outRsts++;
  transmit(tcb, acceptableSequence(tcb), TcpFlag.RST | TcpFlag.ACK, NO_DATA);
}

/** The SYN of an active open. */
export function sendSyn(tcb: Tcb): void {
  const syn = new SentSegment(tcb.iss, TcpFlag.SYN, NO_DATA, 1);
  tcb.sending.append(syn);
  tcb.sending.moveFirst();
  syn.sentAt = tcb.kernel.clock.now;
  tcb.retransmitStamp = timestampValue(tcb) || 1;
  transmit(tcb, tcb.iss, TcpFlag.SYN, NO_DATA);
  tcb.sndNxt = tcb.writeSeq;
  tcb.pushedSeq = tcb.writeSeq;
  setSendTimer(tcb, "retransmit", tcb.roundTrip.rto);
}

/** The answer to a SYN that has met the own one: it acknowledges that. */
export function sendSynAck(tcb: Tcb): void {
  const syn = tcb.sending.sent[0];
  if (syn === undefined) return;
  syn.flags |= TcpFlag.ACK;
  retransmit(tcb, syn);
}

// ---- the size of segments

/** tcp_sync_mss(): from the path MTU, the peer's limit and its window. */
export function synchronizeMss(tcb: Tcb, mtu: number): number {
  tcb.pathMtu = mtu;
  const least = tcpSetting(tcb.netns, "tcp_min_snd_mss", 48);
  const whole = Math.max(Math.min(mtu - tcb.way.headerLength - 20, tcb.mssClamp), least);
  tcb.mss = reduceByHalfWindow(tcb, whole - (tcb.headerLength - 20));
  return tcb.mss;
}

/** tcp_current_mss(): bytes of data in a full segment now. SACK blocks take their room. */
export function currentMss(tcb: Tcb): number {
  const mtu = tcb.way.mtu();
  const mss = mtu !== undefined && mtu !== tcb.pathMtu ? synchronizeMss(tcb, mtu) : tcb.mss;
  if (!tcb.sackPermitted || !tcb.received.hasBlocks) return mss;
  const blocks = tcb.received.blockCount(
    Math.floor((MAX_OPTIONS_LENGTH - (tcb.headerLength - 20) - 4) / SACK_BLOCK),
  );
  return mss - 4 - blocks * SACK_BLOCK;
}

// ---- data

/** The program's bytes go to the end of the queue, in segments of full size; the last asks for PSH. */
export function appendData(tcb: Tcb, bytes: Uint8Array): void {
  restartAfterIdle(tcb);
  const mss = currentMss(tcb);
  let at = 0;
  const last = tcb.sending.unsent.at(-1);
  if (last !== undefined && last.data.length < mss && (last.flags & TcpFlag.FIN) === 0) {
    at = Math.min(mss - last.data.length, bytes.length);
    const joined = new Uint8Array(last.data.length + at);
    joined.set(last.data);
    joined.set(bytes.subarray(0, at), last.data.length);
    last.data = joined;
    last.end = advance(last.end, at);
    tcb.sending.bytes += at;
    tcb.writeSeq = advance(tcb.writeSeq, at);
    pushIfMuch(tcb, last);
  }
  while (at < bytes.length) {
    const data = bytes.slice(at, at + mss);
    const segment = new SentSegment(tcb.writeSeq, TcpFlag.ACK, data, 0);
    tcb.sending.append(segment);
    at += data.length;
    tcb.writeSeq = segment.end;
    pushIfMuch(tcb, segment);
  }
  const tail = tcb.sending.unsent.at(-1);
  if (tail !== undefined) {
    tail.flags |= TcpFlag.PSH;
    tcb.pushedSeq = tcb.writeSeq;
  }
}

/** Half a window without PSH is enough (forced_push). */
function pushIfMuch(tcb: Tcb, segment: SentSegment): void {
  if (!after(tcb.writeSeq, advance(tcb.pushedSeq, tcb.maxWindow >>> 1))) return;
  segment.flags |= TcpFlag.PSH;
  tcb.pushedSeq = tcb.writeSeq;
}

/** RFC 5681, 4.1: after a pause the window is as at the start, halved once for every timeout that has passed. */
function restartAfterIdle(tcb: Tcb): void {
  if (tcb.sending.packetsOut > 0 || tcb.lastSent === 0) return;
  if (tcpSetting(tcb.netns, "tcp_slow_start_after_idle") === 0) return;
  const rto = tcb.roundTrip.rto / 1e3;
  let idle = tcb.milliseconds - tcb.lastSent;
  if (idle <= rto) return;
  const { congestionWindow } = tcb;
  tcb.slowStartThreshold = tcb.thresholdNow;
  const restart = Math.min(INITIAL_WINDOW, congestionWindow);
  let window = congestionWindow;
  for (idle -= rto; idle > 0 && window > restart; idle -= rto) window >>= 1;
  tcb.congestionWindow = Math.max(window, restart);
  tcb.limited = false;
  tcb.limitedPackets = 0;
}

/** No more will be sent: FIN behind the data that waits, or by itself. */
export function queueFin(tcb: Tcb): void {
  const last = tcb.sending.unsent.at(-1);
  if (last !== undefined) {
    last.flags |= TcpFlag.FIN;
    last.end = advance(last.end, 1);
  } else tcb.sending.append(new SentSegment(tcb.writeSeq, TcpFlag.ACK | TcpFlag.FIN, NO_DATA, 1));
  tcb.writeSeq = advance(tcb.writeSeq, 1);
  push(tcb, true);
}

/** RFC 896 as RFC 9293, 3.7.4 has it: a small segment waits while another small one is on the way. */
function nagleHolds(tcb: Tcb, segment: SentSegment, mss: number): boolean {
  if (segment.data.length >= mss || tcb.settings.noDelay || (segment.flags & TcpFlag.FIN) !== 0) return false;
  return tcb.sending.packetsOut > 0 && after(tcb.smallEnd, tcb.sndUna) && !after(tcb.smallEnd, tcb.sndNxt);
}

/**
 * tcp_write_xmit(): sends what the congestion window and the peer's window allow. `all`: small segments do not wait. True if a
 * segment was sent.
 */
export function push(tcb: Tcb, all = false): boolean {
  const { sending } = tcb;
  if (sending.unsent.length === 0) return false;
  const mss = currentMss(tcb);
  let sentOne = false;
  for (;;) {
    const segment = sending.unsent[0];
    if (segment === undefined || sending.inFlight >= tcb.congestionWindow) break;
    if (segment.data.length > mss) sending.split(segment, mss, TcpFlag.PSH | TcpFlag.FIN);
    if (after(segment.end, advance(tcb.sndUna, tcb.sndWnd))) break;
    if (sending.unsent.length === 1 && !all && nagleHolds(tcb, segment, mss)) break;
    sendFirst(tcb, segment, mss);
    sentOne = true;
    if (inReduction(tcb)) tcb.prrOut++;
  }
  if (sentOne) {
    scheduleLossProbe(tcb, false);
    noteUse(tcb, sending.inFlight >= tcb.congestionWindow);
  } else if (sending.packetsOut === 0 && pendingSendTimer(tcb) === undefined)
    setSendTimer(tcb, "window-probe", Math.min(Math.max(tcb.roundTrip.rto, RTO_MIN), RTO_MAX));
  return sentOne;
}

export function inReduction({ phase }: Tcb): boolean {
  return phase === "reduced" || phase === "recovery";
}

function sendFirst(tcb: Tcb, segment: SentSegment, mss: number): void {
  const { sending } = tcb;
  const before = sending.packetsOut;
  segment.sentAt = tcb.kernel.clock.now;
  transmit(tcb, segment.sequence, segment.flags, segment.data);
  if (segment.data.length > 0 && segment.data.length < mss) tcb.smallEnd = segment.end;
  sending.moveFirst();
  tcb.sndNxt = segment.end;
  if (segment.data.length > 0) tcb.counters.count("TCPOrigDataSent");
  if (before === 0 || pendingSendTimer(tcb) === "loss-probe") rearmTimeout(tcb);
}

/** tcp_cwnd_validate(): whether the congestion window is what limits (RFC 7661). */
function noteUse(tcb: Tcb, limited: boolean): void {
  const { packetsOut } = tcb.sending;
  if (!before(tcb.sndUna, tcb.limitedSeq) || limited || (!tcb.limited && packetsOut > tcb.limitedPackets)) {
    tcb.limited = limited;
    tcb.limitedPackets = packetsOut;
    tcb.limitedSeq = tcb.sndNxt;
  }
}

/** tcp_is_cwnd_limited() */
export function isLimited(tcb: Tcb): boolean {
  if (tcb.limited) return true;
  return tcb.inSlowStart && tcb.congestionWindow < 2 * tcb.limitedPackets;
}

/** Sends a segment of the retransmission queue again. False if it may not go now. */
export function retransmit(tcb: Tcb, segment: SentSegment): boolean {
  const { sending } = tcb;
  const mss = currentMss(tcb);
  if (before(segment.sequence, tcb.sndUna)) sending.trimFirst(tcb.sndUna);
  const windowEnd = advance(tcb.sndUna, tcb.sndWnd);
  const syn = (segment.flags & TcpFlag.SYN) !== 0;
  if (!syn && !before(segment.sequence, windowEnd) && segment.sequence !== tcb.sndUna) return false;
  if (segment.data.length > mss) sending.split(segment, mss, TcpFlag.PSH | TcpFlag.FIN);
  segment.sentAt = tcb.kernel.clock.now;
  tcb.counters.retransSegs++;
  if (syn) tcb.counters.count("TCPSynRetrans");
  tcb.totalRetransmits++;
  tcb.bytesRetransmitted += segment.data.length;
  const errno = transmit(tcb, segment.sequence, segment.flags, segment.data);
  if (errno !== 0) tcb.counters.count("TCPRetransFail");
  sending.markRetransmitted(segment);
  if (tcb.retransmitStamp === 0) tcb.retransmitStamp = timestampValue(tcb) || 1;
  tcb.undoRetransmits = Math.max(tcb.undoRetransmits, 0) + 1;
  return true;
}

/** tcp_write_wakeup(): something small, though the window is closed or nothing is there to be sent. */
export function sendProbe(tcb: Tcb, counter: "TCPWinProbe" | "TCPKeepAlive"): void {
  const head = tcb.sending.unsent[0];
  const windowEnd = advance(tcb.sndUna, tcb.sndWnd);
  tcb.counters.count(counter);
  if (head === undefined || !before(head.sequence, windowEnd)) {
    // In front of what the peer has: it answers with its window (RFC 9293, 3.8.6.1).
    transmit(tcb, advance(tcb.sndUna, -1), TcpFlag.ACK, NO_DATA);
    return;
  }
  const mss = currentMss(tcb);
  const fits = Math.min(distance(head.sequence, windowEnd), mss);
  if (fits < head.data.length) {
    tcb.sending.split(head, fits, TcpFlag.FIN);
    head.flags |= TcpFlag.PSH;
  }
  sendFirst(tcb, head, mss);
}

// ---- tail loss probes (RFC 8985, 7)

/** tcp_schedule_loss_probe(): true if the timer waits for a probe now. `advancing`: the timeout starts anew. */
export function scheduleLossProbe(tcb: Tcb, advancing: boolean): boolean {
  const { sending, roundTrip } = tcb;
  const early = tcpSetting(tcb.netns, "tcp_early_retrans");
  if ((early !== 3 && early !== 4) || sending.packetsOut === 0 || !tcb.sackPermitted) return false;
  if (tcb.phase !== "open" && tcb.phase !== "reduced") return false;
  let delay: number;
  if (roundTrip.srtt8 > 0) {
    delay = roundTrip.srtt8 / 4;
    delay += sending.packetsOut === 1 ? RTO_MIN : (2 * tick(tcb)) / 1e3;
  } else delay = RTO_FIRST;
  const left = advancing ? roundTrip.rto : leftOfTimeout(tcb);
  if (left > 0) delay = Math.min(delay, left);
  setSendTimer(tcb, "loss-probe", delay);
  return true;
}

/** tcp_send_loss_probe(): new data if there is any, else the last segment again. */
export function sendLossProbe(tcb: Tcb): void {
  const { sending } = tcb;
  if (tcb.probeEnd === 0) {
    const fresh = sending.unsent[0];
    if (fresh !== undefined && !after(fresh.end, advance(tcb.sndUna, tcb.sndWnd))) {
      tcb.probeResent = false;
      tcb.probeEnd = tcb.sndNxt || 1;
      sendFirst(tcb, fresh, currentMss(tcb));
      tcb.counters.count("TCPLossProbes");
    } else {
      const last = sending.sent.at(-1);
      if (last !== undefined && retransmit(tcb, last)) {
        tcb.probeResent = true;
        tcb.probeEnd = tcb.sndNxt || 1;
        tcb.counters.count("TCPLossProbes");
      }
    }
  }
  rearmTimeout(tcb);
}

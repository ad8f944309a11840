// SEG.ACK and what goes with it: the peer's window, its SACK blocks, round-trip times and the congestion window (RFC 9293, 3.10.7.4,
// "fifth"; RFC 6675, 7323, 5681). Kernel counterpart: tcp_ack.

import { TcpFlag } from "../../wire/tcp.ts";
import type { SackBlock } from "../../wire/tcp-write.ts";
import { expandSendBuffer } from "./receive-window.ts";
import { judgeLosses, judgeProbe, noteDelivery, reduceWindow } from "./recovery.ts";
import type { ArrivedSegment } from "./segment.ts";
import type { SentSegment } from "./send-queue.ts";
import { advance, after, before, distance } from "./sequence.ts";
import { isSynchronized } from "./state.ts";
import type { Tcb } from "./tcb.ts";
import { pendingSendTimer, rearmTimeout, setSendTimer, stopSendTimer } from "./timers.ts";
import { inReduction, isLimited, scheduleLossProbe, timestampValue } from "./transmit.ts";
import { RTO_MAX, RTO_MIN } from "./round-trip.ts";

/** What the times of acknowledged segments say. Infinity: nothing was sent once only. */
interface Delivery {
  count: number;
  /** Of the oldest and the newest segment that was sent once, ns. */
  first: number;
  last: number;
  /** Of the first SACKed one. */
  sackedFirst: number;
  retransmitted: boolean;
  synAcknowledged: boolean;
}

/** RFC 7323, 4.3: TS.Recent follows the segments that are acknowledged. */
export function rememberTimestamp(tcb: Tcb, segment: ArrivedSegment): void {
  const { timestamp } = segment;
  if (timestamp === undefined || after(segment.sequence, tcb.rcvWup)) return;
  if (before(timestamp.value, tcb.tsRecent) && tcb.tsRecentAt !== 0) return;
  tcb.tsRecent = timestamp.value;
  tcb.tsRecentAt = tcb.kernel.clock.now / 1e9;
}

/** tcp_ack_update_window(). True if the window is another one now. */
function updateWindow(tcb: Tcb, segment: ArrivedSegment): boolean {
  const shift = segment.syn ? 0 : tcb.sndShift;
  const window = segment.window * 2 ** shift;
  const newer =
    after(segment.acknowledgement, tcb.sndUna) ||
    after(segment.sequence, tcb.sndWl1) ||
    (segment.sequence === tcb.sndWl1 && (window > tcb.sndWnd || window === 0));
  if (!newer) return false;
  const changed = tcb.sndWnd !== window;
  tcb.sndWl1 = segment.sequence;
  tcb.sndWnd = window;
  if (window > tcb.maxWindow) tcb.maxWindow = window;
  return changed;
}

function noteTimes(delivery: Delivery, segment: SentSegment): void {
  delivery.count++;
  if (segment.everRetransmitted) delivery.retransmitted = true;
  else {
    delivery.first = Math.min(delivery.first, segment.sentAt);
    delivery.last = Math.max(delivery.last, segment.sentAt);
  }
}

/** tcp_clean_rtx_queue(): takes off what is acknowledged. */
function clean(tcb: Tcb, acknowledged: number, delivery: Delivery): void {
  const { sending } = tcb;
  const outBefore = sending.packetsOut;
  for (;;) {
    const segment = sending.sent[0];
    if (segment === undefined) break;
    if (after(segment.end, acknowledged)) {
      sending.trimFirst(acknowledged);
      break;
    }
    if (!segment.sacked) {
      noteTimes(delivery, segment);
      if (!segment.everRetransmitted) noteReordering(tcb, segment, tcb.highestSacked);
      if (tcb.sackPermitted) noteDelivery(tcb, segment);
    } else if (segment.everRetransmitted) delivery.retransmitted = true;
    if ((segment.flags & TcpFlag.SYN) !== 0) {
      delivery.synAcknowledged = true;
      tcb.retransmitStamp = 0;
    }
    sending.removeFirst();
  }
  if (tcb.sackPermitted) return;
  // One of them was the hole; the others had come before, as duplicates told (tcp_remove_reno_sacks).
  const duplicates = sending.sackedOut - Math.max(0, outBefore - sending.packetsOut - 1);
  sending.sackedOut = Math.min(Math.max(0, duplicates), sending.packetsOut);
}

/** RFC 2883: the first block tells of bytes that came twice. */
function isDuplicateSack(segment: ArrivedSegment): boolean {
  const [first, second] = segment.sack;
  if (first === undefined) return false;
  if (before(first.left, segment.acknowledgement)) return true;
  return second !== undefined && !after(first.right, second.right) && !before(first.left, second.left);
}

/** tcp_sacktag_write_queue(). Segments that a block's edge cuts are cut there. */
function tagSacked(tcb: Tcb, blocks: readonly SackBlock[], delivery: Delivery): void {
  const { sending } = tcb;
  const highest = tcb.highestSacked;
  for (const { left, right } of blocks.toSorted((a, b) => distance(b.left, a.left))) {
    if (!after(right, left) || after(right, tcb.sndNxt) || !after(right, tcb.sndUna)) continue;
    for (let at = 0; at < sending.sent.length; at++) {
      const segment = sending.sent[at] as SentSegment;
      if (!before(segment.sequence, right)) break;
      if (segment.sacked || !after(segment.end, left)) continue;
      if (before(segment.sequence, left) || after(segment.end, right)) continue;
      if (!segment.everRetransmitted) {
        delivery.sackedFirst = Math.min(delivery.sackedFirst, segment.sentAt);
        noteReordering(tcb, segment, highest);
      }
      delivery.count++;
      noteDelivery(tcb, segment);
      sending.markSacked(segment);
      if (after(segment.end, tcb.highestSacked)) tcb.highestSacked = segment.end;
    }
  }
}

/** A segment that was sent once arrives behind a later one (RFC 8985, 6.2 step 3). */
function noteReordering(tcb: Tcb, segment: SentSegment, highestSacked: number): void {
  if (tcb.sending.sackedOut === 0 || !before(segment.end, highestSacked) || tcb.reorderingSeen) return;
  tcb.reorderingSeen = true;
  tcb.reorderings++;
  tcb.counters.count("TCPSACKReorder");
}

/** tcp_ack_update_rtt(). The time of the newest segment is the network's. */
function measure(tcb: Tcb, delivery: Delivery, echo: number, acknowledged: boolean): void {
  const { now } = tcb.kernel.clock;
  let rtt = -1;
  if (acknowledged && !delivery.retransmitted && delivery.first !== Infinity)
    rtt = (now - delivery.first) / 1e3;
  else if (delivery.sackedFirst !== Infinity) rtt = (now - delivery.sackedFirst) / 1e3;
  else if (acknowledged && tcb.timestamps && echo !== 0) {
    const ms = (timestampValue(tcb) - echo) >>> 0;
    if (ms < 0x7fff_ffff) rtt = Math.max(ms, 1) * 1000;
  }
  if (rtt < 0) return;
  const network = delivery.last > 0 && !delivery.retransmitted ? (now - delivery.last) / 1e3 : rtt;
  tcb.roundTrip.sample(rtt, now / 1e3, tcb.sndUna, tcb.sndNxt, network);
  tcb.backoff = 0;
  tcb.congestion.onRoundTrip?.(tcb, {
    rtt: network,
    now: now / 1e3,
    acknowledged: tcb.sndUna,
    next: tcb.sndNxt,
  });
}

/**
 * An acknowledgement. False if the segment is not to be looked at further: it acknowledges what was never sent, or what is long past
 * (RFC 5961, 5).
 */
export function acknowledge(tcb: Tcb, segment: ArrivedSegment): boolean {
  const { acknowledgement } = segment;
  const priorUna = tcb.sndUna;
  if (before(acknowledgement, advance(priorUna, -Math.max(tcb.maxWindow, 1)))) return false;
  if (after(acknowledgement, tcb.sndNxt)) return false;
  const unaAdvanced = after(acknowledgement, priorUna);
  const echo = segment.timestamp?.echo ?? 0;
  const delivery: Delivery = {
    count: 0,
    first: Infinity,
    last: 0,
    sackedFirst: Infinity,
    retransmitted: false,
    synAcknowledged: false,
  };
  const lostBefore = tcb.sending.lostOut;
  const outBefore = tcb.sending.packetsOut;
  const old = before(acknowledgement, priorUna);
  let windowChanged = false;
  if (!old) {
    windowChanged = updateWindow(tcb, segment);
    if (unaAdvanced) {
      tcb.bytesAcked += distance(priorUna, acknowledgement);
      tcb.sndUna = acknowledgement;
      tcb.retransmits = 0;
    }
    tcb.lastAckReceived = tcb.milliseconds;
    tcb.softError = 0;
    tcb.probesOut = 0;
  }
  countKind(tcb, segment, unaAdvanced);
  const duplicateSack = isDuplicateSack(segment);
  if (duplicateSack) noteDuplicate(tcb, segment);
  if (tcb.sackPermitted && segment.sack.length > 0)
    tagSacked(tcb, duplicateSack ? segment.sack.slice(1) : segment.sack, delivery);
  if (old && segment.sack.length === 0) return true;
  if (outBefore === 0) {
    checkProbeTimer(tcb);
    return true;
  }
  const acknowledgedBefore = delivery.count;
  clean(tcb, acknowledgement, delivery);
  const acknowledged = delivery.count > acknowledgedBefore || delivery.synAcknowledged || unaAdvanced;
  tcb.delivered += delivery.count;
  if (delivery.count > 0) tcb.counters.count("TCPDelivered", delivery.count);
  measure(tcb, delivery, echo, acknowledged);
  const outcome = {
    unaAdvanced,
    progress: delivery.count > 0,
    duplicate: segment.length === 0 && !segment.fin && !windowChanged && !unaAdvanced,
    delivered: delivery.count,
    echo,
    duplicateSack,
  };
  if (tcb.probeEnd !== 0) judgeProbe(tcb, acknowledgement, outcome);
  if (needsJudgement(tcb, segment, outcome.duplicate, unaAdvanced)) judgeLosses(tcb, outcome);
  control(tcb, outcome.delivered, Math.max(0, tcb.sending.lostOut - lostBefore), unaAdvanced);
  if (outcome.progress || unaAdvanced) {
    if (pendingSendTimer(tcb) !== "reorder" && !scheduleLossProbe(tcb, true)) rearmTimeout(tcb);
  }
  return true;
}

/** tcp_ack_is_dubious() */
function needsJudgement(
  tcb: Tcb,
  { sack }: ArrivedSegment,
  duplicate: boolean,
  unaAdvanced: boolean,
): boolean {
  return tcb.phase !== "open" || sack.length > 0 || (duplicate && !unaAdvanced) || tcb.sending.lostOut > 0;
}

function countKind(tcb: Tcb, segment: ArrivedSegment, unaAdvanced: boolean): void {
  if (!isSynchronized(tcb.state) || segment.length > 0 || segment.fin) return;
  const plain = segment.flags === TcpFlag.ACK || segment.flags === (TcpFlag.ACK | TcpFlag.PSH);
  if (plain && unaAdvanced && segment.sack.length === 0 && segment.sequence === tcb.rcvNxt)
    tcb.counters.count("TCPHPAcks");
  else tcb.counters.count("TCPPureAcks");
}

function noteDuplicate(tcb: Tcb, segment: ArrivedSegment): void {
  tcb.duplicateSacks++;
  const [first] = segment.sack;
  const beyond = first !== undefined && !before(first.left, segment.acknowledgement);
  tcb.counters.count(beyond ? "TCPDSACKOfoRecv" : "TCPDSACKRecv");
  tcb.counters.count("TCPDSACKRecvSegs");
  if (tcb.undoMarker !== undefined && tcb.undoRetransmits > 0) tcb.undoRetransmits--;
}

/** tcp_cong_control() */
function control(tcb: Tcb, delivered: number, lost: number, unaAdvanced: boolean): void {
  if (inReduction(tcb)) reduceWindow(tcb, delivered, lost, unaAdvanced);
  else if (unaAdvanced && delivered > 0 && isLimited(tcb)) {
    tcb.congestion.onAcknowledged(tcb, delivered, tcb.microseconds);
    expandSendBuffer(tcb);
  }
}

/** tcp_ack_probe(): nothing is on the way; does the window let something go? */
function checkProbeTimer(tcb: Tcb): void {
  const head = tcb.sending.unsent[0];
  if (head === undefined) return;
  if (!after(head.end, advance(tcb.sndUna, tcb.sndWnd))) {
    tcb.backoff = 0;
    if (pendingSendTimer(tcb) === "window-probe") stopSendTimer(tcb);
  } else setSendTimer(tcb, "window-probe", probeDelay(tcb));
}

/** µs to the next probe of a window that is closed (tcp_probe0_when). */
export function probeDelay(tcb: Tcb): number {
  return Math.min(Math.max(tcb.roundTrip.rto, RTO_MIN) * 2 ** tcb.backoff, RTO_MAX);
}

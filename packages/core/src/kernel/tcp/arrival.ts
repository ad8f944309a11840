// SEGMENT ARRIVES (RFC 9293, 3.10.7) for a connection that is there, in the order of its checks and with those of RFC 5961 and 7323.
// Kernel counterpart: tcp_rcv_established, tcp_rcv_state_process.

import { acknowledge, rememberTimestamp } from "./acknowledgement.ts";
import {
  acknowledgeIfDue,
  acknowledgeQuickly,
  guessReceivedSize,
  noteDataReceived,
} from "./acknowledging.ts";
import { finish, finWaitLength, leaveBehind, resetByPeer, setState } from "./ending.ts";
import { startKeepalive } from "./keepalive.ts";
import { answerWithReset } from "./reset.ts";
import { initializeBuffers, measureReceiverByEcho, offeredWindow } from "./receive-window.ts";
import type { ArrivedSegment } from "./segment.ts";
import { advance, after, before, distance } from "./sequence.ts";
import { tcpSetting } from "./settings.ts";
import type { Tcb } from "./tcb.ts";
import { TIME_WAIT_LENGTH } from "./time-wait.ts";
import { setLifeTimer } from "./timers.ts";
import { push, sendAck, sendSynAck, synchronizeMss, timestampValue } from "./transmit.ts";

/** A segment for this connection. What it wakes is woken behind it. */
export function arrive(tcb: Tcb, segment: ArrivedSegment): void {
  tcb.busy = true;
  tcb.segmentsIn++;
  if (segment.length > 0) tcb.dataSegmentsIn++;
  if (tcb.state === "SYN-SENT") arriveInSynSent(tcb, segment);
  else if (tcb.state === "CLOSED") tcb.refused = "TCP_CLOSE";
  else arriveSynchronized(tcb, segment);
  tcb.busy = false;
  if (!tcb.woken) return;
  tcb.woken = false;
  tcb.wakers.wake();
}

// ---- SYN-SENT (3.10.7.3)

function arriveInSynSent(tcb: Tcb, segment: ArrivedSegment): void {
  const { acknowledgement, timestamp } = segment;
  if (segment.ack) {
    if (!after(acknowledgement, tcb.sndUna) || after(acknowledgement, tcb.sndNxt)) {
      answerWithReset(segment);
      return;
    }
    if (tcb.timestamps && timestamp !== undefined && timestamp.echo !== 0 && !isOurs(tcb, timestamp.echo)) {
      tcb.counters.count("PAWSActive");
      answerWithReset(segment);
      return;
    }
    if (segment.rst) {
      resetByPeer(tcb);
      return;
    }
  } else if (segment.rst) return;
  if (!segment.syn) return;
  learnOptions(tcb, segment);
  tcb.irs = segment.sequence;
  tcb.rcvNxt = tcb.rcvWup = tcb.copiedSeq = advance(segment.sequence, 1);
  tcb.sndWl1 = segment.sequence;
  if (!segment.ack) {
    openSimultaneously(tcb, segment);
    return;
  }
  acknowledge(tcb, segment);
  tcb.sndWnd = segment.window;
  tcb.maxWindow = segment.window;
  synchronizeMss(tcb, tcb.pathMtu);
  guessReceivedSize(tcb);
  setState(tcb, "ESTABLISHED");
  initializeBuffers(tcb);
  tcb.lastReceived = tcb.kernel.jiffies;
  tcb.lastSent = tcb.milliseconds;
  startKeepalive(tcb);
  tcb.wake();
  sendAck(tcb, segment.packet);
  push(tcb);
}

/** The echoed time lies between the SYN and now. */
function isOurs(tcb: Tcb, echo: number): boolean {
  return !after(echo, timestampValue(tcb)) && !before(echo, tcb.retransmitStamp);
}

/** The peer's SYN says what both may use. */
function learnOptions(tcb: Tcb, segment: ArrivedSegment): void {
  const { maximumSegment, windowScale, timestamp } = segment;
  const own = tcb.settings.maximumSegment;
  const peer = maximumSegment ?? 536;
  tcb.mssClamp = own > 0 ? Math.min(own, peer) : peer;
  if (windowScale === undefined || !tcb.windowScaling) {
    tcb.windowScaling = false;
    tcb.sndShift = tcb.rcvShift = 0;
    tcb.windowClamp = Math.min(tcb.windowClamp, 65_535);
  } else tcb.sndShift = windowScale;
  if (tcb.timestamps && timestamp !== undefined) {
    tcb.tsRecent = timestamp.value;
    tcb.tsRecentAt = tcb.kernel.clock.now / 1e9;
    tcb.advertisedMss -= 12;
  } else tcb.timestamps = false;
  tcb.sackPermitted = tcb.sackPermitted && segment.sackPermitted;
}

/** Both sides have called each other (RFC 9293, 3.5, figure 8). */
function openSimultaneously(tcb: Tcb, segment: ArrivedSegment): void {
  setState(tcb, "SYN-RECEIVED");
  tcb.sndWnd = segment.window;
  tcb.maxWindow = segment.window;
  synchronizeMss(tcb, tcb.pathMtu);
  sendSynAck(tcb);
}

// ---- all other states (3.10.7.4)

function arriveSynchronized(tcb: Tcb, segment: ArrivedSegment): void {
  if (!isAcceptable(tcb, segment)) return;
  if (!segment.ack) {
    tcb.refused = "TCP_FLAGS";
    return;
  }
  rememberTimestamp(tcb, segment);
  if (!acknowledge(tcb, segment)) {
    const old = before(segment.acknowledgement, tcb.sndUna);
    tcb.refused = old ? "TCP_TOO_OLD_ACK" : "TCP_ACK_UNSENT_DATA";
    if (tcb.state === "SYN-RECEIVED") answerWithReset(segment);
    else if (old) challenge(tcb, segment);
    return;
  }
  if (tcb.state === "SYN-RECEIVED") becomeEstablished(tcb, segment);
  if (segment.timestamp !== undefined) measureReceiverByEcho(tcb, segment.timestamp.echo, segment.length);
  if (!advanceClosing(tcb, segment)) return;
  if (segment.sequence !== segment.end) takeText(tcb, segment);
  // tcp_data_queue may have ended it.
  if (hasEnded(tcb)) return;
  push(tcb);
  tcb.wakeIfWritable();
  acknowledgeIfDue(tcb);
}

function hasEnded({ state }: Tcb): boolean {
  return state === "CLOSED";
}

/** First to fourth: sequence number, RST, SYN (tcp_validate_incoming). */
function isAcceptable(tcb: Tcb, segment: ArrivedSegment): boolean {
  const { timestamp } = segment;
  if (tcb.timestamps && timestamp !== undefined && isFromThePast(tcb, segment) && !segment.rst) {
    tcb.counters.count("PAWSEstab");
    tcb.refused = "TCP_RFC7323_PAWS";
    acknowledgeAgain(tcb, segment);
    return false;
  }
  const window = offeredWindow(tcb);
  const inside = !before(segment.end, tcb.rcvWup) && distance(tcb.rcvNxt, segment.sequence) <= window;
  if (!inside) {
    tcb.refused = before(segment.end, tcb.rcvWup) ? "TCP_OLD_SEQUENCE" : "TCP_INVALID_SEQUENCE";
    if (segment.rst) {
      if (segment.sequence === advance(tcb.rcvNxt, -1) && isClosing(tcb)) resetByPeer(tcb);
    } else if (segment.syn) challenge(tcb, segment);
    else acknowledgeAgain(tcb, segment);
    return false;
  }
  if (segment.rst) {
    // RFC 5961, 3.2
    if (segment.sequence === tcb.rcvNxt) resetByPeer(tcb);
    else {
      tcb.refused = "TCP_RESET";
      challenge(tcb, segment);
    }
    return false;
  }
  if (
    segment.syn &&
    !(tcb.state === "SYN-RECEIVED" && segment.ack && advance(segment.sequence, 1) === tcb.rcvNxt)
  ) {
    tcb.counters.count("TCPSYNChallenge");
    tcb.refused = "TCP_INVALID_SYN";
    challenge(tcb, segment);
    return false;
  }
  return true;
}

function isClosing({ state }: Tcb): boolean {
  return state === "CLOSE-WAIT" || state === "LAST-ACK" || state === "CLOSING";
}

/** PAWS (RFC 7323, 5): times do not go back, but for pure acknowledgements that came the wrong way round. */
function isFromThePast(tcb: Tcb, segment: ArrivedSegment): boolean {
  const { timestamp } = segment;
  if (timestamp === undefined || !before(timestamp.value, tcb.tsRecent)) return false;
  const day = 24 * 24 * 3600; // TCP_PAWS_24DAYS
  if (tcb.kernel.clock.now / 1e9 - tcb.tsRecentAt > day) return false;
  const pure = segment.length === 0 && !segment.fin && !segment.syn;
  const replay = distance(timestamp.value, tcb.tsRecent) <= (tcb.roundTrip.rto * 1200) / 1e6;
  return !(pure && segment.acknowledgement === tcb.sndUna && segment.sequence === tcb.rcvNxt && replay);
}

/** tcp_send_dupack(): what was known is acknowledged again. */
function acknowledgeAgain(tcb: Tcb, segment: ArrivedSegment): void {
  if (segment.end !== segment.sequence && before(segment.sequence, tcb.rcvNxt)) {
    tcb.counters.count("DelayedACKLost");
    acknowledgeQuickly(tcb);
    noteDuplicate(tcb, segment.sequence, segment.end);
  }
  if (!mayAnswerInvalid(tcb, segment)) return;
  sendAck(tcb, segment.packet);
}

/** net.ipv4.tcp_invalid_ratelimit: answers to segments without data are rare. */
function mayAnswerInvalid(tcb: Tcb, segment: ArrivedSegment): boolean {
  if (segment.length > 0 && !segment.syn) return true;
  const now = tcb.milliseconds;
  const least = tcpSetting(tcb.netns, "tcp_invalid_ratelimit", 500);
  if (tcb.lastInvalidAnswer !== 0 && now - tcb.lastInvalidAnswer < least) {
    tcb.counters.count("TCPACKSkippedSeq");
    return false;
  }
  tcb.lastInvalidAnswer = now;
  return true;
}

/** RFC 5961: the peer shall say it again with the right numbers. */
function challenge(tcb: Tcb, segment: ArrivedSegment): void {
  if (!mayAnswerInvalid(tcb, segment)) return;
  tcb.counters.count("TCPChallengeACK");
  sendAck(tcb, segment.packet);
}

/** RFC 2883: bytes that came twice are told with the next acknowledgement. */
function noteDuplicate(tcb: Tcb, left: number, right: number): void {
  if (!tcb.sackPermitted || tcpSetting(tcb.netns, "tcp_dsack") === 0) return;
  const end = after(right, tcb.rcvNxt) ? tcb.rcvNxt : right;
  tcb.counters.count(before(left, tcb.rcvNxt) ? "TCPDSACKOldSent" : "TCPDSACKOfoSent");
  tcb.received.duplicate = { left, right: end };
}

function becomeEstablished(tcb: Tcb, segment: ArrivedSegment): void {
  setState(tcb, "ESTABLISHED");
  tcb.sndWnd = segment.window * 2 ** tcb.sndShift;
  tcb.maxWindow = Math.max(tcb.maxWindow, tcb.sndWnd);
  // A passive open has told its size without the room for timestamps.
  if (tcb.timestamps && !tcb.initiated) tcb.advertisedMss -= 12;
  guessReceivedSize(tcb);
  initializeBuffers(tcb);
  startKeepalive(tcb);
  tcb.wake();
}

/** Fifth, beyond ESTABLISHED: this side's FIN is acknowledged. False if there is no more to do. */
function advanceClosing(tcb: Tcb, segment: ArrivedSegment): boolean {
  if (tcb.sndUna !== tcb.writeSeq || !tcb.sendShutdown) return true;
  switch (tcb.state) {
    case "FIN-WAIT-1":
      return finAcknowledged(tcb, segment);
    case "CLOSING":
      leaveBehind(tcb, "TIME-WAIT");
      return false;
    case "LAST-ACK":
      finish(tcb);
      return false;
    default:
      return true;
  }
}

function finAcknowledged(tcb: Tcb, segment: ArrivedSegment): boolean {
  setState(tcb, "FIN-WAIT-2");
  tcb.wake();
  if (!tcb.orphaned) return true;
  if (bringsData(tcb, segment)) {
    tcb.counters.count("TCPAbortOnData");
    finish(tcb);
    answerWithReset(segment);
    tcb.refused = "TCP_ABORT_ON_DATA";
    return false;
  }
  const wait = finWaitLength(tcb);
  if (wait > TIME_WAIT_LENGTH) setLifeTimer(tcb, wait - TIME_WAIT_LENGTH);
  else if (segment.fin) setLifeTimer(tcb, wait);
  else {
    leaveBehind(tcb, "FIN-WAIT-2", wait);
    return false;
  }
  return true;
}

/** Bytes that nobody will read. */
function bringsData(tcb: Tcb, segment: ArrivedSegment): boolean {
  const end = segment.fin ? advance(segment.end, -1) : segment.end;
  return segment.end !== segment.sequence && after(end, tcb.rcvNxt);
}

// ---- seventh and eighth: the text and FIN

function takeText(tcb: Tcb, segment: ArrivedSegment): void {
  switch (tcb.state) {
    case "CLOSE-WAIT":
    case "CLOSING":
    case "LAST-ACK":
      if (before(segment.sequence, tcb.rcvNxt)) queueText(tcb, segment);
      return;
    case "FIN-WAIT-1":
    case "FIN-WAIT-2":
      if (tcb.receiveShutdown && bringsData(tcb, segment)) {
        tcb.counters.count("TCPAbortOnData");
        tcb.refused = "TCP_ABORT_ON_DATA";
        answerWithReset(segment);
        finish(tcb);
        return;
      }
      queueText(tcb, segment);
      return;
    default:
      queueText(tcb, segment);
  }
}

/** tcp_data_queue() */
function queueText(tcb: Tcb, segment: ArrivedSegment): void {
  const window = offeredWindow(tcb);
  if (!after(segment.end, tcb.rcvNxt)) {
    tcb.refused = "TCP_OLD_DATA";
    tcb.counters.count("DelayedACKLost");
    noteDuplicate(tcb, segment.sequence, segment.end);
    acknowledgeQuickly(tcb);
    tcb.ackScheduled = true;
    return;
  }
  if (distance(tcb.rcvNxt, segment.sequence) >= window && (window > 0 || segment.length > 0)) {
    tcb.refused = window === 0 ? "TCP_ZEROWINDOW" : "TCP_OVERWINDOW";
    if (window === 0) tcb.counters.count("TCPZeroWindowDrop");
    acknowledgeQuickly(tcb);
    tcb.ackScheduled = true;
    return;
  }
  if (after(segment.sequence, tcb.rcvNxt)) queueEarly(tcb, segment);
  else queueInOrder(tcb, segment);
}

function queueInOrder(tcb: Tcb, segment: ArrivedSegment): void {
  const { received } = tcb;
  const known = distance(segment.sequence, tcb.rcvNxt);
  if (known > 0) noteDuplicate(tcb, segment.sequence, tcb.rcvNxt);
  const data = segment.data(known);
  let fin = segment.fin;
  if (data.length > 0) received.append(data);
  advanceNext(tcb, segment.end);
  if (data.length > 0) noteDataReceived(tcb, segment);
  if (received.hasEarly) {
    const { next, fin: finThere } = received.advance(tcb.rcvNxt);
    advanceNext(tcb, next);
    fin ||= finThere;
    // RFC 5681, 4.2: a gap that is filled is acknowledged at once.
    if (!received.hasEarly) tcb.ackNow = true;
  }
  if (fin) takeFin(tcb);
  if (received.readable > 0) tcb.wake();
}

function advanceNext(tcb: Tcb, next: number): void {
  tcb.bytesReceived += distance(tcb.rcvNxt, next);
  tcb.rcvNxt = next;
}

function queueEarly(tcb: Tcb, segment: ArrivedSegment): void {
  tcb.ackScheduled = true;
  tcb.counters.count("TCPOFOQueue");
  if (!tcb.sackPermitted) {
    tcb.received.keep(segment.sequence, segment.end, segment.data(), segment.fin);
    return;
  }
  if (tcb.received.keep(segment.sequence, segment.end, segment.data(), segment.fin)) return;
  tcb.refused = "TCP_OFOMERGE";
  tcb.counters.count("TCPDSACKOfoSent");
  tcb.counters.count("TCPOFOMerge");
}

/** tcp_fin() */
function takeFin(tcb: Tcb): void {
  tcb.ackScheduled = true;
  tcb.receiveShutdown = true;
  switch (tcb.state) {
    case "SYN-RECEIVED":
    case "ESTABLISHED":
      setState(tcb, "CLOSE-WAIT");
      tcb.pingPong = true;
      break;
    case "FIN-WAIT-1":
      // Both have closed (RFC 9293, 3.6, figure 13).
      sendAck(tcb);
      setState(tcb, "CLOSING");
      break;
    case "FIN-WAIT-2":
      sendAck(tcb);
      leaveBehind(tcb, "TIME-WAIT");
      return;
    default:
      return;
  }
  tcb.wake();
}

// When data is acknowledged: at once or a little later (RFC 9293, 3.8.6.3; RFC 5681, 4.2). Linux acknowledges at once at the start of
// a connection and after pauses ("quick"), and waits for data to carry the acknowledgement in a dialogue ("ping-pong").
// Kernel counterpart: tcp_event_data_recv, __tcp_ack_snd_check, tcp_send_delayed_ack, tcp_cleanup_rbuf.

import type { ArrivedSegment } from "./segment.ts";
import { distance } from "./sequence.ts";
import { DEFAULT_MSS } from "./tcb.ts";
import type { Tcb } from "./tcb.ts";
import { setAckTimer } from "./timers.ts";
import { growWindow, measureReceiver, offeredWindow, selectWindow } from "./receive-window.ts";
import { sendAck } from "./transmit.ts";

/** Milliseconds: TCP_ATO_MIN, TCP_DELACK_MAX. */
const LEAST_DELAY = 40;
const MOST_DELAY = 200;
const MOST_DELAY_ONE_WAY = 500;
const MOST_QUICK = 16;
const MIN_MSS = 88;
/** Acknowledgements of gaps that are sent before they are thinned out. */
const DUPLICATES_AT_ONCE = 3;

/** tcp_incr_quickack() */
function quicken(tcb: Tcb, most: number): void {
  const acks = Math.floor(tcb.rcvWnd / (2 * tcb.rcvMss)) || 2;
  tcb.quickAcks = Math.max(tcb.quickAcks, Math.min(acks, most));
}

/** tcp_enter_quickack_mode() */
export function acknowledgeQuickly(tcb: Tcb, most = MOST_QUICK): void {
  quicken(tcb, most);
  tcb.pingPong = false;
  tcb.ackTimeout = LEAST_DELAY;
}

/** tcp_initialize_rcv_mss(): a first guess of the size of segments that come. */
export function guessReceivedSize(tcb: Tcb): void {
  const size = Math.min(tcb.advertisedMss, tcb.mss, tcb.rcvWnd >>> 1, DEFAULT_MSS);
  tcb.rcvMss = Math.max(size, MIN_MSS);
}

/** tcp_measure_rcv_mss() */
function measureSize(tcb: Tcb, segment: ArrivedSegment): void {
  const previous = tcb.lastSegmentSize;
  tcb.lastSegmentSize = 0;
  if (segment.length >= tcb.rcvMss) {
    tcb.rcvMss = Math.min(segment.length, tcb.advertisedMss);
    return;
  }
  const whole = segment.length + segment.headerLength;
  if (whole >= DEFAULT_MSS + 20 || (whole >= MIN_MSS + 20 && !segment.psh)) {
    const size = whole - tcb.headerLength;
    tcb.lastSegmentSize = size;
    if (size === previous) {
      tcb.rcvMss = size;
      return;
    }
  }
  if (tcb.ackPushed) tcb.ackPushedAgain = true;
  tcb.ackPushed = true;
}

/** Data has come that is in order, or that has to be acknowledged for another reason. */
export function noteDataReceived(tcb: Tcb, segment: ArrivedSegment): void {
  const { jiffies, profile } = tcb.kernel;
  tcb.ackScheduled = true;
  measureSize(tcb, segment);
  measureReceiver(tcb);
  const rto = tcb.roundTrip.rto / 1e3;
  if (tcb.ackTimeout === 0) {
    quicken(tcb, MOST_QUICK);
    tcb.ackTimeout = LEAST_DELAY;
  } else {
    const pause = (jiffies - tcb.lastReceived) * (1000 / profile.hz);
    if (pause <= LEAST_DELAY / 2) tcb.ackTimeout = tcb.ackTimeout / 2 + LEAST_DELAY / 2;
    else if (pause < tcb.ackTimeout) tcb.ackTimeout = Math.min(tcb.ackTimeout / 2 + pause, rto);
    else if (pause > rto) quicken(tcb, MOST_QUICK);
  }
  tcb.lastReceived = jiffies;
  growWindow(tcb, segment.length);
}

/** __tcp_ack_snd_check(): behind every segment that has to be acknowledged. */
export function acknowledgeIfDue(tcb: Tcb): void {
  if (!tcb.ackScheduled) return;
  const unacknowledged = distance(tcb.rcvWup, tcb.rcvNxt);
  const many = unacknowledged > tcb.rcvMss && selectWindow(tcb) >= tcb.rcvWnd;
  if (many || (tcb.quickAcks > 0 && !tcb.pingPong) || tcb.ackNow) sendAck(tcb);
  else if (!tcb.received.hasEarly) delay(tcb);
  else acknowledgeGap(tcb);
}

/** The first of them let the sender find its loss; of the others each second one will do (in place of a timer for them). */
function acknowledgeGap(tcb: Tcb): void {
  if (tcb.duplicateAcksFor !== tcb.rcvNxt) {
    tcb.duplicateAcksFor = tcb.rcvNxt;
    tcb.duplicateAcks = 0;
  }
  tcb.duplicateAcks++;
  if (tcb.duplicateAcks <= DUPLICATES_AT_ONCE || tcb.duplicateAcks % 2 === 1) sendAck(tcb);
  else delay(tcb);
}

/** tcp_send_delayed_ack() */
export function delay(tcb: Tcb): void {
  let wait = tcb.ackTimeout;
  if (wait > LEAST_DELAY) {
    let most = tcb.pingPong || tcb.ackPushed ? MOST_DELAY : MOST_DELAY_ONE_WAY;
    if (tcb.roundTrip.srtt8 > 0) most = Math.min(most, Math.max(tcb.roundTrip.smoothed / 1e3, LEAST_DELAY));
    wait = Math.min(wait, most);
  }
  wait = Math.min(wait, MOST_DELAY);
  const { now } = tcb.kernel.clock;
  const pending = tcb.delayedAckAt;
  if (pending !== undefined) {
    if (pending <= now + (tcb.ackTimeout / 4) * 1e6) {
      sendAck(tcb);
      return;
    }
    if (pending <= now + wait * 1e6) return;
  }
  tcb.ackScheduled = true;
  setAckTimer(tcb, wait);
}

/** tcp_delack_timer_handler() */
export function onAckTimer(tcb: Tcb): void {
  tcb.delayedAckAt = undefined;
  if (tcb.state === "CLOSED" || !tcb.ackScheduled) return;
  if (tcb.pingPong) {
    tcb.pingPong = false;
    tcb.ackTimeout = LEAST_DELAY;
  } else tcb.ackTimeout = Math.min(tcb.ackTimeout * 2, tcb.roundTrip.rto / 1e3);
  sendAck(tcb);
  tcb.counters.count("DelayedACKs");
}

/** tcp_cleanup_rbuf(): the program has taken bytes. */
export function acknowledgeRead(tcb: Tcb): void {
  let due = false;
  if (tcb.ackScheduled) {
    const small = tcb.ackPushedAgain || (tcb.ackPushed && !tcb.pingPong);
    due = distance(tcb.rcvWup, tcb.rcvNxt) > tcb.rcvMss || (small && tcb.received.readable === 0);
  }
  if (!due && !tcb.receiveShutdown) {
    const offered = offeredWindow(tcb);
    if (2 * offered <= tcb.windowClamp) {
      const window = selectWindow(tcb);
      due = window > 0 && window >= 2 * offered;
    }
  }
  if (due) sendAck(tcb);
}

// Finding losses and repairing them: RACK (RFC 8985) by the times of segments, in the phases of Linux's congestion control, with the
// window brought down in proportion (RFC 6937). Without SACK, duplicates are counted as RFC 6582 has it. Unneeded retransmissions are
// found by timestamps (RFC 3522) and duplicate SACKs (RFC 3708). There is no F-RTO (RFC 5682).
// Kernel counterpart: tcp_fastretrans_alert, net/ipv4/tcp_recovery.c.

import type { SentSegment } from "./send-queue.ts";
import { after, before } from "./sequence.ts";
import { NO_THRESHOLD } from "./tcb.ts";
import type { Tcb } from "./tcb.ts";
import { rearmTimeout, setSendTimer, tick } from "./timers.ts";
import { inReduction, retransmit } from "./transmit.ts";

/** What an acknowledgement has brought. */
export interface AckOutcome {
  readonly unaAdvanced: boolean;
  /** Something was acknowledged or SACKed, retransmissions included. */
  readonly progress: boolean;
  /** An acknowledgement of the same that carries nothing new (RFC 5681, 2). */
  readonly duplicate: boolean;
  /** Segments that were acknowledged or SACKed now. */
  readonly delivered: number;
  /** TSecr; 0: none. */
  readonly echo: number;
  readonly duplicateSack: boolean;
}

/** tcp_rack_advance(): a segment was delivered. */
export function noteDelivery(tcb: Tcb, segment: SentSegment): void {
  const { now } = tcb.kernel.clock;
  const rtt = (now - segment.sentAt) / 1e3;
  // It may be the first copy that has arrived.
  if (rtt < tcb.roundTrip.least && segment.everRetransmitted) return;
  tcb.rackAdvanced = true;
  tcb.rackRtt = rtt;
  if (sentAfter(segment.sentAt, segment.end, tcb.rackAt, tcb.rackEnd)) {
    tcb.rackAt = segment.sentAt;
    tcb.rackEnd = segment.end;
  }
}

function sentAfter(at: number, end: number, otherAt: number, otherEnd: number): boolean {
  return at > otherAt || (at === otherAt && after(end, otherEnd));
}

/** µs that a later segment may be early (RFC 8985, 6.2 step 4). */
function reorderingWindow(tcb: Tcb): number {
  const { sending, roundTrip, phase } = tcb;
  if (!tcb.reorderingSeen) {
    if (phase === "recovery" || phase === "loss") return 0;
    if (sending.sackedOut >= tcb.reordering) return 0;
  }
  return Math.min(Number.isFinite(roundTrip.least) ? roundTrip.least / 4 : 0, roundTrip.smoothed);
}

/** RFC 8985, 6.2 step 5. µs until the next segment counts as lost; 0: none is waited for. */
function detectLosses(tcb: Tcb): number {
  const window = reorderingWindow(tcb);
  const now = tcb.kernel.clock.now / 1e3;
  let wait = 0;
  for (const segment of tcb.sending.sent) {
    if (segment.sacked || (segment.lost && !segment.retransmitted)) continue;
    if (!sentAfter(tcb.rackAt, tcb.rackEnd, segment.sentAt, segment.end)) continue;
    const left = segment.sentAt / 1e3 + tcb.rackRtt + window - now;
    if (left <= 0) {
      if (segment.retransmitted) tcb.counters.count("TCPLostRetransmit");
      tcb.sending.markLost(segment);
    } else wait = Math.max(wait, left);
  }
  return wait;
}

function findLosses(tcb: Tcb, unaAdvanced: boolean): void {
  if (!tcb.sackPermitted) {
    const enough = tcb.sending.sackedOut >= tcb.reordering;
    const head = tcb.sending.sent[0];
    if (head !== undefined && ((!hasLosses(tcb) && enough) || (tcb.phase === "recovery" && unaAdvanced)))
      tcb.sending.markLost(head);
    return;
  }
  if (!tcb.rackAdvanced) return;
  tcb.rackAdvanced = false;
  const wait = detectLosses(tcb);
  if (wait > 0) setSendTimer(tcb, "reorder", wait + (2 * tick(tcb)) / 1e3);
}

function hasLosses({ phase }: Tcb): boolean {
  return phase === "recovery" || phase === "loss";
}

/** The timer of RACK has rung. */
export function onReorderTimer(tcb: Tcb): void {
  const before = tcb.sending.inFlight;
  detectLosses(tcb);
  if (before !== tcb.sending.inFlight) {
    if (tcb.phase !== "recovery") {
      enterRecovery(tcb);
      reduceWindow(tcb, 1, 0, false);
    }
    retransmitLost(tcb);
  }
  if (tcb.sendTimer.due === undefined) rearmTimeout(tcb);
}

// ---- undoing what was not needed

function beginUndo(tcb: Tcb): void {
  tcb.undoMarker = tcb.sndUna;
  tcb.undoRetransmits = tcb.sending.retransmittedOut === 0 ? -1 : tcb.sending.retransmittedOut;
}

/** The acknowledgement is of the first copies: it echoes a time before they were sent again (RFC 3522). */
function firstCopyArrived(tcb: Tcb, echo: number): boolean {
  return tcb.retransmitStamp !== 0 && tcb.timestamps && echo !== 0 && before(echo, tcb.retransmitStamp);
}

function mayUndo(tcb: Tcb, echo: number): boolean {
  return tcb.undoMarker !== undefined && (tcb.undoRetransmits === 0 || firstCopyArrived(tcb, echo));
}

function undo(tcb: Tcb, unmark: boolean): void {
  if (unmark)
    for (const segment of tcb.sending.sent)
      if (segment.lost) {
        segment.lost = false;
        tcb.sending.lostOut--;
      }
  if (tcb.priorThreshold !== 0) {
    tcb.congestionWindow = Math.max(tcb.congestionWindow, tcb.priorWindow);
    tcb.slowStartThreshold = Math.max(tcb.slowStartThreshold, tcb.priorThreshold);
  }
  tcb.undoMarker = undefined;
}

/** tcp_try_undo_recovery(): at the end of recovery. */
function undoAtEnd(tcb: Tcb, echo: number): boolean {
  if (mayUndo(tcb, echo)) {
    tcb.counters.count(tcb.phase === "loss" ? "TCPLossUndo" : "TCPFullUndo");
    undo(tcb, false);
  }
  if (tcb.sndUna === tcb.highSeq && !tcb.sackPermitted) {
    // RFC 6582, 5: nothing is sent again until something new is acknowledged.
    return true;
  }
  tcb.phase = "open";
  return false;
}

// ---- phases

/** tcp_init_cwnd_reduction() */
function beginReduction(tcb: Tcb): void {
  tcb.highSeq = tcb.sndNxt;
  tcb.probeEnd = 0;
  tcb.windowCount = 0;
  tcb.priorWindow = tcb.congestionWindow;
  tcb.prrDelivered = 0;
  tcb.prrOut = 0;
  tcb.slowStartThreshold = tcb.congestion.thresholdAfterLoss(tcb);
}

function enterRecovery(tcb: Tcb): void {
  tcb.counters.count(tcb.sackPermitted ? "TCPSackRecovery" : "TCPRenoRecovery");
  tcb.priorThreshold = 0;
  beginUndo(tcb);
  if (!inReduction(tcb)) {
    tcb.priorThreshold = tcb.thresholdNow;
    beginReduction(tcb);
  }
  tcb.phase = "recovery";
}

/** RFC 6937: the window goes down in proportion to what is delivered. */
export function reduceWindow(tcb: Tcb, delivered: number, newlyLost: number, unaAdvanced: boolean): void {
  if (delivered <= 0 || tcb.priorWindow === 0) return;
  const { inFlight } = tcb.sending;
  const above = tcb.slowStartThreshold - inFlight;
  tcb.prrDelivered += delivered;
  let more: number;
  if (above < 0) {
    more =
      Math.floor((tcb.slowStartThreshold * tcb.prrDelivered + tcb.priorWindow - 1) / tcb.priorWindow) -
      tcb.prrOut;
  } else {
    more = Math.max(tcb.prrDelivered - tcb.prrOut, delivered);
    if (unaAdvanced && newlyLost === 0) more++;
    more = Math.min(above, more);
  }
  // Recovery begins with a retransmission.
  more = Math.max(more, tcb.prrOut > 0 ? 0 : 1);
  tcb.congestionWindow = inFlight + more;
}

function endReduction(tcb: Tcb): void {
  if (tcb.slowStartThreshold < NO_THRESHOLD && (tcb.phase === "reduced" || tcb.undoMarker !== undefined))
    tcb.congestionWindow = tcb.slowStartThreshold;
}

/** tcp_enter_loss(): a timeout (RFC 5681, 3.1; RFC 6582, 4). */
export function enterLoss(tcb: Tcb): void {
  const { sending } = tcb;
  if (!tcb.sackPermitted) sending.sackedOut = 0;
  for (const segment of sending.sent) sending.markLost(segment);
  if (!hasLosses(tcb) || !after(tcb.highSeq, tcb.sndUna) || (tcb.phase === "loss" && tcb.retransmits === 0)) {
    tcb.priorThreshold = tcb.thresholdNow;
    tcb.priorWindow = tcb.congestionWindow;
    tcb.slowStartThreshold = tcb.congestion.thresholdAfterLoss(tcb);
    tcb.congestion.onTimeout?.();
    beginUndo(tcb);
  }
  tcb.congestionWindow = sending.inFlight + 1;
  tcb.windowCount = 0;
  tcb.phase = "loss";
  tcb.highSeq = tcb.sndNxt;
  tcb.probeEnd = 0;
}

/** tcp_try_to_open() */
function tryToOpen(tcb: Tcb): void {
  const retransmitted = tcb.sending.sent.some(({ everRetransmitted }) => everRetransmitted);
  if (!retransmitted) tcb.retransmitStamp = 0;
  if (tcb.phase === "reduced") return;
  const { sackedOut, lostOut } = tcb.sending;
  const phase = sackedOut + lostOut > 0 || retransmitted ? "disorder" : "open";
  if (tcb.phase !== phase) {
    tcb.phase = phase;
    tcb.highSeq = tcb.sndNxt;
  }
}

/** Duplicates stand for SACKs (tcp_add_reno_sack, tcp_remove_reno_sacks). */
function countDuplicates(tcb: Tcb, outcome: AckOutcome): void {
  const { sending } = tcb;
  if (outcome.duplicate && sending.sackedOut + 1 < sending.packetsOut) sending.sackedOut++;
}

/** tcp_fastretrans_alert(): what an acknowledgement means for losses. */
export function judgeLosses(tcb: Tcb, outcome: AckOutcome): void {
  const { unaAdvanced, echo } = outcome;
  if (tcb.phase === "open") {
    if (!tcb.sackPermitted && unaAdvanced) tcb.sending.sackedOut = 0;
  } else if (!before(tcb.sndUna, tcb.highSeq)) {
    if (tcb.phase === "reduced") {
      if (tcb.sndUna !== tcb.highSeq) {
        endReduction(tcb);
        tcb.phase = "open";
      }
    } else if (tcb.phase === "recovery") {
      if (!tcb.sackPermitted) tcb.sending.sackedOut = 0;
      endReduction(tcb);
      if (undoAtEnd(tcb, echo)) return;
    }
  }
  if (tcb.phase === "recovery") judgeInRecovery(tcb, outcome);
  else if (tcb.phase === "loss") judgeInLoss(tcb, outcome);
  else judgeInOrder(tcb, outcome);
}

function judgeInRecovery(tcb: Tcb, outcome: AckOutcome): void {
  if (!outcome.unaAdvanced) {
    if (!tcb.sackPermitted) countDuplicates(tcb, outcome);
  } else if (tcb.undoMarker !== undefined && firstCopyArrived(tcb, outcome.echo)) {
    tcb.reorderingSeen = true;
    if (tcb.sending.retransmittedOut > 0) return;
    undo(tcb, true);
    tcb.counters.count("TCPPartialUndo");
    tcb.phase = "open";
    tryToOpen(tcb);
    return;
  }
  if (outcome.duplicateSack && tcb.undoMarker !== undefined && tcb.undoRetransmits === 0) {
    undo(tcb, false);
    tcb.counters.count("TCPDSACKUndo");
    tcb.phase = "open";
    return;
  }
  findLosses(tcb, outcome.unaAdvanced);
  retransmitLost(tcb);
}

function judgeInLoss(tcb: Tcb, outcome: AckOutcome): void {
  if (outcome.unaAdvanced && mayUndo(tcb, outcome.echo)) {
    undo(tcb, true);
    tcb.counters.count("TCPLossUndo");
    tcb.retransmits = 0;
    tcb.phase = "open";
    return;
  }
  if (!before(tcb.sndUna, tcb.highSeq)) {
    tcb.retransmits = 0;
    undoAtEnd(tcb, outcome.echo);
    return;
  }
  if (outcome.unaAdvanced) tcb.retransmits = 0;
  if (!tcb.sackPermitted) {
    if (outcome.unaAdvanced) tcb.sending.sackedOut = 0;
    else countDuplicates(tcb, outcome);
  }
  findLosses(tcb, outcome.unaAdvanced);
  retransmitLost(tcb);
}

function judgeInOrder(tcb: Tcb, outcome: AckOutcome): void {
  if (!tcb.sackPermitted) {
    if (outcome.unaAdvanced) tcb.sending.sackedOut = 0;
    countDuplicates(tcb, outcome);
  }
  if (outcome.duplicateSack && tcb.undoMarker !== undefined && tcb.undoRetransmits === 0) {
    undo(tcb, false);
    tcb.counters.count("TCPDSACKUndo");
  }
  findLosses(tcb, outcome.unaAdvanced);
  if (tcb.sending.lostOut === 0) {
    tryToOpen(tcb);
    return;
  }
  enterRecovery(tcb);
  reduceWindow(tcb, outcome.delivered, tcb.sending.lostOut, outcome.unaAdvanced);
  retransmitLost(tcb);
}

/** tcp_xmit_retransmit_queue(): lost segments again, the oldest first, as far as the window allows. */
export function retransmitLost(tcb: Tcb): void {
  const { sending } = tcb;
  if (sending.lostOut === 0) return;
  for (let at = 0; at < sending.sent.length; at++) {
    const segment = sending.sent[at] as SentSegment;
    if (sending.inFlight >= tcb.congestionWindow) return;
    if (segment.sacked || segment.retransmitted || !segment.lost) continue;
    if (!retransmit(tcb, segment)) return;
    tcb.counters.count(tcb.phase === "loss" ? "TCPSlowStartRetrans" : "TCPFastRetrans");
    if (inReduction(tcb)) tcb.prrOut++;
    if (at === 0) rearmTimeout(tcb);
  }
}

/** tcp_simple_retransmit(): the path takes smaller segments than were sent. No congestion (RFC 1191, 6.5). */
export function retransmitLarger(tcb: Tcb, mss: number): void {
  let any = false;
  for (const segment of tcb.sending.sent)
    if (segment.data.length > mss && !segment.sacked) {
      tcb.sending.markLost(segment);
      any = true;
    }
  if (!any) return;
  if (tcb.phase !== "loss") {
    tcb.highSeq = tcb.sndNxt;
    tcb.slowStartThreshold = tcb.thresholdNow;
    tcb.undoMarker = undefined;
    tcb.phase = "loss";
  }
  retransmitLost(tcb);
}

/** tcp_process_tlp_ack(): a loss probe's segment was acknowledged (RFC 8985, 7.4). */
export function judgeProbe(tcb: Tcb, acknowledged: number, outcome: AckOutcome): void {
  if (before(acknowledged, tcb.probeEnd)) return;
  if (!tcb.probeResent) {
    tcb.probeEnd = 0;
  } else if (outcome.duplicateSack) {
    tcb.probeEnd = 0;
  } else if (after(acknowledged, tcb.probeEnd)) {
    // The original was lost: the window comes down once.
    beginReduction(tcb);
    tcb.phase = "reduced";
    endReduction(tcb);
    tcb.phase = "open";
    tryToOpen(tcb);
    tcb.counters.count("TCPLossProbeRecovery");
  } else if (outcome.duplicate && outcome.delivered === 0) tcb.probeEnd = 0; // both copies have arrived
}

// What happens when a timer of a connection rings (RFC 6298, 5; RFC 9293, 3.8.3, 3.8.4 and 3.8.6.1). Kernel counterpart:
// net/ipv4/tcp_timer.c.

import { ERRNO } from "../../netlink/errno.ts";
import { onAckTimer } from "./acknowledging.ts";
import { probeDelay } from "./acknowledgement.ts";
import { finish, finWaitLength, giveUp, leaveBehind } from "./ending.ts";
import { keepaliveIdle, keepaliveInterval, keepaliveProbes } from "./keepalive.ts";
import { enterLoss, onReorderTimer } from "./recovery.ts";
import { RTO_MAX, RTO_MIN } from "./round-trip.ts";
import { tcpSetting } from "./settings.ts";
import type { Tcb } from "./tcb.ts";
import { TIME_WAIT_LENGTH } from "./time-wait.ts";
import { rearmTimeout, setLifeTimer, setSendTimer } from "./timers.ts";
import { retransmit, sendLossProbe, sendProbe, sendReset, timestampValue } from "./transmit.ts";

/** Retransmissions of a connection that no program has, if tcp_orphan_retries is 0. */
const ORPHAN_RETRIES = 8;

export function onTimer(tcb: Tcb, which: "send" | "ack" | "life"): void {
  tcb.busy = true;
  if (which === "ack") onAckTimer(tcb);
  else if (which === "life") onLifeTimer(tcb);
  else onSendTimer(tcb);
  tcb.busy = false;
  if (!tcb.woken) return;
  tcb.woken = false;
  tcb.wakers.wake();
}

function onSendTimer(tcb: Tcb): void {
  if (tcb.state === "CLOSED") return;
  switch (tcb.sendTimerKind) {
    case "retransmit":
      onRetransmissionTimeout(tcb);
      return;
    case "loss-probe":
      sendLossProbe(tcb);
      return;
    case "reorder":
      onReorderTimer(tcb);
      return;
    case "window-probe":
      onProbeTimer(tcb);
      return;
    default:
      tcb.sendTimerKind satisfies never;
  }
}

/** tcp_retransmit_timer() */
function onRetransmissionTimeout(tcb: Tcb): void {
  const { sending, counters } = tcb;
  const head = sending.sent[0];
  if (head === undefined) return;
  const handshake = tcb.state === "SYN-SENT" || tcb.state === "SYN-RECEIVED";
  if (tcb.sndWnd === 0 && !tcb.orphaned && !handshake) {
    // The peer has taken its window back: it may do so for ever as long as it answers.
    if (tcb.milliseconds - tcb.lastAckReceived > RTO_MAX / 1e3) {
      giveUp(tcb);
      return;
    }
    enterLoss(tcb);
    retransmit(tcb, head);
    backOff(tcb);
    return;
  }
  counters.count("TCPTimeouts");
  if (hasTimedOut(tcb, handshake)) {
    giveUp(tcb);
    return;
  }
  if (tcb.retransmits === 0) countPhase(tcb);
  enterLoss(tcb);
  tcb.retransmits++;
  const again = sending.sent[0];
  if (again !== undefined) retransmit(tcb, again);
  backOff(tcb);
}

function countPhase(tcb: Tcb): void {
  const { counters } = tcb;
  if (tcb.phase === "recovery")
    counters.count(tcb.sackPermitted ? "TCPSackRecoveryFail" : "TCPRenoRecoveryFail");
  else if (tcb.phase === "loss") counters.count("TCPLossFailures");
  else if (tcb.phase === "disorder" || tcb.sending.sackedOut > 0)
    counters.count(tcb.sackPermitted ? "TCPSackFailures" : "TCPRenoFailures");
}

/** RFC 6298, 5.5; SYNs of newer kernels begin without (tcp_syn_linear_timeouts). */
function backOff(tcb: Tcb): void {
  const linear = tcpSetting(tcb.netns, "tcp_syn_linear_timeouts", 0);
  if (tcb.state !== "SYN-SENT" || tcb.retransmits > linear) {
    tcb.backoff++;
    tcb.roundTrip.rto = Math.min(tcb.roundTrip.rto * 2, RTO_MAX);
  }
  setSendTimer(tcb, "retransmit", tcb.roundTrip.rto);
}

/** tcp_write_timeout() */
function hasTimedOut(tcb: Tcb, handshake: boolean): boolean {
  if (tcb.state === "SYN-SENT") {
    let most = tcpSetting(tcb.netns, "tcp_syn_retries", 6);
    if (tcb.backoff < tcb.retransmits) most += tcpSetting(tcb.netns, "tcp_syn_linear_timeouts", 0);
    return tcb.retransmits >= most;
  }
  if (handshake) return tcb.retransmits >= tcpSetting(tcb.netns, "tcp_synack_retries", 5);
  const most = tcb.orphaned
    ? orphanRetries(tcb, tcb.roundTrip.rto < RTO_MAX)
    : tcpSetting(tcb.netns, "tcp_retries2", 15);
  return isOverdue(tcb, most);
}

function orphanRetries(tcb: Tcb, alive: boolean): number {
  const retries = tcpSetting(tcb.netns, "tcp_orphan_retries");
  if (tcb.softError !== 0 && !alive) return 0;
  return retries === 0 && alive ? ORPHAN_RETRIES : retries;
}

/** retransmits_timed_out(): as long as `most` retransmissions from the least timeout on would have taken. */
function isOverdue(tcb: Tcb, most: number): boolean {
  if (tcb.retransmits === 0) return false;
  const doublings = Math.floor(Math.log2(RTO_MAX / RTO_MIN));
  const least = RTO_MIN / 1e3;
  const limit =
    most <= doublings
      ? (2 * 2 ** most - 1) * least
      : (2 * 2 ** doublings - 1) * least + ((most - doublings) * RTO_MAX) / 1e3;
  return ((timestampValue(tcb) - tcb.retransmitStamp) | 0) >= limit;
}

/** tcp_probe_timer(): the peer's window is closed. */
function onProbeTimer(tcb: Tcb): void {
  const { sending } = tcb;
  if (sending.packetsOut > 0 || sending.unsent.length === 0) {
    tcb.probesOut = 0;
    return;
  }
  let most = tcpSetting(tcb.netns, "tcp_retries2", 15);
  if (tcb.orphaned) {
    const alive = probeDelay(tcb) < RTO_MAX;
    most = orphanRetries(tcb, alive);
    if (!alive && tcb.backoff >= most) {
      giveUp(tcb);
      return;
    }
  }
  if (tcb.probesOut >= most) {
    giveUp(tcb);
    return;
  }
  sendProbe(tcb, "TCPWinProbe");
  if (sending.packetsOut > 0 || sending.unsent.length === 0) {
    tcb.probesOut = 0;
    tcb.backoff = 0;
    rearmTimeout(tcb);
    return;
  }
  tcb.probesOut++;
  if (tcb.backoff < tcpSetting(tcb.netns, "tcp_retries2", 15)) tcb.backoff++;
  setSendTimer(tcb, "window-probe", probeDelay(tcb));
}

/** tcp_keepalive_timer() */
function onLifeTimer(tcb: Tcb): void {
  if (tcb.state === "FIN-WAIT-2" && tcb.orphaned) {
    const left = finWaitLength(tcb) - TIME_WAIT_LENGTH;
    if (left > 0) {
      leaveBehind(tcb, "FIN-WAIT-2", left);
      return;
    }
    sendReset(tcb);
    finish(tcb);
    return;
  }
  if (!tcb.settings.keepAlive || tcb.state === "CLOSED" || tcb.state === "SYN-SENT") return;
  const idle = keepaliveIdle(tcb);
  if (!tcb.sending.isEmpty) {
    setLifeTimer(tcb, idle);
    return;
  }
  const heard = (tcb.lastReceived * 1000) / tcb.kernel.profile.hz;
  const elapsed = Math.min(tcb.milliseconds - heard, tcb.milliseconds - tcb.lastAckReceived);
  if (elapsed < idle) {
    setLifeTimer(tcb, idle - elapsed);
    return;
  }
  if (tcb.probesOut >= keepaliveProbes(tcb)) {
    sendReset(tcb);
    giveUp(tcb, tcb.softError || ERRNO.ETIMEDOUT);
    return;
  }
  sendProbe(tcb, "TCPKeepAlive");
  tcb.probesOut++;
  setLifeTimer(tcb, keepaliveInterval(tcb));
}

// The timers of a connection: of the sending side (RFC 6298, 8985; RFC 9293, 3.8.6.1), of delayed acknowledgements, and of the
// connection's life (keepalive, FIN-WAIT-2). They ring at ticks of the kernel's clock; what they do is in timeouts.ts.

import type { MovingTimer, SendTimer, Tcb } from "./tcb.ts";

const SECOND = 1e9; // ns

/** ns of one tick. */
export function tick(tcb: Tcb): number {
  return SECOND / tcb.kernel.profile.hz;
}

/** When a timer of `delay` µs from now rings: ticks are counted from the last one. */
function ringsAt(tcb: Tcb, delay: number): number {
  const length = tick(tcb);
  const ticks = Math.max(1, Math.ceil((delay * 1e3) / length));
  return (Math.floor(tcb.kernel.clock.now / length) + ticks) * length;
}

function start(tcb: Tcb, timer: MovingTimer, which: "send" | "ack" | "life", due: number): void {
  timer.due = due;
  if (timer.timer !== undefined && timer.rings <= due) return;
  timer.timer?.cancel();
  timer.rings = due;
  const { clock } = tcb.kernel;
  timer.timer = clock.after(due - clock.now, () => {
    timer.timer = undefined;
    const wanted = timer.due;
    if (wanted === undefined) return;
    if (wanted > clock.now) start(tcb, timer, which, wanted);
    else {
      timer.due = undefined;
      tcb.onTimer(tcb, which);
    }
  });
}

function stop(timer: MovingTimer): void {
  timer.due = undefined;
  timer.timer?.cancel();
  timer.timer = undefined;
}

/** The timer of the sending side waits for one thing at a time. */
export function setSendTimer(tcb: Tcb, kind: SendTimer, delay: number): void {
  tcb.sendTimerKind = kind;
  start(tcb, tcb.sendTimer, "send", ringsAt(tcb, delay));
}

export function stopSendTimer(tcb: Tcb): void {
  stop(tcb.sendTimer);
}

/** What the timer waits for; undefined if it is not set. */
export function pendingSendTimer(tcb: Tcb): SendTimer | undefined {
  return tcb.sendTimer.due === undefined ? undefined : tcb.sendTimerKind;
}

/** Milliseconds to the delayed acknowledgement. */
export function setAckTimer(tcb: Tcb, delay: number): void {
  const due = ringsAt(tcb, delay * 1e3);
  tcb.delayedAckAt = due;
  start(tcb, tcb.ackTimer, "ack", due);
}

export function stopAckTimer(tcb: Tcb): void {
  tcb.delayedAckAt = undefined;
  stop(tcb.ackTimer);
}

/** Milliseconds. */
export function setLifeTimer(tcb: Tcb, delay: number): void {
  start(tcb, tcb.lifeTimer, "life", ringsAt(tcb, delay * 1e3));
}

export function stopLifeTimer(tcb: Tcb): void {
  stop(tcb.lifeTimer);
}

/** µs that are left of the retransmission timeout of the oldest segment (tcp_rto_delta_us). */
export function leftOfTimeout(tcb: Tcb): number {
  const head = tcb.sending.sent[0];
  if (head === undefined) return tcb.roundTrip.rto;
  return Math.ceil((head.sentAt - tcb.kernel.clock.now) / 1e3) + tcb.roundTrip.rto;
}

/** tcp_rearm_rto() */
export function rearmTimeout(tcb: Tcb): void {
  if (tcb.sending.packetsOut === 0) {
    stopSendTimer(tcb);
    return;
  }
  let delay = tcb.roundTrip.rto;
  const pending = pendingSendTimer(tcb);
  // Other timers took the place of the timeout: what has passed counts.
  if (pending === "loss-probe" || pending === "reorder") delay = Math.max(leftOfTimeout(tcb), 1);
  setSendTimer(tcb, "retransmit", delay);
}

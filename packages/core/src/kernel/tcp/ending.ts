// How a connection ends: its ends are free again, its program hears why. Kernel counterpart: tcp_done, tcp_reset, tcp_write_err.

import { ERRNO } from "../../netlink/errno.ts";
import { sendReset } from "./transmit.ts";
import type { Tcb } from "./tcb.ts";
import type { TcpState } from "./state.ts";
import { maySend } from "./state.ts";
import { TIME_WAIT_LENGTH, waitInPlaceOf } from "./time-wait.ts";
import { stopAckTimer, stopLifeTimer, stopSendTimer } from "./timers.ts";
import { tcpSetting } from "./settings.ts";

/** tcp_set_state() */
export function setState(tcb: Tcb, state: TcpState): void {
  const was = maySend(tcb.state);
  const is = maySend(state);
  if (is && !was) tcb.counters.currEstab++;
  if (was && !is) tcb.counters.currEstab--;
  if (state === "CLOSED" && was) tcb.counters.estabResets++;
  tcb.state = state;
}

/** The last of it: timers stop and the namespace is let go. */
function release(tcb: Tcb): void {
  stopSendTimer(tcb);
  stopAckTimer(tcb);
  stopLifeTimer(tcb);
  tcb.sending.clear();
  if (tcb.retainsNetns) {
    tcb.retainsNetns = false;
    tcb.netns.release();
  }
  tcb.onEnd?.(tcb);
  tcb.onEnd = undefined;
}

/** tcp_done() */
export function finish(tcb: Tcb): void {
  if (tcb.state === "CLOSED") return;
  if (tcb.state === "SYN-SENT" || tcb.state === "SYN-RECEIVED") tcb.counters.attemptFails++;
  setState(tcb, "CLOSED");
  endConnection(tcb);
}

/** What is behind the state CLOSED: the ends are free. */
export function endConnection(tcb: Tcb): void {
  tcb.table.remove(tcb);
  tcb.receiveShutdown = tcb.sendShutdown = true;
  release(tcb);
  tcb.wake();
}

/** The connection goes on as TIME-WAIT or FIN-WAIT-2 without its program. */
export function leaveBehind(tcb: Tcb, state: "FIN-WAIT-2" | "TIME-WAIT", delay = TIME_WAIT_LENGTH): void {
  waitInPlaceOf(tcb, state, delay);
  setState(tcb, "CLOSED");
  tcb.receiveShutdown = tcb.sendShutdown = true;
  release(tcb);
  tcb.wake();
}

/** tcp_reset(): the peer has ended it. */
export function resetByPeer(tcb: Tcb): void {
  if (tcb.state === "SYN-SENT") tcb.error = ERRNO.ECONNREFUSED;
  else if (tcb.state === "CLOSE-WAIT") tcb.error = ERRNO.EPIPE;
  else if (tcb.state !== "CLOSED") tcb.error = ERRNO.ECONNRESET;
  finish(tcb);
}

/** tcp_write_err(): nobody answers. */
export function giveUp(tcb: Tcb, errno = tcb.softError || ERRNO.ETIMEDOUT): void {
  tcb.error = errno;
  tcb.counters.count("TCPAbortOnTimeout");
  finish(tcb);
}

/** The program or an administrator ends it at once; the peer is told. */
export function abort(tcb: Tcb, errno: number): void {
  if (maySend(tcb.state) || tcb.state === "FIN-WAIT-1" || tcb.state === "FIN-WAIT-2") sendReset(tcb);
  tcb.error = errno;
  finish(tcb);
}

/** Milliseconds that FIN-WAIT-2 is kept without a program (tcp_fin_time). */
export function finWaitLength(tcb: Tcb): number {
  const rto = tcb.roundTrip.rto / 1e3;
  return Math.max(tcpSetting(tcb.netns, "tcp_fin_timeout", 60) * 1000, rto * 3.5);
}

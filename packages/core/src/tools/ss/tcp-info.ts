// What `ss -i` says of a TCP socket: struct tcp_info in words. Numbers that are zero are left out, most of them.

import { decodeTcpInfo } from "../../netlink/sock-diag/tcp-info.ts";
import type { TcpInfo } from "../../netlink/sock-diag/tcp-info.ts";
import { SOCKET_STATE } from "../../netlink/sock-diag/sock-diag.ts";

const OPTION_WORDS = ["ts", "sack", undefined, "ecn", "ecnseen", "fastopen"] as const;
const WINDOW_SCALES = 4;
/** µs: a timeout that was never worked out. */
const OLD_FIRST_TIMEOUT = 3_000_000;
const USUAL_REORDERING = 3;
const NO_THRESHOLD = 0xffff;
const NO_RTT = 0xffff_ffff;

/** printf's %g. */
function general(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** µs as ms. */
function milliseconds(microseconds: number): string {
  return general(microseconds / 1000);
}

function counted(pairs: readonly (readonly [name: string, value: number])[]): string {
  return pairs.map(([name, value]) => (value === 0 ? "" : ` ${name}:${value}`)).join("");
}

function optionWords(info: TcpInfo): string {
  return OPTION_WORDS.map((word, at) =>
    word !== undefined && (info.options & (1 << at)) !== 0 ? ` ${word}` : "",
  ).join("");
}

function rates(info: TcpInfo): string {
  const seconds = info.rtt / 1e6;
  const rate = seconds > 0 && info.sendMss > 0 && info.congestionWindow > 0;
  let text = rate ? ` send ${bits((info.congestionWindow * info.sendMss) / seconds)}` : "";
  text += counted([
    ["lastsnd", info.lastDataSent],
    ["lastrcv", info.lastDataReceived],
    ["lastack", info.lastAckReceived],
  ]);
  if (info.pacingRate > 0) text += ` pacing_rate ${bits(info.pacingRate)}`;
  if (info.deliveryRate > 0) text += ` delivery_rate ${bits(info.deliveryRate)}`;
  text += counted([["delivered", info.delivered]]);
  if ((info.limits & 1) !== 0) text += " app_limited";
  if (info.busyTime > 0) text += ` busy:${Math.floor(info.busyTime / 1000)}ms`;
  return text;
}

/** Of bytes a second. */
function bits(rate: number): string {
  return `${Math.floor(rate * 8)}bps`;
}

function losses(info: TcpInfo): string {
  if (info.state === SOCKET_STATE.LISTEN) return "";
  let text = counted([["unacked", info.unacked]]);
  if (info.retransmitted > 0 || info.totalRetransmits > 0)
    text += ` retrans:${info.retransmitted}/${info.totalRetransmits}`;
  return (
    text +
    counted([
      ["lost", info.lost],
      ["sacked", info.sacked],
      ["dsack_dups", info.duplicateSacks],
    ])
  );
}

/** The text behind the memory; `congestion` is the name of the algorithm, `options` whether the negotiated ones are told (-o). */
export function tcpInfoText(bytes: Uint8Array, congestion: string | undefined, options: boolean): string {
  const info = decodeTcpInfo(bytes);
  if (info === undefined) return "";
  let text = options ? optionWords(info) : "";
  if (congestion !== undefined) text += ` ${congestion}`;
  if ((info.options & WINDOW_SCALES) !== 0)
    text += ` wscale:${info.windowScales & 0xf},${info.windowScales >> 4}`;
  if (info.rto > 0 && info.rto !== OLD_FIRST_TIMEOUT) text += ` rto:${milliseconds(info.rto)}`;
  text += counted([["backoff", info.backoff]]);
  if (info.rtt > 0) text += ` rtt:${milliseconds(info.rtt)}/${milliseconds(info.rttVariance)}`;
  if (info.ato > 0) text += ` ato:${milliseconds(info.ato)}`;
  text += counted([
    ["mss", info.sendMss],
    ["pmtu", info.pathMtu],
    ["rcvmss", info.receiveMss],
    ["advmss", info.advertisedMss],
    ["cwnd", info.congestionWindow],
    ["ssthresh", info.sendThreshold < NO_THRESHOLD ? info.sendThreshold : 0],
    ["bytes_sent", info.bytesSent],
    ["bytes_retrans", info.bytesRetransmitted],
    ["bytes_acked", info.bytesAcked],
    ["bytes_received", info.bytesReceived],
    ["segs_out", info.segmentsOut],
    ["segs_in", info.segmentsIn],
    ["data_segs_out", info.dataSegmentsOut],
    ["data_segs_in", info.dataSegmentsIn],
  ]);
  text += rates(info) + losses(info);
  if (info.reordering !== USUAL_REORDERING) text += counted([["reordering", info.reordering]]);
  text += counted([["reord_seen", info.reorderings]]);
  if (info.receiverRtt > 0) text += ` rcv_rtt:${milliseconds(info.receiverRtt)}`;
  text += counted([
    ["rcv_space", info.receiverSpace],
    ["rcv_ssthresh", info.receiveThreshold],
    ["notsent", info.notSent],
  ]);
  if (info.leastRtt > 0 && info.leastRtt !== NO_RTT) text += ` minrtt:${milliseconds(info.leastRtt)}`;
  return (
    text +
    counted([
      ["rcv_ooopack", info.outOfOrder],
      ["snd_wnd", info.sendWindow],
    ])
  );
}

const TIMERS = ["off", "on", "keepalive", "timewait", "persist", "unknown"] as const;

/** What a socket waits for (-o); `expires` is milliseconds. */
export function timerText(timer: number, expires: number, retransmits: number): string {
  if (timer === 0) return "";
  return ` timer:(${TIMERS[Math.min(timer, TIMERS.length - 1)]},${duration(expires)},${retransmits})`;
}

/** Minutes hide what is small beside them. */
function duration(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  let seconds = Math.floor(milliseconds / 1000) % 60;
  let left = milliseconds % 1000;
  let text = "";
  if (minutes > 0) {
    left = 0;
    text = `${minutes}min`;
    if (minutes > 9) seconds = 0;
  }
  if (seconds > 0) {
    if (seconds > 9) left = 0;
    text += `${seconds}${left > 0 ? "." : "sec"}`;
  }
  return left > 0 ? `${text}${String(left).padStart(3, "0")}ms` : text;
}

// The window that is offered (RFC 9293, 3.8.6; RFC 7323, 2), and how the receive buffer grows with what the program reads (Dynamic
// Right-Sizing, Fisk and Feng 2001), as Linux does both: tcp_select_window, tcp_grow_window, tcp_rcv_space_adjust.

import type { Netns } from "../netns.ts";
import { coreSetting } from "../core-sysctls.ts";
import { SEGMENT_OVERHEAD } from "./receive-queue.ts";
import { MAX_WINDOW_SHIFT } from "./segment.ts";
import { advance, distance } from "./sequence.ts";
import { bufferSizes, tcpSetting } from "./settings.ts";
import { INITIAL_WINDOW } from "./tcb.ts";
import type { Tcb } from "./tcb.ts";

const MAX_UNSCALED = 0xffff;
/** Segments of any size for which a program may have its buffer grow. */
const MINIMUM_DATA_TO_GROW = 128;

function alignUp(value: number, shift: number): number {
  const unit = 2 ** shift;
  return Math.ceil(value / unit) * unit;
}

/** How much of a buffer's memory is window (net.ipv4.tcp_adv_win_scale). */
export function windowOfMemory(netns: Netns, memory: number): number {
  const scale = tcpSetting(netns, "tcp_adv_win_scale", 1);
  if (memory <= 0) return 0;
  return scale <= 0 ? Math.floor(memory / 2 ** -scale) : memory - Math.floor(memory / 2 ** scale);
}

export interface FirstWindow {
  readonly window: number;
  readonly clamp: number;
  readonly shift: number;
}

/** tcp_select_initial_window(): whole segments of `mss` bytes in a buffer of `memory` bytes. */
export function firstWindow(netns: Netns, memory: number, mss: number, scaling: boolean): FirstWindow {
  let window = windowOfMemory(netns, memory);
  if (window > mss) window = Math.floor(window / mss) * mss;
  let shift = 0;
  if (scaling) {
    const most = Math.max(window, bufferSizes(netns, "tcp_rmem").most, coreSetting(netns.kernel, "rmem_max"));
    shift = Math.min(Math.max(Math.floor(Math.log2(most)) - 15, 0), MAX_WINDOW_SHIFT);
  }
  return { window, shift, clamp: MAX_UNSCALED * 2 ** shift };
}

function fullSpace(tcb: Tcb): number {
  return windowOfMemory(tcb.netns, tcb.receiveBuffer);
}

/** What fits now. */
function freeSpace(tcb: Tcb): number {
  return windowOfMemory(tcb.netns, tcb.receiveBuffer - tcb.received.memory);
}

/** tcp_receive_window(): what is left of the window that was offered last. */
export function offeredWindow(tcb: Tcb): number {
  return Math.max(0, distance(tcb.rcvNxt, advance(tcb.rcvWup, tcb.rcvWnd)));
}

/** tcp_init_buffer_space(): when a connection is established. */
export function initializeBuffers(tcb: Tcb): void {
  expandSendBuffer(tcb);
  const full = fullSpace(tcb);
  tcb.spaceAt = tcb.microseconds;
  tcb.spaceSeq = tcb.copiedSeq;
  if (tcb.windowClamp >= full) {
    tcb.windowClamp = full;
    const forProgram = tcpSetting(tcb.netns, "tcp_app_win", 31);
    if (forProgram !== 0 && full > 4 * tcb.advertisedMss)
      tcb.windowClamp = Math.max(full - Math.floor(full / 2 ** forProgram), 4 * tcb.advertisedMss);
  }
  // A segment always fits behind what is offered.
  if (tcb.windowClamp > 2 * tcb.advertisedMss && tcb.windowClamp + tcb.advertisedMss > full)
    tcb.windowClamp = Math.max(2 * tcb.advertisedMss, full - tcb.advertisedMss);
  tcb.rcvThreshold = Math.min(tcb.rcvThreshold, tcb.windowClamp);
  tcb.space = Math.min(tcb.rcvThreshold, tcb.rcvWnd, INITIAL_WINDOW * tcb.advertisedMss);
}

/** Bytes of headers that a sent segment has room for, and of struct sk_buff with its shared part. */
const SENT_HEADERS = 320;
const SENT_SHARED = 320;
const SENT_BUFFER = 256;

/** tcp_sndbuf_expand(): room for twice the congestion window. */
export function expandSendBuffer(tcb: Tcb): void {
  if (tcb.settings.sendBuffer !== undefined) return;
  const segment = Math.max(tcb.mssClamp, tcb.mss) + SENT_HEADERS + SENT_SHARED;
  const memory = 2 ** Math.ceil(Math.log2(segment)) + SENT_BUFFER;
  const segments = Math.max(INITIAL_WINDOW, tcb.congestionWindow, tcb.reordering + 1);
  const wanted = 2 * segments * memory;
  if (tcb.sendBuffer < wanted) tcb.sendBuffer = Math.min(wanted, bufferSizes(tcb.netns, "tcp_wmem").most);
}

/** __tcp_select_window() */
export function selectWindow(tcb: Tcb): number {
  const allowed = fullSpace(tcb);
  const full = Math.min(tcb.windowClamp, allowed);
  const mss = Math.min(tcb.rcvMss, full);
  if (mss <= 0) return 0;
  let free = freeSpace(tcb);
  if (free < Math.floor(full / 2)) {
    tcb.quickAcks = 0;
    free = Math.floor(free / 2 ** tcb.rcvShift) * 2 ** tcb.rcvShift;
    if (free < Math.floor(allowed / 16) || free < mss) return 0;
  }
  free = Math.min(free, tcb.rcvThreshold);
  if (tcb.rcvShift > 0) return alignUp(free, tcb.rcvShift);
  const window = tcb.rcvWnd;
  if (window <= free - mss || window > free) return Math.floor(free / mss) * mss;
  if (mss === full && free > window + Math.floor(full / 2)) return free;
  return window;
}

/** tcp_select_window(): the window field of a segment that is sent now. What was offered is never taken back. */
export function offerWindow(tcb: Tcb): number {
  const old = tcb.rcvWnd;
  const left = offeredWindow(tcb);
  let window = selectWindow(tcb);
  if (window < left) {
    if (window === 0) tcb.counters.count("TCPWantZeroWindowAdv");
    window = alignUp(left, tcb.rcvShift);
  }
  tcb.rcvWnd = window;
  tcb.rcvWup = tcb.rcvNxt;
  const field = Math.floor(Math.min(window, MAX_UNSCALED * 2 ** tcb.rcvShift) / 2 ** tcb.rcvShift);
  if (field === 0) {
    if (old !== 0) tcb.counters.count("TCPToZeroWindowAdv");
  } else if (old === 0) tcb.counters.count("TCPFromZeroWindowAdv");
  return field;
}

/** tcp_grow_window(): after `length` bytes of data. */
export function growWindow(tcb: Tcb, length: number): void {
  if (length < MINIMUM_DATA_TO_GROW) return;
  const room = Math.min(tcb.windowClamp, freeSpace(tcb)) - tcb.rcvThreshold;
  if (room <= 0) return;
  const memory = SEGMENT_OVERHEAD + length;
  let more =
    windowOfMemory(tcb.netns, memory) <= length ? 2 * tcb.advertisedMss : growOfSmall(tcb, memory, length);
  if (more === 0) return;
  more = Math.max(more, 2 * length);
  tcb.rcvThreshold += Math.min(room, more);
  tcb.quickAcks |= 1;
}

/** __tcp_grow_window(): segments that weigh more than they carry let the window grow while they are few. */
function growOfSmall(tcb: Tcb, memory: number, length: number): number {
  let weight = Math.floor(windowOfMemory(tcb.netns, memory) / 2);
  let window = Math.floor(windowOfMemory(tcb.netns, bufferSizes(tcb.netns, "tcp_rmem").most) / 2);
  while (tcb.rcvThreshold <= window) {
    if (weight <= length) return 2 * tcb.rcvMss;
    weight = Math.floor(weight / 2);
    window = Math.floor(window / 2);
  }
  return 0;
}

function receiverRoundTrip(tcb: Tcb, sample: number, isWindow: boolean): void {
  const old = tcb.receiverRtt8;
  let measured = Math.max(1, sample);
  if (old === 0) measured *= 8;
  else if (isWindow) measured = Math.min(measured * 8, old);
  else measured = old + measured - Math.floor(old / 8);
  tcb.receiverRtt8 = measured;
}

/** tcp_rcv_rtt_measure(): without timestamps, a window of data takes a round trip. */
export function measureReceiver(tcb: Tcb): void {
  const now = tcb.microseconds;
  if (tcb.receiverRttAt !== 0) {
    if (distance(tcb.rcvNxt, tcb.receiverRttSeq) > 0) return;
    receiverRoundTrip(tcb, now - tcb.receiverRttAt, true);
  }
  tcb.receiverRttSeq = advance(tcb.rcvNxt, tcb.rcvWnd);
  tcb.receiverRttAt = now;
}

/** tcp_rcv_rtt_measure_ts(): by the timestamp that a full segment echoes, ms. */
export function measureReceiverByEcho(tcb: Tcb, echo: number, length: number): void {
  if (echo === 0 || length < tcb.rcvMss) return;
  const delta = (tcb.milliseconds + tcb.tsOffset - echo) >>> 0;
  if (delta < 0x7fff_ffff / 1000) receiverRoundTrip(tcb, Math.max(1, delta) * 1000, false);
}

/** tcp_rcv_space_adjust(): the program has read; if it keeps up, the buffer may hold twice what came in a round trip. */
export function adjustSpace(tcb: Tcb): void {
  const now = tcb.microseconds;
  const round = Math.floor(tcb.receiverRtt8 / 8);
  if (now - tcb.spaceAt < round || round === 0) return;
  const copied = distance(tcb.spaceSeq, tcb.copiedSeq);
  if (copied > tcb.space) {
    if (tcpSetting(tcb.netns, "tcp_moderate_rcvbuf") !== 0 && tcb.settings.receiveBuffer === undefined)
      growBuffer(tcb, copied);
    tcb.space = copied;
  }
  tcb.spaceSeq = tcb.copiedSeq;
  tcb.spaceAt = now;
}

function growBuffer(tcb: Tcb, copied: number): void {
  const { netns } = tcb;
  let wanted = 2 * copied + 16 * tcb.advertisedMss;
  wanted += Math.floor((wanted * (copied - tcb.space)) / tcb.space) * 2;
  let memory = tcb.advertisedMss + 960; // of a full segment (SKB_TRUESIZE with TCP's headers)
  while (windowOfMemory(netns, memory) < tcb.advertisedMss) memory += 128;
  const segments = Math.ceil(wanted / tcb.advertisedMss);
  const buffer = Math.min(segments * memory, bufferSizes(netns, "tcp_rmem").most);
  if (buffer <= tcb.receiveBuffer) return;
  tcb.receiveBuffer = buffer;
  tcb.windowClamp = windowOfMemory(netns, buffer);
}

/** `struct tcp_info` (linux/tcp.h as of Linux 6.1): what INET_DIAG_INFO and TCP_INFO tell of a TCP socket. */

import { at, struct, u32, u64, u8 } from "../attribute-codecs.ts";

const SIZE = 232;

const tcpInfo = struct(SIZE, {
  state: at(0, u8),
  /** enum tcp_ca_state: open, disorder, cwr, recovery, loss. */
  phase: at(1, u8),
  retransmits: at(2, u8),
  probes: at(3, u8),
  backoff: at(4, u8),
  /** Bits: 1 timestamps, 2 SACK, 4 window scaling, 8 ECN, 16 ECN seen, 32 SYN data. */
  options: at(5, u8),
  /** Shift for what is sent in the low half, for what is received in the high one. */
  windowScales: at(6, u8),
  /** Bit 0: the delivery rate was limited by the program. */
  limits: at(7, u8),
  /** µs */
  rto: at(8, u32),
  /** µs */
  ato: at(12, u32),
  sendMss: at(16, u32),
  receiveMss: at(20, u32),
  /** Segments; of a listener, connections that wait. */
  unacked: at(24, u32),
  /** Segments; of a listener, how many may wait. */
  sacked: at(28, u32),
  lost: at(32, u32),
  retransmitted: at(36, u32),
  /** ms ago. */
  lastDataSent: at(44, u32),
  lastDataReceived: at(52, u32),
  lastAckReceived: at(56, u32),
  pathMtu: at(60, u32),
  receiveThreshold: at(64, u32),
  /** µs */
  rtt: at(68, u32),
  rttVariance: at(72, u32),
  sendThreshold: at(76, u32),
  congestionWindow: at(80, u32),
  advertisedMss: at(84, u32),
  reordering: at(88, u32),
  receiverRtt: at(92, u32),
  receiverSpace: at(96, u32),
  totalRetransmits: at(100, u32),
  /** Bytes a second. */
  pacingRate: at(104, u64),
  maxPacingRate: at(112, u64),
  bytesAcked: at(120, u64),
  bytesReceived: at(128, u64),
  segmentsOut: at(136, u32),
  segmentsIn: at(140, u32),
  notSent: at(144, u32),
  /** µs */
  leastRtt: at(148, u32),
  dataSegmentsIn: at(152, u32),
  dataSegmentsOut: at(156, u32),
  deliveryRate: at(160, u64),
  /** µs with something on the way, and of that limited by the peer's window and by the send buffer. */
  busyTime: at(168, u64),
  windowLimited: at(176, u64),
  bufferLimited: at(184, u64),
  delivered: at(192, u32),
  bytesSent: at(200, u64),
  bytesRetransmitted: at(208, u64),
  duplicateSacks: at(216, u32),
  reorderings: at(220, u32),
  outOfOrder: at(224, u32),
  sendWindow: at(228, u32),
});

export type TcpInfo = ReturnType<typeof tcpInfo.get>;

/** What is left out is zero. */
export function encodeTcpInfo(info: Partial<TcpInfo>): Uint8Array {
  const bytes = new Uint8Array(SIZE);
  tcpInfo.put(bytes, 0, info as TcpInfo); // members that are not there are not written
  return bytes;
}

/** Kernels differ in how much they tell; undefined for less than Linux 6.1 does. */
export function decodeTcpInfo(bytes: Uint8Array): TcpInfo | undefined {
  return bytes.length < SIZE ? undefined : tcpInfo.get(bytes, 0);
}

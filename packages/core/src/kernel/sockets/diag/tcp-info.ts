// `struct tcp_info` (linux/tcp.h; tcp_get_info): what the kernel tells of one connection.

import { encodeTcpInfo } from "../../../netlink/sock-diag/tcp-info.ts";
import type { Listener } from "../../tcp/listener.ts";
import { RTO_FIRST } from "../../tcp/round-trip.ts";
import { TCP_STATE_NUMBER } from "../../tcp/state.ts";
import type { CongestionPhase, Tcb } from "../../tcp/tcb.ts";
import { INITIAL_WINDOW, NO_THRESHOLD } from "../../tcp/tcb.ts";
import { tick } from "../../tcp/timers.ts";

/** enum tcp_ca_state */
const PHASE: Readonly<Record<CongestionPhase, number>> = {
  open: 0,
  disorder: 1,
  reduced: 2,
  recovery: 3,
  loss: 4,
};

const OPTION = { TIMESTAMPS: 1, SACK: 2, WSCALE: 4 } as const;

/** µs, in whole ticks as the kernel keeps them. */
function inTicks(tcb: Tcb, microseconds: number): number {
  const length = tick(tcb) / 1e3;
  return Math.ceil(microseconds / length) * length;
}

export function listenerInfo(listener: Listener): Uint8Array {
  return encodeTcpInfo({
    state: TCP_STATE_NUMBER.LISTEN,
    congestionWindow: INITIAL_WINDOW,
    reordering: 3,
    unacked: listener.accepted.length,
    sacked: listener.backlog,
  });
}

/** tcp_update_pacing_rate(), bytes a second: twice the rate of slow start, and a fifth more than that of congestion avoidance. */
function pacingRate(tcb: Tcb): number {
  const { smoothed } = tcb.roundTrip;
  if (smoothed === 0) return 0;
  const ratio = tcb.congestionWindow < tcb.slowStartThreshold / 2 ? 2 : 1.2;
  const segments = Math.max(tcb.congestionWindow, tcb.sending.packetsOut);
  return Math.floor((tcb.mss * segments * ratio * 1e6) / smoothed);
}

export function connectionInfo(tcb: Tcb): Uint8Array {
  const { sending, roundTrip } = tcb;
  const now = tcb.milliseconds;
  const synchronized = tcb.state !== "SYN-SENT";
  const options =
    (tcb.timestamps ? OPTION.TIMESTAMPS : 0) |
    (tcb.sackPermitted ? OPTION.SACK : 0) |
    (tcb.windowScaling ? OPTION.WSCALE : 0);
  return encodeTcpInfo({
    state: TCP_STATE_NUMBER[tcb.state],
    phase: PHASE[tcb.phase],
    retransmits: tcb.retransmits,
    probes: tcb.probesOut,
    backoff: tcb.backoff,
    options: synchronized ? options : 0,
    windowScales: synchronized && tcb.windowScaling ? tcb.sndShift | (tcb.rcvShift << 4) : 0,
    limits: tcb.limited ? 0 : 1,
    rto: inTicks(tcb, roundTrip.rto || RTO_FIRST),
    ato: tcb.ackTimeout * 1000,
    sendMss: tcb.mss,
    receiveMss: tcb.rcvMss,
    unacked: sending.packetsOut,
    sacked: sending.sackedOut,
    lost: sending.lostOut,
    retransmitted: sending.retransmittedOut,
    lastDataSent: tcb.lastSent === 0 ? now : now - tcb.lastSent,
    lastDataReceived: now - Math.round((tcb.lastReceived * 1000) / tcb.kernel.profile.hz),
    lastAckReceived: now - tcb.lastAckReceived,
    pathMtu: tcb.pathMtu,
    receiveThreshold: tcb.rcvThreshold,
    rtt: Math.floor(roundTrip.smoothed),
    rttVariance: Math.floor(roundTrip.mdev4 / 4),
    sendThreshold: Math.min(tcb.slowStartThreshold, NO_THRESHOLD),
    congestionWindow: tcb.congestionWindow,
    advertisedMss: tcb.advertisedMss,
    reordering: tcb.reordering,
    receiverRtt: Math.floor(tcb.receiverRtt8 / 8),
    receiverSpace: tcb.space,
    totalRetransmits: tcb.totalRetransmits,
    pacingRate: pacingRate(tcb),
    bytesAcked: tcb.bytesAcked,
    bytesReceived: tcb.bytesReceived,
    segmentsOut: tcb.segmentsOut,
    segmentsIn: tcb.segmentsIn,
    notSent: sending.unsent.reduce((sum, { data }) => sum + data.length, 0),
    leastRtt: Number.isFinite(roundTrip.least) ? roundTrip.least : 0xffff_ffff,
    dataSegmentsIn: tcb.dataSegmentsIn,
    dataSegmentsOut: tcb.dataSegmentsOut,
    delivered: tcb.delivered,
    bytesSent: tcb.bytesSent,
    bytesRetransmitted: tcb.bytesRetransmitted,
    duplicateSacks: tcb.duplicateSacks,
    reorderings: tcb.reorderings,
    sendWindow: tcb.sndWnd,
  });
}

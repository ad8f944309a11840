// Counters of TCP in a namespace: those of RFC 4022, which IPv4 and IPv6 share, and Linux's extended ones by their names.

import type { Netns } from "../netns.ts";
import { Slot } from "../slot.ts";

/** Names in /proc/net/netstat (LINUX_MIB_*) of what is counted here. */
export type ExtendedTcpCounter =
  | "DelayedACKs"
  | "DelayedACKLost"
  | "DelayedACKLocked"
  | "EmbryonicRsts"
  | "ListenDrops"
  | "ListenOverflows"
  | "OutOfWindowIcmps"
  | "PAWSActive"
  | "PAWSEstab"
  | "TCPACKSkippedChallenge"
  | "TCPACKSkippedFinWait2"
  | "TCPACKSkippedPAWS"
  | "TCPACKSkippedSeq"
  | "TCPACKSkippedSynRecv"
  | "TCPACKSkippedTimeWait"
  | "TCPAbortOnClose"
  | "TCPAbortOnData"
  | "TCPAbortOnTimeout"
  | "TCPChallengeACK"
  | "TCPDSACKOfoRecv"
  | "TCPDSACKOfoSent"
  | "TCPDSACKOldSent"
  | "TCPDSACKRecv"
  | "TCPDSACKRecvSegs"
  | "TCPDSACKUndo"
  | "TCPDelivered"
  | "TCPFastRetrans"
  | "TCPFromZeroWindowAdv"
  | "TCPFullUndo"
  | "TCPHPAcks"
  | "TCPHPHits"
  | "TCPHystartDelayCwnd"
  | "TCPHystartDelayDetect"
  | "TCPHystartTrainCwnd"
  | "TCPHystartTrainDetect"
  | "TCPKeepAlive"
  | "TCPLossFailures"
  | "TCPLossProbeRecovery"
  | "TCPLossProbes"
  | "TCPLossUndo"
  | "TCPLostRetransmit"
  | "TCPOFOMerge"
  | "TCPOFOQueue"
  | "TCPOrigDataSent"
  | "TCPPartialUndo"
  | "TCPPureAcks"
  | "TCPRcvCoalesce"
  | "TCPRcvQDrop"
  | "TCPRenoFailures"
  | "TCPRenoRecovery"
  | "TCPRenoRecoveryFail"
  | "TCPReqQFullDrop"
  | "TCPRetransFail"
  | "TCPSYNChallenge"
  | "TCPSackFailures"
  | "TCPSackRecovery"
  | "TCPSackRecoveryFail"
  | "TCPSlowStartRetrans"
  | "TCPSpuriousRTOs"
  | "TCPSynRetrans"
  | "TCPTimeouts"
  | "TCPToZeroWindowAdv"
  | "TCPTSReorder"
  | "TCPSACKReorder"
  | "TCPWantZeroWindowAdv"
  | "TCPWinProbe"
  | "TCPZeroWindowDrop"
  | "TW"
  | "TWRecycled"
  | "TcpTimeoutRehash"
  | "TcpDuplicateDataRehash";

export class TcpCounters {
  activeOpens = 0;
  passiveOpens = 0;
  attemptFails = 0;
  estabResets = 0;
  /** Connections now that are ESTABLISHED or CLOSE-WAIT. */
  currEstab = 0;
  inSegs = 0;
  outSegs = 0;
  retransSegs = 0;
  inErrs = 0;
  outRsts = 0;
  inCsumErrors = 0;
  readonly #extended = new Map<string, number>();

  count(name: ExtendedTcpCounter, by = 1): void {
    this.#extended.set(name, (this.#extended.get(name) ?? 0) + by);
  }

  /** By any name of /proc/net/netstat; 0 for what is not counted here. */
  extended(name: string): number {
    return this.#extended.get(name) ?? 0;
  }
}

const counters = new Slot<TcpCounters>();

export function tcpCounters(netns: Netns): TcpCounters {
  let own = counters.of(netns);
  if (own === undefined) counters.set(netns, (own = new TcpCounters()));
  return own;
}

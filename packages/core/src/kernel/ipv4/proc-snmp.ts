// /proc/net/snmp and /proc/net/netstat (net/ipv4/proc.c): counters of a namespace, a row of names and a row of numbers each.

import type { Netns } from "../netns.ts";
import type { ProfileName } from "../profile.ts";
import type { TypeCounts } from "../type-counts.ts";
import { tcpCounters } from "../tcp/counters.ts";
import type { TcpCounters } from "../tcp/counters.ts";
import { udpCounters } from "../sockets/udp-counters.ts";
import type { UdpCounters } from "../sockets/udp-counters.ts";
import type { Ipv4Netns } from "./namespace.ts";
import { ipv4Of } from "./namespace.ts";

function rows(title: string, pairs: readonly (readonly [name: string, value: number])[]): string {
  const names = pairs.map(([name]) => name).join(" ");
  const values = pairs.map(([, value]) => value).join(" ");
  return `${title}: ${names}\n${title}: ${values}\n`;
}

function ipRows(inet: Ipv4Netns): string {
  const { ip, all, settings } = inet;
  const older = !inet.countsTransmits;
  const pairs: [string, number][] = [
    ["Forwarding", all.forwarding !== 0 ? 1 : 2],
    ["DefaultTTL", settings.defaultTtl],
    ["InReceives", ip.inReceives],
    ["InHdrErrors", ip.inHdrErrors],
    ["InAddrErrors", ip.inAddrErrors],
    ["ForwDatagrams", ip.forwDatagrams],
    ["InUnknownProtos", ip.inUnknownProtos],
    ["InDiscards", ip.inDiscards],
    ["InDelivers", ip.inDelivers],
    // Until 6.6, packets that pass through count as sent too.
    ["OutRequests", older ? ip.outputs : ip.outRequests],
    ["OutDiscards", ip.outDiscards],
    ["OutNoRoutes", ip.outNoRoutes],
    ["ReasmTimeout", ip.reasmTimeout],
    ["ReasmReqds", ip.reasmReqds],
    ["ReasmOKs", ip.reasmOks],
    ["ReasmFails", ip.reasmFails],
    ["FragOKs", ip.fragOks],
    ["FragFails", ip.fragFails],
    ["FragCreates", ip.fragCreates],
  ];
  if (!older) pairs.push(["OutTransmits", ip.outTransmits]);
  return rows("Ip", pairs);
}

/** ICMP types with a column of their own, in and out. */
const ICMP_COLUMNS: readonly (readonly [name: string, type: number])[] = [
  ["DestUnreachs", 3],
  ["TimeExcds", 11],
  ["ParmProbs", 12],
  ["SrcQuenchs", 4],
  ["Redirects", 5],
  ["Echos", 8],
  ["EchoReps", 0],
  ["Timestamps", 13],
  ["TimestampReps", 14],
  ["AddrMasks", 17],
  ["AddrMaskReps", 18],
];

function icmpRows({ icmp }: Ipv4Netns): string {
  const columns = (direction: "In" | "Out", counts: TypeCounts): [string, number][] =>
    ICMP_COLUMNS.map(([name, type]) => [`${direction}${name}`, counts.get(type)]);
  let text = rows("Icmp", [
    ["InMsgs", icmp.inMsgs],
    ["InErrors", icmp.inErrors],
    ["InCsumErrors", icmp.inCsumErrors],
    ...columns("In", icmp.inTypes),
    ["OutMsgs", icmp.outMsgs],
    ["OutErrors", icmp.outErrors],
    ["OutRateLimitGlobal", icmp.outRateLimitGlobal],
    ["OutRateLimitHost", icmp.outRateLimitHost],
    ...columns("Out", icmp.outTypes),
  ]);
  const byType = (direction: "In" | "Out", counts: TypeCounts): [string, number][] =>
    counts.entries().map(([type, count]) => [`${direction}Type${type}`, count]);
  const seen = [...byType("In", icmp.inTypes), ...byType("Out", icmp.outTypes)];
  if (seen.length > 0) text += rows("IcmpMsg", seen);
  return text;
}

function tcpRows(tcp: TcpCounters): string {
  return rows("Tcp", [
    ["RtoAlgorithm", 1],
    ["RtoMin", 200],
    ["RtoMax", 120_000],
    ["MaxConn", -1],
    ["ActiveOpens", tcp.activeOpens],
    ["PassiveOpens", tcp.passiveOpens],
    ["AttemptFails", tcp.attemptFails],
    ["EstabResets", tcp.estabResets],
    ["CurrEstab", tcp.currEstab],
    ["InSegs", tcp.inSegs],
    ["OutSegs", tcp.outSegs],
    ["RetransSegs", tcp.retransSegs],
    ["InErrs", tcp.inErrs],
    ["OutRsts", tcp.outRsts],
    ["InCsumErrors", tcp.inCsumErrors],
  ]);
}

function udpRows(title: string, udp: UdpCounters | undefined): string {
  return rows(title, [
    ["InDatagrams", udp?.inDatagrams ?? 0],
    ["NoPorts", udp?.noPorts ?? 0],
    ["InErrors", udp?.inErrors ?? 0],
    ["OutDatagrams", udp?.outDatagrams ?? 0],
    ["RcvbufErrors", udp?.rcvbufErrors ?? 0],
    ["SndbufErrors", udp?.sndbufErrors ?? 0],
    ["InCsumErrors", udp?.inCsumErrors ?? 0],
    ["IgnoredMulti", udp?.ignoredMulti ?? 0],
    ["MemErrors", udp?.memErrors ?? 0],
  ]);
}

export function snmp(netns: Netns): string {
  const inet = ipv4Of(netns);
  return (
    ipRows(inet) +
    icmpRows(inet) +
    tcpRows(tcpCounters(netns)) +
    udpRows("Udp", udpCounters(netns).ipv4) +
    udpRows("UdpLite", undefined)
  );
}

/** LINUX_MIB_*: names in the kernel's order. Most are TCP's. */
const EXTENDED =
  "SyncookiesSent SyncookiesRecv SyncookiesFailed EmbryonicRsts PruneCalled RcvPruned OfoPruned OutOfWindowIcmps " +
  "LockDroppedIcmps ArpFilter TW TWRecycled TWKilled PAWSActive PAWSEstab DelayedACKs DelayedACKLocked DelayedACKLost " +
  "ListenOverflows ListenDrops TCPHPHits TCPPureAcks TCPHPAcks TCPRenoRecovery TCPSackRecovery TCPSACKReneging " +
  "TCPSACKReorder TCPRenoReorder TCPTSReorder TCPFullUndo TCPPartialUndo TCPDSACKUndo TCPLossUndo TCPLostRetransmit " +
  "TCPRenoFailures TCPSackFailures TCPLossFailures TCPFastRetrans TCPSlowStartRetrans TCPTimeouts TCPLossProbes " +
  "TCPLossProbeRecovery TCPRenoRecoveryFail TCPSackRecoveryFail TCPRcvCollapsed TCPBacklogCoalesce TCPDSACKOldSent " +
  "TCPDSACKOfoSent TCPDSACKRecv TCPDSACKOfoRecv TCPAbortOnData TCPAbortOnClose TCPAbortOnMemory TCPAbortOnTimeout " +
  "TCPAbortOnLinger TCPAbortFailed TCPMemoryPressures TCPMemoryPressuresChrono TCPSACKDiscard TCPDSACKIgnoredOld " +
  "TCPDSACKIgnoredNoUndo TCPSpuriousRTOs TCPMD5NotFound TCPMD5Unexpected TCPMD5Failure TCPSackShifted TCPSackMerged " +
  "TCPSackShiftFallback TCPBacklogDrop PFMemallocDrop TCPMinTTLDrop TCPDeferAcceptDrop IPReversePathFilter " +
  "TCPTimeWaitOverflow TCPReqQFullDoCookies TCPReqQFullDrop TCPRetransFail TCPRcvCoalesce TCPOFOQueue TCPOFODrop " +
  "TCPOFOMerge TCPChallengeACK TCPSYNChallenge TCPFastOpenActive TCPFastOpenActiveFail TCPFastOpenPassive " +
  "TCPFastOpenPassiveFail TCPFastOpenListenOverflow TCPFastOpenCookieReqd TCPFastOpenBlackhole TCPSpuriousRtxHostQueues " +
  "BusyPollRxPackets TCPAutoCorking TCPFromZeroWindowAdv TCPToZeroWindowAdv TCPWantZeroWindowAdv TCPSynRetrans " +
  "TCPOrigDataSent TCPHystartTrainDetect TCPHystartTrainCwnd TCPHystartDelayDetect TCPHystartDelayCwnd " +
  "TCPACKSkippedSynRecv TCPACKSkippedPAWS TCPACKSkippedSeq TCPACKSkippedFinWait2 TCPACKSkippedTimeWait " +
  "TCPACKSkippedChallenge TCPWinProbe TCPKeepAlive TCPMTUPFail TCPMTUPSuccess TCPDelivered TCPDeliveredCE " +
  "TCPAckCompressed TCPZeroWindowDrop TCPRcvQDrop TCPWqueueTooBig TCPFastOpenPassiveAltKey TcpTimeoutRehash " +
  "TcpDuplicateDataRehash TCPDSACKRecvSegs TCPDSACKIgnoredDubious TCPMigrateReqSuccess TCPMigrateReqFailure";

/** Names that newer kernels have after another one. */
const NEWER: ReadonlyMap<string, readonly string[]> = new Map([
  ["PAWSEstab", ["BeyondWindow", "TSEcrRejected", "PAWSOldAck", "PAWSTimewait"]],
  [
    "TCPMigrateReqFailure",
    ["TCPPLBRehash", "TCPAORequired", "TCPAOBad", "TCPAOKeyNotFound", "TCPAOGood", "TCPAODroppedIcmps"],
  ],
]);

function extendedNames(profile: ProfileName): string[] {
  const names = EXTENDED.split(" ");
  return profile === "linux-6.1" ? names : names.flatMap((name) => [name, ...(NEWER.get(name) ?? [])]);
}

export function netstat(netns: Netns): string {
  const { ip, extended } = ipv4Of(netns);
  const tcp = tcpCounters(netns);
  const counted: Readonly<Record<string, number>> = {
    ArpFilter: extended.arpFilter,
    IPReversePathFilter: extended.ipReversePathFilter,
  };
  return (
    rows(
      "TcpExt",
      extendedNames(netns.kernel.profile.name).map((name) => [name, counted[name] ?? tcp.extended(name)]),
    ) +
    rows("IpExt", [
      ["InNoRoutes", ip.inNoRoutes],
      ["InTruncatedPkts", ip.inTruncatedPkts],
      ["InMcastPkts", ip.inMcastPkts],
      ["OutMcastPkts", ip.outMcastPkts],
      ["InBcastPkts", ip.inBcastPkts],
      ["OutBcastPkts", ip.outBcastPkts],
      ["InOctets", ip.inOctets],
      ["OutOctets", ip.outOctets],
      ["InMcastOctets", ip.inMcastOctets],
      ["OutMcastOctets", ip.outMcastOctets],
      ["InBcastOctets", ip.inBcastOctets],
      ["OutBcastOctets", ip.outBcastOctets],
      ["InCsumErrors", ip.inCsumErrors],
      ["InNoECTPkts", ip.inNoEctPkts],
      ["InECT1Pkts", ip.inEct1Pkts],
      ["InECT0Pkts", ip.inEct0Pkts],
      ["InCEPkts", ip.inCePkts],
      ["ReasmOverlaps", ip.reasmOverlaps],
    ])
  );
}

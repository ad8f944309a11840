// Counters of IPv6 and ICMPv6 (RFC 4293), for a namespace and for each of its devices: /proc/net/snmp6, dev_snmp6/NAME and
// the arrays in IFLA_AF_SPEC. Those of UDP belong to the sockets.

import type { ProfileName } from "../profile.ts";
import { TypeCounts } from "../type-counts.ts";

/** IPSTATS_MIB_*. */
export class Ip6Counters {
  inReceives = 0;
  inHdrErrors = 0;
  inTooBigErrors = 0;
  inNoRoutes = 0;
  inAddrErrors = 0;
  inUnknownProtos = 0;
  inTruncatedPkts = 0;
  inDiscards = 0;
  inDelivers = 0;
  outForwDatagrams = 0;
  outRequests = 0;
  outDiscards = 0;
  outNoRoutes = 0;
  reasmTimeout = 0;
  reasmReqds = 0;
  reasmOks = 0;
  reasmFails = 0;
  reasmOverlaps = 0;
  fragOks = 0;
  fragFails = 0;
  fragCreates = 0;
  inMcastPkts = 0;
  outMcastPkts = 0;
  inOctets = 0;
  outOctets = 0;
  inMcastOctets = 0;
  outMcastOctets = 0;
  inBcastOctets = 0;
  outBcastOctets = 0;
  inNoEctPkts = 0;
  inEct1Pkts = 0;
  inEct0Pkts = 0;
  inCePkts = 0;
  outTransmits = 0;
}

/** ICMP6_MIB_* and the counts by type. */
export class Icmp6Counters {
  inMsgs = 0;
  inErrors = 0;
  outMsgs = 0;
  outErrors = 0;
  inCsumErrors = 0;
  outRateLimitHost = 0;
  /** By message type, 0..255. */
  readonly inTypes = new TypeCounts();
  readonly outTypes = new TypeCounts();
}

/** What one namespace or one device has counted. */
export class Ipv6Mib {
  readonly ip = new Ip6Counters();
  readonly icmp = new Icmp6Counters();
}

/** Counts in a namespace and on a device at once, as IP6_INC_STATS does. For what is not on the path of every packet. */
export function count(namespace: Ipv6Mib, device: Ipv6Mib | undefined, counter: keyof Ip6Counters): void {
  namespace.ip[counter]++;
  if (device) device.ip[counter]++;
}

export type IcmpCounter =
  "inMsgs" | "inErrors" | "outMsgs" | "outErrors" | "inCsumErrors" | "outRateLimitHost";

export function countIcmp(namespace: Ipv6Mib, device: Ipv6Mib | undefined, counter: IcmpCounter): void {
  namespace.icmp[counter]++;
  if (device) device.icmp[counter]++;
}

export function countIcmpType(
  namespace: Ipv6Mib,
  device: Ipv6Mib | undefined,
  direction: "inTypes" | "outTypes",
  type: number,
): void {
  namespace.icmp[direction].add(type);
  device?.icmp[direction].add(type);
}

/** Rows of /proc/net/snmp6, in its order. */
const IP_ROWS: readonly (readonly [string, keyof Ip6Counters])[] = [
  ["Ip6InReceives", "inReceives"],
  ["Ip6InHdrErrors", "inHdrErrors"],
  ["Ip6InTooBigErrors", "inTooBigErrors"],
  ["Ip6InNoRoutes", "inNoRoutes"],
  ["Ip6InAddrErrors", "inAddrErrors"],
  ["Ip6InUnknownProtos", "inUnknownProtos"],
  ["Ip6InTruncatedPkts", "inTruncatedPkts"],
  ["Ip6InDiscards", "inDiscards"],
  ["Ip6InDelivers", "inDelivers"],
  ["Ip6OutForwDatagrams", "outForwDatagrams"],
  ["Ip6OutRequests", "outRequests"],
  ["Ip6OutDiscards", "outDiscards"],
  ["Ip6OutNoRoutes", "outNoRoutes"],
  ["Ip6ReasmTimeout", "reasmTimeout"],
  ["Ip6ReasmReqds", "reasmReqds"],
  ["Ip6ReasmOKs", "reasmOks"],
  ["Ip6ReasmFails", "reasmFails"],
  ["Ip6FragOKs", "fragOks"],
  ["Ip6FragFails", "fragFails"],
  ["Ip6FragCreates", "fragCreates"],
  ["Ip6InMcastPkts", "inMcastPkts"],
  ["Ip6OutMcastPkts", "outMcastPkts"],
  ["Ip6InOctets", "inOctets"],
  ["Ip6OutOctets", "outOctets"],
  ["Ip6InMcastOctets", "inMcastOctets"],
  ["Ip6OutMcastOctets", "outMcastOctets"],
  ["Ip6InBcastOctets", "inBcastOctets"],
  ["Ip6OutBcastOctets", "outBcastOctets"],
  ["Ip6InNoECTPkts", "inNoEctPkts"],
  ["Ip6InECT1Pkts", "inEct1Pkts"],
  ["Ip6InECT0Pkts", "inEct0Pkts"],
  ["Ip6InCEPkts", "inCePkts"],
];

const ICMP_ROWS: readonly (readonly [string, IcmpCounter])[] = [
  ["Icmp6InMsgs", "inMsgs"],
  ["Icmp6InErrors", "inErrors"],
  ["Icmp6OutMsgs", "outMsgs"],
  ["Icmp6OutErrors", "outErrors"],
  ["Icmp6InCsumErrors", "inCsumErrors"],
];

/** Types that have a name in snmp6; others show as Icmp6InTypeN once they were counted. */
const ICMP_TYPE_NAMES: readonly (readonly [number, string])[] = [
  [1, "DestUnreachs"],
  [2, "PktTooBigs"],
  [3, "TimeExcds"],
  [4, "ParmProblems"],
  [128, "Echos"],
  [129, "EchoReplies"],
  [130, "GroupMembQueries"],
  [131, "GroupMembResponses"],
  [132, "GroupMembReductions"],
  [133, "RouterSolicits"],
  [134, "RouterAdvertisements"],
  [135, "NeighborSolicits"],
  [136, "NeighborAdvertisements"],
  [137, "Redirects"],
  [143, "MLDv2Reports"],
];

/** The lines of IPv6 and ICMPv6 in /proc/net/snmp6 and dev_snmp6. */
export function snmpLines(mib: Ipv6Mib, profile: ProfileName): string {
  const rows: [string, number][] = IP_ROWS.map(([name, counter]) => [name, mib.ip[counter]]);
  if (profile === "linux-6.18") rows.push(["Ip6OutTransmits", mib.ip.outTransmits]);
  for (const [name, counter] of ICMP_ROWS) rows.push([name, mib.icmp[counter]]);
  if (profile === "linux-6.18") rows.push(["Icmp6OutRateLimitHost", mib.icmp.outRateLimitHost]);
  const { inTypes, outTypes } = mib.icmp;
  for (const [type, name] of ICMP_TYPE_NAMES) rows.push([`Icmp6In${name}`, inTypes.get(type)]);
  for (const [type, name] of ICMP_TYPE_NAMES) rows.push([`Icmp6Out${name}`, outTypes.get(type)]);
  for (const [type, seen] of inTypes.entries()) rows.push([`Icmp6InType${type}`, seen]);
  for (const [type, seen] of outTypes.entries()) rows.push([`Icmp6OutType${type}`, seen]);
  return rows.map(([name, value]) => `${name.padEnd(32)}\t${value}\n`).join("");
}

/** IPSTATS_MIB_* by number; undefined where Linux 6.1 has no such element or IPv6 never counts it. */
const IP_ARRAY: readonly (keyof Ip6Counters | undefined)[] = [
  "inReceives",
  "inOctets",
  "inDelivers",
  "outForwDatagrams",
  "outRequests",
  "outOctets",
  "inHdrErrors",
  "inTooBigErrors",
  "inNoRoutes",
  "inAddrErrors",
  "inUnknownProtos",
  "inTruncatedPkts",
  "inDiscards",
  "outDiscards",
  "outNoRoutes",
  "reasmTimeout",
  "reasmReqds",
  "reasmOks",
  "reasmFails",
  "fragOks",
  "fragFails",
  "fragCreates",
  "inMcastPkts",
  "outMcastPkts",
  undefined, // InBcastPkts
  undefined, // OutBcastPkts
  "inMcastOctets",
  "outMcastOctets",
  "inBcastOctets",
  "outBcastOctets",
  undefined, // InCsumErrors
  "inNoEctPkts",
  "inEct1Pkts",
  "inEct0Pkts",
  "inCePkts",
  "reasmOverlaps",
];

/** IFLA_INET6_STATS: its length first. */
export function ipStatisticsArray(mib: Ipv6Mib, profile: ProfileName): number[] {
  const values = IP_ARRAY.map((counter) => (counter === undefined ? 0 : mib.ip[counter]));
  if (profile === "linux-6.18") values.push(mib.ip.outTransmits);
  return [values.length + 1, ...values];
}

/** IFLA_INET6_ICMP6STATS: its length first. */
export function icmpStatisticsArray(mib: Ipv6Mib, profile: ProfileName): number[] {
  const { inMsgs, inErrors, outMsgs, outErrors, inCsumErrors, outRateLimitHost } = mib.icmp;
  const values = [inMsgs, inErrors, outMsgs, outErrors, inCsumErrors];
  if (profile === "linux-6.18") values.push(outRateLimitHost);
  return [values.length + 1, ...values];
}

// Counters of IPv4 and ICMP in a namespace (RFC 4293, RFC 2011): /proc/net/snmp and /proc/net/netstat. Those of UDP
// belong to the sockets.

import { TypeCounts } from "../type-counts.ts";

/** IPSTATS_MIB_* of IPv4. */
export class IpCounters {
  inReceives = 0;
  inHdrErrors = 0;
  inAddrErrors = 0;
  forwDatagrams = 0;
  inUnknownProtos = 0;
  inDiscards = 0;
  inDelivers = 0;
  outRequests = 0;
  outDiscards = 0;
  outNoRoutes = 0;
  reasmTimeout = 0;
  reasmReqds = 0;
  reasmOks = 0;
  reasmFails = 0;
  fragOks = 0;
  fragFails = 0;
  fragCreates = 0;
  /** Datagrams that went out, their own and others', before they were cut. */
  outputs = 0;
  /** Packets given to a neighbour. */
  outTransmits = 0;
  // IpExt of /proc/net/netstat
  inNoRoutes = 0;
  inTruncatedPkts = 0;
  inMcastPkts = 0;
  outMcastPkts = 0;
  inBcastPkts = 0;
  outBcastPkts = 0;
  inOctets = 0;
  outOctets = 0;
  inMcastOctets = 0;
  outMcastOctets = 0;
  inBcastOctets = 0;
  outBcastOctets = 0;
  inCsumErrors = 0;
  inNoEctPkts = 0;
  inEct1Pkts = 0;
  inEct0Pkts = 0;
  inCePkts = 0;
  reasmOverlaps = 0;
}

/** ICMP_MIB_*; counts by type are in `inTypes` and `outTypes`. */
export class IcmpCounters {
  inMsgs = 0;
  inErrors = 0;
  inCsumErrors = 0;
  outMsgs = 0;
  outErrors = 0;
  outRateLimitGlobal = 0;
  outRateLimitHost = 0;
  /** By message type, 0..255. */
  readonly inTypes = new TypeCounts();
  readonly outTypes = new TypeCounts();

  countIn(type: number): void {
    this.inTypes.add(type);
  }

  countOut(type: number): void {
    this.outMsgs++;
    this.outTypes.add(type);
  }
}

/** LINUX_MIB_* that IPv4 itself counts. */
export class ExtendedCounters {
  ipReversePathFilter = 0;
  arpFilter = 0;
}

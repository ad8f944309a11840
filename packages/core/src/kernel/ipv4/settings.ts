// The settings of IPv4 in a namespace: net/ipv4/* and net/ipv4/route/*. Names and ranges for /proc/sys are in sysctls.ts.
// Rules: Documentation/networking/ip-sysctl.rst.

export class Ipv4Settings {
  defaultTtl = 64;
  /** 0..3: how path MTU discovery is done (IP_PMTUDISC_*). */
  noPmtuDisc = 0;
  forwardUsePmtu = 0;
  forwardUpdatePriority = 1;
  nonlocalBind = 0;
  dynaddr = 0;
  earlyDemux = 1;
  autobindReuse = 0;
  fwmarkReflect = 0;
  unprivilegedPortStart = 1024;
  localPortFirst = 32_768;
  localPortLast = 60_999;
  /** Groups that may open ping sockets; "1 0" is nobody. */
  pingGroupFirst = 1;
  pingGroupLast = 0;
  icmpEchoIgnoreAll = 0;
  icmpEchoIgnoreBroadcasts = 1;
  icmpEchoEnableProbe = 0;
  icmpIgnoreBogusErrors = 1;
  icmpErrorsUseInboundAddress = 0;
  /** Milliseconds between errors to one destination. */
  icmpRateLimit = 1000;
  /** Types under that limit: unreachable, source quench, time exceeded, parameter problem. */
  icmpRateMask = 0x1818;
  igmpMaxMemberships = 20;
  igmpMaxSources = 10;
  igmpRobustness = 2;
  igmpLinkLocalReports = 1;
  /** Bytes of memory. */
  fragmentHighThreshold = 4 * 1024 * 1024;
  fragmentLowThreshold = 3 * 1024 * 1024;
  /** Seconds. */
  fragmentTime = 30;
  fragmentMaxDistance = 64;
  multipathHashPolicy = 0;
  multipathHashFields = 7;
  multipathUseNeighbour = 0;
  notifyOnFlagChange = 0;
  nexthopCompatible = 1;
  rawL3mdevAccept = 1;
  udpL3mdevAccept = 0;
  udpEarlyDemux = 1;
  udpReadMinimum = 4096;
  udpWriteMinimum = 4096;
  /** Bytes: path MTUs below are not believed. */
  minPmtu = 552;
  /** Seconds that a learned path MTU lasts. */
  mtuExpires = 600;
  minAdvertisedMss = 256;
}

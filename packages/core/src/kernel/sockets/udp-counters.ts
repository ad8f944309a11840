// Counters of UDP in a namespace (RFC 4113; UDP_MIB_*): the rows Udp and UdpLite of /proc/net/snmp and those of snmp6.

import type { Netns } from "../netns.ts";
import { Slot } from "../slot.ts";

export class UdpCounters {
  inDatagrams = 0;
  noPorts = 0;
  inErrors = 0;
  outDatagrams = 0;
  rcvbufErrors = 0;
  sndbufErrors = 0;
  inCsumErrors = 0;
  ignoredMulti = 0;
  memErrors = 0;
}

interface UdpStatistics {
  readonly ipv4: UdpCounters;
  readonly ipv6: UdpCounters;
}

const statistics = new Slot<UdpStatistics>();

/** Counters of UDP over IPv4 and over IPv6. */
export function udpCounters(netns: Netns): UdpStatistics {
  let counters = statistics.of(netns);
  if (counters === undefined) {
    counters = { ipv4: new UdpCounters(), ipv6: new UdpCounters() };
    statistics.set(netns, counters);
  }
  return counters;
}

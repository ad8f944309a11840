// Congestion marks and what else goes between the IP header inside a tunnel and the one outside (include/net/inet_ecn.h,
// include/net/ip_tunnels.h; RFC 6040).

import {
  fillIpv4Checksum,
  IPV4_DONT_FRAGMENT,
  IPV4_MIN_HEADER,
  ipv4FragmentField,
  ipv4Tos,
  ipv4Ttl,
  setIpv4Tos,
} from "../../wire/ipv4.ts";
import { EtherType } from "../../wire/ethernet.ts";
import { IPV6_HEADER_LENGTH, ipv6HopLimit, ipv6TrafficClass, setIpv6TrafficClass } from "../../wire/ipv6.ts";
import type { Packet } from "../packet.ts";

const ECN_MASK = 3;
const ECN_ECT0 = 2;
const ECN_CE = 3;

/** What the outer header may take over from the packet inside. */
export interface InnerHeader {
  readonly tos: number;
  readonly ttl: number;
  readonly dontFragment: boolean;
}

/** The network header inside, `at` in the bytes, of EtherType `type`. */
export function innerHeader({ bytes }: Packet, at: number, type: number): InnerHeader {
  switch (type) {
    case EtherType.IPV4: {
      const dontFragment = (ipv4FragmentField(bytes, at) & IPV4_DONT_FRAGMENT) !== 0;
      return { tos: ipv4Tos(bytes, at), ttl: ipv4Ttl(bytes, at), dontFragment };
    }
    case EtherType.IPV6:
      return { tos: ipv6TrafficClass(bytes, at), ttl: ipv6HopLimit(bytes, at), dontFragment: true };
    default:
      return { tos: 0, ttl: 0, dontFragment: false };
  }
}

/** INET_ECN_encapsulate(): the outer mark is the inner one, but for "congestion experienced". */
export function outerTos(tos: number, inner: number): number {
  const mark = (inner & ECN_MASK) === ECN_CE ? ECN_ECT0 : inner & ECN_MASK;
  return (tos & ~ECN_MASK & 0xff) | mark;
}

/**
 * IP_ECN_decapsulate(): false if a router marked congestion for a packet that cannot say so. The network header inside is `at`
 * in the bytes, of EtherType `type`.
 */
export function mergeCongestionMark(packet: Packet, at: number, type: number, outer: number): boolean {
  if ((outer & ECN_MASK) !== ECN_CE) return true;
  const { end } = packet;
  if (type === EtherType.IPV4 && end - at >= IPV4_MIN_HEADER) {
    const tos = ipv4Tos(packet.bytes, at);
    if ((tos & ECN_MASK) === 0) return false;
    const header = at + packet.writable();
    setIpv4Tos(packet.bytes, header, tos | ECN_CE);
    fillIpv4Checksum(packet.bytes, header);
  } else if (type === EtherType.IPV6 && end - at >= IPV6_HEADER_LENGTH) {
    const trafficClass = ipv6TrafficClass(packet.bytes, at);
    if ((trafficClass & ECN_MASK) === 0) return false;
    const header = at + packet.writable();
    setIpv6TrafficClass(packet.bytes, header, trafficClass | ECN_CE);
  }
  return true;
}

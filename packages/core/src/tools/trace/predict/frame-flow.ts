// A frame as Open vSwitch's tools describe it (ovs-fields(7)). A switch that is asked about a description learns nothing; one that
// is asked about bytes does.

import {
  arpOperation,
  arpSenderIp,
  arpSenderMac,
  arpTargetIp,
  arpTargetMac,
  isArpForIpv4,
} from "../../../wire/arp.ts";
import { EtherType, ETHERTYPE_MIN } from "../../../wire/ethernet.ts";
import { Icmpv6Type } from "../../../wire/icmpv6.ts";
import { IpProtocol } from "../../../wire/ip-protocol.ts";
import { formatIpv4 } from "../../../wire/ipv4-address.ts";
import { ipv4Tos } from "../../../wire/ipv4.ts";
import { formatIpv6, readIpv6Address } from "../../../wire/ipv6-address.ts";
import { ipv6TrafficClass } from "../../../wire/ipv6.ts";
import { formatMac, readMac } from "../../../wire/mac.ts";
import { udpDestinationPort, udpSourcePort } from "../../../wire/udp.ts";
import { formatBytes } from "../../why/network-state.ts";
import type { Frame } from "./frame.ts";
import { destinationOf, isV4, sourceOf, ttlOf, upperLayerOf } from "./packet.ts";
import type { IpPacket } from "./packet.ts";

/** Names of protocols with ports. */
const PORTED: ReadonlyMap<number, string> = new Map([
  [IpProtocol.TCP, "tcp"],
  [IpProtocol.UDP, "udp"],
  [IpProtocol.SCTP, "sctp"],
]);

export function flowOf({ from, to, vlan, protocol, payload }: Frame): string {
  const parts = [`dl_src=${from}`, `dl_dst=${to}`];
  if (vlan !== 0) parts.push(`dl_vlan=${vlan}`);
  switch (protocol) {
    case EtherType.IPV4:
    case EtherType.IPV6:
      parts.push(ipFlow(payload));
      break;
    case EtherType.ARP:
      parts.push(arpFlow(payload.bytes));
      break;
    default:
      // What has a length instead of a type is of this type to OpenFlow (OFP_DL_TYPE_NOT_ETH_TYPE).
      parts.push(`dl_type=0x${(protocol < ETHERTYPE_MIN ? 0x5ff : protocol).toString(16)}`);
  }
  return parts.join(",");
}

function arpFlow(bytes: Uint8Array): string {
  if (!isArpForIpv4(bytes, 0, bytes.length)) return "arp";
  return [
    `arp,arp_op=${arpOperation(bytes, 0)}`,
    `arp_spa=${formatIpv4(arpSenderIp(bytes, 0))}`,
    `arp_tpa=${formatIpv4(arpTargetIp(bytes, 0))}`,
    `arp_sha=${formatMac(arpSenderMac(bytes, 0))}`,
    `arp_tha=${formatMac(arpTargetMac(bytes, 0))}`,
  ].join(",");
}

function ipFlow(packet: IpPacket): string {
  const { bytes } = packet;
  const v4 = isV4(packet);
  const { protocol, at, fragment } = upperLayerOf(packet);
  const [from, to] = [formatBytes(sourceOf(packet)), formatBytes(destinationOf(packet))];
  const tos = v4 ? ipv4Tos(bytes, 0) : ipv6TrafficClass(bytes, 0);
  const rest = [
    v4 ? `nw_src=${from},nw_dst=${to}` : `ipv6_src=${from},ipv6_dst=${to}`,
    `nw_tos=${tos & 0xfc},nw_ecn=${tos & 3},nw_ttl=${ttlOf(packet)}`,
  ];
  if (fragment !== undefined) rest.push(`nw_frag=${fragment === 0 ? "first" : "later"}`);
  const later = fragment !== undefined && fragment > 0;
  const ported = protocol === undefined ? undefined : PORTED.get(protocol);
  const icmp = protocol === (v4 ? IpProtocol.ICMP : IpProtocol.ICMPV6);
  const suffix = v4 ? "" : "6";
  if (ported !== undefined && bytes.length >= at + 4) {
    if (!later)
      rest.push(`${ported}_src=${udpSourcePort(bytes, at)},${ported}_dst=${udpDestinationPort(bytes, at)}`);
    return [`${ported}${suffix}`, ...rest].join(",");
  }
  if (icmp && bytes.length >= at + 4) {
    if (!later) rest.push(icmpFlow(bytes, at, v4));
    return [`icmp${suffix}`, ...rest].join(",");
  }
  if (protocol === undefined) return [v4 ? "ip" : "ipv6", ...rest].join(",");
  return [v4 ? "ip" : "ipv6", `nw_proto=${protocol}`, ...rest].join(",");
}

function icmpFlow(bytes: Uint8Array, at: number, v4: boolean): string {
  const [type = 0, code = 0] = bytes.subarray(at, at + 2);
  if (v4) return `icmp_type=${type},icmp_code=${code}`;
  const parts = [`icmpv6_type=${type},icmpv6_code=${code}`];
  const asks = type === Icmpv6Type.NEIGHBOUR_SOLICITATION;
  if ((asks || type === Icmpv6Type.NEIGHBOUR_ADVERTISEMENT) && bytes.length >= at + 24) {
    parts.push(`nd_target=${formatIpv6(readIpv6Address(bytes, at + 8))}`);
    if (bytes.length >= at + 32)
      parts.push(`nd_${asks ? "sll" : "tll"}=${formatMac(readMac(bytes, at + 26))}`);
  }
  return parts.join(",");
}

// Sending ICMPv6 that never leaves the link: neighbour discovery and MLD (ndisc_send_skb, mld_sendpack, icmp6_dst_alloc). There
// is no route lookup: the device is given, and the destination is the next hop.

import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import { pseudoHeaderSumV6 } from "../../wire/checksum.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { Ipv6OptionType, writeIpv6Extensions } from "../../wire/ipv6-extension-records.ts";
import type { Ipv6Extension } from "../../wire/ipv6-extension-records.ts";
import { icmpv6Type, Icmpv6Type } from "../../wire/icmpv6.ts";
import { mldLength, writeMld } from "../../wire/mld.ts";
import type { MldMessage } from "../../wire/mld.ts";
import { ND_HOP_LIMIT, ndLength, writeNd } from "../../wire/ndisc.ts";
import type { NdMessage } from "../../wire/ndisc.ts";
import { Packet } from "../packet.ts";
import type { Inet6Device } from "./interface.ts";
import { countIcmp, countIcmpType } from "./mib.ts";
import { sendOnLink, writeHeader } from "./output.ts";

/** Sends a neighbour discovery message. */
export function sendNd(
  owner: Inet6Device,
  source: Ipv6Address,
  destination: Ipv6Address,
  message: NdMessage,
  cause?: Packet,
): void {
  const length = ndLength(message);
  const packet = Packet.allocate(owner.device, length);
  writeNd(
    message,
    packet.bytes,
    packet.start,
    pseudoHeaderSumV6(source, destination, IpProtocol.ICMPV6, length),
  );
  const type = icmpv6Type(packet.bytes, packet.start);
  writeHeader(packet, {
    trafficClass: owner.configuration.ndisc_tclass,
    flowLabel: 0,
    nextHeader: IpProtocol.ICMPV6,
    hopLimit: ND_HOP_LIMIT,
    source,
    destination,
  });
  send(owner, destination, packet, type, cause);
}

/** Router alert with value 0: "contains a Multicast Listener Discovery message" (RFC 2711, 2.1). */
const MLD_HEADERS: readonly Ipv6Extension[] = [
  {
    kind: "hop-by-hop",
    options: [
      { type: Ipv6OptionType.ROUTER_ALERT, body: new Uint8Array(2) },
      { type: Ipv6OptionType.PADN, body: new Uint8Array(0) },
    ],
  },
];
const MLD_HEADERS_LENGTH = 8;

/** Sends an MLD message: hop limit 1, router alert in a hop-by-hop header (RFC 3810, 5). */
export function sendMld(
  owner: Inet6Device,
  source: Ipv6Address,
  destination: Ipv6Address,
  message: MldMessage,
): void {
  const length = mldLength(message);
  const packet = Packet.allocate(owner.device, MLD_HEADERS_LENGTH + length);
  const { bytes, start } = packet;
  writeIpv6Extensions(MLD_HEADERS, IpProtocol.ICMPV6, bytes, start);
  const at = start + MLD_HEADERS_LENGTH;
  writeMld(message, bytes, at, pseudoHeaderSumV6(source, destination, IpProtocol.ICMPV6, length));
  const type = icmpv6Type(bytes, at);
  writeHeader(packet, {
    trafficClass: 0,
    flowLabel: 0,
    nextHeader: IpProtocol.HOP_BY_HOP,
    hopLimit: 1,
    source,
    destination,
  });
  send(owner, destination, packet, type);
}

function send(
  owner: Inet6Device,
  destination: Ipv6Address,
  packet: Packet,
  type: number,
  cause?: Packet,
): void {
  const { namespace } = owner;
  countIcmp(namespace.mib, owner.mib, "outMsgs");
  countIcmpType(namespace.mib, owner.mib, "outTypes", type);
  const origin = type === Icmpv6Type.NEIGHBOUR_SOLICITATION ? "resolution" : "answer";
  sendOnLink(namespace, owner.device, destination, packet, cause, origin);
}

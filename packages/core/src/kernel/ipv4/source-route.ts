// Packets that say themselves by which hosts they go (ip_options_rcv_srr; RFC 791, 3.1). Refused unless accept_source_route is
// on for the device and for all.

import { readU32BE, writeU8, writeU32BE } from "../../wire/bytes.ts";
import { IcmpType } from "../../wire/icmpv4.ts";
import { fillIpv4Checksum, ipv4Protocol, ipv4Source, ipv4Tos, setIpv4Destination } from "../../wire/ipv4.ts";
import type { Packet } from "../packet.ts";
import { PACKET_HOST } from "../packet.ts";
import { packetHash } from "./multipath.ts";
import type { Ipv4Netns } from "./namespace.ts";
import type { IpOptions } from "./options.ts";
import { Route } from "./route.ts";
import { routeInput } from "./route-input.ts";
import { RTN } from "../../netlink/rtnl/route-constants.ts";

/** Chooses the next host of the route, if this one was named. False if the packet is to be dropped. */
export function routeBySourceRoute(inet: Ipv4Netns, packet: Packet, options: IpOptions): boolean {
  const { route, bytes, network } = packet;
  if (packet.packetType !== PACKET_HOST || !(route instanceof Route)) return false;
  if (route.type === RTN.UNICAST) {
    if (!options.strict) return true;
    inet.stack.sendError(packet, IcmpType.PARAMETER_PROBLEM, 0, 16);
    return false;
  }
  if (route.type !== RTN.LOCAL) return false;
  const option = network + options.sourceRoute;
  const length = bytes[option + 1] ?? 0;
  let pointer = bytes[option + 2] ?? 0;
  let next: Route | undefined;
  let hop = 0;
  for (; pointer <= length; pointer += 4) {
    if (pointer + 3 > length) {
      inet.stack.sendError(packet, IcmpType.PARAMETER_PROBLEM, 0, options.sourceRoute + 2);
      return false;
    }
    hop = readU32BE(bytes, option + pointer - 1);
    const made = routeInput(inet, {
      destination: hop,
      source: ipv4Source(bytes, network),
      tos: ipv4Tos(bytes, network),
      mark: packet.mark,
      protocol: ipv4Protocol(bytes, network),
      sourcePort: 0,
      destinationPort: 0,
      device: packet.device,
      isIp: true,
      hash: () => packetHash(inet, packet),
    });
    if (typeof made === "number" || (made.type !== RTN.UNICAST && made.type !== RTN.LOCAL)) return false;
    next = made;
    if (made.type !== RTN.LOCAL) break;
  }
  if (next === undefined || pointer > length) return true;
  packet.route = next;
  options.routeHit = true;
  options.nextHop = hop;
  return true;
}

/** ip_forward_options(): records this host in the source route and sends the packet to the next one. */
export function advanceSourceRoute(packet: Packet, options: IpOptions, ownAddress: number): void {
  const { bytes, network } = packet;
  const option = network + options.sourceRoute;
  const pointer = bytes[option + 2] ?? 0;
  setIpv4Destination(bytes, network, options.nextHop);
  writeU32BE(bytes, option + pointer - 1, ownAddress);
  writeU8(bytes, option + 2, pointer + 4);
  fillIpv4Checksum(bytes, network);
}

// What a tunnel over UDP tells of a packet (udp_tun_rx_dst of net/ipv4/udp_tunnel_core.c), and the port that it sends from.

import { ipv4Destination, ipv4Source, ipv4Tos, ipv4Ttl } from "../../wire/ipv4.ts";
import { ipv6Destination, ipv6HopLimit, ipv6Source, ipv6TrafficClass } from "../../wire/ipv6.ts";
import { udpChecksum, udpDestinationPort, udpSourcePort } from "../../wire/udp.ts";
import { flowHash } from "../flow-hash.ts";
import type { Netns } from "../netns.ts";
import type { Packet } from "../packet.ts";
import type { TunnelMetadata } from "./metadata.ts";

/** Of a packet whose `network` and `transport` are the outer headers. */
export function udpTunnelMetadata(
  { bytes, network, transport }: Packet,
  v4: boolean,
  rest: Pick<TunnelMetadata, "id" | "oam" | "groupPolicy" | "options">,
): TunnelMetadata {
  return {
    direction: "receive",
    source: v4 ? ipv4Source(bytes, network) : ipv6Source(bytes, network),
    destination: v4 ? ipv4Destination(bytes, network) : ipv6Destination(bytes, network),
    tos: v4 ? ipv4Tos(bytes, network) : ipv6TrafficClass(bytes, network),
    ttl: v4 ? ipv4Ttl(bytes, network) : ipv6HopLimit(bytes, network),
    sourcePort: udpSourcePort(bytes, transport),
    destinationPort: udpDestinationPort(bytes, transport),
    checksum: udpChecksum(bytes, transport) !== 0,
    dontFragment: false,
    ...rest,
  };
}

/** The other end's view of instructions: how the answer to a packet that did not fit comes in. */
export function turnedAround(told: TunnelMetadata, local: TunnelMetadata["source"]): TunnelMetadata {
  return { ...told, direction: "receive", source: told.destination, destination: local };
}

/** udp_flow_src_port(): by the flow inside, so that routers on the way keep it in order. */
export function flowSourcePort(
  netns: Netns,
  { bytes, start, end }: Packet,
  low: number,
  high: number,
): number {
  let hash = flowHash(bytes, start, end, netns.inode);
  hash = (hash ^ (hash << 16)) >>> 0;
  return low + Math.floor((hash * (high - low)) / 2 ** 32);
}

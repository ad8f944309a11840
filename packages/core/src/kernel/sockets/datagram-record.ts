// What a socket keeps of a packet that came in: the bytes its program gets, and what the program may ask about it.

import {
  ipv4Destination,
  ipv4HeaderLength,
  IPV4_MIN_HEADER,
  ipv4Source,
  ipv4Tos,
  ipv4Ttl,
} from "../../wire/ipv4.ts";
import { isLinkLocalIpv6, isMulticastIpv6 } from "../../wire/ipv6-address.ts";
import { ipv6Destination, ipv6HopLimit, ipv6Source, ipv6TrafficClass } from "../../wire/ipv6.ts";
import { l3MasterOf } from "../l3mdev.ts";
import type { Packet } from "../packet.ts";
import { socketAddress } from "./ip-address.ts";
import type { SocketFamily } from "./ip-address.ts";
import type { QueuedDatagram } from "./socket-queues.ts";

/**
 * @param from first byte for the program
 * @param port source port; 0 where there are none
 */
export function ipv4Record(packet: Packet, family: SocketFamily, from: number, port: number): QueuedDatagram {
  const { bytes, network, device } = packet;
  const header = ipv4HeaderLength(bytes, network);
  return {
    bytes: bytes.slice(from, packet.end),
    from: socketAddress(family, ipv4Source(bytes, network), port),
    timestamp: device.kernel.clock.realtime(),
    ttl: ipv4Ttl(bytes, network),
    tos: ipv4Tos(bytes, network),
    ifindex: packet.arrivedOn || device.ifindex,
    local: ipv4Destination(bytes, network),
    options: header > IPV4_MIN_HEADER ? bytes.slice(network + IPV4_MIN_HEADER, network + header) : undefined,
  };
}

/** inet6_iif(): a routing domain's packets come from its master. */
function scopeOf({ device, arrivedOn }: Packet): number {
  return l3MasterOf(device)?.ifindex ?? arrivedOn;
}

/** As `ipv4Record`; addresses of the link carry the device as their scope. */
export function ipv6Record(packet: Packet, from: number, port: number): QueuedDatagram {
  const { bytes, network, device } = packet;
  const source = ipv6Source(bytes, network);
  const scoped = isLinkLocalIpv6(source) || isMulticastIpv6(source);
  return {
    bytes: bytes.slice(from, packet.end),
    from: socketAddress("inet6", source, port, scoped ? scopeOf(packet) : 0),
    timestamp: device.kernel.clock.realtime(),
    ttl: ipv6HopLimit(bytes, network),
    tos: ipv6TrafficClass(bytes, network),
    ifindex: packet.arrivedOn,
    local: ipv6Destination(bytes, network),
    options: undefined,
  };
}

// IPv6 of one kernel, as its parts and other layers find it: the neighbour cache, the transport protocols, and the calls that
// would otherwise make modules import each other in a circle.
//
// For transports (sockets):
// - `stack.transports.set(protocol, handler)`: gets each packet for this host whose upper layer has that IP protocol number.
//   `packet.network` is the offset of the IPv6 header, `packet.start` that of the transport header, `packet.end` is cut to the
//   payload length; `packet.arrivedOn` is the ifindex that it counts as received on, which for an own address is that of the
//   address and not loopback's. Errors such as "port unreachable" are the handler's to send (`stack.sendError`).
// - `stack.rawHooks.add(hook)`: sees each packet for this host before the transport does, for raw sockets; true if a socket
//   took it, which keeps "unknown next header" from being sent.
// - `stack.errorHandlers.set(protocol, handler)` and `stack.rawErrorHooks.add(hook)`: get ICMPv6 errors about packets of this
//   host. Path MTUs are learned before they are called.
// Sending is in output.ts (`sendPacket`), routes in route-lookup.ts (`routeOutput`), sources in source-selection.ts.

import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import type { NeighbourTable } from "../neighbour/table.ts";
import type { NetDevice } from "../device.ts";
import type { Packet } from "../packet.ts";
import type { Inet6Netns } from "./interface.ts";

/** True if the packet was taken (or dropped with a reason), false if the protocol does not want it. */
export type TransportHandler = (packet: Packet, namespace: Inet6Netns) => boolean;

/** An ICMPv6 error about a packet of this host. */
export interface Icmpv6ErrorReport {
  readonly type: number;
  readonly code: number;
  /** MTU of "packet too big", pointer of "parameter problem"; else 0. */
  readonly parameter: number;
  /** Who sent the error. */
  readonly from: Ipv6Address;
  /** The quoted packet: offsets into `packet.bytes`. */
  readonly packet: Packet;
  /** Of the quoted IPv6 header. */
  readonly quotedNetwork: number;
  /** Of the quoted transport header. */
  readonly quotedTransport: number;
  readonly protocol: number;
}

export type ErrorHandler = (report: Icmpv6ErrorReport, namespace: Inet6Netns) => void;

export type RawHook = (packet: Packet, protocol: number, namespace: Inet6Netns) => boolean;

/** ICMPv6 errors by type and code. `parameter` is the MTU, or the pointer in bytes from the IPv6 header. */
export type SendError = (packet: Packet, type: number, code: number, parameter: number) => void;

export class Ipv6Stack {
  /** Neighbour discovery's cache, of all namespaces (nd_tbl). */
  neighbours!: NeighbourTable<Ipv6Address>; // set when IPv6 is installed, before any namespace exists
  readonly transports = new Map<number, TransportHandler>();
  readonly errorHandlers = new Map<number, ErrorHandler>();
  readonly rawHooks = new Set<RawHook>();
  /** Raw sockets hear of errors too, whatever the protocol (raw6_icmp_error). */
  readonly rawErrorHooks = new Set<ErrorHandler>();
  /** icmpv6_send(): about a packet whose `network` is set. The packet itself is not ended. */
  sendError: SendError = () => {};
  /** Asks a router whether it is there (rt6_probe). */
  probeRouter: (device: NetDevice, gateway: Ipv6Address) => void = () => {};
}

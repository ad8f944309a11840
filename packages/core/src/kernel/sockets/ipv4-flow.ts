// How sockets send IPv4: the way of a datagram and its source address, then header, options, fragments and the neighbour (struct
// flowi4 and ip_append_data of a socket: net/ipv4/ip_output.c, net/ipv4/datagram.c).

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { SendOptions } from "../../system/sockets.ts";
import { isMulticastIpv4, readIpv4Address } from "../../wire/ipv4-address.ts";
import { IPV4_MAX_PACKET, IPV4_MIN_HEADER } from "../../wire/ipv4.ts";
import { addressType } from "../ipv4/address-type.ts";
import { ipv4Of } from "../ipv4/namespace.ts";
import type { Ipv4Netns } from "../ipv4/namespace.ts";
import { midnightMilliseconds, pathMtu as sendableLength, sendDatagram } from "../ipv4/output.ts";
import { compileOptions } from "../ipv4/options.ts";
import type { EchoedOptions } from "../ipv4/options.ts";
import { routeOutput } from "../ipv4/route-output.ts";
import type { Route } from "../ipv4/route.ts";
import { RTN } from "../../netlink/rtnl/route-constants.ts";
import { RTCF } from "../ipv4/route-flags.ts";
import { localTableOf } from "../l3mdev.ts";
import type { Netns } from "../netns.ts";
import { socketAddress } from "./ip-address.ts";
import type { IpSocket } from "./ip-socket.ts";
import { PMTU } from "./socket-options.ts";

/** Bytes of options that fit into a header. */
const MAX_OPTIONS = 40;

/** A datagram's way. */
export interface Flow4 {
  readonly inet: Ipv4Netns;
  readonly route: Route;
  readonly source: number;
  /** Where the header says it goes: the first hop of a source route, else the target. */
  readonly destination: number;
  readonly target: number;
}

/** IP_MTU_DISCOVER of a new socket (net.ipv4.ip_no_pmtu_disc). */
export function standardMtuDiscovery(netns: Netns): number {
  return ipv4Of(netns).settings.noPmtuDisc !== 0 ? PMTU.DONT : PMTU.WANT;
}

export function isUnicast(netns: Netns, address: number): boolean {
  const type = addressType(ipv4Of(netns), address);
  return type !== RTN.MULTICAST && type !== RTN.BROADCAST;
}

/**
 * inet_addr_valid_or_nonlocal(). Errors: EADDRNOTAVAIL. `groups`: group and broadcast addresses will do. `boundDevice`: 0, or the
 * ifindex of the device whose routing domain counts.
 */
export function checkBind(netns: Netns, address: number, groups: boolean, boundDevice: number): void {
  const inet = ipv4Of(netns);
  const device = netns.deviceByIndex(boundDevice);
  const type = addressType(inet, address, undefined, device && localTableOf(device));
  if (type === RTN.LOCAL) return;
  if (type === RTN.MULTICAST || type === RTN.BROADCAST) {
    if (groups) return;
  } else if (inet.settings.nonlocalBind !== 0) return;
  throw new Refusal(ERRNO.EADDRNOTAVAIL);
}

/** ifindex of the device that has this address; 0 if none has. */
export function deviceWithAddress(netns: Netns, address: number): number {
  return ipv4Of(netns).byAddress.get(address)?.[0]?.owner.device.ifindex ?? 0;
}

/**
 * The way of a datagram from this socket. Errors: ENETUNREACH and what routes refuse with; EACCES for a broadcast
 * address without SO_BROADCAST.
 */
export function routeDatagram(
  socket: IpSocket,
  destination: number,
  ports: { readonly sourcePort: number; readonly destinationPort: number },
  options: SendOptions,
): Flow4 {
  const inet = ipv4Of(socket.netns);
  const settings = socket.options;
  const firstHop = settings.ipOptions?.options.firstHop || destination;
  let source = typeof socket.source === "number" ? socket.source : 0;
  if (options.source !== undefined)
    source = readIpv4Address(options.source, options.source.length - 4) || source;
  let oif = options.ifindex ?? settings.boundDevice;
  if (isMulticastIpv4(firstHop) && oif === 0) {
    oif = settings.multicastDevice;
    if (source === 0) source = settings.multicastSource;
  }
  const route = routeOutput(inet, {
    destination: firstHop,
    source,
    oif,
    tos: options.tos ?? settings.tos,
    mark: settings.mark,
    protocol: settings.headerIncluded ? 255 : socket.protocol,
    ...ports,
    onLink: settings.dontRoute,
    anySource: settings.headerIncluded,
  });
  if (typeof route === "number") {
    if (route === ERRNO.ENETUNREACH) inet.ip.outNoRoutes++;
    throw new Refusal(route);
  }
  if ((route.flags & RTCF.BROADCAST) !== 0 && !settings.broadcast) throw new Refusal(ERRNO.EACCES);
  return {
    inet,
    route,
    source: route.source,
    destination: route.destination,
    target: firstHop === destination ? route.destination : destination,
  };
}

export function pathMtu(socket: IpSocket, { inet, route }: Flow4): number {
  return sendableLength(inet, route, socket.options.mtuDiscover);
}

/** IP_OPTIONS. Errors: EINVAL for options that cannot be walked, or that appear twice. */
export function prepareOptions(netns: Netns, given: Uint8Array): EchoedOptions {
  if (given.length > MAX_OPTIONS) throw new Refusal(ERRNO.EINVAL);
  const inet = ipv4Of(netns);
  // The compiler counts offsets from an IP header.
  const bytes = new Uint8Array(IPV4_MIN_HEADER + ((given.length + 3) & ~3));
  bytes.set(given, IPV4_MIN_HEADER);
  const options = compileOptions(bytes, 0, bytes.length, {
    ownAddress: () => 0,
    isOwn: (address) => addressType(inet, address) !== RTN.UNICAST,
    timestamp: () => midnightMilliseconds(inet),
    received: false,
  });
  if (typeof options === "number") throw new Refusal(ERRNO.EINVAL);
  return { bytes: bytes.slice(IPV4_MIN_HEADER), options };
}

function optionsLength(socket: IpSocket): number {
  return socket.options.ipOptions?.bytes.length ?? 0;
}

/**
 * Whether a payload may be sent; too long ones are EMSGSIZE, and the path MTU goes into the error queue (ip_local_error).
 * Called before anything is built.
 */
export function checkLength(socket: IpSocket, flow: Flow4, length: number, port: number): void {
  const mtu = pathMtu(socket, flow);
  const header = IPV4_MIN_HEADER + optionsLength(socket);
  const limit = socket.options.mtuDiscover < PMTU.DO ? IPV4_MAX_PACKET : mtu;
  if (length <= limit - header) return;
  reportTooLong(socket, flow, mtu - optionsLength(socket), port);
  throw new Refusal(ERRNO.EMSGSIZE);
}

/** ip_local_error() */
export function reportTooLong(socket: IpSocket, { destination }: Flow4, mtu: number, port: number): void {
  if (!socket.options.receiveErrors) return;
  const error = {
    errno: ERRNO.EMSGSIZE,
    origin: "local" as const,
    type: 0,
    code: 0,
    info: mtu,
    offender: undefined,
    bytes: new Uint8Array(0),
    to: socketAddress(socket.family, destination, port),
    timestamp: socket.kernel.clock.realtime(),
  };
  socket.enqueueError(error, true);
}

/** Sends transport header and data; the length was checked. Errors: what the way out refuses. */
export function send(
  socket: IpSocket,
  flow: Flow4,
  payload: Uint8Array,
  protocol: number,
  options: SendOptions,
): void {
  const settings = socket.options;
  const group = isMulticastIpv4(flow.destination);
  const ttl = options.ttl ?? (group ? settings.multicastTtl : settings.ttl);
  const errno = sendDatagram(
    flow.inet,
    flow.route,
    {
      source: flow.source,
      destination: flow.target,
      protocol,
      tos: options.tos ?? settings.tos,
      ...(ttl >= 0 && { ttl }),
      discovery: settings.mtuDiscover,
      options: settings.ipOptions,
      mark: settings.mark,
      priority: settings.priority,
      loop: settings.multicastLoop,
      by: socket.kindName,
    },
    payload,
  );
  // A full queue is only told to senders that read their error queue.
  if (errno !== 0 && (errno !== ERRNO.ENOBUFS || settings.receiveErrors)) throw new Refusal(errno);
}

// How sockets send IPv6: the way of a datagram and its source address, then header, fragments and the neighbour (struct flowi6 and
// ip6_append_data of a socket: net/ipv6/ip6_output.c, net/ipv6/datagram.c).

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { SendOptions } from "../../system/sockets.ts";
import {
  IPV6_ANY,
  ipv6MulticastScope,
  isLinkLocalIpv6,
  isMulticastIpv6,
  readIpv6Address,
} from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { IPV6_HEADER_LENGTH } from "../../wire/ipv6.ts";
import { inet6Device, inet6Netns } from "../ipv6/interface.ts";
import type { Inet6Netns } from "../ipv6/interface.ts";
import type { Route6 } from "../ipv6/fib-route.ts";
import { countIcmp, countIcmpType } from "../ipv6/mib.ts";
import { sendPacket, writeHeader } from "../ipv6/output.ts";
import { mtuOf, routeOutput } from "../ipv6/route-lookup.ts";
import { sourceForRoute } from "../ipv6/source-selection.ts";
import type { NetDevice } from "../device.ts";
import type { Netns } from "../netns.ts";
import { Packet } from "../packet.ts";
import { socketAddress } from "./ip-address.ts";
import type { IpSocket } from "./ip-socket.ts";
import { PMTU } from "./socket-options.ts";

/** IPv6 payload without jumbograms, bytes. */
const MAX_PAYLOAD = 0xffff;

/** A datagram's way. */
export interface Flow6 {
  readonly namespace: Inet6Netns;
  readonly route: Route6;
  readonly source: Ipv6Address;
  readonly destination: Ipv6Address;
}

export function standardV6only(netns: Netns): boolean {
  return (inet6Netns.of(netns)?.settings.bindv6only ?? 0) !== 0;
}

/** __ipv6_addr_needs_scope_id(): addresses that mean nothing without a device (RFC 4007, 6). */
export function needsScope(address: Ipv6Address): boolean {
  if (isLinkLocalIpv6(address)) return true;
  return isMulticastIpv6(address) && ipv6MulticastScope(address) <= 2;
}

/** Errors: EADDRNOTAVAIL, EINVAL (a scope is missing), ENODEV. */
export function checkBind(netns: Netns, address: Ipv6Address, scope: number, boundDevice: number): void {
  if (isMulticastIpv6(address)) return;
  const ifindex = scope || boundDevice;
  let device: NetDevice | undefined;
  if (isLinkLocalIpv6(address)) {
    if (ifindex === 0) throw new Refusal(ERRNO.EINVAL);
    device = netns.deviceByIndex(ifindex);
    if (device === undefined) throw new Refusal(ERRNO.ENODEV);
  }
  const namespace = inet6Netns.require(netns);
  if (namespace.settings.ip_nonlocal_bind !== 0) return;
  // A tentative address is no address yet (RFC 4862, 5.4): hasAddress leaves it out.
  if (!namespace.hasAddress(address, device)) throw new Refusal(ERRNO.EADDRNOTAVAIL);
}

/**
 * The way of a datagram from this socket. Errors: ENETUNREACH and what routes refuse with, EADDRNOTAVAIL (no source
 * address), EINVAL.
 */
export function routeDatagram(
  socket: IpSocket,
  destination: Ipv6Address,
  ports: { readonly sourcePort: number; readonly destinationPort: number },
  options: SendOptions & { readonly scope?: number },
): Flow6 {
  const namespace = inet6Netns.require(socket.netns);
  const settings = socket.options;
  const scoped = needsScope(destination) ? (options.scope ?? 0) : 0;
  const bound = settings.boundDevice;
  if (scoped !== 0 && bound !== 0 && scoped !== bound) throw new Refusal(ERRNO.EINVAL);
  let oif = scoped || bound || (options.ifindex ?? 0);
  if (oif === 0 && isMulticastIpv6(destination)) oif = settings.multicastDevice6;
  let source = socketSource(socket, options);
  const route = routeOutput(namespace, {
    destination,
    source: source ?? IPV6_ANY,
    oif,
    mark: settings.mark,
    trafficClass: options.tos ?? settings.trafficClass,
    protocol: socket.protocol,
    ...ports,
    boundToDevice: bound !== 0,
  });
  if (route.error !== 0) {
    if (route.error === ERRNO.ENETUNREACH) namespace.mib.ip.outNoRoutes++;
    throw new Refusal(route.error);
  }
  source ??= sourceForRoute(namespace, route, destination);
  if (source === undefined) throw new Refusal(ERRNO.EADDRNOTAVAIL);
  return { namespace, route, source, destination };
}

function socketSource(socket: IpSocket, options: SendOptions): Ipv6Address | undefined {
  if (options.source !== undefined) {
    const given = readIpv6Address(options.source, 0);
    if (given !== IPV6_ANY) {
      checkBind(socket.netns, given, options.ifindex ?? 0, socket.options.boundDevice || 1);
      return given;
    }
  }
  return typeof socket.source === "string" ? socket.source : undefined;
}

export function pathMtu(flow: Flow6): number {
  return mtuOf(flow.route);
}

function mtuFor(socket: IpSocket, { route }: Flow6): number {
  const probing = socket.options.mtuDiscover6 >= PMTU.PROBE;
  return probing ? (inet6Device.of(route.device)?.configuration.mtu ?? route.device.mtu) : mtuOf(route);
}

/**
 * Whether a payload may be sent; too long ones are EMSGSIZE, and the path MTU goes into the error queue (ipv6_local_error).
 * Called before anything is built.
 */
export function checkLength(socket: IpSocket, flow: Flow6, length: number, port: number): void {
  const mtu = mtuFor(socket, flow);
  const limit = socket.options.mtuDiscover6 < PMTU.DO ? IPV6_HEADER_LENGTH + MAX_PAYLOAD : mtu;
  if (length <= limit - IPV6_HEADER_LENGTH) return;
  reportTooLong(socket, flow, mtu, port);
  throw new Refusal(ERRNO.EMSGSIZE);
}

function reportTooLong(socket: IpSocket, { destination }: Flow6, mtu: number, port: number): void {
  if (!socket.options.receiveErrors6) return;
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

/** ip6_sk_dst_hoplimit() */
function hopLimit(socket: IpSocket, { route, namespace, destination }: Flow6, options: SendOptions): number {
  const settings = socket.options;
  if (options.ttl !== undefined) return options.ttl;
  const own = isMulticastIpv6(destination) ? settings.multicastHopLimit : settings.hopLimit;
  if (own >= 0) return own;
  if (isMulticastIpv6(destination)) return 1; // IPV6_DEFAULT_MCASTHOPS
  const metric = route.fib.metrics?.hoplimit;
  if (metric !== undefined && metric > 0) return metric;
  return inet6Device.of(route.device)?.configuration.hop_limit ?? namespace.all.hop_limit;
}

/** Sends transport header and data; the length was checked. Errors: what the way out refuses. */
export function send(
  socket: IpSocket,
  flow: Flow6,
  payload: Uint8Array,
  protocol: number,
  options: SendOptions,
): void {
  const settings = socket.options;
  const packet = Packet.allocate(flow.route.device, payload.length);
  packet.bytes.set(payload, packet.start);
  packet.mark = settings.mark;
  packet.priority = settings.priority;
  writeHeader(packet, {
    trafficClass: options.tos ?? settings.trafficClass,
    flowLabel: settings.flowLabel || automaticFlowLabel(socket, flow),
    nextHeader: protocol,
    hopLimit: hopLimit(socket, flow, options),
    source: flow.source,
    destination: flow.destination,
  });
  if (protocol === IpProtocol.ICMPV6) {
    const owner = inet6Device.of(flow.route.device);
    countIcmp(flow.namespace.mib, owner?.mib, "outMsgs");
    countIcmpType(flow.namespace.mib, owner?.mib, "outTypes", payload[0] ?? 0);
  }
  const errno = sendPacket(flow.namespace, flow.route, packet, {
    mayFragment: settings.mtuDiscover6 < PMTU.PROBE,
    loop: settings.multicastLoop6,
    mtu: mtuFor(socket, flow),
    by: socket.kindName,
  });
  if (errno > 0 && errno !== ERRNO.ENOBUFS) throw new Refusal(errno);
}

/** ip6_make_flowlabel(): one label a flow (RFC 6437, 3), from its addresses, ports and a secret of the host. */
function automaticFlowLabel(socket: IpSocket, { namespace, source, destination }: Flow6): number {
  if (namespace.settings.auto_flowlabels !== 1) return 0;
  let hash = socket.inode;
  for (let group = 0; group < 8; group++) {
    hash = Math.imul(hash ^ source.charCodeAt(group), 0x0100_0193);
    hash = Math.imul(hash ^ destination.charCodeAt(group), 0x0100_0193);
  }
  hash = Math.imul(hash ^ socket.port ^ socket.remotePort, 0x85eb_ca6b);
  return ((hash ^ (hash >>> 13)) >>> 0) & 0xf_ffff;
}

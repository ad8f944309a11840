// The way of a connection's segments: routes, path MTU, and the IP header in front (inet_csk_route_req, ip_queue_xmit,
// inet6_csk_xmit). Routing is asked for every segment, so what changes on the way counts at once.

import { ERRNO } from "../../netlink/errno.ts";
import { pseudoHeaderSumV4, pseudoHeaderSumV6 } from "../../wire/checksum.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { IPV4_MIN_HEADER } from "../../wire/ipv4.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import { IPV6_ANY } from "../../wire/ipv6-address.ts";
import { IPV6_HEADER_LENGTH } from "../../wire/ipv6.ts";
import { METRIC } from "../ipv4/fib/nexthop.ts";
import { ipv4Of } from "../ipv4/namespace.ts";
import { PMTUDISC, sendDatagram } from "../ipv4/output.ts";
import { routeOutput } from "../ipv4/route-output.ts";
import type { Route } from "../ipv4/route.ts";
import { RTCF } from "../ipv4/route-flags.ts";
import type { Route6 } from "../ipv6/fib-route.ts";
import { hopLimitOf } from "../ipv6/icmp-send.ts";
import { inet6Netns } from "../ipv6/interface.ts";
import { sendPacket, writeHeader } from "../ipv6/output.ts";
import { mtuOf, routeOutput as routeOutput6 } from "../ipv6/route-lookup.ts";
import { sourceForRoute } from "../ipv6/source-selection.ts";
import type { Netns } from "../netns.ts";
import { Packet } from "../packet.ts";
import type { IpAddress } from "../sockets/ip-address.ts";

/** What all segments of a socket have in common. */
export interface WayOptions {
  /** Type of service or traffic class. */
  readonly tos: number;
  /** Time to live or hop limit; 0: the host's. */
  readonly ttl: number;
  readonly mark: number;
  /** ifindex of SO_BINDTODEVICE; 0: any device. */
  readonly device: number;
}

/** Both ends of a connection. */
export interface Ends {
  readonly local: IpAddress;
  readonly localPort: number;
  readonly remote: IpAddress;
  readonly remotePort: number;
}

/** Of the IP packet around a segment. */
export interface Envelope {
  /** The packet that the segment answers. */
  readonly cause?: Packet | undefined;
  /** Identification in IPv4. */
  readonly id?: number;
  /** Who sends, in journeys; a socket if it is left out. */
  readonly by?: string;
  readonly tos?: number;
}

const TCP_HEADER = 20;
const MAX_IPV4_MSS = 65_535 - 40;
const MIN_ADVMSS = 256; // net.ipv4.route.min_adv_mss
const MAX_IPV6_PAYLOAD = 65_535;

function numberOf(address: IpAddress): number {
  if (typeof address === "number") return address;
  throw new Error("both ends of a connection are of one family");
}

function groupsOf(address: IpAddress): Ipv6Address {
  if (typeof address !== "number") return address;
  throw new Error("both ends of a connection are of one family");
}

/** Of a segment of `length` bytes. */
export function pseudoSum(local: IpAddress, remote: IpAddress, length: number): number {
  return typeof remote === "number"
    ? pseudoHeaderSumV4(numberOf(local), remote, IpProtocol.TCP, length)
    : pseudoHeaderSumV6(groupsOf(local), remote, IpProtocol.TCP, length);
}

export class Way {
  readonly netns: Netns;
  readonly ends: Ends;
  readonly options: WayOptions;

  constructor(netns: Netns, ends: Ends, options: WayOptions) {
    this.netns = netns;
    this.ends = ends;
    this.options = options;
  }

  #route4(tos = this.options.tos): Route | number {
    const { local, localPort, remote, remotePort } = this.ends;
    return routeOutput(ipv4Of(this.netns), {
      destination: numberOf(remote),
      source: numberOf(local),
      oif: this.options.device,
      tos,
      mark: this.options.mark,
      protocol: IpProtocol.TCP,
      sourcePort: localPort,
      destinationPort: remotePort,
    });
  }

  #route6(): Route6 {
    const { local, localPort, remote, remotePort } = this.ends;
    return routeOutput6(inet6Netns.require(this.netns), {
      destination: groupsOf(remote),
      source: groupsOf(local),
      oif: this.options.device,
      mark: this.options.mark,
      trafficClass: this.options.tos,
      protocol: IpProtocol.TCP,
      sourcePort: localPort,
      destinationPort: remotePort,
      boundToDevice: this.options.device !== 0,
    });
  }

  /** Bytes of the IP header. */
  get headerLength(): number {
    return typeof this.ends.remote === "number" ? IPV4_MIN_HEADER : IPV6_HEADER_LENGTH;
  }

  /** Path MTU, bytes; undefined while there is no route. */
  mtu(): number | undefined {
    if (typeof this.ends.remote === "number") {
      const route = this.#route4();
      return typeof route === "number" ? undefined : route.mtu(this.netns.kernel.clock.now, false, true);
    }
    const route = this.#route6();
    return route.error === 0 ? mtuOf(route) : undefined;
  }

  /** dst_metric_advmss(): the largest segment that is asked for, bytes. */
  advertisedMss(): number {
    if (typeof this.ends.remote === "number") {
      const route = this.#route4();
      if (typeof route === "number") return 536;
      const metric = route.metric(METRIC.ADVMSS);
      if (metric !== 0) return metric;
      const mtu = route.mtu(this.netns.kernel.clock.now, false, true);
      return Math.min(Math.max(mtu - IPV4_MIN_HEADER - TCP_HEADER, MIN_ADVMSS), MAX_IPV4_MSS);
    }
    const route = this.#route6();
    if (route.error !== 0) return 1220;
    const metric = route.fib.metrics?.advmss;
    if (metric !== undefined && metric !== 0) return metric;
    const mss = mtuOf(route) - IPV6_HEADER_LENGTH - TCP_HEADER;
    // Beyond what a payload length can say, only the length of the packet limits (ip6_default_advmss).
    return mss > MAX_IPV6_PAYLOAD - TCP_HEADER ? MAX_IPV6_PAYLOAD : mss;
  }

  #metric(number: number, name: "initcwnd" | "initrwnd"): number {
    if (typeof this.ends.remote !== "number") return this.#route6().fib.metrics?.[name] ?? 0;
    const route = this.#route4();
    return typeof route === "number" ? 0 : route.metric(number);
  }

  /** Segments in the first congestion window by the route (initcwnd); 0: as usual. */
  initialWindow(): number {
    return this.#metric(METRIC.INITCWND, "initcwnd");
  }

  /** The first receive window, bytes, in segments of `mss` bytes by the route (initrwnd). */
  initialReceiveWindow(window: number, mss: number): number {
    const segments = this.#metric(METRIC.INITRWND, "initrwnd");
    return segments === 0 ? window : Math.min(window, segments * mss);
  }

  /** Sends one segment. 0 or an errno: what is lost on the way is lost. */
  send(segment: Uint8Array, envelope: Envelope): number {
    const { local, remote } = this.ends;
    const by = envelope.by ?? "TCP socket";
    if (typeof remote === "number") return this.#send4(segment, numberOf(local), remote, by, envelope);
    return this.#send6(segment, groupsOf(local), remote, by, envelope);
  }

  #send4(segment: Uint8Array, source: number, destination: number, by: string, envelope: Envelope): number {
    const inet = ipv4Of(this.netns);
    const route = this.#route4();
    if (typeof route === "number") {
      inet.ip.outNoRoutes++;
      return ERRNO.EHOSTUNREACH;
    }
    const { options } = this;
    const { cause, id, tos } = envelope;
    return sendDatagram(
      inet,
      route,
      {
        source,
        destination,
        protocol: IpProtocol.TCP,
        tos: tos ?? options.tos,
        ttl: options.ttl,
        mark: options.mark,
        discovery: inet.settings.noPmtuDisc !== 0 ? PMTUDISC.DONT : PMTUDISC.WANT,
        by,
        ...(cause && { cause }),
        ...(id !== undefined && { id }),
      },
      segment,
    );
  }

  #send6(
    segment: Uint8Array,
    source: Ipv6Address,
    destination: Ipv6Address,
    by: string,
    { cause, tos }: Envelope,
  ): number {
    const namespace = inet6Netns.require(this.netns);
    const route = this.#route6();
    if (route.error !== 0) {
      namespace.mib.ip.outNoRoutes++;
      return route.error;
    }
    const packet = Packet.allocate(route.device, segment.length);
    packet.bytes.set(segment, packet.start);
    packet.mark = this.options.mark;
    writeHeader(packet, {
      trafficClass: tos ?? this.options.tos,
      flowLabel: this.#flowLabel(namespace.settings.auto_flowlabels),
      nextHeader: IpProtocol.TCP,
      hopLimit: this.options.ttl || hopLimitOf(namespace, route, destination),
      source,
      destination,
    });
    return sendPacket(namespace, route, packet, { by, ...(cause && { cause }) });
  }

  /** ip6_make_flowlabel(): one a flow (RFC 6437, 3), from its ends and a secret of the host. */
  #flowLabel(automatic: number): number {
    if (automatic !== 1) return 0;
    const { local, localPort, remote, remotePort } = this.ends;
    let hash = flowSecret(this.netns);
    for (const address of [groupsOf(local), groupsOf(remote)])
      for (let group = 0; group < address.length; group++)
        hash = Math.imul(hash ^ address.charCodeAt(group), 0x0100_0193);
    hash = Math.imul(hash ^ ((localPort << 16) | remotePort), 0x85eb_ca6b);
    return ((hash ^ (hash >>> 13)) >>> 0) & 0xf_ffff;
  }
}

const secrets = new WeakMap<object, number>();

function flowSecret({ kernel }: Netns): number {
  let secret = secrets.get(kernel);
  if (secret === undefined) secrets.set(kernel, (secret = kernel.random.uint32()));
  return secret;
}

/** The source address of a new connection. Errors: a positive errno. */
export function chooseSource(
  netns: Netns,
  wanted: IpAddress | undefined,
  remote: IpAddress,
  remotePort: number,
  options: WayOptions,
): { readonly source: IpAddress; readonly destination: IpAddress } | number {
  if (typeof remote === "number") {
    const inet = ipv4Of(netns);
    const route = routeOutput(inet, {
      destination: remote,
      source: typeof wanted === "number" ? wanted : 0,
      oif: options.device,
      tos: options.tos,
      mark: options.mark,
      protocol: IpProtocol.TCP,
      destinationPort: remotePort,
    });
    if (typeof route === "number") {
      if (route === ERRNO.ENETUNREACH) inet.ip.outNoRoutes++;
      return route;
    }
    if ((route.flags & (RTCF.MULTICAST | RTCF.BROADCAST)) !== 0) return ERRNO.ENETUNREACH;
    return { source: route.source, destination: route.destination };
  }
  const namespace = inet6Netns.of(netns);
  if (namespace === undefined) return ERRNO.EAFNOSUPPORT;
  const given = typeof wanted === "string" ? wanted : IPV6_ANY;
  const route = routeOutput6(namespace, {
    destination: remote,
    source: given,
    oif: options.device,
    mark: options.mark,
    trafficClass: options.tos,
    protocol: IpProtocol.TCP,
    destinationPort: remotePort,
    boundToDevice: options.device !== 0,
  });
  if (route.error !== 0) {
    if (route.error === ERRNO.ENETUNREACH) namespace.mib.ip.outNoRoutes++;
    return route.error;
  }
  const source = given === IPV6_ANY ? sourceForRoute(namespace, route, remote) : given;
  return source === undefined ? ERRNO.EADDRNOTAVAIL : { source, destination: remote };
}

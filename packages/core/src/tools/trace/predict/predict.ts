// The way that a probe would take, by routing tables, neighbours, bridges, flows, tunnels and sockets as they are: what
// `trace --dry-run` tells. Every question to the system is one that changes nothing (netlink requests for reading, files,
// descriptions of packets). What state alone does not tell is said: whether a program answers, and what firewalls do.

import { ERRNO } from "../../../netlink/errno.ts";
import { RTN } from "../../../netlink/rtnl/route-constants.ts";
import type { Process } from "../../../system/process.ts";
import type { TraceNode } from "../../../trace/recorder.ts";
import { readU16BE } from "../../../wire/bytes.ts";
import {
  EtherType,
  ethDestination,
  ETHERNET_HEADER_LENGTH,
  ethSource,
  ethType,
} from "../../../wire/ethernet.ts";
import { IpProtocol } from "../../../wire/ip-protocol.ts";
import { formatMac } from "../../../wire/mac.ts";
import { TcpFlag } from "../../../wire/tcp.ts";
import type { LinkState, NetworkState, PlaceState, RouteAnswer } from "../../why/network-state.ts";
import { echoSocketKind, IDENTIFIER, probeFrame, ProbeFault } from "../probe.ts";
import type { Probe } from "../probe.ts";
import { TPID } from "./frame.ts";
import type { Frame } from "./frame.ts";
import { Network } from "./network.ts";
import { echoRequest, keptBytes, tcpPacket, udpPacket } from "./packet.ts";
import type { IpPacket } from "./packet.ts";
import { routeEvent, ttlFor } from "./stack.ts";
import type { ProbeSocket } from "./stack.ts";
import { SwitchOracle } from "./switch-oracle.ts";
import { SYN_OPTIONS, SYN_WINDOW } from "./tcp.ts";
import { add, rootNode } from "./tree.ts";

const SOCKET_NAMES: Readonly<Record<ProbeSocket["kind"], string>> = {
  raw: "raw socket",
  ping: "ping socket",
  udp: "UDP socket",
  tcp: "TCP socket",
  none: "packet socket",
};
const TAG = 4; // bytes
/** Of an echo, and of UDP. */
const UPPER_HEADER = 8;

/** The journey of a probe from `place`. A number is the errno that a sender would get. Errors: ProbeFault. */
export async function predictProbe(
  process: Process,
  state: NetworkState,
  place: PlaceState,
  probe: Probe,
  device: string | undefined,
): Promise<TraceNode | number> {
  const oracle = new SwitchOracle(process, state);
  const network = (kind: ProbeSocket["kind"]): Network => new Network(state, oracle, { place, kind });
  switch (probe.kind) {
    case "icmp": {
      const kind = inPlace(process, place, () => echoSocketKind(process, probe.to.family));
      return predictPacket(network(kind), place, probe, device);
    }
    case "udp":
    case "tcp":
      return predictPacket(network(probe.kind), place, probe, device);
    case "arp":
    case "frame": {
      const { link: name, bytes } = inPlace(process, place, () => probeFrame(process, probe, device));
      const link = linkNamed(place, name);
      return predictFrame(network("none"), place, link, bytes);
    }
    default: {
      const never: never = probe;
      return never;
    }
  }
}

function inPlace<T>(process: Process, { netns }: PlaceState, work: () => T): T {
  const home = process.netns;
  process.netns = netns;
  try {
    return work();
  } finally {
    process.netns = home;
  }
}

function linkNamed({ links }: PlaceState, name: string): LinkState {
  const link = links.find((one) => one.name === name);
  if (link === undefined) throw new ProbeFault(`no device ${name}`);
  return link;
}

type PacketProbe = Extract<Probe, { kind: "icmp" | "udp" | "tcp" }>;

/** The first port of those that the system chooses from; which one a socket would get is not known. */
function ephemeralPort(place: PlaceState): number {
  return Number.parseInt(place.sysctl("ipv4/ip_local_port_range") ?? "32768", 10);
}

/** The datagram of a probe as its socket would make it. */
function packetOf(probe: PacketProbe, place: PlaceState, source: Uint8Array, way: RouteAnswer): IpPacket {
  const { address: to } = probe.to;
  const v4 = to.length === 4;
  const ttl = way.type === RTN.MULTICAST ? 1 : ttlFor(place, to, way);
  if (probe.kind === "tcp") {
    const ports = [ephemeralPort(place), probe.port] as const;
    const syn = { flags: TcpFlag.SYN, window: SYN_WINDOW, options: SYN_OPTIONS };
    return tcpPacket(source, to, ports, syn, { ttl, dontFragment: v4 });
  }
  const header = v4 ? 20 : 40;
  const upper = UPPER_HEADER + probe.size;
  // Sockets look for the path's MTU, unless they send more than it (IP_PMTUDISC_WANT).
  const mtu = Math.min(way.mtu ?? Infinity, way.link?.mtu ?? Infinity);
  const searches = Number(place.sysctl("ipv4/ip_no_pmtu_disc") ?? 0) === 0;
  const dontFragment = v4 && searches && header + upper <= mtu;
  if (probe.kind === "udp") {
    const ports = [ephemeralPort(place), probe.port] as const;
    return udpPacket(source, to, ports, new Uint8Array(probe.size), { ttl, dontFragment });
  }
  return echoRequest(source, to, IDENTIFIER, probe.size, { ttl, dontFragment });
}

async function predictPacket(
  network: Network,
  place: PlaceState,
  probe: PacketProbe,
  device: string | undefined,
): Promise<TraceNode | number> {
  const { address: to } = probe.to;
  const v4 = to.length === 4;
  const out = device === undefined ? undefined : linkNamed(place, device);
  const scoped = place.links.find(({ index }) => index === probe.to.scope && probe.to.scope !== 0);
  const icmp = v4 ? IpProtocol.ICMP : IpProtocol.ICMPV6;
  const protocol = probe.kind === "icmp" ? icmp : probe.kind === "udp" ? IpProtocol.UDP : IpProtocol.TCP;
  const question = { out: out ?? scoped, protocol };
  const way = place.routeTo(to, question);
  if (typeof way === "number") return way;
  if (way.type === RTN.BROADCAST) return ERRNO.EACCES; // sockets need SO_BROADCAST
  const source = way.source ?? to;
  const packet = packetOf(probe, place, source, way);
  const node = rootNode();
  add(node, {
    kind: "originate",
    netns: place.netns.inode,
    by: SOCKET_NAMES[network.socket.kind],
    bytes: keptBytes(packet.bytes),
    length: packet.bytes.length,
    protocol: v4 ? EtherType.IPV4 : EtherType.IPV6,
  });
  add(node, routeEvent(place, to, way, place.routeEntry(to, question), false));
  await network.output(node, place, packet, way);
  await network.settle();
  return node;
}

/** A frame that a program gives to a device: its header, the tag that it has, and what it carries. */
function readFrame(bytes: Uint8Array): Frame {
  const [to, from] = [formatMac(ethDestination(bytes, 0)), formatMac(ethSource(bytes, 0))];
  const type = ethType(bytes, 0);
  const tagged = type === TPID && bytes.length >= ETHERNET_HEADER_LENGTH + TAG;
  const at = ETHERNET_HEADER_LENGTH + (tagged ? TAG : 0);
  return {
    from,
    to,
    vlan: tagged ? readU16BE(bytes, ETHERNET_HEADER_LENGTH) & 0xfff : 0,
    inline: tagged,
    protocol: tagged ? readU16BE(bytes, at - 2) : type,
    payload: { bytes: bytes.slice(at) },
    devices: 0,
  };
}

async function predictFrame(
  network: Network,
  place: PlaceState,
  link: LinkState,
  bytes: Uint8Array,
): Promise<TraceNode | number> {
  if (!link.up) return ERRNO.ENETDOWN; // packet_snd()
  const node = rootNode();
  add(node, {
    kind: "originate",
    netns: place.netns.inode,
    by: SOCKET_NAMES.none,
    bytes: keptBytes(bytes),
    length: bytes.length,
    protocol: 0,
  });
  await network.emit(node, link, readFrame(bytes));
  await network.settle();
  return node;
}

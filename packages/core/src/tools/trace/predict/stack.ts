// What the parts of a predicted network layer ask of each other, and what they share: settings of devices, the words for a route.

import { RTN } from "../../../netlink/rtnl/route-constants.ts";
import type { PacketEvent, RouteEntry, RouteOutcome } from "../../../trace/packet-event.ts";
import type { LinkState, NetworkState, PlaceState, RouteAnswer } from "../../why/network-state.ts";
import type { Frame } from "./frame.ts";
import type { Memory } from "./memory.ts";
import type { IpPacket } from "./packet.ts";
import { addressOf } from "./packet.ts";
import { traceDeviceOf } from "./tree.ts";
import type { OpenNode } from "./tree.ts";

/** A packet that has come to the network layer of a namespace. */
export interface Incoming {
  readonly node: OpenNode;
  readonly place: PlaceState;
  readonly link: LinkState;
  readonly frame: Frame;
  readonly packet: IpPacket;
}

/** The socket that sends the probe, which hears what comes back. */
export interface ProbeSocket {
  readonly place: PlaceState;
  readonly kind: "raw" | "ping" | "udp" | "tcp" | "none";
}

export interface Stack {
  readonly state: NetworkState;
  readonly memory: Memory;
  readonly socket: ProbeSocket;
  /** Sends a frame out of a device; everything that comes of it. */
  emit(node: OpenNode, link: LinkState, frame: Frame): Promise<void>;
  /** To a neighbour on a device: its address on the link is looked up or asked for. */
  toNeighbour(node: OpenNode, link: LinkState, nextHop: Uint8Array, packet: IpPacket): Promise<void>;
  /** Out by the device that a route has chosen. */
  output(node: OpenNode, place: PlaceState, packet: IpPacket, way: RouteAnswer): Promise<void>;
  /** What a tunnel brought is taken out; false if the packet is for no tunnel. */
  unwrap(incoming: Incoming): Promise<boolean>;
}

/** The settings of a device and of all devices of its namespace with one name (net.ipv4.conf). */
export function conf(
  { place, name }: LinkState,
  setting: string,
): { readonly all: number; readonly own: number } {
  const value = (of: string): number => Number(place.sysctl(`ipv4/conf/${of}/${setting}`) ?? 0);
  return { all: value("all"), own: value(name) };
}

/** True if the setting is on for the device or for all. */
export function either(link: LinkState, setting: string): boolean {
  const { all, own } = conf(link, setting);
  return all !== 0 || own !== 0;
}

export function forwardsIpv4({ place, name }: LinkState): boolean {
  return place.sysctl(`ipv4/conf/${name}/forwarding`) === "1";
}

export function forwardsIpv6({ place }: LinkState): boolean {
  return place.sysctl("ipv6/conf/all/forwarding") === "1";
}

export function loopbackOf({ links }: PlaceState): LinkState | undefined {
  return links.find(({ loopback }) => loopback);
}

/** The VRF that a device belongs to. */
export function domainOf(link: LinkState): LinkState | undefined {
  if (link.kind === "vrf") return link;
  const master = link.master === 0 ? undefined : link.place.links.find(({ index }) => index === link.master);
  return master?.kind === "vrf" ? master : undefined;
}

/** The time to live of a packet of this host. */
export function ttlFor(place: PlaceState, destination: Uint8Array, way: RouteAnswer): number {
  if (way.hopLimit !== undefined && way.hopLimit !== 0) return way.hopLimit;
  const path =
    destination.length === 4 ? "ipv4/ip_default_ttl" : `ipv6/conf/${way.link?.name ?? "all"}/hop_limit`;
  return Number(place.sysctl(path) ?? 64);
}

const OUTCOMES: ReadonlyMap<number, RouteOutcome> = new Map([
  [RTN.LOCAL, "local"],
  [RTN.ANYCAST, "local"],
  [RTN.BROADCAST, "broadcast"],
  [RTN.MULTICAST, "multicast"],
]);

/** What a journey says about a decision; `incoming`: of a packet that came in. */
export function routeEvent(
  place: PlaceState,
  destination: Uint8Array,
  way: RouteAnswer,
  entry: RouteEntry | undefined,
  incoming: boolean,
): PacketEvent {
  const outcome = OUTCOMES.get(way.type) ?? "unicast";
  const shown =
    destination.length === 4
      ? outcome === "unicast" || (outcome !== "local" && !incoming)
      : outcome === "unicast" || outcome === "multicast";
  return {
    kind: "route",
    netns: place.netns.inode,
    destination: addressOf(destination),
    outcome,
    entry,
    via: way.gateway && addressOf(way.gateway),
    device: shown && way.link ? traceDeviceOf(way.link) : undefined,
  };
}

/** That routing refuses. */
export function refusalEvent(
  place: PlaceState,
  destination: Uint8Array,
  outcome: RouteOutcome,
  entry?: RouteEntry,
  device?: LinkState,
): PacketEvent {
  return {
    kind: "route",
    netns: place.netns.inode,
    destination: addressOf(destination),
    outcome,
    entry,
    via: undefined,
    device: device && traceDeviceOf(device),
  };
}

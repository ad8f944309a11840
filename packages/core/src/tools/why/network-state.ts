// What `why` and `doctor` know of a network: every namespace with its devices, addresses, routes, neighbours and bridges, read
// through netlink and /proc like any program (read-state.ts). What a system does not show is undefined, never guessed.

import type { RouteEntry } from "../../trace/packet-event.ts";
import type { FilterChain } from "./filter-chains.ts";
import type { OvsBridgeState } from "./switch-state.ts";
import type { NetnsReference } from "../../system/system.ts";
import { formatIpv4, readIpv4Address } from "../../wire/ipv4-address.ts";
import { formatIpv6, readIpv6Address } from "../../wire/ipv6-address.ts";

export type Family = "inet" | "inet6";

export interface AddressState {
  readonly family: Family;
  /** 4 or 16 bytes. */
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly prefixLength: number;
  /** IFA_F.* */
  readonly flags: number;
  readonly link: LinkState;
}

export interface VlanMembership {
  readonly vid: number;
  readonly pvid: boolean;
  readonly untagged: boolean;
}

/** A bridge port's settings (IFLA_BRPORT_*). */
export interface PortState {
  /** Of the port on its bridge, from 1 on. */
  readonly number: number;
  /** BR_STATE.* */
  readonly state: number;
  readonly isolated: boolean;
  readonly locked: boolean;
  readonly broadcastFlood: boolean;
  readonly unicastFlood: boolean;
  readonly multicastFlood: boolean;
  /** Frames may leave by the port that they came in by. */
  readonly hairpin: boolean;
  readonly learning: boolean;
  readonly proxyArp: boolean;
  /** Reserved groups 01:80:c2:00:00:0X, a bit each, that pass though bridges keep them; as of the whole bridge. */
  readonly groupFwdMask: number;
}

export interface BridgeState {
  readonly stp: boolean;
  readonly vlanFiltering: boolean;
  /** False with an ageing time of 0. */
  readonly learns: boolean;
  readonly groupFwdMask: number;
}

/** "gre" carries packets of the network layer, the others frames. */
export type TunnelKind = "vxlan" | "geneve" | "gre" | "gretap";

/** An entry of a VXLAN device's own forwarding database: behind which host a MAC address is. */
export interface TunnelForward {
  /** All zeros: whatever no other entry is for. */
  readonly mac: string;
  readonly remote: Uint8Array;
  /** Where it is not the device's own. */
  readonly vni: number | undefined;
  /** It goes by itself after a time. */
  readonly learned: boolean;
}

/** One end of a VXLAN, Geneve or GRE tunnel. */
export interface TunnelState {
  readonly kind: TunnelKind;
  /** Of GRE the key, 0 for none. */
  readonly vni: number;
  /** UDP destination port; 0 for GRE. */
  readonly port: number;
  /** The one other end; undefined if the forwarding database or the packet itself names it. */
  readonly remote: Uint8Array | undefined;
  /** VXLAN: the multicast group of the ends. */
  readonly group: Uint8Array | undefined;
  readonly forwards: TunnelForward[];
  readonly local: Uint8Array | undefined;
  /** GRE: its packets must not be fragmented. */
  readonly dontFragment: boolean;
  /** ifindex of the device that it sends by; 0 for the one that routing chooses. */
  readonly link: number;
  /** Time to live of its packets; 0: as the route says, with GRE as the packet inside. */
  readonly ttl: number;
}

/** A routing policy rule that refuses. */
export interface RefusingRule {
  readonly type: "blackhole" | "unreachable" | "prohibit";
  readonly rule: PolicyRule;
}

/** A routing policy rule. */
export interface PolicyRule {
  readonly family: Family;
  readonly priority: number;
  /** As `ip rule show` has it, without priority and action: "from 10.0.0.1 iif eth0". */
  readonly selector: string;
  /** What it sends to; undefined of a rule that refuses. */
  readonly table: number | undefined;
}

export interface LinkState {
  readonly place: PlaceState;
  readonly index: number;
  readonly name: string;
  readonly up: boolean;
  /** IFF_LOWER_UP. */
  readonly carrier: boolean;
  readonly loopback: boolean;
  readonly noArp: boolean;
  readonly pointToPoint: boolean;
  /** It takes frames for everybody. */
  readonly promiscuous: boolean;
  readonly mac: string;
  readonly mtu: number;
  readonly kind: string | undefined;
  /** ifindex; 0 for none. */
  readonly master: number;
  /** A member of a bond, which has its address and sends by it; `standby`: while this is so, the bond uses another one. */
  readonly member: { readonly standby: boolean } | undefined;
  readonly vlanId: number | undefined;
  /** MACVLAN_MODE.* */
  readonly macvlanMode: number | undefined;
  readonly bridge: BridgeState | undefined;
  readonly port: PortState | undefined;
  readonly vlans: readonly VlanMembership[];
  /** Other end of a cable, or the device below; undefined if there is none, or it is where nobody can look. */
  other: LinkState | undefined;
  readonly tunnel: TunnelState | undefined;
  /**
   * Devices that it reaches though no link tells of it: others on a bridge of Open vSwitch in user space, and the other end of
   * a tunnel whose settings fit.
   */
  readonly reaches: LinkState[];
}

/** Above `other`, as a VLAN device and a macvlan are; the ends of a cable name each other instead. */
export function isStacked(link: LinkState): boolean {
  return link.other !== undefined && link.other.other !== link;
}

export interface NeighbourState {
  readonly link: LinkState;
  readonly text: string;
  readonly mac: string;
  /** NUD.* */
  readonly state: number;
}

export interface FdbState {
  readonly port: LinkState;
  readonly mac: string;
  readonly vlan: number;
  /** Put there by an administrator, or an own address. */
  readonly static: boolean;
  readonly local: boolean;
}

/** What routing is asked beside the destination. */
export interface RouteQuestion {
  readonly source?: Uint8Array | undefined;
  /** The device that the packet came in by; its source is checked then, too. */
  readonly came?: LinkState | undefined;
  /** The device that it has to leave by, or the VRF that it belongs to. */
  readonly out?: LinkState | undefined;
  /** IP protocol number. */
  readonly protocol?: number | undefined;
  readonly ports?: readonly [source: number, destination: number] | undefined;
}

/** What routing says about a destination. */
export interface RouteAnswer {
  readonly link: LinkState | undefined;
  /** Next hop, if it is not the destination. */
  readonly gateway: Uint8Array | undefined;
  readonly source: Uint8Array | undefined;
  /** RTN.* */
  readonly type: number;
  readonly local: boolean;
  /** Routing table that has it. */
  readonly table: number;
  /** Where that is less than the device takes, bytes. */
  readonly mtu: number | undefined;
  /** The time to live that packets get. */
  readonly hopLimit: number | undefined;
  /** The sender of the packet would be told of a better way. */
  readonly redirects: boolean;
}

/** One of several next hops of a route. */
export interface NextHopState {
  readonly link: LinkState | undefined;
  /** Undefined: the destination is on the link. */
  readonly gateway: Uint8Array | undefined;
}

/** A UDP socket, as packets meet it. */
export interface SocketState {
  readonly family: Family;
  /** It takes datagrams over IPv4 (an IPv6 socket does unless IPV6_V6ONLY is set); over IPv6. */
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  /** Undefined: any. */
  readonly local: Uint8Array | undefined;
  readonly port: number;
  /** Who it is connected to. */
  readonly remote: Uint8Array | undefined;
  readonly remotePort: number;
  /** ifindex that it is bound to; 0 for none. */
  readonly device: number;
}

export interface PlaceState {
  /** As `ip netns` calls it; "host" for the first namespace. */
  readonly name: string;
  readonly isHost: boolean;
  readonly netns: NetnsReference;
  /** The command that runs another one there, where `ip netns` does not know it. */
  readonly enter: string | undefined;
  readonly links: readonly LinkState[];
  readonly addresses: readonly AddressState[];
  readonly neighbours: readonly NeighbourState[];
  readonly fdb: readonly FdbState[];
  /** A file below /proc/sys/net; undefined if there is none. */
  sysctl(path: string): string | undefined;
  /** A file below /proc/net. */
  procNet(path: string): string | undefined;
  /** Base chains of netfilter that may drop packets. */
  filterChains(): readonly FilterChain[];
  /** Next hops of all routes, each once. */
  readonly gateways: readonly Uint8Array[];
  /** The entry that decides about a destination. */
  routeEntry(destination: Uint8Array, question?: RouteQuestion): RouteEntry | undefined;
  /** The longest prefix of a route for a destination, as `ip route` takes it. */
  matchingRoute(destination: Uint8Array, question?: RouteQuestion): string | undefined;
  /** The route of this type that refuses a destination, as `ip route del` takes it. */
  refusingRoute(destination: Uint8Array, type: string): string | undefined;
  /** The first policy rule of this type for packets to a destination. */
  refusingRule(destination: Uint8Array, type: string, question?: RouteQuestion): RefusingRule | undefined;
  /** The policy rule that sends packets to the table where their route is; undefined where that is one of the usual ones. */
  decidingRule(destination: Uint8Array, question: RouteQuestion): PolicyRule | undefined;
  /** What the table main says, whatever rules send elsewhere: the best of its routes. */
  mainRoute(destination: Uint8Array): Pick<RouteAnswer, "link" | "gateway"> | undefined;
  /** RTM_GETROUTE; a number is the errno of a refusal. */
  routeTo(destination: Uint8Array, question?: RouteQuestion): RouteAnswer | number;
  /** The next hops of a route that has several; none of another one. */
  nextHopsTo(destination: Uint8Array, question: RouteQuestion): readonly NextHopState[];
  udpSockets(): readonly SocketState[];
  /** Listening sockets of TCP. */
  tcpListeners(): readonly SocketState[];
  /** Multicast groups that a device is a member of, as text. */
  groups(link: LinkState): readonly string[];
}

export interface NetworkState {
  readonly places: readonly PlaceState[];
  readonly links: readonly LinkState[];
  readonly addresses: readonly AddressState[];
  /** Bridges of Open vSwitch; none if its database does not answer. */
  readonly switches: readonly OvsBridgeState[];
}

/** `ip -n NAME`, or plain `ip` in the first namespace; the same for `bridge`. */
export function command(tool: "ip" | "bridge", place: PlaceState, rest: string): string {
  if (place.enter !== undefined) return inNamespace(place, `${tool} ${rest}`);
  return place.isHost ? `${tool} ${rest}` : `${tool} -n ${place.name} ${rest}`;
}

/** A command that has no option for the namespace. */
export function inNamespace(place: PlaceState, rest: string): string {
  return place.isHost ? rest : `${place.enter ?? `ip netns exec ${place.name}`} ${rest}`;
}

export function sysctlFix(place: PlaceState, name: string, value: number): string {
  return inNamespace(place, `sysctl -w ${name}=${value}`);
}

/** An address of 4 or 16 bytes as text. */
export function formatBytes(bytes: Uint8Array): string {
  return bytes.length === 4 ? formatIpv4(readIpv4Address(bytes, 0)) : formatIpv6(readIpv6Address(bytes, 0));
}

export function bytesKey(bytes: Uint8Array): string {
  return bytes.join(".");
}

/** True if the first `length` bits are equal. */
export function samePrefix(a: Uint8Array, b: Uint8Array, length: number): boolean {
  if (a.length !== b.length) return false;
  for (let bit = 0; bit < length; bit += 8) {
    const mask = length - bit >= 8 ? 0xff : (0xff00 >>> (length - bit)) & 0xff;
    if (((a[bit >>> 3] ?? 0) & mask) !== ((b[bit >>> 3] ?? 0) & mask)) return false;
  }
  return true;
}

/** IPv6 addresses that every device has. */
export function isLinkLocal(bytes: Uint8Array): boolean {
  return bytes.length === 16 && bytes[0] === 0xfe && ((bytes[1] ?? 0) & 0xc0) === 0x80;
}

/** The address's own prefix holds `bytes`. */
export function covers(address: AddressState, bytes: Uint8Array): boolean {
  return samePrefix(address.bytes, bytes, address.prefixLength);
}

// Reads the state of every namespace that can be named. Only netlink requests that change nothing, and files of /proc/sys.

import { decodeBondPortData } from "../../links/bond/netlink.ts";
import { decodeBridgeData, decodeBridgePortData } from "../../links/bridge/netlink.ts";
import { decodeMacvlanData } from "../../links/macvlan/netlink.ts";
import { decodeVlanData } from "../../links/vlan/netlink.ts";
import { NetlinkClient } from "../../netlink/client.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { decodeAddress, encodeAddress } from "../../netlink/rtnl/address.ts";
import { BRIDGE_VLAN_INFO } from "../../netlink/rtnl/bridge-vlan.ts";
import { IFF, RTEXT_FILTER } from "../../netlink/rtnl/link-constants.ts";
import { decodeLink, encodeLink } from "../../netlink/rtnl/link.ts";
import type { LinkMessage } from "../../netlink/rtnl/link.ts";
import { decodeNeighbour, encodeNeighbour, NTF, NUD } from "../../netlink/rtnl/neighbour.ts";
import { decodeNsid, encodeNsid } from "../../netlink/rtnl/nsid.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import type { RouteEntry } from "../../trace/packet-event.ts";
import type { Process } from "../../system/process.ts";
import type { NetlinkSocket } from "../../system/sockets.ts";
import type { NetnsReference } from "../../system/system.ts";
import { formatMac, readMac } from "../../wire/mac.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { Decoded } from "../../wire/malformed.ts";
import { places, unnamedPlaces } from "../trace/places.ts";
import type { Place } from "../trace/places.ts";
import { readFilterChains } from "./filter-chains.ts";
import type { FilterChain } from "./filter-chains.ts";
import { formatBytes, isStacked } from "./network-state.ts";
import type {
  AddressState,
  FdbState,
  LinkState,
  NeighbourState,
  NetworkState,
  NextHopState,
  PlaceState,
  PolicyRule,
  RefusingRule,
  RouteAnswer,
  RouteQuestion,
  SocketState,
  VlanMembership,
} from "./network-state.ts";
import { dump } from "./netlink-dump.ts";
import { RouteReader } from "./read-routes.ts";
import { groupsOf, readSockets } from "./read-sockets.ts";
import { readSwitches } from "./switch-state.ts";
import { joinSwitchTunnels, joinTunnels, tunnelOf } from "./tunnel-state.ts";

/** Runs `work` as if the process were in another namespace. */
function within<T>(process: Process, netns: NetnsReference, work: () => T): T {
  const home = process.netns;
  process.netns = netns;
  try {
    return work();
  } finally {
    process.netns = home;
  }
}

function ok<T extends object>(decoded: Decoded<T> | undefined): T | undefined {
  return decoded === undefined || isMalformed(decoded) ? undefined : decoded;
}

/** Single VLANs of the ranges that AF_BRIDGE links tell. */
function memberships(link: LinkMessage | undefined): VlanMembership[] {
  const list: VlanMembership[] = [];
  for (const { vid, flags } of link?.bridge?.vlans ?? []) {
    list.push({
      vid,
      pvid: (flags & BRIDGE_VLAN_INFO.PVID) !== 0,
      untagged: (flags & BRIDGE_VLAN_INFO.UNTAGGED) !== 0,
    });
  }
  return list;
}

function linkState(place: PlaceState, link: LinkMessage, bridgeView: LinkMessage | undefined): LinkState {
  const { linkinfo, flags } = link;
  const kind = linkinfo?.kind;
  const data = linkinfo?.data;
  const bridge = kind === "bridge" && data !== undefined ? ok(decodeBridgeData(data)) : undefined;
  const vlan = kind === "vlan" && data !== undefined ? ok(decodeVlanData(data)) : undefined;
  const macvlan =
    (kind === "macvlan" || kind === "macvtap") && data !== undefined
      ? ok(decodeMacvlanData(data))
      : undefined;
  const { slaveKind, slaveData = new Uint8Array(0) } = linkinfo ?? {};
  const port = slaveKind === "bridge" ? ok(decodeBridgePortData(slaveData)) : undefined;
  const member = slaveKind === "bond" ? ok(decodeBondPortData(slaveData)) : undefined;
  return {
    place,
    index: link.index,
    name: link.ifname ?? String(link.index),
    up: (flags & IFF.UP) !== 0,
    carrier: (flags & IFF.LOWER_UP) !== 0,
    loopback: (flags & IFF.LOOPBACK) !== 0,
    noArp: (flags & IFF.NOARP) !== 0,
    pointToPoint: (flags & IFF.POINTOPOINT) !== 0,
    promiscuous: (link.promiscuity ?? 0) !== 0,
    mac: link.address?.length === 6 ? formatMac(readMac(link.address, 0)) : "",
    mtu: link.mtu ?? 0,
    kind,
    master: link.master ?? 0,
    member: member && { standby: member.state === BACKUP },
    vlanId: vlan?.id,
    macvlanMode: macvlan?.mode,
    bridge: bridge && {
      stp: (bridge.stpState ?? 0) !== 0,
      vlanFiltering: (bridge.vlanFiltering ?? 0) !== 0,
      learns: bridge.ageingTime !== 0,
      groupFwdMask: bridge.groupFwdMask ?? 0,
    },
    port: port && {
      number: port.no ?? 0,
      state: port.state ?? 0,
      isolated: port.isolated === 1,
      locked: port.locked === 1,
      broadcastFlood: port.bcastFlood !== 0,
      unicastFlood: port.unicastFlood !== 0,
      multicastFlood: port.mcastFlood !== 0,
      hairpin: port.mode === 1,
      learning: port.learning !== 0,
      proxyArp: port.proxyarp === 1,
      groupFwdMask: port.groupFwdMask ?? 0,
    },
    vlans: memberships(bridgeView),
    other: undefined,
    tunnel: tunnelOf(link),
    reaches: [],
  };
}

const NUD_VALID = NUD.REACHABLE | NUD.STALE | NUD.DELAY | NUD.PROBE | NUD.PERMANENT | NUD.NOARP;

/** BOND_STATE_BACKUP (linux/if_bonding.h). */
const BACKUP = 1;

/** Where IFLA_LINK of a device points: in its own namespace, or in the one with that nsid. */
interface Pointer {
  readonly link: LinkState;
  readonly index: number;
  readonly nsid: number | undefined;
}

class PlaceReader implements PlaceState {
  readonly name: string;
  readonly isHost: boolean;
  readonly netns: NetnsReference;
  readonly enter: string | undefined;
  readonly links: LinkState[] = [];
  readonly addresses: AddressState[] = [];
  readonly neighbours: NeighbourState[] = [];
  readonly fdb: FdbState[] = [];
  readonly pointers: Pointer[] = [];
  /** Inode numbers of other namespaces by their ids here. */
  readonly inodes = new Map<number, number>();
  readonly #process: Process;
  readonly #routes: RouteReader;

  constructor(process: Process, place: Place) {
    this.#process = process;
    this.name = place.name;
    this.isHost = place.netns.inode === process.system.initialNetns.inode;
    this.netns = place.netns;
    this.enter = place.enter;
    this.#routes = new RouteReader(
      (work) => this.#ask(work),
      (index) => this.link(index),
      (link, gateway) => this.#isProbed(link, gateway),
    );
    this.#ask((client) => {
      this.#readLinks(client);
      this.#readAddresses(client);
      this.#readNeighbours(client);
    });
  }

  /** Finds out by which ids other namespaces are known here. */
  learnIds(others: readonly Place[]): void {
    this.#ask((client, socket) => {
      for (const { netns } of others) this.#readId(client, socket, netns);
    });
  }

  /** Whether a device here has its other end there. */
  leadsTo({ netns: { inode } }: Place): boolean {
    return this.pointers.some(({ nsid }) => nsid !== undefined && this.inodes.get(nsid) === inode);
  }

  #ask<T>(work: (client: NetlinkClient, socket: NetlinkSocket) => T): T {
    return within(this.#process, this.netns, () => {
      const socket = this.#process.netlink();
      try {
        return work(new NetlinkClient(socket), socket);
      } finally {
        socket.close();
      }
    });
  }

  #readLinks(client: NetlinkClient): void {
    const bridgeView = new Map<number, LinkMessage>();
    const asBridge = encodeLink({ family: AF.BRIDGE, extMask: RTEXT_FILTER.BRVLAN });
    for (const link of dump(client, RTM.GETLINK, asBridge, decodeLink)) bridgeView.set(link.index, link);
    for (const message of dump(client, RTM.GETLINK, encodeLink({}), decodeLink)) {
      const link = linkState(this, message, bridgeView.get(message.index));
      this.links.push(link);
      if (message.link !== undefined && message.link !== 0)
        this.pointers.push({ link, index: message.link, nsid: message.linkNetnsid });
    }
  }

  #readAddresses(client: NetlinkClient): void {
    for (const message of dump(client, RTM.GETADDR, encodeAddress({}), decodeAddress)) {
      const bytes = message.local ?? message.address;
      const link = this.link(message.index);
      if (bytes === undefined || link === undefined) continue;
      this.addresses.push({
        family: message.family === AF.INET ? "inet" : "inet6",
        bytes,
        text: formatBytes(bytes),
        prefixLength: message.prefixlen,
        flags: message.ifaFlags ?? message.flags,
        link,
      });
    }
  }

  #readNeighbours(client: NetlinkClient): void {
    for (const message of dump(client, RTM.GETNEIGH, encodeNeighbour({}), decodeNeighbour)) {
      const link = this.link(message.ifindex);
      if (link === undefined || message.dst === undefined) continue;
      const mac = message.lladdr?.length === 6 ? formatMac(readMac(message.lladdr, 0)) : "";
      this.neighbours.push({ link, text: formatBytes(message.dst), mac, state: message.state });
    }
    const asBridge = encodeNeighbour({ family: AF.BRIDGE });
    for (const message of dump(client, RTM.GETNEIGH, asBridge, decodeNeighbour)) {
      const port = this.link(message.ifindex);
      if (port === undefined || message.lladdr?.length !== 6) continue;
      const mac = formatMac(readMac(message.lladdr, 0));
      if (message.dst !== undefined)
        port.tunnel?.forwards.push({
          mac,
          remote: message.dst,
          vni: message.vni,
          learned: (message.state & (NUD.NOARP | NUD.PERMANENT)) === 0,
        });
      if (message.master === undefined) continue;
      this.fdb.push({
        port,
        mac,
        vlan: message.vlan ?? 0,
        static: (message.state & (NUD.NOARP | NUD.PERMANENT)) !== 0 && (message.flags & NTF.SELF) === 0,
        local: (message.state & NUD.PERMANENT) !== 0,
      });
    }
  }

  #readId(client: NetlinkClient, socket: NetlinkSocket, netns: NetnsReference): void {
    const fd = socket.netnsDescriptor(netns);
    const result = client.request(RTM.GETNSID, 0, encodeNsid({ fd }));
    const [answer] = result.ok ? result.messages : [];
    const id = answer === undefined ? undefined : ok(decodeNsid(answer.body))?.nsid;
    if (id !== undefined && id >= 0) this.inodes.set(id, netns.inode);
  }

  link(index: number): LinkState | undefined {
    return this.links.find((link) => link.index === index);
  }

  /** Hosts that are no routers ask for routers that they do not know to be there. */
  #isProbed(link: LinkState, gateway: Uint8Array): boolean {
    if (this.sysctl("ipv6/conf/all/forwarding") !== "0") return false;
    const text = formatBytes(gateway);
    const known = this.neighbours.find((one) => one.link === link && one.text === text);
    return known === undefined || (known.state & NUD_VALID) === 0;
  }

  sysctl(path: string): string | undefined {
    return this.#read(`/proc/sys/net/${path}`)?.trim();
  }

  procNet(path: string): string | undefined {
    return this.#read(`/proc/net/${path}`);
  }

  filterChains(): readonly FilterChain[] {
    return within(this.#process, this.netns, () => readFilterChains(this.#process));
  }

  #read(path: string): string | undefined {
    return within(this.#process, this.netns, () => {
      try {
        return new TextDecoder().decode(this.#process.files.readFile(path));
      } catch (refusal) {
        if (refusal instanceof Refusal) return undefined;
        throw refusal;
      }
    });
  }

  routeEntry(destination: Uint8Array, question?: RouteQuestion): RouteEntry | undefined {
    return this.#routes.entry(destination, question);
  }

  get gateways(): readonly Uint8Array[] {
    return this.#routes.gateways();
  }

  matchingRoute(destination: Uint8Array, question?: RouteQuestion): string | undefined {
    return this.#routes.matching(destination, question);
  }

  refusingRoute(destination: Uint8Array, type: string): string | undefined {
    return this.#routes.refusing(destination, type);
  }

  refusingRule(destination: Uint8Array, type: string, question?: RouteQuestion): RefusingRule | undefined {
    return this.#routes.refusingRule(destination, type, question);
  }

  decidingRule(destination: Uint8Array, question: RouteQuestion): PolicyRule | undefined {
    return this.#routes.decidingRule(destination, question);
  }

  mainRoute(destination: Uint8Array): Pick<RouteAnswer, "link" | "gateway"> | undefined {
    return this.#routes.inMain(destination);
  }

  routeTo(destination: Uint8Array, question?: RouteQuestion): RouteAnswer | number {
    return this.#routes.to(destination, question);
  }

  nextHopsTo(destination: Uint8Array, question: RouteQuestion): readonly NextHopState[] {
    return this.#routes.nextHops(destination, question);
  }

  udpSockets(): readonly SocketState[] {
    return within(this.#process, this.netns, () => readSockets(this.#process, "udp"));
  }

  tcpListeners(): readonly SocketState[] {
    return within(this.#process, this.netns, () => readSockets(this.#process, "tcp"));
  }

  groups(link: LinkState): readonly string[] {
    return groupsOf(link, this.procNet("igmp") ?? "", this.procNet("igmp6") ?? "");
  }
}

/** Kinds of a bridge's own device: on the kernel's datapath, and on the one of user space. */
const SWITCH_DEVICES: ReadonlySet<string> = new Set(["openvswitch", "tun"]);

/** Namespaces with a name, those in `also`, and from there whatever cables lead to. */
function readPlaces(process: Process, also: readonly Place[]): PlaceReader[] {
  const named = places(process);
  const known = new Set(named.map(({ netns }) => netns.inode));
  const all = [...named, ...also.filter(({ netns }) => !known.has(netns.inode))];
  const readers = all.map((place) => new PlaceReader(process, place));
  for (const { netns } of all) known.add(netns.inode);
  let others = unnamedPlaces(process).filter(({ netns }) => !known.has(netns.inode));
  for (const reader of readers) reader.learnIds([...all, ...others]);
  for (;;) {
    const joined = others.filter((place) => readers.some((reader) => reader.leadsTo(place)));
    if (joined.length === 0) return readers;
    others = others.filter((place) => !joined.includes(place));
    all.push(...joined);
    for (const place of joined) {
      const reader = new PlaceReader(process, place);
      readers.push(reader);
      reader.learnIds([...all, ...others]);
    }
  }
}

/** The state of the network now; `also`: namespaces without a name that are looked at in any case. */
export async function readNetwork(process: Process, also: readonly Place[] = []): Promise<NetworkState> {
  const readers = readPlaces(process, also);
  const byInode = new Map(readers.map((reader) => [reader.netns.inode, reader]));
  for (const reader of readers) {
    for (const { link, index, nsid } of reader.pointers) {
      const inode = nsid === undefined ? reader.netns.inode : reader.inodes.get(nsid);
      const target = inode === undefined ? undefined : byInode.get(inode)?.link(index);
      if (target === undefined || target === link) continue;
      link.other = target;
    }
  }
  const links = readers.flatMap((reader) => reader.links);
  for (const link of links) {
    // A VLAN device or macvlan that has gone to another namespace than the device below.
    if (isStacked(link) && link.other?.place !== link.place) link.other?.reaches.push(link);
  }
  // The embedded switch starts when it is first asked, so that only a bridge's devices lead to the question.
  const switches = links.some(({ kind }) => SWITCH_DEVICES.has(kind ?? ""))
    ? await readSwitches(process)
    : [];
  for (const { ports } of switches) {
    const names = new Set(ports.flatMap(({ interfaces }) => interfaces.map(({ name }) => name)));
    const together = (readers.find(({ isHost }) => isHost)?.links ?? []).filter(
      ({ name, master }) => names.has(name) && master === 0,
    );
    for (const link of together) link.reaches.push(...together.filter((one) => one !== link));
  }
  joinTunnels(links);
  joinSwitchTunnels(links, switches);
  return {
    places: readers,
    links,
    addresses: readers.flatMap(({ addresses }) => addresses),
    switches,
  };
}

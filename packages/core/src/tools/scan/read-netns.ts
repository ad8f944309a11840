// Reads one namespace through rtnetlink: devices, addresses, routes, and what its bridges know.

import { decodeBridgeData } from "../../links/bridge/netlink.ts";
import { decodeVlanData } from "../../links/vlan/netlink.ts";
import { NetlinkClient } from "../../netlink/client.ts";
import type { NetlinkMessage } from "../../netlink/message.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { decodeAddress } from "../../netlink/rtnl/address.ts";
import { BRIDGE_VLAN_INFO } from "../../netlink/rtnl/bridge-vlan.ts";
import { IFF, OPERSTATE, RTEXT_FILTER } from "../../netlink/rtnl/link-constants.ts";
import { decodeLink, encodeLink } from "../../netlink/rtnl/link.ts";
import type { LinkMessage } from "../../netlink/rtnl/link.ts";
import { decodeNeighbour, encodeNeighbour, NUD } from "../../netlink/rtnl/neighbour.ts";
import { decodeNsid, encodeNsid } from "../../netlink/rtnl/nsid.ts";
import { decodeRoute, routeTable } from "../../netlink/rtnl/route.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import type { Process } from "../../system/process.ts";
import type { NetlinkSocket } from "../../system/sockets.ts";
import type { NetnsReference } from "../../system/system.ts";
import { formatIpv4, readIpv4Address } from "../../wire/ipv4-address.ts";
import { formatIpv6, readIpv6Address } from "../../wire/ipv6-address.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { ForwardingEntry, ScannedDevice, ScannedVlan } from "./model.ts";

const RT_TABLE_MAIN = 254;
const RTN_UNICAST = 1;

/** A namespace's devices, with what is needed to find the other ends. */
export interface NetnsContent {
  readonly devices: readonly ScannedDevice[];
  readonly routes: readonly string[];
  readonly settings: Readonly<Record<string, string>>;
  /** ifindex and nsid of what a device is linked to; nsid undefined: this namespace. */
  readonly links: ReadonlyMap<number, { readonly ifindex: number; readonly nsid: number | undefined }>;
  /** Inodes of other namespaces by the ids that this one has given them. */
  readonly nsids: ReadonlyMap<number, number>;
}

/** Errors: Refusal, if no socket can be opened there. */
export function readNetns(
  process: Process,
  netns: NetnsReference,
  others: readonly NetnsReference[],
): NetnsContent {
  const socket = process.system.netlink({ pid: process.pid, cwd: process.cwd, netns }, 0);
  try {
    socket.setOption("extAck", true);
    return { ...new Reader(socket).read(others), settings: readSettings(process, netns) };
  } finally {
    socket.close();
  }
}

/** What decides about packets beside tables. */
const SETTINGS: readonly string[] = [
  "net.ipv4.ip_forward",
  "net.ipv4.conf.all.rp_filter",
  "net.ipv4.icmp_echo_ignore_all",
  "net.ipv6.conf.all.forwarding",
];

function readSettings(process: Process, netns: NetnsReference): Record<string, string> {
  const files = process.system.files({ pid: process.pid, cwd: process.cwd, netns });
  const settings: Record<string, string> = {};
  for (const name of SETTINGS) {
    try {
      const path = `/proc/sys/${name.replaceAll(".", "/")}`;
      settings[name] = new TextDecoder().decode(files.readFile(path)).trim();
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal; // not there: IPv6 may be left out of a kernel
    }
  }
  return settings;
}

/** Address bytes as text. */
export function formatAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) return formatIpv4(readIpv4Address(bytes, 0));
  return bytes.length === 16 ? formatIpv6(readIpv6Address(bytes, 0)) : formatHex(bytes);
}

function formatHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":");
}

function stateName(link: LinkMessage): string {
  const names = Object.entries(OPERSTATE).find(([, value]) => value === link.operstate);
  const flags = link.flags ?? 0;
  if (names !== undefined && link.operstate !== OPERSTATE.UNKNOWN) return names[0];
  return (flags & IFF.UP) === 0 ? "DOWN" : "UNKNOWN";
}

class Reader {
  readonly #socket: NetlinkSocket;
  readonly #client: NetlinkClient;

  constructor(socket: NetlinkSocket) {
    this.#socket = socket;
    this.#client = new NetlinkClient(socket);
  }

  /** A dump that changed while it was read is read again, a few times. What is refused is empty. */
  #dump(type: number, body: Uint8Array): readonly NetlinkMessage[] {
    for (let attempt = 0; ; attempt++) {
      const result = this.#client.dump(type, body);
      if (!result.ok) return [];
      if (!result.interrupted || attempt === 3) return result.messages;
    }
  }

  read(others: readonly NetnsReference[]): Omit<NetnsContent, "settings"> {
    const links = this.#dump(RTM.GETLINK, encodeLink({ extMask: RTEXT_FILTER.SKIP_STATS })).flatMap(
      ({ body }) => {
        const link = decodeLink(body, "outline");
        return isMalformed(link) ? [] : [link];
      },
    );
    const names = new Map(links.map((link) => [link.index, link.ifname ?? ""]));
    const addresses = this.#addresses();
    const bridged = links.some(
      (link) => link.linkinfo?.slaveKind === "bridge" || link.linkinfo?.kind === "bridge",
    );
    const vlans = bridged ? this.#vlans() : new Map<number, ScannedVlan[]>();
    const forwarding = bridged ? this.#forwarding() : new Map<number, ForwardingEntry[]>();
    return {
      devices: links.map((link) => deviceOf(link, { links, names, addresses, vlans, forwarding })),
      routes: this.#routes(names),
      links: new Map(
        links.flatMap((link) =>
          link.link === undefined || (link.link === link.index && link.linkNetnsid === undefined)
            ? []
            : [[link.index, { ifindex: link.link, nsid: link.linkNetnsid }]],
        ),
      ),
      nsids: this.#nsids(others),
    };
  }

  #addresses(): ReadonlyMap<number, readonly string[]> {
    const found = new Map<number, string[]>();
    for (const { body } of this.#dump(RTM.GETADDR, Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0))) {
      const address = decodeAddress(body);
      if (isMalformed(address)) continue;
      const bytes = address.local ?? address.address;
      if (bytes === undefined) continue;
      const list = found.get(address.index) ?? [];
      list.push(`${formatAddress(bytes)}/${address.prefixlen}`);
      found.set(address.index, list);
    }
    return found;
  }

  #vlans(): Map<number, ScannedVlan[]> {
    const request = encodeLink({ family: AF.BRIDGE, extMask: RTEXT_FILTER.BRVLAN_COMPRESSED });
    const found = new Map<number, ScannedVlan[]>();
    for (const { body } of this.#dump(RTM.GETLINK, request)) {
      const link = decodeLink(body);
      if (isMalformed(link)) continue;
      const list: ScannedVlan[] = [];
      let first: number | undefined;
      for (const { vid, flags } of link.bridge?.vlans ?? []) {
        if (flags & BRIDGE_VLAN_INFO.RANGE_BEGIN) {
          first = vid;
          continue;
        }
        list.push({
          vid: first ?? vid,
          ...(first === undefined ? {} : { last: vid }),
          pvid: (flags & BRIDGE_VLAN_INFO.PVID) !== 0,
          untagged: (flags & BRIDGE_VLAN_INFO.UNTAGGED) !== 0,
        });
        first = undefined;
      }
      if (list.length > 0) found.set(link.index, list);
    }
    return found;
  }

  #forwarding(): Map<number, ForwardingEntry[]> {
    const found = new Map<number, ForwardingEntry[]>();
    for (const { body } of this.#dump(RTM.GETNEIGH, encodeNeighbour({ family: AF.BRIDGE }))) {
      const entry = decodeNeighbour(body);
      // Entries of a device's own filter (multicast groups) have no master.
      if (isMalformed(entry) || entry.lladdr === undefined || entry.master === undefined) continue;
      const list = found.get(entry.ifindex) ?? [];
      list.push({
        mac: formatHex(entry.lladdr),
        ...(entry.vlan === undefined ? {} : { vlan: entry.vlan }),
        permanent: (entry.state & (NUD.PERMANENT | NUD.NOARP)) !== 0,
      });
      found.set(entry.ifindex, list);
    }
    return found;
  }

  #routes(names: ReadonlyMap<number, string>): string[] {
    return [AF.INET, AF.INET6].flatMap((family) =>
      this.#dump(RTM.GETROUTE, Uint8Array.of(family, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)).flatMap(({ body }) => {
        const route = decodeRoute(body);
        if (isMalformed(route) || routeTable(route) !== RT_TABLE_MAIN || route.type !== RTN_UNICAST)
          return [];
        const to = route.dst === undefined ? "default" : `${formatAddress(route.dst)}/${route.dstLen}`;
        const hops = route.multipath ?? [{ gateway: route.gateway, ifindex: route.oif }];
        return hops.map(({ gateway, ifindex }) => {
          const via = gateway === undefined ? "" : ` via ${formatAddress(gateway)}`;
          return `${to}${via} dev ${names.get(ifindex ?? 0) ?? "?"}`;
        });
      }),
    );
  }

  /** Asks which id each other namespace has here. */
  #nsids(others: readonly NetnsReference[]): Map<number, number> {
    const found = new Map<number, number>();
    for (const other of others) {
      const fd = this.#socket.netnsDescriptor(other);
      const result = this.#client.request(RTM.GETNSID, 0, encodeNsid({ fd }));
      const [answer] = result.ok ? result.messages : [];
      const decoded = answer === undefined ? undefined : decodeNsid(answer.body);
      if (decoded === undefined || isMalformed(decoded) || decoded.nsid === undefined || decoded.nsid < 0)
        continue;
      found.set(decoded.nsid, other.inode);
    }
    return found;
  }
}

interface Tables {
  readonly links: readonly LinkMessage[];
  readonly names: ReadonlyMap<number, string>;
  readonly addresses: ReadonlyMap<number, readonly string[]>;
  readonly vlans: ReadonlyMap<number, readonly ScannedVlan[]>;
  readonly forwarding: ReadonlyMap<number, readonly ForwardingEntry[]>;
}

function deviceOf(link: LinkMessage, tables: Tables): ScannedDevice {
  const { names, addresses, vlans, forwarding } = tables;
  const master = link.master === undefined ? undefined : names.get(link.master);
  const mac = link.address && link.address.length === 6 ? formatHex(link.address) : undefined;
  const entries = forwarding.get(link.index)?.filter((entry) => entry.mac !== mac);
  const vlan =
    link.linkinfo?.kind === "vlan" && link.linkinfo.data ? decodeVlanData(link.linkinfo.data) : undefined;
  const vlanId = vlan === undefined || isMalformed(vlan) ? undefined : vlan.id;
  const kind = link.linkinfo?.kind ?? ((link.flags & IFF.LOOPBACK) !== 0 ? "loopback" : "device");
  return {
    ifindex: link.index,
    name: link.ifname ?? "",
    kind,
    state: stateName(link),
    mtu: link.mtu ?? 0,
    ...(mac === undefined ? {} : { mac }),
    ...(link.ifalias === undefined ? {} : { alias: link.ifalias }),
    altnames: link.propList?.altIfname ?? [],
    group: link.group ?? 0,
    addresses: addresses.get(link.index) ?? [],
    ...(master === undefined ? {} : { master }),
    ...(vlanId === undefined ? {} : { vlanId }),
    ...(kind === "bridge" ? { bridge: bridgeOf(link, tables) } : {}),
    ...(vlans.has(link.index) ? { vlans: vlans.get(link.index) ?? [] } : {}),
    ...(entries && entries.length > 0 ? { forwarding: entries } : {}),
  };
}

function bridgeOf(link: LinkMessage, { links }: Tables): NonNullable<ScannedDevice["bridge"]> {
  const decoded = link.linkinfo?.data === undefined ? undefined : decodeBridgeData(link.linkinfo.data);
  const data = decoded === undefined || isMalformed(decoded) ? {} : decoded;
  return {
    vlanFiltering: (data.vlanFiltering ?? 0) !== 0,
    stp: (data.stpState ?? 0) !== 0,
    ports: links.filter((each) => each.master === link.index).map((each) => each.ifname ?? ""),
  };
}

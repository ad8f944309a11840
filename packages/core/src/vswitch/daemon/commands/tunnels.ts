// Commands about tunnels: ofproto/list-tunnels, and tnl/* and ovs/route/*, which are about tunnels that the switch itself wraps
// (datapath type netdev; ofproto/tunnel.c, lib/ovs-router.c, lib/tnl-ports.c, lib/tnl-neigh-cache.c).

import { IPV6_ANY, ipv6InPrefix, ipv6Network, isV4MappedIpv6 } from "../../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../../wire/ipv6-address.ts";
import { atoi } from "../../../ovsproto/openflow/c-numbers.ts";
import { formatMac, parseMac } from "../../../wire/mac.ts";
import type { DummyNetdev } from "../../dummy/dummy-netdev.ts";
import { PROTOCOL_GRE, PROTOCOL_UDP, tunnelProtocol } from "../../../ovsproto/datapath/tunnel-header.ts";
import type { Backer } from "../../ofproto/backer.ts";
import { inTableOrder } from "../../ofproto/tunnel-order.ts";
import { formatMapped, parseMapped, parsePrefix } from "../../native-tunnels/mapped-address.ts";
import type { NativeTunnels } from "../../native-tunnels/native-tunnels.ts";
import type { SwitchDaemon } from "../switchd.ts";
import { CommandError } from "../unixctl.ts";
import type { UnixctlServer } from "../unixctl.ts";

/** NEIGH_ENTRY_MAX_AGING_TIME_S, seconds. */
const MAX_AGING = 3600;

export function registerTunnelCommands(server: UnixctlServer, daemon: SwitchDaemon): void {
  const { nativeTunnels } = daemon;
  server.register("ofproto/list-tunnels", "", 0, 0, () =>
    inTableOrder([...daemon.backers.values()].flatMap(({ tunnels }) => [...tunnels.all()]))
      .map(({ description }) => `${description}\n`)
      .join(""),
  );
  server.register("tnl/ports/show", "-v", 0, 1, ([option]) =>
    option === undefined ? listPorts(daemon) : listPortFlows(daemon),
  );
  registerNeighbourCommands(server, daemon);
  registerRouteCommands(server, daemon);
  server.register("tnl/egress_port_range", "min max", 0, 2, (args) => portRange(nativeTunnels, args));
}

// ---- ports

function userspaceBackers(daemon: SwitchDaemon): Backer[] {
  return [...daemon.backers.values()].filter(({ datapath }) => datapath.kind !== "kernel");
}

interface ListeningPort {
  readonly name: string;
  readonly number: number;
  readonly users: number;
  readonly udpPort: number;
  readonly protocol: number;
  /** Place of the first of its tunnels among all. */
  readonly first: number;
}

/** The oldest first. */
function listeningPorts(daemon: SwitchDaemon): ListeningPort[] {
  return userspaceBackers(daemon)
    .flatMap(({ datapath, tunnels }) =>
      datapath.ports.flatMap((port) => {
        const all = tunnels.all();
        const users = all.filter(({ datapathPort }) => datapathPort === port?.number);
        const [user] = users;
        if (!port || !user) return [];
        const { name, number, type, udpPort = 0 } = port;
        const protocol = tunnelProtocol(type, udpPort);
        if (protocol === undefined) return [];
        return [{ name, number, users: users.length, udpPort, protocol, first: all.indexOf(user) }];
      }),
    )
    .sort((a, b) => a.first - b.first);
}

function listPorts(daemon: SwitchDaemon): string {
  const lines = listeningPorts(daemon).map(
    ({ name, number, users }) => `${name} (${number}) ref_cnt=${users}\n`,
  );
  return `Listening ports:\n${lines.join("")}`;
}

/** The packets that are taken for a tunnel's. */
function listPortFlows(daemon: SwitchDaemon): string {
  let text = "Listening ports:\n";
  const { dummies } = daemon.host;
  for (const { name, number, udpPort, protocol } of listeningPorts(daemon)) {
    for (const device of daemon.nativeTunnels.devices) {
      const netdev = dummies?.named(device);
      for (const { address } of netdev?.addresses ?? []) {
        const version = isV4MappedIpv6(address) ? "eth_type(0x0800),ipv4" : "eth_type(0x86dd),ipv6";
        const transport = protocol === PROTOCOL_UDP ? "udp" : "tcp";
        const ports = protocol === PROTOCOL_GRE ? "" : `,${transport}(dst=${udpPort})`;
        text +=
          `${name} (${number}) : eth(dst=${formatMac(netdev?.device.address ?? 0)}),${version}` +
          `(dst=${formatMapped(address)},proto=${protocol},frag=no)${ports}\n`;
      }
    }
  }
  return text;
}

/** One number alone changes nothing; what is wrong is an answer, not an error. */
function portRange({ sourcePorts }: NativeTunnels, args: readonly string[]): string {
  const [first, second] = args;
  const show = (least: number, most: number) => `Tunnel UDP source port range: ${least}-${most}\n`;
  if (first === undefined || second === undefined) return show(sourcePorts.least, sourcePorts.most);
  const port = (text: string) => {
    const value = Number(text);
    return Number.isInteger(value) && value > 0 && value <= 0xffff ? value : undefined;
  };
  const ends = [port(first), port(second)] as const;
  if (ends[0] === undefined) return "Invalid min.";
  if (ends[1] === undefined) return "Invalid max.";
  sourcePorts.least = Math.min(ends[0], ends[1]);
  sourcePorts.most = Math.max(ends[0], ends[1]);
  return "OK";
}

// ---- neighbours

function registerNeighbourCommands(server: UnixctlServer, daemon: SwitchDaemon): void {
  const { neighbours } = daemon.nativeTunnels;
  for (const table of ["arp", "neigh"]) {
    server.register(`tnl/${table}/show`, "", 0, 0, () => neighbours.show());
    server.register(`tnl/${table}/set`, "BRIDGE IP MAC", 3, 3, ([bridge = "", ip = "", mac = ""]) => {
      const address = parseMapped(ip);
      if (address === undefined) {
        daemon.host.vlog.log("socket_util", "err", `"${ip}" is not a valid IP address`);
        throw new CommandError("bad IP address");
      }
      const hardware = parseMac(mac);
      if (hardware === undefined) throw new CommandError("bad MAC address");
      neighbours.set(bridge, address, hardware);
      return "OK";
    });
    server.register(`tnl/${table}/flush`, "", 0, 0, () => {
      neighbours.flush();
      return "OK";
    });
    server.register(`tnl/${table}/aging`, "[SECS]", 0, 1, ([seconds]) => {
      if (seconds === undefined) return String(neighbours.ageing);
      const value = atoi(seconds);
      if (value <= 0 || value > MAX_AGING) throw new CommandError("bad aging value");
      neighbours.ageing = value;
      return "OK";
    });
  }
}

// ---- routes

function registerRouteCommands(server: UnixctlServer, daemon: SwitchDaemon): void {
  const { routes, devices } = daemon.nativeTunnels;
  server.register("ovs/route/add", "ip_addr/prefix_len out_br_name [gw] [pkt_mark=mark]", 2, 4, (args) => {
    const [prefix = "", device = "", ...rest] = args;
    const destination = parsePrefix(prefix);
    if (!destination) throw new CommandError("Invalid parameters");
    let mark = 0;
    let gateway: Ipv6Address = IPV6_ANY;
    for (const [at, word] of rest.entries()) {
      const asMark = markOf(word);
      const asGateway = parseMapped(word);
      if (asMark !== undefined) mark = asMark;
      else if (at > 0) throw new CommandError("Invalid pkt_mark");
      else if (asGateway !== undefined) gateway = asGateway;
      else throw new CommandError("Invalid pkt_mark or gateway");
    }
    const towards = gateway === IPV6_ANY ? destination.address : gateway;
    const source = sourceTowards(daemon.host.dummies?.named(device), towards);
    if (source === undefined) throw new CommandError("Error while inserting route.");
    devices.add(device);
    const { address, length } = destination;
    routes.add({ destination: ipv6Network(address, length), length, mark, device, gateway, source });
    return "OK";
  });
  server.register("ovs/route/show", "", 0, 0, () => routes.show());
  server.register("ovs/route/del", "ip_addr/prefix_len [pkt_mark=mark]", 1, 2, ([prefix = "", word]) => {
    const destination = parsePrefix(prefix);
    if (!destination) throw new CommandError("Invalid parameters");
    const mark = givenMark(word);
    const gone = routes.remove({ destination: destination.address, length: destination.length, mark });
    if (!gone) throw new CommandError("Not found");
    devices.delete(gone.device);
    return "OK";
  });
  server.register("ovs/route/lookup", "ip_addr [pkt_mark=mark]", 1, 2, ([ip = "", word]) => {
    const address = parsePrefix(ip)?.address;
    if (address === undefined) throw new CommandError("Invalid parameters");
    const route = routes.lookup(address, givenMark(word));
    if (!route) throw new CommandError("Not found");
    return `src ${formatMapped(route.source)}\ngateway ${formatMapped(route.gateway)}\ndev ${route.device}\n`;
  });
}

function markOf(word: string): number | undefined {
  const text = /^pkt_mark=(0x[0-9a-f]+|\d+)$/i.exec(word)?.[1];
  return text === undefined ? undefined : Number(text);
}

function givenMark(word: string | undefined): number {
  if (word === undefined) return 0;
  const mark = markOf(word);
  if (mark === undefined) throw new CommandError("Invalid pkt_mark");
  return mark;
}

/** get_src_addr(): the address of the device whose network the other side is in. */
function sourceTowards(netdev: DummyNetdev | undefined, other: Ipv6Address): Ipv6Address | undefined {
  let best: { readonly address: Ipv6Address; readonly length: number } | undefined;
  for (const own of netdev?.addresses ?? []) {
    if (ipv6InPrefix(other, own.address, own.length) && (!best || own.length > best.length)) best = own;
  }
  return best?.address;
}

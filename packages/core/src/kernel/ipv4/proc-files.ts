// /proc/net files of IPv4: arp, route, igmp, snmp, netstat, rt_cache (net/ipv4/proc.c, fib_trie.c, igmp.c, arp.c).

import { RT_TABLE, RTN } from "../../netlink/rtnl/route-constants.ts";
import { NUD } from "../../netlink/rtnl/neighbour.ts";
import { formatIpv4, ipv4PrefixMask } from "../../wire/ipv4-address.ts";
import { formatMac } from "../../wire/mac.ts";
import type { Kernel } from "../kernel.ts";
import type { NeighbourTable } from "../neighbour/table.ts";
import type { NeighbourKey } from "../neighbour/entry.ts";
import { neighbourTables } from "../neighbour/table.ts";
import { NUD_VALID } from "../neighbour/state.ts";
import type { Netns } from "../netns.ts";
import type { FibAlias } from "./fib/table.ts";
import { METRIC } from "./fib/nexthop.ts";
import { igmpVersion } from "./igmp.ts";
import { inetDevice } from "./in-device.ts";
import { ipv4Of } from "./namespace.ts";
import { netstat, snmp } from "./proc-snmp.ts";

/** An address as its bytes in memory make a little-endian number: the form of /proc/net/route. */
function rawHex(address: number): string {
  const swapped =
    ((address & 0xff) << 24) | ((address & 0xff00) << 8) | ((address >>> 8) & 0xff00) | (address >>> 24);
  return (swapped >>> 0).toString(16).toUpperCase().padStart(8, "0");
}

const ATF = { COM: 0x02, PERM: 0x04, PUBL: 0x08 } as const;
const ARP_HEADER = "IP address       HW type     Flags       HW address            Mask     Device\n";

function arpRow(address: number, type: number, flags: number, mac: string, device: string): string {
  const hex = (value: number): string => `0x${value.toString(16).padEnd(10)}`;
  return `${formatIpv4(address).padEnd(16)} ${hex(type)}${hex(flags)}${mac.padEnd(17)}     *        ${device}\n`;
}

function arp(netns: Netns): string {
  const table = ipv4Of(netns).stack.arp;
  let text = ARP_HEADER;
  for (const neighbour of table.entries(netns)) {
    const { state, device, key, address } = neighbour;
    if ((state & ~NUD.NOARP) === 0) continue;
    const flags =
      (state & NUD.PERMANENT) !== 0 ? ATF.PERM | ATF.COM : (state & NUD_VALID) !== 0 ? ATF.COM : 0;
    text += arpRow(key, device.hardwareType, flags, formatMac(address), device.name);
  }
  for (const { key, device } of table.proxies(netns)) {
    text += arpRow(key, device?.hardwareType ?? 0, ATF.PUBL | ATF.PERM, formatMac(0), device?.name ?? "*");
  }
  return text;
}

const RTF = { UP: 0x1, GATEWAY: 0x2, HOST: 0x4, REJECT: 0x200 } as const;
/** Rows are filled up with blanks to this length. */
const ROUTE_WIDTH = 127;
const ROUTE_HEADER = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT";
const METRIC_WINDOW = 3;
const METRIC_RTT = 4;
/** Bytes of IP and TCP headers: what is shown as MTU is the advertised segment size and these. */
const HEADERS = 40;

function routeRow({ prefix, length, type, info }: FibAlias): string {
  const hop = info.nexthop;
  const mask = ipv4PrefixMask(length);
  const reject = type === RTN.UNREACHABLE || type === RTN.PROHIBIT;
  const flags =
    RTF.UP |
    (reject ? RTF.REJECT : 0) |
    (hop.gateway === 0 ? 0 : RTF.GATEWAY) |
    (mask === 0xffff_ffff ? RTF.HOST : 0);
  const mss = info.metric(METRIC.ADVMSS);
  return [
    hop.device?.name ?? "*",
    rawHex(prefix),
    rawHex(hop.gateway),
    flags.toString(16).toUpperCase().padStart(4, "0"),
    0,
    0,
    info.priority,
    rawHex(mask),
    mss === 0 ? 0 : mss + HEADERS,
    info.metric(METRIC_WINDOW),
    info.metric(METRIC_RTT) >>> 3,
  ].join("\t");
}

function route(netns: Netns): string {
  const main = ipv4Of(netns).fib.get(RT_TABLE.MAIN)?.all() ?? [];
  const shown = main.filter(({ type }) => type !== RTN.BROADCAST && type !== RTN.MULTICAST);
  return [ROUTE_HEADER, ...shown.map(routeRow)].map((row) => `${row.padEnd(ROUTE_WIDTH)}\n`).join("");
}

function igmp(netns: Netns): string {
  let text = "Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n";
  for (const device of netns.devicesInDumpOrder()) {
    const inDevice = inetDevice.of(device);
    if (inDevice === undefined || inDevice.groups.length === 0) continue;
    const count = String(inDevice.groups.length).padStart(5);
    text += `${device.ifindex}\t${device.name.padEnd(10)}: ${count} ${`V${igmpVersion(inDevice)}`.padStart(7)}\n`;
    for (const { group, users, timer, expires, reporter } of inDevice.groups) {
      const left =
        timer === undefined ? 0 : Math.max(0, Math.floor((expires - device.kernel.clock.now) / 1e7));
      const timing = `${timer === undefined ? 0 : 1}:${left.toString(16).toUpperCase().padStart(8, "0")}`;
      text += `\t\t\t\t${rawHex(group)} ${String(users).padStart(5)} ${timing}\t\t${reporter ? 1 : 0}\n`;
    }
  }
  return text;
}

const NEIGHBOUR_STATISTICS =
  "entries  allocs   destroys hash_grows lookups  hits     res_failed " +
  "rcv_probes_mcast rcv_probes_ucast periodic_gc_runs forced_gc_runs unresolved_discards table_fulls\n";

/** One row a CPU; everything happens on the first. */
function neighbourStatistics(table: NeighbourTable<NeighbourKey>): string {
  const { statistics } = table;
  const hex = (value: number): string => value.toString(16).padStart(8, "0");
  const row = (of: (key: keyof typeof statistics) => number): string =>
    `${hex(table.entryCount)} ${hex(of("allocs"))} ${hex(of("destroys"))} ${hex(of("hashGrows"))}   ` +
    `${hex(of("lookups"))} ${hex(of("hits"))} ${hex(of("failedResolutions"))}   ` +
    `${hex(of("receivedMulticastProbes"))}         ${hex(of("receivedUnicastProbes"))}         ` +
    `${hex(of("periodicGcRuns"))}         ${hex(of("forcedGcRuns"))}       ` +
    `${hex(of("unresolvedDiscards"))}            ${hex(of("tableFulls"))}\n`;
  const others = Math.max(0, table.kernel.profile.cpus - 1);
  return NEIGHBOUR_STATISTICS + row((key) => statistics[key]) + row(() => 0).repeat(others);
}

const MULTICAST_FILTER = "Idx Device        MCA        SRC    INC    EXC\n";
const ROUTE_CACHE =
  "Iface\tDestination\tGateway \tFlags\t\tRefCnt\tUse\tMetric\tSource\t\tMTU\tWindow\tIRTT\tTOS\tHHRef\tHHUptod\tSpecDst";

export function installIpv4Files(kernel: Kernel): void {
  const files = kernel.procNet;
  files.set("arp", arp);
  files.set("route", route);
  files.set("igmp", igmp);
  files.set("mcfilter", () => MULTICAST_FILTER);
  files.set("rt_cache", () => `${ROUTE_CACHE.padEnd(ROUTE_WIDTH)}\n`);
  files.set("snmp", snmp);
  files.set("netstat", netstat);
  kernel.procNetDirectories.set("stat", {
    names: (netns) =>
      netns === kernel.init ? neighbourTables(kernel).map((table) => table.operations.name) : [],
    read(_netns, name) {
      const table = neighbourTables(kernel).find(({ operations }) => operations.name === name);
      return table === undefined ? "" : neighbourStatistics(table);
    },
  });
}

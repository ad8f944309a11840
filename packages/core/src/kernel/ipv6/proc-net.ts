// IPv6 under /proc/net: if_inet6, igmp6, anycast6, ipv6_route, rt6_stats, snmp6, dev_snmp6/NAME.

import { ipv6ToBytes } from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import { IPV6_ANY } from "../../wire/ipv6-address.ts";
import type { Kernel } from "../kernel.ts";
import type { Netns } from "../netns.ts";
import { allRoutes } from "./fib-change.ts";
import type { Fib6Route } from "./fib-route.ts";
import { inet6Device, inet6Netns } from "./interface.ts";
import type { Inet6Device } from "./interface.ts";
import { snmpLines } from "./mib.ts";
import { nullRoute } from "./route-lookup.ts";

const hex = (value: number, digits: number): string => (value >>> 0).toString(16).padStart(digits, "0");

function addressHex(address: Ipv6Address): string {
  return [...ipv6ToBytes(address)].map((byte) => hex(byte, 2)).join("");
}

function owners(netns: Netns): Inet6Device[] {
  return [...netns.devices.values()].flatMap((device) => inet6Device.of(device) ?? []);
}

/** Linux lists the addresses by hash; here they come device by device. */
function interfaceAddresses(netns: Netns): string {
  let text = "";
  for (const { addresses, device } of owners(netns)) {
    for (const { address, prefixLength, scope, flags } of addresses) {
      const index = hex(device.ifindex, 2);
      const name = device.name.padStart(8);
      text += `${addressHex(address)} ${index} ${hex(prefixLength, 2)} ${hex(scope, 2)} ${hex(flags & 0xff, 2)} ${name}\n`;
    }
  }
  return text;
}

/** MAF_*: bits of a membership's flags column. */
const MEMBERSHIP_FLAG = { TIMER_RUNNING: 1, LAST_REPORTER: 2, LOADED: 4, NOREPORT: 8 } as const;
/** Clock ticks that user space sees. */
const TICK = 10_000_000;

function memberships(netns: Netns): string {
  let text = "";
  for (const { device, multicast } of owners(netns)) {
    for (const group of multicast.groups) {
      const flags =
        (group.reportTimer === undefined ? 0 : MEMBERSHIP_FLAG.TIMER_RUNNING) |
        (group.lastReporter ? MEMBERSHIP_FLAG.LAST_REPORTER : 0) |
        (group.loaded ? MEMBERSHIP_FLAG.LOADED : 0) |
        (group.unreported ? MEMBERSHIP_FLAG.NOREPORT : 0);
      const left = group.reportTimer === undefined ? 0 : group.reportAt - device.kernel.clock.now;
      const name = device.name.padEnd(15);
      const index = String(device.ifindex).padEnd(4);
      const users = String(group.users).padStart(5);
      const ticks = Math.max(0, Math.floor(left / TICK));
      text += `${index} ${name} ${addressHex(group.group)} ${users} ${hex(flags, 8).toUpperCase()} ${ticks}\n`;
    }
  }
  return text;
}

function anycasts(netns: Netns): string {
  let text = "";
  for (const owner of owners(netns)) {
    for (const { address, users } of owner.anycasts) {
      const { name, ifindex } = owner.device;
      text += `${String(ifindex).padEnd(4)} ${name.padEnd(15)} ${addressHex(address)} ${String(users).padStart(5)}\n`;
    }
  }
  return text;
}

/** References that the kernel counts on every route that is in a table. */
const REFERENCES = 1;

function routeLine(route: Fib6Route): string {
  const { destination, prefixLength, source, sourceLength, gateway, metric, device } = route;
  const flags = route.flags | (route.preference << 27) | (gateway === undefined ? 0 : 2);
  return (
    `${addressHex(destination)} ${hex(prefixLength, 2)} ${addressHex(source)} ${hex(sourceLength, 2)} ` +
    `${addressHex(gateway ?? IPV6_ANY)} ${hex(metric, 8)} ${hex(REFERENCES, 8)} ${hex(0, 8)} ${hex(flags, 8)} ` +
    `${device.name.padStart(8)}\n`
  );
}

/** Each table ends with the entry that answers "unreachable". */
function routes(netns: Netns): string {
  const namespace = inet6Netns.require(netns);
  const end = routeLine(nullRoute(namespace));
  let text = "";
  for (const table of namespace.tables.all()) {
    for (const route of table.routes()) text += routeLine(route);
    text += end;
  }
  return text;
}

/** Nodes, nodes with routes, ever allocated, entries, cached, discarded, collections. */
function routeStatistics(netns: Netns): string {
  const namespace = inet6Netns.require(netns);
  let entries = 0;
  for (const _route of allRoutes(namespace)) entries++;
  let nodes = 0;
  for (const table of namespace.tables.all()) nodes += table.nodesInOrder().length;
  const figures = [nodes + 1, nodes, 0, entries, 0, 0, 0];
  return `${figures.map((figure) => hex(figure, 4)).join(" ")}\n`;
}

function counters(netns: Netns): string {
  const { mib, kernel } = inet6Netns.require(netns);
  return snmpLines(mib, kernel.profile.name);
}

function deviceCounters(netns: Netns, name: string): string {
  const device = netns.device(name);
  const owner = device && inet6Device.of(device);
  if (!owner) return "";
  const index = `${"ifIndex".padEnd(32)}\t${owner.device.ifindex}\n`;
  return index + snmpLines(owner.mib, netns.kernel.profile.name);
}

export function installProcNet(kernel: Kernel): void {
  kernel.procNet.set("if_inet6", interfaceAddresses);
  kernel.procNet.set("igmp6", memberships);
  kernel.procNet.set("anycast6", anycasts);
  kernel.procNet.set("ipv6_route", routes);
  kernel.procNet.set("rt6_stats", routeStatistics);
  const others = kernel.procNet.get("snmp6");
  kernel.procNet.set("snmp6", (netns) => counters(netns) + (others?.(netns) ?? ""));
  kernel.procNetDirectories.set("dev_snmp6", {
    names: (netns) => owners(netns).map(({ device }) => device.name),
    read: deviceCounters,
  });
}

// What `ifconfig` prints of an interface: flags, addresses and counters.

import { IFF } from "../../netlink/rtnl/link-constants.ts";
import { readS32Host, readU16Host } from "../../netlink/host-bytes.ts";
import type { Process } from "../../system/process.ts";
import { readU32BE } from "../../wire/bytes.ts";
import { formatIpv4 } from "../../wire/ipv4-address.ts";
import { formatMac, readMac } from "../../wire/mac.ts";
import { deviceStatistics, interfaceFlags, interfaceMtu, interfaceRequest } from "./interface-table.ts";
import { procRows } from "./names.ts";
import { ipv6Text } from "./routing-tables.ts";

const SIOC = {
  GIFADDR: 0x8915,
  GIFDSTADDR: 0x8917,
  GIFBRDADDR: 0x8919,
  GIFNETMASK: 0x891b,
  GIFHWADDR: 0x8927,
  GIFTXQLEN: 0x8942,
} as const;

/** Where the union of struct ifreq starts, and the address of a struct sockaddr_in in it. */
const UNION = 16;
const INET_ADDRESS = 20;
const HARDWARE_ADDRESS = 18;

const ARPHRD_ETHER = 1;

/** ARPHRD_* to short name and title. Types without an address are shown without one. */
const HARDWARE: ReadonlyMap<number, readonly [name: string, title: string]> = new Map([
  [ARPHRD_ETHER, ["ether", "Ethernet"]],
  [512, ["ppp", "Point-to-Point Protocol"]],
  [768, ["tunnel", "IPIP Tunnel"]],
  [772, ["loop", "Local Loopback"]],
  [776, ["sit", "IPv6-in-IPv4"]],
]);
const UNSPECIFIED = ["unspec", "UNSPEC"] as const;

const FLAG_NAMES: readonly (readonly [flag: number, name: string])[] = [
  [IFF.UP, "UP"],
  [IFF.BROADCAST, "BROADCAST"],
  [IFF.DEBUG, "DEBUG"],
  [IFF.LOOPBACK, "LOOPBACK"],
  [IFF.POINTOPOINT, "POINTOPOINT"],
  [IFF.NOTRAILERS, "NOTRAILERS"],
  [IFF.RUNNING, "RUNNING"],
  [IFF.NOARP, "NOARP"],
  [IFF.PROMISC, "PROMISC"],
  [IFF.ALLMULTI, "ALLMULTI"],
  [IFF.SLAVE, "SLAVE"],
  [IFF.MASTER, "MASTER"],
  [IFF.MULTICAST, "MULTICAST"],
  [IFF.DYNAMIC, "DYNAMIC"],
];

/** Scope of /proc/net/if_inet6 as ifconfig names its bits. */
const SCOPES: readonly (readonly [bits: number, name: string])[] = [
  [0x00, "global"],
  [0x10, "host"],
  [0x20, "link"],
  [0x40, "site"],
  [0x80, "compat"],
];

function inetAddress(process: Process, request: number, name: string): string | undefined {
  const data = interfaceRequest(process, request, name);
  return typeof data === "number" ? undefined : formatIpv4(readU32BE(data, INET_ADDRESS));
}

function inetLine(process: Process, name: string, flags: number): string {
  const address = inetAddress(process, SIOC.GIFADDR, name);
  if (address === undefined) return "";
  let line = `        inet ${address}  netmask ${inetAddress(process, SIOC.GIFNETMASK, name) ?? "0.0.0.0"}`;
  if ((flags & IFF.BROADCAST) !== 0) {
    line += `  broadcast ${inetAddress(process, SIOC.GIFBRDADDR, name) ?? "0.0.0.0"}`;
  }
  if ((flags & IFF.POINTOPOINT) !== 0) {
    line += `  destination ${inetAddress(process, SIOC.GIFDSTADDR, name) ?? "0.0.0.0"}`;
  }
  return `${line}\n`;
}

function inet6Lines(process: Process, name: string): string {
  let lines = "";
  for (const row of procRows(process, "if_inet6", 0) ?? []) {
    const [digits = "", , length = "0", scopeText = "0", , device = ""] = row;
    if (device !== name) continue;
    const scope = Number.parseInt(scopeText, 16);
    const scopeName = SCOPES.find(([bits]) => bits === (scope & 0xf0))?.[1] ?? "unknown";
    lines +=
      `        inet6 ${ipv6Text(digits)}  prefixlen ${Number.parseInt(length, 16)}  ` +
      `scopeid 0x${scope.toString(16)}<${scopeName}>\n`;
  }
  return lines;
}

function hardwareLine(process: Process, name: string): string {
  const data = interfaceRequest(process, SIOC.GIFHWADDR, name);
  const type = typeof data === "number" ? -1 : readU16Host(data, UNION);
  const [short, title] = HARDWARE.get(type) ?? UNSPECIFIED;
  const address =
    typeof data !== "number" && type === ARPHRD_ETHER ? ` ${formatMac(readMac(data, HARDWARE_ADDRESS))}` : "";
  const queue = interfaceRequest(process, SIOC.GIFTXQLEN, name);
  const length = typeof queue === "number" ? -1 : readS32Host(queue, UNION);
  return `        ${short}${address}  ${length >= 0 ? `txqueuelen ${length}  ` : ""}(${title})\n`;
}

/** Bytes with a unit of 1024; one decimal, cut off. */
function humanBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
  let unit = 0;
  let size = bytes;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${(Math.floor(size * 10) / 10).toFixed(1)} ${units[unit]}`;
}

function counters(numbers: readonly number[]): string {
  const n = (at: number): number => numbers[at] ?? 0;
  const pad = " ".repeat(8);
  const compressed = (at: number): string => (n(at) === 0 ? "" : `${pad}compressed ${n(at)}\n`);
  return (
    `${pad}RX packets ${n(1)}  bytes ${n(0)} (${humanBytes(n(0))})\n` +
    compressed(6) +
    `${pad}RX errors ${n(2)}  dropped ${n(3)}  overruns ${n(4)}  frame ${n(5)}\n` +
    `${pad}TX packets ${n(9)}  bytes ${n(8)} (${humanBytes(n(8))})\n` +
    compressed(15) +
    `${pad}TX errors ${n(10)}  dropped ${n(11)} overruns ${n(12)}  carrier ${n(14)}  collisions ${n(13)}\n`
  );
}

/** Everything about one interface or alias; undefined if there is none of that name. */
export function interfaceText(process: Process, name: string): string | undefined {
  const flags = interfaceFlags(process, name);
  if (flags === undefined) return undefined;
  const names = FLAG_NAMES.filter(([flag]) => (flags & flag) !== 0).map(([, text]) => text);
  const statistics = deviceStatistics(process).find((device) => device.name === name);
  return (
    `${name}: flags=${flags}<${names.join(",")}>  mtu ${interfaceMtu(process, name)}\n` +
    inetLine(process, name, flags) +
    inet6Lines(process, name) +
    hardwareLine(process, name) +
    (statistics === undefined ? "" : counters(statistics.numbers)) +
    "\n"
  );
}

// Names of services and protocols as ss prints and reads them.

import type { Process } from "../../system/process.ts";
import { protocolName, readText, serviceName } from "../resolver/databases.ts";

/** Ports that the kernel gives away, which have no names. */
export function ephemeralPorts(process: Process): readonly [number, number] {
  const [first = Number.NaN, last = Number.NaN] = (
    readText(process, "/proc/sys/net/ipv4/ip_local_port_range") ?? ""
  )
    .trim()
    .split(/\s+/)
    .map(Number);
  return Number.isNaN(first) || Number.isNaN(last) ? [1024, 4999] : [first, last];
}

/** A port's name, or its number; `*` for none. */
export function portText(process: Process, port: number, transport: string, numeric: boolean): string {
  if (port === 0) return "*";
  if (numeric) return String(port);
  if (transport === "raw") return protocolName(process, port) ?? `ipproto-${port}`;
  const [first, last] = ephemeralPorts(process);
  if (port >= first && port <= last) return String(port);
  return serviceName(process, port, transport) ?? String(port);
}

const NETLINK_PROTOCOLS: Readonly<Record<number, string>> = {
  0: "rtnl",
  1: "unused",
  2: "usersock",
  3: "fw",
  4: "tcpdiag",
  5: "nflog",
  6: "xfrm",
  7: "selinux",
  8: "iscsi",
  9: "audit",
  10: "fiblookup",
  11: "connector",
  12: "nft",
  13: "ip6fw",
  14: "dec-rt",
  15: "uevent",
  16: "genl",
  18: "scsi-trans",
  19: "ecryptfs",
};

export function netlinkProtocolName(number: number): string {
  return NETLINK_PROTOCOLS[number] ?? String(number);
}

export function netlinkProtocolNumber(text: string): number | undefined {
  const found = Object.entries(NETLINK_PROTOCOLS).find(([, name]) => name === text);
  if (found) return Number(found[0]);
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

const ETHERTYPE_NAMES: Readonly<Record<number, string>> = {
  0x0001: "802.3",
  0x0800: "ip",
  0x0806: "arp",
  0x86dd: "ipv6",
  0x8100: "802.1Q",
  0x8847: "mpls_uc",
  0x8848: "mpls_mc",
  0x8863: "ppp_disc",
  0x8864: "ppp_ses",
  0x888e: "802.1X",
  0x88a8: "802.1ad",
  0x88cc: "LLDP",
};

/** ll_proto_n2a(), with ETH_P_ALL as `*`. */
export function etherTypeText(protocol: number): string {
  if (protocol === 3) return "*";
  return ETHERTYPE_NAMES[protocol] ?? `[${protocol}]`;
}

/** ll_proto_a2n(): names in any case, and a few more. */
export function etherTypeNumber(text: string): number | undefined {
  const name = text.toLowerCase();
  if (name === "all") return 3;
  if (name === "ipv4") return 0x0800;
  const found = Object.entries(ETHERTYPE_NAMES).find(([, each]) => each.toLowerCase() === name);
  return found && Number(found[0]);
}

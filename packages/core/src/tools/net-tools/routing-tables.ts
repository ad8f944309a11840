// The routing tables that `route` and `netstat -r` print, from /proc/net/route and /proc/net/ipv6_route.

import type { Process } from "../../system/process.ts";
import { formatIpv4 } from "../../wire/ipv4-address.ts";
import { formatIpv6, readIpv6Address } from "../../wire/ipv6-address.ts";
import { destinationText, procRows } from "./names.ts";

/** Columns: those of `route`, those of `netstat -r`, or both (`-ee`). */
export type Columns = "route" | "netstat" | "both";

/** RTF_* of linux/route.h */
const RTF = {
  UP: 0x1,
  GATEWAY: 0x2,
  HOST: 0x4,
  REINSTATE: 0x8,
  DYNAMIC: 0x10,
  MODIFIED: 0x20,
  REJECT: 0x200,
};

const HEADINGS: Readonly<Record<Columns, string>> = {
  route: "Flags Metric Ref    Use Iface",
  netstat: "Flags   MSS Window  irtt Iface",
  both: "Flags Metric Ref    Use Iface    MSS   Window irtt",
};

/** A number as /proc/net/route has it: the bytes of the address in the order of memory, here little-endian. */
function address(text: string): number {
  const value = Number.parseInt(text, 16);
  return (((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0;
}

function flagLetters(flags: number): string {
  let text = (flags & RTF.REJECT) !== 0 ? "!" : "U";
  if ((flags & RTF.GATEWAY) !== 0) text += "G";
  if ((flags & RTF.HOST) !== 0) text += "H";
  if ((flags & RTF.REINSTATE) !== 0) text += "R";
  if ((flags & RTF.DYNAMIC) !== 0) text += "D";
  if ((flags & RTF.MODIFIED) !== 0) text += "M";
  return text;
}

function ipv4Row(process: Process, row: readonly string[], columns: Columns, numeric: boolean): string {
  const [
    iface = "",
    to = "0",
    via = "0",
    flagText = "0",
    ref = "0",
    use = "0",
    metric = "0",
    maskText = "0",
  ] = row;
  const [mtu = "0", window = "0", irtt = "0"] = row.slice(8);
  const destination = address(to);
  const mask = address(maskText);
  const flags = Number.parseInt(flagText, 16);
  const rejected = (flags & RTF.REJECT) !== 0;
  const gateway = address(via);
  const known = (value: string): string => (rejected ? "-" : value);
  const gatewayText =
    numeric || gateway === 0 ? formatIpv4(gateway) : destinationText(process, gateway, 0xffffffff);
  const start = [
    (numeric ? formatIpv4(destination) : destinationText(process, destination, mask)).padEnd(15),
    known(gatewayText).padEnd(15),
    formatIpv4(mask).padEnd(15),
    flagLetters(flags).padEnd(5),
  ].join(" ");
  if (columns === "netstat") {
    return `${start} ${known(mtu).padStart(5)} ${known(window).padEnd(5)} ${known(irtt).padStart(6)} ${known(iface)}\n`;
  }
  const middle = `${start} ${metric.padEnd(6)} ${known(ref).padEnd(2)} ${use.padStart(7)}`;
  if (columns === "route") return `${middle} ${known(iface)}\n`;
  return `${middle} ${known(iface).padEnd(8)} ${known(mtu).padEnd(5)} ${known(window).padEnd(6)} ${known(irtt)}\n`;
}

/** Prints the IPv4 table; the exit code. */
export function printIpv4Routes(process: Process, columns: Columns, numeric: boolean): number {
  const rows = procRows(process, "route");
  process.print(
    `Kernel IP routing table\nDestination     Gateway         Genmask         ${HEADINGS[columns]}\n`,
  );
  for (const row of rows ?? []) process.print(ipv4Row(process, row, columns, numeric));
  return 0;
}

/** The route cache left IPv4 with Linux 3.6: there is only its heading. */
export function printIpv4Cache(process: Process, columns: Columns): number {
  process.print(
    `Kernel IP routing cache\nSource          Destination     Gateway         ${HEADINGS[columns]}\n`,
  );
  return 0;
}

/** Letters of RTF_* of linux/ipv6_route.h behind U or !. */
const IPV6_FLAGS: readonly (readonly [flag: number, letter: string])[] = [
  [RTF.GATEWAY, "G"],
  [RTF.HOST, "H"],
  [0x0001_0000 /* RTF_DEFAULT */, "D"],
  [0x0004_0000 /* RTF_ADDRCONF */, "A"],
  [0x0100_0000 /* RTF_CACHE */, "C"],
  [0x0002_0000 /* RTF_ALLONLINK */, "a"],
  [0x0040_0000 /* RTF_EXPIRES */, "e"],
  [RTF.MODIFIED, "m"],
  [0x0020_0000 /* RTF_NONEXTHOP */, "n"],
  [0x0200_0000 /* RTF_FLOW */, "f"],
];

/** 32 hexadecimal digits as an address. */
export function ipv6Text(digits: string): string {
  const bytes = Uint8Array.from({ length: 16 }, (_, at) =>
    Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16),
  );
  return formatIpv6(readIpv6Address(bytes, 0));
}

/** Prints the IPv6 table; the exit code. */
export function printIpv6Routes(process: Process, numeric: boolean): number {
  process.print(
    "Kernel IPv6 routing table\n" +
      `${"Destination".padEnd(30)} ${"Next Hop".padEnd(26)} Flag Met Ref  Use If\n`,
  );
  for (const row of procRows(process, "ipv6_route", 0) ?? []) {
    const [
      to = "",
      length = "0",
      ,
      ,
      via = "",
      metric = "0",
      ref = "0",
      use = "0",
      flagText = "0",
      iface = "",
    ] = row;
    const flags = Number.parseInt(flagText, 16);
    const letters =
      ((flags & RTF.REJECT) !== 0 ? "!" : "U") +
      IPV6_FLAGS.map(([flag, letter]) => ((flags & flag) !== 0 ? letter : "")).join("");
    const any = (text: string): string => (numeric || text !== "::" ? text : "[::]");
    const destination = `${any(ipv6Text(to))}/${Number.parseInt(length, 16)}`;
    const number = (text: string): string => String(Number.parseInt(text, 16) | 0);
    process.print(
      `${destination.padEnd(30)} ${any(ipv6Text(via)).padEnd(26)} ${letters.padEnd(4)} ` +
        `${number(metric).padEnd(3)} ${number(ref).padEnd(3)}${number(use).padStart(5)} ${iface}\n`,
    );
  }
  return 0;
}

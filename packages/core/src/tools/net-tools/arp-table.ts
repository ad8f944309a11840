// Rows of /proc/net/arp as arp prints them: in columns, or the way of BSD.

import type { Process } from "../../system/process.ts";
import { parseIpv4 } from "../../wire/ipv4-address.ts";
import { findAddress, hostText, procRows } from "./names.ts";

/** ATF_* of linux/if_arp.h */
export const ATF = {
  COM: 0x02,
  PERM: 0x04,
  PUBL: 0x08,
  USETRAILERS: 0x10,
  NETMASK: 0x20,
  DONTPUB: 0x40,
} as const;

/** Names of hardware with ARP by ARPHRD_*; others are shown as Ethernet. */
const HARDWARE: ReadonlyMap<number, string> = new Map([
  [1, "ether"],
  [3, "ax25"],
  [0, "netrom"],
  [270, "rose"],
  [7, "arcnet"],
  [15, "dlci"],
  [774, "fddi"],
  [780, "hippi"],
  [64, "ash"],
  [783, "irda"],
  [271, "x25"],
  [27, "eui64"],
]);

/** ARPHRD_* of a name; undefined if arp does not know it. */
export function hardwareNumber(name: string): number | undefined {
  for (const [number, known] of HARDWARE) if (known === name) return number;
  return undefined;
}

/** What `arp` was asked to show. */
export interface ArpFilter {
  /** A host as it was given; empty for all. */
  readonly host: string;
  readonly device: string;
  readonly hardware: string | undefined;
  readonly bsd: boolean;
  readonly numeric: boolean;
  readonly verbose: boolean;
}

interface Row {
  readonly address: string;
  readonly hardware: string;
  readonly flags: number;
  readonly mac: string;
  readonly mask: string;
  readonly device: string;
}

function name(process: Process, address: string, numeric: boolean): string {
  const number = parseIpv4(address);
  return numeric || number === undefined ? address : hostText(process, number);
}

function column(row: Row, host: string): string {
  const { flags } = row;
  const incomplete =
    (flags & ATF.PUBL) !== 0
      ? `${"*".padEnd(8)}${"<from_interface>".padEnd(20)}`
      : `${"".padEnd(8)}${"(incomplete)".padEnd(20)}`;
  const address =
    (flags & ATF.COM) === 0
      ? incomplete
      : `${row.hardware.slice(0, 8).padEnd(8)}${row.mac.slice(0, 20).padEnd(20)}`;
  const letters =
    ((flags & ATF.COM) !== 0 ? "C" : "") +
    ((flags & ATF.PERM) !== 0 ? "M" : "") +
    ((flags & ATF.PUBL) !== 0 ? "P" : "") +
    ((flags & ATF.NETMASK) !== 0 ? "!" : "") +
    ((flags & ATF.USETRAILERS) !== 0 ? "T" : "");
  const mask = (flags & ATF.NETMASK) !== 0 ? row.mask : "";
  return `${host.slice(0, 23).padEnd(23)}  ${address}${letters.padEnd(6)}${mask.padEnd(15)} ${row.device}\n`;
}

function bsdRow(row: Row, host: string): string {
  const { flags } = row;
  const complete = `${row.mac} [${row.hardware}]`;
  const missing = (flags & ATF.PUBL) !== 0 ? "<from_interface>" : "<incomplete>";
  return (
    `${host === row.address ? "?" : host} (${row.address}) at ` +
    `${(flags & ATF.COM) !== 0 ? complete : missing} ` +
    ((flags & ATF.NETMASK) !== 0 ? `netmask ${row.mask} ` : "") +
    ((flags & ATF.PERM) !== 0 ? "PERM " : "") +
    ((flags & ATF.PUBL) !== 0 ? "PUB " : "") +
    `on ${row.device}\n`
  );
}

/** Prints the entries that `filter` lets through; the exit code. */
export function showArp(process: Process, filter: ArpFilter): number {
  let wanted: number | undefined;
  if (filter.host !== "") {
    wanted = findAddress(process, filter.host);
    if (wanted === undefined) {
      process.warn(`${filter.host}: Host name lookup failure\n`);
      return 255;
    }
  }
  const rows = procRows(process, "arp");
  if (rows === undefined) {
    process.warn("/proc/net/arp: No such file or directory\n");
    return 255;
  }
  let shown = 0;
  for (const [address = "", type = "", flags = "", mac = "", mask = "", device = ""] of rows) {
    const hardware = HARDWARE.get(Number(type)) ?? "ether";
    if (wanted !== undefined && parseIpv4(address) !== wanted) continue;
    if (filter.hardware !== undefined && hardware !== filter.hardware) continue;
    if (filter.device !== "" && filter.device !== device) continue;
    const row: Row = { address, hardware, flags: Number(flags), mac, mask, device };
    const host = name(process, address, filter.numeric);
    if (filter.bsd) process.print(bsdRow(row, host));
    else {
      if (shown === 0) {
        process.print("Address                  HWtype  HWaddress           Flags Mask            Iface\n");
      }
      process.print(column(row, host));
    }
    shown++;
  }
  if (filter.verbose) {
    process.print(`Entries: ${rows.length}\tSkipped: ${rows.length - shown}\tFound: ${shown}\n`);
  }
  if (shown > 0) return 0;
  if (filter.host !== "" && !filter.bsd) {
    process.print(`${filter.host} (${filter.host}) -- no entry\n`);
  } else if (filter.host !== "" || filter.hardware !== undefined || filter.device !== "") {
    process.print(`arp: in ${rows.length} entries no match found.\n`);
  }
  return 0;
}

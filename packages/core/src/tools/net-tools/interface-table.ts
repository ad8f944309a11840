// What /proc/net/dev and ioctls tell of the interfaces, and the table of `netstat -i` and `ifconfig -s`.

import { readS32Host, readU16Host } from "../../netlink/host-bytes.ts";
import { IFF } from "../../netlink/rtnl/link-constants.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import { readText } from "../resolver/databases.ts";

const SIOCGIFFLAGS = 0x8913;
const SIOCGIFMTU = 0x8921;
const SIOCGIFINDEX = 0x8933;
const IFREQ_LENGTH = 40;
/** Where the union of struct ifreq starts. */
const UNION = 16;

/** Sixteen numbers of /proc/net/dev, in its order. */
export interface DeviceStatistics {
  readonly name: string;
  readonly numbers: readonly number[];
}

/** struct ifreq after a request about an interface; the errno if the kernel refuses. */
export function interfaceRequest(
  process: Process,
  number: number,
  name: string,
  fill?: (ifreq: Uint8Array) => void,
): Uint8Array | number {
  const data = new Uint8Array(IFREQ_LENGTH);
  data.set(new TextEncoder().encode(name).subarray(0, UNION - 1));
  fill?.(data);
  try {
    process.ioctl({ shape: "ifreq", number, data });
    return data;
  } catch (refusal) {
    if (refusal instanceof Refusal) return refusal.errno;
    throw refusal;
  }
}

export function interfaceFlags(process: Process, name: string): number | undefined {
  const data = interfaceRequest(process, SIOCGIFFLAGS, name);
  return typeof data === "number" ? undefined : readU16Host(data, UNION);
}

export function interfaceIndex(process: Process, name: string): number | undefined {
  const data = interfaceRequest(process, SIOCGIFINDEX, name);
  return typeof data === "number" ? undefined : readS32Host(data, UNION);
}

export function interfaceMtu(process: Process, name: string): number {
  const data = interfaceRequest(process, SIOCGIFMTU, name);
  return typeof data === "number" ? 0 : readS32Host(data, UNION);
}

/** All devices in the order of their names; numbers within them count as numbers (eth2 before eth10). */
export function deviceStatistics(process: Process): DeviceStatistics[] {
  const found: DeviceStatistics[] = [];
  for (const line of (readText(process, "/proc/net/dev") ?? "").split("\n").slice(2)) {
    const [, name, rest] = /^\s*(\S+):\s*(.*)$/.exec(line) ?? [];
    if (name === undefined || rest === undefined) continue;
    found.push({ name, numbers: rest.split(/\s+/).map(Number) });
  }
  return found.sort((a, b) => compareNames(a.name, b.name));
}

function compareNames(a: string, b: string): number {
  const [, aText = a, aNumber = ""] = /^(.*?)(\d*)$/.exec(a) ?? [];
  const [, bText = b, bNumber = ""] = /^(.*?)(\d*)$/.exec(b) ?? [];
  if (aText === bText && aNumber !== "" && bNumber !== "") return Number(aNumber) - Number(bNumber);
  return a < b ? -1 : a > b ? 1 : 0;
}

const LETTERS: readonly (readonly [flag: number, letter: string])[] = [
  [IFF.ALLMULTI, "A"],
  [IFF.BROADCAST, "B"],
  [IFF.DEBUG, "D"],
  [IFF.LOOPBACK, "L"],
  [IFF.MULTICAST, "M"],
  [IFF.DYNAMIC, "d"],
  [IFF.PROMISC, "P"],
  [IFF.NOTRAILERS, "N"],
  [IFF.NOARP, "O"],
  [IFF.POINTOPOINT, "P"],
  [IFF.SLAVE, "s"],
  [IFF.MASTER, "m"],
  [IFF.RUNNING, "R"],
  [IFF.UP, "U"],
];

const HEADING = "RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n";

/** The table's row of columns. `ifconfig -s` has MTU further left. */
export function tableHeading(narrow: boolean): string {
  return narrow ? `Iface      MTU    ${HEADING}` : `Iface             MTU    ${HEADING}`;
}

export function tableRow(process: Process, { name, numbers }: DeviceStatistics): string {
  const flags = interfaceFlags(process, name) ?? 0;
  const number = (at: number): number => numbers[at] ?? 0;
  const small = (value: number): string => String(value).padStart(6);
  const letters = LETTERS.map(([flag, letter]) => ((flags & flag) !== 0 ? letter : "")).join("");
  return (
    `${name.padEnd(15)} ${String(interfaceMtu(process, name)).padStart(5)} ` +
    `${String(number(1)).padStart(8)} ${small(number(2))} ${small(number(3))} ${String(number(4)).padEnd(6)} ` +
    `${String(number(9)).padStart(8)} ${small(number(10))} ${small(number(11))} ${small(number(12))} ` +
    `${letters === "" ? "[NO FLAGS]" : letters}\n`
  );
}

// ifconfig of net-tools 2.10: prints interfaces; sets flags, MTU, queue length and hardware address.

import { IFF } from "../../netlink/rtnl/link-constants.ts";
import { readU16Host, writeU16Host, writeU32Host } from "../../netlink/host-bytes.ts";
import { strerror } from "../../netlink/errno.ts";
import type { Process, Program } from "../../system/process.ts";
import { parseMac, writeMac } from "../../wire/mac.ts";
import { FAMILIES, FAMILIES_HELP, HARDWARE, HARDWARE_HELP } from "./ifconfig-usage.ts";
import { interfaceText } from "./ifconfig-show.ts";
import {
  deviceStatistics,
  interfaceFlags,
  interfaceRequest,
  tableHeading,
  tableRow,
} from "./interface-table.ts";

const SIOC = {
  GIFFLAGS: 0x8913,
  SIFFLAGS: 0x8914,
  SIFMTU: 0x8922,
  SIFHWADDR: 0x8924,
  SIFTXQLEN: 0x8943,
} as const;
const UNION = 16;
const ARPHRD_ETHER = 1;

function usage(process: Process, toStdout: boolean): number {
  const help = (text: string): void => (toStdout ? process.print(text) : process.warn(text));
  help(HARDWARE_HELP);
  process.warn(HARDWARE);
  help(FAMILIES_HELP);
  process.warn(FAMILIES);
  return toStdout ? 0 : 3;
}

function showAll(process: Process, all: boolean, short: boolean): number {
  if (short) process.print(tableHeading(true));
  for (const device of deviceStatistics(process)) {
    const up = ((interfaceFlags(process, device.name) ?? 0) & IFF.UP) !== 0;
    if (!up && !all) continue;
    process.print(short ? tableRow(process, device) : (interfaceText(process, device.name) ?? ""));
  }
  return 0;
}

function showOne(process: Process, name: string, short: boolean): number {
  const device = deviceStatistics(process).find((each) => each.name === name);
  if (short && device !== undefined) {
    process.print(tableHeading(true) + tableRow(process, device));
    return 0;
  }
  const text = interfaceText(process, name);
  if (text === undefined) {
    process.warn(`${name}: error fetching interface information: Device not found\n`);
    return 1;
  }
  process.print(text);
  return 0;
}

/** Sets and clears flags; true if the kernel refused, which is told. */
function changeFlags(process: Process, name: string, set: number, clear: number): boolean {
  const data = interfaceRequest(process, SIOC.GIFFLAGS, name);
  if (typeof data === "number") {
    process.warn(`${name}: ERROR while getting interface flags: ${strerror(data)}\n`);
    return true;
  }
  const flags = (readU16Host(data, UNION) & ~clear) | set;
  const done = interfaceRequest(process, SIOC.SIFFLAGS, name, (ifreq) => writeU16Host(ifreq, UNION, flags));
  if (typeof done !== "number") return false;
  process.warn(`SIOCSIFFLAGS: ${strerror(done)}\n`);
  return true;
}

/** Words that stand for a flag of the interface; with "-" in front they clear it, or the other way round for arp. */
const FLAG_WORDS: ReadonlyMap<string, readonly [set: number, clear: number]> = new Map([
  ["up", [IFF.UP | IFF.RUNNING, 0]],
  ["down", [0, IFF.UP]],
  ["arp", [0, IFF.NOARP]],
  ["-arp", [IFF.NOARP, 0]],
  ["trailers", [0, IFF.NOTRAILERS]],
  ["-trailers", [IFF.NOTRAILERS, 0]],
  ["promisc", [IFF.PROMISC, 0]],
  ["-promisc", [0, IFF.PROMISC]],
  ["multicast", [IFF.MULTICAST, 0]],
  ["-multicast", [0, IFF.MULTICAST]],
  ["allmulti", [IFF.ALLMULTI, 0]],
  ["-allmulti", [0, IFF.ALLMULTI]],
  ["dynamic", [IFF.DYNAMIC, 0]],
  ["-dynamic", [0, IFF.DYNAMIC]],
]);

/** One setting of a number by ioctl; true if the kernel refused. */
function setNumber(process: Process, name: string, request: number, called: string, value: number): boolean {
  const done = interfaceRequest(process, request, name, (ifreq) => writeU32Host(ifreq, UNION, value));
  if (typeof done !== "number") return false;
  process.warn(`${called}: ${strerror(done)}\n`);
  return true;
}

function change(process: Process, name: string, words: readonly string[]): number {
  let failed = false;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    const flags = FLAG_WORDS.get(word);
    if (flags !== undefined) {
      // The real program gives up at once only over flags.
      if (changeFlags(process, name, ...flags)) return 255;
    } else if (word === "mtu" || word === "txqueuelen") {
      const value = words[++at];
      if (value === undefined) return usage(process, false);
      const number = Number.parseInt(value, 10) || 0;
      failed =
        (word === "mtu"
          ? setNumber(process, name, SIOC.SIFMTU, "SIOCSIFMTU", number)
          : setNumber(process, name, SIOC.SIFTXQLEN, "SIOCSIFTXQLEN", number)) || failed;
    } else if (word === "hw") {
      const [kind, address] = words.slice(at + 1, at + 3);
      at += 2;
      if (kind !== "ether" || address === undefined) return usage(process, false);
      const mac = parseMac(address);
      if (mac === undefined) {
        process.warn(`${address}: invalid ether address.\n`);
        failed = true;
        continue;
      }
      const done = interfaceRequest(process, SIOC.SIFHWADDR, name, (ifreq) => {
        writeU16Host(ifreq, UNION, ARPHRD_ETHER);
        writeMac(ifreq, UNION + 2, mac);
      });
      if (typeof done === "number") {
        process.warn(`SIOCSIFHWADDR: ${strerror(done)}\n`);
        failed = true;
      }
    } else {
      process.warn(`ifconfig: setting \`${word}' is not implemented\n`);
      return 1;
    }
  }
  return failed ? 1 : 0;
}

export const ifconfig: Program = (process) => {
  let all = false;
  let short = false;
  const words = process.argv.slice(1);
  for (let word = words[0]; word?.startsWith("-"); word = words[0]) {
    words.shift();
    if (word === "-a") all = true;
    else if (word === "-s") short = true;
    else if (word === "-v") continue;
    else if (word === "-V" || word === "-version" || word === "--version") {
      process.print("net-tools 2.10\n");
      return 0;
    } else if (word === "-?" || word === "-h" || word === "-help" || word === "--help")
      return usage(process, true);
    else {
      process.warn(
        `ifconfig: option \`${word}' not recognised.\nifconfig: \`--help' gives usage information.\n`,
      );
      return 1;
    }
  }
  const [name, ...rest] = words;
  if (name === undefined) return showAll(process, all, short);
  return rest.length === 0 ? showOne(process, name, short) : change(process, name, rest);
};

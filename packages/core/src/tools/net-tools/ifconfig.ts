// ifconfig of net-tools 2.10: prints interfaces; sets their flags, sizes and hardware addresses. IP addresses: ifconfig-address.ts.

import { IFF } from "../../netlink/rtnl/link-constants.ts";
import { readU16Host, writeU16Host, writeU32Host } from "../../netlink/host-bytes.ts";
import { strerror } from "../../netlink/errno.ts";
import type { Process, Program } from "../../system/process.ts";
import { parseMac, writeMac } from "../../wire/mac.ts";
import { FAMILIES, FAMILIES_HELP, HARDWARE, HARDWARE_HELP } from "./ifconfig-usage.ts";
import {
  ADDRESS_FAMILIES,
  changeAlias,
  changeIpv6,
  GaveUp,
  giveUp,
  maskOfLength,
  refuseFamily,
  rename,
  setAddress,
  setBroadcast,
  setFarEnd,
  setMask,
  tellUnknown,
} from "./ifconfig-address.ts";
import { interfaceText } from "./ifconfig-show.ts";
import {
  deviceStatistics,
  interfaceFlags,
  interfaceRequest,
  tableHeading,
  tableRow,
} from "./interface-table.ts";
import { findAddress } from "./names.ts";

const SIOC = {
  GIFFLAGS: 0x8913,
  SIFFLAGS: 0x8914,
  SIFMTU: 0x8922,
  SIFMAP: 0x8971,
  SKEEPALIVE: 0x89f0,
  SOUTFILL: 0x89f2,
  SIFHWADDR: 0x8924,
  SIFTXQLEN: 0x8943,
} as const;
const UNION = 16;
const ARPHRD_ETHER = 1;
/** Exit status when the kernel refuses flags. */
const REFUSED_FLAGS = 255;

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
  ["-broadcast", [0, IFF.BROADCAST]],
  ["-pointopoint", [0, IFF.POINTOPOINT]],
]);

/** Flags that stay set whatever is asked: the real program warns of some. */
const WARNED: ReadonlyMap<string, readonly [flag: number, text: string]> = new Map([
  ["-promisc", [IFF.PROMISC, "promisc mode... maybe other application is running?"]],
  ["-multicast", [IFF.MULTICAST, "MULTICAST mode."]],
  ["-allmulti", [IFF.ALLMULTI, "ALLMULTI mode."]],
  ["-dynamic", [IFF.DYNAMIC, "DYNAMIC mode."]],
  ["-broadcast", [IFF.BROADCAST, "BROADCAST mode."]],
  ["-pointopoint", [IFF.POINTOPOINT, "POINTOPOINT mode."]],
]);

function warnOfFlag(process: Process, name: string, word: string): void {
  const [flag, text] = WARNED.get(word) ?? [0, ""];
  if (((interfaceFlags(process, name) ?? 0) & flag) !== 0)
    process.warn(`Warning: Interface ${name} still in ${text}\n`);
}

/** One setting of a number by ioctl; true if the kernel refused. */
function setNumber(process: Process, name: string, request: number, called: string, value: number): boolean {
  const done = interfaceRequest(process, request, name, (ifreq) => writeU32Host(ifreq, UNION, value));
  if (typeof done !== "number") return false;
  process.warn(`${called}: ${strerror(done)}\n`);
  return true;
}

/** The command line is wrong from here on: the usage is told, and what was done stays done. */
class Misused extends Error {}

/** Settings that take a number, with the request for them. */
const NUMBERS: ReadonlyMap<string, readonly [request: number, called: string]> = new Map([
  ["mtu", [SIOC.SIFMTU, "SIOCSIFMTU"]],
  ["txqueuelen", [SIOC.SIFTXQLEN, "SIOCSIFTXQLEN"]],
  ["mem_start", [SIOC.SIFMAP, "mem_start: SIOCSIFMAP"]],
  ["io_addr", [SIOC.SIFMAP, "io_addr: SIOCSIFMAP"]],
  ["irq", [SIOC.SIFMAP, "irq: SIOCSIFMAP"]],
  ["keepalive", [SIOC.SKEEPALIVE, "SIOCSKEEPALIVE"]],
  ["outfill", [SIOC.SOUTFILL, "SIOCSOUTFILL"]],
]);

function notImplemented(process: Process, what: string): GaveUp {
  process.warn(`ifconfig: ${what} is not implemented\n`);
  return new GaveUp();
}

class Change {
  readonly #process: Process;
  readonly #name: string;
  readonly #words: string[];
  readonly #family: string;
  #failed = false;
  /** Of an address with a length, to be set when all else is done. */
  #lateMask: number | undefined;
  #maskGiven = false;

  constructor(process: Process, name: string, words: readonly string[]) {
    this.#process = process;
    this.#name = name;
    const [family = ""] = words;
    const named = ADDRESS_FAMILIES.has(family);
    this.#family = named ? family : "inet";
    this.#words = words.slice(named ? 1 : 0);
  }

  /** The exit status. */
  run(): number {
    try {
      for (let word = this.#words.shift(); word !== undefined; word = this.#words.shift())
        if (!this.#take(word)) return REFUSED_FLAGS;
      if (this.#lateMask !== undefined) this.#note(setMask(this.#process, this.#name, this.#lateMask));
    } catch (fault) {
      if (fault instanceof Misused) return usage(this.#process, false);
      if (fault instanceof GaveUp) return 1;
      throw fault;
    }
    return this.#failed ? 1 : 0;
  }

  #note(done: boolean): void {
    if (!done) this.#failed = true;
  }

  #operand(): string {
    const word = this.#words.shift();
    if (word === undefined) throw new Misused();
    return word;
  }

  /** False if the kernel refused flags: the real program gives up at once only over them. */
  #take(word: string): boolean {
    const [process, name] = [this.#process, this.#name];
    const flags = FLAG_WORDS.get(word);
    const number = NUMBERS.get(word);
    if (flags !== undefined) {
      if (changeFlags(process, name, ...flags)) return false;
      warnOfFlag(process, name, word);
    } else if (number !== undefined) {
      const value = Number.parseInt(this.#operand(), 10) || 0;
      this.#note(!setNumber(process, name, ...number, value));
    } else if (word === "hw") this.#setHardwareAddress();
    else if (word === "tunnel") throw notImplemented(process, "tunnel");
    else if (word === "name") this.#note(rename(process, name, this.#operand()));
    else if (word === "netmask") {
      if (this.#words.length === 0 || this.#maskGiven) throw new Misused();
      this.#maskGiven = true;
      this.#resolved(this.#operand(), (mask) => setMask(process, name, mask));
    } else if (word === "broadcast" || word === "pointopoint") {
      const set = word === "broadcast" ? setBroadcast : setFarEnd;
      const address = this.#words.shift();
      if (address !== undefined && !this.#resolved(address, (value) => set(process, name, value)))
        return true;
      return !changeFlags(process, name, word === "broadcast" ? IFF.BROADCAST : IFF.POINTOPOINT, 0);
    } else if (word === "dstaddr") this.#resolved(this.#operand(), (far) => setFarEnd(process, name, far));
    else if (word === "add" || word === "del") this.#alias(word, this.#operand());
    else return this.#setAddress(word);
    return true;
  }

  /** False if nobody knows the name, which is told. */
  #resolved(text: string, use: (address: number) => boolean): boolean {
    const address = findAddress(this.#process, text);
    if (address === undefined) {
      tellUnknown(this.#process, text);
      this.#failed = true;
      return false;
    }
    this.#note(use(address));
    return true;
  }

  #setHardwareAddress(): void {
    const kind = this.#operand();
    const address = this.#operand();
    if (kind !== "ether") throw notImplemented(this.#process, `hw ${kind}`);
    const mac = parseMac(address);
    if (mac === undefined) {
      this.#process.warn(`${address}: invalid ether address.\n`);
      this.#failed = true;
      return;
    }
    const done = interfaceRequest(this.#process, SIOC.SIFHWADDR, this.#name, (ifreq) => {
      writeU16Host(ifreq, UNION, ARPHRD_ETHER);
      writeMac(ifreq, UNION + 2, mac);
    });
    if (typeof done === "number") this.#process.warn(`SIOCSIFHWADDR: ${strerror(done)}\n`);
    this.#note(typeof done !== "number");
  }

  #alias(what: "add" | "del", text: string): void {
    if (text.includes(":")) {
      const done = changeIpv6(this.#process, this.#name, text, what);
      if (done === "misused") throw new Misused();
      this.#note(done);
      return;
    }
    this.#resolved(text, (address) => changeAlias(this.#process, this.#name, address, what));
  }

  /** A word that is nothing else is the address. */
  #setAddress(word: string): boolean {
    const [process, name] = [this.#process, this.#name];
    if (this.#family !== "inet") refuseFamily(process, this.#family, word);
    const slash = word.indexOf("/");
    const host = slash < 0 ? word : word.slice(0, slash);
    if (slash >= 0) {
      const mask = maskOfLength(word.slice(slash + 1));
      if (mask === undefined || this.#maskGiven) throw new Misused();
      this.#lateMask = mask;
    }
    const address = findAddress(process, host);
    if (address === undefined) {
      tellUnknown(process, host);
      throw giveUp(process);
    }
    this.#note(setAddress(process, name, address));
    // A label is gone with its address.
    if (address === 0 && name.includes(":")) return true;
    return !changeFlags(process, name, IFF.UP | IFF.RUNNING, 0);
  }
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
  return rest.length === 0 ? showOne(process, name, short) : new Change(process, name, rest).run();
};

// The options of ping (ping(8)): their values, checks and messages.

import type { Process } from "../../system/process.ts";
import { parseIpv4 } from "../../wire/ipv4-address.ts";
import { ipv6ToBytes, parseIpv6 } from "../../wire/ipv6-address.ts";
import { fail, INT_MAX, LONG_MAX, readNumber, readOptions } from "../iputils/arguments.ts";
import { readDecimal } from "./decimal.ts";
import { NODE_INFORMATION_USAGE, NODE_INFORMATION_WORDS, USAGE, VERSION } from "./usage.ts";

const LETTERS = "h?4bRT:6F:N:aABc:CdDe:fi:I:l:Lm:M:nOp:qQ:rs:S:t:UvVw:W:";
/** Sequence numbers that are told apart. */
export const MAX_DUPLICATES = 0x10000;
const INT_LIMIT = 2_147_483_647;

export type TimestampType = "tsonly" | "tsandaddr" | "tsprespec";

export class PingOptions {
  family: "inet" | "inet6" | undefined = undefined;
  broadcast = false;
  /** ICMP id; undefined: the process id. */
  identifier: number | undefined = undefined;
  recordRoute = false;
  timestamp: TimestampType | undefined = undefined;
  flowLabel: number | undefined = undefined;
  audible = false;
  adaptive = false;
  strictSource = false;
  /** Replies to wait for; 0: no end. */
  count = 0;
  connect = false;
  printTime = false;
  flood = false;
  /** Milliseconds; negative ones count as none. */
  interval = 1000;
  intervalGiven = false;
  device: string | undefined = undefined;
  /** Source addresses by family, wire order. */
  source: Uint8Array | undefined = undefined;
  source6: Uint8Array | undefined = undefined;
  preload = 1;
  noLoop = false;
  mark: number | undefined = undefined;
  /** IP_PMTUDISC_*. */
  mtuDiscovery: 0 | 1 | 2 | undefined = undefined;
  numeric = false;
  outstanding = false;
  /** Hexadecimal digits; checked once all options are known. */
  pattern: string | undefined = undefined;
  quiet = false;
  tos = 0;
  dontRoute = false;
  /** Bytes after the ICMP header. */
  size = 56;
  sendBuffer = 0;
  ttl: number | undefined = undefined;
  latency = false;
  verbose = false;
  /** Seconds; 0: none. */
  deadline = 0;
  /** Milliseconds to wait for the last reply, if none came. */
  linger = 10_000;
  operands: readonly string[] = [];
}

export function usage(process: Process): never {
  process.flush();
  process.warn(USAGE);
  process.exit(2);
}

/** Reads the process's arguments. Ends the process where ping does. */
export function readPingOptions(process: Process): PingOptions {
  const options = new PingOptions();
  const program = process.argv[0] ?? "";
  if (program.endsWith("4")) options.family = "inet";
  else if (program.endsWith("6")) options.family = "inet6";
  const end = (text: string): never => fail(process, 2, 0, text);
  const handlers: Readonly<Record<string, (value: string) => void>> = {
    "4": () => chooseFamily(options, "inet", end),
    "6": () => chooseFamily(options, "inet6", end),
    b: () => void (options.broadcast = true),
    e: (value) => void (options.identifier = readNumber(process, value, 0n, 65_535n)),
    R: () => {
      if (options.timestamp !== undefined) end("only one of -T or -R may be used");
      options.recordRoute = true;
    },
    T: (value) => {
      if (options.recordRoute) end("only one of -T or -R may be used");
      if (value !== "tsonly" && value !== "tsandaddr" && value !== "tsprespec") {
        return end(`invalid timestamp type: ${value}`);
      }
      options.timestamp = value;
    },
    F: (value) => void (options.flowLabel = readFlowLabel(value, end)),
    N: (value) => nodeInformation(process, value),
    a: () => void (options.audible = true),
    A: () => void (options.adaptive = true),
    B: () => void (options.strictSource = true),
    c: (value) => void (options.count = readNumber(process, value, 1n, LONG_MAX)),
    C: () => void (options.connect = true),
    // SO_DEBUG does nothing for ICMP
    d: () => {},
    D: () => void (options.printTime = true),
    i: (value) => {
      const seconds = readDecimal(process, value, "bad timing interval");
      if (seconds > INT_LIMIT / 1000) end(`bad timing interval: ${value}`);
      options.interval = Math.trunc(seconds * 1000);
      options.intervalGiven = true;
    },
    I: (value) => chooseSource(options, value, end),
    l: (value) => void (options.preload = readNumber(process, value, 1n, BigInt(MAX_DUPLICATES))),
    L: () => void (options.noLoop = true),
    m: (value) => void (options.mark = readNumber(process, value, 0n, INT_MAX)),
    M: (value) => {
      const discovery = ["dont", "want", "do"].indexOf(value);
      if (discovery < 0) end(`invalid -M argument: ${value}`);
      options.mtuDiscovery = discovery as 0 | 1 | 2;
    },
    n: () => void (options.numeric = true),
    O: () => void (options.outstanding = true),
    f: () => {
      options.flood = true;
      options.numeric = true;
    },
    p: (value) => void (options.pattern = value),
    q: () => void (options.quiet = true),
    Q: (value) => void (options.tos = readTos(value, end)),
    r: () => void (options.dontRoute = true),
    s: (value) => void (options.size = readNumber(process, value, 0n, INT_MAX)),
    S: (value) => void (options.sendBuffer = readNumber(process, value, 1n, INT_MAX)),
    t: (value) => void (options.ttl = readNumber(process, value, 0n, 255n)),
    U: () => void (options.latency = true),
    v: () => void (options.verbose = true),
    V: () => {
      process.print(VERSION);
      process.exit(0);
    },
    w: (value) => void (options.deadline = readNumber(process, value, 0n, INT_MAX)),
    W: (value) => {
      const seconds = readDecimal(process, value, "bad linger time");
      if (seconds < 0 || seconds > INT_LIMIT / 1000) end(`bad linger time: ${value}`);
      options.linger = Math.trunc(seconds * 1000);
    },
  };
  const handle = (letter: string, value: string): void => (handlers[letter] ?? (() => usage(process)))(value);
  options.operands = readOptions(process, LETTERS, handle, () => usage(process));
  return options;
}

function chooseFamily(options: PingOptions, family: "inet" | "inet6", end: (text: string) => never): void {
  if (options.family !== undefined && options.family !== family)
    end("only one -4 or -6 option may be specified");
  options.family = family;
}

/** -I: an address of either family, or an interface. */
function chooseSource(options: PingOptions, value: string, end: (text: string) => never): void {
  if (value.includes(":")) {
    const percent = value.indexOf("%");
    const address = parseIpv6(percent < 0 ? value : value.slice(0, percent));
    if (percent >= 0) options.device = value.slice(percent + 1);
    if (address === undefined) end(`invalid source address: ${value}`);
    options.source6 = ipv6ToBytes(address);
    options.strictSource = true;
    return;
  }
  const address = parseIpv4(value);
  if (address === undefined) {
    options.device = value;
    return;
  }
  options.source = Uint8Array.of(address >>> 24, address >>> 16, address >>> 8, address);
  options.strictSource = true;
}

/** A number as strtol(3) reads it, hexadecimal after 0x; undefined if something follows it. */
function readInteger(text: string): number | undefined {
  const match = /^0[xX]([0-9a-fA-F]*)$|^\s*([+-]?\d*)$/.exec(text);
  if (match === null) return undefined;
  return match[1] === undefined ? Number(match[2] ?? "0") : Number.parseInt(match[1] || "0", 16);
}

function readFlowLabel(text: string, end: (text: string) => never): number {
  const value = readInteger(text);
  if (value === undefined) return end(`bad value for flowinfo: ${text}`);
  if (value < 0 || value > 0xf_ffff) end(`flow value is greater than 20 bits: ${text}`);
  return value;
}

function readTos(text: string, end: (text: string) => never): number {
  const value = readInteger(text);
  if (value === undefined) return end(`bad TOS value: ${text}`);
  if (value > 255) end(`the decimal value of TOS bits must be in range 0-255: ${value}`);
  return value & 0xff;
}

/** The bytes of -p: up to 16; a last single digit is a byte. Says what it understood. */
export function readPattern(process: Process, options: PingOptions): Uint8Array | undefined {
  const { pattern } = options;
  if (pattern === undefined) return undefined;
  const wrong = /[^0-9a-fA-F]/.exec(pattern);
  if (wrong !== null)
    fail(process, 2, 0, `patterns must be specified as hex digits: ${pattern.slice(wrong.index)}`);
  const bytes = (pattern.slice(0, 32).match(/..?/g) ?? []).map((digits) => Number.parseInt(digits, 16));
  if (!options.quiet) {
    process.print(`PATTERN: 0x${bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("")}\n`);
  }
  return Uint8Array.from(bytes);
}

/** Node information queries (RFC 4620) are refused: no system here answers them. */
function nodeInformation(process: Process, value: string): never {
  const [word = ""] = value.split("=");
  const known = NODE_INFORMATION_WORDS.has(value) || /^subject-(ipv6|ipv4|name|fqdn)$/.test(word);
  if (known) fail(process, 2, 0, "node information queries are not supported");
  if (value === "help") {
    process.print(NODE_INFORMATION_USAGE);
    process.exit(0);
  }
  process.flush();
  process.warn(NODE_INFORMATION_USAGE);
  process.exit(2);
}

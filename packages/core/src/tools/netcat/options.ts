// Options of nc (netcat-openbsd 1.219): which are wrong is told in the order in which they stand, and what goes together after that.

import type { Process } from "../../system/process.ts";
import { SECOND } from "../../system/system.ts";
import { has, parseOptions, UsageEnd, valueOf } from "../coreutils/options.ts";
import type { Parsed } from "../coreutils/options.ts";
import { NETCAT_SUMMARY, NETCAT_USAGE, NETCAT_VERSION } from "./usage.ts";

export const FAILED = 1;

export interface NetcatOptions {
  readonly udp: boolean;
  readonly unix: boolean;
  readonly listen: boolean;
  readonly keep: boolean;
  readonly numeric: boolean;
  readonly verbose: boolean;
  readonly scan: boolean;
  readonly shuffle: boolean;
  readonly detached: boolean;
  /** -C: lines end with CR LF on the wire. */
  readonly crlf: boolean;
  readonly family: "inet" | "inet6" | undefined;
  readonly source: string | undefined;
  readonly sourcePort: string | undefined;
  readonly broadcast: boolean;
  readonly tos: number | undefined;
  readonly ttl: number | undefined;
  /** Nanoseconds between lines that are sent and ports that are tried. */
  readonly interval: number;
  /** Nanoseconds; undefined: without end. */
  readonly idle: number | undefined;
  /** -q: nanoseconds after the end of the input; undefined: not ended by it. */
  readonly quit: number | undefined;
  /** -N: nothing more is sent after the end of the input. */
  readonly shutdown: boolean;
  /** -W: datagrams that are taken before the end. */
  readonly most: number | undefined;
}

/** What is called: a host and ports, a port to listen on, or the path of a unix socket. */
export interface Target {
  readonly host: string | undefined;
  /** Undefined for unix sockets. */
  readonly port: string | undefined;
}

/** Prints `nc: TEXT` and ends. */
export function fail(process: Process, text: string): never {
  process.warn(`${process.argv[0] ?? "nc"}: ${text}\n`);
  throw new UsageEnd(FAILED);
}

export function usage(process: Process, text = ""): never {
  process.warn(text + NETCAT_USAGE);
  throw new UsageEnd(FAILED);
}

const NOT_THERE = ["F", "I", "m", "O", "P", "S", "t", "X", "x", "Z"];
const INT_MAX = 2 ** 31 - 1;

/** Letters with numbers: what they are called, and what they may be. */
const NUMBERS: Readonly<Record<string, readonly [name: string, least: number, most: number]>> = {
  i: ["interval", 0, 2 ** 32 - 1],
  M: ["ttl is", 0, 255],
  q: ["quit timer", -INT_MAX - 1, INT_MAX],
  w: ["timeout", 0, Math.trunc(INT_MAX / 1000)],
  W: ["receive limit", 1, INT_MAX],
};

export function readOptions(process: Process): readonly [NetcatOptions, Target] {
  const parsed = parseOptions(process, {
    short: "46bCDdFhI:i:klM:m:NnO:P:p:q:rSs:T:tUuV:vW:w:X:x:Zz",
    long: {},
    wrong: (text) => usage(process, `${process.argv[0] ?? "nc"}: ${text}\n`),
  });
  for (const { name, value } of parsed.options) {
    if (name === "h") {
      process.warn(NETCAT_VERSION + NETCAT_USAGE + NETCAT_SUMMARY);
      throw new UsageEnd(FAILED);
    }
    if (name === "V") fail(process, "no alternate routing table support available");
    if (NOT_THERE.includes(name)) fail(process, `-${name} is not implemented`);
    if (name === "T") tosOf(process, value);
    if (NUMBERS[name]) numberOf(process, name, value);
  }
  const target = targetOf(process, parsed);
  if (has(parsed, "l") && has(parsed, "z")) fail(process, "cannot use -z and -l");
  if (!has(parsed, "l") && has(parsed, "k")) fail(process, "must use -l with -k");
  return [optionsOf(process, parsed), target];
}

function targetOf(process: Process, parsed: Parsed): Target {
  const [first, second] = parsed.operands;
  const listens = has(parsed, "l");
  if (has(parsed, "U")) {
    if (first === undefined) fail(process, "missing socket pathname");
    if (second !== undefined) fail(process, "cannot use port with -U");
    return { host: first, port: undefined };
  }
  const sourcePort = valueOf(parsed, "p");
  if (listens && first !== undefined && (sourcePort !== undefined || has(parsed, "s"))) usage(process);
  if (!listens && first === undefined) usage(process);
  const host = listens && second === undefined ? undefined : first;
  const port = listens ? (second ?? first ?? sourcePort) : second;
  if (port === undefined) fail(process, "missing port number");
  return { host, port };
}

/** strtonum(3). */
function numberOf(process: Process, letter: string, text: string): number {
  const [name, least, most] = NUMBERS[letter] ?? ["", 0, 0];
  const value = Number(text);
  const wrong = !/^\s*[-+]?\d+$/.test(text)
    ? "invalid"
    : value < least
      ? "too small"
      : value > most
        ? "too large"
        : undefined;
  if (wrong !== undefined) fail(process, letter === "M" ? `${name} ${wrong}` : `${name} ${wrong}: ${text}`);
  return value;
}

const TOS_NAMES: Readonly<Record<string, number>> = {
  critical: 0xa0,
  inetcontrol: 0xc0,
  lowcost: 0x02,
  lowdelay: 0x10,
  netcontrol: 0xe0,
  reliability: 0x04,
  throughput: 0x08,
  ef: 0xb8,
};

/** Names of ip(7), classes of DSCP, or a number up to 255. */
function tosOf(process: Process, text: string): number {
  const named = TOS_NAMES[text];
  if (named !== undefined) return named;
  const assured = /^af([1-4])([1-3])$/.exec(text);
  if (assured) return (Number(assured[1]) << 5) | (Number(assured[2]) << 3);
  const selector = /^cs([0-7])$/.exec(text);
  if (selector) return Number(selector[1]) << 5;
  const value = Number(text);
  return /^(?:0x[0-9a-f]+|\d+)$/i.test(text) && value <= 255
    ? value
    : fail(process, `illegal tos value ${text}`);
}

function optionsOf(process: Process, parsed: Parsed): NetcatOptions {
  const number = (letter: string): number | undefined => {
    const text = valueOf(parsed, letter);
    return text === undefined ? undefined : numberOf(process, letter, text);
  };
  const seconds = (letter: string): number | undefined => {
    const value = number(letter);
    return value === undefined || value < 0 ? undefined : value * SECOND;
  };
  const tos = valueOf(parsed, "T");
  return {
    udp: has(parsed, "u"),
    unix: has(parsed, "U"),
    listen: has(parsed, "l"),
    keep: has(parsed, "k"),
    numeric: has(parsed, "n"),
    verbose: has(parsed, "v"),
    scan: has(parsed, "z"),
    shuffle: has(parsed, "r"),
    detached: has(parsed, "d"),
    crlf: has(parsed, "C"),
    family: { "4": "inet", "6": "inet6" }[
      parsed.options.findLast(({ name }) => name === "4" || name === "6")?.name ?? ""
    ] as NetcatOptions["family"],
    source: valueOf(parsed, "s"),
    sourcePort: valueOf(parsed, "p"),
    broadcast: has(parsed, "b"),
    tos: tos === undefined ? undefined : tosOf(process, tos),
    ttl: number("M"),
    interval: seconds("i") ?? 0,
    idle: seconds("w"),
    quit: seconds("q"),
    shutdown: has(parsed, "N"),
    most: number("W"),
  };
}

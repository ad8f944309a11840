// The options in front of the object (`ip -d -s link`). They may be shortened; the order of the table below decides
// what a short form means (iproute2 6.1).

import type { Process } from "../../system/process.ts";
import { fail, matches } from "./arguments.ts";
import { AF } from "../../netlink/rtnl/types.ts";
import { familyByName } from "./families.ts";
import { atoi, parseUnsigned } from "./numbers.ts";

export interface Options {
  /** -4, -6, -0, -B, -M, -f; AF_UNSPEC if none was given. */
  family: number;
  /** -s, counted. */
  stats: number;
  /** -d, counted. */
  details: number;
  human: boolean;
  /** -iec: powers of 1024 with -h. */
  iec: boolean;
  resolve: boolean;
  oneline: boolean;
  timestamp: boolean;
  timestampShort: boolean;
  brief: boolean;
  json: boolean;
  pretty: boolean;
  numeric: boolean;
  all: boolean;
  force: boolean;
  color: "never" | "auto" | "always";
  batchFile: string | undefined;
  /** -l: how many rounds a flush of addresses may take. */
  flushRounds: number;
}

const VERSION = "ip utility, iproute2-6.1.0, libbpf 1.1.2\n";

/** No option given. */
export function defaultOptions(): Options {
  return {
    family: AF.UNSPEC,
    stats: 0,
    details: 0,
    human: false,
    iec: false,
    resolve: false,
    oneline: false,
    timestamp: false,
    timestampShort: false,
    brief: false,
    json: false,
    pretty: false,
    numeric: false,
    all: false,
    force: false,
    color: "never",
    batchFile: undefined,
    flushRounds: 10,
  };
}

type Flag =
  "human" | "iec" | "resolve" | "oneline" | "timestamp" | "brief" | "json" | "pretty" | "numeric" | "all";

/** Options without a value after those with a family or a loop count, in the order in which they are tried. */
const FLAGS: readonly (readonly [string, Flag | "stats" | "details" | "tshort" | "Version" | "force"])[] = [
  ["-human-readable", "human"],
  ["-iec", "iec"],
  ["-stats", "stats"],
  ["-statistics", "stats"],
  ["-details", "details"],
  ["-resolve", "resolve"],
  ["-oneline", "oneline"],
  ["-timestamp", "timestamp"],
  ["-tshort", "tshort"],
  ["-Version", "Version"],
  ["-force", "force"],
];

const LATER_FLAGS: readonly (readonly [string, Flag])[] = [
  ["-brief", "brief"],
  ["-json", "json"],
  ["-pretty", "pretty"],
];

const FAMILIES: ReadonlyMap<string, number> = new Map([
  ["-4", AF.INET],
  ["-6", AF.INET6],
  ["-0", AF.PACKET],
  ["-M", AF.MPLS],
  ["-B", AF.BRIDGE],
]);

/** `-c`, `-color`, `-color=WHEN`; undefined if it is something else. */
export function parseColor(option: string): Options["color"] | undefined {
  const [word = "", when] = option.split("=", 2);
  if (!matches(word, "-color")) return undefined;
  if (when === undefined || when === "always") return "always";
  return when === "auto" || when === "never" ? when : undefined;
}

/** What the options need from outside this file. */
export interface OptionActions {
  usage(): never;
  /** -n: goes to another namespace; ends the program if it cannot. */
  enterNetns(name: string): void;
}

/** Reads the options and returns them with the words behind them. */
export function parseOptions(
  process: Process,
  words: readonly string[],
  { usage, enterNetns }: OptionActions,
): { readonly options: Options; readonly rest: readonly string[] } {
  const options = defaultOptions();
  let at = 0;
  const value = (): string => words[++at] ?? usage();
  for (; at < words.length; at++) {
    const word = words[at] ?? "";
    if (word === "--") {
      at++;
      break;
    }
    if (!word.startsWith("-")) break;
    const option = word.startsWith("--") ? word.slice(1) : word;
    const family = FAMILIES.get(option);
    const flag = FLAGS.find(([name]) => matches(option, name))?.[1];
    if (matches(option, "-loops")) options.flushRounds = atoi(value());
    else if (matches(option, "-family")) {
      const name = value();
      if (name === "help") usage();
      options.family = familyByName(name);
      if (options.family === AF.UNSPEC) {
        fail(process, 255, `Error: argument "${name}" is wrong: invalid protocol family\n`);
      }
    } else if (family !== undefined) options.family = family;
    else if (flag !== undefined) applyFlag(process, options, flag);
    else if (matches(option, "-batch")) options.batchFile = value();
    else parseLateOption(process, options, option, { usage, enterNetns }, value);
  }
  return { options, rest: words.slice(at) };
}

function applyFlag(process: Process, options: Options, flag: (typeof FLAGS)[number][1]): void {
  if (flag === "stats" || flag === "details") options[flag]++;
  else if (flag === "Version") {
    process.print(VERSION);
    process.exit(0);
  } else if (flag === "tshort") {
    options.timestamp = true;
    options.timestampShort = true;
  } else options[flag] = true;
}

function parseLateOption(
  process: Process,
  options: Options,
  option: string,
  { usage, enterNetns }: OptionActions,
  value: () => string,
): void {
  const flag = LATER_FLAGS.find(([name]) => matches(option, name))?.[1];
  const color = parseColor(option);
  if (flag !== undefined) options[flag] = true;
  else if (matches(option, "-rcvbuf")) {
    const size = value();
    if (parseUnsigned(size) === undefined) fail(process, 255, `Invalid rcvbuf size '${size}'\n`);
  } else if (color !== undefined) options.color = color;
  else if (matches(option, "-help")) usage();
  else if (matches(option, "-netns")) enterNetns(value());
  else if (matches(option, "-Numeric")) options.numeric = true;
  else if (matches(option, "-all")) options.all = true;
  else fail(process, 255, `Option "${option}" is unknown, try "ip -help".\n`);
}

/** The command line of ovs-ofctl(8): options may stand anywhere, as with getopt_long(3). */
import {
  ANY_PROTOCOL,
  formatProtocols,
  parseProtocols,
  Protocol,
} from "../../ovsproto/openflow/protocols.ts";
import type { Protocols } from "../../ovsproto/openflow/protocols.ts";
import { fieldNamed } from "../../ovsproto/openflow/fields.ts";
import { TextError } from "../../ovsproto/openflow/text-error.ts";
import type { ParsedOption } from "../ovsdb/options.ts";
import { checkSyslogMethod } from "../ovsdb/tool-log.ts";
import { Fatal } from "./ofctl-context.ts";

export interface SortKey {
  /** A field's name, or undefined for the priority. */
  readonly field: string | undefined;
  readonly descending: boolean;
}

export interface OfctlOptions {
  /** Bit N: OpenFlow version N. */
  readonly versions: number;
  /** `-O` was given. */
  readonly versionsGiven: boolean;
  readonly protocols: Protocols;
  readonly packetInFormat: "standard" | "nxt_packet_in" | "nxt_packet_in2" | undefined;
  readonly verbosity: number;
  readonly strict: boolean;
  readonly readOnly: boolean;
  readonly readd: boolean;
  readonly bundle: boolean;
  readonly mayCreate: boolean;
  readonly timestamp: boolean;
  readonly sort: readonly SortKey[];
  /** Undefined: names are understood but not shown. */
  readonly names: boolean | undefined;
  readonly stats: boolean;
  /** "auto": if stdout is a terminal that has colours. */
  readonly color: "always" | "never" | "auto";
  /** Frames are written as capture files. */
  readonly pcap: boolean;
  readonly unixctl: string | undefined;
  readonly detach: boolean;
  /** Empty: the default one. */
  readonly pidFile: string | undefined;
  /** Seconds. */
  readonly timeout: number | undefined;
  readonly user: string | undefined;
  /** Those about the log, in their order. */
  readonly log: readonly ParsedOption[];
  /** Those about SSL, in their order. */
  readonly ssl: readonly ParsedOption[];
  readonly help: boolean;
  readonly version: boolean;
}

const VERSION_NAMES = ["OpenFlow10", "OpenFlow11", "OpenFlow12", "OpenFlow13", "OpenFlow14", "OpenFlow15"];
export const ALL_VERSIONS = 0x7e;

/** Bit N: version N. Errors: Fatal. */
export function parseVersions(text: string): number {
  let versions = 0;
  for (const word of text.split(/[ ,\t]+/)) {
    if (word === "") continue;
    const index = VERSION_NAMES.findIndex((name) => name.toLowerCase() === word.toLowerCase());
    if (index < 0) throw new Fatal(`Unknown OpenFlow version: "${word}"`);
    versions |= 2 << index;
  }
  return versions;
}

type Argument = "none" | "required" | "optional";

/** Long options in the original's order, in which it names those that an abbreviation may mean. */
const LONG: ReadonlyMap<string, Argument> = new Map<string, Argument>([
  ["timeout", "required"],
  ["strict", "none"],
  ["readd", "none"],
  ["flow-format", "required"],
  ["packet-in-format", "required"],
  ["more", "none"],
  ["timestamp", "none"],
  ["sort", "optional"],
  ["rsort", "optional"],
  ["names", "none"],
  ["no-names", "none"],
  ["stats", "none"],
  ["no-stats", "none"],
  ["unixctl", "required"],
  ["help", "none"],
  ["option", "none"],
  ["bundle", "none"],
  ["color", "optional"],
  ["may-create", "none"],
  ["pcap", "none"],
  ["raw", "none"],
  ["read-only", "none"],
  ["detach", "none"],
  ["no-self-confinement", "none"],
  ["no-chdir", "none"],
  ["pidfile", "optional"],
  ["overwrite-pidfile", "none"],
  ["monitor", "none"],
  ["user", "required"],
  ["version", "none"],
  ["protocols", "required"],
  ["verbose", "optional"],
  ["log-file", "optional"],
  ["syslog-method", "required"],
  ["syslog-target", "required"],
  ["private-key", "required"],
  ["certificate", "required"],
  ["ca-cert", "required"],
  ["ssl-protocols", "required"],
  ["ssl-ciphers", "required"],
]);

const SHORT: ReadonlyMap<string, string> = new Map([
  ["t", "timeout"],
  ["F", "flow-format"],
  ["P", "packet-in-format"],
  ["m", "more"],
  ["h", "help"],
  ["o", "option"],
  ["O", "protocols"],
  ["V", "version"],
  ["v", "verbose"],
  ["p", "private-key"],
  ["c", "certificate"],
  ["C", "ca-cert"],
]);

/** One option after the other, and the arguments that are none. */
function* scan(
  words: readonly string[],
  rest: string[],
): Generator<{ name: string; value: string | undefined; shown: string }> {
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    if (word === "--") {
      rest.push(...words.slice(i + 1));
      return;
    }
    if (word.startsWith("--")) {
      const [given = "", ...more] = word.slice(2).split("=");
      const value = word.includes("=") ? more.join("=") : undefined;
      const name = longName(given, word);
      const kind = LONG.get(name);
      if (kind === "none" && value !== undefined)
        throw new Fatal(`option '--${name}' doesn't allow an argument`);
      if (kind === "required" && value === undefined) {
        if (i + 1 >= words.length) throw new Fatal(`option '--${name}' requires an argument`);
        yield { name, value: words[++i], shown: `--${name}` };
      } else yield { name, value, shown: `--${name}` };
    } else if (word.startsWith("-") && word !== "-") {
      for (let at = 1; at < word.length; at++) {
        const letter = word.charAt(at);
        const name = SHORT.get(letter);
        if (name === undefined) throw new Fatal(`invalid option -- '${letter}'`);
        const kind = LONG.get(name);
        if (kind === "none") {
          yield { name, value: undefined, shown: `-${letter}` };
          continue;
        }
        const attached = word.slice(at + 1);
        if (attached !== "" || kind === "optional") {
          yield { name, value: attached === "" ? undefined : attached, shown: `-${letter}` };
        } else if (i + 1 >= words.length) throw new Fatal(`option requires an argument -- '${letter}'`);
        else yield { name, value: words[++i], shown: `-${letter}` };
        break;
      }
    } else rest.push(word);
  }
}

function longName(given: string, word: string): string {
  if (LONG.has(given)) return given;
  const found = [...LONG.keys()].filter((name) => name.startsWith(given));
  if (found.length === 1 && found[0] !== undefined) return found[0];
  if (found.length === 0) throw new Fatal(`unrecognized option '${word}'`);
  const list = found.map((name) => `'--${name}'`).join(" ");
  throw new Fatal(`option '${word}' is ambiguous; possibilities: ${list}`);
}

function sortKey(text: string | undefined, descending: boolean): SortKey {
  if (text === undefined || text.toLowerCase() === "priority") return { field: undefined, descending };
  const field = fieldNamed(text);
  if (!field) throw new Fatal(`${text}: unknown field name`);
  return { field: field.name, descending };
}

const PACKET_IN_FORMATS = ["standard", "nxt_packet_in", "nxt_packet_in2"] as const;

function packetInFormat(text: string): OfctlOptions["packetInFormat"] {
  // Older names are still understood.
  const renamed = { openflow10: "standard", nxm: "nxt_packet_in" }[text.toLowerCase()] ?? text.toLowerCase();
  const found = PACKET_IN_FORMATS.find((name) => name === renamed);
  if (!found) throw new Fatal(`unknown packet-in format \`${text}'`);
  return found;
}

/** Splits the command line into options and the command with its arguments. */
export function parseOptions(words: readonly string[]): { options: OfctlOptions; rest: readonly string[] } {
  const rest: string[] = [];
  let options: OfctlOptions = {
    versions: ALL_VERSIONS,
    versionsGiven: false,
    protocols: ANY_PROTOCOL,
    packetInFormat: undefined,
    verbosity: 0,
    strict: false,
    readOnly: false,
    readd: false,
    bundle: false,
    mayCreate: false,
    timestamp: false,
    sort: [],
    names: undefined,
    stats: true,
    color: "never",
    pcap: false,
    unixctl: undefined,
    detach: false,
    pidFile: undefined,
    timeout: undefined,
    user: undefined,
    log: [],
    ssl: [],
    help: false,
    version: false,
  };
  for (const { name, value } of scan(words, rest)) {
    switch (name) {
      case "timeout":
        if (!/^[1-9]\d*$/.test(value ?? "")) throw new Fatal(`value ${value} on -t or --timeout is invalid`);
        options = { ...options, timeout: Number(value) };
        break;
      case "flow-format":
        options = { ...options, protocols: protocolsIn(value ?? "") };
        break;
      case "packet-in-format":
        options = { ...options, packetInFormat: packetInFormat(value ?? "") };
        break;
      case "protocols":
        options = { ...options, versions: parseVersions(value ?? ""), versionsGiven: true };
        break;
      case "more":
        options = { ...options, verbosity: options.verbosity + 1 };
        break;
      case "strict":
      case "readd":
      case "bundle":
      case "timestamp":
      case "pcap":
      case "stats":
      case "names":
      case "help":
      case "version":
        options = { ...options, [name]: true };
        break;
      case "no-names":
      case "no-stats":
        options = { ...options, [name.slice(3)]: false };
        break;
      case "read-only":
        options = { ...options, readOnly: true };
        break;
      case "may-create":
        options = { ...options, mayCreate: true };
        break;
      case "sort":
      case "rsort":
        options = { ...options, sort: [...options.sort, sortKey(value, name === "rsort")] };
        break;
      case "unixctl":
        options = { ...options, unixctl: value };
        break;
      case "color":
        if (value !== undefined && !["always", "never", "auto"].includes(value)) {
          throw new Fatal(`incorrect value \`${value}' for --color`);
        }
        options = { ...options, color: value === "always" || value === "never" ? value : "auto" };
        break;
      case "detach":
        options = { ...options, detach: true };
        break;
      case "pidfile":
        options = { ...options, pidFile: value ?? "" };
        break;
      case "private-key":
      case "certificate":
      case "ca-cert":
      case "ssl-protocols":
      case "ssl-ciphers":
        options = { ...options, ssl: [...options.ssl, { name, value }] };
        break;
      case "user":
        options = { ...options, user: value };
        break;
      case "verbose":
      case "log-file":
        options = { ...options, log: [...options.log, { name, value }] };
        break;
      case "syslog-method":
        checkSyslogMethod(value ?? "");
        break;
      default:
        // nobody watches over a program here: one that --monitor would start anew does not crash
        break;
    }
  }
  if (rest[0] === "bundle") {
    allowedProtocols({ ...options, bundle: false });
    // its messages are of any format
    options = { ...options, bundle: true, protocols: ANY_PROTOCOL };
  }
  return { options: allowedProtocols(options), rest };
}

function protocolsIn(text: string): Protocols {
  try {
    return parseProtocols(text);
  } catch (error) {
    if (error instanceof TextError) throw new Fatal(error.message);
    throw error;
  }
}

const OF10_PROTOCOLS = 0xf;

function versionNames(versions: number): string {
  const all = [1, 2, 3, 4, 5, 6].filter((version) => (versions & (1 << version)) !== 0);
  return all.map((version) => `OpenFlow1${version - 1}`).join(", ");
}

const noneSupported = (versions: number, formats: Protocols): Fatal =>
  new Fatal(
    `None of the enabled OpenFlow versions (${versionNames(versions)}) supports any of the enabled flow formats (${formatProtocols(formats)}).  (Use -O to enable additional OpenFlow versions or -F to enable additional flow formats.)`,
  );

/** OpenFlow 1.3 to 1.5 have bundles; 1.4 is spoken if none of them has been asked for. */
const BUNDLE_VERSIONS = 0x70;
const OPENFLOW14 = 5;

function withBundles(options: OfctlOptions, fromVersions: Protocols): OfctlOptions {
  const given = options.versionsGiven ? options.versions : 0;
  const has = (given & BUNDLE_VERSIONS) !== 0;
  const versions = has ? given : 1 << OPENFLOW14;
  const protocols = (has ? fromVersions : Protocol.OF14_OXM) & options.protocols;
  if (protocols === 0) throw noneSupported(versions, options.protocols);
  return { ...options, versions, versionsGiven: true, protocols };
}

/** Without -O, commands that change flows speak OpenFlow 1.0 unless -F names another. */
function allowedProtocols(options: OfctlOptions): OfctlOptions {
  let fromVersions = 0;
  for (let version = 1; version <= 6; version++) {
    if ((options.versions & (1 << version)) === 0) continue;
    fromVersions |= version === 1 ? OF10_PROTOCOLS : 1 << (version + 2);
  }
  if (options.bundle) return withBundles(options, fromVersions);
  const versions = options.versionsGiven ? options.versions : 2;
  const both = options.protocols & (options.versionsGiven ? fromVersions : OF10_PROTOCOLS);
  if (both === 0) throw noneSupported(versions, options.protocols);
  return { ...options, versions, protocols: both };
}

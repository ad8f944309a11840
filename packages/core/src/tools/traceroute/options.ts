// What traceroute was asked to do: options with their checks.

import type { Process } from "../../system/process.ts";
import { bytesEqual } from "../../wire/bytes.ts";
import type { Family, ResolvedHost } from "../resolver/hosts.ts";
import { NameFault, resolveHost } from "../resolver/hosts.ts";
import type { LineOption } from "./command-line.ts";
import { readDouble, readLine, readUnsigned } from "./command-line.ts";
import { HELP, ICMP_OPTIONS_HELP, VERSION } from "./usage.ts";

const MOST_HOPS = 255;
const MOST_PROBES = 10;
const LONGEST_PACKET = 65_000;
/** Well-known names of ports that -p takes. */
const SERVICES: Readonly<Record<string, number>> = {
  domain: 53,
  http: 80,
  traceroute: 33434,
  ssh: 22,
  ntp: 123,
};
/** ::ffff:0:0/96 */
const V4_MAPPED_PREFIX = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff);

/** Methods that exist, but need sockets that systems here do not have. */
const UNSUPPORTED: ReadonlySet<string> = new Set(["tcpconn", "udplite", "dccp", "raw"]);

export interface TraceOptions {
  family: Family | undefined;
  method: string;
  dontFragment: boolean;
  firstHop: number;
  gateways: string[];
  device: string | undefined;
  maxHops: number;
  /** Probes under way at once. */
  simultaneous: number;
  numeric: boolean;
  /** Port, or first sequence number; 0: the method's own. */
  port: number;
  tos: number;
  flowLabel: number;
  /** Seconds. */
  wait: number;
  /** How many times longer than a reply of the same hop, and of a farther one, a probe is waited for; 0: not looked at. */
  hereFactor: number;
  nearFactor: number;
  queries: number;
  noRoute: boolean;
  source: ResolvedHost | undefined;
  sourcePort: number;
  /** Seconds between probes. */
  sendInterval: number;
  mark: number;
  discoverMtu: boolean;
  backward: boolean;
  packetLength: number;
  target: ResolvedHost | undefined;
  targetName: string;
}

/** Prints to standard error and ends with status 2. */
export function refuse(process: Process, text: string): never {
  process.flush();
  process.warn(`${text}\n`);
  process.exit(2);
}

/** The first fitting address; undefined after a message. An IPv4-mapped address means the IPv4 one. */
export function findAddress(
  process: Process,
  name: string,
  family: Family | undefined,
): ResolvedHost | undefined {
  try {
    const [host] = resolveHost(process, name, family);
    if (host === undefined) return undefined;
    if (host.family === "inet" || !bytesEqual(host.address.subarray(0, 12), V4_MAPPED_PREFIX)) return host;
    return family === "inet6" ? undefined : { ...host, family: "inet", address: host.address.slice(12) };
  } catch (fault) {
    if (!(fault instanceof NameFault)) throw fault;
    process.warn(`${name}: ${fault.text}\n`);
    return undefined;
  }
}

function defaults(): TraceOptions {
  return {
    family: undefined,
    method: "default",
    dontFragment: false,
    firstHop: 1,
    gateways: [],
    device: undefined,
    maxHops: 30,
    simultaneous: 16,
    numeric: false,
    port: 0,
    tos: 0,
    flowLabel: 0,
    wait: 5,
    hereFactor: 3,
    nearFactor: 10,
    queries: 3,
    noRoute: false,
    source: undefined,
    sourcePort: 0,
    sendInterval: 0,
    mark: 0,
    discoverMtu: false,
    backward: false,
    packetLength: -1,
    target: undefined,
    targetName: "",
  };
}

type NumberKey = {
  [K in keyof TraceOptions]: TraceOptions[K] extends number ? K : never;
}[keyof TraceOptions];

/** The options of the command line, as they fill `trace`. */
function lineOptions(process: Process, trace: TraceOptions): LineOption[] {
  const flag = (apply: () => void) => (): boolean => {
    apply();
    return true;
  };
  const unsigned =
    (key: NumberKey) =>
    (value: string): boolean => {
      const number = readUnsigned(value);
      if (number !== undefined) trace[key] = number;
      return number !== undefined;
    };
  const port =
    (key: "port" | "sourcePort") =>
    (value: string): boolean => {
      const number = readUnsigned(value) ?? SERVICES[value];
      if (number !== undefined) trace[key] = number;
      return number !== undefined;
    };
  const method = (name: string): (() => boolean) => flag(() => (trace.method = name));
  const end = (text: string) => (): boolean => {
    process.flush();
    process.warn(text);
    return process.exit(0);
  };
  return [
    { short: "4", set: flag(() => (trace.family = "inet")) },
    { short: "6", set: flag(() => (trace.family = "inet6")) },
    // SO_DEBUG does nothing for UDP and ICMP
    { short: "d", long: "debug", set: () => true },
    { short: "F", long: "dont-fragment", abbreviated: true, set: flag(() => (trace.dontFragment = true)) },
    { short: "f", long: "first", argument: "first_ttl", set: unsigned("firstHop") },
    {
      short: "g",
      long: "gateway",
      argument: "gate",
      several: true,
      set: (value) => trace.gateways.push(value) > 0,
    },
    { short: "I", long: "icmp", set: method("icmp") },
    { short: "T", long: "tcp", set: method("tcp") },
    {
      short: "i",
      long: "interface",
      argument: "device",
      set: (value) => flag(() => (trace.device = value))(),
    },
    { short: "m", long: "max-hops", argument: "max_ttl", set: unsigned("maxHops") },
    { short: "N", long: "sim-queries", argument: "squeries", set: unsigned("simultaneous") },
    { short: "n", set: flag(() => (trace.numeric = true)) },
    { short: "p", long: "port", argument: "port", set: port("port") },
    { short: "t", long: "tos", argument: "tos", set: unsigned("tos") },
    { short: "l", long: "flowlabel", argument: "flow_label", set: unsigned("flowLabel") },
    { short: "w", long: "wait", argument: "MAX,HERE,NEAR", set: (value) => readWait(trace, value) },
    { short: "q", long: "queries", argument: "nqueries", set: unsigned("queries") },
    { short: "r", set: flag(() => (trace.noRoute = true)) },
    {
      short: "s",
      long: "source",
      argument: "src_addr",
      set: (value) => (trace.source = findAddress(process, value, trace.family)) !== undefined,
    },
    {
      short: "z",
      long: "sendwait",
      argument: "sendwait",
      set(value) {
        const seconds = readDouble(value);
        if (seconds !== undefined) trace.sendInterval = seconds;
        return seconds !== undefined;
      },
    },
    // Routers here add no extensions (RFC 4884) to their errors.
    { short: "e", long: "extensions", abbreviated: true, set: () => true },
    { short: "A", long: "as-path-lookups", set: () => refuse(process, "AS path lookups are not supported") },
    { short: "M", long: "module", argument: "name", set: (value) => flag(() => (trace.method = value))() },
    {
      short: "O",
      long: "options",
      argument: "OPTS",
      several: true,
      set: (value) => moduleOption(process, trace, value),
    },
    { long: "sport", argument: "num", set: port("sourcePort") },
    { long: "fwmark", argument: "num", set: unsigned("mark") },
    { short: "U", long: "udp", set: method("udp") },
    { long: "UL", oneDash: true, set: method("udplite") },
    { short: "D", long: "dccp", set: method("dccp") },
    { short: "P", long: "protocol", argument: "prot", set: () => flag(() => (trace.method = "raw"))() },
    { long: "mtu", set: flag(() => (trace.discoverMtu = true)) },
    { long: "back", set: flag(() => (trace.backward = true)) },
    { short: "V", long: "version", set: end(VERSION) },
    { long: "help", set: end(HELP) },
  ];
}

/** MAX[,HERE[,NEAR]]; what is left out is not looked at. */
function readWait(trace: TraceOptions, text: string): boolean {
  const numbers = text.split(",").map(readDouble);
  const [wait, here = 0, near = 0] = numbers;
  if (numbers.length > 3 || wait === undefined || numbers.includes(undefined)) return false;
  trace.wait = wait;
  trace.hereFactor = here;
  trace.nearFactor = near;
  return true;
}

/** -O: "icmp" has options, and both of its ways give the same here. */
function moduleOption(process: Process, trace: TraceOptions, value: string): boolean {
  if (trace.method === "tcp") refuse(process, "options of the module tcp are not implemented");
  if (value === "help") {
    process.flush();
    process.warn(trace.method === "icmp" ? ICMP_OPTIONS_HELP : `No options for module \`${trace.method}'\n`);
    process.exit(0);
  }
  if (trace.method === "icmp" && (value === "raw" || value === "dgram")) return true;
  return refuse(process, `\`${value}' (argc 1): arguments are not allowed`);
}

/** Reads and checks the command line. Ends the process where traceroute does. */
export function readTraceOptions(process: Process): TraceOptions & { readonly target: ResolvedHost } {
  const trace = defaults();
  const program = (process.argv[0] ?? "").replace(/^.*\//, "");
  if (program.endsWith("6")) trace.family = "inet6";
  else if (program.endsWith("4")) trace.family = "inet";
  if (process.argv.length <= 1) {
    process.warn(HELP);
    process.exit(0);
  }
  const host = (value: string): boolean => {
    const found = findAddress(process, value, trace.family);
    if (found === undefined) return false;
    trace.target = found;
    trace.targetName = value;
    trace.family ??= found.family;
    return true;
  };
  const length = (value: string): boolean => {
    const number = readUnsigned(value);
    if (number !== undefined) trace.packetLength = number | 0;
    return number !== undefined;
  };
  const options = lineOptions(process, trace);
  const complete = readLine(
    process,
    options,
    { name: "host", set: host },
    { name: "packetlen", set: length },
  );
  const { target } = trace;
  if (!complete || target === undefined) return process.exit(2);
  check(process, trace, target);
  return { ...trace, target };
}

function check(process: Process, trace: TraceOptions, target: ResolvedHost): void {
  const { method, firstHop, maxHops, queries, wait, hereFactor, nearFactor, packetLength, source } = trace;
  if (UNSUPPORTED.has(method)) refuse(process, `traceroute module ${method} is not supported`);
  if (method !== "default" && method !== "udp" && method !== "icmp" && method !== "tcp") {
    refuse(process, `Unknown traceroute module ${method}`);
  }
  if (firstHop === 0 || firstHop > maxHops) refuse(process, "first hop out of range");
  if (maxHops > MOST_HOPS) refuse(process, `max hops cannot be more than ${MOST_HOPS}`);
  if (queries === 0 || queries > MOST_PROBES) refuse(process, `no more than ${MOST_PROBES} probes per hop`);
  if (wait < 0 || hereFactor < 0 || nearFactor < 0) {
    refuse(process, `bad wait specifications \`${wait},${hereFactor},${nearFactor}' used`);
  }
  if (packetLength > LONGEST_PACKET) refuse(process, `too big packetlen ${packetLength} specified`);
  if (source !== undefined && source.family !== target.family) {
    refuse(process, "IP version mismatch in addresses specified");
  }
  if (trace.sendInterval < 0) refuse(process, `bad sendtime \`${trace.sendInterval}' specified`);
  if (trace.sendInterval >= 10) trace.sendInterval /= 1000;
  if (trace.sourcePort !== 0) {
    trace.simultaneous = 1;
    trace.hereFactor = 0;
    trace.nearFactor = 0;
  }
  if (trace.discoverMtu) {
    trace.dontFragment = true;
    trace.simultaneous = 1;
    if (trace.packetLength < 0) trace.packetLength = LONGEST_PACKET;
  }
}

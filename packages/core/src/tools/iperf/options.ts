// The command line of iperf3 (iperf_parse_arguments).

import type { Process } from "../../system/process.ts";
import { has, parseOptions, UsageEnd, valueOf } from "../coreutils/options.ts";
import { amount } from "./units.ts";
import { IPERF_USAGE, IPERF_VERSION } from "./usage.ts";

export interface IperfOptions {
  /** Undefined: a server. */
  readonly server: string | undefined;
  readonly port: number;
  readonly udp: boolean;
  readonly oneOff: boolean;
  readonly daemon: boolean;
  readonly json: boolean;
  readonly reverse: boolean;
  readonly parallel: number;
  /** Seconds. */
  readonly duration: number;
  /** Bytes and blocks after which it ends instead; 0: by time. */
  readonly bytes: number;
  readonly blocks: number;
  /** Seconds; 0: only at the end. */
  readonly interval: number;
  /** Bytes; undefined: as the protocol has it. */
  readonly length: number | undefined;
  /** Bits a second; 0: as fast as it goes. */
  readonly bitrate: number;
  readonly format: string;
  readonly family: "inet" | "inet6" | undefined;
  readonly bind: string | undefined;
  readonly device: string | undefined;
  readonly clientPort: number;
  readonly maximumSegment: number;
  readonly window: number;
  readonly noDelay: boolean;
  readonly congestion: string | undefined;
  readonly tos: number;
  readonly title: string | undefined;
  /** Milliseconds. */
  readonly connectTimeout: number | undefined;
  readonly getServerOutput: boolean;
}

const DEFAULT_PORT = 5201;
const DEFAULT_DURATION = 10;
const UDP_RATE = 1024 * 1024;
const MAX_TIME = 86_400;
const MAX_STREAMS = 128;
const MAX_BLOCK = 1024 * 1024;

const NOT_THERE: readonly string[] = [
  "bidir",
  "O",
  "F",
  "k",
  "sctp",
  "Z",
  "V",
  "d",
  "logfile",
  "timestamps",
  "X",
  "nstreams",
];

function wrong(process: Process, text: string): never {
  process.warn(`iperf3: parameter error - ${text}\n\n`);
  process.print(IPERF_USAGE);
  throw new UsageEnd(1);
}

export function readOptions(process: Process): IperfOptions {
  const parsed = parseOptions(process, {
    short: "p:f:i:D1VJvsc:ub:t:n:k:l:P:Rw:B:M:N46S:L:ZO:F:A:T:C:dI:hX:",
    long: {
      "port=": "p",
      "format=": "f",
      "interval=": "i",
      daemon: "D",
      "one-off": "1",
      verbose: "V",
      json: "J",
      version: "v",
      server: "s",
      "client=": "c",
      udp: "u",
      "bitrate=": "b",
      "bandwidth=": "b",
      "time=": "t",
      "bytes=": "n",
      "blockcount=": "k",
      "length=": "l",
      "parallel=": "P",
      reverse: "R",
      bidir: "bidir",
      "window=": "w",
      "bind=": "B",
      "bind-dev=": "bind-dev",
      "cport=": "cport",
      "set-mss=": "M",
      "no-delay": "N",
      version4: "4",
      version6: "6",
      "tos=": "S",
      "dscp=": "dscp",
      "flowlabel=": "L",
      zerocopy: "Z",
      "omit=": "O",
      "file=": "F",
      "affinity=": "A",
      "title=": "T",
      "congestion=": "C",
      "linux-congestion=": "C",
      sctp: "sctp",
      "logfile=": "logfile",
      forceflush: "forceflush",
      "get-server-output": "get-server-output",
      "udp-counters-64bit": "udp-counters-64bit",
      "pidfile=": "I",
      "connect-timeout=": "connect-timeout",
      "repeating-payload": "repeating-payload",
      "extra-data=": "extra-data",
      "timestamps?": "timestamps",
      "pacing-timer=": "pacing-timer",
      "rcv-timeout=": "rcv-timeout",
      "snd-timeout=": "snd-timeout",
      help: "h",
      "nstreams=": "nstreams",
      "xbind=": "X",
      "debug?": "d",
    },
    wrong: (text) => {
      process.warn(`iperf3: ${text}\n${IPERF_USAGE}`);
      throw new UsageEnd(1);
    },
  });
  if (has(parsed, "h")) {
    process.print(IPERF_USAGE);
    throw new UsageEnd(0);
  }
  if (has(parsed, "v")) {
    process.print(
      `iperf ${IPERF_VERSION} (cJSON 1.7.15)\nLinux ${process.system.hostName} ${process.system.release} x86_64\n`,
    );
    throw new UsageEnd(0);
  }
  const missing = parsed.options.find(({ name }) => NOT_THERE.includes(name));
  if (missing !== undefined) {
    process.warn(`iperf3: option '${missing.name}' is not implemented\n`);
    throw new UsageEnd(1);
  }
  const isServer = has(parsed, "s");
  const client = valueOf(parsed, "c");
  if (isServer && client !== undefined) wrong(process, "cannot be both server and client");
  if (!isServer && client === undefined) wrong(process, "must either be a client (-c) or server (-s)");
  const number = (name: string, otherwise: number, base: 1000 | 1024 = 1024): number => {
    const text = valueOf(parsed, name);
    return text === undefined ? otherwise : amount(text, base) || 0;
  };
  const udp = has(parsed, "u");
  const clientOnly = ["u", "b", "t", "n", "l", "P", "R", "w", "M", "N", "S", "C", "cport"].some((name) =>
    has(parsed, name),
  );
  if (isServer && clientOnly) wrong(process, "some option you are trying to set is client only");
  if (client !== undefined && (has(parsed, "D") || has(parsed, "1")))
    wrong(process, "some option you are trying to set is server only");
  const duration = number("t", DEFAULT_DURATION);
  if (duration > MAX_TIME) wrong(process, `test duration too long (maximum = ${MAX_TIME} seconds)`);
  const parallel = number("P", 1);
  if (parallel > MAX_STREAMS)
    wrong(process, `number of parallel streams too large (maximum = ${MAX_STREAMS})`);
  const interval = Number(valueOf(parsed, "i") ?? 1);
  if ((interval < 0.1 || interval > 60) && interval !== 0)
    wrong(process, "invalid report interval (min = 0.1, max = 60 seconds)");
  const length = has(parsed, "l") ? number("l", 0) : undefined;
  if (length !== undefined && (length <= 0 || length > MAX_BLOCK))
    wrong(process, `block size too large (maximum = ${MAX_BLOCK} bytes)`);
  const format = valueOf(parsed, "f") ?? "a";
  if (!/^[kmgtKMGTa]/.test(format))
    wrong(process, "bad format specifier (valid formats are in the set [kmgtKMGT])");
  const bytes = number("n", 0);
  if (bytes > 0 && has(parsed, "t"))
    wrong(process, "only one test end condition (-t, -n, -k) may be specified");
  const [host, ofHost] = (client ?? "").split("%");
  const [bind, ofBind] = valueOf(parsed, "B")?.split("%") ?? [];
  return {
    server: client === undefined ? undefined : (host ?? ""),
    port: number("p", DEFAULT_PORT),
    udp,
    oneOff: has(parsed, "1"),
    daemon: has(parsed, "D"),
    json: has(parsed, "J"),
    reverse: has(parsed, "R"),
    parallel: Math.max(1, parallel),
    duration: bytes > 0 ? 0 : duration,
    bytes,
    blocks: 0,
    interval,
    length,
    bitrate: number("b", udp ? UDP_RATE : 0, 1000),
    format: format[0] ?? "a",
    family: has(parsed, "6") ? "inet6" : has(parsed, "4") ? "inet" : undefined,
    bind,
    device: valueOf(parsed, "bind-dev") ?? ofBind ?? ofHost,
    clientPort: number("cport", 0),
    maximumSegment: number("M", 0),
    window: number("w", 0),
    noDelay: has(parsed, "N"),
    congestion: valueOf(parsed, "C"),
    tos: Number(valueOf(parsed, "S") ?? 0) || 0,
    title: valueOf(parsed, "T"),
    connectTimeout: has(parsed, "connect-timeout") ? number("connect-timeout", 0) : undefined,
    getServerOutput: has(parsed, "get-server-output"),
  };
}

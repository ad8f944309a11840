// nc of OpenBSD as Debian ships it (netcat-openbsd 1.219): datagrams by UDP and connections by unix sockets. TCP is what the system has
// of it: programs of one host can connect, and no segment is sent.

import { Refusal } from "../../netlink/refusal.ts";
import { strerror } from "../../netlink/errno.ts";
import type { Process, Program } from "../../system/process.ts";
import { SECOND } from "../../system/system.ts";
import { has, parseOptions, valueOf } from "../coreutils/options.ts";
import type { Parsed } from "../coreutils/options.ts";
import { program } from "../coreutils/program.ts";
import { hostName, NameFault, numericName, resolveHost } from "../resolver/hosts.ts";
import { servicePort } from "../resolver/databases.ts";
import { relay } from "./relay.ts";
import type { Peer } from "./relay.ts";
import { openStream, listenStream } from "./stream.ts";
import { openUdp, probe } from "./udp.ts";
import { NETCAT_USAGE } from "./usage.ts";

const WRONG = 1;

export interface NetcatOptions {
  readonly udp: boolean;
  readonly unix: boolean;
  readonly listen: boolean;
  readonly keep: boolean;
  readonly numeric: boolean;
  readonly verbose: boolean;
  readonly scan: boolean;
  readonly detached: boolean;
  readonly family: "inet" | "inet6" | undefined;
  readonly source: string | undefined;
  readonly sourcePort: number;
  readonly broadcast: boolean;
  readonly tos: number | undefined;
  readonly ttl: number | undefined;
  /** Nanoseconds; undefined: without end. */
  readonly idle: number | undefined;
  /** -q: nanoseconds after the end of the input; undefined: not ended by it. */
  readonly quit: number | undefined;
  readonly shutdown: boolean;
  /** -W: datagrams that are taken before the end. */
  readonly most: number | undefined;
}

export const netcat: Program = program(async (process) => {
  const usage = (text = ""): never => {
    process.warn(text + NETCAT_USAGE);
    return process.exit(WRONG);
  };
  const parsed = parseOptions(process, {
    short: "46bCDdFhI:i:kl M:m:NnO:P:p:q:rSs:T:tUuV:vW:w:X:x:Zz".replaceAll(" ", ""),
    long: {},
    wrong: (text) => usage(`${process.argv[0] ?? "nc"}: ${text}\n`),
  });
  if (has(parsed, "h")) return usage();
  for (const letter of ["F", "S", "X", "x", "t", "V", "D", "r"]) {
    if (!has(parsed, letter)) continue;
    process.warn(`nc: -${letter} is not implemented\n`);
    return WRONG;
  }
  const options = optionsOf(parsed);
  const operands = [...parsed.operands];
  if (options.unix) {
    const [path, extra] = operands;
    if (path === undefined || extra !== undefined) return usage();
    const peer = options.listen
      ? await listenStream(process, { family: "unix", path })
      : openStream(process, { family: "unix", path });
    if (typeof peer === "string") return failed(process, `${path}: ${peer}`);
    return relay(process, peer, options);
  }
  const lonePort = operands.length === 1 && options.listen;
  const host = lonePort ? undefined : operands[0];
  const portText = (lonePort ? operands[0] : operands[1]) ?? valueOf(parsed, "p");
  if (operands.length > 2 || (operands.length === 0 && !options.listen)) return usage();
  if (portText === undefined) return failed(process, "missing port number");
  const lowest = options.listen ? 0 : 1;
  const ports = portsOf(process, portText, options.udp ? "udp" : "tcp", lowest);
  if (typeof ports === "string") return failed(process, ports);
  if (!options.udp && options.scan && host === undefined) return usage();
  return connectOrListen(process, options, host, ports);
});

function failed(process: Process, text: string): number {
  process.warn(`nc: ${text}\n`);
  return WRONG;
}

function optionsOf(parsed: Parsed): NetcatOptions {
  const number = (letter: string): number | undefined => {
    const text = valueOf(parsed, letter);
    return text === undefined ? undefined : Number(text);
  };
  const quit = number("q");
  const idle = number("w");
  return {
    udp: has(parsed, "u"),
    unix: has(parsed, "U"),
    listen: has(parsed, "l"),
    keep: has(parsed, "k"),
    numeric: has(parsed, "n"),
    verbose: has(parsed, "v"),
    scan: has(parsed, "z"),
    detached: has(parsed, "d"),
    family: has(parsed, "6") ? "inet6" : has(parsed, "4") ? "inet" : undefined,
    source: valueOf(parsed, "s"),
    sourcePort: number("p") ?? 0,
    broadcast: has(parsed, "b"),
    tos: number("T"),
    ttl: number("M"),
    idle: idle === undefined || idle < 0 ? undefined : idle * SECOND,
    quit: quit === undefined || quit < 0 ? undefined : quit * SECOND,
    shutdown: has(parsed, "N"),
    most: number("W"),
  };
}

/** One port, or a range; text if it is none. */
function portsOf(
  process: Process,
  text: string,
  transport: string,
  lowest: number,
): readonly number[] | string {
  const named = servicePort(process, text, transport);
  if (named !== undefined) return [named];
  const [low = "", high = low] = text.split("-");
  for (const part of [low, high])
    if (!/^\d+$/.test(part) || Number(part) < lowest || Number(part) > 65535)
      return `port number ${/^\d+$/.test(part) ? (Number(part) < lowest ? "too small" : "too large") : "invalid"}: ${part}`;
  const [first = 0, last = 0] = [Number(low), Number(high)].sort((a, b) => a - b);
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

async function connectOrListen(
  process: Process,
  options: NetcatOptions,
  host: string | undefined,
  ports: readonly number[],
): Promise<number> {
  let addresses: readonly Uint8Array[];
  try {
    const family = options.family ?? (host === undefined && options.listen ? "inet" : undefined);
    addresses = resolveHost(process, host ?? (family === "inet6" ? "::" : "0.0.0.0"), family).map(
      ({ address }) => address,
    );
  } catch (fault) {
    if (!(fault instanceof NameFault)) throw fault;
    return failed(process, `getaddrinfo for host "${host}" port ${ports[0]}: ${fault.text}`);
  }
  const [address = new Uint8Array(4)] = addresses;
  let status = 1;
  for (const port of ports) {
    const peer = await peerOf(process, options, address, port);
    const shown = numericName(process, { address });
    if (typeof peer === "string") {
      if (options.verbose || options.listen)
        process.warn(
          options.listen
            ? `nc: ${peer}\n`
            : `nc: connect to ${host} port ${port} (${options.udp ? "udp" : "tcp"}) failed: ${peer}\n`,
        );
      continue;
    }
    status = 0;
    if (options.verbose && !options.listen) {
      const name = options.numeric ? undefined : hostName(process, address);
      const service = options.numeric ? "*" : "*";
      const open = !options.udp || (await probe(process, peer));
      if (!open) {
        peer.close();
        status = 1;
        continue;
      }
      process.warn(
        `Connection to ${name ?? host ?? shown}${name === undefined ? "" : ` (${shown})`} ${port} port [${options.udp ? "udp" : "tcp"}/${service}] succeeded!\n`,
      );
    }
    if (!options.scan) status = await relay(process, peer, options);
    peer.close();
  }
  return status;
}

async function peerOf(
  process: Process,
  options: NetcatOptions,
  address: Uint8Array,
  port: number,
): Promise<Peer | string> {
  const family = address.length === 4 ? "inet" : "inet6";
  try {
    if (options.udp) return openUdp(process, options, address, port);
    const place = { family, address, port } as const;
    return options.listen ? await listenStream(process, place) : openStream(process, place);
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return strerror(refusal.errno);
  }
}

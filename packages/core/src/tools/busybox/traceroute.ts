// The applets traceroute and traceroute6: one UDP probe after the other, and a raw socket on which routers answer.

import { strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import type { InetSocket, ReceivedDatagram } from "../../system/sockets.ts";
import type { Nanoseconds } from "../../system/system.ts";
import { MICROSECOND, MILLISECOND, SECOND } from "../../system/system.ts";
import { bytesEqual, readU16BE, readU8 } from "../../wire/bytes.ts";
import { IcmpType } from "../../wire/icmpv4.ts";
import { Icmpv6Type } from "../../wire/icmpv6.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { ipv4HeaderLength, ipv4Protocol, ipv4Ttl } from "../../wire/ipv4.ts";
import { ipv6NextHeader } from "../../wire/ipv6.ts";
import type { ResolvedHost } from "../resolver/hosts.ts";
import { hostName, numericName } from "../resolver/hosts.ts";
import {
  complain,
  die,
  familyOf,
  hostOf,
  numberInRange,
  orDie,
  readArguments,
  showUsage,
} from "./arguments.ts";
import { millis } from "./ping.ts";

const LETTERS = "46Flnrvf:m:p:q:t:w:s:i:z:";
const DEFAULT_PORT = 33_434;
/** Seconds; its help says 3. */
const DEFAULT_WAIT = 5;
const ICMP_HEADER = 8;
const UDP_HEADER = 8;
const IPV6_HEADER = 40;
/** IP and UDP header with what a probe carries at least. */
const SMALLEST = { inet: 46, inet6: 72 } as const;
const LARGEST = 32 * 1024;
const INT_MAX = 2_147_483_647;
const DAY = 24 * 60 * 60; // seconds
const HOUR = 60 * 60 * 1000; // milliseconds

interface Options {
  readonly first: number;
  readonly last: number;
  readonly probes: number;
  readonly port: number;
  readonly tos: number | undefined;
  readonly wait: Nanoseconds;
  readonly pause: Nanoseconds;
  readonly numeric: boolean;
  readonly verbose: boolean;
  readonly length: number;
}

interface Sockets {
  readonly send: InetSocket;
  readonly receive: InetSocket;
}

export async function busyboxTraceroute(process: Process): Promise<number> {
  const applet = process.argv[0] === "traceroute6" ? "traceroute6" : "traceroute";
  const { options: given, operands } = readArguments(process, LETTERS, applet);
  const [name, bytes] = operands;
  if (name === undefined || operands.length > 2) showUsage(process, applet);
  const number = (letter: string, fallback: number, min: number, max: number): number => {
    const text = given.get(letter);
    return text === undefined ? fallback : numberInRange(process, text, min, max);
  };
  const last = number("m", 30, 1, 255);
  const first = number("f", 1, 1, last);
  const head = {
    last,
    first,
    port: number("p", DEFAULT_PORT, 1, 65535),
    probes: number("q", 3, 1, INT_MAX),
    tos: given.has("t") ? number("t", 0, 0, 255) : undefined,
    wait: number("w", DEFAULT_WAIT, 1, DAY) * SECOND,
    pause: number("z", 0, 0, HOUR) * MILLISECOND,
    numeric: given.has("n"),
    verbose: given.has("v"),
  };
  const host = hostOf(process, name, applet === "traceroute6" ? "inet6" : familyOf(given));
  const smallest = SMALLEST[host.family];
  const length = bytes === undefined ? smallest : numberInRange(process, bytes, smallest, LARGEST);
  const sockets = openSockets(process, host, given, { ...head, length });
  const shown = numericName(process, host);
  const source = given.get("s");
  process.print(`traceroute to ${name} (${shown})${source === undefined ? "" : ` from ${source}`}`);
  process.print(`, ${last} hops max, ${length} byte packets\n`);
  await new Tracer(process, host, sockets, { ...head, length }).run();
  return 0;
}

function openSockets(
  process: Process,
  host: ResolvedHost,
  given: ReadonlyMap<string, string>,
  options: Options,
): Sockets {
  const { family, address, scope } = host;
  const v4 = family === "inet";
  const receive = orDie(process, "socket", () =>
    process.inet({ family, type: "raw", protocol: v4 ? 1 : 58 }),
  );
  receive.setOption(v4 ? "IP_PKTINFO" : "IPV6_RECVPKTINFO", true);
  if (given.has("r")) receive.setOption("SO_DONTROUTE", true);
  const send = orDie(process, "socket", () => process.inet({ family, type: "datagram", protocol: 17 }));
  const source = given.get("s");
  if (source !== undefined) {
    const from = hostOf(process, source, family);
    try {
      if (v4) send.setOption("IP_MULTICAST_IF", { ifindex: 0, address: from.address });
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      die(process, "can't set multicast source interface");
    }
    orDie(process, "bind", () => send.bind({ address: from.address, port: 0, scope: from.scope }));
  }
  const { tos } = options;
  if (tos !== undefined && v4) send.setOption("IP_TOS", tos);
  if (given.has("F") && v4) send.setOption("IP_MTU_DISCOVER", 2);
  if (given.has("r")) send.setOption("SO_DONTROUTE", true);
  const device = given.get("i");
  if (device !== undefined) {
    try {
      send.setOption("SO_BINDTODEVICE", device);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      complain(process, `can't bind to interface ${device}: ${strerror(refusal.errno)}`);
    }
  }
  const remote = `can't connect to remote host (${numericName(process, host)})`;
  orDie(process, remote, () => send.connect({ address, scope, port: options.port }));
  return { send, receive };
}

/** What a message on the raw socket says about the probe under way. */
type Verdict = { readonly on: true } | { readonly on: false; readonly code: number };

class Tracer {
  readonly #process: Process;
  readonly #host: ResolvedHost;
  readonly #sockets: Sockets;
  readonly #options: Options;
  #sequence = 0;

  constructor(process: Process, host: ResolvedHost, sockets: Sockets, options: Options) {
    this.#process = process;
    this.#host = host;
    this.#sockets = sockets;
    this.#options = options;
  }

  async run(): Promise<void> {
    const process = this.#process;
    const { first, last, probes, pause } = this.#options;
    for (let ttl = first; ttl <= last; ttl++) {
      let shown: Uint8Array | undefined;
      let there = false;
      let unreachable = 0;
      process.print(String(ttl).padStart(2));
      for (let probe = 0; probe < probes; probe++) {
        process.flush();
        if (probe > 0 && pause > 0) await process.sleep(pause);
        // The real one looks at the clock after sending, when answers from near have come already.
        const sentAt = process.monotonic();
        this.#send(ttl);
        const answer = await this.#answer(sentAt);
        if (answer === undefined) {
          process.print("  *");
          continue;
        }
        const { datagram, verdict } = answer;
        const { address } = datagram.from;
        if (shown === undefined || !bytesEqual(shown, address)) this.#printHop(datagram);
        shown = address;
        process.print(`  ${millis(Math.floor((process.monotonic() - sentAt) / MICROSECOND))} ms`);
        if (verdict.on) continue;
        if (this.#isArrival(verdict.code)) there = true;
        else unreachable++;
        process.print(this.#mark(verdict.code, datagram));
      }
      process.print("\n");
      if (there || (unreachable > 0 && unreachable >= probes - 1)) break;
    }
    process.flush();
  }

  #send(ttl: number): void {
    const process = this.#process;
    const { address, family, scope } = this.#host;
    const v4 = family === "inet";
    const { send } = this.#sockets;
    this.#sequence++;
    send.setOption(v4 ? "IP_TTL" : "IPV6_UNICAST_HOPS", ttl);
    const payload = new Uint8Array(this.#options.length - (v4 ? 20 : IPV6_HEADER) - UDP_HEADER);
    payload[0] = this.#sequence;
    payload[1] = ttl;
    const port = (this.#options.port + this.#sequence) & 0xffff;
    try {
      send.sendTo(payload, { address, port, scope });
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      complain(process, `sendto: ${strerror(refusal.errno)}`);
      process.exit(1);
    }
  }

  async #answer(
    sentAt: Nanoseconds,
  ): Promise<{ readonly datagram: ReceivedDatagram; readonly verdict: Verdict } | undefined> {
    const process = this.#process;
    const { receive } = this.#sockets;
    const until = sentAt + this.#options.wait;
    for (;;) {
      const left = until - process.monotonic();
      if (left <= 0 || (await process.wait([receive], left)) !== "ready") return undefined;
      const datagram = receive.receive();
      const verdict = datagram && this.#judge(datagram.bytes);
      if (datagram && verdict) return { datagram, verdict };
    }
  }

  /** packet_ok(): undefined if it is not about the probe under way. */
  #judge(bytes: Uint8Array): Verdict | undefined {
    const v4 = this.#host.family === "inet";
    const at = v4 && bytes.length > 0 ? ipv4HeaderLength(bytes, 0) : 0;
    if (bytes.length < at + ICMP_HEADER) return undefined;
    const type = readU8(bytes, at);
    const code = readU8(bytes, at + 1);
    const exceeded = v4 ? IcmpType.TIME_EXCEEDED : Icmpv6Type.TIME_EXCEEDED;
    const unreachable = v4 ? IcmpType.DESTINATION_UNREACHABLE : Icmpv6Type.DESTINATION_UNREACHABLE;
    if (!(type === exceeded && code === 0) && type !== unreachable) return undefined;
    const inner = at + ICMP_HEADER;
    if (bytes.length < inner + (v4 ? 20 : IPV6_HEADER) + UDP_HEADER) return undefined;
    const protocol = v4 ? ipv4Protocol(bytes, inner) : ipv6NextHeader(bytes, inner);
    const udp = inner + (v4 ? ipv4HeaderLength(bytes, inner) : IPV6_HEADER);
    if (protocol !== IpProtocol.UDP || bytes.length < udp + UDP_HEADER) return undefined;
    if (readU16BE(bytes, udp) !== this.#sockets.send.localAddress().port) return undefined;
    if (readU16BE(bytes, udp + 2) !== ((this.#options.port + this.#sequence) & 0xffff)) return undefined;
    return type === exceeded ? { on: true } : { on: false, code };
  }

  /** The port is unreachable, or the protocol: the target speaks. */
  #isArrival(code: number): boolean {
    return this.#host.family === "inet" ? code === 3 || code === 2 : code === 4;
  }

  #mark(code: number, { bytes }: ReceivedDatagram): string {
    if (this.#host.family === "inet6") return MARKS_V6.get(code) ?? ` !<${code}>`;
    if (code === 3) return ipv4Ttl(bytes, 0) <= 1 ? " !" : "";
    if (code === 4) return ` !F-${readU16BE(bytes, ipv4HeaderLength(bytes, 0) + 6)}`;
    return MARKS_V4.get(code) ?? ` !<${code}>`;
  }

  #printHop({ from, bytes, packetInfo }: ReceivedDatagram): void {
    const process = this.#process;
    const { numeric, verbose } = this.#options;
    const address = numericName(process, { address: from.address });
    process.print(numeric ? `  ${address}` : `  ${hostName(process, from.address) ?? address} (${address})`);
    if (!verbose) return;
    const header = this.#host.family === "inet" ? ipv4HeaderLength(bytes, 0) : 0;
    const to = packetInfo === undefined ? "" : numericName(process, { address: packetInfo.local });
    process.print(` ${bytes.length - header} bytes to ${to}`);
  }
}

/** By the code of "destination unreachable" (RFC 792, RFC 1812). */
const MARKS_V4: ReadonlyMap<number, string> = new Map([
  [0, " !N"],
  [1, " !H"],
  [2, " !P"],
  [5, " !S"],
  [6, " !U"],
  [7, " !U"],
  [8, " !I"],
  [9, " !A"],
  [10, " !C"],
  [11, " !T"],
  [12, " !T"],
  [13, " !A"],
  [14, " !V"],
  [15, " !C"],
]);

/** By the code of ICMPv6's (RFC 4443). */
const MARKS_V6: ReadonlyMap<number, string> = new Map([
  [0, " !N"],
  [1, " !S"],
  [2, " !S"],
  [3, " !H"],
  [4, ""],
]);

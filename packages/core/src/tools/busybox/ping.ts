// The applets ping and ping6: echo requests from a raw socket, a line for each reply. What routers have to say about a probe is
// not for them: errors carry no id of theirs.

import { strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import type { InetAddress, InetSocket } from "../../system/sockets.ts";
import type { Nanoseconds } from "../../system/system.ts";
import { MICROSECOND, SECOND } from "../../system/system.ts";
import { readU16BE, readU8, writeU16BE } from "../../wire/bytes.ts";
import { fillIcmpChecksum, IcmpType } from "../../wire/icmpv4.ts";
import { Icmpv6Type } from "../../wire/icmpv6.ts";
import { ipv4HeaderLength, ipv4Ttl } from "../../wire/ipv4.ts";
import type { ResolvedHost } from "../resolver/hosts.ts";
import { numericName } from "../resolver/hosts.ts";
import { interfaceIndex } from "../resolver/interfaces.ts";
import {
  complain,
  die,
  familyOf,
  hostOf,
  numberInRange,
  orDie,
  readArguments,
  seconds,
  showUsage,
} from "./arguments.ts";

const LETTERS = "qvA46c:s:t:w:W:I:np:i:";
const ICMP_HEADER = 8;
/** A probe with fewer data bytes carries no time. */
const TIME_LENGTH = 4;
const DEFAULT_WAIT = 10; // seconds
const INT_MAX = 2_147_483_647;
/** ICMP6_FILTER that lets echo replies through only. */
const ONLY_REPLIES = Array.from({ length: 8 }, (_, word) =>
  word === Icmpv6Type.ECHO_REPLY >> 5 ? ~(1 << (Icmpv6Type.ECHO_REPLY & 31)) : -1,
);

interface Options {
  readonly count: number;
  readonly dataLength: number;
  readonly ttl: number | undefined;
  /** From the start; undefined: none. */
  readonly deadline: Nanoseconds | undefined;
  /** For the first reply, once all probes are sent. Seconds. */
  readonly wait: number;
  readonly interval: Nanoseconds;
  readonly pattern: number;
  readonly quiet: boolean;
  readonly adaptive: boolean;
  readonly device: string | undefined;
  readonly source: ResolvedHost | undefined;
}

export async function busyboxPing(process: Process): Promise<number> {
  const applet = process.argv[0] === "ping6" ? "ping6" : "ping";
  const { options: given, operands } = readArguments(process, LETTERS, applet);
  const [name] = operands;
  if (name === undefined || operands.length !== 1) showUsage(process, applet);
  const options = readOptions(process, given);
  const family = applet === "ping6" ? "inet6" : familyOf(given);
  const host = hostOf(process, name, options.source?.family ?? family);
  const shown = numericName(process, host);
  const from = options.source === undefined ? "" : ` from ${numericName(process, options.source)}`;
  const socket = orDie(process, "socket", () =>
    process.inet({ family: host.family, type: "raw", protocol: host.family === "inet" ? 1 : 58 }),
  );
  process.print(`PING ${name} (${shown})${from}: ${options.dataLength} data bytes\n`);
  setUp(process, socket, host, options);
  const scope =
    host.scope || (host.family === "inet6" && options.device ? interfaceIndex(process, options.device) : 0);
  return new Pinger(process, socket, { address: host.address, port: 0, scope }, name, options).run();
}

function readOptions(process: Process, given: ReadonlyMap<string, string>): Options {
  const number = (letter: string, fallback: number, min: number, max: number, base: 10 | 16 = 10): number => {
    const text = given.get(letter);
    return text === undefined ? fallback : numberInRange(process, text, min, max, base);
  };
  const deadline = number("w", 0, 0, INT_MAX);
  const through = given.get("I");
  const isDevice = through !== undefined && interfaceIndex(process, through) !== 0;
  return {
    count: number("c", 0, 0, INT_MAX),
    dataLength: number("s", 56, 0, 65535),
    ttl: given.has("t") ? number("t", 0, 0, 255) : undefined,
    deadline: deadline === 0 ? undefined : deadline * SECOND,
    wait: number("W", DEFAULT_WAIT, 0, INT_MAX),
    interval: seconds(process, given.get("i") ?? "1") * SECOND,
    pattern: number("p", 0, 0, 255, 16),
    quiet: given.has("q"),
    adaptive: given.has("A"),
    device: isDevice ? through : undefined,
    source: through === undefined || isDevice ? undefined : hostOf(process, through, undefined),
  };
}

function setUp(process: Process, socket: InetSocket, host: ResolvedHost, options: Options): void {
  const { source, device, ttl } = options;
  if (source !== undefined) {
    if (host.family === "inet") {
      try {
        socket.setOption("IP_MULTICAST_IF", { ifindex: 0, address: source.address });
      } catch (refusal) {
        if (!(refusal instanceof Refusal)) throw refusal;
        die(process, "can't set multicast source interface");
      }
    }
    orDie(process, "bind", () => socket.bind({ address: source.address, port: 0, scope: source.scope }));
  }
  if (device !== undefined) {
    try {
      socket.setOption("SO_BINDTODEVICE", device);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      complain(process, `can't bind to interface ${device}: ${strerror(refusal.errno)}`);
    }
  }
  if (host.family === "inet6") socket.setOption("ICMP6_FILTER", ONLY_REPLIES);
  socket.setOption("SO_BROADCAST", true);
  socket.setOption("SO_RCVBUF", options.dataLength * 2 + 7 * 1024);
  if (host.family === "inet6") socket.setOption("IPV6_RECVHOPLIMIT", true);
  else if (ttl !== undefined) {
    socket.setOption("IP_TTL", ttl);
    socket.setOption("IP_MULTICAST_TTL", ttl);
  }
}

class Pinger {
  readonly #process: Process;
  readonly #socket: InetSocket;
  readonly #to: InetAddress;
  readonly #name: string;
  readonly #options: Options;
  readonly #started: Nanoseconds;
  readonly #seen = new Set<number>();
  #interrupted = false;
  #sent = 0;
  #received = 0;
  #repeated = 0;
  /** Microseconds. */
  readonly #times: number[] = [];
  readonly #sentAt = new Map<number, Nanoseconds>();
  #alarm: { at: Nanoseconds; ends: boolean } = { at: 0, ends: false };

  constructor(process: Process, socket: InetSocket, to: InetAddress, name: string, options: Options) {
    this.#process = process;
    this.#socket = socket;
    this.#to = to;
    this.#name = name;
    this.#options = options;
    this.#started = process.monotonic();
  }

  async run(): Promise<number> {
    const process = this.#process;
    const { count, adaptive } = this.#options;
    process.onSignal("SIGINT", () => void (this.#interrupted = true));
    if (!this.#send()) return this.#finish();
    while (!this.#interrupted) {
      const result = await process.wait([this.#socket], Math.max(0, this.#alarm.at - process.monotonic()));
      if (result === "signal") continue;
      if (process.monotonic() >= this.#alarm.at) {
        if (this.#alarm.ends || !this.#send()) break;
      }
      if (result !== "ready" || !this.#receive()) continue;
      if (count > 0 && this.#received >= count) break;
      if (adaptive && !this.#alarm.ends && !this.#send()) break;
    }
    return this.#finish();
  }

  /** False if the deadline has passed. */
  #send(): boolean {
    const process = this.#process;
    const { count, dataLength, deadline, interval, wait, pattern } = this.#options;
    const now = process.monotonic();
    const sequence = this.#sent & 0xffff;
    this.#seen.delete(sequence);
    this.#sent++;
    if (deadline !== undefined && now - this.#started >= deadline) {
      this.#sent--;
      return false;
    }
    const v4 = this.#to.address.length === 4;
    const message = new Uint8Array(ICMP_HEADER + dataLength).fill(pattern, ICMP_HEADER);
    message[0] = v4 ? IcmpType.ECHO_REQUEST : Icmpv6Type.ECHO_REQUEST;
    message[1] = 0;
    writeU16BE(message, 4, process.pid & 0xffff);
    writeU16BE(message, 6, sequence);
    if (v4) fillIcmpChecksum(message, 0, message.length);
    this.#sentAt.set(sequence, now);
    orDie(process, "sendto", () => this.#socket.sendTo(message, this.#to));
    if (count === 0 || this.#sent < count) this.#alarm = { at: now + interval, ends: false };
    else {
      // About two round trips, if there was a reply before; whole seconds.
      const slowest = Math.max(...this.#times, 0);
      const rest = this.#received > 0 ? Math.max(1, Math.floor(slowest / (512 * 1024))) : wait;
      this.#alarm = { at: now + rest * SECOND, ends: true };
    }
    return true;
  }

  /** True if a reply came. */
  #receive(): boolean {
    const process = this.#process;
    const datagram = this.#socket.receive();
    if (datagram === undefined) return false;
    const { bytes, from } = datagram;
    const v4 = this.#to.address.length === 4;
    const at = v4 && bytes.length > 0 ? ipv4HeaderLength(bytes, 0) : 0;
    const length = bytes.length - at;
    if (length < ICMP_HEADER + this.#options.dataLength) return false;
    if (readU16BE(bytes, at + 4) !== (process.pid & 0xffff)) return false;
    if (readU8(bytes, at) !== (v4 ? IcmpType.ECHO_REPLY : Icmpv6Type.ECHO_REPLY)) return false;
    const sequence = readU16BE(bytes, at + 6);
    const sent = this.#options.dataLength < TIME_LENGTH ? undefined : this.#sentAt.get(sequence);
    const time = sent === undefined ? undefined : Math.floor((process.monotonic() - sent) / MICROSECOND);
    const again = this.#seen.has(sequence);
    if (again) this.#repeated++;
    else {
      this.#received++;
      this.#seen.add(sequence);
    }
    if (time !== undefined) this.#times.push(time);
    if (this.#options.quiet) return true;
    const ttl = v4 ? ipv4Ttl(bytes, 0) : (datagram.ttl ?? 0);
    process.print(
      `${length} bytes from ${numericName(process, { address: from.address })}: seq=${sequence} ttl=${ttl}`,
    );
    if (time !== undefined) process.print(` time=${millis(time)} ms`);
    process.print(again ? " (DUP!)\n" : "\n");
    process.flush();
    return true;
  }

  /** Prints the sums; the exit status. */
  #finish(): number {
    const process = this.#process;
    const { count, deadline } = this.#options;
    const lost = this.#sent === 0 ? 0 : Math.floor(((this.#sent - this.#received) * 100) / this.#sent);
    process.print(`\n--- ${this.#name} ping statistics ---\n`);
    process.print(`${this.#sent} packets transmitted, ${this.#received} packets received, `);
    if (this.#repeated > 0) process.print(`${this.#repeated} duplicates, `);
    process.print(`${lost}% packet loss\n`);
    if (this.#times.length > 0) {
      const sum = this.#times.reduce((total, time) => total + time, 0);
      const average = Math.floor(sum / this.#times.length);
      const parts = [Math.min(...this.#times), average, Math.max(...this.#times)].map(millis);
      process.print(`round-trip min/avg/max = ${parts.join("/")} ms\n`);
    }
    process.flush();
    return this.#received === 0 || (deadline !== undefined && this.#received < count) ? 1 : 0;
  }
}

export function millis(micros: number): string {
  return `${Math.floor(micros / 1000)}.${String(micros % 1000).padStart(3, "0")}`;
}

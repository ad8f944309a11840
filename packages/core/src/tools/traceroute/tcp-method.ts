// "tcp": half-open connections (-T). SYNs go out by a raw socket, each from a port of its own; a SYN-ACK or a reset that comes back is the
// answer of the host, and its kernel's own reset ends what was begun.

import type { Process } from "../../system/process.ts";
import type { InetSocket } from "../../system/sockets.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { readU16BE } from "../../wire/bytes.ts";
import { pseudoHeaderSumV4, pseudoHeaderSumV6 } from "../../wire/checksum.ts";
import { readIpv4Address } from "../../wire/ipv4-address.ts";
import { ipv4HeaderLength } from "../../wire/ipv4.ts";
import { readIpv6Address } from "../../wire/ipv6-address.ts";
import { TcpFlag } from "../../wire/tcp.ts";
import { writeTcpSegment } from "../../wire/tcp-write.ts";
import type { ResolvedHost } from "../resolver/hosts.ts";
import type { Answer, Method } from "./method.ts";
import type { TraceOptions } from "./options.ts";
import type { Probe } from "./probe.ts";
import { orError, sendProbe, setTtl, tuneSocket, useErrorQueue } from "./sockets.ts";

const TCP = 6;
const HTTP_PORT = 80;
const WINDOW = 5840;
const WINDOW_SCALE = 2;
const FIRST_PORT = 32_768;
const PORTS = 28_232;
const PORTS_LENGTH = 4;
/** Headers of IP and TCP. */
const HEADERS = { inet: 40, inet6: 60 } as const;
const ETHERNET_MTU = 1500;

export class TcpMethod implements Method {
  readonly headerLength = 0;
  readonly #process: Process;
  readonly #options: TraceOptions;
  readonly #host: ResolvedHost;
  readonly #route: Uint8Array | undefined;
  readonly #port: number;
  readonly #timestamp: number;
  #socket: InetSocket | undefined;

  constructor(process: Process, options: TraceOptions, host: ResolvedHost, route: Uint8Array | undefined) {
    this.#process = process;
    this.#options = options;
    this.#host = host;
    this.#route = route;
    this.#port = options.port || HTTP_PORT;
    this.#timestamp = process.system.random32();
  }

  prepare(): void {
    const process = this.#process;
    const { family, address, scope } = this.#host;
    const socket = orError(process, "socket", () => process.inet({ family, type: "raw", protocol: TCP }));
    tuneSocket(process, this.#options, this.#host, socket, this.#route);
    orError(process, "connect", () => socket.connect({ address, scope, port: 0 }));
    useErrorQueue(this.#host, socket);
    this.#socket = socket;
  }

  #setting(name: string): boolean {
    try {
      const text = new TextDecoder().decode(this.#process.files.readFile(`/proc/sys/net/ipv4/${name}`));
      return Number(text) !== 0;
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      return false;
    }
  }

  #mtu(socket: InetSocket): number {
    try {
      return socket.pathMtu();
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      return ETHERNET_MTU;
    }
  }

  send(probe: Probe, ttl: number): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    setTtl(this.#host, socket, ttl);
    const { random32 } = this.#process.system;
    const sourcePort = FIRST_PORT + (random32.call(this.#process.system) % PORTS);
    const header = {
      sourcePort,
      destinationPort: this.#port,
      sequence: random32.call(this.#process.system),
      acknowledgement: 0,
      flags: TcpFlag.SYN,
      window: WINDOW,
    };
    const options = {
      maximumSegment: this.#mtu(socket) - HEADERS[this.#host.family],
      sackPermitted: this.#setting("tcp_sack"),
      timestamp: this.#setting("tcp_timestamps") ? { value: this.#timestamp, echo: 0 } : undefined,
      windowScale: this.#setting("tcp_window_scaling") ? WINDOW_SCALE : undefined,
    };
    const segment = writeTcpSegment(header, options, new Uint8Array(0), this.#pseudoSum(socket));
    probe.sentAt = this.#process.realtime();
    if (!sendProbe(this.#process, socket, segment)) {
      probe.sentAt = 0;
      return;
    }
    probe.sequence = sourcePort;
  }

  #pseudoSum(socket: InetSocket): (length: number) => number {
    const { address: to, family } = this.#host;
    const { address: from } = socket.localAddress();
    return family === "inet"
      ? (length) => pseudoHeaderSumV4(readIpv4Address(from, 0), readIpv4Address(to, 0), TCP, length)
      : (length) => pseudoHeaderSumV6(readIpv6Address(from, 0), readIpv6Address(to, 0), TCP, length);
  }

  probeFor({ isError, bytes }: Answer, probes: readonly Probe[]): Probe | undefined {
    // A raw IPv4 socket gets the IP header, the error queue does not.
    const at = !isError && this.#host.family === "inet" && bytes.length > 0 ? ipv4HeaderLength(bytes, 0) : 0;
    if (bytes.length < at + PORTS_LENGTH) return undefined;
    const [from, to] = [readU16BE(bytes, at), readU16BE(bytes, at + 2)];
    const [own, theirs] = isError ? [from, to] : [to, from];
    if (theirs !== this.#port) return undefined;
    const probe = probes.find((each) => each.sequence === own);
    if (probe !== undefined && !isError) probe.final = true;
    return probe;
  }

  sockets(): InetSocket[] {
    return this.#socket === undefined ? [] : [this.#socket];
  }

  release(): void {}
}

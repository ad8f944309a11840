// What probes are made of: UDP datagrams, each from a socket of its own, or ICMP echo requests or SYNs from one raw socket.

import type { Process } from "../../system/process.ts";
import type { InetSocket } from "../../system/sockets.ts";
import { readU16BE, readU8, writeU16BE } from "../../wire/bytes.ts";
import { fillIcmpChecksum, IcmpType } from "../../wire/icmpv4.ts";
import { Icmpv6Type } from "../../wire/icmpv6.ts";
import { ipv4HeaderLength } from "../../wire/ipv4.ts";
import type { ResolvedHost } from "../resolver/hosts.ts";
import type { Answer, Method } from "./method.ts";
import type { TraceOptions } from "./options.ts";
import type { Probe } from "./probe.ts";
import { orError, pattern, sendProbe, setTtl, tuneSocket, useErrorQueue } from "./sockets.ts";
import { TcpMethod } from "./tcp-method.ts";

const FIRST_PORT = 33_434;
const DNS_PORT = 53;
const ICMP_HEADER = 8;

export function methodFor(
  process: Process,
  options: TraceOptions,
  host: ResolvedHost,
  route: Uint8Array | undefined,
): Method {
  if (options.method === "tcp") return new TcpMethod(process, options, host, route);
  if (options.method === "icmp") return new IcmpMethod(process, options, host, route);
  return new UdpMethod(process, options, host, route);
}

/** "default": the port goes up with every probe; "udp": one port. */
class UdpMethod implements Method {
  readonly headerLength = 8;
  readonly #process: Process;
  readonly #options: TraceOptions;
  readonly #host: ResolvedHost;
  readonly #route: Uint8Array | undefined;
  readonly #counts: boolean;
  #port: number;

  constructor(process: Process, options: TraceOptions, host: ResolvedHost, route: Uint8Array | undefined) {
    this.#process = process;
    this.#options = options;
    this.#host = host;
    this.#route = route;
    this.#counts = options.method === "default";
    this.#port = (options.port || (this.#counts ? FIRST_PORT : DNS_PORT)) & 0xffff;
  }

  prepare(): void {}

  send(probe: Probe, ttl: number, dataLength: number): void {
    const process = this.#process;
    const { family, address, scope } = this.#host;
    const socket = orError(process, "socket", () => process.inet({ family, type: "datagram", protocol: 17 }));
    tuneSocket(process, this.#options, this.#host, socket, this.#route);
    setTtl(this.#host, socket, ttl);
    orError(process, "connect", () => socket.connect({ address, scope, port: this.#port }));
    useErrorQueue(this.#host, socket);
    probe.sentAt = process.realtime();
    if (!sendProbe(process, socket, pattern(dataLength))) {
      socket.close();
      probe.sentAt = 0;
      return;
    }
    probe.socket = socket;
    probe.sequence = this.#port;
    if (this.#counts) this.#port = (this.#port + 1) & 0xffff;
  }

  probeFor({ socket, isError, port }: Answer, probes: readonly Probe[]): Probe | undefined {
    const probe = probes.find((each) => each.socket === socket);
    if (probe === undefined || probe.sequence !== port) return undefined;
    if (!isError) probe.final = true;
    return probe;
  }

  sockets(probes: readonly Probe[]): InetSocket[] {
    const sockets: InetSocket[] = [];
    for (const { socket } of probes) if (socket !== undefined) sockets.push(socket);
    return sockets;
  }

  release(probe: Probe): void {
    probe.socket?.close();
  }
}

/** "icmp": echo requests with the process id, told apart by their sequence numbers. */
class IcmpMethod implements Method {
  readonly headerLength = 0;
  readonly #process: Process;
  readonly #options: TraceOptions;
  readonly #host: ResolvedHost;
  readonly #route: Uint8Array | undefined;
  readonly #identifier: number;
  readonly #v4: boolean;
  #socket: InetSocket | undefined;
  #sequence: number;

  constructor(process: Process, options: TraceOptions, host: ResolvedHost, route: Uint8Array | undefined) {
    this.#process = process;
    this.#options = options;
    this.#host = host;
    this.#route = route;
    this.#identifier = process.pid & 0xffff;
    this.#v4 = host.family === "inet";
    this.#sequence = options.port || 1;
  }

  prepare(): void {
    const process = this.#process;
    const { family, address, scope } = this.#host;
    const protocol = this.#v4 ? 1 : 58;
    const socket = orError(process, "socket", () => process.inet({ family, type: "raw", protocol }));
    tuneSocket(process, this.#options, this.#host, socket, this.#route);
    orError(process, "connect", () => socket.connect({ address, scope, port: 0 }));
    useErrorQueue(this.#host, socket);
    this.#socket = socket;
  }

  send(probe: Probe, ttl: number, dataLength: number): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    setTtl(this.#host, socket, ttl);
    const message = pattern(Math.max(dataLength, ICMP_HEADER));
    message.fill(0, 0, ICMP_HEADER);
    message[0] = this.#v4 ? IcmpType.ECHO_REQUEST : Icmpv6Type.ECHO_REQUEST;
    writeU16BE(message, 4, this.#identifier);
    writeU16BE(message, 6, this.#sequence);
    if (this.#v4) fillIcmpChecksum(message, 0, message.length);
    probe.sentAt = this.#process.realtime();
    if (!sendProbe(this.#process, socket, message)) {
      probe.sentAt = 0;
      return;
    }
    probe.sequence = this.#sequence;
    this.#sequence = (this.#sequence + 1) & 0xffff;
  }

  probeFor({ isError, bytes }: Answer, probes: readonly Probe[]): Probe | undefined {
    // A raw IPv4 socket gets the IP header, the error queue does not.
    const at = !isError && this.#v4 && bytes.length > 0 ? ipv4HeaderLength(bytes, 0) : 0;
    if (bytes.length < at + ICMP_HEADER || readU16BE(bytes, at + 4) !== this.#identifier) return undefined;
    const sequence = readU16BE(bytes, at + 6);
    const probe = sequence === 0 ? undefined : probes.find((each) => each.sequence === sequence);
    if (probe === undefined || isError) return probe;
    if (readU8(bytes, at) !== (this.#v4 ? IcmpType.ECHO_REPLY : Icmpv6Type.ECHO_REPLY)) return undefined;
    probe.final = true;
    return probe;
  }

  sockets(): InetSocket[] {
    return this.#socket === undefined ? [] : [this.#socket];
  }

  release(): void {}
}

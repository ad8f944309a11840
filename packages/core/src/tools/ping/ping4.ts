// ping over IPv4: the socket with its options, echo requests, replies, and ICMP errors (RFC 792).

import type { Process } from "../../system/process.ts";
import { ERRNO, strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { InetAddress, ReceivedDatagram, ReceivedError } from "../../system/sockets.ts";
import { bytesEqual, readU16BE, readU8, writeU16BE } from "../../wire/bytes.ts";
import { fillIcmpChecksum, icmpChecksumOk, icmpId, icmpSequence, IcmpType } from "../../wire/icmpv4.ts";
import { formatIpv4, isMulticastIpv4, readIpv4Address } from "../../wire/ipv4-address.ts";
import { IPV4_MIN_HEADER, ipv4HeaderLength, ipv4Ttl } from "../../wire/ipv4.ts";
import { complain, fail } from "../iputils/arguments.ts";
import type { ResolvedHost } from "../resolver/hosts.ts";
import { NameFault, resolveHost } from "../resolver/hosts.ts";
import { inetAton } from "../resolver/inet-aton.ts";
import { interfaceAddresses, interfaceIndex } from "../resolver/interfaces.ts";
import { headerText, icmpText, infoOf, OptionPrinter } from "./ipv4-text.ts";
import type { PingOptions } from "./options.ts";
import { usage } from "./options.ts";
import { writeTime } from "./payload.ts";
import type { Prober } from "./session.ts";
import { Session } from "./session.ts";
import type { PingSocket } from "./sockets.ts";
import { finishSocket, orFail, setUpSocket } from "./sockets.ts";
import { routeOptions } from "./route-options.ts";

/** UDP port that the source address is asked with. Nothing is sent there. */
const PROBE_PORT = 1025;
const ICMP_HEADER = 8;
/** Bytes of IP options whenever there are any. */
const OPTIONS_LENGTH = 40;

/** ICMP_FILTER that lets `types` through. */
function allBut(...types: readonly number[]): number {
  let filter = -1;
  for (const type of types) filter &= ~(1 << type);
  return filter;
}

const WITH_ERRORS = allBut(
  IcmpType.SOURCE_QUENCH,
  IcmpType.DESTINATION_UNREACHABLE,
  IcmpType.TIME_EXCEEDED,
  IcmpType.PARAMETER_PROBLEM,
  IcmpType.REDIRECT,
  IcmpType.ECHO_REPLY,
);
/** Once an error has come through the error queue, the copies are not needed. */
const WITHOUT_ERRORS = allBut(IcmpType.SOURCE_QUENCH, IcmpType.REDIRECT, IcmpType.ECHO_REPLY);

interface Target {
  readonly hostname: string;
  readonly address: Uint8Array;
  /** Hops and the target of a source route, or addresses for timestamps. */
  readonly route: readonly Uint8Array[];
}

/** The exit status. */
export async function ping4(
  process: Process,
  options: PingOptions,
  host: ResolvedHost,
  { socket, type }: PingSocket,
  pattern: Uint8Array | undefined,
): Promise<number> {
  const target = readTargets(process, options, host);
  const source = chooseSource(process, options, target, socket);
  const unset = readIpv4Address(target.address, 0) === 0;
  const to: InetAddress = { address: unset ? source : target.address, port: 0 };
  const set = (text: string, call: () => void): void => orFail(process, text, call);

  if (options.device !== undefined && interfaceIndex(process, options.device) === 0) {
    fail(process, 2, 0, `unknown iface: ${options.device}`);
  }
  const many = options.broadcast || isMulticastIpv4(readIpv4Address(to.address, 0));
  const discovery = options.mtuDiscovery ?? (many ? 2 : undefined);
  if (discovery !== undefined) set("IP_MTU_DISCOVER", () => socket.setOption("IP_MTU_DISCOVER", discovery));
  if (options.strictSource) set("bind", () => socket.bind({ address: source, port: 0 }));
  if (type === "SOCK_RAW") socket.setOption("ICMP_FILTER", WITH_ERRORS);
  socket.setOption("IP_RECVERR", true);
  if (type === "SOCK_DGRAM") {
    socket.setOption("IP_RECVTTL", true);
    socket.setOption("IP_RETOPTS", true);
  }
  const space = routeOptions(options, target.route);
  if (space !== undefined) set(space.name, () => socket.setOption("IP_OPTIONS", space.bytes));
  const optionsLength = space === undefined ? 0 : OPTIONS_LENGTH;
  const message = options.size + ICMP_HEADER;
  setUpSocket(process, options, socket, message + Math.floor((message + 511) / 512) * (optionsLength + 260));
  if (options.broadcast) socket.setOption("SO_BROADCAST", true);
  if (options.noLoop) socket.setOption("IP_MULTICAST_LOOP", false);
  const { ttl } = options;
  if (ttl !== undefined) {
    set("cannot set multicast time-to-live", () => socket.setOption("IP_MULTICAST_TTL", ttl));
    set("cannot set unicast time-to-live", () => socket.setOption("IP_TTL", ttl));
  }
  if (options.connect) set("connect failed", () => socket.connect(to));

  process.print(`PING ${target.hostname} (${formatIpv4(readIpv4Address(to.address, 0))}) `);
  if (options.device !== undefined || options.strictSource) {
    process.print(`from ${formatIpv4(readIpv4Address(source, 0))} ${options.device ?? ""}: `);
  }
  process.print(`${options.size}(${message + optionsLength + IPV4_MIN_HEADER}) bytes of data.\n`);
  finishSocket(options, socket);
  const prober = new Prober4(to, type === "SOCK_RAW", many);
  const session = new Session(process, options, socket, prober, {
    hostname: target.hostname,
    multicast: many,
    pattern,
  });
  return session.run();
}

/** One destination; or, with a source route or prespecified timestamps, several. */
function readTargets(process: Process, options: PingOptions, host: ResolvedHost): Target {
  const { operands } = options;
  const route: Uint8Array[] = [];
  if (operands.length > 1) {
    if (options.recordRoute) usage(process);
    if (options.timestamp === undefined) {
      if (operands.length > 10) usage(process);
    } else if (options.timestamp !== "tsprespec" || operands.length > 5) usage(process);
  }
  let { address } = host;
  let hostname = host.canonicalName;
  for (const operand of operands) {
    const numeric = inetAton(operand) !== undefined;
    if (numeric) {
      hostname = operand;
      if (operands.length === 1) options.numeric = true;
    }
    if (numeric || operands.length > 1) {
      const found = lookUp(process, operand);
      address = found.address;
      if (!numeric) hostname = found.canonicalName;
    }
    if (operands.length > 1) route.push(address);
  }
  return { hostname, address, route };
}

function lookUp(process: Process, name: string): ResolvedHost {
  try {
    const [first] = resolveHost(process, name, "inet");
    if (first !== undefined) return first;
  } catch (fault) {
    if (!(fault instanceof NameFault)) throw fault;
    fail(process, 2, 0, `${name}: ${fault.text}`);
  }
  return fail(process, 2, 0, `${name}: no address`);
}

/** Binds the socket to -I's device, and finds the address that probes come from. */
function chooseSource(
  process: Process,
  options: PingOptions,
  target: Target,
  socket: PingSocket["socket"],
): Uint8Array {
  const { device } = options;
  const group = isMulticastIpv4(readIpv4Address(target.address, 0));
  if (options.source !== undefined) {
    if (device !== undefined) bindToDevice(process, socket, device, group, "unknown interface: ");
    return options.source;
  }
  const probe = orFail(process, "socket", () =>
    process.inet({ family: "inet", type: "datagram", protocol: 17 }),
  );
  if (device !== undefined) {
    for (const each of [probe, socket]) bindToDevice(process, each, device, group, "unknown iface: ");
  }
  if (options.tos !== 0) probe.setOption("IP_TOS", options.tos);
  const address = target.route[0] ?? target.address;
  const to = { address, port: PROBE_PORT };
  try {
    probe.connect(to);
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    if (refusal.errno !== ERRNO.EACCES) fail(process, 2, refusal.errno, "connect");
    if (!options.broadcast) {
      fail(process, 2, 0, "Do you want to ping broadcast? Then -b. If not, check your local firewall rules");
    }
    process.warn("WARNING: pinging broadcast address\n");
    probe.setOption("SO_BROADCAST", true);
    orFail(process, "connect", () => probe.connect(to));
  }
  const source = probe.localAddress().address;
  probe.close();
  if (device !== undefined) {
    const own = interfaceAddresses(process, interfaceIndex(process, device), "inet");
    if (!own.some((each) => bytesEqual(each, source))) {
      complain(process, 0, `Warning: source address might be selected on device other than: ${device}`);
    }
  }
  return source;
}

function bindToDevice(
  process: Process,
  socket: PingSocket["socket"],
  device: string,
  group: boolean,
  unknown: string,
): void {
  try {
    socket.setOption("SO_BINDTODEVICE", device);
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    if (!group) fail(process, 2, refusal.errno, `SO_BINDTODEVICE ${device}`);
    const ifindex = interfaceIndex(process, device);
    if (ifindex === 0) fail(process, 2, 0, `${unknown}${device}`);
    orFail(process, "IP_MULTICAST_IF", () => socket.setOption("IP_MULTICAST_IF", { ifindex }));
  }
}

class Prober4 implements Prober {
  readonly #to: InetAddress;
  readonly #raw: boolean;
  /** Any host may answer. */
  readonly #many: boolean;
  #printer: OptionPrinter | undefined;

  constructor(to: InetAddress, raw: boolean, many: boolean) {
    this.#to = to;
    this.#raw = raw;
    this.#many = many;
  }

  send(session: Session): void {
    const { probe, statistics, socket, options, process } = session;
    const sequence = (statistics.transmitted + 1) & 0xffff;
    probe[0] = IcmpType.ECHO_REQUEST;
    probe[1] = 0;
    writeU16BE(probe, 4, session.identifier);
    writeU16BE(probe, 6, sequence);
    statistics.forget(sequence);
    if (session.timed) writeTime(probe, ICMP_HEADER, process.realtime());
    fillIcmpChecksum(probe, 0, probe.length);
    if (options.connect) socket.sendTo(probe);
    else socket.sendTo(probe, this.#to);
  }

  #isOurs(session: Session, id: number): boolean {
    return !this.#raw || id === session.identifier;
  }

  readError(session: Session): number {
    const { socket, options, statistics, process } = session;
    const error = socket.receiveError();
    if (error === undefined) return -1;
    if (error.origin === "local") {
      if (options.quiet) return -1;
      if (options.flood) session.writeNow("E");
      else if (error.errno === ERRNO.EMSGSIZE) {
        complain(process, 0, `local error: message too long, mtu=${error.info}`);
      } else complain(process, 0, `local error: ${strerror(error.errno)}`);
      statistics.errors++;
      return -1;
    }
    return this.#readNetError(session, error);
  }

  #readNetError(session: Session, error: ReceivedError): number {
    const { socket, options, statistics, process } = session;
    const { bytes } = error;
    const ours =
      bytes.length >= ICMP_HEADER &&
      bytesEqual(error.to.address, this.#to.address) &&
      readU8(bytes, 0) === IcmpType.ECHO_REQUEST &&
      this.#isOurs(session, icmpId(bytes, 0));
    if (!ours) return 0;
    const sequence = icmpSequence(bytes, 0);
    statistics.acknowledge(sequence);
    if (this.#raw) socket.setOption("ICMP_FILTER", WITHOUT_ERRORS);
    statistics.errors++;
    if (options.quiet) return 1;
    if (options.flood) {
      session.writeNow("\bE");
      return 1;
    }
    session.printTimestamp();
    const from = session.addressName({ address: error.offender ?? new Uint8Array(4) });
    process.print(`From ${from} icmp_seq=${sequence} `);
    process.print(icmpText(error.type, error.code, error.info, nameOf(session)));
    process.flush();
    return 1;
  }

  readReply(session: Session, datagram: ReceivedDatagram): boolean {
    const { bytes, from } = datagram;
    const header = this.#raw ? ipv4HeaderLength(bytes, 0) : 0;
    if (this.#raw && (bytes.length < header + ICMP_HEADER || header < IPV4_MIN_HEADER)) {
      if (session.options.verbose) {
        complain(
          session.process,
          0,
          `packet too short (${bytes.length} bytes) from ${session.addressName(from)}`,
        );
      }
      return false;
    }
    const corrupted = !icmpChecksumOk(bytes, header, bytes.length);
    const type = readU8(bytes, header);
    if (type !== IcmpType.ECHO_REPLY) return this.#readOther(session, datagram, header, corrupted);
    if (!this.#isOurs(session, icmpId(bytes, header))) return false;
    const printed = session.gather({
      message: bytes.subarray(header),
      sequence: icmpSequence(bytes, header),
      ttl: this.#raw ? ipv4Ttl(bytes, 0) : (datagram.ttl ?? 0),
      corrupted,
      from,
      wrongSource: !this.#many && !bytesEqual(from.address, this.#to.address),
      receivedAt: datagram.timestamp,
    });
    if (printed) this.#finishLine(session, datagram, header);
    else session.process.flush();
    return true;
  }

  #finishLine(session: Session, { bytes, options: raw }: ReceivedDatagram, header: number): void {
    const { process, options } = session;
    if (options.audible) process.print("\x07");
    if (!options.flood) {
      const printer = this.#optionPrinter(session);
      const text = this.#raw
        ? printer.text(bytes, IPV4_MIN_HEADER, header)
        : printer.text(raw ?? new Uint8Array(0), 0, raw?.length ?? 0);
      process.print(`${text}\n`);
    }
    process.flush();
  }

  #optionPrinter(session: Session): OptionPrinter {
    return (this.#printer ??= new OptionPrinter(nameOf(session), session.options.flood));
  }

  /** An ICMP message that is no reply: redirects are told; errors have come through the error queue as well. */
  #readOther(session: Session, datagram: ReceivedDatagram, at: number, corrupted: boolean): boolean {
    const { bytes, from } = datagram;
    const { options, statistics, process } = session;
    const type = readU8(bytes, at);
    const code = readU8(bytes, at + 1);
    switch (type) {
      case IcmpType.ECHO_REQUEST:
        return false;
      case IcmpType.SOURCE_QUENCH:
      case IcmpType.REDIRECT:
      case IcmpType.DESTINATION_UNREACHABLE:
      case IcmpType.TIME_EXCEEDED:
      case IcmpType.PARAMETER_PROBLEM: {
        const sequence = this.#quotedSequence(session, bytes, at + ICMP_HEADER);
        if (sequence === undefined) return false;
        if (type !== IcmpType.REDIRECT && type !== IcmpType.SOURCE_QUENCH) {
          statistics.acknowledge(sequence);
          return true;
        }
        if (options.quiet || options.flood) return false;
        session.printTimestamp();
        process.print(`From ${session.addressName(from)}: icmp_seq=${sequence} `);
        if (corrupted) process.print("(BAD CHECKSUM)");
        this.#printMessage(session, bytes, at);
        return false;
      }
    }
    if (options.flood && !options.verbose && !options.quiet) {
      session.writeNow(corrupted ? "!EC" : "!E");
      return true;
    }
    if (!options.verbose) return true;
    process.print(`From ${session.addressName(from)}: `);
    if (corrupted) process.print("(BAD CHECKSUM)\n");
    else process.print(icmpText(type, code, infoOf(bytes, at, type, code), nameOf(session)));
    return true;
  }

  #printMessage(session: Session, bytes: Uint8Array, at: number): void {
    const { process, options } = session;
    const type = readU8(bytes, at);
    const code = readU8(bytes, at + 1);
    process.print(icmpText(type, code, infoOf(bytes, at, type, code), nameOf(session)));
    if (options.verbose) process.print(headerText(bytes, at + ICMP_HEADER, this.#optionPrinter(session)));
  }

  /** The sequence number in a quoted probe of ours; undefined if the quoted packet is something else. */
  #quotedSequence(session: Session, bytes: Uint8Array, at: number): number | undefined {
    if (bytes.length < at + IPV4_MIN_HEADER + ICMP_HEADER) return undefined;
    const inner = at + ipv4HeaderLength(bytes, at);
    if (bytes.length < inner + ICMP_HEADER) return undefined;
    const destination = bytes.subarray(at + 16, at + 20);
    const ours =
      readU8(bytes, inner) === IcmpType.ECHO_REQUEST &&
      bytesEqual(destination, this.#to.address) &&
      this.#isOurs(session, readU16BE(bytes, inner + 4));
    return ours ? icmpSequence(bytes, inner) : undefined;
  }
}

function nameOf(session: Session): (address: number) => string {
  return (address) =>
    session.addressName({
      address: Uint8Array.of(address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255),
    });
}

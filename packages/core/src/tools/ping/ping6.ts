// ping over IPv6: the socket with its options, echo requests, replies, and ICMPv6 errors (RFC 4443).

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import type { InetAddress, InetSocket, ReceivedDatagram } from "../../system/sockets.ts";
import { bytesEqual, readU8, writeU16BE } from "../../wire/bytes.ts";
import { icmpv6Id, icmpv6Sequence, Icmpv6Type } from "../../wire/icmpv6.ts";
import {
  ipv6MulticastScope,
  isLinkLocalIpv6,
  isMulticastIpv6,
  readIpv6Address,
} from "../../wire/ipv6-address.ts";
import { complain, fail } from "../iputils/arguments.ts";
import type { ResolvedHost } from "../resolver/hosts.ts";
import { numericName } from "../resolver/hosts.ts";
import { interfaceAddresses, interfaceIndex } from "../resolver/interfaces.ts";
import { icmpv6Text } from "./ipv6-text.ts";
import type { PingOptions } from "./options.ts";
import { usage } from "./options.ts";
import { writeTime } from "./payload.ts";
import type { Prober } from "./session.ts";
import { Session } from "./session.ts";
import type { PingSocket } from "./sockets.ts";
import { finishSocket, orFail, setUpSocket } from "./sockets.ts";

const PROBE_PORT = 1025;
const ICMP_HEADER = 8;

/** Every ICMPv6 type but echo replies, as 8 words. */
const ONLY_REPLIES = Array.from({ length: 8 }, (_, word) =>
  word === Icmpv6Type.ECHO_REPLY >>> 5 ? ~(1 << (Icmpv6Type.ECHO_REPLY & 31)) : -1,
);

function isOfLink(bytes: Uint8Array): boolean {
  const address = readIpv6Address(bytes, 0);
  return isLinkLocalIpv6(address) || (isMulticastIpv6(address) && ipv6MulticastScope(address) === 2);
}

/** The exit status; undefined if the next address of the name should be tried. */
export async function ping6(
  process: Process,
  options: PingOptions,
  host: ResolvedHost,
  { socket, type }: PingSocket,
  pattern: Uint8Array | undefined,
  moreToTry: boolean,
): Promise<number | undefined> {
  const { operands, device } = options;
  const [hostname = ""] = operands;
  if (operands.length > 1) usage(process);
  if (hostname.includes(":")) options.numeric = true;
  const to: InetAddress = { address: host.address, port: 0, scope: host.scope };
  const set = (text: string, call: () => void): void => orFail(process, text, call);
  const source = chooseSource(process, options, to, socket, moreToTry);
  if (source === undefined) return undefined;
  const ifindex = device === undefined ? 0 : requireInterface(process, device);
  if (device !== undefined && options.strictSource) {
    set(`SO_BINDTODEVICE ${device}`, () => socket.setOption("SO_BINDTODEVICE", device));
  }
  const group = isMulticastIpv6(readIpv6Address(to.address, 0));
  const discovery = options.mtuDiscovery ?? (group ? 2 : undefined);
  if (discovery !== undefined) {
    set("IPV6_MTU_DISCOVER", () => socket.setOption("IPV6_MTU_DISCOVER", discovery));
  }
  if (options.strictSource) set("bind icmp socket", () => socket.bind({ ...source, port: 0 }));
  socket.setOption("IPV6_RECVERR", true);
  const message = options.size + ICMP_HEADER;
  setUpSocket(process, options, socket, message + Math.floor((message + 511) / 512) * 280);
  if (type === "SOCK_RAW") socket.setOption("ICMP6_FILTER", ONLY_REPLIES);
  if (options.noLoop) socket.setOption("IPV6_MULTICAST_LOOP", false);
  const { ttl, flowLabel } = options;
  if (ttl !== undefined) {
    socket.setOption("IPV6_MULTICAST_HOPS", ttl);
    socket.setOption("IPV6_UNICAST_HOPS", ttl);
  }
  socket.setOption("IPV6_RECVHOPLIMIT", true);
  if (flowLabel !== undefined) socket.setOption("IPV6_FLOWLABEL", flowLabel);
  if (options.connect) set("connect failed", () => socket.connect(to));

  process.print(`PING ${hostname}(${numericName(process, to)}) `);
  if (flowLabel !== undefined) process.print(`, flow 0x${flowLabel.toString(16).padStart(5, "0")}, `);
  if (device !== undefined || options.strictSource) {
    process.print(`from ${numericName(process, source)} ${device ?? ""}: `);
  }
  process.print(`${options.size} data bytes\n`);
  finishSocket(options, socket);
  const prober = new Prober6(to, type === "SOCK_RAW", ifindex);
  return new Session(process, options, socket, prober, { hostname, multicast: group, pattern }).run();
}

function requireInterface(process: Process, name: string): number {
  const ifindex = interfaceIndex(process, name);
  if (ifindex === 0) fail(process, 2, 0, `unknown iface: ${name}`);
  return ifindex;
}

/** The address that probes come from; undefined if there is no way to this target but there are others. */
function chooseSource(
  process: Process,
  options: PingOptions,
  to: InetAddress,
  socket: InetSocket,
  moreToTry: boolean,
): Omit<InetAddress, "port"> | undefined {
  const { device } = options;
  if (options.source6 !== undefined) {
    const scoped = device !== undefined && isOfLink(options.source6);
    return { address: options.source6, scope: scoped ? requireInterface(process, device) : 0 };
  }
  const probe = orFail(process, "socket", () =>
    process.inet({ family: "inet6", type: "datagram", protocol: 17 }),
  );
  if (device !== undefined) {
    requireInterface(process, device);
    for (const each of [probe, socket]) {
      orFail(process, `setsockopt(SO_BINDTODEVICE) ${device}`, () =>
        each.setOption("SO_BINDTODEVICE", device),
      );
    }
  }
  if (options.tos !== 0) probe.setOption("IPV6_TCLASS", options.tos);
  if (options.mark !== undefined) probe.setOption("SO_MARK", options.mark);
  // Of a target on the link, nothing is asked: the source is left open.
  if (!isOfLink(to.address)) {
    try {
      probe.connect({ ...to, port: PROBE_PORT });
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      const { errno } = refusal;
      if (moreToTry && (errno === ERRNO.EHOSTUNREACH || errno === ERRNO.ENETUNREACH)) {
        probe.close();
        return undefined;
      }
      fail(process, 2, errno, "connect");
    }
  }
  const source = probe.localAddress();
  probe.close();
  if (device !== undefined) {
    const own = interfaceAddresses(process, interfaceIndex(process, device), "inet6");
    if (!own.some((each) => bytesEqual(each, source.address))) {
      complain(process, 0, `Warning: source address might be selected on device other than: ${device}`);
    }
  }
  return source;
}

class Prober6 implements Prober {
  readonly #to: InetAddress;
  readonly #raw: boolean;
  readonly #ifindex: number;
  /** Any host may answer: a group, or the subnet-router anycast address of a /64 (RFC 4291, 2.6.1). */
  readonly #many: boolean;

  constructor(to: InetAddress, raw: boolean, ifindex: number) {
    this.#to = to;
    this.#raw = raw;
    this.#ifindex = ifindex;
    this.#many =
      isMulticastIpv6(readIpv6Address(to.address, 0)) || to.address.subarray(8).every((byte) => byte === 0);
  }

  send(session: Session): void {
    const { probe, statistics, socket, options, process } = session;
    const sequence = (statistics.transmitted + 1) & 0xffff;
    probe[0] = Icmpv6Type.ECHO_REQUEST;
    probe[1] = 0;
    writeU16BE(probe, 2, 0);
    writeU16BE(probe, 4, session.identifier);
    writeU16BE(probe, 6, sequence);
    statistics.forget(sequence);
    if (session.timed) writeTime(probe, ICMP_HEADER, process.realtime());
    const how = this.#ifindex === 0 ? {} : { ifindex: this.#ifindex };
    if (options.connect) socket.sendTo(probe, undefined, how);
    else socket.sendTo(probe, this.#to, how);
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
        complain(process, 0, `local error: message too long, mtu: ${error.info}`);
      } else complain(process, error.errno, "local error");
      statistics.errors++;
      return -1;
    }
    const { bytes } = error;
    const ours =
      bytes.length >= ICMP_HEADER &&
      bytesEqual(error.to.address, this.#to.address) &&
      readU8(bytes, 0) === Icmpv6Type.ECHO_REQUEST &&
      this.#isOurs(session, icmpv6Id(bytes, 0));
    if (!ours) return 0;
    statistics.errors++;
    if (options.quiet) return 1;
    if (options.flood) {
      session.writeNow("\bE");
      return 1;
    }
    session.printTimestamp();
    const from = session.addressName({ address: error.offender ?? new Uint8Array(16) });
    process.print(`From ${from} icmp_seq=${icmpv6Sequence(bytes, 0)} `);
    process.print(`${icmpv6Text(error.type, error.code, error.info)}\n`);
    process.flush();
    return 1;
  }

  readReply(session: Session, { bytes, from, ttl, timestamp }: ReceivedDatagram): boolean {
    const { options, process } = session;
    if (bytes.length < ICMP_HEADER) {
      if (options.verbose) complain(process, 0, `packet too short: ${bytes.length} bytes`);
      return false;
    }
    if (readU8(bytes, 0) !== Icmpv6Type.ECHO_REPLY || !this.#isOurs(session, icmpv6Id(bytes, 0)))
      return false;
    const printed = session.gather({
      message: bytes,
      sequence: icmpv6Sequence(bytes, 0),
      ttl,
      corrupted: false,
      from,
      wrongSource: !this.#many && !bytesEqual(from.address, this.#to.address),
      receivedAt: timestamp,
    });
    if (printed) {
      if (options.audible) process.print("\x07");
      if (!options.flood) process.print("\n");
    }
    process.flush();
    return true;
  }
}

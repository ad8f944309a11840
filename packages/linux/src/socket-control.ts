// Control data of received datagrams (ip(7), ipv6(7), socket(7)): times, hop limits, packet information, errors.

import { readS32Host, readU32Host, readU64Host, writeU32Host } from "@patchcord/core/netlink/host-bytes.ts";
import type { ReceivedDatagram, ReceivedError, SendOptions } from "@patchcord/core/system/sockets.ts";
import type { Microseconds } from "@patchcord/core/system/system.ts";
import type { ControlMessage, ReceivedMessage } from "./libc.ts";
import { decodeSockaddrInet } from "./socket-address.ts";
import { SO, SOL } from "./socket-constants.ts";

export const IP = { TOS: 1, TTL: 2, RECVOPTS: 6, RETOPTS: 7, PKTINFO: 8, RECVERR: 11 } as const;
export const IPV6 = { RECVERR: 25, PKTINFO: 50, HOPLIMIT: 52, TCLASS: 67 } as const;

function find(control: readonly ControlMessage[], level: number, type: number): Uint8Array | undefined {
  return control.find((each) => each.level === level && each.type === type)?.bytes;
}

/** SO_TIMESTAMP: struct timeval. */
export function timestampOf(control: readonly ControlMessage[]): Microseconds | undefined {
  const time = find(control, SOL.SOCKET, SO.TIMESTAMP);
  return time && readU64Host(time, 0) * 1_000_000 + readU64Host(time, 8);
}

function integer(bytes: Uint8Array | undefined): number | undefined {
  if (bytes === undefined) return undefined;
  return bytes.length >= 4 ? readS32Host(bytes, 0) : bytes[0];
}

function hopLimit(control: readonly ControlMessage[]): number | undefined {
  return integer(find(control, SOL.IP, IP.TTL)) ?? integer(find(control, SOL.IPV6, IPV6.HOPLIMIT));
}

function packetInfo(control: readonly ControlMessage[]): ReceivedDatagram["packetInfo"] {
  const four = find(control, SOL.IP, IP.PKTINFO);
  if (four) return { ifindex: readS32Host(four, 0), local: four.slice(8, 12) };
  const six = find(control, SOL.IPV6, IPV6.PKTINFO);
  return six && { ifindex: readS32Host(six, 16), local: six.slice(0, 16) };
}

/** A datagram; `now` stands in where the kernel gave no time. */
export function datagramOf(received: ReceivedMessage, now: () => Microseconds): ReceivedDatagram {
  const { control } = received;
  const ttl = hopLimit(control);
  const tos = integer(find(control, SOL.IP, IP.TOS)) ?? integer(find(control, SOL.IPV6, IPV6.TCLASS));
  const info = packetInfo(control);
  const options = find(control, SOL.IP, IP.RETOPTS) ?? find(control, SOL.IP, IP.RECVOPTS);
  return {
    bytes: received.payload.slice(),
    from: decodeSockaddrInet(received.name) ?? { address: new Uint8Array(4), port: 0 },
    timestamp: timestampOf(control) ?? now(),
    ...(ttl === undefined ? {} : { ttl }),
    ...(tos === undefined ? {} : { tos }),
    ...(info === undefined ? {} : { packetInfo: info }),
    ...(options === undefined ? {} : { options }),
  };
}

const ORIGINS: Readonly<Record<number, ReceivedError["origin"]>> = { 1: "local", 2: "icmp", 3: "icmp6" };
const EXTENDED_ERROR = 16; // bytes of struct sock_extended_err, in front of the offender's address

/** An entry of the error queue; undefined if it is of another sort (a sent packet's time). */
export function errorOf(received: ReceivedMessage, now: () => Microseconds): ReceivedError | undefined {
  const { control } = received;
  const error = find(control, SOL.IP, IP.RECVERR) ?? find(control, SOL.IPV6, IPV6.RECVERR);
  const origin = error && ORIGINS[error[4] ?? 0];
  if (!error || !origin) return undefined;
  const ttl = hopLimit(control);
  return {
    errno: readU32Host(error, 0),
    origin,
    type: error[5] ?? 0,
    code: error[6] ?? 0,
    info: readU32Host(error, 8),
    offender: decodeSockaddrInet(error, EXTENDED_ERROR)?.address,
    bytes: received.payload.slice(),
    to: decodeSockaddrInet(received.name) ?? { address: new Uint8Array(4), port: 0 },
    timestamp: timestampOf(control) ?? now(),
    ...(ttl === undefined ? {} : { ttl }),
  };
}

function word(value: number): Uint8Array {
  const out = new Uint8Array(4);
  writeU32Host(out, 0, value);
  return out;
}

/** What one datagram is sent with, beside the socket's options. */
export function sendControl(family: "inet" | "inet6", options: SendOptions): ControlMessage[] {
  const { ifindex = 0, source, ttl, tos } = options;
  const out: ControlMessage[] = [];
  if (ifindex !== 0 || source !== undefined) {
    if (family === "inet") {
      const bytes = new Uint8Array(12);
      writeU32Host(bytes, 0, ifindex);
      if (source) bytes.set(source, 4); // ipi_spec_dst
      out.push({ level: SOL.IP, type: IP.PKTINFO, bytes });
    } else {
      const bytes = new Uint8Array(20);
      if (source) bytes.set(source, 0);
      writeU32Host(bytes, 16, ifindex);
      out.push({ level: SOL.IPV6, type: IPV6.PKTINFO, bytes });
    }
  }
  const inet = family === "inet";
  if (ttl !== undefined)
    out.push({
      level: inet ? SOL.IP : SOL.IPV6,
      type: inet ? IP.TTL : IPV6.HOPLIMIT,
      bytes: word(ttl),
    });
  if (tos !== undefined)
    out.push({ level: inet ? SOL.IP : SOL.IPV6, type: inet ? IP.TOS : IPV6.TCLASS, bytes: word(tos) });
  return out;
}

// UDP sockets and multicast groups of a namespace, for `trace --dry-run`: who would get a datagram. Sockets are asked for by
// sock_diag(7), or where the kernel has no such family, read from /proc/net/udp and udp6 (proc(5)), which do not tell devices and
// IPV6_V6ONLY.

import { NetlinkClient } from "../../netlink/client.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { AF } from "../../netlink/rtnl/types.ts";
import { decodeInetDiagSocket, encodeInetDiagRequest } from "../../netlink/sock-diag/inet.ts";
import type { InetDiagSocket } from "../../netlink/sock-diag/inet.ts";
import { SOCK_DIAG } from "../../netlink/sock-diag/sock-diag.ts";
import type { Process } from "../../system/process.ts";
import { bytesFromHex } from "../../wire/hex.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { formatBytes } from "./network-state.ts";
import type { LinkState, UdpSocketState } from "./network-state.ts";

/** NETLINK_SOCK_DIAG */
const NETLINK_PROTOCOL = 4;
const ALL_STATES = 0xffff_ffff;
const V4_MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

function isV4Mapped(bytes: Uint8Array): boolean {
  return V4_MAPPED.every((byte, at) => bytes[at] === byte);
}

/** An address as packets have it; undefined for any. */
function addressIn(family: number, bytes: Uint8Array): Uint8Array | undefined {
  const own = family === AF.INET ? bytes.slice(0, 4) : isV4Mapped(bytes) ? bytes.slice(12, 16) : bytes;
  return own.some((byte) => byte !== 0) ? own : undefined;
}

function socketOf(socket: InetDiagSocket): UdpSocketState {
  const { family, source, destination, sourcePort, destinationPort, ifindex, v6only } = socket;
  const bound = family === AF.INET6 && source.some((byte) => byte !== 0);
  return {
    ipv4: family === AF.INET || (bound ? isV4Mapped(source) : v6only !== 1),
    ipv6: family === AF.INET6 && !(bound && isV4Mapped(source)),
    family: family === AF.INET ? "inet" : "inet6",
    local: addressIn(family, source),
    port: sourcePort,
    remote: addressIn(family, destination),
    remotePort: destinationPort,
    device: ifindex,
  };
}

/** Undefined if the kernel does not answer. */
function byDiagnosis(process: Process, family: number): UdpSocketState[] | undefined {
  const body = encodeInetDiagRequest({ family, protocol: IpProtocol.UDP, states: ALL_STATES });
  try {
    const netlink = process.netlink(NETLINK_PROTOCOL);
    try {
      const result = new NetlinkClient(netlink).dump(SOCK_DIAG.BY_FAMILY, body);
      if (!result.ok) return undefined;
      return result.messages.flatMap((message) => {
        const socket = decodeInetDiagSocket(message.body);
        return isMalformed(socket) ? [] : [socketOf(socket)];
      });
    } finally {
      netlink.close();
    }
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return undefined;
  }
}

/** An address of /proc/net: words of 32 bits in the order of the host, which is little-endian. */
function procAddress(text: string): Uint8Array {
  const bytes = bytesFromHex(text) ?? new Uint8Array(text.length / 2);
  for (let at = 0; at + 4 <= bytes.length; at += 4) bytes.subarray(at, at + 4).reverse();
  return bytes;
}

function byFile(process: Process, family: number): UdpSocketState[] {
  const path = family === AF.INET ? "/proc/net/udp" : "/proc/net/udp6";
  let text: string;
  try {
    text = new TextDecoder().decode(process.files.readFile(path));
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return [];
  }
  const line = /^\s*\d+: ([0-9A-F]+):([0-9A-F]{4}) ([0-9A-F]+):([0-9A-F]{4}) /gm;
  return [...text.matchAll(line)].map(([, local = "", port = "", remote = "", remotePort = ""]) =>
    socketOf({
      family,
      source: procAddress(local),
      sourcePort: Number.parseInt(port, 16),
      destination: procAddress(remote),
      destinationPort: Number.parseInt(remotePort, 16),
      ifindex: 0,
    } as InetDiagSocket),
  );
}

/** Those of the namespace that the process is in. */
export function readUdpSockets(process: Process): UdpSocketState[] {
  return [AF.INET, AF.INET6].flatMap((family) => byDiagnosis(process, family) ?? byFile(process, family));
}

/** The groups that a device is a member of, from /proc/net/igmp and igmp6. */
export function groupsOf({ name }: LinkState, igmp: string, igmp6: string): string[] {
  const groups: string[] = [];
  let device = "";
  for (const line of igmp.split("\n")) {
    const heading = /^\d+\s+(\S+)\s*:/.exec(line)?.[1];
    const group = /^\s+([0-9A-F]{8})\s/.exec(line)?.[1];
    if (heading !== undefined) device = heading;
    else if (group !== undefined && device === name) groups.push(formatBytes(procAddress(group)));
  }
  for (const [, of, group = ""] of igmp6.matchAll(/^\d+\s+(\S+)\s+([0-9a-f]{32})\s/gm)) {
    const bytes = of === name ? bytesFromHex(group) : undefined;
    if (bytes !== undefined) groups.push(formatBytes(bytes));
  }
  return groups;
}

// UDP sockets, TCP's listeners and multicast groups of a namespace, for `trace --dry-run`: who would get a packet. Sockets are asked
// for by sock_diag(7), or where the kernel has no such family, read from /proc/net/udp, tcp and their kin (proc(5)), which do not
// tell devices and IPV6_V6ONLY.

import { NetlinkClient } from "../../netlink/client.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { AF } from "../../netlink/rtnl/types.ts";
import { decodeInetDiagSocket, encodeInetDiagRequest } from "../../netlink/sock-diag/inet.ts";
import type { InetDiagSocket } from "../../netlink/sock-diag/inet.ts";
import { SOCK_DIAG, SOCKET_STATE } from "../../netlink/sock-diag/sock-diag.ts";
import type { Process } from "../../system/process.ts";
import { bytesFromHex } from "../../wire/hex.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { formatBytes } from "./network-state.ts";
import type { LinkState, SocketState } from "./network-state.ts";

/** NETLINK_SOCK_DIAG */
const NETLINK_PROTOCOL = 4;
const ALL_STATES = 0xffff_ffff;
const PROTOCOLS = { udp: IpProtocol.UDP, tcp: IpProtocol.TCP } as const;
/** Which sockets are looked for: all of UDP, listeners of TCP. */
const STATES = { udp: ALL_STATES, tcp: 1 << SOCKET_STATE.LISTEN } as const;

type Transport = "udp" | "tcp";
const V4_MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

function isV4Mapped(bytes: Uint8Array): boolean {
  return V4_MAPPED.every((byte, at) => bytes[at] === byte);
}

/** An address as packets have it; undefined for any. */
function addressIn(family: number, bytes: Uint8Array): Uint8Array | undefined {
  const own = family === AF.INET ? bytes.slice(0, 4) : isV4Mapped(bytes) ? bytes.slice(12, 16) : bytes;
  return own.some((byte) => byte !== 0) ? own : undefined;
}

function socketOf(socket: InetDiagSocket): SocketState {
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
function byDiagnosis(process: Process, transport: Transport, family: number): SocketState[] | undefined {
  const body = encodeInetDiagRequest({
    family,
    protocol: PROTOCOLS[transport],
    states: STATES[transport],
  });
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

function byFile(process: Process, transport: Transport, family: number): SocketState[] {
  const path = `/proc/net/${transport}${family === AF.INET ? "" : "6"}`;
  let text: string;
  try {
    text = new TextDecoder().decode(process.files.readFile(path));
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return [];
  }
  const line = /^\s*\d+: ([0-9A-F]+):([0-9A-F]{4}) ([0-9A-F]+):([0-9A-F]{4}) ([0-9A-F]{2}) /gm;
  const wanted = [...text.matchAll(line)].filter(
    ([, , , , , state = "0"]) => (STATES[transport] & (1 << Number.parseInt(state, 16))) !== 0,
  );
  return wanted.map(([, local = "", port = "", remote = "", remotePort = ""]) =>
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
export function readSockets(process: Process, transport: Transport): SocketState[] {
  return [AF.INET, AF.INET6].flatMap(
    (family) => byDiagnosis(process, transport, family) ?? byFile(process, transport, family),
  );
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

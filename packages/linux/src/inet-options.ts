// Options of IP sockets: the names of the interface as levels, numbers and bytes of setsockopt(2).

import { writeU32Host } from "@patchcord/core/netlink/host-bytes.ts";
import type { InetOptions } from "@patchcord/core/system/sockets.ts";
import { SO, SOL } from "./socket-constants.ts";

export interface SocketOption {
  readonly level: number;
  readonly name: number;
  readonly value: number | Uint8Array;
}

const encoder = new TextEncoder();

/** Options whose value is a C int. */
const INTEGERS: Readonly<Partial<Record<keyof InetOptions, readonly [level: number, name: number]>>> = {
  IP_TTL: [SOL.IP, 2],
  IP_TOS: [SOL.IP, 1],
  IP_MULTICAST_TTL: [SOL.IP, 33],
  IP_MULTICAST_LOOP: [SOL.IP, 34],
  IP_MTU_DISCOVER: [SOL.IP, 10],
  IP_RECVERR: [SOL.IP, 11],
  IP_RECVTTL: [SOL.IP, 12],
  IP_RECVTOS: [SOL.IP, 13],
  IP_PKTINFO: [SOL.IP, 8],
  IP_RETOPTS: [SOL.IP, 7],
  IP_HDRINCL: [SOL.IP, 3],
  IPV6_UNICAST_HOPS: [SOL.IPV6, 16],
  IPV6_MULTICAST_HOPS: [SOL.IPV6, 18],
  IPV6_MULTICAST_IF: [SOL.IPV6, 17],
  IPV6_MULTICAST_LOOP: [SOL.IPV6, 19],
  IPV6_TCLASS: [SOL.IPV6, 67],
  IPV6_MTU_DISCOVER: [SOL.IPV6, 23],
  IPV6_RECVERR: [SOL.IPV6, 25],
  IPV6_RECVHOPLIMIT: [SOL.IPV6, 51],
  IPV6_RECVPKTINFO: [SOL.IPV6, 49],
  IPV6_V6ONLY: [SOL.IPV6, 26],
  ICMP_FILTER: [SOL.RAW, 1],
  SO_BROADCAST: [SOL.SOCKET, SO.BROADCAST],
  SO_MARK: [SOL.SOCKET, SO.MARK],
  SO_PRIORITY: [SOL.SOCKET, SO.PRIORITY],
  SO_DONTROUTE: [SOL.SOCKET, SO.DONTROUTE],
  SO_REUSEADDR: [SOL.SOCKET, SO.REUSEADDR],
  SO_RCVBUF: [SOL.SOCKET, SO.RCVBUF],
  SO_SNDBUF: [SOL.SOCKET, SO.SNDBUF],
  SO_TIMESTAMP: [SOL.SOCKET, SO.TIMESTAMP],
};

const IP_OPTIONS = 4;
const IP_MULTICAST_IF = 32;
const ICMP6_FILTER = 1;
const MEMBERSHIPS = {
  IP_ADD_MEMBERSHIP: [SOL.IP, 35],
  IP_DROP_MEMBERSHIP: [SOL.IP, 36],
  IPV6_ADD_MEMBERSHIP: [SOL.IPV6, 20],
  IPV6_DROP_MEMBERSHIP: [SOL.IPV6, 21],
} as const;

/** struct ip_mreqn: group, local address, ifindex. */
function mreqn(group: Uint8Array | undefined, address: Uint8Array | undefined, ifindex: number): Uint8Array {
  const out = new Uint8Array(12);
  if (group) out.set(group.subarray(0, 4), 0);
  if (address) out.set(address.subarray(0, 4), 4);
  writeU32Host(out, 8, ifindex);
  return out;
}

/** struct ipv6_mreq. */
function mreq6(group: Uint8Array, ifindex: number): Uint8Array {
  const out = new Uint8Array(20);
  out.set(group.subarray(0, 16), 0);
  writeU32Host(out, 16, ifindex);
  return out;
}

/** Undefined for IPV6_FLOWLABEL, which takes a lease first. */
export function encodeOption<K extends keyof InetOptions>(
  key: K,
  value: InetOptions[K],
): SocketOption | undefined {
  const integer = INTEGERS[key];
  if (integer) return { level: integer[0], name: integer[1], value: Number(value) };
  switch (key) {
    case "IP_OPTIONS":
      return { level: SOL.IP, name: IP_OPTIONS, value: value as InetOptions["IP_OPTIONS"] };
    case "IP_MULTICAST_IF": {
      const { address, ifindex } = value as InetOptions["IP_MULTICAST_IF"];
      return { level: SOL.IP, name: IP_MULTICAST_IF, value: mreqn(undefined, address, ifindex) };
    }
    case "ICMP6_FILTER": {
      const words = value as InetOptions["ICMP6_FILTER"];
      const bytes = new Uint8Array(32);
      words.slice(0, 8).forEach((each, index) => writeU32Host(bytes, index * 4, each));
      return { level: SOL.ICMPV6, name: ICMP6_FILTER, value: bytes };
    }
    case "SO_BINDTODEVICE":
      return {
        level: SOL.SOCKET,
        name: SO.BINDTODEVICE,
        value: encoder.encode(`${value as InetOptions["SO_BINDTODEVICE"]}\0`),
      };
    case "IP_ADD_MEMBERSHIP":
    case "IP_DROP_MEMBERSHIP":
    case "IPV6_ADD_MEMBERSHIP":
    case "IPV6_DROP_MEMBERSHIP": {
      const { group, ifindex } = value as InetOptions["IP_ADD_MEMBERSHIP"];
      const [level, name] = MEMBERSHIPS[key as keyof typeof MEMBERSHIPS];
      return {
        level,
        name,
        value: level === SOL.IP ? mreqn(group, undefined, ifindex) : mreq6(group, ifindex),
      };
    }
    default:
      return undefined;
  }
}

/** struct in6_flowlabel_req: takes the label for exclusive use towards `destination`. */
export function flowLabelRequest(destination: Uint8Array, label: number): Uint8Array {
  const out = new Uint8Array(32);
  out.set(destination.subarray(0, 16), 0);
  new DataView(out.buffer).setUint32(16, label);
  out[20] = 0; // IPV6_FL_A_GET
  out[21] = 1; // IPV6_FL_S_EXCL
  out[22] = 1; // IPV6_FL_F_CREATE
  return out;
}

// Options of an IP socket: their values, and what may be set to what (ip(7), ipv6(7), raw(7), socket(7)). What an option
// does is with the code that reads it.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { InetOptions } from "../../system/sockets.ts";
import type { EchoedOptions } from "../ipv4/options.ts";

/** IP_PMTUDISC_*, IPV6_PMTUDISC_*. */
export const PMTU = { DONT: 0, WANT: 1, DO: 2, PROBE: 3 } as const;

/** Values; -1 stands for "as the host does". */
export class SocketOptions {
  ttl = -1;
  tos = 0;
  multicastTtl = 1;
  multicastLoop = true;
  /** ifindex; 0 for none. */
  multicastDevice = 0;
  /** 0 for none. */
  multicastSource = 0;
  mtuDiscover: number;
  receiveErrors = false;
  receiveTtl = false;
  receiveTos = false;
  packetInfo = false;
  receiveOptions = false;
  headerIncluded = false;
  /** Sent with every IPv4 packet. */
  ipOptions: EchoedOptions | undefined = undefined;
  hopLimit = -1;
  multicastHopLimit = -1;
  multicastDevice6 = 0;
  multicastLoop6 = true;
  trafficClass = 0;
  flowLabel = 0;
  mtuDiscover6: number = PMTU.WANT;
  receiveErrors6 = false;
  receiveHopLimit = false;
  packetInfo6 = false;
  v6only: boolean;
  /** Bit N set: ICMP type N is not wanted. */
  icmpFilter = 0;
  /** 256 bits. */
  icmp6Filter: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 0];
  broadcast = false;
  /** ifindex; 0 for none. */
  boundDevice = 0;
  mark = 0;
  priority = 0;
  dontRoute = false;
  reuseAddress = false;
  sendBuffer = 212_992;

  constructor(mtuDiscover: number, v6only: boolean) {
    this.mtuDiscover = mtuDiscover;
    this.v6only = v6only;
  }
}

/** What setting an option needs to know about its socket. */
export interface OptionOwner {
  readonly options: SocketOptions;
  readonly family: "inet" | "inet6";
  /** Protocol of a raw socket; undefined for the others. */
  readonly rawProtocol: number | undefined;
  readonly bound: boolean;
  /** ifindex of a device by name. Errors: ENODEV. */
  deviceIndex(name: string): number;
  /** ifindex of the device with this IPv4 address, 0 if there is none. */
  deviceOfAddress(address: Uint8Array): number;
  setReceiveBuffer(bytes: number): void;
  /** Errors: EINVAL for options that cannot be walked, or that appear twice. */
  compileIpOptions(bytes: Uint8Array): EchoedOptions;
  changeMembership(joining: boolean, group: Uint8Array, ifindex: number): void;
}

function within(value: number, low: number, high: number): number {
  if (!Number.isInteger(value) || value < low || value > high) throw new Refusal(ERRNO.EINVAL);
  return value;
}

function onlyIpv6(socket: OptionOwner): SocketOptions {
  if (socket.family !== "inet6") throw new Refusal(ERRNO.ENOPROTOOPT);
  return socket.options;
}

function onlyRaw(socket: OptionOwner, protocol?: number): SocketOptions {
  if (socket.rawProtocol === undefined) throw new Refusal(ERRNO.ENOPROTOOPT);
  if (protocol !== undefined && socket.rawProtocol !== protocol) throw new Refusal(ERRNO.EOPNOTSUPP);
  return socket.options;
}

function readIpv4(bytes: Uint8Array | undefined): number {
  const [a = 0, b = 0, c = 0, d = 0] = bytes ?? [];
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
}

/** SO_PRIORITY that goes with a type of service (rt_tos2priority: TOS bits 1..4 by Documentation/networking). */
const TOS_PRIORITY = [0, 0, 0, 0, 2, 2, 2, 2, 6, 6, 6, 6, 4, 4, 4, 4];

function setTos(socket: OptionOwner, value: number): void {
  socket.options.tos = within(value, 0, 255);
  socket.options.priority = TOS_PRIORITY[(value >> 1) & 15] ?? 0;
}

function multicastInterface(socket: OptionOwner, ifindex: number, address: Uint8Array | undefined): void {
  const { options } = socket;
  const source = readIpv4(address);
  let device = ifindex;
  if (device === 0 && source !== 0) {
    device = address === undefined ? 0 : socket.deviceOfAddress(address);
    if (device === 0) throw new Refusal(ERRNO.EADDRNOTAVAIL);
  }
  if (options.boundDevice !== 0 && device !== 0 && device !== options.boundDevice)
    throw new Refusal(ERRNO.EINVAL);
  options.multicastDevice = device;
  options.multicastSource = source;
}

type Setters = { readonly [K in keyof InetOptions]: (socket: OptionOwner, value: InetOptions[K]) => void };

const SETTERS: Setters = {
  IP_TTL: (socket, value) => {
    socket.options.ttl = value === -1 ? -1 : within(value, 1, 255);
  },
  IP_TOS: setTos,
  IP_MULTICAST_TTL: (socket, value) => {
    socket.options.multicastTtl = value === -1 ? 1 : within(value, 0, 255);
  },
  IP_MULTICAST_LOOP: (socket, value) => {
    socket.options.multicastLoop = value;
  },
  IP_MULTICAST_IF: (socket, value) => multicastInterface(socket, value.ifindex, value.address),
  IP_MTU_DISCOVER: (socket, value) => {
    socket.options.mtuDiscover = within(value, 0, 3);
  },
  IP_RECVERR: (socket, value) => {
    socket.options.receiveErrors = value;
  },
  IP_RECVTTL: (socket, value) => {
    socket.options.receiveTtl = value;
  },
  IP_RECVTOS: (socket, value) => {
    socket.options.receiveTos = value;
  },
  IP_PKTINFO: (socket, value) => {
    socket.options.packetInfo = value;
  },
  IP_RETOPTS: (socket, value) => {
    socket.options.receiveOptions = value;
  },
  IP_HDRINCL: (socket, value) => {
    onlyRaw(socket).headerIncluded = value;
  },
  IP_OPTIONS: (socket, value) => {
    socket.options.ipOptions = value.length === 0 ? undefined : socket.compileIpOptions(value);
  },
  IPV6_UNICAST_HOPS: (socket, value) => {
    onlyIpv6(socket).hopLimit = within(value, -1, 255);
  },
  IPV6_MULTICAST_HOPS: (socket, value) => {
    onlyIpv6(socket).multicastHopLimit = value === -1 ? -1 : within(value, 0, 255);
  },
  IPV6_MULTICAST_IF: (socket, value) => {
    const options = onlyIpv6(socket);
    if (value !== 0 && options.boundDevice !== 0 && options.boundDevice !== value)
      throw new Refusal(ERRNO.EINVAL);
    options.multicastDevice6 = value;
  },
  IPV6_MULTICAST_LOOP: (socket, value) => {
    onlyIpv6(socket).multicastLoop6 = value;
  },
  IPV6_TCLASS: (socket, value) => {
    onlyIpv6(socket).trafficClass = value === -1 ? 0 : within(value, 0, 255);
  },
  IPV6_FLOWLABEL: (socket, value) => {
    onlyIpv6(socket).flowLabel = within(value, 0, 0xf_ffff);
  },
  IPV6_MTU_DISCOVER: (socket, value) => {
    onlyIpv6(socket).mtuDiscover6 = within(value, 0, 3);
  },
  IPV6_RECVERR: (socket, value) => {
    onlyIpv6(socket).receiveErrors6 = value;
  },
  IPV6_RECVHOPLIMIT: (socket, value) => {
    onlyIpv6(socket).receiveHopLimit = value;
  },
  IPV6_RECVPKTINFO: (socket, value) => {
    onlyIpv6(socket).packetInfo6 = value;
  },
  IPV6_V6ONLY: (socket, value) => {
    const options = onlyIpv6(socket);
    if (socket.bound) throw new Refusal(ERRNO.EINVAL);
    options.v6only = value;
  },
  ICMP_FILTER: (socket, value) => {
    onlyRaw(socket, 1).icmpFilter = value;
  },
  ICMP6_FILTER: (socket, value) => {
    onlyRaw(socket, 58).icmp6Filter = value;
  },
  SO_BROADCAST: (socket, value) => {
    socket.options.broadcast = value;
  },
  SO_BINDTODEVICE: (socket, value) => {
    socket.options.boundDevice = value === "" ? 0 : socket.deviceIndex(value);
  },
  SO_MARK: (socket, value) => {
    socket.options.mark = value >>> 0;
  },
  SO_PRIORITY: (socket, value) => {
    socket.options.priority = value;
  },
  SO_DONTROUTE: (socket, value) => {
    socket.options.dontRoute = value;
  },
  SO_REUSEADDR: (socket, value) => {
    socket.options.reuseAddress = value;
  },
  SO_RCVBUF: (socket, value) => socket.setReceiveBuffer(value),
  SO_SNDBUF: (socket, value) => {
    socket.options.sendBuffer = Math.max(4608, Math.min(value, 212_992) * 2);
  },
  // Every datagram has its time of arrival; a program that did not ask just does not look.
  SO_TIMESTAMP: () => {},
  IP_ADD_MEMBERSHIP: (socket, { group, ifindex }) => socket.changeMembership(true, group, ifindex),
  IP_DROP_MEMBERSHIP: (socket, { group, ifindex }) => socket.changeMembership(false, group, ifindex),
  IPV6_ADD_MEMBERSHIP: (socket, { group, ifindex }) => {
    onlyIpv6(socket);
    socket.changeMembership(true, group, ifindex);
  },
  IPV6_DROP_MEMBERSHIP: (socket, { group, ifindex }) => {
    onlyIpv6(socket);
    socket.changeMembership(false, group, ifindex);
  },
};

/** setsockopt(2). Errors: EINVAL, ENOPROTOOPT, EOPNOTSUPP, ENODEV, EADDRNOTAVAIL, EADDRINUSE. */
export function setSocketOption<K extends keyof InetOptions>(
  socket: OptionOwner,
  name: K,
  value: InetOptions[K],
): void {
  SETTERS[name](socket, value);
}

// Sockets as programs use them. Nothing blocks: `receive` returns undefined where recv(2) with MSG_DONTWAIT says EAGAIN,
// and a program waits through its Process. Refused calls throw Refusal. Not here: TCP (its place is InetSocket).

import type { Waitable } from "./streams.ts";

/** Numbers of linux/netlink.h. */
export type NetlinkProtocol =
  0 /* NETLINK_ROUTE */ | 4 /* NETLINK_SOCK_DIAG */ | 12 /* NETLINK_NETFILTER */ | 16; /* NETLINK_GENERIC */

/** A netlink(7) socket, bound with a port id of its own. The kernel answers inside `send`. */
export interface NetlinkSocket extends Waitable {
  readonly portid: number;
  /** One datagram of one or more messages. */
  send(bytes: Uint8Array): void;
  /** One datagram, or undefined if none is there. Errors: ENOBUFS after notifications were lost. */
  receive(): Uint8Array | undefined;
  /** NETLINK_ADD_MEMBERSHIP. */
  join(group: number): void;
  leave(group: number): void;
  /** NETLINK_LISTEN_ALL_NSID: also notifications of peer namespaces; `receiveNsid` tells of which. */
  listenAllNsids(on: boolean): void;
  /** nsid of the namespace that the last received datagram came from; undefined for the own one. */
  readonly lastNsid: number | undefined;
  /**
   * A file descriptor of the caller that stands for a namespace inside messages (IFLA_NET_NS_FD, NETNSA_FD). It stays
   * open until the socket is closed.
   */
  netnsDescriptor(netns: { readonly inode: number }): number;
  /** NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK. All off at first. */
  setOption(option: "extAck" | "capAck" | "strictCheck", on: boolean): void;
  close(): void;
}

/** sll_pkttype of packet(7). */
export type PacketType =
  0 /* HOST */ | 1 /* BROADCAST */ | 2 /* MULTICAST */ | 3 /* OTHERHOST */ | 4; /* OUTGOING */

/** A frame with what packet(7) tells about it. */
export interface ReceivedFrame {
  /** From the link-layer header (SOCK_RAW) or after it (SOCK_DGRAM). */
  readonly frame: Uint8Array;
  /** Length on the wire, before any cut by the caller. */
  readonly wireLength: number;
  readonly ifindex: number;
  readonly packetType: PacketType;
  /** EtherType, host order. */
  readonly protocol: number;
  /** ARPHRD_ type of the device. */
  readonly hardwareType: number;
  /** Source link-layer address. */
  readonly source: Uint8Array;
  /** Receive time, microseconds since the epoch. */
  readonly timestamp: number;
  /** PACKET_AUXDATA: tag that the kernel keeps beside the frame. */
  readonly vlan?: { readonly tpid: number; readonly tci: number } | undefined;
  /** Embedded system, while packets are recorded: the packet's id there (trace/recorder.ts). */
  readonly packetId?: number;
}

/** struct sock_filter: an instruction of classic BPF. */
export interface SocketFilterInstruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

/** A packet(7) socket: SOCK_RAW or SOCK_DGRAM. */
export interface PacketSocket extends Waitable {
  /** ifindex 0: every device; protocol 3 (ETH_P_ALL): every frame, outgoing ones too. */
  bind(ifindex: number, protocol: number): void;
  /** SOCK_RAW: a whole frame to `ifindex`. SOCK_DGRAM: payload with destination address and protocol. */
  send(
    bytes: Uint8Array,
    to: { readonly ifindex: number; readonly protocol?: number; readonly address?: Uint8Array },
  ): void;
  /** Errors: ENETDOWN, once, if the device that it is bound to is or goes down. */
  receive(): ReceivedFrame | undefined;
  /** PACKET_ADD_MEMBERSHIP. */
  addMembership(
    ifindex: number,
    kind: "promiscuous" | "allMulticast" | { readonly multicast: Uint8Array },
  ): void;
  /**
   * SO_ATTACH_FILTER: only what the program accepts is queued, cut to the length that it returns. Errors: EINVAL for a
   * program that no kernel takes.
   */
  attachFilter(program: readonly SocketFilterInstruction[]): void;
  /** Frames dropped because the receive queue was full, and all frames, since the last call (PACKET_STATISTICS). */
  statistics(): { readonly packets: number; readonly drops: number };
  /** Receive queue, bytes (SO_RCVBUF); from a megabyte on a ring (PACKET_RX_RING). Before `bind`. */
  setReceiveBuffer(bytes: number): void;
  close(): void;
}

/** An IP endpoint: 4 or 16 address bytes in wire order. */
export interface InetAddress {
  readonly address: Uint8Array;
  readonly port: number;
  /** sin6_scope_id: ifindex for link-local addresses; 0 otherwise. */
  readonly scope?: number;
}

/** Control data of a received datagram, as far as the socket asked for it. */
export interface ReceivedDatagram {
  readonly bytes: Uint8Array;
  readonly from: InetAddress;
  /** Receive time, microseconds since the epoch (SO_TIMESTAMP). */
  readonly timestamp: number;
  readonly ttl?: number;
  readonly tos?: number;
  /** IP_PKTINFO / IPV6_PKTINFO. */
  readonly packetInfo?: { readonly ifindex: number; readonly local: Uint8Array };
  /** IP_RECVOPTS: raw IPv4 options (ping sockets). Raw IPv4 sockets have the whole header in `bytes`. */
  readonly options?: Uint8Array;
}

/** sock_extended_err, from MSG_ERRQUEUE. */
export interface ReceivedError {
  readonly errno: number;
  readonly origin: "local" | "icmp" | "icmp6";
  readonly type: number;
  readonly code: number;
  /** ee_info: the MTU for EMSGSIZE. */
  readonly info: number;
  readonly offender: Uint8Array | undefined;
  /** Payload of the datagram that caused it. */
  readonly bytes: Uint8Array;
  /** Where that datagram was sent to. */
  readonly to: InetAddress;
  readonly timestamp: number;
  /** TTL / hop limit of the ICMP message, when asked for. */
  readonly ttl?: number;
}

/** Options of setsockopt(2), by the names of ip(7), ipv6(7), raw(7) and socket(7). */
export interface InetOptions {
  IP_TTL: number;
  IP_TOS: number;
  IP_MULTICAST_TTL: number;
  IP_MULTICAST_LOOP: boolean;
  IP_MULTICAST_IF: { ifindex: number; address?: Uint8Array };
  /** 0 dont, 1 want, 2 do, 3 probe. */
  IP_MTU_DISCOVER: 0 | 1 | 2 | 3;
  IP_RECVERR: boolean;
  IP_RECVTTL: boolean;
  IP_RECVTOS: boolean;
  IP_PKTINFO: boolean;
  IP_RETOPTS: boolean;
  IP_HDRINCL: boolean;
  IP_OPTIONS: Uint8Array;
  IPV6_UNICAST_HOPS: number;
  IPV6_MULTICAST_HOPS: number;
  IPV6_MULTICAST_IF: number;
  IPV6_MULTICAST_LOOP: boolean;
  IPV6_TCLASS: number;
  IPV6_FLOWLABEL: number;
  IPV6_MTU_DISCOVER: 0 | 1 | 2 | 3;
  IPV6_RECVERR: boolean;
  IPV6_RECVHOPLIMIT: boolean;
  IPV6_RECVPKTINFO: boolean;
  IPV6_V6ONLY: boolean;
  /** ICMP_FILTER / ICMP6_FILTER: bit N set blocks type N (32 bits / 256 bits as 8 words). */
  ICMP_FILTER: number;
  ICMP6_FILTER: readonly number[];
  SO_BROADCAST: boolean;
  SO_BINDTODEVICE: string;
  SO_MARK: number;
  SO_PRIORITY: number;
  SO_DONTROUTE: boolean;
  SO_REUSEADDR: boolean;
  SO_RCVBUF: number;
  SO_SNDBUF: number;
  SO_TIMESTAMP: boolean;
  IP_ADD_MEMBERSHIP: { group: Uint8Array; ifindex: number };
  IP_DROP_MEMBERSHIP: { group: Uint8Array; ifindex: number };
  IPV6_ADD_MEMBERSHIP: { group: Uint8Array; ifindex: number };
  IPV6_DROP_MEMBERSHIP: { group: Uint8Array; ifindex: number };
}

/** Per-message control data for `sendTo` (IP_PKTINFO, IP_TTL, ...). */
export interface SendOptions {
  readonly ifindex?: number;
  readonly source?: Uint8Array;
  readonly ttl?: number;
  readonly tos?: number;
}

/** UDP, ICMP (ping) and raw sockets of ip(7) and ipv6(7). */
export interface InetSocket extends Waitable {
  readonly family: "inet" | "inet6";
  bind(local: InetAddress): void;
  connect(remote: InetAddress): void;
  /** AF_UNSPEC connect. */
  disconnect(): void;
  sendTo(bytes: Uint8Array, to?: InetAddress, options?: SendOptions): void;
  /** Errors: a pending socket error (ECONNREFUSED, EHOSTUNREACH, ...), as recvmsg(2). */
  receive(): ReceivedDatagram | undefined;
  /** MSG_ERRQUEUE. `ready` is also true while this has something. */
  receiveError(): ReceivedError | undefined;
  localAddress(): InetAddress;
  remoteAddress(): InetAddress | undefined;
  setOption<K extends keyof InetOptions>(name: K, value: InetOptions[K]): void;
  /** IP_MTU / IPV6_MTU of a connected socket. */
  pathMtu(): number;
  close(): void;
}

/** What socket(2) makes of an AF_INET/AF_INET6 request. `protocol` is the IP protocol number. */
export interface InetSocketKind {
  readonly family: "inet" | "inet6";
  readonly type: "datagram" | "raw";
  /** datagram: 17 (UDP) or 1/58 (ping socket); raw: any. */
  readonly protocol: number;
}

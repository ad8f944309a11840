// What UDP, raw and ping sockets have in common (struct inet_sock, net/ipv4/datagram.c, net/ipv6/datagram.c): addresses,
// connecting, waiting, and the ways in and out of errors. Binding and sending differ and are in the subclasses.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type {
  InetAddress,
  InetOptions,
  InetSocket,
  ReceivedDatagram,
  ReceivedError,
  SendOptions,
} from "../../system/sockets.ts";
import { Wakers } from "../../system/streams.ts";
import { IPV4_LOOPBACK, readIpv4Address } from "../../wire/ipv4-address.ts";
import { IPV6_LOOPBACK, isLinkLocalIpv6, isMulticastIpv6 } from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import type { EchoedOptions } from "../ipv4/options.ts";
import type { Kernel } from "../kernel.ts";
import type { Netns } from "../netns.ts";
import { addressBytes, addressOf, socketAddress } from "./ip-address.ts";
import type { IpAddress, SocketFamily } from "./ip-address.ts";
import * as ipv4 from "./ipv4-flow.ts";
import * as ipv6 from "./ipv6-flow.ts";
import { Memberships } from "./memberships.ts";
import type { OptionOwner } from "./socket-options.ts";
import { setSocketOption, SocketOptions } from "./socket-options.ts";
import type { QueuedDatagram } from "./socket-queues.ts";
import { SocketQueues } from "./socket-queues.ts";

/** Where a datagram goes. */
export interface Target {
  readonly address: IpAddress;
  readonly port: number;
  /** ifindex for addresses that need one; 0 if none was given. */
  readonly scope: number;
}

export interface SocketPlace {
  readonly netns: Netns;
  readonly family: SocketFamily;
  readonly protocol: number;
  /** Runs what a sent datagram sets off. */
  readonly settle: () => void;
  /** The kernel's own: it does not keep its namespace alive. */
  readonly ofKernel?: boolean;
}

export abstract class IpSocket implements InetSocket, OptionOwner {
  readonly netns: Netns;
  readonly kernel: Kernel;
  readonly family: SocketFamily;
  readonly protocol: number;
  readonly options: SocketOptions;
  readonly queues: SocketQueues;
  /** Inode number that /proc/net shows. */
  readonly inode: number;
  /** Only packets to this address are received; undefined: to any. */
  local: IpAddress | undefined = undefined;
  /** Packets are sent from this address; undefined: routing chooses. */
  source: IpAddress | undefined = undefined;
  /** UDP port or ICMP id; the protocol number of a raw socket. */
  port = 0;
  remote: IpAddress | undefined = undefined;
  remotePort = 0;
  closed = false;
  /** The address or the port was chosen by the program, not by `connect` or the first `sendTo`. */
  protected addressChosen = false;
  protected portChosen = false;
  protected readonly settle: () => void;
  readonly #wakers = new Wakers();
  readonly #memberships: Memberships;
  readonly #retainsNetns: boolean;

  constructor(place: SocketPlace) {
    this.netns = place.netns;
    this.kernel = place.netns.kernel;
    this.family = place.family;
    this.protocol = place.protocol;
    this.settle = place.settle;
    this.options = new SocketOptions(ipv4.standardMtuDiscovery(this.netns), ipv6.standardV6only(this.netns));
    this.queues = new SocketQueues(this.kernel);
    this.inode = this.kernel.nextSocketInode();
    this.#memberships = new Memberships(this.netns);
    this.#retainsNetns = place.ofKernel !== true;
    if (this.#retainsNetns) this.netns.retain();
  }

  // ---- what the kinds do

  /** What it is called in journeys of packets. */
  abstract readonly kindName: string;

  /** Protocol of a raw socket. */
  abstract readonly rawProtocol: number | undefined;

  /** Takes `local` and a port (0: any free one). Errors: EADDRINUSE, EACCES. */
  protected abstract takePort(port: number): void;

  protected abstract releasePort(): void;

  /** Makes sure that there is a port to send from. */
  protected abstract autobind(): void;

  /** True if sending returns a pending error instead (sock_alloc_send_skb). */
  protected get tellsPendingOnSend(): boolean {
    return true;
  }

  protected abstract transmit(bytes: Uint8Array, to: Target, options: SendOptions): void;

  /** Checks an address for bind(2). Errors: EADDRNOTAVAIL. */
  protected abstract checkLocal(address: IpAddress | undefined, scope: number): void;

  // ---- names

  get bound(): boolean {
    return this.port !== 0;
  }

  get connected(): boolean {
    return this.remote !== undefined;
  }

  /** True if it gets IPv4 packets, as far as the address it is bound to does not rule them out. */
  get takesIpv4(): boolean {
    return this.family === "inet" || (!this.options.v6only && typeof this.local !== "string");
  }

  get takesIpv6(): boolean {
    return this.family === "inet6" && typeof this.local !== "number";
  }

  bind(to: InetAddress): void {
    const address = addressOf(this.family, to.address);
    const scope = to.scope ?? 0;
    if (this.options.v6only && typeof address === "number") throw new Refusal(ERRNO.EINVAL);
    this.checkLocal(address, scope);
    if (this.connected || this.addressChosen || this.portChosen) throw new Refusal(ERRNO.EINVAL);
    const before = this.local;
    this.local = address;
    try {
      this.takePort(to.port);
    } catch (refusal) {
      this.local = before;
      throw refusal;
    }
    const group = address !== undefined && !this.isUnicast(address);
    this.source = group ? undefined : address;
    this.addressChosen = address !== undefined;
    this.portChosen = to.port !== 0;
    if (typeof address === "string" && isLinkLocalIpv6(address) && scope !== 0)
      this.options.boundDevice = scope;
  }

  /** False for groups and IPv4 broadcast addresses, which nothing is sent from. */
  protected isUnicast(address: IpAddress): boolean {
    return typeof address === "number" ? ipv4.isUnicast(this.netns, address) : !isMulticastIpv6(address);
  }

  connect(to: InetAddress): void {
    const target = this.target(to);
    this.autobind();
    if (typeof target.address === "string") {
      this.#requireScope(target.address, target.scope);
      const flow = ipv6.routeDatagram(this, target.address, this.portsTo(target.port), {});
      this.#establish(target, flow.source);
    } else {
      const flow = ipv4.routeDatagram(this, target.address, this.portsTo(target.port), {});
      this.#establish({ ...target, address: flow.target }, flow.source);
    }
  }

  #establish(target: Target, source: IpAddress): void {
    this.source ??= source;
    if (this.local === undefined) {
      this.local = source;
      this.rehash();
    }
    this.remote = target.address;
    this.remotePort = target.port;
  }

  /** The local address of a bound socket has changed. */
  protected rehash(): void {}

  /** A link-local destination needs a device (RFC 4007, 6); the address may name it. */
  #requireScope(address: Ipv6Address, scope: number): void {
    if (!ipv6.needsScope(address)) return;
    const { options } = this;
    if (scope !== 0) {
      if (options.boundDevice !== 0 && options.boundDevice !== scope) throw new Refusal(ERRNO.EINVAL);
      options.boundDevice = scope;
    }
    if (options.boundDevice === 0 && isMulticastIpv6(address)) options.boundDevice = options.multicastDevice6;
    if (options.boundDevice === 0) throw new Refusal(ERRNO.EINVAL);
  }

  /** Ended from outside (udp_abort): the next call of the program says `errno`. */
  abort(errno: number): void {
    this.queues.setPending(errno);
    this.disconnect();
    this.#wakers.wake();
  }

  disconnect(): void {
    this.remote = undefined;
    this.remotePort = 0;
    this.options.boundDevice = 0;
    if (!this.addressChosen) {
      this.local = undefined;
      this.source = undefined;
      this.rehash();
    }
    if (!this.portChosen) this.releasePort();
  }

  /** The destination of a call. Errors: EAFNOSUPPORT, EINVAL. */
  protected target(to: InetAddress): Target {
    const address = addressOf(this.family, to.address);
    return {
      address:
        address ?? (this.family === "inet" ? 0 : this.options.v6only ? IPV6_LOOPBACK : this.#ownLoopback()),
      port: to.port,
      scope: to.scope ?? 0,
    };
  }

  /** "Connecting to ANY" means this host: by IPv4 if the socket is bound to an IPv4 address. */
  #ownLoopback(): IpAddress {
    return typeof this.local === "number" ? IPV4_LOOPBACK : IPV6_LOOPBACK;
  }

  /** Ports that routing may look at. */
  portsTo(remote: number): { readonly sourcePort: number; readonly destinationPort: number } {
    return { sourcePort: this.port, destinationPort: remote };
  }

  sendTo(bytes: Uint8Array, to?: InetAddress, options: SendOptions = {}): void {
    let target: Target;
    if (to !== undefined) target = this.target(to);
    else if (this.remote !== undefined) target = { address: this.remote, port: this.remotePort, scope: 0 };
    else throw new Refusal(ERRNO.EDESTADDRREQ);
    // Without a word in the error queue; IPv6 finds out later.
    if (bytes.length > 0xffff && typeof target.address === "number") throw new Refusal(ERRNO.EMSGSIZE);
    this.autobind();
    const pending = this.tellsPendingOnSend ? this.queues.takePending() : 0;
    if (pending !== 0) throw new Refusal(pending);
    try {
      this.transmit(bytes, target, options);
    } finally {
      this.settle();
    }
  }

  // ---- receiving

  get ready(): boolean {
    return this.queues.ready;
  }

  subscribe(wake: () => void): () => void {
    return this.#wakers.subscribe(wake);
  }

  /** False if the receive buffer was full. */
  enqueue(datagram: QueuedDatagram): boolean {
    if (!this.queues.addDatagram(datagram)) return false;
    this.#wakers.wake();
    return true;
  }

  /** An error about something sent: kept with its datagram if the program wants that; then the errno is pending. */
  enqueueError(error: ReceivedError, keep: boolean): void {
    if (keep) this.queues.addError(error);
    if (error.origin !== "local") this.queues.setPending(error.errno);
    this.#wakers.wake();
  }

  receive(): ReceivedDatagram | undefined {
    const pending = this.queues.takePending();
    if (pending !== 0) throw new Refusal(pending);
    const datagram = this.queues.takeDatagram();
    if (datagram === undefined) return undefined;
    this.received(datagram);
    return this.#shown(datagram);
  }

  /** A datagram was handed to the program. */
  protected received(_datagram: QueuedDatagram): void {}

  /** The datagram with the control data that was asked for. */
  #shown(datagram: QueuedDatagram): ReceivedDatagram {
    const { options, family } = this;
    const v4 = typeof datagram.local === "number";
    const packetInfo =
      family === "inet" || (v4 && options.packetInfo) ? options.packetInfo : options.packetInfo6;
    return {
      bytes: datagram.bytes,
      from: datagram.from,
      timestamp: datagram.timestamp,
      ...((v4 ? options.receiveTtl : options.receiveHopLimit) && { ttl: datagram.ttl }),
      ...(v4 && options.receiveTos && { tos: datagram.tos }),
      ...(packetInfo && {
        packetInfo: { ifindex: datagram.ifindex, local: addressBytes(family, datagram.local) },
      }),
      ...(options.receiveOptions && datagram.options && { options: datagram.options }),
    };
  }

  receiveError(): ReceivedError | undefined {
    return this.queues.takeError();
  }

  // ---- the rest

  localAddress(): InetAddress {
    const address = this.local ?? this.source;
    const scope = typeof address === "string" && isLinkLocalIpv6(address) ? this.options.boundDevice : 0;
    return socketAddress(this.family, address, this.port, scope);
  }

  remoteAddress(): InetAddress | undefined {
    if (this.remote === undefined) return undefined;
    const scope =
      typeof this.remote === "string" && ipv6.needsScope(this.remote) ? this.options.boundDevice : 0;
    return socketAddress(this.family, this.remote, this.remotePort, scope);
  }

  setOption<K extends keyof InetOptions>(name: K, value: InetOptions[K]): void {
    setSocketOption(this, name, value);
    this.settle();
  }

  deviceIndex(name: string): number {
    const device = this.netns.device(name);
    if (device === undefined) throw new Refusal(ERRNO.ENODEV);
    return device.ifindex;
  }

  deviceOfAddress(address: Uint8Array): number {
    return ipv4.deviceWithAddress(this.netns, readIpv4Address(address, 0));
  }

  setReceiveBuffer(bytes: number): void {
    this.queues.setLimit(bytes);
  }

  compileIpOptions(bytes: Uint8Array): EchoedOptions {
    return ipv4.prepareOptions(this.netns, bytes);
  }

  changeMembership(joining: boolean, group: Uint8Array, ifindex: number): void {
    const address = addressOf(group.length === 4 ? "inet" : "inet6", group);
    if (address === undefined) throw new Refusal(ERRNO.EINVAL);
    if (joining) this.#memberships.join(address, ifindex);
    else this.#memberships.leave(address, ifindex);
  }

  pathMtu(): number {
    const { remote } = this;
    if (remote === undefined) throw new Refusal(ERRNO.ENOTCONN);
    const ports = this.portsTo(this.remotePort);
    return typeof remote === "number"
      ? ipv4.pathMtu(this, ipv4.routeDatagram(this, remote, ports, {}))
      : ipv6.pathMtu(ipv6.routeDatagram(this, remote, ports, {}));
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.#memberships.leaveAll();
    this.releasePort();
    this.queues.clear();
    if (this.#retainsNetns) this.netns.release();
  }
}

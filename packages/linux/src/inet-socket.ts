// UDP, ICMP and raw sockets of the real kernel.

import { readU32Host, writeU16Host } from "@patchcord/core/netlink/host-bytes.ts";
import type {
  InetAddress,
  InetOptions,
  InetSocket,
  InetSocketKind,
  ReceivedDatagram,
  ReceivedError,
  SendOptions,
} from "@patchcord/core/system/sockets.ts";
import type { Microseconds } from "@patchcord/core/system/system.ts";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import { ERRNO } from "@patchcord/core/netlink/errno.ts";
import { encodeOption, flowLabelRequest } from "./inet-options.ts";
import {
  encodeControl,
  getOption,
  libc,
  MSG_FLAGS,
  nameSocket,
  receiveMessage,
  sendMessage,
  setOption,
  socketName,
} from "./libc.ts";
import { Readiness } from "./readiness.ts";
import { AF, decodeSockaddrInet, encodeSockaddrInet } from "./socket-address.ts";
import { SOCK, SOL } from "./socket-constants.ts";
import { datagramOf, errorOf, sendControl } from "./socket-control.ts";

const IP_MTU = 14;
const IPV6_MTU = 24;
const IPV6_FLOWLABEL_MGR = 32;
const IPV6_FLOWINFO_SEND = 33;
const FLOWINFO = 4; // offset in struct sockaddr_in6

export class LinuxInetSocket implements InetSocket {
  readonly family: "inet" | "inet6";
  readonly #fd: number;
  readonly #now: () => Microseconds;
  readonly #readiness: Readiness;
  #flowLabel = 0;
  #labelTaken = false;
  #closed = false;

  /** To be called inside the namespace. Errors: EPERM, EACCES, EPROTONOSUPPORT, EAFNOSUPPORT. */
  constructor({ family, type, protocol }: InetSocketKind, now: () => Microseconds) {
    this.family = family;
    this.#now = now;
    const domain = family === "inet" ? AF.INET : AF.INET6;
    const kind = type === "raw" ? SOCK.RAW : SOCK.DGRAM;
    this.#fd = libc.socket(domain, kind | SOCK.CLOEXEC | SOCK.NONBLOCK, protocol);
    this.#readiness = new Readiness(this.#fd);
  }

  bind(local: InetAddress): void {
    nameSocket(this.#fd, "bind", encodeSockaddrInet(local));
  }

  connect(remote: InetAddress): void {
    nameSocket(this.#fd, "connect", this.#name(remote));
  }

  disconnect(): void {
    const name = new Uint8Array(16);
    writeU16Host(name, 0, AF.UNSPEC);
    nameSocket(this.#fd, "connect", name);
  }

  /** Takes the lease of the flow label once a destination is known, as ping(8) does. */
  #name(to: InetAddress): Uint8Array {
    const name = encodeSockaddrInet(to);
    if (this.#flowLabel === 0 || name.length !== 28) return name;
    if (!this.#labelTaken) {
      setOption(this.#fd, SOL.IPV6, IPV6_FLOWLABEL_MGR, flowLabelRequest(to.address, this.#flowLabel));
      setOption(this.#fd, SOL.IPV6, IPV6_FLOWINFO_SEND, 1);
      this.#labelTaken = true;
    }
    new DataView(name.buffer).setUint32(FLOWINFO, this.#flowLabel);
    return name;
  }

  sendTo(bytes: Uint8Array, to?: InetAddress, options: SendOptions = {}): void {
    sendMessage(this.#fd, bytes, to && this.#name(to), encodeControl(sendControl(this.family, options)));
  }

  receive(): ReceivedDatagram | undefined {
    const received = receiveMessage(this.#fd);
    return received && datagramOf(received, this.#now);
  }

  receiveError(): ReceivedError | undefined {
    for (;;) {
      const received = receiveMessage(this.#fd, MSG_FLAGS.ERRQUEUE);
      if (received === undefined) return undefined;
      const error = errorOf(received, this.#now);
      if (error) return error;
    }
  }

  get ready(): boolean {
    return this.#readiness.ready;
  }

  subscribe(wake: () => void): () => void {
    return this.#readiness.subscribe(wake);
  }

  localAddress(): InetAddress {
    const name = decodeSockaddrInet(socketName(this.#fd, "getsockname"));
    return name ?? { address: new Uint8Array(this.family === "inet" ? 4 : 16), port: 0 };
  }

  remoteAddress(): InetAddress | undefined {
    try {
      return decodeSockaddrInet(socketName(this.#fd, "getpeername"));
    } catch (refusal) {
      if (refusal instanceof Refusal && refusal.errno === ERRNO.ENOTCONN) return undefined;
      throw refusal;
    }
  }

  setOption<K extends keyof InetOptions>(key: K, value: InetOptions[K]): void {
    const option = encodeOption(key, value);
    if (option) setOption(this.#fd, option.level, option.name, option.value);
    else this.#flowLabel = Number(value) & 0xfffff;
  }

  pathMtu(): number {
    const inet = this.family === "inet";
    return readU32Host(getOption(this.#fd, inet ? SOL.IP : SOL.IPV6, inet ? IP_MTU : IPV6_MTU, 4), 0);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#readiness.close();
    libc.close(this.#fd);
  }
}

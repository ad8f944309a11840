// netlink(7) sockets of the real kernel, bound in the namespace where they are opened.

import { encodeSockaddrNetlink, netlinkPortid } from "./socket-address.ts";
import { ERRNO } from "@patchcord/core/netlink/errno.ts";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import type { NetlinkProtocol, NetlinkSocket } from "@patchcord/core/system/sockets.ts";
import { readS32Host } from "@patchcord/core/netlink/host-bytes.ts";
import type { NetnsReference } from "@patchcord/core/system/system.ts";
import { libc, nameSocket, receiveMessage, sendMessage, setOption, socketName } from "./libc.ts";
import { Readiness } from "./readiness.ts";
import { SO, SOL, SOCK } from "./socket-constants.ts";

const AF_NETLINK = 16;
const NETLINK = {
  ADD_MEMBERSHIP: 1,
  DROP_MEMBERSHIP: 2,
  LISTEN_ALL_NSID: 8,
  CAP_ACK: 10,
  EXT_ACK: 11,
  GET_STRICT_CHK: 12,
} as const;
const OPTIONS = {
  extAck: NETLINK.EXT_ACK,
  capAck: NETLINK.CAP_ACK,
  strictCheck: NETLINK.GET_STRICT_CHK,
} as const;
/** Acknowledgements of a pipeline and bursts of notifications fit; iproute2 asks for as much. */
const RECEIVE_BUFFER = 1024 * 1024;
const SEND_BUFFER = 1024 * 1024;

/** What the socket needs of the system. */
export interface NetlinkHost {
  /** Rewrites what only makes sense inside this process, and takes note of what will be made. */
  sending(datagram: Uint8Array): Uint8Array;
  /** Told when it was sent: rtnetlink has carried it out then. */
  sent?(): void;
  /** Told of every datagram that came, before the program sees it. */
  received?(datagram: Uint8Array): void;
  /** A descriptor for the namespace, kept open until `release`. */
  keepNetns?(netns: NetnsReference): { readonly fd: number; release(): void };
}

export class LinuxNetlinkSocket implements NetlinkSocket {
  readonly portid: number;
  lastNsid: number | undefined;
  readonly #fd: number;
  readonly #readiness: Readiness;
  readonly #host: NetlinkHost;
  readonly #kept = new Map<number, { readonly fd: number; release(): void }>();
  #closed = false;

  /** To be called inside the namespace. */
  constructor(protocol: NetlinkProtocol, host: NetlinkHost) {
    this.#host = host;
    this.#fd = libc.socket(AF_NETLINK, SOCK.RAW | SOCK.CLOEXEC | SOCK.NONBLOCK, protocol);
    setOption(this.#fd, SOL.SOCKET, SO.SNDBUF, SEND_BUFFER);
    setOption(this.#fd, SOL.SOCKET, SO.RCVBUF, RECEIVE_BUFFER);
    nameSocket(this.#fd, "bind", encodeSockaddrNetlink(0));
    this.portid = netlinkPortid(socketName(this.#fd, "getsockname"));
    this.#readiness = new Readiness(this.#fd);
  }

  send(bytes: Uint8Array): void {
    sendMessage(this.#fd, this.#host.sending(bytes), encodeSockaddrNetlink(0), undefined);
    this.#host.sent?.();
  }

  receive(): Uint8Array | undefined {
    const received = receiveMessage(this.#fd);
    if (received === undefined) return undefined;
    const nsid = received.control.find(
      ({ level, type }) => level === SOL.NETLINK && type === NETLINK.LISTEN_ALL_NSID,
    );
    this.lastNsid = nsid === undefined ? undefined : readS32Host(nsid.bytes, 0);
    const datagram = received.payload.slice();
    this.#host.received?.(datagram);
    return datagram;
  }

  get ready(): boolean {
    return this.#readiness.ready;
  }

  subscribe(wake: () => void): () => void {
    return this.#readiness.subscribe(wake);
  }

  join(group: number): void {
    setOption(this.#fd, SOL.NETLINK, NETLINK.ADD_MEMBERSHIP, group);
  }

  leave(group: number): void {
    setOption(this.#fd, SOL.NETLINK, NETLINK.DROP_MEMBERSHIP, group);
  }

  listenAllNsids(on: boolean): void {
    setOption(this.#fd, SOL.NETLINK, NETLINK.LISTEN_ALL_NSID, on ? 1 : 0);
  }

  netnsDescriptor(netns: NetnsReference): number {
    let kept = this.#kept.get(netns.inode);
    if (kept === undefined) {
      kept = this.#host.keepNetns?.(netns);
      if (kept === undefined) throw new Refusal(ERRNO.EBADF);
      this.#kept.set(netns.inode, kept);
    }
    return kept.fd;
  }

  setOption(option: keyof typeof OPTIONS, on: boolean): void {
    setOption(this.#fd, SOL.NETLINK, OPTIONS[option], on ? 1 : 0);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const kept of this.#kept.values()) kept.release();
    this.#readiness.close();
    libc.close(this.#fd);
  }
}

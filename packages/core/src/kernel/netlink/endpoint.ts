// A netlink socket's kernel side: takes datagrams, has them answered at once, and keeps replies and notifications until
// they are read (net/netlink/af_netlink.c). Which layer answers is decided by `dispatch`.

import { ERRNO } from "../../netlink/errno.ts";
import { decodeMessages, encodeMessages } from "../../netlink/message.ts";
import type { NetlinkMessage } from "../../netlink/message.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { NetlinkProtocol, NetlinkSocket } from "../../system/sockets.ts";
import { Wakers } from "../../system/streams.ts";
import type { Netns } from "../netns.ts";

/** Answers the messages of one datagram. */
export type Dispatch = (endpoint: NetlinkEndpoint, message: NetlinkMessage) => void;

/** Datagrams kept for a reader of notifications; more are lost with ENOBUFS. About net.core.rmem_default. */
const QUEUE_LIMIT = 4096;
/** A dump's datagrams are about this long, bytes (NLMSG_GOODSIZE grows to 32 KiB with the reader's buffer). */
const DUMP_DATAGRAM = 16384;

interface Queued {
  readonly bytes: Uint8Array;
  readonly nsid: number | undefined;
}

export class NetlinkEndpoint implements NetlinkSocket {
  readonly netns: Netns;
  readonly protocol: NetlinkProtocol;
  readonly portid: number;
  readonly inode: number;
  closed = false;
  readonly groups = new Set<number>();
  readonly options = { extAck: false, capAck: false, strictCheck: false };
  allNsids = false;
  lastNsid: number | undefined = undefined;
  readonly #queue: Queued[] = [];
  readonly #wakers = new Wakers();
  readonly #dispatch: Dispatch;
  readonly #after: () => void;
  #overrun = false;

  /** `after` runs when a datagram has been answered: what the request set off happens before send returns. */
  constructor(
    netns: Netns,
    protocol: NetlinkProtocol,
    portid: number,
    dispatch: Dispatch,
    after: () => void,
  ) {
    this.netns = netns;
    this.protocol = protocol;
    this.portid = portid;
    this.inode = netns.kernel.nextSocketInode();
    this.#dispatch = dispatch;
    this.#after = after;
    netns.endpoints.add(this);
    netns.retain();
  }

  send(bytes: Uint8Array): void {
    for (const message of decodeMessages(bytes).messages) this.#dispatch(this, message);
    this.#after();
  }

  receive(): Uint8Array | undefined {
    if (this.#overrun) {
      this.#overrun = false;
      throw new Refusal(ERRNO.ENOBUFS);
    }
    const first = this.#queue.shift();
    this.lastNsid = first?.nsid;
    return first?.bytes;
  }

  get ready(): boolean {
    return this.#queue.length > 0 || this.#overrun;
  }

  subscribe(wake: () => void): () => void {
    return this.#wakers.subscribe(wake);
  }

  join(group: number): void {
    this.groups.add(group);
  }

  leave(group: number): void {
    this.groups.delete(group);
  }

  listenAllNsids(on: boolean): void {
    this.allNsids = on;
    if (on) this.netns.kernel.listeningToAllNsids.add(this.netns);
  }

  /** Descriptors are not numbered per process here: a namespace's inode number serves for all. */
  netnsDescriptor(netns: { readonly inode: number }): number {
    return netns.inode;
  }

  setOption(option: "extAck" | "capAck" | "strictCheck", on: boolean): void {
    this.options[option] = on;
  }

  close(): void {
    this.closed = true;
    if (this.netns.endpoints.delete(this)) this.netns.release();
  }

  /** Queues replies, packed into datagrams of a dump's size. */
  deliver(messages: Iterable<NetlinkMessage>): void {
    let batch: NetlinkMessage[] = [];
    let size = 0;
    for (const message of messages) {
      if (size > 0 && size + message.body.length > DUMP_DATAGRAM) {
        this.#push(batch, undefined);
        batch = [];
        size = 0;
      }
      batch.push(message);
      size += message.body.length + 16;
    }
    if (batch.length > 0) this.#push(batch, undefined);
  }

  /** Queues a notification if there is room. */
  notify(message: NetlinkMessage, nsid: number | undefined): void {
    if (this.#queue.length >= QUEUE_LIMIT) this.#overrun = true;
    else this.#push([message], nsid);
  }

  #push(messages: readonly NetlinkMessage[], nsid: number | undefined): void {
    this.#queue.push({ bytes: encodeMessages(messages), nsid });
    this.#wakers.wake();
  }
}

/**
 * nlmsg_notify(): sends a notification to the members of a group. `from` is the namespace it is about; sockets
 * of other namespaces that listen to all nsids get it too, if they have an id for `from`.
 */
export function notifyGroup(
  from: Netns,
  protocol: NetlinkProtocol,
  group: number,
  type: number,
  body: Uint8Array,
): void {
  const message: NetlinkMessage = { type, flags: 0, seq: 0, portid: 0, body };
  for (const endpoint of from.endpoints) {
    if (endpoint.protocol === protocol && endpoint.groups.has(group)) endpoint.notify(message, undefined);
  }
  for (const [netns, nsid] of nsidsOf(from)) {
    for (const endpoint of netns.endpoints) {
      if (endpoint.allNsids && endpoint.protocol === protocol && endpoint.groups.has(group)) {
        endpoint.notify(message, nsid);
      }
    }
  }
}

/** True if somebody would get it: lets callers skip building a message. */
export function hasListeners(from: Netns, protocol: NetlinkProtocol, group: number): boolean {
  for (const endpoint of from.endpoints)
    if (endpoint.protocol === protocol && endpoint.groups.has(group)) return true;
  for (const [netns] of nsidsOf(from)) {
    for (const endpoint of netns.endpoints) {
      if (endpoint.allNsids && endpoint.protocol === protocol && endpoint.groups.has(group)) return true;
    }
  }
  return false;
}

function* nsidsOf(from: Netns): Generator<[Netns, number]> {
  for (const netns of from.kernel.listeningToAllNsids) {
    const nsid = netns.nsids.get(from);
    if (nsid !== undefined && netns !== from) yield [netns, nsid];
  }
}

// The connections of a namespace by their ends, whatever state they are in, and who listens (the established and listening hashes of
// net/ipv4/inet_hashtables.c).

import type { Netns } from "../netns.ts";
import { Slot } from "../slot.ts";
import type { IpAddress } from "../sockets/ip-address.ts";
import type { Listener } from "./listener.ts";
import type { ConnectionRequest } from "./request.ts";
import type { Tcb } from "./tcb.ts";
import type { TimeWait } from "./time-wait.ts";
import type { Ends } from "./way.ts";

/** What an incoming segment may belong to. */
export type Conversation = Tcb | ConnectionRequest | TimeWait;

function keyOf(localPort: number, remotePort: number): number {
  return localPort * 0x1_0000 + remotePort;
}

export class ConnectionTable {
  readonly #conversations = new Map<number, Conversation[]>();
  /** By port. */
  readonly #listeners = new Map<number, Listener[]>();
  /** Ports of sockets that are bound and neither listen nor are connected yet, and how many use each. */
  readonly #ports = new Map<number, number>();
  timeWaits = 0;

  /** The conversation with these ends, and on this device if it is bound to one. */
  find(local: IpAddress, localPort: number, remote: IpAddress, remotePort: number): Conversation | undefined {
    const list = this.#conversations.get(keyOf(localPort, remotePort));
    return list?.find(({ ends }) => ends.local === local && ends.remote === remote);
  }

  add(conversation: Conversation): void {
    const { localPort, remotePort } = conversation.ends;
    const key = keyOf(localPort, remotePort);
    const list = this.#conversations.get(key);
    if (list === undefined) this.#conversations.set(key, [conversation]);
    else list.unshift(conversation);
    this.#ports.set(localPort, (this.#ports.get(localPort) ?? 0) + 1);
    if (conversation.kind === "time-wait") this.timeWaits++;
  }

  remove(conversation: Conversation): void {
    const { localPort, remotePort } = conversation.ends;
    const key = keyOf(localPort, remotePort);
    const list = this.#conversations.get(key);
    const at = list?.indexOf(conversation) ?? -1;
    if (list === undefined || at < 0) return;
    list.splice(at, 1);
    if (list.length === 0) this.#conversations.delete(key);
    const left = (this.#ports.get(localPort) ?? 1) - 1;
    if (left === 0) this.#ports.delete(localPort);
    else this.#ports.set(localPort, left);
    if (conversation.kind === "time-wait") this.timeWaits--;
  }

  /** True if a connection could not have these ends beside those that there are. */
  isTaken({ local, localPort, remote, remotePort }: Ends): boolean {
    return this.find(local, localPort, remote, remotePort) !== undefined;
  }

  portInUse(port: number): boolean {
    return this.#ports.has(port) || this.#listeners.has(port);
  }

  /** Conversations of this side's port. */
  *ofPort(port: number): Generator<Conversation> {
    if (!this.#ports.has(port)) return;
    for (const conversation of this.all()) if (conversation.ends.localPort === port) yield conversation;
  }

  *all(): Generator<Conversation> {
    for (const list of this.#conversations.values()) yield* list;
  }

  listenersAt(port: number): readonly Listener[] {
    return this.#listeners.get(port) ?? [];
  }

  *listeners(): Generator<Listener> {
    for (const list of this.#listeners.values()) yield* list;
  }

  listen(listener: Listener): void {
    const list = this.#listeners.get(listener.port);
    if (list === undefined) this.#listeners.set(listener.port, [listener]);
    else list.push(listener);
  }

  unlisten(listener: Listener): void {
    const list = this.#listeners.get(listener.port)?.filter((each) => each !== listener) ?? [];
    if (list.length === 0) this.#listeners.delete(listener.port);
    else this.#listeners.set(listener.port, list);
  }
}

const tables = new Slot<ConnectionTable>();

export function connectionTable(netns: Netns): ConnectionTable {
  let table = tables.of(netns);
  if (table === undefined) tables.set(netns, (table = new ConnectionTable()));
  return table;
}

/** Undefined where TCP was never used. */
export function existingTable(netns: Netns): ConnectionTable | undefined {
  return tables.of(netns);
}

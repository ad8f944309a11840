// The connections that a tracker has committed, by zone and tuple, and how many a zone may have.

import type { Packet } from "../../kernel/device-vport.ts";
import type { Flow } from "../../ovsproto/flow/flow.ts";
import type { ConntrackRequest } from "../../ovsproto/datapath/actions.ts";
import { newFragmentSettings } from "./fragment-settings.ts";
import type { Connection } from "./connection.ts";
import type { Tuple } from "./tuple.ts";
import { tupleKey } from "./tuple.ts";

/** OVS_CS_F_* */
export const CT_STATE = {
  NEW: 0x01,
  ESTABLISHED: 0x02,
  RELATED: 0x04,
  REPLY: 0x08,
  INVALID: 0x10,
  TRACKED: 0x20,
  SOURCE_NAT: 0x40,
  DESTINATION_NAT: 0x80,
} as const;

export abstract class ConnectionTable {
  protected readonly now: () => number;
  /** By zone and tuple; a connection stands there twice. */
  readonly #byTuple = new Map<string, Connection>();
  readonly #connections = new Set<Connection>();
  /** Connections allowed by zone; undefined key: in zones without a limit of their own. */
  readonly limits = new Map<number, number>();
  defaultLimit = 0;
  /** Connections altogether, and whether sequence numbers of TCP count; undefined where that is the kernel's business. */
  maxConnections: number | undefined = undefined;
  checksSequences: boolean | undefined = undefined;
  /** Of the daemon's own tracker. */
  readonly fragments = newFragmentSettings();
  #lastId = 0;

  constructor(now: () => number) {
    this.now = now;
  }

  /**
   * The action ct: writes into the key what is known of the packet's connection. False if the packet is to be dropped. The
   * packet starts at its link-layer header.
   */
  abstract execute(packet: Packet, key: Flow, request: ConntrackRequest): boolean;

  protected nextId(): number {
    return ++this.#lastId;
  }

  /** Connections that are alive, in order of birth. */
  all(): Connection[] {
    const now = this.now();
    for (const connection of this.#connections) if (connection.expires <= now) this.forget(connection);
    return [...this.#connections];
  }

  /** How many there were. */
  flush(wanted: (connection: Connection) => boolean): number {
    const going = this.all().filter(wanted);
    for (const connection of going) this.forget(connection);
    return going.length;
  }

  protected find(zone: number, tuple: Tuple): Connection | undefined {
    const connection = this.#byTuple.get(tupleKey(zone, tuple));
    if (connection === undefined) return undefined;
    if (connection.expires > this.now()) return connection;
    this.forget(connection);
    return undefined;
  }

  protected has(connection: Connection): boolean {
    return this.#connections.has(connection);
  }

  protected keep(connection: Connection): void {
    const { zone, original, reply } = connection;
    this.#connections.add(connection);
    this.#byTuple.set(tupleKey(zone, original), connection);
    this.#byTuple.set(tupleKey(zone, reply), connection);
  }

  protected forget(connection: Connection): void {
    this.#connections.delete(connection);
    for (const tuple of [connection.original, connection.reply]) {
      const key = tupleKey(connection.zone, tuple);
      if (this.#byTuple.get(key) === connection) this.#byTuple.delete(key);
    }
  }

  /** A zone has as many connections as it may have. */
  protected isFull(zone: number): boolean {
    const limit = this.limits.get(zone) ?? this.defaultLimit;
    return limit > 0 && this.count(zone) >= limit;
  }

  /** Connections in a zone. */
  count(zone: number): number {
    let count = 0;
    for (const connection of this.all()) if (connection.zone === zone) count++;
    return count;
  }
}

export function sameTuple(a: Tuple, b: Tuple): boolean {
  return tupleKey(0, a) === tupleKey(0, b);
}

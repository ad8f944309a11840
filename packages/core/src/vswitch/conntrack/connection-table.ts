// The connections that a tracker has committed, by zone and tuple, and how many a zone may have.

import type { Tuple } from "../../ovsproto/datapath/connection.ts";
import type { Packet } from "../../kernel/device-vport.ts";
import type { Flow } from "../../ovsproto/flow/flow.ts";
import type { ConntrackRequest } from "../../ovsproto/datapath/actions.ts";
import type { Connection } from "./connection.ts";
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

/** Seconds, by the names that the column CT_Timeout_Policy:timeouts has. */
export type Timeouts = ReadonlyMap<string, number>;

/** What a zone may have, and has. */
export interface ZoneLimit {
  readonly limit: number;
  readonly count: number;
}

/** How many connections zones may have; those without a limit of their own have that of the default, 0 for none. */
export interface ConnectionLimits {
  readonly defaultLimit: number;
  setDefault(limit: number): void;
  set(zone: number, limit: number): void;
  delete(zone: number): void;
  /** Those that have one of their own, ascending. */
  limited(): number[];
  of(zone: number): ZoneLimit;
  /** A zone has as many connections as it may have. */
  isFull(zone: number): boolean;
}

/** What becomes of a packet. "kept": it waits for others that it belongs to. */
export type Fate = "goes on" | "dropped" | "kept";

/** A packet that goes on, with what is known of it. */
export interface Onward {
  readonly packet: Packet;
  readonly key: Flow;
}

const NONE: readonly Onward[] = [];

export abstract class ConnectionTable {
  protected readonly now: () => number;
  /** By zone and tuple; a connection stands there twice. */
  readonly #byTuple = new Map<string, Connection>();
  readonly #connections = new Set<Connection>();
  abstract readonly limits: ConnectionLimits;
  /** Policies of timeouts by name. */
  readonly policies = new Map<string, Timeouts>();
  #lastId = 0;

  constructor(now: () => number) {
    this.now = now;
  }

  /**
   * The action ct: writes into the key what is known of the packet's connection. The packet starts at its link-layer
   * header.
   */
  abstract execute(packet: Packet, key: Flow, request: ConntrackRequest): Fate;

  /** Packets that were kept and go on behind this action. */
  takeReleased(): readonly Onward[] {
    return NONE;
  }

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
}

export function sameTuple(a: Tuple, b: Tuple): boolean {
  return tupleKey(0, a) === tupleKey(0, b);
}

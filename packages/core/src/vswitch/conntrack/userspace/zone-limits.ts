// How many connections a zone may have in the tracker inside the switch daemon (struct zone_limit of Open vSwitch's
// lib/conntrack.c). A limit counts the connections that have come since it is there; zones without one of their own share that
// of the default, if there is one.

import type { Connection } from "../connection.ts";
import type { ConnectionLimits, ZoneLimit } from "../connection-table.ts";

/** The zone whose limit is that of all others without one. */
const DEFAULT_ZONE = -1;

interface Counted extends ZoneLimit {
  limit: number;
  count: number;
}

export class ZoneLimits implements ConnectionLimits {
  readonly #limits = new Map<number, Counted>();
  readonly #admitted = new WeakMap<Connection, Counted>();

  set(zone: number, limit: number): void {
    const known = this.#limits.get(zone);
    if (known) known.limit = limit;
    else this.#limits.set(zone, { limit, count: 0 });
  }

  delete(zone: number): void {
    this.#limits.delete(zone);
  }

  setDefault(limit: number): void {
    this.set(DEFAULT_ZONE, limit);
  }

  of(zone: number): ZoneLimit {
    return this.#counted(zone) ?? { limit: 0, count: 0 };
  }

  #counted(zone: number): Counted | undefined {
    return this.#limits.get(zone) ?? this.#limits.get(DEFAULT_ZONE);
  }

  get defaultLimit(): number {
    return this.#limits.get(DEFAULT_ZONE)?.limit ?? 0;
  }

  limited(): number[] {
    return [...this.#limits.keys()].filter((zone) => zone !== DEFAULT_ZONE).toSorted((a, b) => a - b);
  }

  isFull(zone: number): boolean {
    const found = this.#counted(zone);
    return found !== undefined && found.count >= found.limit;
  }

  admit(connection: Connection): void {
    const found = this.#counted(connection.zone);
    if (!found) return;
    found.count++;
    this.#admitted.set(connection, found);
  }

  dismiss(connection: Connection): void {
    const found = this.#admitted.get(connection);
    if (found) found.count--;
    this.#admitted.delete(connection);
  }
}

// How many connections a zone may have in the kernel's tracker (net/netfilter/nf_conncount.c as net/openvswitch/conntrack.c uses
// it): all that are there count.

import type { Connection } from "./connection.ts";
import type { ConnectionLimits, ZoneLimit } from "./connection-table.ts";

export class KernelLimits implements ConnectionLimits {
  defaultLimit = 0;
  readonly #limits = new Map<number, number>();
  readonly #connections: () => readonly Connection[];

  constructor(connections: () => readonly Connection[]) {
    this.#connections = connections;
  }

  setDefault(limit: number): void {
    this.defaultLimit = limit;
  }

  set(zone: number, limit: number): void {
    this.#limits.set(zone, limit);
  }

  delete(zone: number): void {
    this.#limits.delete(zone);
  }

  limited(): number[] {
    return [...this.#limits.keys()].toSorted((a, b) => a - b);
  }

  of(zone: number): ZoneLimit {
    const count = this.#connections().filter((connection) => connection.zone === zone).length;
    return { limit: this.#limits.get(zone) ?? this.defaultLimit, count };
  }

  isFull(zone: number): boolean {
    const { limit, count } = this.of(zone);
    return limit > 0 && count >= limit;
  }
}

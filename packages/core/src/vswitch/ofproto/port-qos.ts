// Queueing of a port's device as the switch knows it (struct tc of lib/netdev-linux.c): a type, and queues if the type has such.

import type { Queueing } from "../../kernel/device-queueing.ts";
import { hashInt, hashString } from "../../ovsproto/murmur-hash.ts";
import { HmapOrder } from "../../ovsproto/hmap-order.ts";

/** Settings by name, as they are in force, in the order in which the original's map has them. */
export type Details = ReadonlyMap<string, string>;

/** @param entries in the order in which they are put into the map */
export function detailsOf(entries: readonly (readonly [string, number])[]): Details {
  const order = new HmapOrder<readonly [string, number]>();
  for (const entry of entries) order.insert(entry, hashString(entry[0], 0));
  return new Map([...order.values()].map(([name, value]) => [name, String(value)]));
}

export class PortQos {
  /** As the database has it: "linux-htb". */
  readonly type: string;
  details: Details;
  queueing: Queueing;
  readonly #queues = new Map<number, Details>();
  readonly #order = new HmapOrder<number>();

  constructor(type: string, details: Details, queueing: Queueing) {
    this.type = type;
    this.details = details;
    this.queueing = queueing;
  }

  /** In the order of the original's table. */
  get queues(): readonly (readonly [number, Details])[] {
    return [...this.#order.values()].map((queue) => [queue, this.#queues.get(queue) ?? new Map()]);
  }

  hasQueue(queue: number): boolean {
    return this.#queues.has(queue);
  }

  setQueue(queue: number, details: Details): void {
    if (!this.#queues.has(queue)) this.#order.insert(queue, hashInt(queue, 0));
    this.#queues.set(queue, details);
  }

  deleteQueue(queue: number): void {
    if (this.#queues.delete(queue)) this.#order.remove(queue);
  }
}

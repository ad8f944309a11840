// The ids that one namespace has given to others (struct net's netns_ids), by namespace and by id.

import type { Netns } from "./netns.ts";

/** A map from namespace to id that also knows who has an id and which is the lowest free one (idr_alloc). */
export class NsidMap extends Map<Netns, number> {
  readonly #byId = new Map<number, Netns>();
  /** All ids below are taken. */
  #lowest = 0;

  override set(netns: Netns, nsid: number): this {
    this.delete(netns);
    this.#byId.set(nsid, netns);
    return super.set(netns, nsid);
  }

  override delete(netns: Netns): boolean {
    const nsid = this.get(netns);
    if (nsid === undefined) return false;
    this.#byId.delete(nsid);
    this.#lowest = Math.min(this.#lowest, nsid);
    return super.delete(netns);
  }

  override clear(): void {
    this.#byId.clear();
    this.#lowest = 0;
    super.clear();
  }

  /** The namespace that has an id. */
  owner(nsid: number): Netns | undefined {
    return this.#byId.get(nsid);
  }

  lowestFree(): number {
    while (this.#byId.has(this.#lowest)) this.#lowest++;
    return this.#lowest;
  }
}

// Typed places for a layer's own state on a namespace or device, so that the core need not know the layers.
// Kernel counterpart: net_generic() and the ip_ptr/ip6_ptr members of struct net_device.

/** Something that layers can keep state on. */
export interface Slotted {
  readonly slots: unknown[];
}

let slotCount = 0;

/** One layer's place. `of` is an array access, fit for the path of a packet. */
export class Slot<T> {
  readonly #index = slotCount++;

  of(owner: Slotted): T | undefined {
    return owner.slots[this.#index] as T | undefined;
  }

  /** For state that exists as long as its owner. */
  require(owner: Slotted): T {
    const value = owner.slots[this.#index];
    if (value === undefined) throw new Error("a layer's state was used before it was made");
    return value as T;
  }

  set(owner: Slotted, value: T | undefined): void {
    owner.slots[this.#index] = value;
  }
}

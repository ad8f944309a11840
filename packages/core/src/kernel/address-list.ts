// Link-layer addresses that a device listens to besides its own, counted by users (struct netdev_hw_addr_list).

/** One entry of `ip maddr` or /proc/net/dev_mcast. */
export interface ListenedAddress {
  readonly address: number;
  users: number;
  /** Users that asked for it explicitly (dev_mc_add_global, `ip maddr add`). */
  globalUsers: number;
  /** 1 while the device below listens too (dev_mc_sync takes a reference of its own), else 0. */
  synced: number;
}

export class AddressList {
  /** Made with the first address: many devices have none. */
  #entries: Map<number, ListenedAddress> | undefined;

  /** True if the address is new. */
  add(address: number, global = false): boolean {
    const entries = (this.#entries ??= new Map<number, ListenedAddress>());
    const entry = entries.get(address);
    if (entry) {
      entry.users++;
      if (global) entry.globalUsers++;
      return false;
    }
    entries.set(address, { address, users: 1, globalUsers: global ? 1 : 0, synced: 0 });
    return true;
  }

  /** True if that was the last user. */
  remove(address: number, global = false): boolean {
    const entry = this.#entries?.get(address);
    if (!entry) return false;
    entry.users--;
    if (global) entry.globalUsers--;
    if (entry.users > 0) return false;
    this.#entries?.delete(address);
    return true;
  }

  /** How often it was cleared: whoever had added something to it has lost that. */
  generation = 0;

  clear(): void {
    this.generation++;
    this.#entries = undefined;
  }

  has(address: number): boolean {
    return this.#entries?.has(address) ?? false;
  }

  get size(): number {
    return this.#entries?.size ?? 0;
  }

  /** In order of first use. */
  entries(): Iterable<ListenedAddress> {
    return this.#entries?.values() ?? [];
  }
}

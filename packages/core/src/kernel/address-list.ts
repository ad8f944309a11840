// Link-layer addresses that a device listens to besides its own, counted by users (struct netdev_hw_addr_list; Linux
// net/core/dev_addr_lists.c).

/** One entry of `ip maddr` or /proc/net/dev_mcast. */
export interface ListenedAddress {
  readonly address: number;
  /** Who wants it here, devices above included. */
  users: number;
  /** Users that asked for it explicitly (dev_mc_add_global, `ip maddr add`). */
  globalUsers: number;
  /** How many devices below listen because of this entry. Each is a reference of its own: the entry stays as long. */
  passedDown: number;
  /** How many of the users are devices above that have passed it down. */
  fromAbove: number;
}

export class AddressList {
  /** Made with the first address: many devices have none. */
  #entries: Map<number, ListenedAddress> | undefined;

  /** True if the address is new. */
  add(address: number, global = false): boolean {
    const known = this.#entries?.get(address);
    const entry = known ?? this.#insert(address);
    entry.users++;
    if (global) entry.globalUsers++;
    return known === undefined;
  }

  #insert(address: number): ListenedAddress {
    const entry = { address, users: 0, globalUsers: 0, passedDown: 0, fromAbove: 0 };
    (this.#entries ??= new Map<number, ListenedAddress>()).set(address, entry);
    return entry;
  }

  /** True if that was the last user. */
  remove(address: number, global = false): boolean {
    const entry = this.#entries?.get(address);
    if (!entry || entry.users === 0) return false;
    entry.users--;
    if (global) entry.globalUsers--;
    this.#release(entry);
    return entry.users === 0;
  }

  #release({ address, users, passedDown }: ListenedAddress): void {
    if (users + passedDown === 0) this.#entries?.delete(address);
  }

  /** dev_flush(): whoever had an address here is not asked. */
  clear(): void {
    this.#entries = undefined;
  }

  /**
   * Passes on what is new to a list below, and takes back what has no user any more (__hw_addr_sync). What is passed down
   * once is taken to be there: a device below that has been flushed since is not told again, and an entry that cannot be
   * taken back stays. True if the list below has changed.
   */
  passTo(below: AddressList): boolean {
    let changed = false;
    for (const entry of this.entries()) {
      if (entry.passedDown === 0) changed = this.#passDown(entry, below) || changed;
      else if (entry.users === 0) changed = this.#takeBack(entry, below) || changed;
    }
    return changed;
  }

  /** The same, for one of several devices below that all listen (__hw_addr_sync_multiple). */
  passToOneOfSeveral(below: AddressList): boolean {
    let changed = false;
    for (const entry of this.entries()) {
      if (entry.users === 0) changed = this.#takeBack(entry, below) || changed;
      else changed = this.#passDown(entry, below) || changed;
    }
    return changed;
  }

  /** Takes everything back (__hw_addr_unsync). */
  takeBackFrom(below: AddressList): boolean {
    let changed = false;
    for (const entry of this.entries())
      if (entry.passedDown > 0) changed = this.#takeBack(entry, below) || changed;
    return changed;
  }

  /** What several devices below listen to is not asked for where it is there already. */
  #passDown(entry: ListenedAddress, below: AddressList): boolean {
    const { address } = entry;
    const known = below.#entries?.get(address);
    if (known !== undefined && known.fromAbove > 0 && entry.passedDown > 0) return false;
    const there = known ?? below.#insert(address);
    there.fromAbove++;
    there.users++;
    entry.passedDown++;
    return known === undefined;
  }

  #takeBack(entry: ListenedAddress, below: AddressList): boolean {
    const { address } = entry;
    const there = below.#entries?.get(address);
    if (there === undefined || there.fromAbove === 0) return false;
    there.fromAbove--;
    there.users--;
    below.#release(there);
    entry.passedDown--;
    this.#release(entry);
    return there.users === 0;
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

// Addresses that a stacked device listens to must be listened to below as well (dev_uc_sync, dev_mc_sync).

import type { AddressList } from "./address-list.ts";
import { updateRxMode } from "./device-state.ts";
import type { NetDevice } from "./device.ts";

/** What one device has asked of the device below. */
export class SyncedAddresses {
  readonly #unicast = new SyncedList();
  readonly #multicast = new SyncedList();

  /** Brings the lists of `lower` in line with those of `upper`. */
  sync(upper: NetDevice, lower: NetDevice): void {
    this.#pass(upper, lower, true);
  }

  /** Takes back everything (dev_uc_unsync, dev_mc_unsync). */
  unsync(upper: NetDevice, lower: NetDevice): void {
    this.#pass(upper, lower, false);
  }

  #pass(upper: NetDevice, lower: NetDevice, wanted: boolean): void {
    const unicast = this.#unicast.pass(upper.unicast, lower.unicast, wanted);
    const multicast = this.#multicast.pass(upper.multicast, lower.multicast, wanted);
    if (unicast || multicast) updateRxMode(lower);
  }
}

class SyncedList {
  readonly #addresses = new Set<number>();
  #generation = 0;

  /** True if the list below has changed. */
  pass(own: AddressList, below: AddressList, wanted: boolean): boolean {
    // A device that moves to another namespace forgets its lists, and with them what was asked of it.
    if (this.#generation !== below.generation) this.#addresses.clear();
    this.#generation = below.generation;
    let changed = false;
    for (const entry of own.entries()) {
      const { address } = entry;
      entry.synced = wanted ? 1 : 0;
      if (!wanted || this.#addresses.has(address)) continue;
      this.#addresses.add(address);
      if (below.add(address)) changed = true;
    }
    for (const address of this.#addresses) {
      if (wanted && own.has(address)) continue;
      this.#addresses.delete(address);
      if (below.remove(address)) changed = true;
    }
    return changed;
  }
}

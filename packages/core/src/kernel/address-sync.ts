// Addresses that a stacked device listens to must be listened to below as well (dev_uc_sync, dev_mc_sync).

import type { AddressList } from "./address-list.ts";
import { updateRxMode } from "./device-state.ts";
import type { NetDevice } from "./device.ts";

/** What one device has asked of the device below. */
export class SyncedAddresses {
  readonly #unicast = new Set<number>();
  readonly #multicast = new Set<number>();

  /** Brings the lists of `lower` in line with those of `upper`. */
  sync(upper: NetDevice, lower: NetDevice): void {
    this.#pass(upper, lower, true);
  }

  /** Takes back everything (dev_uc_unsync, dev_mc_unsync). */
  unsync(upper: NetDevice, lower: NetDevice): void {
    this.#pass(upper, lower, false);
  }

  #pass(upper: NetDevice, lower: NetDevice, wanted: boolean): void {
    const unicast = passList(upper.unicast, lower.unicast, this.#unicast, wanted);
    const multicast = passList(upper.multicast, lower.multicast, this.#multicast, wanted);
    if (unicast || multicast) updateRxMode(lower);
  }
}

/** True if the list below has changed. */
function passList(own: AddressList, below: AddressList, synced: Set<number>, wanted: boolean): boolean {
  let changed = false;
  for (const entry of own.entries()) {
    const { address } = entry;
    entry.synced = wanted ? 1 : 0;
    if (!wanted || synced.has(address)) continue;
    synced.add(address);
    if (below.add(address)) changed = true;
  }
  for (const address of synced) {
    if (wanted && own.has(address)) continue;
    synced.delete(address);
    if (below.remove(address)) changed = true;
  }
  return changed;
}

// Addresses that a stacked device listens to must be listened to below as well (dev_uc_sync, dev_mc_sync and kin).

import type { AddressList } from "./address-list.ts";
import { updateRxMode } from "./device-state.ts";
import type { NetDevice } from "./device.ts";

function forBoth(
  upper: NetDevice,
  lower: NetDevice,
  pass: (own: AddressList, below: AddressList) => boolean,
): void {
  const unicast = pass(upper.unicast, lower.unicast);
  const multicast = pass(upper.multicast, lower.multicast);
  if (unicast || multicast) updateRxMode(lower);
}

/** Brings the lists of the one device below in line with those of `upper`. */
export function syncAddresses(upper: NetDevice, lower: NetDevice): void {
  forBoth(upper, lower, (own, below) => own.passTo(below));
}

/** The same, where several devices below listen for `upper`. */
export function syncAddressesToOneOfSeveral(upper: NetDevice, lower: NetDevice): void {
  forBoth(upper, lower, (own, below) => own.passToOneOfSeveral(below));
}

/** Takes back everything (dev_uc_unsync, dev_mc_unsync). */
export function unsyncAddresses(upper: NetDevice, lower: NetDevice): void {
  forBoth(upper, lower, (own, below) => own.takeBackFrom(below));
}

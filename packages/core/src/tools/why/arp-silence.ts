// Settings by which a host does not answer ARP requests for an address that it has (arp_ignore, arp_filter; Linux
// Documentation/networking/ip-sysctl.rst). Of the values for all devices and for the one the larger counts.

import type { AddressState } from "./network-state.ts";
import { covers } from "./network-state.ts";

export interface Silencer {
  /** Path below /proc/sys/net. */
  readonly path: string;
  readonly value: string;
}

/** What keeps the owner of an address silent to who asks for it from `source`. */
export function arpSilencers(owner: AddressState, source: Uint8Array | undefined): Silencer[] {
  const { place, name: device } = owner.link;
  const found: Silencer[] = [];
  for (const where of ["all", device]) {
    const ignore = `ipv4/conf/${where}/arp_ignore`;
    const value = place.sysctl(ignore);
    const level = Number(value ?? 0);
    const stranger = level === 2 && source !== undefined && !covers(owner, source);
    if (value !== undefined && (level >= 3 || stranger)) found.push({ path: ignore, value });
    const filter = `ipv4/conf/${where}/arp_filter`;
    if (source === undefined || place.sysctl(filter) !== "1") continue;
    const back = place.routeTo(source);
    if (typeof back === "number" || back.link !== owner.link) found.push({ path: filter, value: "1" });
  }
  return found;
}

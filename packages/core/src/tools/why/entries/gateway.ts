// Who could carry packets on from a host to a destination: routers on its links, found by asking everybody's routing.

import type { AddressState, LinkState, NetworkState, PlaceState } from "../network-state.ts";
import { covers } from "../network-state.ts";
import { segmentOf } from "../segment.ts";

export interface Gateway {
  readonly address: AddressState;
  /** Device of the host that the gateway is behind. */
  readonly device: LinkState;
}

/** A neighbour of `place` that knows a way to `to` which does not lead back; one that forwards comes first. */
export function findGateway(state: NetworkState, place: PlaceState, to: Uint8Array): Gateway | undefined {
  const found: (Gateway & { readonly forwards: boolean })[] = [];
  for (const own of place.addresses) {
    if (own.bytes.length !== to.length || own.link.loopback) continue;
    const near = segmentOf(own.link);
    for (const address of state.addresses) {
      const router = address.link.place;
      if (router === place || address.bytes.length !== to.length) continue;
      if (!near.includes(address.link) || !covers(own, address.bytes)) continue;
      const answer = router.routeTo(to);
      if (typeof answer === "number" || answer.link === address.link) continue;
      const forwards =
        router.sysctl(to.length === 4 ? "ipv4/ip_forward" : "ipv6/conf/all/forwarding") === "1";
      found.push({ address, device: own.link, forwards });
    }
  }
  return found.find(({ forwards }) => forwards) ?? found[0];
}

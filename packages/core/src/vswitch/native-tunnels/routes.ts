// Routes for packets of tunnels that the switch wraps itself (Open vSwitch's lib/ovs-router.c), as far as users have given them
// (ovs/route/add): those of the system are not taken over.

import { IPV6_ANY, ipv6InPrefix, isV4MappedIpv6 } from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import { formatMapped, MAPPED_LENGTH } from "./mapped-address.ts";

export interface Route {
  /** With zeros behind the prefix. */
  readonly destination: Ipv6Address;
  /** Of the mapped address: 96 more than users say for IPv4. */
  readonly length: number;
  readonly mark: number;
  readonly device: string;
  readonly gateway: Ipv6Address;
  readonly source: Ipv6Address;
}

export class Routes {
  #routes: readonly Route[] = [];

  /** Takes the place of one to the same destination with the same mark. */
  add(route: Route): void {
    this.#routes = [...this.#routes.filter((other) => !sameKey(other, route)), route].sort(order);
  }

  /** The route that was there. */
  remove(key: Pick<Route, "destination" | "length" | "mark">): Route | undefined {
    const found = this.#routes.find((route) => sameKey(route, key));
    this.#routes = this.#routes.filter((route) => route !== found);
    return found;
  }

  /** ovs_router_lookup(): the longest prefix. */
  lookup(destination: Ipv6Address, mark: number): Route | undefined {
    let best: Route | undefined;
    for (const route of this.#routes) {
      if (route.mark !== mark || !ipv6InPrefix(destination, route.destination, route.length)) continue;
      if (!best || route.length > best.length) best = route;
    }
    return best;
  }

  show(): string {
    return `Route Table:\n${this.#routes.map((route) => `${describe(route)}\n`).join("")}`;
  }
}

function sameKey(
  a: Pick<Route, "destination" | "length" | "mark">,
  b: Pick<Route, "destination" | "length" | "mark">,
): boolean {
  return a.length === b.length && a.mark === b.mark && ipv6InPrefix(a.destination, b.destination, a.length);
}

/** IPv4 first, then by destination. */
function order(a: Route, b: Route): number {
  if (isV4MappedIpv6(a.destination) !== isV4MappedIpv6(b.destination))
    return isV4MappedIpv6(a.destination) ? -1 : 1;
  return a.destination < b.destination ? -1 : a.destination > b.destination ? 1 : a.length - b.length;
}

function describe({ destination, length, mark, device, gateway, source }: Route): string {
  const shown = isV4MappedIpv6(destination) ? length - MAPPED_LENGTH : length;
  return (
    `User: ${formatMapped(destination)}/${shown}${mark === 0 ? "" : ` MARK ${mark}`} dev ${device}` +
    `${gateway === IPV6_ANY ? "" : ` GW ${formatMapped(gateway)}`} SRC ${formatMapped(source)}`
  );
}

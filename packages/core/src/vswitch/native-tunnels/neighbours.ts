// Link-layer addresses of the other ends of tunnels that the switch wraps itself (Open vSwitch's lib/tnl-neigh-cache.c), by bridge
// and IP address.

import { formatMac } from "../../wire/mac.ts";
import type { MacAddress } from "../../wire/mac.ts";
import type { DatapathClock } from "../datapath/datapath.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import { formatMapped } from "./mapped-address.ts";

interface Neighbour {
  readonly bridge: string;
  readonly address: Ipv6Address;
  readonly mac: MacAddress;
  /** Clock, nanoseconds. */
  readonly expires: number;
}

const DEFAULT_AGEING = 900; // seconds

export class Neighbours {
  readonly #clock: DatapathClock;
  readonly #entries = new Map<string, Neighbour>();
  /** Seconds. */
  ageing = DEFAULT_AGEING;

  constructor(clock: DatapathClock) {
    this.#clock = clock;
  }

  set(bridge: string, address: Ipv6Address, mac: MacAddress): void {
    const expires = this.#clock.now + this.ageing * 1e9;
    this.#entries.set(`${bridge}|${address}`, { bridge, address, mac, expires });
  }

  find(bridge: string, address: Ipv6Address): MacAddress | undefined {
    this.#expire();
    return this.#entries.get(`${bridge}|${address}`)?.mac;
  }

  #expire(): void {
    for (const [key, { expires }] of this.#entries) if (expires <= this.#clock.now) this.#entries.delete(key);
  }

  flush(): void {
    this.#entries.clear();
  }

  show(): string {
    this.#expire();
    const rows = [...this.#entries.values()].map(
      ({ bridge, address, mac }) =>
        `${formatMapped(address).padEnd(46)}${formatMac(mac).padEnd(20)}${bridge}\n`,
    );
    return `${"IP".padEnd(46)}${"MAC".padEnd(20)}Bridge\n${"=".repeat(74)}\n${rows.join("")}`;
  }
}

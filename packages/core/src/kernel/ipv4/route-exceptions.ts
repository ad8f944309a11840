// What a host has learned about single destinations (struct fib_nh_exception): smaller path MTUs and better gateways. Kept
// at the next hop, bounded, and shown by `ip route get` and `ip route show cache`.

import type { Nanoseconds } from "../../system/system.ts";
import type { Nexthop } from "./fib/nexthop.ts";

export interface RouteException {
  readonly destination: number;
  /** A redirect's gateway; 0 for none. */
  gateway: number;
  /** Learned path MTU, bytes; 0 for none. */
  mtu: number;
  mtuLocked: boolean;
  /** When the path MTU is forgotten; 0 if it does not age. */
  expires: Nanoseconds;
  /** When it was last changed, for eviction. */
  stamp: Nanoseconds;
  /** Generation of the namespace's caches; older ones do not count (`ip route flush cache`). */
  generation: number;
  /** A decision has been made with it: only then is it shown. */
  used: boolean;
  mtuAt(now: Nanoseconds): number;
}

/** FNHE_HASH_SIZE times FNHE_RECLAIM_DEPTH: about what a next hop keeps at most. */
const LIMIT = 2048 * 5;

export class RouteExceptions {
  readonly #byDestination = new Map<number, RouteException>();

  find(destination: number, now: Nanoseconds, generation: number): RouteException | undefined {
    const found = this.#byDestination.get(destination);
    if (found === undefined) return undefined;
    const expired = found.expires !== 0 && now > found.expires;
    if (found.generation !== generation || (expired && found.gateway === 0)) {
      this.#byDestination.delete(destination);
      return undefined;
    }
    return found;
  }

  /** update_or_create_fnhe(): gateway 0 and mtu 0 leave what is known. */
  update(
    destination: number,
    change: { readonly gateway?: number; readonly mtu?: number; readonly mtuLocked?: boolean },
    expires: Nanoseconds,
    now: Nanoseconds,
    generation: number,
  ): RouteException {
    let entry = this.find(destination, now, generation);
    if (entry === undefined) {
      if (this.#byDestination.size >= LIMIT) this.#evict();
      entry = {
        destination,
        gateway: 0,
        mtu: 0,
        mtuLocked: false,
        expires: 0,
        stamp: now,
        generation,
        used: false,
        mtuAt(at) {
          return this.mtu !== 0 && (this.expires === 0 || at < this.expires) ? this.mtu : 0;
        },
      };
      this.#byDestination.set(destination, entry);
    }
    if (change.gateway !== undefined && change.gateway !== 0) entry.gateway = change.gateway;
    if (change.mtu !== undefined && change.mtu !== 0) {
      entry.mtu = change.mtu;
      entry.mtuLocked = change.mtuLocked ?? false;
    }
    entry.expires = Math.max(1, expires);
    entry.stamp = now;
    return entry;
  }

  #evict(): void {
    let oldest: RouteException | undefined;
    for (const entry of this.#byDestination.values()) {
      if (oldest === undefined || entry.stamp < oldest.stamp) oldest = entry;
    }
    if (oldest !== undefined) this.#byDestination.delete(oldest.destination);
  }

  /** Those that still count. */
  living(now: Nanoseconds, generation: number): RouteException[] {
    return [...this.#byDestination.values()].filter(
      (entry) => entry.generation === generation && (entry.expires === 0 || now <= entry.expires),
    );
  }

  /** fib_sync_mtu(): the device's MTU has become smaller than what was learned, or path MTU equals the old one. */
  linkMtuChanged(mtu: number, old: number): void {
    for (const entry of this.#byDestination.values()) {
      if (entry.mtu === 0) continue;
      if (mtu <= entry.mtu) {
        entry.mtu = mtu;
        entry.mtuLocked = false;
      } else if (old === entry.mtu) entry.mtu = mtu;
    }
  }
}

/** The exceptions of a next hop, made when first needed. */
export function exceptionsOf(nexthop: Nexthop): RouteExceptions {
  return (nexthop.exceptions ??= new RouteExceptions());
}

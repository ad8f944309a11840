// Mirrors of a bridge (ofproto-dpif-mirror.c): copies of what some ports receive or send go to an output port (SPAN) or VLAN
// (RSPAN). Each mirror has a bit, so that a packet is copied to each once.

import type { Bundle } from "./port.ts";

/** Most mirrors of a bridge (MAX_MIRRORS). */
export const MAX_MIRRORS = 32;

export interface MirrorSettings {
  readonly uuid: string;
  readonly name: string;
  /** Packets that come in by these. */
  readonly sources: ReadonlySet<Bundle>;
  /** Packets that go out by these. */
  readonly destinations: ReadonlySet<Bundle>;
  /** Only packets of these; undefined: all. */
  readonly vlans: ReadonlySet<number> | undefined;
  readonly output: Bundle | undefined;
  /** RSPAN; undefined if there is an output port. */
  readonly outputVlan: number | undefined;
  /** Bytes that are copied; 0: all. */
  readonly snaplen: number;
}

export interface Mirror extends MirrorSettings {
  readonly bit: number;
  packets: number;
  bytes: number;
}

export class Mirrors {
  readonly #mirrors: (Mirror | undefined)[] = [];

  get any(): boolean {
    return this.#mirrors.some((mirror) => mirror !== undefined);
  }

  /** Errors: false if there are too many. */
  set(settings: MirrorSettings): boolean {
    const known = this.#mirrors.find((mirror) => mirror?.uuid === settings.uuid);
    let index = known ? this.#mirrors.indexOf(known) : this.#mirrors.indexOf(undefined);
    if (index < 0) index = this.#mirrors.length;
    if (index >= MAX_MIRRORS) return false;
    this.#mirrors[index] = {
      ...settings,
      bit: (1 << index) >>> 0,
      packets: known?.packets ?? 0,
      bytes: known?.bytes ?? 0,
    };
    return true;
  }

  /** Keeps those whose UUID is among `uuids`. */
  retain(uuids: ReadonlySet<string>): void {
    this.#mirrors.forEach((mirror, at) => {
      if (mirror && !uuids.has(mirror.uuid)) this.#mirrors[at] = undefined;
    });
  }

  remove(uuid: string): void {
    this.#mirrors.forEach((mirror, at) => {
      if (mirror?.uuid === uuid) this.#mirrors[at] = undefined;
    });
  }

  /**
   * mbridge_unregister_bundle(): a mirror has nowhere to send to, or takes from one port less. True if one takes from less: what
   * the bridge has learned is to be forgotten then.
   */
  forget(bundle: Bundle): boolean {
    let fewer = false;
    this.#mirrors.forEach((mirror, at) => {
      if (!mirror) return;
      if (mirror.output === bundle) {
        this.#mirrors[at] = undefined;
        return;
      }
      if (!mirror.sources.has(bundle) && !mirror.destinations.has(bundle)) return;
      fewer = true;
      const without = (bundles: ReadonlySet<Bundle>) =>
        new Set([...bundles].filter((each) => each !== bundle));
      const { sources, destinations } = mirror;
      this.#mirrors[at] = {
        ...mirror,
        sources: without(sources),
        destinations: without(destinations),
      };
    });
    return fewer;
  }

  get(uuid: string): Mirror | undefined {
    return this.#mirrors.find((mirror) => mirror?.uuid === uuid);
  }

  byBit(bit: number): Mirror | undefined {
    return this.#mirrors.find((mirror) => mirror?.bit === bit);
  }

  sourcesOf(bundle: Bundle): number {
    return this.#bits((mirror) => mirror.sources.has(bundle));
  }

  destinationsOf(bundle: Bundle): number {
    return this.#bits((mirror) => mirror.destinations.has(bundle));
  }

  /** Mirrors that send to `bundle` or, other than by name, to `vlan` (mirror_dup). */
  duplicates(of: Mirror): number {
    return this.#bits((mirror) => mirror.output === of.output && mirror.outputVlan === of.outputVlan);
  }

  /** Such a bundle is for mirrored packets only. */
  isOutput(bundle: Bundle): boolean {
    return this.#bits((mirror) => mirror.output === bundle) !== 0;
  }

  #bits(of: (mirror: Mirror) => boolean): number {
    let bits = 0;
    for (const mirror of this.#mirrors) if (mirror && of(mirror)) bits = (bits | mirror.bit) >>> 0;
    return bits;
  }
}

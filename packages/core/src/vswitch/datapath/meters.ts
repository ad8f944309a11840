// Meters of a datapath (net/openvswitch/meter.c, lib/dpif-netdev.c): token buckets that drop what is too much. No datapath has
// bands that do anything else.

export interface MeterBand {
  /** Kilobits or packets a second. */
  readonly rate: number;
  /** Kilobits or packets; 0 if none was given. */
  readonly burst: number;
}

export interface MeterConfig {
  /** Rates count kilobits, else packets. */
  readonly kilobits: boolean;
  readonly bands: readonly MeterBand[];
}

interface Bucket {
  readonly band: MeterBand;
  /** Content in bits, or in thousandths of a packet. */
  level: number;
  packets: number;
  bytes: number;
}

export interface MeterState {
  readonly config: MeterConfig;
  readonly bands: readonly Bucket[];
  /** Clock when it was made and when it was last used, nanoseconds. */
  readonly made: number;
  used: number;
  packets: number;
  bytes: number;
}

/** What meters of a datapath can do. */
export interface MeterAbilities {
  readonly maxMeters: number;
  readonly maxBands: number;
  /** A meter that is not there drops everything. */
  readonly missingDrops: boolean;
}

const KERNEL: MeterAbilities = { maxMeters: 200_000, maxBands: 1, missingDrops: true };
const USERSPACE: MeterAbilities = { maxMeters: 262_144, maxBands: 8, missingDrops: false };

export class DpMeters {
  readonly abilities: MeterAbilities;
  readonly #meters = new Map<number, MeterState>();
  /** Numbers that a refused meter has taken. */
  readonly #lost = new Set<number>();
  readonly #now: () => number;

  constructor(now: () => number, kernel: boolean) {
    this.#now = now;
    this.abilities = kernel ? KERNEL : USERSPACE;
  }

  set(id: number, config: MeterConfig): void {
    const now = this.#now();
    const bands = config.bands.map((band) => ({ band, level: capacity(band), packets: 0, bytes: 0 }));
    this.#meters.set(id, { config, bands, made: now, used: now, packets: 0, bytes: 0 });
  }

  /** The lowest number that is free. */
  freeId(): number {
    let id = 0;
    while (this.#meters.has(id) || this.#lost.has(id)) id++;
    return id;
  }

  /** The original does not give a number back whose meter is refused (meter_set() of ofproto-dpif.c). */
  lose(id: number): void {
    this.#lost.add(id);
  }

  delete(id: number): void {
    this.#meters.delete(id);
  }

  get(id: number): MeterState | undefined {
    return this.#meters.get(id);
  }

  /** ovs_meter_execute(), dp_netdev_run_meter(): true if the packet is to be dropped. */
  exceeds(id: number, length: number): boolean {
    const meter = this.#meters.get(id);
    if (!meter) return this.abilities.missingDrops;
    const now = this.#now();
    const elapsed = Math.floor(now / 1e6) - Math.floor(meter.used / 1e6); // milliseconds, as the kernel counts
    meter.used = now;
    meter.packets++;
    meter.bytes += length;
    const cost = meter.config.kilobits ? length * 8 : 1000;
    let exceeded: Bucket | undefined;
    for (const bucket of meter.bands) {
      bucket.level = Math.min(capacity(bucket.band), bucket.level + elapsed * bucket.band.rate);
      if (bucket.level >= cost) bucket.level -= cost;
      else if (!exceeded || bucket.band.rate > exceeded.band.rate) exceeded = bucket;
    }
    if (!exceeded) return false;
    exceeded.packets++;
    exceeded.bytes += length;
    return true;
  }
}

/** What a band's bucket holds; without a burst size, one second's worth. */
function capacity(band: MeterBand): number {
  return (band.burst > 0 ? band.burst : band.rate) * 1000;
}

// Meters of a datapath (net/openvswitch/meter.c): token buckets that drop what is too much. Only bands that drop exist, as in
// the kernel.

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

export class DpMeters {
  readonly #meters = new Map<number, MeterState>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  set(id: number, config: MeterConfig): void {
    const now = this.#now();
    const bands = config.bands.map((band) => ({ band, level: capacity(band), packets: 0, bytes: 0 }));
    this.#meters.set(id, { config, bands, made: now, used: now, packets: 0, bytes: 0 });
  }

  /** The lowest number that is free. */
  freeId(): number {
    let id = 0;
    while (this.#meters.has(id)) id++;
    return id;
  }

  delete(id: number): void {
    this.#meters.delete(id);
  }

  get(id: number): MeterState | undefined {
    return this.#meters.get(id);
  }

  /** ovs_meter_execute(): true if the packet is to be dropped. A meter that is not there drops everything. */
  exceeds(id: number, length: number): boolean {
    const meter = this.#meters.get(id);
    if (!meter) return true;
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

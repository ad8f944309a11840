// The MAC learning table of a bridge (Open vSwitch's lib/mac-learning.c): which bundle an address of a VLAN was last seen on.
// Entries age; when the table is full, the oldest entry of the bundle that has most makes room.

/** Seconds. */
export const DEFAULT_IDLE_TIME = 300;
export const DEFAULT_MAX_ENTRIES = 8192;
/** How long a gratuitous ARP keeps a bond from taking an entry back, nanoseconds. */
const GRATUITOUS_ARP_LOCK = 5e9;

export interface MacEntry<B> {
  readonly mac: number;
  readonly vlan: number;
  bundle: B;
  /** Clock of the last frame from it, nanoseconds. Ages are told in seconds of the clock. */
  used: number;
  lockedUntil: number;
  /** Seconds of the clock, of an entry that fdb/add has made; others expire after they were last used. */
  expires: number | undefined;
}

/** MAC_ENTRY_AGE_STATIC_ENTRY: an entry that expires then does not age. */
const NEVER = 0x7fff_ffff;

/** Made by fdb/add: it does not age. */
export function isStatic({ expires }: { readonly expires: number | undefined }): boolean {
  return expires === NEVER;
}

/** Counters of fdb/stats-show. */
export interface MacStatistics {
  learned: number;
  expired: number;
  evicted: number;
  moved: number;
  /** Entries that fdb/add has made static, without those that went as such; what ends otherwise stays in it. */
  static: number;
}

export class MacLearning<B> {
  /** By VLAN, then by address: both together do not fit a double. */
  readonly #vlans = new Map<number, Map<number, MacEntry<B>>>();
  /** Least recently used first. */
  readonly #entries = new Set<MacEntry<B>>();
  readonly #now: () => number;
  #idleTime = DEFAULT_IDLE_TIME;
  maxEntries = DEFAULT_MAX_ENTRIES;
  /** VLANs in which nothing is learned. */
  floodVlans: ReadonlySet<number> = new Set();
  readonly statistics: MacStatistics = { learned: 0, expired: 0, evicted: 0, moved: 0, static: 0 };
  /** Called when what was looked up before may be answered differently now. */
  onChange: () => void = () => {};

  get idleTime(): number {
    return this.#idleTime;
  }

  /**
   * mac_learning_set_idle_time(), seconds: all entries expire so much later or earlier, and that is the end of static ones, which
   * are so by the time when they expire.
   */
  setIdleTime(seconds: number): void {
    const change = seconds - this.#idleTime;
    this.#idleTime = seconds;
    for (const entry of this.#entries) if (entry.expires !== undefined) entry.expires += change;
  }

  constructor(now: () => number) {
    this.#now = now;
  }

  get size(): number {
    return this.#entries.size;
  }

  lookup(mac: number, vlan: number): MacEntry<B> | undefined {
    if (isMulticast(mac) || this.floodVlans.has(vlan)) return undefined;
    return this.#find(mac, vlan);
  }

  /** mac_learning_may_learn() */
  mayLearn(mac: number, vlan: number): boolean {
    return !isMulticast(mac) && !this.floodVlans.has(vlan);
  }

  /** True if the table is changed by a frame from `mac` on `bundle` (is_mac_learning_update_needed, update_mac). */
  needsUpdate(mac: number, vlan: number, bundle: B, gratuitous: boolean, bonded: boolean): boolean {
    if (!this.mayLearn(mac, vlan)) return false;
    const entry = this.#find(mac, vlan);
    if (!entry) return true;
    if (isStatic(entry)) return false;
    if (gratuitous && !bonded) return true;
    if (gratuitous && entry.lockedUntil > this.#now()) return false;
    if (!gratuitous && bonded && entry.lockedUntil > this.#now()) return false;
    return entry.bundle !== bundle;
  }

  /** mac_learning_update(): true if the place of an address has changed. */
  update(mac: number, vlan: number, bundle: B, gratuitous: boolean, bonded: boolean): boolean {
    const now = this.#now();
    if (!this.mayLearn(mac, vlan)) return false;
    const entry = this.#find(mac, vlan);
    if (entry && isStatic(entry)) return false;
    if (entry) {
      // A bond must not take over what a gratuitous ARP has just told.
      if (bonded && entry.bundle !== bundle && entry.lockedUntil > now) return false;
      if (gratuitous && !bonded) entry.lockedUntil = now + GRATUITOUS_ARP_LOCK;
      this.#use(entry);
      if (entry.bundle === bundle) return false;
      entry.bundle = bundle;
      this.statistics.moved++;
      this.onChange();
      return true;
    }
    this.#makeRoom();
    const lockedUntil = gratuitous && !bonded ? now + GRATUITOUS_ARP_LOCK : 0;
    this.#add({ mac, vlan, bundle, used: now, lockedUntil, expires: undefined });
    this.statistics.learned++;
    this.onChange();
    return true;
  }

  /** A frame of a flow that was looked up before: only the age. */
  refresh(mac: number, vlan: number, bundle: B): void {
    const entry = this.#find(mac, vlan);
    if (entry && !isStatic(entry) && entry.bundle === bundle) this.#use(entry);
  }

  /** fdb/add. False if nothing had to change. */
  addStatic(mac: number, vlan: number, bundle: B): boolean {
    const old = this.#find(mac, vlan);
    if (old && isStatic(old) && old.bundle === bundle) return false;
    if (!old || !isStatic(old)) this.statistics.static++;
    if (old) this.#remove(old);
    else this.#makeRoom();
    this.#add({ mac, vlan, bundle, used: this.#now(), lockedUntil: 0, expires: NEVER });
    this.onChange();
    return true;
  }

  /** fdb/del. False if there is no such entry, or one that was learned. */
  deleteStatic(mac: number, vlan: number): boolean {
    const entry = this.#find(mac, vlan);
    if (!entry || !isStatic(entry)) return false;
    this.statistics.static--;
    this.#remove(entry);
    this.onChange();
    return true;
  }

  /** What is known of an address, if anything is. */
  forget(mac: number, vlan: number): void {
    this.flush((entry) => entry.mac === mac && entry.vlan === vlan);
  }

  /** Learned entries; those that were added stay. */
  flush(of: (entry: MacEntry<B>) => boolean = (entry) => !isStatic(entry)): void {
    let any = false;
    for (const entry of this.#entries) {
      if (!of(entry)) continue;
      this.#remove(entry);
      any = true;
    }
    if (any) this.onChange();
  }

  /** mac_learning_run(): removes what is too old. Returns when the next entry is due, nanoseconds. */
  age(): number | undefined {
    const limit = this.idleTime * 1e9;
    const now = this.#now();
    let any = false;
    let next: number | undefined;
    for (const entry of this.#entries) {
      if (entry.expires !== undefined) continue; // in decades
      const due = entry.used + limit;
      if (due > now) {
        next = due;
        break; // the rest is younger
      }
      this.#remove(entry);
      this.statistics.expired++;
      any = true;
    }
    if (any) this.onChange();
    return next;
  }

  /** Oldest first, as fdb/show lists them. */
  entries(): Iterable<MacEntry<B>> {
    return this.#entries;
  }

  /** Seconds since the last frame. */
  ageOf(entry: MacEntry<B>): number {
    const now = Math.floor(this.#now() / 1e9);
    if (entry.expires !== undefined) return this.#idleTime - (entry.expires - now);
    return now - Math.floor(entry.used / 1e9);
  }

  /** evict_mac_entry_fairly() */
  #makeRoom(): void {
    while (this.#entries.size >= this.maxEntries) {
      const counts = new Map<B, number>();
      for (const entry of this.#entries) {
        if (!isStatic(entry)) counts.set(entry.bundle, (counts.get(entry.bundle) ?? 0) + 1);
      }
      let most: B | undefined;
      for (const [bundle, count] of counts) {
        if (most === undefined || count > (counts.get(most) ?? 0)) most = bundle;
      }
      const victim = [...this.#entries].find((entry) => !isStatic(entry) && entry.bundle === most);
      if (!victim) return;
      this.#remove(victim);
      this.statistics.evicted++;
    }
  }

  #find(mac: number, vlan: number): MacEntry<B> | undefined {
    return this.#vlans.get(vlan)?.get(mac);
  }

  #add(entry: MacEntry<B>): void {
    let macs = this.#vlans.get(entry.vlan);
    if (!macs) this.#vlans.set(entry.vlan, (macs = new Map<number, MacEntry<B>>()));
    macs.set(entry.mac, entry);
    this.#entries.add(entry);
  }

  #remove(entry: MacEntry<B>): void {
    this.#vlans.get(entry.vlan)?.delete(entry.mac);
    this.#entries.delete(entry);
  }

  #use(entry: MacEntry<B>): void {
    entry.expires = undefined;
    entry.used = this.#now();
    this.#entries.delete(entry);
    this.#entries.add(entry);
  }
}

function isMulticast(mac: number): boolean {
  return Math.floor(mac / 0x100_0000_0000) % 2 === 1;
}

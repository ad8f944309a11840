// The hash table of a forwarding database. Open addressing over two integers of the address and VLAN, because one lookup
// for the source and one for the destination are most of what forwarding a frame costs. Not here: what entries mean
// (fdb.ts).

import type { BridgePort } from "./port.ts";

/** One learned or configured address (struct net_bridge_fdb_entry). */
export interface FdbEntry {
  readonly mac: number;
  /** VLAN id; 0 where VLANs are not filtered. */
  readonly vid: number;
  /** Undefined: the bridge itself. Changed by FdbTable.move() only. */
  port: BridgePort | undefined;
  /** An address of this host: frames for it go up. Never ages. */
  local: boolean;
  /** Never ages. */
  fixed: boolean;
  /** Does not move to another port by what is received. */
  sticky: boolean;
  addedByUser: boolean;
  externallyLearned: boolean;
  /** Nanoseconds since boot: when it was last used as a destination, and last seen as a source. */
  used: number;
  updated: number;
  /** Counts the entries of a table in the order in which they came. */
  serial: number;
  /** Neighbours in the list of all entries, newest first. */
  newer: FdbEntry | undefined;
  older: FdbEntry | undefined;
}

const INITIAL_CAPACITY = 16; // slots; a power of two

/** Upper half of a key: VLAN id and the first two bytes of the address. */
export function keyHigh(macHigh: number, vid: number): number {
  return (vid << 16) | macHigh;
}

export class FdbTable {
  #high = new Int32Array(INITIAL_CAPACITY);
  #low = new Int32Array(INITIAL_CAPACITY);
  #entries: (FdbEntry | undefined)[] = new Array<FdbEntry | undefined>(INITIAL_CAPACITY).fill(undefined);
  #mask = INITIAL_CAPACITY - 1;
  #size = 0;
  #newest: FdbEntry | undefined;
  #serial = 0;
  /** Entries behind each port: a port of a thousand that loses its carrier must not look through those of all. */
  readonly #byPort = new Map<BridgePort | undefined, Set<FdbEntry>>();

  get size(): number {
    return this.#size;
  }

  /** The entry for a key; `high` of keyHigh(), `low` the last four bytes of the address as a signed integer. */
  find(high: number, low: number): FdbEntry | undefined {
    const mask = this.#mask;
    for (let at = hash(high, low) & mask; ; at = (at + 1) & mask) {
      const entry = this.#entries[at];
      if (entry === undefined) return undefined;
      if (this.#low[at] === low && this.#high[at] === high) return entry;
    }
  }

  get(mac: number, vid: number): FdbEntry | undefined {
    return this.find(keyHigh(Math.floor(mac / 0x1_0000_0000), vid), mac | 0);
  }

  /** Adds an entry whose key is not there yet, as the newest one. */
  insert(entry: FdbEntry): void {
    if (2 * (this.#size + 1) > this.#mask) this.#resize((this.#mask + 1) * 2);
    this.#place(entry);
    this.#size++;
    entry.newer = undefined;
    entry.older = this.#newest;
    if (this.#newest) this.#newest.newer = entry;
    this.#newest = entry;
    entry.serial = this.#serial++;
    this.#attach(entry);
  }

  /** The address is behind another port. */
  move(entry: FdbEntry, port: BridgePort | undefined): void {
    if (entry.port === port) return;
    this.#detach(entry);
    entry.port = port;
    this.#attach(entry);
  }

  /** What is behind a port, or is the bridge's own (undefined), newest first. */
  behind(port: BridgePort | undefined): readonly FdbEntry[] {
    const entries = this.#byPort.get(port);
    return entries === undefined ? [] : [...entries].sort((one, other) => other.serial - one.serial);
  }

  /** Removes an entry that is there. Its `older` stays, so that a walk may remove what it stands on. */
  remove(entry: FdbEntry): void {
    const mask = this.#mask;
    let hole = home(entry) & mask;
    while (this.#entries[hole] !== entry) hole = (hole + 1) & mask;
    // Entries behind the hole that were pushed over it move back (Knuth, TAOCP 3, 6.4, algorithm R).
    for (let at = (hole + 1) & mask; ; at = (at + 1) & mask) {
      const next = this.#entries[at];
      if (next === undefined) break;
      const wanted = home(next) & mask;
      if (((at - wanted) & mask) < ((at - hole) & mask)) continue;
      this.#entries[hole] = next;
      this.#high[hole] = this.#high[at] ?? 0;
      this.#low[hole] = this.#low[at] ?? 0;
      hole = at;
    }
    this.#entries[hole] = undefined;
    this.#size--;
    this.#detach(entry);
    if (entry.newer) entry.newer.older = entry.older;
    else this.#newest = entry.older;
    if (entry.older) entry.older.newer = entry.newer;
  }

  /** Newest first, as the kernel lists them. Entries may be removed on the way. */
  *entries(): Generator<FdbEntry> {
    for (let entry = this.#newest; entry !== undefined; entry = entry.older) yield entry;
  }

  #attach(entry: FdbEntry): void {
    const entries = this.#byPort.get(entry.port);
    if (entries) entries.add(entry);
    else this.#byPort.set(entry.port, new Set([entry]));
  }

  #detach(entry: FdbEntry): void {
    const entries = this.#byPort.get(entry.port);
    entries?.delete(entry);
    if (entries?.size === 0) this.#byPort.delete(entry.port);
  }

  #place(entry: FdbEntry): void {
    const mask = this.#mask;
    const high = keyHigh(Math.floor(entry.mac / 0x1_0000_0000), entry.vid);
    const low = entry.mac | 0;
    let at = hash(high, low) & mask;
    while (this.#entries[at] !== undefined) at = (at + 1) & mask;
    this.#entries[at] = entry;
    this.#high[at] = high;
    this.#low[at] = low;
  }

  #resize(capacity: number): void {
    this.#high = new Int32Array(capacity);
    this.#low = new Int32Array(capacity);
    this.#entries = new Array<FdbEntry | undefined>(capacity).fill(undefined);
    this.#mask = capacity - 1;
    for (let entry = this.#newest; entry !== undefined; entry = entry.older) this.#place(entry);
  }
}

function home(entry: FdbEntry): number {
  return hash(keyHigh(Math.floor(entry.mac / 0x1_0000_0000), entry.vid), entry.mac | 0);
}

/** A multiply-xorshift mix of both halves (constants of MurmurHash3's finalizer). */
function hash(high: number, low: number): number {
  let mixed = Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0xc2b2ae35);
  mixed ^= mixed >>> 15;
  return mixed;
}

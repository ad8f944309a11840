// A table of neighbours: ARP's or neighbour discovery's (struct neigh_table). One for all namespaces, as in Linux: its
// limits are the host's. Entries live with their device. Not here: messages of the protocol (ipv4/arp.ts, ipv6/ndisc).

import type { Nanoseconds, Timer } from "../../system/system.ts";
import { SECOND } from "../../system/system.ts";
import type { NetDevice } from "../device.ts";
import type { Kernel } from "../kernel.ts";
import type { Netns } from "../netns.ts";
import type { Packet } from "../packet.ts";
import { Slot } from "../slot.ts";
import { afterOnWheel } from "../timer-wheel.ts";
import type { NeighbourKey } from "./entry.ts";
import { Neighbour } from "./entry.ts";
import { NeighbourParameters } from "./parameters.ts";
import type { ParameterDefaults } from "./parameters.ts";
import { NUD } from "../../netlink/rtnl/neighbour.ts";

/** What a protocol does for its table. */
export interface NeighbourOperations<K extends NeighbourKey> {
  /** AF_INET or AF_INET6. */
  readonly family: number;
  readonly name: "arp_cache" | "ndisc_cache";
  /** EtherType of the packets that are sent to neighbours. */
  readonly etherType: number;
  readonly keyLength: number;
  readonly defaults: ParameterDefaults;
  /** Address bytes in wire order, both ways. */
  keyBytes(key: K): Uint8Array;
  keyFrom(bytes: Uint8Array): K;
  isMulticast(key: K): boolean;
  /** The key that an entry really gets: on devices without neighbours one stands for all. */
  canonicalKey?(device: NetDevice, key: K): K;
  /** Sets type, and state and address if no resolution is needed. False if the device does not speak the protocol. */
  construct(neighbour: Neighbour<K>): boolean;
  /** Asks for the address. `packet` is the newest that waits; it must not be changed. */
  solicit(neighbour: Neighbour<K>, packet: Packet | undefined): void;
  /** A packet that waited in vain: ICMP host unreachable. Ends the packet. */
  reportFailure(neighbour: Neighbour<K>, packet: Packet): void;
  /** A delayed request for a proxied address is due (proxy_redo). */
  answerDelayed(packet: Packet): void;
  /** RTM_NEWNEIGH for the device is refused with this text. */
  mayAdd?(device: NetDevice): string | undefined;
  /** An address is proxied on a device, or no longer (pconstructor, pdestructor). */
  proxyAdded?(key: K, device: NetDevice): void;
  proxyRemoved?(key: K, device: NetDevice): void;
}

/** An address that is answered for others (struct pneigh_entry). */
export interface ProxyEntry<K extends NeighbourKey> {
  readonly key: K;
  /** Undefined: on every device of the namespace. */
  readonly device: NetDevice | undefined;
  flags: number;
  protocol: number;
}

/** struct neigh_statistics, as /proc/net/stat and RTM_GETNEIGHTBL show it. */
export class NeighbourStatistics {
  allocs = 0;
  destroys = 0;
  hashGrows = 0;
  failedResolutions = 0;
  lookups = 0;
  hits = 0;
  receivedMulticastProbes = 0;
  receivedUnicastProbes = 0;
  periodicGcRuns = 0;
  forcedGcRuns = 0;
  unresolvedDiscards = 0;
  tableFulls = 0;
}

/** Told of every change of state or address, and of the end of an entry. */
export type NeighbourListener<K extends NeighbourKey> = (neighbour: Neighbour<K>, gone: boolean) => void;

/** The tables of a kernel: ARP's, then that of neighbour discovery; and who hears of changes in all of them. */
interface KernelTables {
  readonly tables: NeighbourTable<NeighbourKey>[];
  readonly listeners: NeighbourListener<NeighbourKey>[];
}
const kernelTables = new Slot<KernelTables>();

function tablesOf(kernel: Kernel): KernelTables {
  let found = kernelTables.of(kernel);
  if (found === undefined) kernelTables.set(kernel, (found = { tables: [], listeners: [] }));
  return found;
}

export function neighbourTables(kernel: Kernel): readonly NeighbourTable<NeighbourKey>[] {
  return tablesOf(kernel).tables;
}

/** `listener` hears of changes in every table. */
export function onNeighbourChange(kernel: Kernel, listener: NeighbourListener<NeighbourKey>): void {
  tablesOf(kernel).listeners.push(listener);
}

/** Where tables keep what belongs to a device or a namespace. */
const SLOTS = { arp_cache: slotsOf<number>(), ndisc_cache: slotsOf<string>() };

interface Slots<K extends NeighbourKey> {
  readonly entries: Slot<Map<K, Neighbour<K>>>;
  readonly parameters: Slot<NeighbourParameters>;
  readonly proxies: Slot<ProxyEntry<K>[]>;
}

function slotsOf<K extends NeighbourKey>(): Slots<K> {
  return { entries: new Slot(), parameters: new Slot(), proxies: new Slot() };
}

/** Entries newer than this survive a forced collection. */
const FORCED_GC_AGE: Nanoseconds = 5 * SECOND;

export class NeighbourTable<K extends NeighbourKey> {
  readonly kernel: Kernel;
  readonly operations: NeighbourOperations<K>;
  /** Defaults for new devices: net/ipv4/neigh/default. */
  readonly parameters: NeighbourParameters;
  readonly statistics = new NeighbourStatistics();
  readonly listeners: NeighbourListener<K>[] = [];
  gcThreshold1 = 128;
  gcThreshold2 = 512;
  gcThreshold3 = 1024;
  gcInterval: Nanoseconds = 30 * SECOND;
  lastFlush: Nanoseconds;
  /** Nanoseconds since the last draw of reachable times, as RTM_GETNEIGHTBL tells it. */
  readonly createdAt: Nanoseconds;
  entryCount = 0;
  gcEntryCount = 0;
  proxyQueueLength = 0;

  readonly #byDevice: Slots<K>["entries"];
  readonly #parameters: Slots<K>["parameters"];
  readonly #proxies: Slots<K>["proxies"];
  /** Candidates of a forced collection, oldest first. */
  readonly #gcList = new Set<Neighbour<K>>();
  #gcTimer: Timer | undefined = undefined;

  constructor(kernel: Kernel, operations: NeighbourOperations<K>) {
    this.kernel = kernel;
    this.operations = operations;
    // ARP's keys are numbers, those of neighbour discovery strings; the name tells which.
    const slots = SLOTS[operations.name] as unknown as Slots<K>;
    this.#byDevice = slots.entries;
    this.#parameters = slots.parameters;
    this.#proxies = slots.proxies;
    // Whoever goes through all tables hands a table only keys that it got from it.
    tablesOf(kernel).tables.push(this as unknown as NeighbourTable<NeighbourKey>);
    this.parameters = new NeighbourParameters(operations.defaults);
    this.lastFlush = kernel.clock.now;
    this.createdAt = kernel.clock.now;
  }

  // ---- parameters

  /** neigh_parms_alloc(): the device starts to speak the protocol. */
  addDevice(device: NetDevice): NeighbourParameters {
    const parameters = this.parameters.copy();
    this.#parameters.set(device, parameters);
    return parameters;
  }

  /** neigh_ifdown(): the protocol is off on the device. */
  disableDevice(device: NetDevice): void {
    this.flush(device);
    this.#removeProxies(device);
  }

  /** neigh_parms_release() */
  removeDevice(device: NetDevice): void {
    this.disableDevice(device);
    this.#parameters.set(device, undefined);
    this.#byDevice.set(device, undefined);
  }

  parametersOf(device: NetDevice): NeighbourParameters | undefined {
    return this.#parameters.of(device);
  }

  // ---- entries

  /** neigh_lookup() */
  find(device: NetDevice, key: K): Neighbour<K> | undefined {
    this.statistics.lookups++;
    const found = this.#byDevice.of(device)?.get(key);
    if (found !== undefined) this.statistics.hits++;
    return found;
  }

  /**
   * The entry for an address, made if need be (__neigh_create). Undefined if the device does not speak the protocol
   * or the table is full.
   */
  get(device: NetDevice, key: K): Neighbour<K> | undefined {
    return this.#byDevice.of(device)?.get(key) ?? this.create(device, key, false, 0);
  }

  create(device: NetDevice, key: K, exemptFromGc: boolean, flags: number): Neighbour<K> | undefined {
    const parameters = this.#parameters.of(device);
    if (parameters === undefined) return undefined;
    if (!exemptFromGc && !this.#roomForOneMore()) return undefined;
    const canonical = this.operations.canonicalKey?.(device, key) ?? key;
    const shared = this.#byDevice.of(device)?.get(canonical);
    if (shared !== undefined) return shared;
    const neighbour = new Neighbour(this, device, canonical, parameters);
    neighbour.flags = flags;
    if (!this.operations.construct(neighbour)) return undefined;
    let entries = this.#byDevice.of(device);
    if (entries === undefined) this.#byDevice.set(device, (entries = new Map<K, Neighbour<K>>()));
    entries.set(canonical, neighbour);
    this.statistics.allocs++;
    this.entryCount++;
    neighbour.exemptFromGc = exemptFromGc;
    if (!exemptFromGc) this.#countForGc(neighbour);
    return neighbour;
  }

  /** An entry that an administrator made or learned elsewhere is not collected (neigh_update_gc_list). */
  setExempt(neighbour: Neighbour<K>, exempt: boolean): void {
    if (neighbour.exemptFromGc === exempt || neighbour.dead) return;
    neighbour.exemptFromGc = exempt;
    if (exempt) {
      this.#gcList.delete(neighbour);
      this.gcEntryCount--;
    } else this.#countForGc(neighbour);
  }

  #countForGc(neighbour: Neighbour<K>): void {
    this.#gcList.add(neighbour);
    this.gcEntryCount++;
    if (this.gcEntryCount >= this.gcThreshold1 && this.#gcTimer === undefined) this.#scheduleGc();
  }

  /** neigh_alloc()'s check of the limits. */
  #roomForOneMore(): boolean {
    const { now } = this.kernel.clock;
    const full = this.gcEntryCount >= this.gcThreshold3;
    if (!full && (this.gcEntryCount < this.gcThreshold2 || now <= this.lastFlush + FORCED_GC_AGE))
      return true;
    if (this.#forcedGc() > 0 || !full) return true;
    this.statistics.tableFulls++;
    return false;
  }

  /** neigh_forced_gc(): how many entries it has removed. */
  #forcedGc(): number {
    this.statistics.forcedGcRuns++;
    const { now } = this.kernel.clock;
    const excess = this.gcEntryCount - this.gcThreshold2;
    let removed = 0;
    for (const neighbour of this.#gcList) {
      if (removed >= excess) break;
      if (neighbour.busy) continue;
      const old =
        neighbour.state === NUD.FAILED ||
        neighbour.state === NUD.NOARP ||
        this.operations.isMulticast(neighbour.key) ||
        neighbour.updated < now - FORCED_GC_AGE;
      if (!old) continue;
      this.remove(neighbour);
      removed++;
    }
    this.lastFlush = now;
    return removed;
  }

  #scheduleGc(): void {
    this.#gcTimer = afterOnWheel(this.kernel, this.parameters.baseReachableTime / 2, () => this.#collect());
  }

  /** neigh_periodic_work(): nothing is done while the table is small. */
  #collect(): void {
    this.#gcTimer = undefined;
    this.statistics.periodicGcRuns++;
    const { now } = this.kernel.clock;
    for (const neighbour of [...this.#gcList]) {
      if (neighbour.busy || (neighbour.state & (NUD.PERMANENT | NUD.NOARP)) !== 0) continue;
      if (neighbour.used < neighbour.confirmed) neighbour.used = neighbour.confirmed;
      const stale = now < neighbour.used || now >= neighbour.used + neighbour.parameters.gcStaleTime;
      if (neighbour.state === NUD.FAILED || stale) this.remove(neighbour);
    }
    if (this.gcEntryCount >= this.gcThreshold1) this.#scheduleGc();
  }

  /** neigh_remove_one(): takes the entry out and tells of it. */
  remove(neighbour: Neighbour<K>): void {
    if (neighbour.dead) return;
    this.#byDevice.of(neighbour.device)?.delete(neighbour.key);
    if (this.#gcList.delete(neighbour)) this.gcEntryCount--;
    this.entryCount--;
    this.statistics.destroys++;
    neighbour.bury();
    this.#tell(neighbour, true);
  }

  /** neigh_flush_dev(): entries of a device that went down, changed its address or (`keepPermanent`) lost carrier. */
  flush(device: NetDevice, keepPermanent = false): void {
    const entries = this.#byDevice.of(device);
    if (entries === undefined) return;
    for (const neighbour of [...entries.values()]) {
      if (keepPermanent && neighbour.state === NUD.PERMANENT) continue;
      this.remove(neighbour);
    }
  }

  /** Called by entries when state or address have changed (neigh_update_notify). */
  changed(neighbour: Neighbour<K>): void {
    this.#tell(neighbour, false);
  }

  #tell(neighbour: Neighbour<K>, gone: boolean): void {
    for (const listener of this.listeners) listener(neighbour, gone);
    const any = neighbour as unknown as Neighbour<NeighbourKey>;
    for (const listener of tablesOf(this.kernel).listeners) listener(any, gone);
  }

  entriesOf(device: NetDevice): Iterable<Neighbour<K>> {
    return this.#byDevice.of(device)?.values() ?? [];
  }

  *entries(netns: Netns): Generator<Neighbour<K>> {
    for (const device of netns.devices.values()) yield* this.entriesOf(device);
  }

  // ---- proxies

  /** pneigh_lookup(): an entry for this device or for all. */
  findProxy(netns: Netns, key: K, device: NetDevice | undefined): ProxyEntry<K> | undefined {
    return this.#proxies
      .of(netns)
      ?.find((entry) => entry.key === key && (entry.device === device || entry.device === undefined));
  }

  addProxy(netns: Netns, key: K, device: NetDevice | undefined): ProxyEntry<K> {
    let entries = this.#proxies.of(netns);
    if (entries === undefined) this.#proxies.set(netns, (entries = []));
    const known = entries.find((entry) => entry.key === key && entry.device === device);
    if (known) return known;
    const entry: ProxyEntry<K> = { key, device, flags: 0, protocol: 0 };
    entries.push(entry);
    if (device) this.operations.proxyAdded?.(key, device);
    return entry;
  }

  /** False if there is none. */
  removeProxy(netns: Netns, key: K, device: NetDevice | undefined): boolean {
    const entries = this.#proxies.of(netns) ?? [];
    const at = entries.findIndex((entry) => entry.key === key && entry.device === device);
    if (at < 0) return false;
    entries.splice(at, 1);
    if (device) this.operations.proxyRemoved?.(key, device);
    return true;
  }

  proxies(netns: Netns): readonly ProxyEntry<K>[] {
    return this.#proxies.of(netns) ?? [];
  }

  #removeProxies(device: NetDevice): void {
    const entries = this.#proxies.of(device.netns);
    if (!entries) return;
    for (const entry of entries.filter((each) => each.device === device))
      this.removeProxy(device.netns, entry.key, device);
  }

  /** pneigh_enqueue(): answers a request for a proxied address after a random delay (RFC 4861, 7.2.8). */
  answerLater(parameters: NeighbourParameters, packet: Packet): void {
    if (this.proxyQueueLength > parameters.proxyQueueLength) {
      this.kernel.drop(packet, "NEIGH_QUEUEFULL", packet.device.name);
      return;
    }
    this.proxyQueueLength++;
    const delay = (this.kernel.random.uint32() / 0x1_0000_0000) * parameters.proxyDelay;
    afterOnWheel(this.kernel, delay, () => {
      this.proxyQueueLength--;
      const { device } = packet;
      if (device.registered && device.up) this.operations.answerDelayed(packet);
      else this.kernel.drop(packet, "DEV_READY", device.name);
    });
  }
}

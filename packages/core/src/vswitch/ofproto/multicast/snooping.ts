// The multicast snooping table of a bridge (Open vSwitch's lib/mcast-snooping.c): which ports want which group of a VLAN, and
// behind which ports a multicast router was heard. It only keeps what reports say; ofproto/multicast/membership.ts reads
// them, xlate/multicast.ts forwards by it. RFC 4541 has the considerations.

/** Seconds. */
export const DEFAULT_AGING_TIME = 300;
export const DEFAULT_TABLE_SIZE = 8192;
const AGING_TIME_RANGE = [15, 3600] as const;
const TABLE_SIZE_RANGE = [10, 1_000_000] as const;
/** MCAST_MROUTER_PORT_IDLE_TIME, seconds. */
const ROUTER_IDLE_TIME = 180;

/** A group of a VLAN. The address is text: IPv4 dotted, IPv6 as inet_ntop has it. */
export interface MulticastGroup<B> {
  readonly address: string;
  readonly vlan: number;
  /** When each port's interest ends, whole seconds of the clock; longest unheard first. */
  readonly members: Map<B, number>;
}

/** A port behind which a router is. */
export interface RouterPort<B> {
  readonly bundle: B;
  readonly vlan: number;
  /** Whole seconds of the clock. */
  expires: number;
}

export class MulticastSnooping<B> {
  /** Least recently reported first. */
  readonly #groups = new Map<string, MulticastGroup<B>>();
  /** Longest unheard first. */
  #routers: RouterPort<B>[] = [];
  /** Ports that get all multicast traffic, and ports that get all reports, in the order in which they were named. */
  readonly floodPorts = new Set<B>();
  readonly reportPorts = new Set<B>();
  readonly #now: () => number;
  readonly #changed: () => void;
  #agingTime = DEFAULT_AGING_TIME;
  #tableSize = DEFAULT_TABLE_SIZE;
  /** Groups that nobody has asked for go everywhere. */
  floodsUnregistered = true;

  /**
   * @param now clock, nanoseconds
   * @param changed called when what was forwarded before may go elsewhere now
   */
  constructor(now: () => number, changed: () => void) {
    this.#now = now;
    this.#changed = changed;
  }

  /** time_now() */
  get #seconds(): number {
    return Math.floor(this.#now() / 1e9);
  }

  configure(settings: {
    readonly agingTime: number;
    readonly tableSize: number;
    readonly floodsUnregistered: boolean;
  }): void {
    const agingTime = between(settings.agingTime, AGING_TIME_RANGE);
    // What is known lives on with the new time.
    for (const { members } of this.#groups.values()) {
      for (const [bundle, expires] of members) members.set(bundle, expires + agingTime - this.#agingTime);
    }
    this.#agingTime = agingTime;
    this.#tableSize = between(settings.tableSize, TABLE_SIZE_RANGE);
    if (settings.floodsUnregistered !== this.floodsUnregistered) {
      this.floodsUnregistered = settings.floodsUnregistered;
      this.#changed();
    }
  }

  /** mcast_snooping_set_port_flood(), mcast_snooping_set_port_flood_reports() */
  setPort(bundle: B, flood: boolean, floodReports: boolean): void {
    for (const [ports, wanted] of [
      [this.floodPorts, flood],
      [this.reportPorts, floodReports],
    ] as const) {
      if (ports.has(bundle) === wanted) continue;
      if (wanted) ports.add(bundle);
      else ports.delete(bundle);
      this.#changed();
    }
  }

  lookup(address: string, vlan: number): MulticastGroup<B> | undefined {
    return this.#groups.get(keyOf(address, vlan));
  }

  groups(): Iterable<MulticastGroup<B>> {
    return this.#groups.values();
  }

  routers(): readonly RouterPort<B>[] {
    return this.#routers;
  }

  #routerAt(vlan: number, bundle: B): RouterPort<B> | undefined {
    return this.#routers.find((router) => router.vlan === vlan && router.bundle === bundle);
  }

  /** mcast_snooping_add_group(): true if the group is new. Ports that get everything anyway are not noted. */
  join(address: string, vlan: number, bundle: B): boolean {
    if (this.#routerAt(vlan, bundle) || this.floodPorts.has(bundle)) return false;
    const key = keyOf(address, vlan);
    const known = this.#groups.get(key);
    if (!known && this.#groups.size >= this.#tableSize) {
      const [oldest] = this.#groups.keys();
      if (oldest !== undefined) this.#groups.delete(oldest);
    }
    const group = known ?? { address, vlan, members: new Map<B, number>() };
    if (!group.members.delete(bundle)) this.#changed();
    group.members.set(bundle, this.#seconds + this.#agingTime);
    this.#groups.delete(key);
    this.#groups.set(key, group);
    return known === undefined;
  }

  /** mcast_snooping_leave_group(). Behind a port that gets all reports there may be others: it ages instead. */
  leave(address: string, vlan: number, bundle: B): boolean {
    if (this.reportPorts.has(bundle)) return false;
    const group = this.lookup(address, vlan);
    if (!group?.members.delete(bundle)) return false;
    this.#dropIfEmpty(group);
    this.#changed();
    return true;
  }

  /** mcast_snooping_add_mrouter(): true if nothing was known of it. */
  heardRouter(vlan: number, bundle: B): boolean {
    if (this.floodPorts.has(bundle)) return false;
    const known = this.#routerAt(vlan, bundle);
    const router = known ?? { bundle, vlan, expires: 0 };
    router.expires = this.#seconds + ROUTER_IDLE_TIME;
    this.#routers = [...this.#routers.filter((each) => each !== router), router];
    if (!known) this.#changed();
    return known === undefined;
  }

  /** Seconds since the last report, and since the last query. */
  ageOfMember(expires: number): number {
    return this.#agingTime - (expires - this.#seconds);
  }

  ageOfRouter({ expires }: RouterPort<B>): number {
    return ROUTER_IDLE_TIME - (expires - this.#seconds);
  }

  /** mcast_snooping_run(): true if something is left that will age. */
  age(): boolean {
    const now = this.#seconds;
    let any = false;
    for (const group of this.#groups.values()) {
      if (this.#groups.size > this.#tableSize) {
        this.#groups.delete(keyOf(group.address, group.vlan));
        any = true;
        continue;
      }
      let expired = false;
      for (const [bundle, expires] of group.members) {
        if (expires > now) break;
        group.members.delete(bundle);
        expired = true;
      }
      // the rest has been reported later
      if (!expired) break;
      this.#dropIfEmpty(group);
      any = true;
    }
    const left = this.#routers.filter(({ expires }) => expires > now);
    if (left.length < this.#routers.length) any = true;
    this.#routers = left;
    if (any) this.#changed();
    return this.#groups.size > 0 || this.#routers.length > 0;
  }

  /** All that was learned; the ports' settings stay. */
  flush(): void {
    if (this.#groups.size === 0 && this.#routers.length === 0) return;
    this.#groups.clear();
    this.#routers = [];
    this.#changed();
  }

  /** mcast_snooping_flush_bundle(): a port goes. */
  forget(bundle: B): void {
    for (const group of this.#groups.values()) {
      if (!group.members.delete(bundle)) continue;
      this.#dropIfEmpty(group);
      this.#changed();
    }
    const left = this.#routers.filter((router) => router.bundle !== bundle);
    if (left.length < this.#routers.length) this.#changed();
    this.#routers = left;
    this.setPort(bundle, false, false);
  }

  #dropIfEmpty({ address, vlan, members }: MulticastGroup<B>): void {
    if (members.size === 0) this.#groups.delete(keyOf(address, vlan));
  }
}

function keyOf(address: string, vlan: number): string {
  return `${vlan}/${address}`;
}

function between(value: number, [least, most]: readonly [number, number]): number {
  return Math.min(Math.max(value, least), most);
}

// Bonds: bundles of several ports (Open vSwitch's ofproto/bond.c). Modes active-backup, balance-slb and balance-tcp. LACP is
// not spoken, so balance-tcp, which needs it, sends nothing unless lacp-fallback-ab is set.

import type { Timer } from "../../system/system.ts";
import { hashMac } from "../flow/hash.ts";
import type { OfPort } from "./port.ts";

export type BondMode = "active-backup" | "balance-slb" | "balance-tcp";

/** What the database says. Delays in milliseconds. */
export interface BondSettings {
  readonly mode: BondMode;
  readonly upDelay: number;
  readonly downDelay: number;
  readonly basis: number;
  /** 0: never. */
  readonly rebalanceInterval: number;
  readonly fallbackActiveBackup: boolean;
  readonly primary: string | undefined;
}

export interface BondMember {
  readonly port: OfPort;
  enabled: boolean;
  mayEnable: boolean;
  /** Waits for a delay to pass. */
  pending: Timer | undefined;
  pendingUntil: number;
}

/** BOND_BUCKETS */
const BUCKETS = 256;

export class Bond {
  readonly name: string;
  settings: BondSettings;
  readonly members: BondMember[] = [];
  active: BondMember | undefined = undefined;
  /** What the database is to be told. */
  activeChanged = false;
  readonly #buckets: (BondMember | undefined)[] = new Array<BondMember | undefined>(BUCKETS).fill(undefined);
  readonly #after: (delay: number, fire: () => void) => Timer;
  readonly #now: () => number;
  readonly #changed: () => void;

  constructor(
    name: string,
    settings: BondSettings,
    clock: { after(delay: number, fire: () => void): Timer; now(): number },
    changed: () => void,
  ) {
    this.name = name;
    this.settings = settings;
    this.#after = (delay, fire) => clock.after(delay, fire);
    this.#now = () => clock.now();
    this.#changed = changed;
  }

  setMembers(ports: readonly OfPort[]): void {
    for (const member of this.members.filter(({ port }) => !ports.includes(port))) {
      member.pending?.cancel();
      this.members.splice(this.members.indexOf(member), 1);
      this.#buckets.forEach((each, at) => {
        if (each === member) this.#buckets[at] = undefined;
      });
      if (this.active === member) this.active = undefined;
    }
    for (const port of ports) {
      if (this.members.some((member) => member.port === port)) continue;
      const up = port.linkUp;
      this.members.push({ port, enabled: up, mayEnable: up, pending: undefined, pendingUntil: 0 });
    }
    this.chooseActive();
  }

  /** bond_link_status_update(): a link that changes does so after its delay. */
  linkChanged(): void {
    for (const member of this.members) {
      const up = member.port.linkUp;
      member.mayEnable = up;
      if (up === member.enabled) {
        member.pending?.cancel();
        member.pending = undefined;
        continue;
      }
      if (member.pending) continue;
      const delay = (up ? this.settings.upDelay : this.settings.downDelay) * 1e6;
      if (delay === 0) this.enable(member, up);
      else {
        member.pendingUntil = this.#now() + delay;
        member.pending = this.#after(delay, () => {
          member.pending = undefined;
          this.enable(member, member.port.linkUp);
        });
      }
    }
    this.chooseActive();
  }

  enable(member: BondMember, enabled: boolean): void {
    if (member.enabled === enabled) return;
    member.enabled = enabled;
    this.chooseActive();
    this.#changed();
  }

  setActive(member: BondMember): void {
    if (this.active === member) return;
    this.active = member;
    this.activeChanged = true;
    this.#changed();
  }

  /** bond_choose_active_member() */
  chooseActive(): void {
    const { primary } = this.settings;
    const wanted = this.members.find(({ port, enabled }) => enabled && port.name === primary);
    if (wanted) {
      this.setActive(wanted);
      return;
    }
    if (this.active?.enabled) return;
    const next = this.members.find(({ enabled }) => enabled);
    if (next) this.setActive(next);
    else if (this.active) {
      this.active = undefined;
      this.activeChanged = true;
      this.#changed();
    }
  }

  /** Whether packets are spread at all. */
  get balances(): BondMode {
    const { mode, fallbackActiveBackup } = this.settings;
    return mode === "balance-tcp" && fallbackActiveBackup ? "active-backup" : mode;
  }

  /** bond_hash_src(), its bucket, and who has it. */
  hashOf(mac: number, vlan: number, basis = this.settings.basis): number {
    return hashMac(mac, vlan, basis) % BUCKETS;
  }

  memberFor(mac: number, vlan: number): BondMember | undefined {
    const bucket = this.hashOf(mac, vlan);
    let member = this.#buckets[bucket];
    if (!member?.enabled) {
      const enabled = this.members.filter((each) => each.enabled);
      // Buckets are dealt in turn, those that are new to the one with fewest.
      member = enabled.toSorted((a, b) => this.#share(a) - this.#share(b))[0];
      this.#buckets[bucket] = member;
    }
    return member;
  }

  #share(member: BondMember): number {
    return this.#buckets.filter((each) => each === member).length;
  }

  /** bond/migrate */
  assign(bucket: number, member: BondMember): void {
    this.#buckets[bucket] = member;
    this.#changed();
  }

  bucketsOf(member: BondMember): number[] {
    return [...this.#buckets.keys()].filter((at) => this.#buckets[at] === member);
  }
}

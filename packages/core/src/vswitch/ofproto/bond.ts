// Bonds: bundles of several ports (Open vSwitch's ofproto/bond.c). Modes active-backup, balance-slb and balance-tcp. A bond is
// run when a link or LACP may have changed and when a delay is over; what it decides about packets is in xlate/bond.ts, how
// it shifts load in bond-rebalance.ts.

import { hashMac, hashSymmetricL4 } from "../../ovsproto/flow/hash.ts";
import { vlanTpid, W, word } from "../../ovsproto/flow/flow.ts";
import type { Flow } from "../../ovsproto/flow/flow.ts";
import { rebalance } from "./bond-rebalance.ts";
import type { OfPort } from "./port.ts";

export type BondMode = "active-backup" | "balance-slb" | "balance-tcp";
/** enum lacp_status */
export type LacpStatus = "off" | "configured" | "negotiated";

/** What the database says. Delays in milliseconds. */
export interface BondSettings {
  readonly mode: BondMode;
  readonly upDelay: number;
  readonly downDelay: number;
  readonly basis: number;
  /** 0: never. */
  readonly rebalanceInterval: number;
  readonly fallbackActiveBackup: boolean;
  readonly allMembersActive: boolean;
  /** A userspace datapath chooses the member itself, for balance-tcp. */
  readonly datapathChooses: boolean;
  readonly primary: string | undefined;
}

export interface BondMember {
  readonly port: OfPort;
  enabled: boolean;
  /** What the link, its monitors and LACP say. */
  mayEnable: boolean;
  /** When `enabled` follows the link, milliseconds of the clock; Infinity if it need not. */
  delayExpires: number;
}

/** What packets with one hash do. */
export interface BondEntry {
  member: BondMember | undefined;
  /** With the past halved at each rebalancing. */
  bytes: number;
}

/** BOND_BUCKETS */
export const BOND_ENTRIES = 256;
/** Least time between rebalancings, milliseconds. */
const LEAST_INTERVAL = 1000;

export interface BondHost {
  /** Milliseconds. */
  now(): number;
  log(text: string): void;
}

export class Bond {
  readonly name: string;
  settings: BondSettings;
  readonly members: BondMember[] = [];
  /** In the order in which they are dealt hashes. */
  #enabled: BondMember[] = [];
  active: BondMember | undefined = undefined;
  /** The active member before there was none. */
  #lastActive: OfPort | undefined;
  lacp: LacpStatus = "off";
  entries: readonly BondEntry[] = freshEntries();
  /** Of the datapath, for balance-tcp; undefined for active-backup. */
  recirculationId: number | undefined = undefined;
  nextRebalance: number;
  #changed = true;
  #sendLearning = false;
  readonly #host: BondHost;

  constructor(name: string, settings: BondSettings, host: BondHost) {
    this.name = name;
    this.settings = settings;
    this.#host = host;
    this.nextRebalance = host.now() + settings.rebalanceInterval;
  }

  /** bond_reconfigure() */
  configure(settings: BondSettings): void {
    const old = this.settings;
    if (JSON.stringify(old) === JSON.stringify(settings)) return;
    this.settings = settings;
    this.#changed = true;
    if (old.mode !== settings.mode || old.basis !== settings.basis) this.entries = freshEntries();
    if (
      old.mode !== settings.mode ||
      old.basis !== settings.basis ||
      old.datapathChooses !== settings.datapathChooses ||
      old.rebalanceInterval !== settings.rebalanceInterval
    ) {
      this.nextRebalance = this.#host.now() + settings.rebalanceInterval;
    }
    if (old.primary !== settings.primary) this.#chooseActive();
  }

  setMembers(ports: readonly OfPort[]): void {
    for (const member of this.members.filter(({ port }) => !ports.includes(port))) {
      this.#enable(member, false);
      this.members.splice(this.members.indexOf(member), 1);
      for (const entry of this.entries) if (entry.member === member) entry.member = undefined;
      this.#changed = true;
      if (this.active === member) this.#chooseActive();
    }
    for (const port of ports) {
      if (this.members.some((member) => member.port === port)) continue;
      const member = { port, enabled: false, mayEnable: false, delayExpires: Infinity };
      this.members.push(member);
      this.#changed = true;
      this.#enable(member, port.linkUp);
    }
  }

  /** bond_run(): true if packets may go elsewhere now. */
  run(lacp: LacpStatus): boolean {
    if (this.lacp !== lacp) {
      this.lacp = lacp;
      this.#changed = true;
    }
    for (const member of this.members) this.#updateLink(member);
    const { mode, primary } = this.settings;
    const preferred =
      mode === "active-backup" && this.members.find(({ port, enabled }) => enabled && port.name === primary);
    if (this.active?.enabled !== true || (preferred && this.active !== preferred)) this.#chooseActive();
    const changed = this.#changed;
    this.#changed = false;
    return changed;
  }

  /** When a delay is over, milliseconds of the clock. */
  get due(): number {
    return Math.min(...this.members.map(({ delayExpires }) => delayExpires));
  }

  /** bond_link_status_update() */
  #updateLink(member: BondMember): void {
    const { name } = member.port;
    const up = member.port.linkUp && member.mayEnable;
    if ((up === member.enabled) !== (member.delayExpires === Infinity)) {
      this.#host.log(`member ${name}: link state ${up ? "up" : "down"}`);
      if (up === member.enabled) {
        member.delayExpires = Infinity;
        this.#host.log(`member ${name}: will not be ${up ? "disabled" : "enabled"}`);
      } else {
        const delay = up ? this.settings.upDelay : this.settings.downDelay;
        member.delayExpires = this.#host.now() + delay;
        if (delay > 0) {
          this.#host.log(
            `member ${name}: will be ${up ? "enabled" : "disabled"} if it stays ` +
              `${up ? "up" : "down"} for ${delay} ms`,
          );
        }
      }
    }
    if (this.#host.now() >= member.delayExpires) this.#enable(member, up);
  }

  /** bond_enable_member() */
  #enable(member: BondMember, enabled: boolean): void {
    member.delayExpires = Infinity;
    if (member.enabled === enabled) return;
    member.enabled = enabled;
    this.#changed = true;
    if (enabled) this.#enabled.push(member);
    else {
      this.#sendLearning = true;
      this.#enabled = this.#enabled.filter((each) => each !== member);
    }
    this.#host.log(`member ${member.port.name}: ${enabled ? "enabled" : "disabled"}`);
  }

  /** bond/enable-member, bond/disable-member */
  setEnabled(member: BondMember, enabled: boolean): void {
    this.#enable(member, enabled);
  }

  /** bond/set-active-member */
  setActive(member: BondMember): void {
    if (this.active === member) return;
    this.active = member;
    this.#lastActive = member.port;
    this.#changed = true;
    this.#sendLearning = true;
    this.#host.log(`bond ${this.name}: active member is now ${member.port.name}`);
  }

  /** bond_choose_active_member() */
  #chooseActive(): void {
    const old = this.active;
    const next = this.#bestMember();
    this.active = next;
    if (next) {
      this.#lastActive = next.port;
      const { name } = next.port;
      if (next.enabled) this.#host.log(`bond ${this.name}: active member is now ${name}`);
      else {
        const left = next.delayExpires - this.#host.now();
        this.#host.log(
          `bond ${this.name}: active member is now ${name}, ` +
            `skipping remaining ${left} ms updelay (since no member was enabled)`,
        );
        this.#enable(next, true);
      }
      this.#sendLearning = true;
    } else if (old) this.#host.log(`bond ${this.name}: all members disabled`);
    if (next !== old) this.#changed = true;
  }

  /** bond_choose_member() */
  #bestMember(): BondMember | undefined {
    const { primary } = this.settings;
    const enabled = this.members.filter((member) => member.enabled);
    const waiting = this.members
      .filter(({ delayExpires, mayEnable }) => delayExpires !== Infinity && mayEnable)
      .toSorted((a, b) => a.delayExpires - b.delayExpires);
    return (
      enabled.find(({ port }) => port.name === primary) ??
      enabled.find(({ port }) => port === this.#lastActive) ??
      enabled[0] ??
      waiting[0]
    );
  }

  /** bond_should_send_learning_packets(): once after the active member has changed or one was disabled. */
  takeLearning(): boolean {
    const send = this.#sendLearning && this.active !== undefined;
    this.#sendLearning = false;
    return send;
  }

  /** bond_is_falling_back_to_ab() */
  get fallsBack(): boolean {
    const { mode, fallbackActiveBackup } = this.settings;
    return mode !== "active-backup" && fallbackActiveBackup && this.lacp === "configured";
  }

  /** bond_is_balanced() */
  get balanced(): boolean {
    const { mode, rebalanceInterval } = this.settings;
    return rebalanceInterval !== 0 && mode !== "active-backup" && !this.fallsBack;
  }

  /** bond_may_recirc(): the datapath hashes, and the flows of the last table say which member a hash has. */
  get recirculates(): boolean {
    return this.settings.mode === "balance-tcp" && !this.fallsBack;
  }

  /** bond_use_lb_output_action() */
  get usesLbOutput(): boolean {
    return this.recirculates && this.settings.datapathChooses;
  }

  /** bond_hash(): its entry. */
  hashOf(flow: Flow, vlan: number): number {
    const { mode, basis } = this.settings;
    if (mode === "balance-slb") {
      const mac = word(flow, W.ETH_SRC) * 0x1_0000_0000 + word(flow, W.ETH_SRC + 1);
      return hashMac(mac, vlan, basis) % BOND_ENTRIES;
    }
    const tagged = flow.slice();
    tagged[W.VLAN] = ((vlanTpid(flow) << 16) | vlan) >>> 0;
    return hashSymmetricL4(tagged, basis) % BOND_ENTRIES;
  }

  /** lookup_bond_entry(), with a member that is up if there is one. */
  entry(hash: number): BondEntry {
    const entry = this.entries[hash % BOND_ENTRIES] as BondEntry;
    if (entry.member?.enabled !== true) entry.member = this.#nextEnabled();
    return entry;
  }

  /** get_enabled_member(): in turn. */
  #nextEnabled(): BondMember | undefined {
    const member = this.#enabled.shift();
    if (member) this.#enabled.push(member);
    return member;
  }

  /** bond_account() */
  account(flow: Flow, vlan: number, bytes: number): void {
    if (this.balanced) this.entry(this.hashOf(flow, vlan)).bytes += bytes;
  }

  /** bond/migrate */
  assign(hash: number, member: BondMember): void {
    (this.entries[hash] as BondEntry).member = member;
    this.#changed = true;
  }

  /** bond_rebalance(): true if entries have moved. */
  rebalance(): boolean {
    const now = this.#host.now();
    const { rebalanceInterval } = this.settings;
    if (!this.balanced || rebalanceInterval === 0 || now < this.nextRebalance) return false;
    this.nextRebalance = now + Math.max(LEAST_INTERVAL, rebalanceInterval);
    const members = this.members.filter(({ enabled }) => enabled);
    const moved = rebalance(this.name, this.entries, members, (text) => this.#host.log(text));
    for (const entry of this.entries) entry.bytes = Math.floor(entry.bytes / 2);
    if (moved) this.#changed = true;
    return moved;
  }
}

function freshEntries(): BondEntry[] {
  return Array.from({ length: BOND_ENTRIES }, () => ({ member: undefined, bytes: 0 }));
}

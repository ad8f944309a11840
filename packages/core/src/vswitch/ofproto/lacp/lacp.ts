// LACP of one bundle as Open vSwitch speaks it (lib/lacp.c): simpler than the machines of IEEE 802.1AX clause 5.4, the same on
// the wire. It is run when something may have changed or is due; frames and the clock belong to its owner.

import { LacpState } from "../../../wire/lacp.ts";
import type { LacpInformation, LacpMessage } from "../../../wire/lacp.ts";

/** Between frames, milliseconds; a partner is lost after three times that. */
const FAST = 1000;
const SLOW = 30_000;
const LOST_AFTER = 3;

const NOBODY: LacpInformation = {
  systemPriority: 0,
  systemId: 0,
  key: 0,
  portPriority: 0,
  portId: 0,
  state: 0,
};

/** What is compared to tell whether the partner knows this end (info_tx_equal). */
const TOLD = LacpState.ACTIVITY | LacpState.TIMEOUT | LacpState.SYNCHRONIZED | LacpState.AGGREGATION;

export interface LacpSettings {
  readonly name: string;
  readonly systemId: number;
  readonly systemPriority: number;
  readonly active: boolean;
  readonly fast: boolean;
  readonly fallbackActiveBackup: boolean;
}

export interface LacpMemberSettings {
  readonly name: string;
  readonly portId: number;
  readonly portPriority: number;
  /** Aggregation key, which that of the first member decides; 0: its port number. */
  readonly key: number;
}

export interface LacpStatistics {
  sent: number;
  received: number;
  bad: number;
  markers: number;
  expired: number;
  defaulted: number;
  carrierChanged: number;
}

export interface LacpMember {
  settings: LacpMemberSettings;
  status: "current" | "expired" | "defaulted";
  attached: boolean;
  carrier: boolean;
  /** Its carrier has been looked at. */
  looked: boolean;
  partner: LacpInformation;
  /** This end as the partner last named it. */
  known: LacpInformation;
  /** When to send and when the partner counts as lost, milliseconds of the clock. */
  sendAt: number;
  lostAt: number;
  readonly statistics: LacpStatistics;
}

/** What a machine does to the world around it. */
export interface LacpEffects<P> {
  send(port: P, message: { readonly actor: LacpInformation; readonly partner: LacpInformation }): void;
  log(level: "info" | "warn" | "dbg", text: string): void;
}

export class Lacp<P> {
  settings: LacpSettings;
  readonly #members = new Map<P, LacpMember>();
  readonly #effects: LacpEffects<P>;
  /** The first of the members; its number is the aggregation key. */
  keyMember: LacpMember | undefined = undefined;
  /** Some partner has been heard. */
  negotiated = false;
  #update = false;

  constructor(settings: LacpSettings, effects: LacpEffects<P>) {
    this.settings = settings;
    this.#effects = effects;
  }

  get members(): ReadonlyMap<P, LacpMember> {
    return this.#members;
  }

  /** lacp_configure() */
  configure(settings: LacpSettings): void {
    const old = this.settings;
    if (
      old.systemId !== settings.systemId ||
      old.systemPriority !== settings.systemPriority ||
      old.fallbackActiveBackup !== settings.fallbackActiveBackup
    ) {
      this.#update = true;
    }
    this.settings = settings;
  }

  /** lacp_member_register() */
  setMember(port: P, settings: LacpMemberSettings, now: number): void {
    let member = this.#members.get(port);
    const old = member?.settings;
    if (!member) {
      member = {
        settings,
        status: "defaulted",
        attached: false,
        carrier: false,
        looked: false,
        partner: NOBODY,
        known: NOBODY,
        sendAt: 0,
        lostAt: Infinity,
        statistics: {
          sent: 0,
          received: 0,
          bad: 0,
          markers: 0,
          expired: 0,
          defaulted: 0,
          carrierChanged: 0,
        },
      };
      this.#members.set(port, member);
      this.#setDefaulted(member);
      this.keyMember ??= member;
    }
    member.settings = settings;
    const { portId, portPriority, key } = settings;
    if (old?.portId === portId && old.portPriority === portPriority && old.key === key) return;
    this.#update = true;
    if (this.settings.active || this.negotiated) this.#setExpired(member, now);
  }

  /** lacp_member_unregister() */
  removeMember(port: P): void {
    const member = this.#members.get(port);
    if (!member) return;
    this.#members.delete(port);
    this.#update = true;
    if (this.keyMember === member) [this.keyMember] = this.#members.values();
  }

  /** lacp_member_carrier_changed() */
  setCarrier(port: P, carrier: boolean, now: number): void {
    const member = this.#members.get(port);
    if (!member || member.carrier === carrier) return;
    // What the first look finds is no change.
    if (member.looked) member.statistics.carrierChanged++;
    member.looked = true;
    member.carrier = carrier;
    if (member.status === "current" || this.settings.active) this.#setExpired(member, now);
  }

  /** lacp_process_packet(). `message` undefined: it could not be read. */
  receive(port: P, message: LacpMessage | undefined, now: number): void {
    const member = this.#members.get(port);
    if (!member) return;
    member.statistics.received++;
    if (!message) {
      member.statistics.bad++;
      this.#effects.log("warn", `${this.settings.name}: received an unparsable LACP PDU.`);
      return;
    }
    if (message.kind === "marker") {
      member.statistics.markers++;
      this.#effects.log("dbg", `${this.settings.name}: received a LACP marker PDU.`);
      return;
    }
    if (!member.carrier) {
      this.#effects.log(
        "info",
        `${member.settings.name}: carrier state is DOWN, dropping received LACP PDU.`,
      );
      return;
    }
    member.status = "current";
    member.lostAt = now + LOST_AFTER * (this.settings.fast ? FAST : SLOW);
    member.known = message.partner;
    if (sameInformation(member.partner, message.actor)) return;
    member.partner = message.actor;
    this.#update = true;
  }

  /** member_may_enable__(): frames may go by it, as far as the partner is concerned. */
  mayEnable(port: P): boolean {
    const member = this.#members.get(port);
    return member !== undefined && this.#mayEnable(member);
  }

  #mayEnable({ attached, partner, status }: LacpMember): boolean {
    if (!attached) return false;
    const fallback = this.settings.fallbackActiveBackup && status === "defaulted";
    return (partner.state & LacpState.SYNCHRONIZED) !== 0 || fallback;
  }

  /** lacp_member_is_current() */
  isCurrent(port: P): boolean {
    const member = this.#members.get(port);
    return member !== undefined && member.status !== "defaulted";
  }

  /** lacp_run(): true if anything that others look at has changed. */
  run(now: number): boolean {
    let changed = false;
    for (const member of this.#members.values()) {
      if (now < member.lostAt) continue;
      if (member.status === "current") {
        this.#setExpired(member, now);
        member.statistics.expired++;
        changed = true;
      } else if (member.status === "expired") {
        this.#setDefaulted(member);
        member.statistics.defaulted++;
        changed = true;
      }
    }
    if (this.#update) {
      this.#attach();
      changed = true;
    }
    for (const [port, member] of this.#members) {
      if (!this.settings.active && member.status === "defaulted") continue;
      const actor = this.actorOf(member);
      if (now < member.sendAt && knows(member.known, actor)) continue;
      member.known = actor;
      member.statistics.sent++;
      member.sendAt = now + (member.partner.state & LacpState.TIMEOUT ? FAST : SLOW);
      this.#effects.send(port, { actor, partner: member.partner });
    }
    return changed;
  }

  /** When to run again if nothing happens, milliseconds of the clock. */
  get due(): number {
    let due = Infinity;
    for (const member of this.#members.values()) {
      if (this.#update) return 0;
      if (member.status !== "defaulted") due = Math.min(due, member.lostAt);
      if (!this.settings.active && member.status === "defaulted") continue;
      due = Math.min(due, knows(member.known, this.actorOf(member)) ? member.sendAt : 0);
    }
    return due;
  }

  /** lacp_update_attached(): who has the same partner as the member that leads. */
  #attach(): void {
    this.#update = false;
    let lead: LacpMember | undefined;
    const { fallbackActiveBackup, systemId } = this.settings;
    for (const member of this.#members.values()) {
      member.attached = false;
      // Its own frames have come back: two ends of one bond are connected.
      if (member.partner.systemId === systemId) {
        this.#effects.log(
          "warn",
          `member ${member.settings.name}: Loopback detected. Interface is connected to its own bond`,
        );
        continue;
      }
      if (member.status === "defaulted") {
        member.attached = fallbackActiveBackup;
        continue;
      }
      member.attached = true;
      if (!lead || this.#leadsBefore(member, lead)) lead = member;
    }
    this.negotiated = lead !== undefined;
    if (!lead) return;
    for (const member of this.#members.values()) {
      const { partner } = member;
      if (
        (fallbackActiveBackup && member.status === "defaulted") ||
        lead.partner.key !== partner.key ||
        lead.partner.systemId !== partner.systemId
      ) {
        member.attached = false;
      }
    }
  }

  #leadsBefore(member: LacpMember, lead: LacpMember): boolean {
    const [mine, its] = [this.#mayEnable(member), this.#mayEnable(lead)];
    return mine !== its ? mine : comparePriority(this.#priorityOf(member), this.#priorityOf(lead)) < 0;
  }

  /** member_get_priority(): the end of the better system decides. */
  #priorityOf(member: LacpMember): LacpInformation {
    const actor = this.actorOf(member);
    const { partner } = member;
    const order = actor.systemPriority - partner.systemPriority || actor.systemId - partner.systemId;
    return order < 0 ? actor : partner;
  }

  #setDefaulted(member: LacpMember): void {
    member.partner = NOBODY;
    member.status = "defaulted";
    member.lostAt = Infinity;
    this.#update = true;
  }

  #setExpired(member: LacpMember, now: number): void {
    member.status = "expired";
    const state = (member.partner.state | LacpState.TIMEOUT) & ~LacpState.SYNCHRONIZED;
    member.partner = { ...member.partner, state };
    member.lostAt = now + LOST_AFTER * FAST;
  }

  /** member_get_actor() */
  actorOf({ attached, status, settings: { portId, portPriority } }: LacpMember): LacpInformation {
    const { active, fast, systemId, systemPriority } = this.settings;
    const own = this.keyMember?.settings;
    return {
      systemPriority,
      systemId,
      key: own === undefined ? 0 : own.key !== 0 ? own.key : own.portId,
      portPriority,
      portId,
      state:
        (active ? LacpState.ACTIVITY : 0) |
        (fast ? LacpState.TIMEOUT : 0) |
        (this.#members.size > 1 ? LacpState.AGGREGATION : 0) |
        (attached ? LacpState.SYNCHRONIZED : 0) |
        (attached || !this.negotiated ? LacpState.COLLECTING | LacpState.DISTRIBUTING : 0) |
        (status === "defaulted" ? LacpState.DEFAULTED : 0) |
        (status === "expired" ? LacpState.EXPIRED : 0),
    };
  }
}

function sameInformation(a: LacpInformation, b: LacpInformation): boolean {
  return a.state === b.state && sameEnd(a, b);
}

function sameEnd(a: LacpInformation, b: LacpInformation): boolean {
  return (
    a.key === b.key &&
    a.portId === b.portId &&
    a.portPriority === b.portPriority &&
    a.systemId === b.systemId &&
    a.systemPriority === b.systemPriority
  );
}

function knows(known: LacpInformation, actor: LacpInformation): boolean {
  return ((known.state ^ actor.state) & TOLD) === 0 && sameEnd(known, actor);
}

function comparePriority(a: LacpInformation, b: LacpInformation): number {
  return (
    a.systemPriority - b.systemPriority ||
    a.systemId - b.systemId ||
    a.portPriority - b.portPriority ||
    a.portId - b.portId
  );
}

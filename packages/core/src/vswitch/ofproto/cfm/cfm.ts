// Connectivity fault management of one interface as Open vSwitch does it (lib/cfm.c), after IEEE 802.1ag-2007: heartbeats are
// sent, those of others are counted, and every three and a half intervals it is decided whether there is a fault. A CCM with
// another interval or a false MPID is logged, but is no fault.

import { bytesToHex } from "../../../wire/hex.ts";
import { formatMac } from "../../../wire/mac.ts";
import { MAID_LENGTH } from "../../../wire/cfm.ts";
import type { Ccm } from "../../../wire/cfm.ts";

/** Names of faults, in the order of their bits. */
export const CFM_FAULTS = ["recv", "rdi", "maid", "loopback", "overflow", "override"] as const;
export type CfmFault = (typeof CFM_FAULTS)[number];

/** Fault intervals over which the health is averaged. */
const HEALTH_INTERVAL = 6;
const MAX_REMOTES = 256;
/** In demand mode faults are looked for more seldom, milliseconds. */
const LEAST_DEMAND_INTERVAL = 500;
/** In demand mode a CCM is needed once in so many intervals. */
const DEMAND_INTERVALS = 100;
/** Interval by code, milliseconds; the first, of 3.33 ms, is rounded. */
const INTERVALS = [0, 3, 10, 100, 1000, 10_000, 60_000, 600_000] as const;

/** Default names of domain and association: "ovs" as a character string, both (21.6.5). */
const MAID = new Uint8Array(MAID_LENGTH);
MAID.set([4, 3, 0x6f, 0x76, 0x73, 2, 3, 0x6f, 0x76, 0x73]);

export interface CfmSettings {
  readonly mpid: bigint;
  /** Milliseconds. */
  readonly interval: number;
  readonly extended: boolean;
  readonly demand: boolean;
  readonly operational: boolean;
  /** 0 for none; another one for each heartbeat. */
  readonly vlan: number | "random";
  readonly priority: number;
}

export interface RemoteMp {
  mpid: bigint;
  /** Since the last look for faults. */
  received: boolean;
  operational: boolean;
  sequence: number;
  lastReceived: number;
  /** Since the last health. */
  healthy: number;
}

export interface CfmHost {
  log(level: "info" | "warn" | "dbg", text: string): void;
  random32(): number;
  /** Packets that the interface has received. */
  rxPackets(): number;
}

export class Cfm {
  readonly name: string;
  #settings: CfmSettings;
  readonly #host: CfmHost;
  readonly #remotes = new Map<bigint, RemoteMp>();
  /** Code on the wire, and milliseconds. */
  #interval = -1;
  #intervalMs = 0;
  #faults: ReadonlySet<CfmFault> = new Set();
  #received = new Set<CfmFault>();
  /** cfm/set-fault */
  override: boolean | undefined = undefined;
  /** Percent; undefined until it is known. */
  health: number | undefined = undefined;
  #healthIntervals = 0;
  flapCount = 0;
  remoteOperational = true;
  /** MPIDs that were heard in the last fault interval. */
  remoteMpids: readonly bigint[] = [];
  #sequence = 0;
  #booted = false;
  sendAt = 0;
  faultAt = 0;
  #demandPackets = 0;
  #demandUntil = 0;

  constructor(name: string, settings: CfmSettings, now: number, host: CfmHost) {
    this.name = name;
    this.#settings = settings;
    this.#host = host;
    this.configure(settings, now);
  }

  get settings(): CfmSettings {
    return this.#settings;
  }

  get intervalMs(): number {
    return this.#intervalMs;
  }

  get remotes(): Iterable<RemoteMp> {
    return this.#remotes.values();
  }

  /** cfm_configure() */
  configure(settings: CfmSettings, now: number): void {
    const before = this.#settings;
    this.#settings = settings;
    let code = 1;
    for (let each = 7; each > 0; each--) {
      if ((INTERVALS[each] as number) > settings.interval) continue;
      code = each;
      break;
    }
    let milliseconds = INTERVALS[code] as number;
    if (settings.extended && milliseconds !== settings.interval) {
      code = 0;
      milliseconds = Math.min(settings.interval, 0xffff);
    }
    if (this.#demands && !(before.demand && before.extended)) this.#demandPackets = this.#host.rxPackets();
    if (code === this.#interval && milliseconds === this.#intervalMs) return;
    this.#interval = code;
    this.#intervalMs = milliseconds;
    this.sendAt = now;
    this.faultAt = now + this.#faultInterval;
  }

  get #demands(): boolean {
    return this.#settings.extended && this.#settings.demand;
  }

  get #faultInterval(): number {
    const interval = this.#demands ? Math.max(this.#intervalMs, LEAST_DEMAND_INTERVAL) : this.#intervalMs;
    return Math.floor((interval * 7) / 2);
  }

  /** cfm_get_fault() */
  get faults(): readonly CfmFault[] {
    if (this.override !== undefined) return this.override ? ["override"] : [];
    return CFM_FAULTS.filter((fault) => this.#faults.has(fault));
  }

  /** Whether the interface may be used. */
  get isUp(): boolean {
    return this.faults.length === 0 && (!this.#settings.extended || this.remoteOperational);
  }

  /** VLAN of the next heartbeat. */
  nextVlan(): number {
    const { vlan } = this.#settings;
    return vlan === "random" ? this.#host.random32() & 0xfff : vlan;
  }

  get due(): number {
    return Math.min(this.sendAt, this.faultAt);
  }

  /** What others are told of it. */
  get #status(): string {
    return [faultText(this.#faults), this.health, this.remoteOperational, ...this.remoteMpids].join();
  }

  /** cfm_run(): true if what others are told has changed. */
  run(now: number): boolean {
    if (now < this.faultAt) return false;
    const before = this.#status;
    this.#lookForFaults(now);
    return this.#status !== before;
  }

  #lookForFaults(now: number): void {
    const old = this.#faults;
    this.#faults = this.#received;
    this.#received = new Set();
    this.#updateHealth();
    const overridden = this.#demandOverride(now);
    const heard: bigint[] = [];
    let up = false;
    let down = false;
    for (const [key, remote] of this.#remotes) {
      if (remote.received) {
        remote.received = false;
        if (remote.operational) up = true;
        else down = true;
        heard.push(remote.mpid);
        continue;
      }
      this.#host.log(
        "info",
        `${this.name}: Received no CCM from RMP ${remote.mpid} in the last ${now - remote.lastReceived}ms`,
      );
      if (!overridden) this.#remotes.delete(key);
    }
    this.remoteMpids = heard;
    if (up || down) this.remoteOperational = !down;
    if (this.#remotes.size === 0) this.#faults = new Set([...this.#faults, "recv"]);
    if (!sameFaults(old, this.#faults)) {
      this.#host.log(
        "info",
        `${this.name}: CFM faults changed from [${faultText(old)}] to [${faultText(this.#faults)}].`,
      );
      if (old.size === 0 || this.#faults.size === 0) this.flapCount++;
    }
    this.#booted = true;
    this.faultAt = now + this.#faultInterval;
  }

  /** With one partner only: heartbeats that came of those that should have. */
  #updateHealth(): void {
    if (this.#healthIntervals === HEALTH_INTERVAL) {
      const [remote] = this.#remotes.values();
      if (this.#remotes.size > 1) this.health = undefined;
      else if (!remote) this.health = 0;
      else {
        const expected = (HEALTH_INTERVAL * 7) / 2;
        this.health = Math.min(100, Math.floor((remote.healthy * 100) / expected));
        remote.healthy = 0;
      }
      this.#healthIntervals = 0;
    }
    this.#healthIntervals++;
  }

  /** In demand mode other traffic stands for heartbeats. */
  #demandOverride(now: number): boolean {
    if (!this.#demands) return false;
    const packets = this.#host.rxPackets();
    const traffic = packets > this.#demandPackets;
    this.#demandPackets = packets;
    return this.#remotes.size === 1 && traffic && now < this.#demandUntil;
  }

  /** cfm_compose_ccm(): the next heartbeat. */
  heartbeat(now: number): Ccm {
    this.sendAt = now + this.#intervalMs;
    const { extended, mpid, operational } = this.#settings;
    return {
      rdi: this.#booted && this.#remotes.size === 0,
      interval: this.#interval,
      sequence: ++this.#sequence,
      mpid: extended ? foldMpid(mpid) : Number(mpid),
      maid: MAID,
      intervalMs: this.#interval === 0 ? this.#intervalMs : 0,
      longMpid: extended ? mpid : 0n,
      operationallyDown: extended && !operational,
    };
  }

  /** cfm_process_heartbeat(). `ccm` undefined: it could not be read. */
  receive(ccm: Ccm | undefined, source: number, now: number): void {
    if (!ccm) {
      this.#host.log("info", `${this.name}: Received an unparseable 802.1ag CCM heartbeat.`);
      return;
    }
    if (bytesToHex(ccm.maid) !== bytesToHex(MAID)) {
      this.#received.add("maid");
      this.#host.log("warn", `${this.name}: Received unexpected remote MAID from MAC ${formatMac(source)}`);
      return;
    }
    const { extended } = this.#settings;
    const mpid = extended ? ccm.longMpid : BigInt(ccm.mpid);
    if (ccm.interval !== this.#interval) {
      this.#host.log(
        "warn",
        `${this.name}: received a CCM with an unexpected interval (${ccm.interval}) from RMP ${mpid}`,
      );
    }
    if (extended && ccm.interval === 0 && ccm.intervalMs !== this.#intervalMs) {
      this.#host.log(
        "warn",
        `${this.name}: received a CCM with an unexpected extended interval (${ccm.intervalMs}ms) from RMP ${mpid}`,
      );
    }
    const faults = new Set<CfmFault>();
    if (ccm.rdi) faults.add("rdi");
    let remote = this.#remotes.get(mpid);
    if (!remote && this.#remotes.size < MAX_REMOTES) {
      // The first message of an unknown end is not held against the own number.
      remote = { mpid: 0n, received: true, operational: true, sequence: 0, lastReceived: now, healthy: 0 };
      this.#remotes.set(mpid, remote);
    }
    if (!remote) {
      this.#received.add("overflow");
      this.#host.log("warn", `${this.name}: dropped CCM with MPID ${mpid} from MAC ${formatMac(source)}`);
      return;
    }
    this.#note(remote, ccm, mpid, faults, now);
  }

  #note(remote: RemoteMp, ccm: Ccm, mpid: bigint, faults: Set<CfmFault>, now: number): void {
    if (remote.mpid === this.#settings.mpid) {
      faults.add("loopback");
      this.#host.log("warn", `${this.name}: received CCM with local MPID ${mpid}`);
    }
    if (remote.sequence !== 0 && ccm.sequence !== (remote.sequence + 1) >>> 0) {
      this.#host.log(
        "warn",
        `${this.name}: (mpid ${mpid}) detected sequence numbers which indicate possible connectivity ` +
          `problems (previous ${remote.sequence}) (current ${ccm.sequence})`,
      );
    }
    remote.mpid = mpid;
    if (faults.size === 0) {
      remote.healthy++;
      if (this.#demands) this.#demandUntil = now + DEMAND_INTERVALS * this.#intervalMs;
    }
    for (const fault of faults) this.#received.add(fault);
    remote.received = true;
    remote.sequence = ccm.sequence;
    remote.operational = !(this.#settings.extended && ccm.operationallyDown);
    remote.lastReceived = now;
  }
}

/** hash_mpid() */
function foldMpid(mpid: bigint): number {
  return Number((mpid ^ (mpid >> 16n) ^ (mpid >> 32n) ^ (mpid >> 48n)) & 0xffffn);
}

function sameFaults(a: ReadonlySet<CfmFault>, b: ReadonlySet<CfmFault>): boolean {
  return a.size === b.size && [...a].every((fault) => b.has(fault));
}

function faultText(faults: ReadonlySet<CfmFault>): string {
  return CFM_FAULTS.filter((fault) => faults.has(fault)).join(" ");
}

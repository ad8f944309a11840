// A session of bidirectional forwarding detection on one interface (Open vSwitch's lib/bfd.c), after RFC 5880 sections 6.5-6.8:
// asynchronous mode without authentication and echo. Beyond the RFC: a session may count data packets as a sign of life
// (forwarding_if_rx) and ask for fewer control packets while there is no traffic (decay_min_rx).

import { BFD_LENGTH, BFD_VERSION, BfdFlag, BfdState } from "../../../wire/bfd.ts";
import type { BfdPacket } from "../../../wire/bfd.ts";
import { bfdDetails, bfdPacketDetails, diagnosticText, stateText } from "./bfd-text.ts";

/** bfd.LocalDiag (RFC 5880, 4.1). */
export const BfdDiagnostic = {
  NONE: 0,
  EXPIRED: 1,
  REMOTE_DOWN: 3,
  PATH_DOWN: 5,
  CONCATENATED_DOWN: 6,
  REVERSE_DOWN: 8,
} as const;

/** Without a session, packets are at least so far apart, milliseconds (6.8.3). */
const SLOW_TX = 1000;
/** Least times over which traffic is looked at, milliseconds. */
const LEAST_DECAY = 2000;
const LEAST_TRAFFIC = 2000;
/** With forwarding_if_rx a control packet is needed once in so many intervals. */
const CONTROL_INTERVALS = 100;
/** Percent by which packets come earlier at most (6.8.7). */
const JITTER = 26;

/** Times in milliseconds. */
export interface BfdSettings {
  readonly minTx: number;
  readonly minRx: number;
  /** 0: none. */
  readonly decayMinRx: number;
  readonly multiplier: number;
  readonly forwardingIfRx: boolean;
  readonly concatenatedPathDown: boolean;
  /** Packets leave by tunnels with their flag OAM. */
  readonly oam: boolean;
  /** Only packets whose tunnel has the key 0 are for it. */
  readonly checksTunnelKey: boolean;
}

export interface BfdHost {
  log(level: "info" | "warn" | "dbg", text: string): void;
  random32(): number;
  rxPackets(): number;
}

/** What the other end has said. */
export interface BfdRemote {
  state: BfdState;
  diagnostic: number;
  flags: number;
  discriminator: number;
  minTx: number;
  minRx: number;
  multiplier: number;
}

export class Bfd {
  readonly name: string;
  readonly #host: BfdHost;
  readonly discriminator: number;
  #settings: BfdSettings;
  state: BfdState = BfdState.ADMIN_DOWN;
  diagnostic: number = BfdDiagnostic.NONE;
  flags = 0;
  minTx = SLOW_TX;
  minRx = 0;
  #poll = { minTx: 0, minRx: 0 };
  readonly remote: BfdRemote = {
    state: BfdState.ADMIN_DOWN,
    diagnostic: BfdDiagnostic.NONE,
    flags: 0,
    discriminator: 0,
    minTx: 0,
    minRx: 0,
    multiplier: 0,
  };
  /** Clock, milliseconds. */
  nextTx = 0;
  lastTx = 0;
  detectAt = 0;
  #trafficUntil = 0;
  #controlUntil = 0;
  #decay = { active: false, at: 0, packets: 0, control: 0 };
  /** bfd/set-forwarding */
  override: boolean | undefined = undefined;
  #forwarded = false;
  flapCount = 0;
  /** Something that the database shows has changed. */
  #changed = true;

  constructor(name: string, settings: BfdSettings, now: number, host: BfdHost) {
    this.name = name;
    this.#host = host;
    this.discriminator = host.random32() || 1;
    this.#settings = { ...settings, minTx: 0, minRx: 0, decayMinRx: 0, multiplier: 3 };
    this.#setState(BfdState.DOWN, BfdDiagnostic.NONE, now);
    this.configure(settings, now);
  }

  get settings(): BfdSettings {
    return this.#settings;
  }

  /** bfd_configure() */
  configure(settings: BfdSettings, now: number): void {
    const old = this.#settings;
    const decays = settings.decayMinRx > 0;
    const tooFast = decays && settings.decayMinRx < settings.minRx;
    const wanted = { ...settings, decayMinRx: tooFast ? 0 : settings.decayMinRx };
    this.#settings = wanted;
    const polling = this.#polling;
    const isUp = this.state === BfdState.UP;
    let poll = false;
    if (old.minTx !== wanted.minTx) {
      if (!isUp || (!polling && wanted.minTx < this.minTx)) this.minTx = wanted.minTx;
      poll = true;
    }
    if (old.minRx !== wanted.minRx) {
      if (!isUp || (!polling && wanted.minRx > this.minRx)) this.minRx = wanted.minRx;
      poll = true;
    }
    if (old.decayMinRx !== wanted.decayMinRx || old.minRx !== wanted.minRx) {
      if (tooFast) {
        this.#host.log("warn", `${this.name}: decay_min_rx cannot be less than ${wanted.minRx} ms`);
      }
      this.#decay.active = false;
      this.#startDecay(now);
      poll = true;
    }
    if (old.concatenatedPathDown !== wanted.concatenatedPathDown) {
      this.#setState(this.state, BfdDiagnostic.NONE, now);
      poll = true;
    }
    if (old.forwardingIfRx !== wanted.forwardingIfRx) {
      if (isUp && wanted.forwardingIfRx) this.#sawTraffic(now);
      else this.#trafficUntil = 0;
    }
    if (poll) this.#startPoll();
  }

  get #polling(): boolean {
    return (this.flags & BfdFlag.POLL) !== 0;
  }

  /** When to run or to send, milliseconds of the clock. */
  get due(): number {
    if (this.flags & BfdFlag.FINAL) return 0;
    let due = this.nextTx;
    if (this.state > BfdState.DOWN) due = Math.min(due, this.detectAt);
    if (this.state === BfdState.UP && this.#settings.decayMinRx > 0) due = Math.min(due, this.#decay.at);
    if (this.#settings.forwardingIfRx && this.#forwarded && this.state !== BfdState.UP) {
      due = Math.min(due, this.#trafficUntil, this.#controlUntil);
    }
    return due;
  }

  /** bfd_run() */
  run(now: number): void {
    const decayed = this.#decay.active;
    if (this.state > BfdState.DOWN && now >= this.detectAt) {
      this.#setState(BfdState.DOWN, BfdDiagnostic.EXPIRED, now);
    }
    this.forwarding(now);
    const { minTx, minRx, decayMinRx } = this.#settings;
    if (this.state === BfdState.UP && decayMinRx > 0 && now >= this.#decay.at) this.#tryDecay(now);
    if (
      this.minTx !== minTx ||
      (this.minRx !== minRx && this.minRx !== decayMinRx) ||
      this.#decay.active !== decayed
    ) {
      this.#startPoll();
    }
  }

  takeChange(): boolean {
    const changed = this.#changed;
    this.#changed = false;
    return changed;
  }

  shouldSend(now: number): boolean {
    return (this.flags & BfdFlag.FINAL) !== 0 || now >= this.nextTx;
  }

  /** bfd_put_packet() */
  compose(now: number): BfdPacket {
    const times = this.#polling ? this.#poll : { minTx: this.announcedMinTx, minRx: this.minRx };
    const packet: BfdPacket = {
      version: BFD_VERSION,
      diagnostic: this.diagnostic,
      state: this.state,
      flags: this.flags,
      multiplier: this.#settings.multiplier,
      length: BFD_LENGTH,
      myDiscriminator: this.discriminator,
      yourDiscriminator: this.remote.discriminator,
      minTx: times.minTx * 1000,
      minRx: times.minRx * 1000,
      minRxEcho: 0,
    };
    this.flags &= ~BfdFlag.FINAL;
    this.lastTx = now;
    this.#scheduleTx();
    return packet;
  }

  /** bfd_process_packet(): RFC 5880, 6.8.6. */
  receive(packet: BfdPacket, now: number): void {
    const refusal = this.#refusalOf(packet);
    if (refusal !== undefined) {
      this.#host.log("warn", `${this.name}: ${refusal}.\n${this.#packetText(packet, now)}`);
      return;
    }
    if (packet.length !== BFD_LENGTH) {
      this.#host.log("warn", `${this.name}: Unexpected length.\n${this.#packetText(packet, now)}`);
    }
    const { remote } = this;
    if (remote.state !== packet.state || remote.diagnostic !== packet.diagnostic) this.#changed = true;
    remote.discriminator = packet.myDiscriminator;
    remote.state = packet.state;
    remote.flags = packet.flags;
    remote.diagnostic = packet.diagnostic;
    if (remote.multiplier !== packet.multiplier) {
      this.#host.log(
        "info",
        `Interface ${this.name} remote mult value ${remote.multiplier} changed to ${packet.multiplier}`,
      );
      remote.multiplier = packet.multiplier;
    }
    if (packet.flags & BfdFlag.FINAL && this.#polling) {
      this.minTx = this.#poll.minTx;
      this.minRx = this.#poll.minRx;
      this.flags &= ~BfdFlag.POLL;
      this.#host.log("info", `${this.name}: Poll sequence terminated.\n${this.#packetText(packet, now)}`);
    }
    if (packet.flags & BfdFlag.POLL) {
      // It is answered at once (6.5).
      this.flags = (this.flags & ~BfdFlag.POLL) | BfdFlag.FINAL;
    }
    const minRx = Math.max(Math.floor(packet.minRx / 1000), 1);
    if (remote.minRx !== minRx) {
      remote.minRx = minRx;
      if (this.nextTx !== 0) this.#scheduleTx();
      this.#host.log("info", `${this.name}: New remote min_rx.\n${this.#packetText(packet, now)}`);
    }
    remote.minTx = Math.max(Math.floor(packet.minTx / 1000), 1);
    this.detectAt = now + this.rxInterval * remote.multiplier;
    this.#controlUntil = now + this.rxInterval * CONTROL_INTERVALS;
    this.#decay.control++;
    this.#transition(packet, now);
    this.forwarding(now);
  }

  #refusalOf({ version, flags, length, multiplier, myDiscriminator, yourDiscriminator, state }: BfdPacket) {
    if (version !== BFD_VERSION) return "Incorrect version";
    if (flags & BfdFlag.AUTHENTICATION) return "Authenticated control message with authentication disabled";
    if (length < BFD_LENGTH) return "Unexpected length";
    if (multiplier === 0) return "Zero multiplier";
    if (flags & BfdFlag.MULTIPOINT) return "Unsupported multipoint flag";
    if (myDiscriminator === 0) return "NULL my_disc";
    if (yourDiscriminator !== 0) {
      return yourDiscriminator === this.discriminator ? undefined : "Incorrect your_disc";
    }
    return state > BfdState.DOWN ? "Null your_disc" : undefined;
  }

  #transition(packet: BfdPacket, now: number): void {
    const { state: theirs } = packet;
    if (theirs === BfdState.ADMIN_DOWN) {
      if (this.state !== BfdState.DOWN) this.#setState(BfdState.DOWN, BfdDiagnostic.REMOTE_DOWN, now);
      return;
    }
    switch (this.state) {
      case BfdState.ADMIN_DOWN:
        return;
      case BfdState.DOWN:
        if (theirs === BfdState.DOWN) this.#setState(BfdState.INIT, this.diagnostic, now);
        else if (theirs === BfdState.INIT) this.#setState(BfdState.UP, this.diagnostic, now);
        return;
      case BfdState.INIT:
        if (theirs > BfdState.DOWN) this.#setState(BfdState.UP, this.diagnostic, now);
        return;
      case BfdState.UP:
        if (theirs > BfdState.DOWN) return;
        this.#setState(BfdState.DOWN, BfdDiagnostic.REMOTE_DOWN, now);
        this.#host.log("info", `${this.name}: Remote signaled STATE_DOWN.\n${this.#packetText(packet, now)}`);
    }
  }

  /** bfd_account_rx(): data packets have come. */
  accountRx(now: number): void {
    if (!this.#settings.forwardingIfRx) return;
    this.forwarding(now);
    this.#sawTraffic(now);
    this.forwarding(now);
  }

  #sawTraffic(now: number): void {
    const interval = this.rxInterval * this.#settings.multiplier;
    this.#trafficUntil = now + Math.max(interval, LEAST_TRAFFIC);
  }

  /** bfd_forwarding(): whether the interface may be used. */
  forwarding(now: number): boolean {
    if (this.override !== undefined) return this.override;
    const { forwardingIfRx } = this.#settings;
    const alive = forwardingIfRx && this.#trafficUntil > now && this.#controlUntil > now;
    const { PATH_DOWN, CONCATENATED_DOWN, REVERSE_DOWN } = BfdDiagnostic;
    const { diagnostic } = this.remote;
    const broken =
      diagnostic === PATH_DOWN || diagnostic === CONCATENATED_DOWN || diagnostic === REVERSE_DOWN;
    const forwarding = (this.state === BfdState.UP || alive) && !broken;
    if (forwarding !== this.#forwarded) {
      this.#forwarded = forwarding;
      this.flapCount++;
      this.#changed = true;
    }
    return forwarding;
  }

  /** bfd_min_tx() */
  get announcedMinTx(): number {
    return this.state === BfdState.UP ? this.minTx : Math.max(this.minTx, SLOW_TX);
  }

  get txInterval(): number {
    return Math.max(this.announcedMinTx, this.remote.minRx);
  }

  get rxInterval(): number {
    return Math.max(this.minRx, this.remote.minTx);
  }

  #scheduleTx(): void {
    const interval = this.txInterval;
    this.nextTx = this.lastTx + interval - Math.floor((interval * (this.#host.random32() % JITTER)) / 100);
  }

  #setState(state: BfdState, wanted: number, now: number): void {
    const diagnostic = this.#settings.concatenatedPathDown ? BfdDiagnostic.CONCATENATED_DOWN : wanted;
    if (this.state !== state || this.diagnostic !== diagnostic) {
      this.#host.log(
        "info",
        `${this.name}: BFD state change: ${stateText(this.state)}->${stateText(state)} ` +
          `"${diagnosticText(this.diagnostic)}"->"${diagnosticText(diagnostic)}".\n${bfdDetails(this, now)}`,
      );
      this.state = state;
      this.diagnostic = diagnostic;
      if (state <= BfdState.DOWN) {
        Object.assign(this.remote, {
          state: BfdState.DOWN,
          diagnostic: BfdDiagnostic.NONE,
          flags: 0,
          discriminator: 0,
          minTx: 0,
          minRx: 1,
        });
      }
      this.#changed = true;
    }
    if (state === BfdState.UP && this.#settings.decayMinRx > 0) this.#startDecay(now);
  }

  /** bfd_poll(): new times hold when the other end has confirmed them (6.5). */
  #startPoll(): void {
    if (this.state <= BfdState.DOWN || this.#polling || this.flags & BfdFlag.FINAL) return;
    const { minTx, minRx, decayMinRx } = this.#settings;
    this.#poll = { minTx, minRx: this.#decay.active ? decayMinRx : minRx };
    this.flags |= BfdFlag.POLL;
    this.nextTx = 0;
    this.#host.log("info", `${this.name}: Initiating poll sequence`);
  }

  #startDecay(now: number): void {
    this.#decay.packets = this.#host.rxPackets();
    this.#decay.control = 0;
    this.#decay.at = now + Math.max(this.#settings.decayMinRx, LEAST_DECAY);
  }

  /** bfd_try_decay(): hardly anything but control packets has come. */
  #tryDecay(now: number): void {
    const packets = this.#host.rxPackets() - this.#decay.packets;
    this.#decay.active = packets <= 2 * this.#decay.control;
    this.#startDecay(now);
  }

  #packetText(packet: BfdPacket, now: number): string {
    return bfdPacketDetails(packet) + bfdDetails(this, now);
  }
}

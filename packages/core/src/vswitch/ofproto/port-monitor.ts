// Runs what watches the links of a bridge (port_run and bundle_run of ofproto-dpif.c): CFM, BFD, LACP and bonds, in the original's order.
// It runs again when something is due, and when somebody says that something has happened.

import type { Timer } from "../../system/system.ts";
import { ETHERNET_HEADER_LENGTH, writeEthernetHeader } from "../../wire/ethernet.ts";
import {
  LACPDU_LENGTH,
  SLOW_PROTOCOLS_ADDRESS,
  SLOW_PROTOCOLS_ETHERTYPE,
  writeLacp,
} from "../../wire/lacp.ts";
import type { LacpInformation } from "../../wire/lacp.ts";
import { BondRules } from "./bond-rules.ts";
import type { Bond } from "./bond.ts";
import type { Bridge } from "./bridge.ts";
import { cfmFrame } from "./cfm/cfm-port.ts";
import { sendLearningPackets } from "./learning-packets.ts";
import type { Bundle, OfPort } from "./port.ts";
import { setEnabled } from "./port-state.ts";
import { sendFrame } from "./send-frame.ts";

/** Between looks at the load of bonds, nanoseconds: when the datapath's counters are fresh. */
const LOAD_INTERVAL = 500e6;

export interface MonitorHost {
  /** Milliseconds. */
  now(): number;
  after(delay: number, fire: () => void): Timer;
  /** What the database is to be told has changed. */
  changed(): void;
}

export class PortMonitor {
  readonly #bridge: Bridge;
  readonly #host: MonitorHost;
  readonly #seen = new Map<OfPort, { carrier: boolean; mayEnable: boolean }>();
  readonly #rules = new Map<Bond, BondRules>();
  #timer: Timer | undefined;
  #loads: Timer | undefined;
  #closed = false;

  constructor(bridge: Bridge, host: MonitorHost) {
    this.#bridge = bridge;
    this.#host = host;
  }

  get now(): number {
    return this.#host.now();
  }

  /** Runs soon. */
  poke(): void {
    this.#wake(0);
  }

  #wake(delay: number): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#closed || delay === Infinity) return;
    this.#timer = this.#host.after(delay * 1e6, () => {
      this.#timer = undefined;
      this.run();
    });
  }

  run(): void {
    if (this.#closed) return;
    const { bundles } = this.#bridge;
    let again = false;
    for (const port of this.#bridge.ports) {
      this.#runChecks(port);
      this.#runPort(port);
    }
    for (const port of this.#seen.keys()) {
      if (this.#bridge.port(port.number) !== port) this.#seen.delete(port);
    }
    for (const bundle of bundles) {
      if (bundle.lacp?.run(this.now) === true) {
        again = true;
        this.#host.changed();
      }
      if (bundle.bond) this.#runBond(bundle, bundle.bond);
    }
    for (const [bond, rules] of this.#rules) {
      if (bundles.some((bundle) => bundle.bond === bond)) continue;
      rules.close();
      this.#rules.delete(bond);
    }
    let due = Infinity;
    for (const { lacp, bond } of bundles) due = Math.min(due, lacp?.due ?? Infinity, bond?.due ?? Infinity);
    for (const { cfm, bfd, lldp } of this.#bridge.ports) {
      due = Math.min(due, cfm?.due ?? Infinity, bfd?.session.due ?? Infinity, lldp?.sendAt ?? Infinity);
    }
    this.#wake(again ? 0 : Math.max(0, due - this.now));
    this.#watchLoads();
  }

  /** Runs what a port needs that nothing else watches. */
  look(port: OfPort): void {
    if (!this.#closed) this.#runPort(port);
  }

  /** mport_run(): what is due of CFM and BFD. */
  #runChecks(port: OfPort): void {
    const { cfm, bfd, lldp } = port;
    const { now } = this;
    const own = port.device?.address ?? port.address;
    if (cfm) {
      if (cfm.run(now)) this.#host.changed();
      if (now >= cfm.sendAt) sendFrame(this.#bridge, port, cfmFrame(cfm, own, now));
    }
    if (bfd) {
      bfd.session.run(now);
      const { oam } = bfd.session.settings;
      if (bfd.session.shouldSend(now)) sendFrame(this.#bridge, port, bfd.frame(own, now), oam);
      if (bfd.session.takeChange()) this.#host.changed();
    }
    if (lldp && now >= lldp.sendAt) sendFrame(this.#bridge, port, lldp.frame(own, now));
  }

  /** port_run() */
  #runPort(port: OfPort): void {
    const carrier = port.linkUp;
    const { mayEnable } = port;
    const seen = this.#seen.get(port);
    // what dummies do not count (netdev_get_carrier_resets) is no change of their carrier
    const changed = seen === undefined || (seen.carrier !== carrier && port.dummy === undefined);
    if (changed) port.bundle?.lacp?.setCarrier(port, carrier, this.now);
    if (seen && seen.mayEnable !== mayEnable) this.#bridge.backer.revalidate();
    setEnabled(this.#bridge, port, mayEnable);
    this.#seen.set(port, { carrier, mayEnable });
  }

  #runBond(bundle: Bundle, bond: Bond): void {
    for (const member of bond.members) member.mayEnable = member.port.mayEnable;
    const { active } = bond;
    const { lacp } = bundle;
    if (bond.run(lacp === undefined ? "off" : lacp.negotiated ? "negotiated" : "configured")) {
      this.#bridge.backer.revalidate();
      this.#host.changed();
      this.#updateRules(bond);
    }
    if (bond.active !== active) this.#host.changed();
    if (bond.takeLearning()) sendLearningPackets(this.#bridge, bundle, bond);
  }

  #updateRules(bond: Bond): void {
    if (bond.settings.mode === "active-backup") {
      this.#rules.get(bond)?.close();
      this.#rules.delete(bond);
      return;
    }
    let rules = this.#rules.get(bond);
    if (!rules) this.#rules.set(bond, (rules = new BondRules(this.#bridge, bond)));
    rules.update();
  }

  /** Loads are looked at while there is a bond that may shift them. */
  #watchLoads(): void {
    if (this.#loads || this.#closed || !this.#bridge.bundles.some(({ bond }) => bond?.balanced)) return;
    this.#loads = this.#host.after(LOAD_INTERVAL, () => {
      this.#loads = undefined;
      this.#rebalance();
      this.#watchLoads();
    });
  }

  #rebalance(): void {
    for (const { bond } of this.#bridge.bundles) {
      if (bond?.balanced !== true || this.now < bond.nextRebalance) continue;
      this.accountLoads();
      if (!bond.rebalance()) continue;
      this.#rules.get(bond)?.update();
      this.#bridge.backer.revalidate();
    }
  }

  /** Credits what the datapath has counted to the bonds' hashes. */
  accountLoads(): void {
    this.#bridge.backer.pushStatistics();
    for (const rules of this.#rules.values()) rules.account();
  }

  /** send_pdu_cb() */
  sendLacp(
    port: OfPort,
    message: { readonly actor: LacpInformation; readonly partner: LacpInformation },
  ): void {
    const source = port.device?.address ?? port.address;
    const frame = new Uint8Array(ETHERNET_HEADER_LENGTH + LACPDU_LENGTH);
    const at = writeEthernetHeader(frame, 0, SLOW_PROTOCOLS_ADDRESS, source, SLOW_PROTOCOLS_ETHERTYPE);
    writeLacp(message, frame, at);
    sendFrame(this.#bridge, port, frame);
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#loads?.cancel();
    for (const rules of this.#rules.values()) rules.close();
    this.#rules.clear();
  }
}

// The spanning tree of one bridge: its ports by the database, frames in and out, one tick a second, and what its states mean
// for the bridge (set_stp, set_stp_port, stp_run of ofproto-dpif.c).

import type { Timer } from "../../../system/system.ts";
import type { Packet } from "../../../kernel/device-vport.ts";
import type { BridgeId } from "../../../wire/stp.ts";
import type { Bridge, SpanningTree } from "../bridge.ts";
import type { OfPort } from "../port.ts";
import { sendFrame } from "../send-frame.ts";
import { bpduFrame, readBpduFrame } from "./bpdu-frame.ts";
import { Stp } from "./stp.ts";
import type { StpTimes } from "./stp.ts";
import type { StpPort } from "./stp-port.ts";

const TICK = 1e9;
/** A turn of the daemon's main loop. */
const FIRST_TICK = 10e6;

export interface StpClock {
  after(delay: number, fire: () => void): Timer;
  log(text: string): void;
  /** A state is another one, in the words of the standard. */
  told(port: OfPort, from: string, to: string): void;
  /** What the database is to be told has changed. */
  changed(): void;
}

export interface StpPortSettings {
  readonly number: number;
  readonly priority: number;
  readonly pathCost: number;
}

export class BridgeStp implements SpanningTree {
  readonly machine: Stp;
  readonly #bridge: Bridge;
  readonly #clock: StpClock;
  readonly #ports = new Map<OfPort, StpPort>();
  /** States as they were told last. */
  readonly #told = new Map<OfPort, string>();
  #timer: Timer | undefined;
  #flush = false;
  #closed = false;

  /** Its number among all trees there have been: the order in which they are listed. */
  serial = 0;

  constructor(bridge: Bridge, id: BridgeId, clock: StpClock) {
    this.#bridge = bridge;
    this.#clock = clock;
    this.machine = new Stp(bridge.name, id, {
      send: (port, bpdu) => {
        const out = this.portOf(port);
        if (!out) return;
        const source = out.device?.address ?? out.address;
        if (source === 0) return;
        // later: whoever runs the machine may be inside the reception of a frame
        clock.after(0, () => {
          if (!this.#closed && this.#ports.has(out)) sendFrame(bridge, out, bpduFrame(source, bpdu));
        });
      },
      stateChanged: (port) => {
        bridge.backer.revalidate();
        const out = this.portOf(port);
        if (out) bridge.portModified(out);
        clock.changed();
      },
      flush: () => {
        this.#flush = true;
      },
      log: (text) => clock.log(`${bridge.name}: ${text}`),
    });
    this.#schedule(FIRST_TICK);
  }

  #schedule(delay = TICK): void {
    this.#timer = this.#clock.after(delay, () => {
      this.machine.tick(delay / 1e6);
      this.#settle();
      this.#schedule();
    });
  }

  /** update_stp_port_state(): states that are passed through between two looks are not told. */
  #tell(port: OfPort, state = this.#ports.get(port)?.state ?? "disabled"): void {
    const before = this.#told.get(port) ?? "disabled";
    if (state === before) return;
    this.#told.set(port, state);
    this.#clock.told(port, before, state);
  }

  /** What has come of a tick, a frame or other settings (stp_run). */
  #settle(): void {
    const ports = [...this.#ports].toSorted(([, a], [, b]) => a.number - b.number);
    for (const [port] of ports) this.#tell(port);
    if (!this.#flush) return;
    this.#flush = false;
    this.#bridge.macTable.flush();
    this.#bridge.snooping?.flush();
    this.#bridge.backer.revalidate();
  }

  configure(id: BridgeId, times: StpTimes): void {
    this.machine.setId(id);
    this.machine.setTimes(times);
    this.#settle();
  }

  /** The port gives its number back, to get another one. */
  release(port: OfPort): void {
    const known = this.#ports.get(port);
    if (!known) return;
    this.machine.removePort(known);
    this.#ports.delete(port);
    port.stp = undefined;
    this.#bridge.backer.revalidate();
  }

  /** `settings` undefined: the port takes no part. */
  setPort(port: OfPort, settings: StpPortSettings | undefined): void {
    if (this.#ports.get(port)?.number !== settings?.number) this.release(port);
    if (!settings) {
      this.#tell(port);
      return;
    }
    let made = this.#ports.get(port);
    if (!made) {
      made = this.machine.addPort(settings.number);
      this.#ports.set(port, made);
      port.stp = made;
      this.#bridge.backer.revalidate();
    }
    this.machine.setPathCost(made, settings.pathCost & 0xffff);
    this.machine.setPortPriority(made, settings.priority & 0xff);
    this.#tell(port);
    this.#settle();
  }

  portOf(port: StpPort): OfPort | undefined {
    for (const [of, each] of this.#ports) if (each === port) return of;
    return undefined;
  }

  stateOf(port: OfPort): StpPort | undefined {
    return this.#ports.get(port);
  }

  receive(port: OfPort, packet: Packet): void {
    const state = this.#ports.get(port);
    if (!state) return;
    this.machine.receive(state, readBpduFrame(packet.bytes, packet.start, packet.end));
    this.#settle();
  }

  get ports(): ReadonlyMap<OfPort, StpPort> {
    return this.#ports;
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    for (const port of this.#bridge.portsInOrder()) {
      port.stp = undefined;
      this.#tell(port, "disabled");
    }
    this.#bridge.backer.revalidate();
  }
}

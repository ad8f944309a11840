// The rapid spanning tree of one bridge: its ports by the database, frames in and out, one tick a second, and what its states
// mean for the bridge (set_rstp, set_rstp_port, rstp_run of ofproto-dpif.c).

import type { Packet } from "../../../kernel/device-vport.ts";
import type { Timer } from "../../../system/system.ts";
import type { BridgeId } from "../../../wire/stp.ts";
import type { Bridge, SpanningTree } from "../bridge.ts";
import type { OfPort } from "../port.ts";
import { sendFrame } from "../send-frame.ts";
import { bpduFrame, readBpduFrame } from "./bpdu-frame.ts";
import type { StpClock } from "./bridge-stp.ts";
import type { RstpPort, RstpTimes } from "./rstp-port.ts";
import { Rstp } from "./rstp.ts";

const TICK = 1e9;

export interface RstpPortSettings {
  readonly number: number;
  readonly priority: number;
  readonly pathCost: number;
  readonly adminEdge: boolean;
  readonly autoEdge: boolean;
  readonly mcheck: boolean;
}

export class BridgeRstp implements SpanningTree {
  readonly machine: Rstp;
  readonly #bridge: Bridge;
  readonly #clock: StpClock;
  readonly #ports = new Map<OfPort, RstpPort>();
  /** States as they were told last. */
  readonly #told = new Map<OfPort, string>();
  #timer: Timer | undefined;
  #look: Timer | undefined;
  #closed = false;

  /** Its number among all trees there have been: the order in which they are listed. */
  serial = 0;

  constructor(bridge: Bridge, id: BridgeId, clock: StpClock) {
    this.#bridge = bridge;
    this.#clock = clock;
    this.machine = new Rstp(id, {
      send: (port, bpdu) => {
        const out = this.#portOf(port);
        const source = out?.device?.address ?? out?.address ?? 0;
        if (!out || source === 0) return;
        // later: a patch port would answer while the machines run
        clock.after(0, () => {
          if (!this.#closed && this.#ports.has(out)) sendFrame(bridge, out, bpduFrame(source, bpdu));
        });
      },
      stateChanged: () => {
        bridge.backer.revalidate();
        clock.changed();
        this.#look ??= clock.after(0, () => this.#tellAll());
      },
      flush: (port) => {
        const bundle = this.#portOf(port)?.bundle;
        if (bundle) bridge.macTable.flush((entry) => entry.bundle === bundle);
      },
    });
    this.#schedule();
  }

  #schedule(): void {
    this.#timer = this.#clock.after(TICK, () => {
      this.machine.tick();
      this.#schedule();
    });
  }

  /** update_rstp_port_state(): states that are passed through between two looks are not told. */
  #tell(port: OfPort, state = this.#ports.get(port)?.state ?? "Disabled"): void {
    const before = this.#told.get(port) ?? "Disabled";
    if (state === before) return;
    this.#told.set(port, state);
    this.#clock.told(port, before, state);
  }

  #tellAll(): void {
    this.#look = undefined;
    const ports = [...this.#ports].toSorted(([, a], [, b]) => a.number - b.number);
    for (const [port] of ports) this.#tell(port);
  }

  configure(id: BridgeId, times: RstpTimes, holdCount: number, version: 0 | 2): void {
    this.machine.setId(id);
    this.machine.setTimes(times, holdCount, version);
  }

  /** Ports go on under other numbers; those that are not named take no part in that. */
  renumber(numbers: ReadonlyMap<OfPort, { readonly number: number }>): void {
    const changed = [...this.#ports].flatMap(([port, state]) => {
      const number = numbers.get(port)?.number;
      return number === undefined || number === state.number ? [] : [[state, number] as const];
    });
    this.machine.renumber(new Map(changed));
  }

  /** `settings` undefined: the port takes no part. */
  setPort(port: OfPort, settings: RstpPortSettings | undefined): void {
    const known = this.#ports.get(port);
    if (known && known.number !== settings?.number) {
      this.#ports.delete(port);
      this.machine.removePort(known);
      port.rstp = undefined;
      if (!settings) this.#tell(port);
      this.#bridge.backer.revalidate();
    }
    if (!settings) return;
    let made = this.#ports.get(port);
    const fresh = !made;
    if (!made) {
      made = this.machine.addPort(settings.number);
      this.#ports.set(port, made);
      port.rstp = made;
      this.#bridge.backer.revalidate();
    }
    const changed =
      made.priority !== settings.priority ||
      made.pathCost !== settings.pathCost ||
      made.enabled !== port.linkUp;
    made.priority = settings.priority;
    made.pathCost = settings.pathCost;
    made.adminEdge = settings.adminEdge;
    made.autoEdge = settings.autoEdge;
    made.enabled = port.linkUp;
    if (settings.mcheck && fresh) made.mcheck = true;
    if (fresh || changed) this.machine.reselect(made);
    this.#tell(port);
  }

  #portOf(port: RstpPort): OfPort | undefined {
    for (const [of, each] of this.#ports) if (each === port) return of;
    return undefined;
  }

  get ports(): ReadonlyMap<OfPort, RstpPort> {
    return this.#ports;
  }

  receive(port: OfPort, packet: Packet): void {
    const state = this.#ports.get(port);
    if (state) this.machine.receive(state, readBpduFrame(packet.bytes, packet.start, packet.end));
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#look?.cancel();
    for (const port of this.#bridge.portsInOrder()) {
      port.rstp = undefined;
      this.#tell(port, "Disabled");
    }
    this.#bridge.backer.revalidate();
  }
}

// What a port of a spanning tree knows (IEEE 802.1D-1998, 8.5.5), and timers that count up while they are active.

import type { BridgeId } from "../../../wire/stp.ts";

export type StpState = "disabled" | "listening" | "learning" | "forwarding" | "blocking";
export type StpRole = "root" | "designated" | "alternate" | "disabled";

/** A timer that counts up while it is active, milliseconds. */
export interface CountingTimer {
  active: boolean;
  value: number;
}

export const stopped = (): CountingTimer => ({ active: false, value: 0 });

/** OFPPS_STP_MASK of OpenFlow 1.0. */
const OPENFLOW_STATES = { disabled: 0, listening: 0, learning: 1, forwarding: 2, blocking: 3 } as const;

export class StpPort {
  readonly number: number;
  priority = 128;
  pathCost = 19;
  state: StpState = "disabled";
  designatedRoot: BridgeId = { priority: 0, mac: 0 };
  designatedCost = 0;
  designatedBridge: BridgeId = { priority: 0, mac: 0 };
  designatedPort = 0;
  topologyChangeAck = false;
  configPending = false;
  readonly messageAge = stopped();
  readonly forwardDelay = stopped();
  readonly hold = stopped();
  /** Milliseconds. */
  inState = 0;
  rx = 0;
  tx = 0;
  errors = 0;

  constructor(number: number) {
    this.number = number;
  }

  get id(): number {
    return (this.priority << 8) | this.number;
  }

  get forwards(): boolean {
    return this.state === "disabled" || this.state === "forwarding";
  }

  get learns(): boolean {
    return this.forwards || this.state === "learning";
  }

  /** OFPPS_STP_LISTEN is 0. */
  get openflowState(): number {
    return OPENFLOW_STATES[this.state] << 8;
  }

  /** stp_should_forward_bpdu() */
  get passesBpdus(): boolean {
    return this.state !== "blocking";
  }
}

export function start(timer: CountingTimer, value = 0): void {
  timer.active = true;
  timer.value = value;
}

export function expired(timer: CountingTimer, elapsed: number, limit: number): boolean {
  if (!timer.active) return false;
  timer.value += elapsed;
  if (timer.value < limit) return false;
  timer.active = false;
  return true;
}

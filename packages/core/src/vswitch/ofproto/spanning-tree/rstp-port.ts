// What a port of a rapid spanning tree knows: the variables of IEEE 802.1D-2004 17.19 and the timers of 17.17, in seconds.

import { compareBridgeIds } from "../../../wire/stp.ts";
import type { Bpdu, BridgeId } from "../../../wire/stp.ts";

export type RstpRole = "Disabled" | "Root" | "Designated" | "Alternate" | "Backup";
export type RstpState = "Disabled" | "Discarding" | "Learning" | "Forwarding";

/** 17.6, without the receiving port, which is known. */
export interface PriorityVector {
  readonly root: BridgeId;
  readonly cost: number;
  readonly bridge: BridgeId;
  readonly portId: number;
}

export function comparePriorities(a: PriorityVector, b: PriorityVector): number {
  return (
    compareBridgeIds(a.root, b.root) ||
    a.cost - b.cost ||
    compareBridgeIds(a.bridge, b.bridge) ||
    a.portId - b.portId
  );
}

/** Seconds. */
export interface RstpTimes {
  readonly messageAge: number;
  readonly maxAge: number;
  readonly forwardDelay: number;
  readonly helloTime: number;
}

export function sameTimes(a: RstpTimes, b: RstpTimes): boolean {
  return (
    a.messageAge === b.messageAge &&
    a.maxAge === b.maxAge &&
    a.forwardDelay === b.forwardDelay &&
    a.helloTime === b.helloTime
  );
}

const NOBODY: PriorityVector = {
  root: { priority: 0xffff, mac: 0xffff_ffff_ffff },
  cost: 0,
  bridge: { priority: 0xffff, mac: 0xffff_ffff_ffff },
  portId: 0,
};

export class RstpPort {
  number: number;
  priority = 128;
  pathCost = 200_000;
  adminEdge = false;
  autoEdge = true;
  pointToPoint = true;
  enabled = true;

  // 17.19
  agree = false;
  agreed = false;
  disputed = false;
  forward = false;
  forwarding = false;
  infoIs: "Disabled" | "Aged" | "Mine" | "Received" = "Disabled";
  learn = false;
  learning = false;
  mcheck = false;
  newInfo = false;
  operEdge = false;
  proposed = false;
  proposing = false;
  rcvdMsg = false;
  rcvdRstp = false;
  rcvdStp = false;
  rcvdTc = false;
  rcvdTcAck = false;
  rcvdTcn = false;
  reRoot = true;
  reselect = false;
  role: RstpRole = "Disabled";
  selected = false;
  selectedRole: RstpRole = "Disabled";
  sendRstp = true;
  sync = true;
  synced = false;
  tcAck = false;
  tcProp = false;
  txCount = 0;
  updtInfo = false;
  message: Bpdu | undefined = undefined;

  portPriority: PriorityVector = NOBODY;
  designatedPriority: PriorityVector = NOBODY;
  portTimes: RstpTimes;
  designatedTimes: RstpTimes;

  // states of the machines that are not said by the variables
  information: "disabled" | "aged" | "current" = "disabled";
  change: "inactive" | "learning" | "active" = "inactive";
  migration: "checking" | "sensing" | "selecting" = "checking";

  // 17.17
  edgeDelayWhile = 0;
  fdWhile: number;
  helloWhen: number;
  mdelayWhile = 3;
  rbWhile = 0;
  rcvdInfoWhile = 0;
  rrWhile: number;
  tcWhile = 0;

  rx = 0;
  errors = 0;
  /** Seconds. */
  uptime = 0;

  constructor(number: number, times: RstpTimes) {
    this.number = number;
    this.portTimes = this.designatedTimes = times;
    this.fdWhile = times.maxAge;
    this.rrWhile = times.forwardDelay;
    this.helloWhen = times.helloTime;
  }

  get id(): number {
    return (this.priority << 8) | this.number;
  }

  get state(): RstpState {
    if (!this.enabled) return "Disabled";
    if (this.forwarding) return "Forwarding";
    return this.learning ? "Learning" : "Discarding";
  }

  get forwards(): boolean {
    return this.forwarding;
  }

  get learns(): boolean {
    return this.learning;
  }

  get openflowState(): number {
    return this.forwarding ? 2 << 8 : this.learning ? 1 << 8 : 0;
  }

  /** rstp_should_manage_bpdu() */
  get passesBpdus(): boolean {
    return this.enabled;
  }
}

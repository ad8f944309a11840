// The rapid spanning tree protocol of a bridge: the state machines of IEEE 802.1D-2004, clause 17, run until none has anything
// to do. Ports are known by number; frames, the pipeline and the database are other modules' business.

import { compareBridgeIds } from "../../../wire/stp.ts";
import type { Bpdu, BridgeId, StpParameters } from "../../../wire/stp.ts";
import { comparePriorities, RstpPort, sameTimes } from "./rstp-port.ts";
import { takeMessage } from "./rstp-message.ts";
import type { PriorityVector, RstpTimes } from "./rstp-port.ts";
import { changeRole } from "./rstp-roles.ts";

/** Seconds (table 17-1). */
const MIGRATE_TIME = 3;
export const DEFAULT_TIMES: RstpTimes = { messageAge: 0, maxAge: 20, forwardDelay: 15, helloTime: 2 };
export const DEFAULT_HOLD_COUNT = 6;
/** BPDUs tell times in 1/256 s. */
const UNITS = 256;
/** Passes of the machines before it is given up: they settle in a few. */
const PASS_LIMIT = 1000;

export interface RstpOutside {
  send(port: RstpPort, bpdu: Bpdu): void;
  stateChanged(port: RstpPort): void;
  /** Addresses learned on a port may be wrong. */
  flush(port: RstpPort): void;
}

export class Rstp {
  readonly #outside: RstpOutside;
  readonly ports = new Map<number, RstpPort>();
  id: BridgeId;
  times: RstpTimes = DEFAULT_TIMES;
  rootTimes: RstpTimes = DEFAULT_TIMES;
  rootPriority: PriorityVector;
  rootPort: RstpPort | undefined = undefined;
  holdCount = DEFAULT_HOLD_COUNT;
  /** 0: speaks the old protocol only (force-protocol-version). */
  version: 0 | 2 = 2;

  constructor(id: BridgeId, outside: RstpOutside) {
    this.id = id;
    this.#outside = outside;
    this.rootPriority = this.#ownPriority();
  }

  get isRoot(): boolean {
    return this.rootPort === undefined;
  }

  #ownPriority(): PriorityVector {
    return { root: this.id, cost: 0, bridge: this.id, portId: 0 };
  }

  // ---- configuration

  setId(id: BridgeId): void {
    if (compareBridgeIds(id, this.id) === 0) return;
    this.id = id;
    this.#reselectAll();
    this.run();
  }

  setTimes(times: RstpTimes, holdCount: number, version: 0 | 2): void {
    this.holdCount = holdCount;
    if (sameTimes(times, this.times) && version === this.version) return;
    this.times = times;
    if (version !== this.version) {
      this.version = version;
      for (const port of this.ports.values()) port.mcheck = true;
    }
    this.#reselectAll();
    this.run();
  }

  addPort(number: number): RstpPort {
    const port = new RstpPort(number, this.times);
    port.sendRstp = this.version >= 2;
    this.ports.set(number, port);
    return port;
  }

  /** rstp_port_set_port_number() */
  renumber(numbers: ReadonlyMap<RstpPort, number>): void {
    if (numbers.size === 0) return;
    for (const { number } of numbers.keys()) this.ports.delete(number);
    for (const [port, number] of numbers) {
      port.number = number;
      this.ports.set(number, port);
    }
    this.#reselectAll();
    this.run();
  }

  removePort(port: RstpPort): void {
    this.ports.delete(port.number);
    this.#reselectAll();
    this.run();
  }

  /** Something of a port has been set. */
  reselect(port: RstpPort): void {
    port.reselect = true;
    port.selected = false;
    this.run();
  }

  #reselectAll(): void {
    for (const port of this.ports.values()) {
      port.reselect = true;
      port.selected = false;
    }
  }

  /** rstp/tcn */
  notifyTopologyChange(): void {
    for (const port of this.ports.values()) {
      if (port.change !== "active") continue;
      this.#newTcWhile(port);
      port.tcProp = true;
    }
    this.run();
  }

  // ---- events

  /** The port receive machine, 17.23. */
  receive(port: RstpPort, bpdu: Bpdu | undefined): void {
    if (!port.enabled || port.rcvdMsg) return;
    if (bpdu === undefined) {
      port.errors++;
      return;
    }
    port.rx++;
    if (bpdu.kind === "rapid") port.rcvdRstp = true;
    else port.rcvdStp = true;
    port.operEdge = false;
    port.message = bpdu;
    port.rcvdMsg = true;
    port.edgeDelayWhile = MIGRATE_TIME;
    this.run();
  }

  /** The port timers machine, 17.22: a second has passed. */
  tick(): void {
    for (const port of this.ports.values()) {
      const down = (value: number) => Math.max(0, value - 1);
      port.helloWhen = down(port.helloWhen);
      port.tcWhile = down(port.tcWhile);
      port.fdWhile = down(port.fdWhile);
      port.rcvdInfoWhile = down(port.rcvdInfoWhile);
      port.rrWhile = down(port.rrWhile);
      port.rbWhile = down(port.rbWhile);
      port.mdelayWhile = down(port.mdelayWhile);
      port.edgeDelayWhile = down(port.edgeDelayWhile);
      port.txCount = down(port.txCount);
      port.uptime++;
    }
    this.run();
  }

  run(): void {
    const before = new Map([...this.ports.values()].map((port) => [port, port.state]));
    const ports = [...this.ports.values()];
    for (let pass = 0, busy = true; busy && pass < PASS_LIMIT; pass++) {
      busy = this.#selectRoles();
      for (const port of this.ports.values()) {
        // every machine has its turn in each pass
        const stepped = [
          this.#migrate(port),
          this.#detectEdge(port),
          this.#takeInformation(port),
          changeRole(ports, port, this.version >= 2),
          this.#changeState(port),
          this.#changeTopology(port),
        ];
        if (stepped.includes(true)) busy = true;
      }
    }
    for (const port of this.ports.values()) {
      if (before.get(port) !== port.state) this.#outside.stateChanged(port);
      this.#transmit(port);
    }
  }

  // ---- 17.24, port protocol migration

  #migrate(port: RstpPort): boolean {
    switch (port.migration) {
      case "checking":
        if (port.mdelayWhile !== MIGRATE_TIME && !port.enabled) {
          port.mdelayWhile = MIGRATE_TIME;
          return true;
        }
        if (port.mdelayWhile !== 0) return false;
        port.migration = "sensing";
        port.rcvdRstp = port.rcvdStp = false;
        return true;
      case "sensing":
        if (!port.enabled || port.mcheck || (this.version >= 2 && !port.sendRstp && port.rcvdRstp)) {
          port.migration = "checking";
          port.mcheck = false;
          port.sendRstp = this.version >= 2;
          port.mdelayWhile = MIGRATE_TIME;
          return true;
        }
        if (!port.sendRstp || !port.rcvdStp) return false;
        port.migration = "selecting";
        port.sendRstp = false;
        port.mdelayWhile = MIGRATE_TIME;
        return true;
      case "selecting":
        if (port.mdelayWhile !== 0 && port.enabled && !port.mcheck) return false;
        port.migration = "sensing";
        port.rcvdRstp = port.rcvdStp = false;
        return true;
    }
  }

  // ---- 17.25, bridge detection

  #detectEdge(port: RstpPort): boolean {
    if (port.operEdge) {
      if (port.enabled || port.adminEdge) return false;
      port.operEdge = false;
      return true;
    }
    const silent = port.edgeDelayWhile === 0 && port.autoEdge && port.sendRstp && port.proposing;
    if (!(silent || (!port.enabled && port.adminEdge))) return false;
    port.operEdge = true;
    return true;
  }

  // ---- 17.27, port information

  #takeInformation(port: RstpPort): boolean {
    if (!port.enabled) {
      if (port.infoIs === "Disabled") return false;
      port.information = "disabled";
      port.rcvdMsg = port.proposing = port.proposed = port.agree = port.agreed = false;
      port.rcvdInfoWhile = 0;
      port.infoIs = "Disabled";
      port.reselect = true;
      port.selected = false;
      return true;
    }
    if (port.information === "disabled") {
      this.#age(port);
      return true;
    }
    if (port.selected && port.updtInfo) {
      port.proposing = port.proposed = false;
      port.agreed = port.agreed && comparePriorities(port.portPriority, port.designatedPriority) >= 0;
      port.synced = port.synced && port.agreed;
      port.portPriority = port.designatedPriority;
      port.portTimes = port.designatedTimes;
      port.updtInfo = false;
      port.infoIs = "Mine";
      port.newInfo = true;
      port.information = "current";
      return true;
    }
    if (port.information !== "current") return false;
    if (port.infoIs === "Received" && port.rcvdInfoWhile === 0 && !port.updtInfo && !port.rcvdMsg) {
      this.#age(port);
      return true;
    }
    if (!port.rcvdMsg || port.updtInfo) return false;
    takeMessage(port, this.version >= 2);
    port.rcvdMsg = false;
    return true;
  }

  #age(port: RstpPort): void {
    port.information = "aged";
    port.infoIs = "Aged";
    port.reselect = true;
    port.selected = false;
    // AGED waits for new roles, then takes what is there.
    port.information = "current";
  }

  // ---- 17.28, port role selection

  #selectRoles(): boolean {
    const ports = [...this.ports.values()];
    if (!ports.some(({ reselect }) => reselect)) return false;
    for (const port of ports) port.reselect = false;
    this.#updateRoles(ports);
    for (const port of ports) port.selected = true;
    return true;
  }

  /** updtRolesTree(), 17.21.25 */
  #updateRoles(ports: readonly RstpPort[]): void {
    let best = this.#ownPriority();
    let root: RstpPort | undefined;
    for (const port of ports) {
      if (port.infoIs !== "Received" || port.portPriority.bridge.mac === this.id.mac) continue;
      const path = { ...port.portPriority, cost: port.portPriority.cost + port.pathCost };
      const order = comparePriorities(path, best);
      if (order > 0 || (order === 0 && root && port.id > root.id)) continue;
      best = path;
      root = port;
    }
    this.rootPort = root;
    this.rootPriority = best;
    this.rootTimes = root ? { ...root.portTimes, messageAge: root.portTimes.messageAge + 1 } : this.times;
    for (const port of ports) {
      port.designatedPriority = { root: best.root, cost: best.cost, bridge: this.id, portId: port.id };
      port.designatedTimes = { ...this.rootTimes, helloTime: this.times.helloTime };
      port.updtInfo = false;
      switch (port.infoIs) {
        case "Disabled":
          port.selectedRole = "Disabled";
          break;
        case "Aged":
          port.selectedRole = "Designated";
          port.updtInfo = true;
          break;
        case "Mine":
          port.selectedRole = "Designated";
          port.updtInfo =
            comparePriorities(port.portPriority, port.designatedPriority) !== 0 ||
            !sameTimes(port.portTimes, this.rootTimes);
          break;
        case "Received":
          if (port === root) port.selectedRole = "Root";
          else if (comparePriorities(port.designatedPriority, port.portPriority) < 0) {
            port.selectedRole = "Designated";
            port.updtInfo = true;
          } else port.selectedRole = port.portPriority.bridge.mac === this.id.mac ? "Backup" : "Alternate";
      }
    }
  }

  // ---- 17.30, port state transitions

  #changeState(port: RstpPort): boolean {
    if (!port.learn && (port.learning || port.forwarding)) {
      port.learning = port.forwarding = false;
      return true;
    }
    if (port.learn && !port.learning) {
      port.learning = true;
      return true;
    }
    if (port.learning && port.forward && !port.forwarding) {
      port.forwarding = true;
      return true;
    }
    return false;
  }

  // ---- 17.31, topology change

  #newTcWhile(port: RstpPort): void {
    if (port.tcWhile !== 0) return;
    if (port.sendRstp) {
      port.tcWhile = port.designatedTimes.helloTime + 1;
      port.newInfo = true;
    } else port.tcWhile = this.rootTimes.maxAge + this.rootTimes.forwardDelay;
  }

  /** setTcPropTree() */
  #propagate(from: RstpPort): void {
    for (const port of this.ports.values()) if (port !== from) port.tcProp = true;
  }

  #changeTopology(port: RstpPort): boolean {
    const inTree = port.role === "Root" || port.role === "Designated";
    const flagged = port.rcvdTc || port.rcvdTcn || port.rcvdTcAck || port.tcProp;
    switch (port.change) {
      case "inactive":
        if (!port.learn) return false;
        port.change = "learning";
        port.rcvdTc = port.rcvdTcn = port.rcvdTcAck = port.tcProp = false;
        return true;
      case "learning":
        if (inTree && port.forward && !port.operEdge) {
          this.#newTcWhile(port);
          this.#propagate(port);
          port.newInfo = true;
          port.change = "active";
          return true;
        }
        if (!inTree && !port.learn && !port.learning && !flagged) {
          port.change = "inactive";
          this.#outside.flush(port);
          port.tcWhile = 0;
          port.tcAck = false;
          return true;
        }
        if (!flagged) return false;
        port.rcvdTc = port.rcvdTcn = port.rcvdTcAck = port.tcProp = false;
        return true;
      case "active":
        if (!inTree || port.operEdge) {
          port.change = "learning";
          return true;
        }
        if (port.rcvdTcn) {
          this.#newTcWhile(port);
          port.rcvdTc = true;
          port.rcvdTcn = false;
          if (port.role === "Designated") port.tcAck = true;
          return true;
        }
        if (port.rcvdTc) {
          port.rcvdTc = false;
          this.#propagate(port);
          return true;
        }
        if (port.tcProp) {
          this.#newTcWhile(port);
          this.#outside.flush(port);
          port.tcProp = false;
          return true;
        }
        if (!port.rcvdTcAck) return false;
        port.tcWhile = 0;
        port.rcvdTcAck = false;
        return true;
    }
  }

  // ---- 17.26, port transmit

  #transmit(port: RstpPort): void {
    if (!port.enabled || !port.selected || port.updtInfo) return;
    if (port.helloWhen === 0) {
      port.newInfo ||= port.role === "Designated" || (port.role === "Root" && port.tcWhile !== 0);
      port.helloWhen = port.designatedTimes.helloTime;
    }
    if (!port.newInfo || port.txCount >= this.holdCount) return;
    if (port.sendRstp) this.#outside.send(port, this.#rapidBpdu(port));
    else if (port.role === "Designated") {
      this.#outside.send(port, { kind: "config", ...this.#parameters(port), topologyChangeAck: port.tcAck });
    } else if (port.role === "Root") this.#outside.send(port, { kind: "tcn" });
    else return;
    port.newInfo = false;
    port.txCount++;
    port.tcAck = false;
    port.helloWhen = port.designatedTimes.helloTime;
  }

  #parameters(port: RstpPort): StpParameters {
    const { root, cost, bridge, portId } = port.designatedPriority;
    const { messageAge, maxAge, helloTime, forwardDelay } = port.designatedTimes;
    return {
      topologyChange: port.tcWhile !== 0,
      root,
      rootPathCost: cost,
      bridge,
      portId,
      messageAge: messageAge * UNITS,
      maxAge: maxAge * UNITS,
      helloTime: helloTime * UNITS,
      forwardDelay: forwardDelay * UNITS,
    };
  }

  #rapidBpdu(port: RstpPort): Bpdu {
    const roles = {
      Root: "root",
      Designated: "designated",
      Alternate: "alternate",
      Backup: "alternate",
    } as const;
    return {
      kind: "rapid",
      ...this.#parameters(port),
      version: 2,
      proposal: port.role === "Designated" && port.proposing,
      portRole: port.role === "Disabled" ? "unknown" : roles[port.role],
      learning: port.learning,
      forwarding: port.forwarding,
      agreement: port.role === "Designated" ? port.synced && !port.proposing : port.agree,
      extension: new Uint8Array(),
    };
  }
}

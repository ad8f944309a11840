// The spanning tree protocol of a bridge, IEEE 802.1D-1998 section 8, with the limits of Open vSwitch's lib/stp.c: at most 255
// ports, one tick a second. The machine knows ports by number and speaks in BPDUs; frames, the pipeline and the database are
// other modules' business.

import { compareBridgeIds } from "../../../wire/stp.ts";
import type { Bpdu, BridgeId, StpConfig } from "../../../wire/stp.ts";
import { expired, start, stopped, StpPort } from "./stp-port.ts";
import type { StpRole, StpState } from "./stp-port.ts";

export const MAX_PORTS = 255;

/** Milliseconds, and the defaults of table 8-3. */
export interface StpTimes {
  helloTime: number;
  maxAge: number;
  forwardDelay: number;
}

export const DEFAULT_TIMES: Readonly<StpTimes> = { helloTime: 2000, maxAge: 20_000, forwardDelay: 15_000 };
/** At least so long between two configuration BPDUs (8.10.2). */
const HOLD_TIME = 1000;
/** How much older a message gets at each bridge. */
const MESSAGE_AGE_INCREMENT = 1000;
/** BPDUs tell times in 1/256 s. */
const UNITS = 0.256;

/** How a machine acts on the outside. */
export interface StpOutside {
  send(port: StpPort, bpdu: Bpdu): void;
  stateChanged(port: StpPort): void;
  /** Learned addresses may be wrong. */
  flush(): void;
  log(text: string): void;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

export class Stp {
  readonly name: string;
  readonly #outside: StpOutside;
  readonly ports = new Map<number, StpPort>();
  id: BridgeId;
  readonly #wanted: StpTimes = { ...DEFAULT_TIMES };
  /** What this bridge would use as the root. */
  readonly own: StpTimes = { ...DEFAULT_TIMES };
  /** What the root says. */
  readonly current: StpTimes = { ...DEFAULT_TIMES };
  designatedRoot: BridgeId;
  rootPathCost = 0;
  rootPort: StpPort | undefined = undefined;
  topologyChange = false;
  #topologyChangeDetected = false;
  readonly #hello = stopped();
  readonly #tcn = stopped();
  readonly #topologyChangeTimer = stopped();

  constructor(name: string, id: BridgeId, outside: StpOutside) {
    this.name = name;
    this.id = id;
    this.#outside = outside;
    this.designatedRoot = id;
    this.#generateConfig();
    // the first one is due with the first tick
    this.#hello.active = true;
    this.#hello.value = DEFAULT_TIMES.helloTime;
  }

  get isRoot(): boolean {
    return compareBridgeIds(this.id, this.designatedRoot) === 0;
  }

  // ---- configuration

  /** Milliseconds; adjusted to what section 8.10.2 allows. */
  setTimes(times: StpTimes): void {
    Object.assign(this.#wanted, times);
    const helloTime = clamp(times.helloTime, 1000, 10_000);
    const maxAge = clamp(times.maxAge, Math.max(2 * (helloTime + 1000), 6000), 40_000);
    const forwardDelay = clamp(times.forwardDelay, maxAge / 2 + 1000, 30_000);
    Object.assign(this.own, { helloTime, maxAge, forwardDelay });
    if (this.isRoot) Object.assign(this.current, this.own);
  }

  /** set_bridge_id, 8.8.4. */
  setId(id: BridgeId): void {
    if (compareBridgeIds(id, this.id) === 0) return;
    const wasRoot = this.isRoot;
    for (const port of this.ports.values()) if (this.#isDesignated(port)) port.designatedBridge = id;
    this.id = id;
    this.#updateConfiguration();
    this.#select();
    if (this.isRoot && !wasRoot) this.#becomeRoot();
  }

  addPort(number: number): StpPort {
    const port = new StpPort(number);
    this.ports.set(number, port);
    this.#initialize(port);
    this.#select();
    return port;
  }

  /** disable_port, 8.8.3. */
  removePort(port: StpPort): void {
    const wasRoot = this.isRoot;
    this.#becomeDesignated(port);
    this.#setState(port, "disabled");
    port.topologyChangeAck = port.configPending = false;
    port.messageAge.active = port.forwardDelay.active = false;
    this.ports.delete(port.number);
    this.#updateConfiguration();
    this.#select();
    if (this.isRoot && !wasRoot) this.#becomeRoot();
  }

  /** 8.8.5 */
  setPortPriority(port: StpPort, priority: number): void {
    if (port.priority === priority) return;
    const designated = this.#isDesignated(port);
    port.priority = priority;
    if (designated) port.designatedPort = port.id;
    if (compareBridgeIds(this.id, port.designatedBridge) === 0 && port.id < port.designatedPort) {
      this.#becomeDesignated(port);
      this.#select();
    }
  }

  /** 8.8.6 */
  setPathCost(port: StpPort, cost: number): void {
    if (port.pathCost === cost) return;
    port.pathCost = cost;
    this.#updateConfiguration();
    this.#select();
  }

  /** stp/tcn */
  notifyTopologyChange(): void {
    this.#detectTopologyChange();
  }

  // ---- messages

  receive(port: StpPort, bpdu: Bpdu | undefined): void {
    if (port.state === "disabled") {
      port.errors++;
      return;
    }
    if (bpdu === undefined) {
      port.errors++;
      return;
    }
    port.rx++;
    if (bpdu.kind === "tcn") this.#receivedTcn(port);
    else if (bpdu.kind === "config") this.#receivedConfig(port, bpdu);
  }

  /** 8.7.1 */
  #receivedConfig(port: StpPort, bpdu: StpConfig): void {
    if (bpdu.messageAge >= bpdu.maxAge) return;
    const wasRoot = this.isRoot;
    if (this.#supersedes(port, bpdu)) {
      this.#record(port, bpdu);
      this.#updateConfiguration();
      this.#select();
      if (!this.isRoot && wasRoot) {
        this.#hello.active = false;
        if (this.#topologyChangeDetected) {
          this.#topologyChangeTimer.active = false;
          this.#sendTcn();
          start(this.#tcn);
        }
      }
      if (port === this.rootPort) {
        Object.assign(this.current, {
          maxAge: bpdu.maxAge / UNITS,
          helloTime: bpdu.helloTime / UNITS,
          forwardDelay: bpdu.forwardDelay / UNITS,
        });
        this.#setTopologyChange(bpdu.topologyChange);
        this.#generateConfig();
        if (bpdu.topologyChangeAck) {
          this.#topologyChangeDetected = false;
          this.#tcn.active = false;
        }
      }
    } else if (this.#isDesignated(port)) this.#sendConfig(port);
  }

  /** 8.7.2 */
  #receivedTcn(port: StpPort): void {
    if (!this.#isDesignated(port)) return;
    this.#detectTopologyChange();
    port.topologyChangeAck = true;
    this.#sendConfig(port);
  }

  /** 8.6.2.2 */
  #supersedes(port: StpPort, bpdu: StpConfig): boolean {
    const order =
      compareBridgeIds(bpdu.root, port.designatedRoot) ||
      bpdu.rootPathCost - port.designatedCost ||
      compareBridgeIds(bpdu.bridge, port.designatedBridge);
    if (order !== 0) return order < 0;
    return compareBridgeIds(bpdu.bridge, this.id) !== 0 || bpdu.portId <= port.designatedPort;
  }

  #record(port: StpPort, bpdu: StpConfig): void {
    port.designatedRoot = bpdu.root;
    port.designatedCost = bpdu.rootPathCost;
    port.designatedBridge = bpdu.bridge;
    port.designatedPort = bpdu.portId;
    start(port.messageAge, bpdu.messageAge / UNITS);
  }

  /** transmit_config, 8.6.1 */
  #sendConfig(port: StpPort): void {
    if (port.hold.active) {
      port.configPending = true;
      return;
    }
    const { rootPort } = this;
    const age = this.isRoot ? 0 : (rootPort?.messageAge.value ?? 0) + MESSAGE_AGE_INCREMENT;
    if (age < this.current.maxAge) {
      port.tx++;
      this.#outside.send(port, {
        kind: "config",
        topologyChange: this.topologyChange,
        topologyChangeAck: port.topologyChangeAck,
        root: this.designatedRoot,
        rootPathCost: this.rootPathCost,
        bridge: this.id,
        portId: port.id,
        messageAge: Math.floor(age * UNITS),
        maxAge: Math.floor(this.current.maxAge * UNITS),
        helloTime: Math.floor(this.current.helloTime * UNITS),
        forwardDelay: Math.floor(this.current.forwardDelay * UNITS),
      });
      port.topologyChangeAck = false;
    }
    port.configPending = false;
    start(port.hold);
  }

  /** config_bpdu_generation, 8.6.4 */
  #generateConfig(): void {
    for (const port of this.ports.values()) {
      if (port.state !== "disabled" && this.#isDesignated(port)) this.#sendConfig(port);
    }
  }

  #sendTcn(): void {
    if (!this.rootPort) return;
    this.rootPort.tx++;
    this.#outside.send(this.rootPort, { kind: "tcn" });
  }

  // ---- election, 8.6.7 to 8.6.11

  #isDesignated(port: StpPort): boolean {
    return compareBridgeIds(port.designatedBridge, this.id) === 0 && port.designatedPort === port.id;
  }

  #updateConfiguration(): void {
    this.#selectRoot();
    for (const port of this.ports.values()) {
      if (this.#shouldBeDesignated(port)) this.#becomeDesignated(port);
    }
  }

  #selectRoot(): void {
    let best: StpPort | undefined;
    for (const port of this.ports.values()) {
      if (this.#isDesignated(port) || port.state === "disabled") continue;
      if (compareBridgeIds(port.designatedRoot, this.id) >= 0) continue;
      if (best && compareRootPorts(port, best) >= 0) continue;
      best = port;
    }
    this.rootPort = best;
    this.designatedRoot = best ? best.designatedRoot : this.id;
    this.rootPathCost = best ? best.designatedCost + best.pathCost : 0;
  }

  #shouldBeDesignated(port: StpPort): boolean {
    if (this.#isDesignated(port)) return true;
    if (compareBridgeIds(port.designatedRoot, this.designatedRoot) !== 0) return true;
    const order =
      this.rootPathCost - port.designatedCost ||
      compareBridgeIds(this.id, port.designatedBridge) ||
      port.id - port.designatedPort;
    return order <= 0;
  }

  #becomeDesignated(port: StpPort): void {
    port.designatedRoot = this.designatedRoot;
    port.designatedCost = this.rootPathCost;
    port.designatedBridge = this.id;
    port.designatedPort = port.id;
  }

  /** port_state_selection */
  #select(): void {
    for (const port of this.ports.values()) {
      if (port === this.rootPort) {
        port.configPending = port.topologyChangeAck = false;
        this.#makeForwarding(port);
      } else if (this.#isDesignated(port)) {
        port.messageAge.active = false;
        this.#makeForwarding(port);
      } else {
        port.configPending = port.topologyChangeAck = false;
        this.#makeBlocking(port);
      }
    }
  }

  #makeForwarding(port: StpPort): void {
    if (port.state !== "blocking") return;
    this.#setState(port, "listening");
    start(port.forwardDelay);
  }

  #makeBlocking(port: StpPort): void {
    if (port.state === "disabled" || port.state === "blocking") return;
    const { state } = port;
    this.#setState(port, "blocking");
    port.forwardDelay.active = false;
    if (state === "forwarding" || state === "learning") this.#detectTopologyChange();
  }

  #setState(port: StpPort, state: StpState): void {
    if (port.state === state) return;
    port.state = state;
    port.inState = 0;
    this.#outside.stateChanged(port);
  }

  #setTopologyChange(on: boolean): void {
    if (this.topologyChange === on) return;
    this.topologyChange = on;
    this.#outside.flush();
  }

  /** 8.6.14 */
  #detectTopologyChange(): void {
    this.#outside.log("detected topology change.");
    if (this.isRoot) {
      this.#setTopologyChange(true);
      start(this.#topologyChangeTimer);
    } else if (!this.#topologyChangeDetected) {
      this.#sendTcn();
      start(this.#tcn);
    }
    this.#topologyChangeDetected = true;
  }

  #becomeRoot(): void {
    Object.assign(this.current, this.own);
    this.#detectTopologyChange();
    this.#tcn.active = false;
    this.#generateConfig();
    start(this.#hello);
  }

  #initialize(port: StpPort): void {
    this.#becomeDesignated(port);
    this.#setState(port, "blocking");
    port.inState = 0;
  }

  // ---- time

  /** stp_tick(): `elapsed` milliseconds have passed. */
  tick(elapsed: number): void {
    if (expired(this.#hello, elapsed, this.current.helloTime)) {
      this.#generateConfig();
      start(this.#hello);
    }
    if (expired(this.#tcn, elapsed, this.own.helloTime)) {
      this.#sendTcn();
      start(this.#tcn);
    }
    const change = this.current.maxAge + this.current.forwardDelay;
    if (expired(this.#topologyChangeTimer, elapsed, change)) {
      this.#topologyChangeDetected = false;
      this.#setTopologyChange(false);
    }
    for (const port of this.ports.values()) {
      port.inState += elapsed;
      if (expired(port.messageAge, elapsed, this.current.maxAge)) this.#messageAged(port);
    }
    for (const port of this.ports.values()) {
      if (expired(port.forwardDelay, elapsed, this.current.forwardDelay)) this.#forwardDelayed(port);
      if (expired(port.hold, elapsed, HOLD_TIME) && port.configPending) this.#sendConfig(port);
    }
  }

  /** 8.7.4 */
  #messageAged(port: StpPort): void {
    const wasRoot = this.isRoot;
    this.#becomeDesignated(port);
    this.#updateConfiguration();
    this.#select();
    if (this.isRoot && !wasRoot) this.#becomeRoot();
  }

  /** 8.7.5 */
  #forwardDelayed(port: StpPort): void {
    if (port.state === "listening") {
      this.#setState(port, "learning");
      start(port.forwardDelay);
    } else if (port.state === "learning") {
      this.#setState(port, "forwarding");
      const some = [...this.ports.values()].some(
        (each) => each.state !== "disabled" && compareBridgeIds(each.designatedBridge, this.id) === 0,
      );
      if (some) this.#detectTopologyChange();
    }
  }

  roleOf(port: StpPort): StpRole {
    if (port === this.rootPort) return "root";
    if (compareBridgeIds(port.designatedBridge, this.id) === 0) return "designated";
    return port.state === "disabled" ? "disabled" : "alternate";
  }
}

/** Negative if `a` is the better way to the root. */
function compareRootPorts(a: StpPort, b: StpPort): number {
  return (
    compareBridgeIds(a.designatedRoot, b.designatedRoot) ||
    a.designatedCost + a.pathCost - (b.designatedCost + b.pathCost) ||
    compareBridgeIds(a.designatedBridge, b.designatedBridge) ||
    a.designatedPort - b.designatedPort ||
    a.id - b.id
  );
}

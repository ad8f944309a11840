// A datapath: ports, flows, and what happens to a packet that comes in by a port (net/openvswitch/datapath.c). What no flow
// takes goes to the switch daemon as an upcall, which is answered at once.

import type { NetDevice } from "../../kernel/device.ts";
import type { Packet, TunnelKind, VportHost } from "../../kernel/device-vport.ts";
import type { MacAddress } from "../../wire/mac.ts";
import { ANY_WORDS, extractNext, MAX_TAGS, NOTHING_BEYOND } from "../../ovsproto/flow/extract.ts";
import type { Extent } from "../../ovsproto/flow/extract.ts";
import type { Nanoseconds, Timer } from "../../system/system.ts";
import { newFlow, W, word } from "../../ovsproto/flow/flow.ts";
import type { Flow } from "../../ovsproto/flow/flow.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { DpAction, DropCause, UserspaceCookie } from "../../ovsproto/datapath/actions.ts";
import type { ConnectionTable } from "../conntrack/connection-table.ts";
import { Tracker } from "../conntrack/tracker.ts";
import { UserspaceTracker } from "../conntrack/userspace/userspace-tracker.ts";
import { execute, forwards } from "./execute.ts";
import { DpFlow, FlowTable } from "./flow-table.ts";
import { lengthOf } from "./frame-length.ts";
import { popHeader } from "../native-tunnels/push-header.ts";
import type { SourcePorts } from "../native-tunnels/push-header.ts";
import { noteLookup } from "./journey.ts";
import { DpMeters } from "./meters.ts";
import { ExactMatches, isSimple, ThreadStatistics } from "./thread-statistics.ts";
import { fillTunnelKey } from "./tunnel-key.ts";

/** How a port's type is called in `dpctl/show` and in `dpif/show`. */
export type DpPortType = "internal" | "system" | "dummy" | TunnelKind;

/** The kernel's, the daemon's own (lib/dpif-netdev.c), or that one with dummies for internal ports (--enable-dummy). */
export type DatapathKind = "kernel" | "userspace" | "dummy";

/** Time as a datapath and those above it see it: the kernel's, or a daemon's that can be stopped. */
export interface DatapathClock {
  readonly now: Nanoseconds;
  /** It stands, and so do the revalidators. */
  readonly stopped?: boolean;
  after(delay: Nanoseconds, fire: () => void): Timer;
}

/** COVERAGE_DEFINE()s of lib/dpif-netdev.c and lib/odp-execute.c. */
export type DropCounter =
  | `drop_action_${DropCause}`
  | `datapath_drop_${"meter" | "invalid_port" | "upcall_error" | "recirc_error" | "tunnel_pop_error" | "invalid_tnl_port"}`;

export interface DpPort {
  readonly number: number;
  readonly name: string;
  readonly type: DpPortType;
  readonly device: NetDevice;
  /** Of a dummy: the type of interface that it stands for. */
  readonly dummyType?: string;
  /** It takes frames even while it is down: a dummy does. */
  readonly takesAlways?: boolean;
  /** Of a tunnel over UDP. */
  readonly udpPort?: number;
  /** Sends a packet that starts at its link-layer header; one for a tunnel carries its instructions. */
  send(packet: Packet): void;
}

/** The daemon's side of a datapath. */
export interface UpcallHandler {
  /** Somebody else has put a flow into the datapath. */
  flowAdded(): void;
  /** Somebody else takes a flow out. */
  forgetFlow(flow: DpFlow): void;
  /** A recorded packet has been taken by a flow: tells its journey what the pipeline says that the flow stands for. */
  explain(packet: Packet, key: Flow): void;
  /** No flow takes the packet. */
  miss(packet: Packet, key: Flow): void;
  /** A flow's action asks for it. */
  action(packet: Packet, key: Flow, cookie: UserspaceCookie): void;
}

/** Nested datapath passes of one packet: through ports that lead back into the datapath, and recirculations. */
const DEPTH_LIMIT = 10;

/** The key of the packet of one pass, which the next packet's is read into: a new one for each would cost more than forwarding it. */
class PassKey {
  readonly key = newFlow();
  /** Words of metadata may be set, but for those that are written for every packet. */
  metadata = false;
  headers: Extent = NOTHING_BEYOND;

  /** Somebody else gets hold of the key. */
  given(): void {
    this.metadata = true;
    this.headers = ANY_WORDS;
  }
}

/** Packets of some hashes of a bond. */
export interface LoadBucket {
  /** Undefined: they are dropped. */
  port: number | undefined;
  bytes: number;
}

export class Datapath {
  readonly name: string;
  readonly host: VportHost;
  readonly ports: (DpPort | undefined)[] = [];
  readonly table = new FlowTable();
  readonly meters: DpMeters;
  readonly conntrack: ConnectionTable;
  handler: UpcallHandler | undefined;
  /** Told of packets that go nowhere, by the name of the counter that a datapath of the daemon has for that. */
  onDrop: (counter: DropCounter) => void = () => {};
  /** Told when a port has come, or gone. */
  onPort: (port: DpPort, there: boolean) => void = () => {};
  readonly clock: DatapathClock;
  readonly kind: DatapathKind;
  /** VLAN tags of a frame that flows tell of: other_config:vlan-limit, of which the kernel knows nothing. */
  tagLimit: number;
  /** What `lb_output` chooses from by a packet's hash, by the bond's number; how many is a power of two. */
  readonly bonds = new Map<number, readonly LoadBucket[]>();
  hits = 0;
  misses = 0;
  lost = 0;
  /** UDP source ports of tunnels that the datapath itself wraps. */
  sourcePorts: SourcePorts = { least: 32768, most: 61000 };
  readonly #sequences = new Map<number, number>();
  /** Of a datapath of the daemon. */
  readonly exactMatches = new ExactMatches();
  /** Since when, clock, nanoseconds. */
  countedFrom = 0;
  /** What packets that have come in by a port have led to. */
  readonly statisticsByPort = new Map<number, ThreadStatistics>();
  /** Of the port of the packet that is being processed. */
  statistics = new ThreadStatistics();
  readonly #passes = Array.from({ length: DEPTH_LIMIT + 1 }, () => new PassKey());
  #depth = 0;

  /** OVS_DP_CMD_NEW: with its own port, number 0. Errors: Refusal. */
  constructor(
    name: string,
    host: VportHost,
    kind: DatapathKind,
    clock: DatapathClock = host.netns.kernel.clock,
  ) {
    this.name = name;
    this.host = host;
    this.clock = clock;
    this.countedFrom = this.now;
    this.kind = kind;
    const now = () => this.now;
    const kernel = kind === "kernel";
    this.tagLimit = kernel ? MAX_TAGS : 1;
    this.meters = new DpMeters(now, kernel);
    this.conntrack = kernel
      ? new Tracker(now)
      : new UserspaceTracker(now, (length) => host.allocate(this.local, length));
    this.addInternal(name, 0);
  }

  /** Device of the datapath's own port, which is the master of the devices that are ports. */
  get local(): NetDevice {
    return (this.ports[0] as DpPort).device;
  }

  /** Nanoseconds since boot. */
  get now(): number {
    return this.clock.now;
  }

  /** Errors: Refusal of the kernel. */
  addInternal(name: string, wanted?: number, address?: MacAddress): DpPort {
    const { host } = this;
    const number = wanted ?? this.#freeNumber(name);
    if (number !== 0) this.#checkOpen();
    const device = host.createInternal(name, number === 0, (packet) => this.receive(number, packet), address);
    const takesAlways = this.kind !== "kernel"; // a TAP that is down counts what it is written
    const send = (packet: Packet) => host.send(device, packet);
    return this.#add({ number, name, type: "internal", device, takesAlways, send });
  }

  /** Errors: Refusal ENODEV once the datapath has been deleted. */
  #checkOpen(): void {
    if (!this.ports[0]) throw new Refusal(ERRNO.ENODEV);
  }

  /** Errors: Refusal of the kernel. */
  addDevice(device: NetDevice, dummyType?: string, wanted?: number): DpPort {
    this.#checkOpen();
    const { host } = this;
    const { name } = device;
    const number = wanted ?? this.#freeNumber(name);
    host.attach(device, this.local, (packet) => this.receive(number, packet));
    const send = (packet: Packet) => host.send(device, packet);
    return this.#add(
      dummyType === undefined
        ? { number, name, type: "system", device, send }
        : { number, name, type: "dummy", dummyType, device, takesAlways: true, send },
    );
  }

  /** dpif-dummy/change-port-number: the same port under another number. */
  renumber(port: DpPort, number: number): DpPort {
    const { host } = this;
    const { device } = port;
    this.ports[port.number] = undefined;
    host.attach(device, this.local, (packet) => this.receive(number, packet));
    return this.#add({ ...port, number });
  }

  /**
   * A device of the same name has come after the one that a port was opened with. The userspace datapath finds devices by their
   * names when it sends and asks, but listens to the one that is gone.
   */
  reopen(number: number, device: NetDevice): void {
    const port = this.ports[number];
    if (port) this.ports[number] = { ...port, device, send: (packet) => this.host.send(device, packet) };
  }

  /** A port for all tunnels of a kind that use one UDP port. Errors: Refusal of the kernel. */
  addTunnel(type: TunnelKind, name: string, udpPort: number): DpPort {
    this.#checkOpen();
    const { host } = this;
    const number = this.#freeNumber(name);
    const device = host.createTunnel(type, name, udpPort);
    try {
      host.attach(device, this.local, (packet) => this.receive(number, packet));
    } catch (refusal) {
      host.destroyTunnel(device);
      throw refusal;
    }
    return this.#add({ number, name, type, device, udpPort, send: (packet) => host.send(device, packet) });
  }

  #add(port: DpPort): DpPort {
    this.ports[port.number] = port;
    this.onPort(port, true);
    return port;
  }

  /** choose_port(): a dummy datapath takes the number that is in the name, bridges from 100 on, if it is free. */
  #freeNumber(name: string): number {
    const digits = this.kind === "dummy" ? /[0-9]+/.exec(name)?.[0] : undefined;
    if (digits !== undefined) {
      const named = Number(digits) + (name.startsWith("br") ? 100 : 0);
      if (named > 0 && named < 0xffff_ffff && this.ports[named] === undefined) return named;
    }
    let number = 1;
    while (this.ports[number] !== undefined) number++;
    return number;
  }

  /** `keepsTunnel`: a tunnel's device stays, as the kernel leaves it; who has made it takes it away. */
  removePort(number: number, { keepsTunnel = false } = {}): void {
    const port = this.ports[number];
    if (!port) return;
    if (port.type === "internal") {
      this.ports[number] = undefined; // its device tells of its end
      if (port.device.registered) this.host.destroyInternal(port.device);
    } else {
      this.host.detach(port.device, this.local);
      const isTunnel = port.type !== "system" && port.type !== "dummy";
      if (isTunnel && !keepsTunnel && port.device.registered) this.host.destroyTunnel(port.device);
    }
    this.ports[number] = undefined;
    this.onPort(port, false);
  }

  /** Takes every port off but the datapath's own. */
  removePorts(): void {
    for (let number = this.ports.length - 1; number > 0; number--) this.removePort(number);
  }

  /** Takes every port off, the datapath's own last. */
  close(): void {
    this.table.clear();
    this.removePorts();
    this.removePort(0);
  }

  portNamed(name: string): DpPort | undefined {
    return this.ports.find((port) => port?.name === name);
  }

  portOf(device: NetDevice): DpPort | undefined {
    for (let number = 0; number < this.ports.length; number++)
      if (this.ports[number]?.device === device) return this.ports[number];
    return undefined;
  }

  /** ovs_vport_receive(): a packet that starts at its link-layer header, with what a tunnel device tells of it. */
  receive(number: number, packet: Packet): void {
    if (this.#depth >= DEPTH_LIMIT) {
      packet.device.kernel.drop(packet, "OVS_DROP_RECURSION_LIMIT", this.name);
      return;
    }
    const pass = this.#passes[this.#depth] as PassKey;
    const { key } = pass;
    if (pass.metadata) {
      key.fill(0, 0, W.ETH_DST);
      pass.metadata = false;
    }
    if (packet.tunnel !== undefined) {
      if (packet.tunnel.direction === "receive") {
        fillTunnelKey(key, packet.tunnel);
        pass.metadata = true;
      }
      packet.tunnel = undefined;
    }
    key[W.IN_PORT] = number;
    key[W.SKB_PRIORITY] = packet.priority;
    key[W.PKT_MARK] = packet.mark;
    this.statistics = this.#statisticsOf(number);
    this.statistics.received++;
    this.#process(packet, pass);
  }

  /** Looks up and executes. The metadata words of the key are set; the others are read from the packet. */
  #process(packet: Packet, pass: PassKey): void {
    const { key } = pass;
    pass.headers = extractNext(packet, key, pass.headers, this.tagLimit);
    const flow = this.table.lookup(key);
    if (packet.traced) {
      noteLookup(this, packet, flow);
      if (flow !== undefined) this.handler?.explain(packet, key);
    }
    this.#depth++;
    try {
      if (flow === undefined) {
        pass.given();
        this.#miss(packet, key);
      } else {
        this.hits++;
        if (this.kind === "dummy") this.#noteHit(key, flow);
        flow.packets++;
        flow.bytes += lengthOf(packet);
        flow.usedAt = this.clock.now;
        flow.tcpFlags |= word(key, W.TCP_FLAGS) >>> 16;
        if (!forwards(flow.actions)) pass.given();
        execute(this, packet, key, flow.actions);
      }
    } finally {
      this.#depth--;
    }
  }

  /** Which of its caches had the flow (dfc_processing, fast_path_processing). */
  #noteHit(key: Flow, flow: DpFlow): void {
    const { statistics, exactMatches, table } = this;
    if (isSimple(flow) && this.#allSimple(word(key, W.IN_PORT))) statistics.simpleHits++;
    else if (exactMatches.find(key, table)) statistics.exactHits++;
    else {
      statistics.maskedHits++;
      statistics.lookups++;
      exactMatches.insert(key, flow);
    }
  }

  /** dp_netdev_simple_match_enabled() */
  #allSimple(port: number): boolean {
    for (const flow of this.table.flows)
      if (word(flow.key, W.IN_PORT) === port && !isSimple(flow)) return false;
    return true;
  }

  #miss(packet: Packet, key: Flow): void {
    if (this.handler || this.kind === "kernel") this.misses++;
    if (this.handler) {
      this.statistics.upcalls++;
      const kept = this.kind === "dummy" ? key.slice() : undefined;
      this.handler.miss(packet, key);
      const made = kept && this.table.lookup(kept);
      if (made) this.exactMatches.insert(kept, made);
      return;
    }
    this.lost++;
    this.onDrop("datapath_drop_upcall_error");
    this.statistics.lostUpcalls++;
    packet.device.kernel.drop(packet, "NOT_SPECIFIED", this.name);
  }

  /** Executes actions on a packet of the daemon's (OVS_PACKET_CMD_EXECUTE). */
  executeFor(packet: Packet, key: Flow, actions: readonly DpAction[]): void {
    if (this.#depth >= DEPTH_LIMIT) {
      packet.device.kernel.drop(packet, "OVS_DROP_RECURSION_LIMIT", this.name);
      return;
    }
    this.#depth++;
    try {
      execute(this, packet, key, actions);
    } finally {
      this.#depth--;
    }
  }

  /** The packet is looked up once more, under another id. */
  recirculate(packet: Packet, key: Flow, id: number): void {
    if (this.#depth >= DEPTH_LIMIT) {
      this.onDrop("datapath_drop_recirc_error");
      packet.device.kernel.drop(packet, "OVS_DROP_RECURSION_LIMIT", this.name);
      return;
    }
    const pass = this.#passes[this.#depth] as PassKey;
    pass.metadata = true;
    pass.key.set(key.subarray(0, W.ETH_DST), 0);
    pass.key[W.RECIRC_ID] = id;
    this.statistics.recirculated++;
    this.#process(packet, pass);
  }

  #statisticsOf(port: number): ThreadStatistics {
    const known = this.statisticsByPort.get(port);
    if (known) return known;
    const made = new ThreadStatistics();
    this.statisticsByPort.set(port, made);
    return made;
  }

  clearStatistics(): void {
    this.countedFrom = this.now;
    this.statisticsByPort.clear();
    this.hits = 0;
    this.misses = 0;
    this.lost = 0;
    this.statistics = new ThreadStatistics();
  }

  /** The next number of a tunnel that numbers its packets. */
  nextSequence(port: number): number {
    const number = this.#sequences.get(port) ?? 0;
    this.#sequences.set(port, (number + 1) >>> 0);
    return number;
  }

  /** tnl_pop: the packet is taken out of its tunnel and comes in by the tunnel's port. */
  decapsulate(packet: Packet, number: number): void {
    const port = this.ports[number];
    const tunnel = port && popHeader(packet, port.type);
    if (!tunnel) {
      this.onDrop(port ? "datapath_drop_tunnel_pop_error" : "datapath_drop_invalid_tnl_port");
      packet.device.kernel.drop(packet, "NOT_SPECIFIED", this.name);
      return;
    }
    packet.tunnel = tunnel;
    const { statistics } = this;
    this.receive(number, packet);
    // it has come in once
    this.#statisticsOf(number).received--;
    statistics.recirculated++;
  }

  addFlow(key: Flow, mask: Flow, ufid: string, actions: readonly DpAction[]): DpFlow {
    const masked = newFlow();
    for (let i = 0; i < masked.length; i++) masked[i] = word(key, i) & word(mask, i);
    const flow = new DpFlow(masked, mask, ufid, actions);
    if (this.kind !== "kernel") flow.seen = key.slice();
    this.table.insert(flow);
    return flow;
  }

  /** For those who are not the daemon, which is told. */
  removeFlow(flow: DpFlow): void {
    this.handler?.forgetFlow(flow);
    this.table.remove(flow);
  }

  removeFlows(): void {
    for (const flow of [...this.table.flows]) this.removeFlow(flow);
  }
}

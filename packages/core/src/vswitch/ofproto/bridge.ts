// A bridge (struct ofproto_dpif): ports, bundles, flow tables, groups, what it has learned. It is changed by the daemon that
// follows the database and by OpenFlow connections; packets come to it through its backer.

import type { Packet } from "../../kernel/device-vport.ts";
import { Match } from "../../ovsproto/openflow/match.ts";
import type { Message } from "../../ovsproto/openflow/message-body.ts";
import type { Continuation } from "../../ovsproto/openflow/packet-messages.ts";
import { MeterId } from "../../ovsproto/openflow/meter-messages.ts";
import type { Names } from "../../ovsproto/openflow/names.ts";
import { Port } from "../../ovsproto/openflow/ports.ts";
import { ETHERNET_HEADER_LENGTH } from "../../wire/ethernet.ts";
import { decodeLacp } from "../../wire/lacp.ts";
import { formatMac } from "../../wire/mac.ts";
import { Malformed } from "../../wire/malformed.ts";
import { bytesOfUuid, randomUuid } from "../../ovsproto/ovsdb/uuid.ts";
import { hashInt } from "../../ovsproto/murmur-hash.ts";
import type { Backer } from "./backer.ts";
import { FlowTables, MAX_PRIORITY, REMOVED_REASON } from "./flow-tables.ts";
import type { FlowEvent, LearnedFlow } from "./flow-tables.ts";
import type { FlowTable } from "./flow-table.ts";
import type { Group } from "./group.ts";
import { HmapOrder } from "../../ovsproto/hmap-order.ts";
import type { Lacp } from "./lacp/lacp.ts";
import { MacLearning } from "./mac-learning.ts";
import { Mirrors } from "./mirror.ts";
import type { Ipfix } from "../export/ipfix/ipfix.ts";
import type { NetFlow } from "../export/netflow/netflow.ts";
import type { SFlow } from "../export/sflow/sflow.ts";
import type { MulticastSnooping } from "./multicast/snooping.ts";
import type { Bundle, OfPort } from "./port.ts";
import { makeHiddenRules } from "./hidden-rules.ts";
import type { HiddenRules } from "./hidden-rules.ts";
import type { PortMonitor } from "./port-monitor.ts";
import { NO_FLAGS } from "./rule.ts";
import type { Rule } from "./rule.ts";
import type { TableReason } from "./table-vacancy.ts";
import type { MeterConfig } from "../datapath/meters.ts";
import { TlvTable } from "./tun-metadata/tlv-table.ts";

/** OFPP_LOCAL. */
export const LOCAL_PORT = 0xfffe;

export interface BridgeMeter {
  readonly config: MeterConfig;
  /** Of the datapath. */
  readonly datapathId: number;
  /** OFPMF_* */
  readonly flags: number;
  readonly created: number;
}

/** What the bridge tells OpenFlow connections. */
export interface BridgeListener {
  /** `own`: transaction of its request that has changed the flow; undefined if somebody else has. */
  flowChanged?(event: FlowEvent, own: number | undefined): void;
  /** What was told by flowChanged() is all that one request has changed. */
  flowsChanged?(): void;
  /** `source`: the connection that has asked for a change. */
  portChanged?(port: OfPort, reason: "added" | "deleted" | "modified", source?: BridgeListener): void;
  /** So much of a table is free that it wants to be told. */
  tableChanged?(table: FlowTable, reason: TableReason): void;
  /** Another connection has changed groups or meters. */
  requestForwarded?(request: Message): void;
  packetIn?(packetIn: PacketInEvent): void;
  groupChanged?(): void;
}

export interface PacketInEvent {
  readonly bytes: Uint8Array;
  readonly reason: number;
  readonly tableId: number;
  readonly cookie: bigint;
  readonly controllerId: number;
  readonly maxLength: number;
  readonly userdata: Uint8Array | undefined;
  /** Flow with the metadata. */
  readonly flow: Uint32Array;
  /** The packet waits for being sent back with this. */
  readonly continuation?: Continuation | undefined;
}

/** A frame of the spanning tree for the bridge itself. */
export interface SpanningTree {
  receive(port: OfPort, packet: Packet): void;
  close(): void;
}

export class Bridge {
  readonly name: string;
  readonly backer: Backer;
  datapathId = 0n;
  readonly #ports = new Map<number, OfPort>();
  readonly #order = new HmapOrder<OfPort>();
  readonly bundles: Bundle[] = [];
  readonly tables: FlowTables;
  /** Frames that the switch itself has made and sent out of a port. */
  readonly ownFrames = { packets: 0, bytes: 0 };
  readonly groups = new Map<number, Group>();
  readonly meters = new Map<number, BridgeMeter>();
  readonly macTable: MacLearning<Bundle>;
  readonly mirrors = new Mirrors();
  readonly listeners = new Set<BridgeListener>();
  stp: SpanningTree | undefined = undefined;
  rstp: SpanningTree | undefined = undefined;
  snooping: MulticastSnooping<Bundle> | undefined = undefined;
  /** Which option of Geneve is which tun_metadataN. */
  readonly tlvTable = new TlvTable();
  netflow: NetFlow | undefined = undefined;
  sflow: SFlow | undefined = undefined;
  ipfix: Ipfix | undefined = undefined;
  /** Controllers are reached through the bridge itself. */
  inBand = false;
  forwardBpdu = false;
  /** As dump-desc shows them. */
  serialNumber = "None";
  description = "None";
  fragments: "normal" | "drop" | "nx-match" = "normal";
  missSendLength = 0;
  #id: Uint8Array | undefined;
  /** Who is changing flows, by which request. */
  #request: { readonly of: BridgeListener; readonly xid: number } | undefined;
  /** The rules that apply where no other does. */
  readonly hidden: HiddenRules;

  constructor(name: string, backer: Backer) {
    this.name = name;
    this.backer = backer;
    this.macTable = new MacLearning<Bundle>(() => backer.now);
    this.macTable.onChange = () => backer.revalidate();
    this.tables = new FlowTables(
      () => backer.now,
      (event) => {
        backer.revalidate();
        if (event.rule.priority > MAX_PRIORITY) return;
        for (const listener of this.listeners) {
          listener.flowChanged?.(event, this.#request?.of === listener ? this.#request.xid : undefined);
        }
        if (!this.#request) for (const listener of this.listeners) listener.flowsChanged?.();
      },
      (table, reason) => {
        for (const listener of this.listeners) listener.tableChanged?.(table, reason);
      },
    );
    this.hidden = makeHiddenRules(backer.now);
    for (const rule of Object.values(this.hidden)) this.tables.insertHidden(rule);
  }

  /** Runs what a request of a connection asks for; flow monitors tell of it in one message. */
  change(of: BridgeListener, xid: number, run: () => void): void {
    const outer = this.#request;
    this.#request ??= { of, xid };
    try {
      run();
    } finally {
      this.#request = outer;
    }
    if (!outer) for (const listener of this.listeners) listener.flowsChanged?.();
  }

  /** UUID by which packets that controllers hold find their bridge again. */
  get id(): Uint8Array {
    const { random } = this.backer.datapath.host.netns.kernel;
    return (this.#id ??= bytesOfUuid(randomUuid(() => random.uint32())));
  }

  /** Of its ports. */
  get names(): Names {
    return { ports: new Map([...this.#ports.values()].map(({ number, name }) => [number, name])) };
  }

  port(number: number): OfPort | undefined {
    return this.#ports.get(number);
  }

  portNamed(name: string): OfPort | undefined {
    for (const port of this.#ports.values()) if (port.name === name) return port;
    return undefined;
  }

  get ports(): Iterable<OfPort> {
    return this.#ports.values();
  }

  /** As the original walks its table of ports, which floods show. */
  portsInOrder(): Iterable<OfPort> {
    return this.#order.values();
  }

  addPort(port: OfPort): void {
    this.#ports.set(port.number, port);
    this.#order.insert(port, hashInt(port.number, 0));
    this.sflow?.portsChanged();
    this.backer.revalidate();
    for (const listener of this.listeners) listener.portChanged?.(port, "added");
  }

  removePort(port: OfPort): void {
    this.#ports.delete(port.number);
    this.#order.remove(port);
    this.sflow?.portsChanged();
    this.backer.revalidate();
    for (const listener of this.listeners) listener.portChanged?.(port, "deleted");
  }

  portModified(port: OfPort, source?: BridgeListener): void {
    this.backer.revalidate();
    for (const listener of this.listeners) listener.portChanged?.(port, "modified", source);
  }

  removeBundle(bundle: Bundle): void {
    const at = this.bundles.indexOf(bundle);
    if (at >= 0) this.bundles.splice(at, 1);
    // bundle_flush_macs(): other bridges have learned the same addresses from it, through patch ports
    for (const { bundle: learned, mac, vlan } of this.macTable.entries()) {
      if (learned !== bundle) continue;
      for (const other of this.backer.bridges.values()) if (other !== this) other.macTable.forget(mac, vlan);
    }
    this.macTable.flush((entry) => entry.bundle === bundle);
    this.snooping?.forget(bundle);
    bundle.bond?.setMembers([]);
    if (!this.mirrors.forget(bundle)) return;
    this.macTable.flush();
    this.snooping?.flush();
    this.backer.revalidate();
  }

  removeMeter(id: number): void {
    const meter = this.meters.get(id);
    if (!meter) return;
    this.meters.delete(id);
    this.backer.datapath.meters.delete(meter.datapathId);
  }

  /** ofproto_flush__(): without flows, groups and meters. */
  flush(): void {
    this.tables.removeAll([...this.tables.rules()], REMOVED_REASON.DELETE);
    this.groups.clear();
    for (const id of this.meters.keys()) this.removeMeter(id);
  }

  /** The flow of a bridge without a controller: priority 0, NORMAL. */
  addNormalFlow(): void {
    this.tables.add(0, {
      match: new Match(),
      priority: 0,
      actions: [{ type: "output", port: Port.NORMAL, maxLength: 0 }],
      cookie: 0n,
      idleTimeout: 0,
      hardTimeout: 0,
      importance: 0,
      flags: NO_FLAGS,
    });
  }

  /** The interface that sFlow says a packet leaves by; 0 if it knows none. */
  sampledIfindex(datapathPort: number): number {
    for (const port of this.#ports.values()) {
      if (port.datapathPort === datapathPort && !port.tunnel) return port.ifindex ?? 0;
    }
    return 0;
  }

  formatMac(mac: number): string {
    return formatMac(mac);
  }

  /** True if an OpenFlow controller wants to see packets that no flow takes. */
  wantsPacketInOnMiss: () => boolean = () => false;

  /** What watches its links; undefined until the daemon has set it up. */
  monitor: PortMonitor | undefined = undefined;

  receiveLacp(port: OfPort, lacp: Lacp<OfPort>, { bytes, start, end }: Packet): void {
    if (!this.monitor) return;
    const message = decodeLacp(bytes, start + ETHERNET_HEADER_LENGTH, end);
    lacp.receive(port, message instanceof Malformed ? undefined : message, this.monitor.now);
    this.monitor.poke();
  }

  receiveBpdu(port: OfPort, packet: Packet): void {
    (this.stp ?? this.rstp)?.receive(port, packet);
  }

  /** The datapath's number of a meter; undefined if there is no such meter. */
  datapathMeter(id: number): number | undefined {
    return this.meters.get(id)?.datapathId;
  }

  /** What packets to the daemon pass, if OpenFlow has made such a meter. */
  get slowpathMeter(): number | undefined {
    return this.datapathMeter(MeterId.SLOWPATH);
  }

  /** What packets to controllers pass that no meter of their own is said for. */
  get controllerMeter(): number | undefined {
    return this.datapathMeter(MeterId.CONTROLLER);
  }

  /** The flow that a learn action has made before and needs only refresh. */
  learnedBefore(flow: LearnedFlow): Rule | undefined {
    const old = this.tables.table(flow.table).classifier.find(flow.match, flow.priority);
    return old && old.cookie === flow.cookie && sameActions(old.actions, flow.actions) ? old : undefined;
  }

  /** The learn action: false if its limit forbids the flow. */
  learn(flow: LearnedFlow): boolean {
    const { classifier } = this.tables.table(flow.table);
    const before = this.learnedBefore(flow);
    if (before) {
      before.modified = this.backer.now;
      return true;
    }
    if (flow.limit > 0) {
      let made = 0;
      for (const rule of classifier.rules()) if (rule.cookie === flow.cookie) made++;
      if (made >= flow.limit) return false;
    }
    const { match, priority, actions, cookie, idleTimeout, hardTimeout } = flow;
    // a strict modification, which adds where there is nothing to modify
    const old = classifier.find(match, priority);
    if (old) this.tables.modify(old, { actions, cookie, flags: NO_FLAGS }, true);
    else {
      const flags = { ...NO_FLAGS, sendFlowRemoved: flow.sendFlowRemoved };
      const made = { match, priority, actions, cookie, idleTimeout, hardTimeout, importance: 0, flags };
      this.tables.add(flow.table, made);
    }
    this.backer.watchTimeouts();
    return true;
  }

  /** fin_timeout */
  reduceTimeouts(rule: Rule, idle: number, hard: number): void {
    if (idle > 0 && (rule.idleTimeout === 0 || rule.idleTimeout > idle)) rule.idleTimeout = idle;
    if (hard > 0 && (rule.hardTimeout === 0 || rule.hardTimeout > hard)) rule.hardTimeout = hard;
    this.backer.watchTimeouts();
  }

  /** What would be needed to take flow and group changes back; the function that is returned does that. */
  checkpoint(): () => void {
    const rules = [...this.tables.rules()].map((rule) => ({
      rule,
      actions: rule.actions,
      cookie: rule.cookie,
    }));
    const groups = [...this.groups];
    return () => {
      const kept = new Set(rules.map(({ rule }) => rule));
      this.tables.restore(rules, kept);
      this.groups.clear();
      for (const [id, group] of groups) this.groups.set(id, group);
      this.backer.revalidate();
    };
  }

  /** Ends rules whose time is over. True if others have a timeout. */
  expire(): boolean {
    const { now } = this.backer;
    let more = false;
    for (const rule of [...this.tables.rules()]) {
      if (rule.hardTimeout > 0 && now > rule.modified + rule.hardTimeout * 1e9) {
        this.tables.remove(rule, REMOVED_REASON.HARD);
      } else if (rule.idleTimeout > 0 && now > rule.used + rule.idleTimeout * 1e9) {
        this.tables.remove(rule, REMOVED_REASON.IDLE);
      } else if (rule.hardTimeout > 0 || rule.idleTimeout > 0) more = true;
    }
    return more;
  }
}

function sameActions(a: Rule["actions"], b: Rule["actions"]): boolean {
  const text = (actions: Rule["actions"]) =>
    JSON.stringify(actions, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value));
  return a.length === b.length && text(a) === text(b);
}

// All bridges of one datapath type and the datapath below them (struct dpif_backer with its udpif): answers upcalls by
// translating, keeps the datapath's flows right when anything changes, and credits what they count.

import type { Packet } from "../../kernel/device-vport.ts";
import type { Timer } from "../../system/system.ts";
import type { DpAction, UserspaceCookie } from "../../ovsproto/datapath/actions.ts";
import type { Datapath } from "../datapath/datapath.ts";
import { lengthOf } from "../datapath/frame-length.ts";
import type { DpFlow } from "../datapath/flow-table.ts";
import { fillTunnelKey } from "../datapath/tunnel-key.ts";
import { extractFlow } from "../../ovsproto/flow/extract.ts";
import { ufidOf } from "../../ovsproto/datapath/ufid.ts";
import { exactMask, flowsEqual, isTunnelled, newFlow, tcpFlags, W, word } from "../../ovsproto/flow/flow.ts";
import type { Flow } from "../../ovsproto/flow/flow.ts";
import type { NativeTunnels } from "../native-tunnels/native-tunnels.ts";
import type { Bridge } from "./bridge.ts";
import { DatapathFeatures } from "./datapath-features.ts";
import type { DaemonLog } from "./daemon-log.ts";
import type { DatapathLog } from "./datapath-log.ts";
import type { OfPort } from "./port.ts";
import { continuationOf } from "./continuation.ts";
import { covers, endAll, sameActions, tellTags } from "./installed-flow.ts";
import type { InstalledFlow } from "./installed-flow.ts";
import { notePipeline } from "./journey.ts";
import { executeActions } from "./send-frame.ts";
import { Recirculations } from "./recirculation.ts";
import { Tunnels } from "./tunnel.ts";
import { ZonePolicies } from "./zone-policies.ts";
import type { TraceNode } from "./trace-tree.ts";
import type { CacheEntry } from "./xlate/cache.ts";
import { XLATE_ERROR } from "./xlate/context.ts";
import type { PacketStatistics, XlateInput } from "./xlate/context.ts";
import { translate } from "./xlate/translate.ts";
import type { XlateOutput } from "./xlate/translate.ts";

/** Between looks at the datapath's flows, nanoseconds (other_config:max-revalidator). */
const REVALIDATION_INTERVAL = 500e6;
/** A flow that nothing has used for so long goes, nanoseconds (other_config:max-idle). */
const MAX_IDLE = 10e9;

type SampleCookie = UserspaceCookie & { readonly type: "sflow" | "ipfix" | "flow_sample" };

/** It is raised as the revalidators find that they can keep up. */
const FIRST_FLOW_LIMIT = 10_000;

export class Backer {
  readonly type: string;
  readonly datapath: Datapath;
  readonly bridges = new Map<string, Bridge>();
  readonly recirculations = new Recirculations();
  readonly tunnels = new Tunnels();
  readonly zonePolicies: ZonePolicies;
  /** What the daemon knows for tunnels that it wraps itself; undefined where the kernel does that. */
  nativeTunnels: NativeTunnels | undefined = undefined;
  vlog: DaemonLog | undefined = undefined;
  /** Told of a packet that the pipeline goes round in circles with. */
  onEndless: (bridge: Bridge, flow: Flow) => void = () => {};
  datapathLog: DatapathLog | undefined = undefined;
  readonly #byDatapathPort = new Map<number, OfPort>();
  readonly #installed = new Map<DpFlow, InstalledFlow>();
  #dirty = false;
  #dirtyTimer: Timer | undefined;
  #tick: Timer | undefined;
  #watching = false;
  #paused = false;
  /** Sends frames of the switch; for modules of the pipeline, which cannot start translations by themselves. */
  readonly execute = executeActions;
  /** Called on each tick, to keep learning tables and the like young. True: there is something to come back for. */
  onTick: () => boolean = () => false;
  readonly features: DatapathFeatures;
  maxIdle = MAX_IDLE;
  revalidationInterval = REVALIDATION_INTERVAL;
  flowLimit = FIRST_FLOW_LIMIT;
  /** What the database says of it (other_config:flow-limit). */
  configuredLimit = 200_000;
  /** For upcall/show. */
  maxFlows = 0;
  /** upcall/disable-megaflows: every flow is exact. */
  megaflows = true;

  constructor(type: string, datapath: Datapath) {
    this.type = type;
    this.datapath = datapath;
    this.features = new DatapathFeatures(datapath.kind);
    this.zonePolicies = new ZonePolicies(datapath.conntrack, datapath.kind === "kernel");
    datapath.handler = this;
  }

  get now(): number {
    return this.datapath.now;
  }

  get flowCount(): number {
    return this.#installed.size;
  }

  /** dpif_recv_set(): whether packets of the datapath are taken; flows that it had before are dropped then. */
  receive(enabled: boolean): void {
    const handler = enabled ? this : undefined;
    if (this.datapath.handler === handler) return;
    this.datapath.handler = handler;
    if (enabled) this.purge();
  }

  bind(port: OfPort): void {
    if (port.datapathPort !== undefined && !port.tunnel) this.#byDatapathPort.set(port.datapathPort, port);
  }

  unbind(port: OfPort): void {
    if (port.datapathPort !== undefined && this.#byDatapathPort.get(port.datapathPort) === port) {
      this.#byDatapathPort.delete(port.datapathPort);
    }
  }

  /** A port of the datapath has got another number. */
  renumbered(old: number, number: number): void {
    const port = this.#byDatapathPort.get(old);
    if (!port) return;
    this.unbind(port);
    port.datapathPort = number;
    this.bind(port);
    this.revalidate();
  }

  portOf(key: Flow): OfPort | undefined {
    const number = word(key, W.IN_PORT);
    return isTunnelled(key)
      ? this.tunnels.receiver(number, key, this.vlog)?.port
      : this.#byDatapathPort.get(number);
  }

  portNamed(name: string): OfPort | undefined {
    for (const bridge of this.bridges.values()) {
      const port = bridge.portNamed(name);
      if (port) return port;
    }
    return undefined;
  }

  /** The OpenFlow view of a datapath's key: the port's number is that of the bridge. */
  flowOf(key: Flow, port: OfPort): Flow {
    const flow = key.slice();
    flow[W.IN_PORT] = port.number;
    port.bridge.tlvTable.unpack(flow);
    return flow;
  }

  // ---- upcalls

  miss(packet: Packet, key: Flow): void {
    this.datapathLog?.upcall("miss", packet, key);
    const port = this.portOf(key);
    if (!port?.bridge.tlvTable.accepts(key)) {
      packet.device.kernel.drop(packet, "NOT_SPECIFIED", this.datapath.name);
      return;
    }
    const cache: CacheEntry[] = [];
    const kept = key.slice();
    const trace: TraceNode[] | undefined = packet.traced ? [] : undefined;
    const out = this.#translate(port, kept, {
      packet,
      sideEffects: true,
      statistics: statisticsOf(packet, key, this.now),
      cache,
      trace,
    });
    if (trace) notePipeline(packet, trace, port.bridge.name);
    if (isEndless(out)) this.onEndless(port.bridge, this.flowOf(kept, port));
    if (this.#installed.size < this.flowLimit && !out.avoidCaching) this.#install(kept, out, cache);
    this.datapath.executeFor(packet, key, this.explicitActions(out));
  }

  explain(packet: Packet, key: Flow): void {
    const port = this.portOf(key);
    if (!port) return;
    const trace: TraceNode[] = [];
    const quiet = { packet, sideEffects: false, statistics: undefined, cache: undefined };
    this.#translate(port, key.slice(), { ...quiet, trace });
    notePipeline(packet, trace, port.bridge.name);
  }

  action(packet: Packet, key: Flow, cookie: UserspaceCookie): void {
    this.datapathLog?.upcall("action", packet, key);
    const port = this.portOf(key);
    if (cookie.type === "controller") {
      const bridge = this.bridges.get(cookie.bridge);
      if (bridge) this.#packetIn(bridge, packet, key, port, cookie);
      return;
    }
    if (cookie.type === "userdata") return; // nobody knows what it is about
    if (cookie.type !== "slow_path") {
      const bridge = this.bridges.get(cookie.bridge);
      if (bridge) this.#sampled(bridge, packet, key, cookie);
      return;
    }
    if (!port) return;
    // The slow path: the flow's counters are kept by the datapath.
    const again = newFlow();
    again.set(key.subarray(0, W.ETH_DST));
    extractFlow(packet, again, this.datapath.tagLimit);
    const rest = { packet, sideEffects: true, statistics: undefined, cache: undefined };
    const out = this.#translate(port, again, rest);
    this.datapath.executeFor(packet, again, this.explicitActions(out));
  }

  /** A packet that is for a collector. */
  #sampled(bridge: Bridge, packet: Packet, key: Flow, cookie: SampleCookie): void {
    const now = newFlow();
    now.set(key.subarray(0, W.ETH_DST));
    extractFlow(packet, now, this.datapath.tagLimit);
    // what it does is known for the packet that a flow was made for, and those that are like it in every bit
    const found = this.datapath.table.lookup(now);
    const installed = found && this.#installed.get(found);
    const actions = installed && flowsEqual(installed.key, now) ? installed.flow.actions : undefined;
    if (packet.vlanTci >= 0) this.datapath.host.insertTag(packet);
    const inPort = word(key, W.IN_PORT);
    if (cookie.type === "sflow") {
      bridge.sflow?.received(packet.bytes.slice(packet.start, packet.end), now, inPort, cookie, actions);
      return;
    }
    const length = packet.end - packet.start;
    // the datapath of the daemon does not tell what packets will be wrapped with
    const kernel = this.datapath.kind === "kernel";
    const outTunnel = kernel && packet.tunnel?.direction === "transmit" ? newFlow() : undefined;
    if (outTunnel && packet.tunnel) fillTunnelKey(outTunnel, packet.tunnel);
    const sampled = { key: now, length, inPort, outTunnel, actions };
    if (cookie.type === "ipfix") bridge.ipfix?.sampleBridge(sampled, cookie.outputPort);
    else bridge.ipfix?.sampleFlow(sampled, cookie);
  }

  #packetIn(
    bridge: Bridge,
    packet: Packet,
    key: Flow,
    port: OfPort | undefined,
    cookie: UserspaceCookie & { readonly type: "controller" },
  ): void {
    if (packet.vlanTci >= 0) this.datapath.host.insertTag(packet);
    const flow = key.slice();
    bridge.tlvTable.unpack(flow);
    const own = port && port.bridge === bridge ? port.number : undefined;
    flow[W.IN_PORT] = own ?? cookie.inPort;
    flow.set(cookie.metadata.subarray(W.METADATA, W.TUN_ID), W.METADATA);
    const state = cookie.continuation ? this.recirculations.state(cookie.recircId) : undefined;
    const event = {
      bytes: packet.bytes.slice(packet.start, packet.end),
      reason: cookie.reason,
      tableId: cookie.tableId,
      cookie: cookie.ruleCookie,
      controllerId: cookie.controllerId,
      maxLength: cookie.maxLength,
      userdata: cookie.userdata,
      flow,
      continuation: state && continuationOf(state, word(key, W.IN_PORT)),
    };
    for (const listener of bridge.listeners) listener.packetIn?.(event);
  }

  #translate(
    port: OfPort,
    key: Flow,
    rest: Pick<XlateInput, "packet" | "sideEffects" | "statistics" | "cache" | "trace">,
  ): XlateOutput {
    const id = word(key, W.RECIRC_ID);
    return translate({
      bridge: port.bridge,
      flow: this.flowOf(key, port),
      inPort: port,
      frozen: id === 0 ? undefined : this.recirculations.state(id),
      ...rest,
    });
  }

  // ---- the datapath's flows

  #install(key: Flow, out: XlateOutput, cache: CacheEntry[]): void {
    const actions = this.#actionsOf(out, key);
    const mask = this.#maskOf(out, key);
    const ufid = ufidOf(key, mask);
    const old = this.datapath.table.byUfid.get(ufid);
    if (old) this.#uninstall(old);
    const flow = this.datapath.addFlow(key, mask, ufid, actions);
    this.datapathLog?.flowAdded(flow, key);
    this.#installed.set(flow, { flow, key, made: this.now, cache, fresh: true, packets: 0, bytes: 0 });
    this.maxFlows = Math.max(this.maxFlows, this.#installed.size);
    this.#schedule();
  }

  /** What a translation has looked at. */
  #neededMask(out: XlateOutput, key: Flow): Flow {
    const mask = this.megaflows ? out.wildcards.slice() : exactMask();
    if (this.megaflows) this.portOf(key)?.bridge.tlvTable.packMask(mask, key);
    mask[W.IN_PORT] = 0xffff_ffff;
    mask[W.PACKET_TYPE] = 0xffff_ffff;
    return mask;
  }

  #maskOf(out: XlateOutput, key: Flow): Flow {
    const mask = this.#neededMask(out, key);
    tellTags(mask, key, this.datapath.kind === "kernel");
    return mask;
  }

  /** A datapath of the daemon counts why a packet goes nowhere. */
  explicitActions({ actions, cause }: XlateOutput): readonly DpAction[] {
    return actions.length === 0 && this.datapath.kind !== "kernel" ? [{ type: "drop", cause }] : actions;
  }

  /** A flow that the daemon must handle itself sends its packets to it (compose_slow_path). */
  #actionsOf(out: XlateOutput, key: Flow): readonly DpAction[] {
    const { slow } = out;
    if (slow === 0) return this.explicitActions(out);
    const up: DpAction = { type: "userspace", cookie: { type: "slow_path", reason: slow } };
    const meter = this.portOf(key)?.bridge.slowpathMeter;
    if (meter === undefined) return [up];
    return [{ type: "sample", probability: 0xffff_ffff, actions: [{ type: "meter", id: meter }, up] }];
  }

  #uninstall(flow: DpFlow): void {
    const installed = this.#installed.get(flow);
    this.#installed.delete(flow);
    this.datapath.table.remove(flow);
    if (!installed) return;
    this.#push(installed);
    endAll(installed.cache);
  }

  /** Takes one flow out, whoever has put it in (dpctl/del-flow). */
  forgetFlow(flow: DpFlow): void {
    this.#uninstall(flow);
  }

  /** Takes all flows out (revalidator/purge, dpctl/del-flows). */
  purge(): void {
    for (const flow of [...this.datapath.table.flows]) this.#uninstall(flow);
  }

  /** Something has changed that translations depend on. */
  revalidate(): void {
    if (this.#dirty) return;
    this.#dirty = true;
    this.#dirtyTimer ??= this.#after(0, () => {
      this.#dirtyTimer = undefined;
      this.#revalidateAll();
    });
  }

  /** Flows that were put into the datapath by hand are looked after as others are, and go if no translation makes them. */
  #adopt(): void {
    for (const flow of this.datapath.table.flows) {
      if (this.#installed.has(flow)) continue;
      const key = flow.seen ?? flow.key;
      const { packets, bytes } = flow;
      this.#installed.set(flow, { flow, key, made: this.now, cache: [], fresh: false, packets, bytes });
      this.#dirty = true;
    }
  }

  /** revalidate_ukey() for every flow: those that would be translated otherwise are changed or go. */
  #revalidateAll(): void {
    if (!this.#dirty || this.#paused) return;
    this.#dirty = false;
    this.#adopt();
    for (const installed of [...this.#installed.values()]) {
      const { flow, key } = installed;
      const port = this.portOf(key);
      if (!port) {
        if (!installed.fresh) endAll(installed.cache);
        installed.cache = [];
        this.#uninstall(flow);
        continue;
      }
      const cache: CacheEntry[] = [];
      const out = this.#translate(port, key, {
        packet: undefined,
        sideEffects: false,
        statistics: undefined,
        cache,
      });
      const mask = this.#neededMask(out, key);
      if (!installed.fresh) endAll(installed.cache);
      installed.fresh = false;
      installed.cache = cache;
      // what was counted since the last time is of the flows that are there now, whether the datapath's stays or goes
      this.#push(installed);
      // the original's mask of a translation that fails is never covered
      if (out.error !== undefined || out.avoidCaching || !covers(flow.mask, mask)) {
        this.#uninstall(flow);
        continue;
      }
      const actions = this.#actionsOf(out, key);
      if (sameActions(flow.actions, actions)) continue;
      const old = flow.actions;
      flow.actions = actions;
      this.datapathLog?.flowModified(flow, key, old);
    }
  }

  /**
   * Credits what the flows have counted since the last time, to rules, ports and whatever translations named, for whoever
   * wants to see it now. With a clock that stands the revalidators have not come by yet.
   */
  pushStatistics(): void {
    if (!this.datapath.clock.stopped) this.sweep();
  }

  /** What the revalidators do of themselves every half second, and at once when they are told to. */
  sweep(): void {
    if (this.#paused) return;
    for (const installed of this.#installed.values()) this.#push(installed);
  }

  #push(installed: InstalledFlow): void {
    const { flow } = installed;
    const packets = flow.packets - installed.packets;
    if (packets <= 0) return;
    const statistics: PacketStatistics = {
      packets,
      bytes: flow.bytes - installed.bytes,
      used: flow.used ?? this.now,
      tcpFlags: flow.tcpFlags,
    };
    installed.fresh = false;
    installed.packets = flow.packets;
    installed.bytes = flow.bytes;
    for (const entry of installed.cache) entry.credit(statistics);
  }

  // ---- time

  /** A rule has got a timeout. */
  watchTimeouts(): void {
    this.#watching = true;
    this.#schedule();
  }

  #schedule(): void {
    this.#tick ??= this.#after(this.revalidationInterval, () => {
      this.#tick = undefined;
      this.#run();
    });
  }

  /** revalidator/pause: until it is over, flows of the datapath stay as they are, and what they count stays theirs. */
  pause(paused: boolean): void {
    this.#paused = paused;
    if (!paused) this.#lookAfterFlows();
  }

  #lookAfterFlows(): void {
    if (this.#paused) return;
    this.#adopt();
    if (this.#dirty) this.#revalidateAll();
    const { now } = this;
    for (const installed of [...this.#installed.values()]) {
      const { flow } = installed;
      this.datapathLog?.flowDumped(flow, now);
      this.#push(installed);
      if ((flow.used ?? installed.made) + this.maxIdle >= now) continue;
      this.datapathLog?.flowDeleted(flow, now);
      this.#uninstall(flow);
    }
  }

  #run(): void {
    this.#lookAfterFlows();
    this.#watching = false;
    for (const bridge of this.bridges.values()) if (bridge.expire()) this.#watching = true;
    const more = this.onTick();
    if (this.#installed.size > 0 || this.#watching || more) this.#schedule();
  }

  flowAdded(): void {
    this.#schedule();
  }

  /** Something wants `onTick` to be called. */
  wake(): void {
    this.#schedule();
  }

  #after(delay: number, fire: () => void): Timer {
    return this.datapath.clock.after(delay, fire);
  }

  close(): void {
    this.#dirtyTimer?.cancel();
    this.#tick?.cancel();
    this.#installed.clear();
    this.datapath.handler = undefined;
  }
}

function isEndless({ error }: XlateOutput): boolean {
  return error === XLATE_ERROR.RECURSION_TOO_DEEP || error === XLATE_ERROR.TOO_MANY_RESUBMITS;
}

function statisticsOf(packet: Packet, key: Flow, now: number): PacketStatistics {
  return { packets: 1, bytes: lengthOf(packet), used: now, tcpFlags: tcpFlags(key) };
}

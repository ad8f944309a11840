// Sending out of a port (compose_output_action): checks, changes that are due, then the datapath's output; or the other
// bridge, if the port is a patch port.

import { dlType, PORT_UNSET, W, word } from "../../../ovsproto/flow/flow.ts";
import { PACKET_NAMESPACE_ETHERTYPE } from "../../../ovsproto/openflow/prerequisites.ts";
import { NETFLOW_OUT } from "../../export/netflow/netflow.ts";
import type { OfPort } from "../port.ts";
import { samePlace } from "../tunnel.ts";
import { commit, commitTunnel } from "./commit.ts";
import type { XlateContext } from "./context.ts";
import { clearConntrack } from "./freeze.ts";
import { mirrorPacket } from "./mirror.ts";
import { nativeTunnels, outputToNativeTunnel, terminatesAt } from "./native-tunnel.ts";
import { sampleOutput } from "./sample.ts";
import { markQueue } from "./queue.ts";
import { isStpFrame, mayReceive, processSpecial } from "./special.ts";

export interface Recirculation {
  readonly id: number;
  readonly basis: number;
  /** The datapath chooses the member. */
  readonly lbOutput: boolean;
}

export interface OutputOptions {
  readonly recirculate?: Recirculation | undefined;
  readonly last?: boolean;
  readonly truncate?: boolean;
  /** Ports that are blocked by a spanning tree are used too. */
  readonly ignoreStp?: boolean;
}

/** How a packet goes on in the bridge behind a patch port; set by the module that knows tables (table.ts). */
export interface Pipeline {
  enterTable(context: XlateContext, inPort: number, table: number, last: boolean): void;
  runActionSet(context: XlateContext): void;
  finishFreezing(context: XlateContext): void;
}

let pipeline: Pipeline | undefined;

/** Modules of the pipeline call each other in circles; this one is closed when they are loaded. */
export function setPipeline(value: Pipeline): void {
  pipeline = value;
}

/** Outputs to an OpenFlow port that is none of the reserved ones but LOCAL. */
export function composeOutput(context: XlateContext, number: number, options: OutputOptions = {}): void {
  const { bridge, flow } = context;
  const port = bridge.port(number);
  if (!port) {
    context.warn("Nonexistent output port");
    return;
  }
  if (port.config.noForward) {
    context.detail("OFPPC_NO_FWD set, skipping output");
    return;
  }
  if (isProtected(context, port)) {
    context.warn("Flow is between protected ports, skipping output.");
    return;
  }
  if (options.ignoreStp !== true && !spanningTreeAllows(context, port)) return;
  if (word(flow, W.PACKET_TYPE) !== 0 && port.packetTypes === "legacy_l2") {
    context.warn("Trying to send non-Ethernet packet through legacy L2 port. Dropping packet.");
    return;
  }
  const { peer } = port;
  if (port.peerName !== undefined) {
    if (peer) patchOutput(context, port, peer, options.last ?? false);
    else context.warn("Nonexistent output port");
    return;
  }

  const saved = [
    word(flow, W.VLAN),
    word(flow, W.INNER_VLAN),
    word(flow, W.NW),
    word(flow, W.PACKET_TYPE),
  ] as const;
  if (word(flow, W.PACKET_TYPE) === 0 && port.packetTypes === "legacy_l3") {
    // such a port takes what is below the link-layer header
    flow[W.PACKET_TYPE] = ((PACKET_NAMESPACE_ETHERTYPE << 16) | dlType(flow)) >>> 0;
  }
  markQueue(context, port);
  sendByPort(context, port, options);
  flow[W.VLAN] = saved[0];
  flow[W.INNER_VLAN] = saved[1];
  flow[W.NW] = (word(flow, W.NW) & 0xff00_ffff) | (saved[2] & 0x00ff_0000);
  // the mark that a tunnel's settings give (egress_pkt_mark) stays for what follows
  flow[W.PACKET_TYPE] = saved[3];
}

function sendByPort(context: XlateContext, port: OfPort, options: OutputOptions): void {
  const { flow } = context;
  if (port.tunnel) {
    const before = flow.slice(W.TUN_ID, W.CT_STATE_ZONE);
    port.tunnel.prepare(context);
    if (samePlace(flow, context.input.flow)) {
      // what the tunnel's settings have made of the flow stays
      context.warn("Not tunneling to our own address");
      return;
    }
    countVport(context, port, "tx");
    const native = nativeTunnels(context.bridge);
    if (native) {
      context.detail("output to native tunnel");
      commit(context);
      outputToNativeTunnel(context, port, native, options.last ?? false, patchOutput);
      flow.set(before, W.TUN_ID);
    } else {
      context.detail("output to kernel tunnel");
      commitTunnel(context);
      flow.set(before, W.TUN_ID);
      commit(context);
      context.lastOutput = port.tunnel.datapathPort;
      sampleOutput(context, context.lastOutput);
      context.actions.push({ type: "output", port: context.lastOutput });
    }
  } else {
    if (port.datapathPort === undefined) return;
    context.lastOutput = port.datapathPort;
    commit(context);
    if (options.recirculate) {
      const { id, basis, lbOutput } = options.recirculate;
      if (lbOutput) context.actions.push({ type: "lb_output", bond: id });
      else context.actions.push({ type: "hash", algorithm: "l4", basis }, { type: "recirc", id });
    } else {
      sampleOutput(context, port.datapathPort);
      if (context.mirrorSnaplen > 0 && context.mirrorSnaplen < 65535) {
        context.actions.push({ type: "trunc", maxLength: context.mirrorSnaplen });
      }
      const tunnel = terminatesAt(context, port);
      context.actions.push(
        tunnel === undefined
          ? { type: "output", port: port.datapathPort }
          : { type: "tnl_pop", port: tunnel },
      );
    }
  }
  context.outputs++;
  context.netflowOut = port.number;
  if (port.bundle && context.bridge.mirrors.any) {
    mirrorPacket(context, port.bundle, context.bridge.mirrors.destinationsOf(port.bundle), composeOutput);
  }
}

/** xlate_flow_is_protected(): protected ports do not talk to each other. */
function isProtected(context: XlateContext, out: OfPort): boolean {
  const from = context.bridge.port(word(context.flow, W.IN_PORT));
  return from?.bundle?.settings.protected === true && out.bundle?.settings.protected === true;
}

function spanningTreeAllows(context: XlateContext, port: OfPort): boolean {
  const { bridge } = context;
  const kind = bridge.stp ? "STP" : bridge.rstp ? "RSTP" : undefined;
  if (kind === undefined) return true;
  if (isStpFrame(context.base)) {
    const passes = (bridge.stp ? port.stp : port.rstp)?.passesBpdus ?? true;
    if (passes) return true;
    context.warn(
      kind === "STP"
        ? "STP not in listening state, skipping bpdu output"
        : "RSTP not managing BPDU in this state, skipping bpdu output",
    );
    return false;
  }
  if (forwards(port)) return true;
  context.warn(`${kind} not in forwarding state, skipping output`);
  return false;
}

/** Whether the spanning tree lets packets through. */
export function forwards(port: OfPort): boolean {
  return (port.stp?.forwards ?? true) && (port.rstp?.forwards ?? true);
}

/** patch_port_output(): the packet goes on in the other bridge, with its metadata cleared; this one sees nothing of that. */
function patchOutput(context: XlateContext, from: OfPort, peer: OfPort, last: boolean): void {
  const saved = {
    flow: context.flow,
    bridge: context.bridge,
    stack: context.stack,
    actionSet: context.actionSet,
    hasWriteActions: context.hasWriteActions,
    trace: context.trace,
    mirrors: context.mirrors,
    wasMpls: context.wasMpls,
    conntracked: context.conntracked,
    table: context.table,
  };
  const flow = context.flow.slice();
  context.flow = flow;
  context.stack = [];
  context.actionSet = [];
  context.hasWriteActions = false;
  flow[W.IN_PORT] = peer.number;
  flow.fill(0, W.METADATA, W.REGS + 16);
  flow.fill(0, W.TUN_ID, W.CT_STATE_ZONE);
  flow[W.ACTSET_OUTPUT] = PORT_UNSET;
  clearConntrack(context);
  context.trace = context.report("bridge", `bridge("${peer.bridge.name}")`);
  if (peer.bridge !== context.bridge) context.mirrors = 0;
  context.bridge = peer.bridge;
  if (!from.device) countVport(context, from, "tx");
  if (!peer.device) countVport(context, peer, "rx");

  const enter = () => pipeline?.enterTable(context, peer.number, 0, last);
  if (!processSpecial(context, peer) && mayReceive(context, peer)) {
    if (forwards(peer)) {
      enter();
      if (!context.freezing) pipeline?.runActionSet(context);
      if (context.freezing) pipeline?.finishFreezing(context);
    } else {
      // NORMAL and learn may look at the packet, but it goes nowhere
      const base = context.base.slice();
      const { length } = context.actions;
      enter();
      context.base = base;
      context.actions.length = length;
      context.freezing = false;
      context.frozenActions = [];
    }
  }
  Object.assign(context, saved);
  context.exit = false;
  context.error = undefined;
}

/** Counts a packet at a port that is no device, or that BFD watches. */
export function countVport(context: XlateContext, port: OfPort, direction: "rx" | "tx"): void {
  const { counters } = port;
  const credit = ({ packets, bytes }: { readonly packets: number; readonly bytes: number }) => {
    if (direction === "tx") {
      counters.txPackets += packets;
      counters.txBytes += bytes;
    } else {
      counters.rxPackets += packets;
      counters.rxBytes += bytes;
      const { monitor } = port.bridge;
      if (packets > 0 && port.bfd && monitor) port.bfd.session.accountRx(monitor.now);
    }
  };
  const { statistics, cache } = context.input;
  if (statistics) credit(statistics);
  cache?.push({ credit });
}

/** flood_packets(): FLOOD, and ALL, which does not ask the spanning tree. */
export function flood(context: XlateContext, all: boolean, last: boolean): void {
  const inPort = word(context.flow, W.IN_PORT);
  for (const port of context.bridge.portsInOrder()) {
    if (port.number === inPort) continue;
    if (all) composeOutput(context, port.number, { last, ignoreStp: true });
    else if (!port.config.noFlood) composeOutput(context, port.number, { last });
  }
  context.netflowOut = NETFLOW_OUT.FLOOD;
}

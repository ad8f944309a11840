// ofproto/trace: what would happen to a packet, step by step (ofproto-dpif-trace.c).

import { formatMatch } from "../../../ovsproto/openflow/match-text.ts";
import { Match } from "../../../ovsproto/openflow/match.ts";
import type { Action, Nat } from "../../../ovsproto/openflow/actions.ts";
import { ctStateNames, formatFlags } from "../../../ovsproto/openflow/flags-text.ts";
import type { Names } from "../../../ovsproto/openflow/names.ts";
import { CT_STATE } from "../../conntrack/connection-table.ts";
import { formatIpv4 } from "../../../wire/ipv4-address.ts";
import { formatIpv6 } from "../../../wire/ipv6-address.ts";
import { readIpv6Words, writeIpv6Words } from "../../../ovsproto/flow/ipv6-words.ts";
import type { Packet } from "../../../kernel/device-vport.ts";
import { formatDpActions, UPCALL_PID } from "../../../ovsproto/datapath/format-actions.ts";
import type { Bridge } from "../../ofproto/bridge.ts";
import { formatTrace } from "../../ofproto/trace-tree.ts";
import type { TraceNode } from "../../ofproto/trace-tree.ts";
import { flowsEqual, isTunnelled, tpDst, tpSrc, W, word } from "../../../ovsproto/flow/flow.ts";
import type { Flow } from "../../../ovsproto/flow/flow.ts";
import { formatFlowText } from "../../../ovsproto/flow/format.ts";
import { initialFlow, translate } from "../../ofproto/xlate/translate.ts";
import type { RecircNode } from "../../ofproto/xlate/context.ts";

const RULER = "=".repeat(79);
const MAX_RECIRCULATIONS = 4096;

/** Explanations of the slow path, by bit. */
const SLOW_EXPLANATIONS = [
  "Consists of CFM packets",
  "Consists of BFD packets",
  "Consists of LACP packets",
  "Consists of STP packets",
  "Consists of LLDP packets",
  "Uses action(s) not supported by datapath",
  "Datapath can't match specifically enough",
] as const;

export interface TraceRequest {
  /** With a packet a trace has side effects: learning, packet-ins. */
  readonly packet: Packet | undefined;
  /** Instead of a look into the flow tables. */
  readonly actions?: readonly Action[];
  /** ct_state after each pass through the tracker, as long as there are any. */
  readonly nextStates: number[];
  /** Ports are shown by these. */
  readonly names: Names | undefined;
}

/** ofproto_trace() */
export function traceFlow(bridge: Bridge, flow: Flow, request: TraceRequest): string {
  const { nextStates } = request;
  const queue: RecircNode[] = [];
  const { recirculations } = bridge.backer;
  const { last } = recirculations;
  let text = traceOnce(bridge, flow, request, queue);
  for (let count = 0; queue.length > 0; count++) {
    const node = queue.shift() as RecircNode;
    if (count > MAX_RECIRCULATIONS) {
      text += `\n\n${RULER}\nTrace reached the recirculation limit.  Sopping the trace here.`;
      text += `\nQueued but not processed: ${queue.length + 1} recirculations.`;
      break;
    }
    text += `\n\n${RULER}\nrecirc(0x${node.id.toString(16)})`;
    const again = node.flow.slice();
    again[W.RECIRC_ID] = node.id;
    if (node.reason === "conntrack") text += resumeConntrack(again, nextStates);
    text += "\n";
    if (node.nat) text += simulateNat(again, node.nat);
    text += `${RULER}\n\n`;
    const { names } = request;
    text += traceOnce(bridge, again, { packet: node.packet, nextStates, names }, queue);
  }
  recirculations.forgetAfter(last);
  return text;
}

function resumeConntrack(flow: Flow, nextStates: number[]): string {
  const given = nextStates.shift();
  const state = given ?? CT_STATE.TRACKED | CT_STATE.NEW;
  flow[W.CT_STATE_ZONE] = (state * 0x1_0000 + (word(flow, W.CT_STATE_ZONE) & 0xffff)) >>> 0;
  return given === undefined
    ? " - resume conntrack with default ct_state=trk|new (use --ct-next to customize)"
    : ` - resume conntrack with ct_state=${formatFlags(ctStateNames, state)}`;
}

/** oftrace_print_ip_flow() */
function ipEnds(flow: Flow, nat: Nat): string {
  const [source, destination] = [tpSrc(flow), tpDst(flow)];
  if (!nat.addresses) return "";
  if (nat.addresses.family === 4) {
    const [from, to] = [formatIpv4(word(flow, W.NW_SRC)), formatIpv4(word(flow, W.NW_DST))];
    return `nw_src=${from},tp_src=${source},nw_dst=${to},tp_dst=${destination}`;
  }
  const address = (at: number) => formatIpv6(readIpv6Words(flow, at));
  return `ipv6_src=[${address(W.IPV6_SRC)}],tp_src=${source},ipv6_dst=[${address(W.IPV6_DST)}],tp_dst=${destination}`;
}

/** The first address and port of the range stand for what the datapath would choose. */
function simulateNat(flow: Flow, nat: Nat): string {
  let text = `Replacing src/dst IP/ports to simulate NAT:\n Initial flow: ${ipEnds(flow, nat)}\n`;
  const { addresses, ports, direction } = nat;
  if (direction !== undefined && addresses) {
    const source = direction === "src";
    if (addresses.family === 4) flow[source ? W.NW_SRC : W.NW_DST] = addresses.min;
    else writeIpv6Words(flow, source ? W.IPV6_SRC : W.IPV6_DST, addresses.min);
    if (ports) {
      const both = word(flow, W.TP);
      flow[W.TP] = (source ? (ports.min << 16) | (both & 0xffff) : (both & 0xffff_0000) | ports.min) >>> 0;
    }
  }
  text += ` Modified flow: ${ipEnds(flow, nat)}\n`;
  return text;
}

function traceOnce(
  bridge: Bridge,
  flow: Flow,
  { packet, actions, names }: TraceRequest,
  queue: RecircNode[],
): string {
  const trace: TraceNode[] = [];
  const start = initialFlow(flow);
  const id = word(flow, W.RECIRC_ID);
  const pid = bridge.backer.datapath.kind === "kernel" ? UPCALL_PID : 0;
  const portName = (port: number): string | undefined => bridge.backer.datapath.ports[port]?.name;
  let text = `Flow: ${flowText(bridge, start, names)}\n`;
  const out = translate({
    bridge,
    flow: start,
    inPort: bridge.port(word(flow, W.IN_PORT)),
    packet,
    sideEffects: packet !== undefined,
    statistics: undefined,
    cache: undefined,
    actions,
    named: names !== undefined,
    frozen: id === 0 ? undefined : bridge.backer.recirculations.state(id),
    trace,
    recirculations: queue,
  });
  text += formatTrace(trace);
  out.flow[W.RECIRC_ID] = id;
  text += `\nFinal flow: ${flowsEqual(start, out.flow) ? "unchanged" : flowText(bridge, out.flow, names)}\n`;
  text += `Megaflow: ${formatMatch(megaflow(bridge, flow, out.wildcards), undefined, names)}\n`;
  text += `Datapath actions: ${formatDpActions(out.actions, names && portName, pid)}`;
  if (out.error !== undefined) return `${text}\nTranslation failed (${out.error}), packet is dropped.\n`;
  if (out.slow !== 0) {
    text += "\nThis flow is handled by the userspace slow path because it:";
    SLOW_EXPLANATIONS.forEach((explanation, bit) => {
      if (out.slow & (1 << bit)) text += `\n  - ${explanation}.`;
    });
  }
  if (packet) {
    for (const action of out.actions) {
      if (action.type === "userspace") bridge.backer.action(packet.clone(), flow, action.cookie);
    }
  }
  return text;
}

function flowText({ tlvTable }: Bridge, flow: Flow, names: Names | undefined): string {
  return formatFlowText(flow, names, (match) => {
    if (isTunnelled(flow)) tlvTable.describe(match, flow, undefined);
  });
}

function megaflow({ tlvTable }: Bridge, flow: Flow, wildcards: Flow): Match {
  const value = flow.slice();
  for (let at = 0; at < value.length; at++) value[at] = word(value, at) & word(wildcards, at);
  const match = new Match(value, wildcards.slice());
  tlvTable.describe(match, flow, wildcards);
  return match;
}

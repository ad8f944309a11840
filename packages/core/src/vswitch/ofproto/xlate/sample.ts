// Samples of packets in a translation: of all that come in, for sFlow and IPFIX; of what leaves, for IPFIX; and what the action
// `sample` asks for (compose_sflow_action, compose_ipfix_action, xlate_sample_action of ofproto-dpif-xlate.c).

import type { Action } from "../../../ovsproto/openflow/actions.ts";
import { Port } from "../../../ovsproto/openflow/ports.ts";
import type { DpAction } from "../../../ovsproto/datapath/actions.ts";
import { NO_PORT } from "../../export/ipfix/ipfix.ts";
import type { Ipfix } from "../../export/ipfix/ipfix.ts";
import { unwildcard, vlanTci, W, word } from "../../../ovsproto/flow/flow.ts";
import { commit, commitTunnel } from "./commit.ts";
import type { XlateContext } from "./context.ts";

/** In 1/2^32: all packets. */
const ALL = 0xffff_ffff;
/** How sFlow tells of a packet that went nowhere, for a reason that it has no number for, and of several outputs. */
const DROPPED = 0x4000_0100;
const SEVERAL = 0x8000_0000;

type UserspaceAction = DpAction & { readonly type: "userspace" };

/** compose_sample_action() */
function sampled({ bridge }: XlateContext, probability: number, action: UserspaceAction): DpAction {
  const meter = bridge.slowpathMeter;
  if (probability >= ALL && meter === undefined) return action;
  const metered: DpAction[] = meter === undefined ? [] : [{ type: "meter", id: meter }];
  return { type: "sample", probability, actions: [...metered, action] };
}

/** Samples within each other that a datapath must know for a sample of all packets to stand for a clone. */
const NESTING_FOR_CLONES = 4;

/** Actions on a copy of the packet; undefined if the datapath cannot do that. */
export function cloned(context: XlateContext, actions: readonly DpAction[]): DpAction | undefined {
  if (!context.lacks("clone")) return { type: "clone", actions };
  const nesting = context.bridge.backer.features.limit("sample_nesting") ?? NESTING_FOR_CLONES;
  return nesting < NESTING_FOR_CLONES ? undefined : { type: "sample", probability: ALL, actions };
}

/** Samples of what has come in. The returned function completes sFlow's, when it is known where the packet goes. */
export function sampleInput(context: XlateContext): () => void {
  const { sflow, ipfix } = context.bridge;
  const fromPort = word(context.input.flow, W.IN_PORT) !== Port.NONE;
  const { actions } = context;
  const probability = fromPort ? (sflow?.probability ?? 0) : 0;
  const at = actions.length;
  const put = (vlan: number, output: number) => {
    const cookie = { type: "sflow", bridge: context.bridge.name, vlanTci: vlan, output } as const;
    actions[at] = sampled(context, probability, { type: "userspace", cookie, withActions: true });
  };
  const { bridge } = context;
  if (probability > 0) put(0, 0);
  if (ipfix?.inputSampling === true && fromPort) sampleForBridge(context, ipfix, NO_PORT);
  return () => {
    if (probability === 0) return;
    const several = (SEVERAL | context.outputs) >>> 0;
    const ifindex = context.outputs === 1 ? bridge.sampledIfindex(context.lastOutput) : 0;
    put(vlanTci(context.base), context.outputs === 0 ? DROPPED : ifindex === 0 ? several : ifindex);
  };
}

/** Samples for the exporter of a bridge, just before an output. */
export function sampleOutput(context: XlateContext, port: number): void {
  const { ipfix } = context.bridge;
  if (ipfix?.outputSampling === true) sampleForBridge(context, ipfix, port);
}

function sampleForBridge(context: XlateContext, ipfix: Ipfix, outputPort: number): void {
  const { probability } = ipfix;
  if (probability === 0) return;
  const cookie = { type: "ipfix", bridge: context.bridge.name, outputPort } as const;
  const wrapped = outputPort !== NO_PORT && ipfix.tunnelSampling && ipfix.isTunnel(outputPort);
  const action: UserspaceAction = { type: "userspace", cookie };
  context.actions.push(
    sampled(context, probability, wrapped ? { ...action, tunnelOutPort: outputPort } : action),
  );
}

/** The action `sample`. */
export function sampleAction(context: XlateContext, action: Action & { readonly type: "sample" }): void {
  const { bridge, input, flow } = context;
  const { ipfix } = bridge;
  const inPort = word(input.flow, W.IN_PORT);
  if (!ipfix || inPort === Port.NONE) return;
  let outputPort: number = NO_PORT;
  let tunnelOutPort: number | undefined;
  const { samplingPort } = action;
  if (samplingPort !== Port.NONE && samplingPort !== inPort) {
    const port = bridge.port(samplingPort);
    const number = port?.tunnel?.datapathPort ?? port?.datapathPort;
    if (number === undefined) {
      context.fail(`can't use unknown port ${samplingPort} in flow sample action`);
      return;
    }
    outputPort = number;
    if (ipfix.setSamplesTunnels(action.collectorSet) && ipfix.isTunnel(number)) tunnelOutPort = number;
  }
  commit(context);
  const tunnel = tunnelOutPort === undefined ? undefined : bridge.port(samplingPort)?.tunnel;
  if (tunnel) {
    const before = flow.slice(W.TUN_ID, W.CT_STATE_ZONE);
    tunnel.prepare(context);
    commitTunnel(context);
    flow.set(before, W.TUN_ID);
  }
  const { probability, collectorSet, domain, point, direction } = action;
  const cookie = {
    type: "flow_sample",
    bridge: bridge.name,
    probability,
    collectorSet,
    domain,
    point,
    outputPort,
    direction,
  } as const;
  const userspace: UserspaceAction = { type: "userspace", cookie };
  context.actions.push(
    sampled(
      context,
      // the same part of all packets in 32 bits
      probability * 0x1_0001,
      tunnelOutPort === undefined ? userspace : { ...userspace, tunnelOutPort },
    ),
  );
}

/** netflow_mask_wc(): what flows are told apart by. */
export function markNetflow({ bridge, input, wildcards }: XlateContext): void {
  if (!bridge.netflow || word(input.flow, W.ETH_TYPE) !== 0x0800) return;
  unwildcard(wildcards, W.NW, 0xfffc_0000);
  unwildcard(wildcards, W.NW_SRC);
  unwildcard(wildcards, W.NW_DST);
  unwildcard(wildcards, W.TP);
}

/** Counts the packet, and later ones of its flow, for NetFlow. */
export function creditNetflow({ bridge, input, flow, netflowOut }: XlateContext): void {
  const { netflow } = bridge;
  if (!netflow || input.frozen) return;
  if (input.statistics) netflow.update(flow, netflowOut, input.statistics);
  const kept = flow.slice();
  input.cache?.push({
    credit: (statistics) => netflow.update(kept, netflowOut, statistics),
    end: () => netflow.forget(kept),
  });
}

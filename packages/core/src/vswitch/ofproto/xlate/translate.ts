// Translates a packet's flow into actions of the datapath and the bits that they depend on (xlate_actions of Open vSwitch's
// ofproto-dpif-xlate.c): the whole way through all bridges.

import { formatActions } from "../../../ovsproto/openflow/action-text.ts";
import type { Action } from "../../../ovsproto/openflow/actions.ts";
import { Port } from "../../../ovsproto/openflow/ports.ts";
import type { DpAction, DropCause } from "../../../ovsproto/datapath/actions.ts";
import {
  FRAG_LATER,
  isIcmpv4,
  isIcmpv6,
  isIpAny,
  isMplsType,
  isTunnelled,
  isVlanType,
  dlType,
  nwFrag,
  nwProto,
  PORT_UNSET,
  setMacAt,
  tpDst,
  tpSrc,
  unwildcard,
  VLAN_PRESENT,
  vlanTpid,
  W,
  word,
} from "../../../ovsproto/flow/flow.ts";
import type { Flow } from "../../../ovsproto/flow/flow.ts";
import { INTERNAL_TABLE } from "../flow-tables.ts";
import type { OfPort } from "../port.ts";
import { runActionSet, translateActions } from "./actions.ts";
import { XLATE_ERROR, XlateContext } from "./context.ts";
import type { XlateError, XlateInput } from "./context.ts";
import { cancelFreeze, clearConntrack, finishFreezing, restoreMetadata } from "./freeze.ts";
import { mirrorIngress } from "./mirror.ts";
import { markTunnel, takeCongestionMark } from "../tunnel.ts";
import { composeOutput, countVport, forwards } from "./output.ts";
import { creditNetflow, markNetflow, sampleInput } from "./sample.ts";
import { mayReceive, processSpecial } from "./special.ts";
import { creditRule, lookupRule, reportTable } from "./table.ts";

const IPV4 = 0x0800;
const UDP = 17;
const DHCP_SERVER = 67;
const DHCP_CLIENT = 68;

/** More outputs than this are not put into one flow of the datapath. */
const MAX_OUTPUTS = 4096;

export interface XlateOutput {
  readonly actions: readonly DpAction[];
  readonly wildcards: Flow;
  /** As the actions have left it. */
  readonly flow: Flow;
  /** SLOW bits. */
  readonly slow: number;
  readonly error: XlateError | undefined;
  /** No flow of the datapath is to be kept for it. */
  readonly avoidCaching: boolean;
  /** Why there are no actions, if there are none. */
  readonly cause: DropCause;
}

/** Drop reasons by error; no error is one of them. */
const CAUSES: ReadonlyMap<XlateError | undefined, DropCause> = new Map([
  [XLATE_ERROR.BRIDGE_NOT_FOUND, "bridge_not_found"],
  [XLATE_ERROR.RECURSION_TOO_DEEP, "recursion_too_deep"],
  [XLATE_ERROR.TOO_MANY_RESUBMITS, "too_many_resubmit"],
  [XLATE_ERROR.STACK_TOO_DEEP, "stack_too_deep"],
  [XLATE_ERROR.NO_RECIRCULATION_CONTEXT, "no_recirculation_context"],
  [XLATE_ERROR.RECIRCULATION_CONFLICT, "recirculation_conflict"],
  [XLATE_ERROR.TOO_MANY_MPLS_LABELS, "too_many_mpls_labels"],
  [XLATE_ERROR.INVALID_TUNNEL_METADATA, "invalid_tunnel_metadata"],
  [XLATE_ERROR.UNSUPPORTED_PACKET_TYPE, "unsupported_packet_type"],
  [XLATE_ERROR.FORWARDING_DISABLED, "forwarding_disabled"],
]);

/** What a translation starts from: the flow with nothing in its action set. */
export function initialFlow(flow: Flow): Flow {
  const start = flow.slice();
  start[W.ACTSET_OUTPUT] = PORT_UNSET;
  return start;
}

export function translate(given: XlateInput): XlateOutput {
  const input: XlateInput = { ...given, flow: initialFlow(given.flow) };
  const context = new XlateContext(input);
  start(context);
  context.trace = context.report("bridge", `bridge("${input.bridge.name}")`);
  if (resume(context)) enter(context);
  // a translation that has failed before it came to the action set leaves its wildcards as they are
  if (!context.error || context.reachedActionSet) finishWildcards(context);
  unwrapLast(context.actions);
  const { error } = context;
  const outputs = context.actions.filter(({ type }) => type === "output").length;
  if (outputs > MAX_OUTPUTS) context.slow |= 32;
  const reported = error === XLATE_ERROR.FORWARDING_DISABLED ? undefined : error;
  return {
    actions: error ? [] : context.actions,
    wildcards: context.wildcards,
    flow: context.flow,
    slow: error ? 0 : context.slow,
    error: reported,
    avoidCaching: context.avoidCaching,
    cause: CAUSES.get(error) ?? "of_pipeline",
  };
}

/** xlate_optimize_odp_actions(): nobody misses the packet as it was before the last clone. */
function unwrapLast(actions: DpAction[]): void {
  const last = actions.at(-1);
  if (last?.type === "clone") actions.splice(-1, 1, ...last.actions);
}

/** xlate_wc_init(): what is always looked at. */
function start(context: XlateContext): void {
  const { wildcards, flow } = context;
  unwildcard(wildcards, W.PACKET_TYPE);
  unwildcard(wildcards, W.IN_PORT, 0xffff);
  unwildcard(wildcards, W.ETH_TYPE, 0xffff);
  markNetflow(context);
  if (isIpAny(flow)) unwildcard(wildcards, W.NW, 0x03);
  if (!context.lacks("recirc")) unwildcard(wildcards, W.RECIRC_ID);
  markTunnel(flow, wildcards);
}

/** Goes on from a frozen state. False if that fails. */
function resume(context: XlateContext): boolean {
  const { input } = context;
  const { frozen } = input;
  const id = word(context.flow, W.RECIRC_ID);
  if (!frozen) {
    context.conntracked = word(context.flow, W.CT_STATE_ZONE) >>> 16 !== 0;
    if (id === 0) return true;
    context.fail(`Recirculation context not found for ID ${id.toString(16)}`);
    context.error = XLATE_ERROR.NO_RECIRCULATION_CONTEXT;
    return false;
  }
  const { trace } = context;
  context.trace = context.report("thaw", "thaw");
  if (input.actions && input.actions.length > 0) {
    context.fail("Recirculation conflict.");
    context.error = XLATE_ERROR.RECIRCULATION_CONFLICT;
    return false;
  }
  context.bridge = frozen.bridge;
  context.table = frozen.table;
  context.report("thaw", `Resuming from table ${frozen.table}`);
  context.conntracked = frozen.conntracked;
  if (!frozen.conntracked) clearConntrack(context);
  restoreMetadata(frozen, context.flow);
  // The flows of a bond match on it.
  if (frozen.table === INTERNAL_TABLE) context.flow[W.RECIRC_ID] = id;
  context.stack = [...frozen.stack];
  context.mirrors = frozen.mirrors;
  if (frozen.actionSet.length > 0) {
    context.report("thaw", `Restoring action set: ${formatActions(frozen.actionSet)}`);
    context.actionSet = [...frozen.actionSet];
    const out = frozen.actionSet.findLast(({ type }) => type === "output" || type === "group");
    context.flow[W.ACTSET_OUTPUT] = out?.type === "output" ? out.port : PORT_UNSET;
  }
  if (frozen.actions.length > 0)
    context.report("thaw", `Restoring actions: ${formatActions(frozen.actions)}`);
  context.trace = trace;
  return true;
}

function enter(context: XlateContext): void {
  const { input, bridge, flow, wildcards } = context;
  const { frozen } = input;
  let actions = frozen && frozen.actions.length > 0 ? frozen.actions : input.actions;
  const inPort = input.inPort;
  if (inPort && (inPort.tunnel ?? inPort.bfd)) countVport(context, inPort, "rx");
  if (inPort?.packetTypes === "legacy_l3" && context.table === 0) giveEthernet(context);
  if (!actions) {
    const found = lookupRule(bridge, flow, wildcards, word(flow, W.IN_PORT), context.table, {
      mayPacketIn: true,
      honorMiss: true,
      count: input.statistics,
      cache: input.cache,
    });
    context.table = found.table;
    creditRule(context, found.rule);
    context.rule = found.rule;
    context.ruleCookie = found.rule.cookie;
    reportTable(context, found);
    actions = found.rule.actions;
  }
  if (!frozen && inPort && processSpecial(context, inPort)) {
    mirrorIngress(context, composeOutput);
    return;
  }
  if (inPort?.bundle && context.input.bridge.mirrors.isOutput(inPort.bundle)) {
    context.fail(
      `dropping packet received on port ${inPort.bundle.name}, which is reserved exclusively for mirroring`,
    );
    return;
  }
  const completeSample = frozen ? () => {} : sampleInput(context);
  if (takeCongestionMark(flow) && (!inPort || mayReceive(context, inPort))) {
    process(context, actions, inPort);
    if (context.error) return;
  }
  completeSample();
  creditNetflow(context);
}

/** A packet from a port that has no link-layer headers gets an empty one, so that flows see frames only. */
function giveEthernet(context: XlateContext): void {
  const { flow } = context;
  if (word(flow, W.PACKET_TYPE) === 0) return;
  flow[W.PACKET_TYPE] = 0;
  setMacAt(flow, W.ETH_SRC, 0);
  setMacAt(flow, W.ETH_DST, 0);
  context.pending = { kind: "encap" };
}

function process(context: XlateContext, actions: readonly Action[], inPort: OfPort | undefined): void {
  mirrorIngress(context, composeOutput);
  translateActions(actions, context, true);
  if (context.error) return;
  // NORMAL and learn have seen the packet; if the port does not forward, that was all.
  if (inPort && !forwards(inPort)) {
    context.actions = [];
    cancelFreeze(context);
    context.actionSet = [];
    context.error = XLATE_ERROR.FORWARDING_DISABLED;
    context.reachedActionSet = true;
    return;
  }
  context.reachedActionSet = true;
  if (!context.freezing) runActionSet(context);
  if (context.freezing) finishFreezing(context);
  else if (context.bridge.inBand) outputDhcpReply(context);
}

/** in_band_must_output_to_local_port(): the bridge's own port gets the answers of DHCP servers, whatever flows say. */
function outputDhcpReply(context: XlateContext): void {
  const { flow } = context;
  if (dlType(flow) !== IPV4 || nwProto(flow) !== UDP) return;
  if (tpSrc(flow) !== DHCP_SERVER || tpDst(flow) !== DHCP_CLIENT) return;
  const local = context.bridge.port(Port.LOCAL)?.datapathPort;
  if (context.actions.some((action) => action.type === "output" && action.port === local)) return;
  composeOutput(context, Port.LOCAL);
}

/** xlate_wc_finish(): drops what a megaflow cannot match on, or what the packet has not got. */
function finishWildcards({ wildcards, input }: XlateContext): void {
  const { flow } = input;
  // Registers and the like are no part of a packet.
  wildcards.fill(0, W.METADATA, W.TUN_ID);
  if (word(flow, W.PACKET_TYPE) !== 0) {
    wildcards.fill(0, W.ETH_DST, W.ETH_DST + 2);
    wildcards.fill(0, W.ETH_SRC, W.ETH_SRC + 2);
  }
  if (!isTunnelled(flow)) wildcards.fill(0, W.TUN_ID, W.CT_STATE_ZONE);
  wildcards[W.ACTSET_OUTPUT] = 0;
  wildcards[W.CONJ_ID] = 0;
  // Types and codes of ICMP have eight bits.
  if (isIcmpv4(flow) || isIcmpv6(flow)) wildcards[W.TP] = word(wildcards, W.TP) & 0x00ff_00ff;
  for (const at of [W.VLAN, W.INNER_VLAN]) {
    if (word(wildcards, at) & 0xffff) unwildcard(wildcards, at, VLAN_PRESENT);
  }
  if (nwFrag(flow) & FRAG_LATER) wildcards[W.TP] = 0;
  if (!isMplsType(dlType(flow))) wildcards.fill(0, W.MPLS_LSE, W.MPLS_LSE + 3);
  for (const tag of [0, 1]) if (!isVlanType(vlanTpid(flow, tag))) wildcards[W.VLAN + tag] = 0;
}

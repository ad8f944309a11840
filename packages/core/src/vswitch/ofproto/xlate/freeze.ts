// Freezing: the datapath must do something that the pipeline depends on (connection tracking, popping MPLS, a hash), so the
// translation ends with a recirculation, and goes on from a recorded state when the packet comes back.

import type { Action, Nat } from "../../../ovsproto/openflow/actions.ts";
import { newFlow, W, word } from "../../../ovsproto/flow/flow.ts";
import type { Flow } from "../../../ovsproto/flow/flow.ts";
import { commit } from "./commit.ts";
import type { ControllerAction, FrozenState, XlateContext } from "./context.ts";

/** ctx_trigger_freeze() */
export function triggerFreeze(context: XlateContext): void {
  context.exit = true;
  context.freezing = true;
}

export function cancelFreeze(context: XlateContext): void {
  if (!context.freezing) return;
  context.freezing = false;
  context.exit = false;
  context.recircUpdateHash = false;
  context.frozenActions = [];
  context.pause = undefined;
}

/** Actions whose packet-ins tell of the table and of the flow's cookie. */
const TELLS_ORIGIN: ReadonlySet<Action["type"]> = new Set([
  "output",
  "output_reg",
  "output_trunc",
  "group",
  "controller",
  "dec_ttl",
  "dec_mpls_ttl",
  "dec_nsh_ttl",
]);

/** freeze_unroll_actions(): done when the packet comes back, as if the table had not been left. */
export function freezeActions(context: XlateContext, actions: readonly Action[]): void {
  const { frozenActions, table, ruleCookie } = context;
  for (const action of actions) {
    if (action.type === "note" || action.type === "conjunction") continue;
    if (TELLS_ORIGIN.has(action.type) || (action.type === "resubmit" && action.table === 255)) {
      const last = frozenActions.findLast(({ type }) => type === "unroll_xlate");
      const known = last?.type === "unroll_xlate" && last.table === table && last.cookie === ruleCookie;
      if (!known) frozenActions.push({ type: "unroll_xlate", table, cookie: ruleCookie });
    }
    frozenActions.push(action);
  }
}

/** Metadata survives, what the packet itself tells does not. */
/** What comes back with the packet itself; so do the words about its connection. */
const OF_PACKET = [W.PACKET_TYPE, W.DP_HASH, W.SKB_PRIORITY, W.PKT_MARK] as const;

/** frozen_metadata_from_flow() */
function metadataOf(flow: Flow): Flow {
  const kept = newFlow();
  kept.set(flow.subarray(0, W.ETH_DST));
  for (const at of OF_PACKET) kept[at] = 0;
  kept.fill(0, W.CT_STATE_ZONE);
  return kept;
}

/** finish_freezing(): everything so far is done by the datapath, the rest when the packet comes back. */
export function finishFreezing(context: XlateContext): void {
  commit(context);
  if (context.pause) {
    // a trace stays frozen, and comes here again when it has come out of clones and other bridges
    if (!context.input.sideEffects && context.input.cache === undefined) return;
    pauseForController(context, context.pause);
    cancelFreeze(context);
    context.paused = true;
    return;
  }
  const id = freeze(context, 0);
  if (context.recircUpdateHash) {
    const algorithm =
      context.bridge.backer.features.limit("max_hash_alg") === 0 ? "l4" : context.hashAlgorithm;
    context.actions.push({ type: "hash", algorithm, basis: context.hashBasis });
  }
  context.actions.push({ type: "recirc", id });
  cancelFreeze(context);
}

function pauseForController(context: XlateContext, action: ControllerAction): void {
  const { bridge, actionSet, frozenActions } = context;
  const { maxLength, reason, controllerId, userdata, meter } = action;
  context.actions.push({
    type: "userspace",
    cookie: {
      type: "controller",
      dontSend: false,
      continuation: true,
      bridge: bridge.name,
      reason,
      inPort: word(context.flow, W.IN_PORT),
      metadata: context.flow.slice(),
      recircId: frozenId(context, 0, actionSet, frozenActions),
      ruleCookie: context.ruleCookie,
      controllerId,
      maxLength,
      userdata,
      tableId: 0,
      meterId: meter,
    },
  });
}

/** compose_recirculate_and_fork(): a copy of the packet comes back; this one goes on. */
export function recirculateAndFork(
  context: XlateContext,
  table: number,
  reason: "conntrack" | "debug",
  tracked: { readonly zone: number; readonly nat: Nat | undefined } = { zone: 0, nat: undefined },
): void {
  const id = freeze(context, table);
  context.detail(
    `A clone of the packet is forked to recirculate. The forked pipeline will be resumed at table ${table}.`,
  );
  context.actions.push({ type: "recirc", id });
  context.input.recirculations?.push({
    reason,
    id,
    flow: trackedFlow(context.flow, tracked.zone),
    nat: tracked.nat,
    packet: context.input.packet,
  });
}

function trackedFlow(flow: Flow, zone: number): Flow {
  const tracked = flow.slice();
  tracked[W.CT_STATE_ZONE] = ((word(tracked, W.CT_STATE_ZONE) & 0xffff_0000) | zone) >>> 0;
  return tracked;
}

function freeze(context: XlateContext, table: number): number {
  return frozenId(context, table, context.actionSet, context.frozenActions);
}

/** The id of the state that the translation is in. */
export function frozenId(
  context: XlateContext,
  table: number,
  actionSet: readonly Action[] = [],
  actions: readonly Action[] = [],
): number {
  const state: FrozenState = {
    bridge: context.bridge,
    table,
    metadata: metadataOf(context.flow),
    stack: [...context.stack],
    mirrors: context.mirrors,
    conntracked: context.conntracked,
    actionSet: [...actionSet],
    actions: [...actions],
  };
  return context.bridge.backer.recirculations.idFor(state);
}

/** clear_conntrack(): nothing is known of the connection. */
export function clearConntrack(context: XlateContext): void {
  const { flow } = context;
  context.conntracked = false;
  flow[W.CT_STATE_ZONE] = 0;
  flow.fill(0, W.CT_MARK, W.ETH_DST);
}

/** frozen_metadata_to_flow() */
export function restoreMetadata(state: FrozenState, flow: Flow): void {
  const own = OF_PACKET.map((at) => word(flow, at));
  flow.set(state.metadata.subarray(0, W.CT_STATE_ZONE));
  OF_PACKET.forEach((at, index) => (flow[at] = own[index] as number));
  flow[W.RECIRC_ID] = 0;
}

// The action set: what is written into it, and the order in which it is executed.

import type { Action } from "../../../ovsproto/openflow/actions.ts";
import { formatActions } from "../../../ovsproto/openflow/action-text.ts";
import { PORT_UNSET, W } from "../../../ovsproto/flow/flow.ts";
import type { XlateContext } from "./context.ts";

/** Order of an action set (OpenFlow 1.3, 5.10): kinds of which the last counts, then changes of fields, then where to. */
const SET_ORDER: readonly (readonly Action["type"][])[] = [
  ["strip_vlan"],
  ["pop_mpls"],
  ["decap"],
  ["encap"],
  ["push_mpls"],
  ["push_vlan"],
  ["dec_ttl"],
  ["dec_mpls_ttl"],
  ["dec_nsh_ttl"],
];
const SET_FIELDS: ReadonlySet<Action["type"]> = new Set<Action["type"]>([
  "set_field",
  "load",
  "move",
  "set_vlan_vid",
  "set_vlan_pcp",
  "set_eth_src",
  "set_eth_dst",
  "set_ipv4_src",
  "set_ipv4_dst",
  "set_ip_dscp",
  "set_ip_ecn",
  "set_ip_ttl",
  "set_l4_src",
  "set_l4_dst",
  "set_mpls_label",
  "set_mpls_tc",
  "set_mpls_ttl",
  "set_tunnel",
  "set_queue",
]);

/** ofpacts_execute_action_set() */
export function orderActionSet(set: readonly Action[]): Action[] {
  const out: Action[] = [];
  for (const types of SET_ORDER) {
    const found = set.findLast(({ type }) => types.includes(type));
    if (found) out.push(found);
  }
  out.push(...set.filter(({ type }) => SET_FIELDS.has(type)));
  // Only one way out: a group, else a port, else a table, else ct. Without one the set does nothing.
  for (const type of ["group", "output", "resubmit", "ct"] as const) {
    const found = set.findLast((action) => action.type === type);
    if (found) return [...out, found];
  }
  return [];
}

/** xlate_write_actions() */
export function writeActions(context: XlateContext, actions: readonly Action[]): void {
  const { flow } = context;
  for (const action of actions) {
    if (action.type === "output") flow[W.ACTSET_OUTPUT] = action.port;
    else if (action.type === "group") flow[W.ACTSET_OUTPUT] = PORT_UNSET;
    context.hasWriteActions = true;
    context.actionSet.push(action);
  }
  reportActionSet(context, "is");
}

export function reportActionSet(context: XlateContext, verb: "is" | "was"): void {
  if (context.trace === undefined) return;
  const ordered = orderActionSet(context.actionSet);
  context.detail(`action set ${verb}${ordered.length > 0 ? `: ${formatActions(ordered)}` : " empty"}`);
}

/** Actions that undo themselves when the flow is restored, so that a clone needs no copy of the packet. */
export const IRREVERSIBLE: ReadonlySet<Action["type"]> = new Set<Action["type"]>([
  "ct",
  "meter",
  "nat",
  "output_trunc",
  "encap",
  "decap",
  "dec_nsh_ttl",
  "delete_field",
]);

/**
 * Rules for lists of actions that hold without knowing the match: the order of instructions, what may stand inside of
 * what. Both the text reader and the decoder ask here; the first wants a sentence, the second an error's name.
 */
import type { Action } from "./actions.ts";
import type { Field } from "./fields.ts";

/** What the list stands in; "none" is a flow, a bucket or a packet-out. */
export type OuterAction = "none" | "write_actions" | "ct" | "clone";

export interface ActionFault {
  readonly error: string;
  readonly message: string;
}

/** In the order in which OpenFlow 1.1 runs instructions. */
const INSTRUCTIONS = [
  "meter",
  "apply_actions",
  "clear_actions",
  "write_actions",
  "write_metadata",
  "goto_table",
] as const;
type Instruction = (typeof INSTRUCTIONS)[number];

/** The instruction that an action is, or is part of. @param version "meter" is an action since OpenFlow 1.5 */
export function instructionOf(action: Action, version: number): Instruction {
  if (action.type === "meter") return version >= 6 ? "apply_actions" : "meter";
  return INSTRUCTIONS.find((name) => name === action.type) ?? "apply_actions";
}

/** Open vSwitch's name of an action, as errors and feature lists have it. */
export function actionName(action: Action): string {
  switch (action.type) {
    case "output_trunc":
      return "output_trunc";
    case "output_reg":
      return "output_reg";
    case "set_eth_src":
      return "mod_dl_src";
    case "set_eth_dst":
      return "mod_dl_dst";
    case "set_ipv4_src":
      return "mod_nw_src";
    case "set_ipv4_dst":
      return "mod_nw_dst";
    case "set_ip_dscp":
      return "mod_nw_tos";
    case "set_ip_ecn":
      return "mod_nw_ecn";
    case "set_ip_ttl":
      return "mod_nw_ttl";
    case "set_l4_src":
      return "mod_tp_src";
    case "set_l4_dst":
      return "mod_tp_dst";
    case "load":
      return "set_field";
    default:
      return action.type;
  }
}

function destination(action: Action): Field | undefined {
  if (action.type === "set_field") return action.field;
  return action.type === "load" || action.type === "move" ? action.to.field : undefined;
}

const needsCt = (field: Field | undefined) => field?.name === "ct_mark" || field?.name === "ct_label";

function nestingFault(action: Action, outer: OuterAction): ActionFault | undefined {
  const field = destination(action);
  const unsupported = {
    error: "OFPBAC_BAD_ARGUMENT",
    message: `${outer} action doesn't support nested action ${actionName(action)}`,
  };
  if (needsCt(field) && outer !== "ct") {
    return { error: "OFPBAC_BAD_SET_ARGUMENT", message: "cannot set CT fields outside of ct action" };
  }
  if (action.type === "nat") {
    if (outer === "ct") return undefined;
    return { error: "OFPBAC_BAD_SET_ARGUMENT", message: 'Cannot have NAT action outside of "ct" action' };
  }
  if (outer === "ct") {
    if (!field) return unsupported;
    if (!needsCt(field)) {
      return {
        error: "OFPBAC_BAD_ARGUMENT",
        message: `ct action doesn't support nested modification of ${field.name}`,
      };
    }
  }
  return outer !== "none" && action.type === "meter" ? unsupported : undefined;
}

function conjunctionFault(actions: readonly Action[]): ActionFault | undefined {
  const other = actions.find(({ type }) => type !== "conjunction" && type !== "note");
  if (!other) return undefined;
  return {
    error: "NXBAC_BAD_CONJUNCTION",
    message:
      '"conjunction" actions may be used along with "note" but not any other kind of action ' +
      `(such as the "${actionName(other)}" action used here)`,
  };
}

function orderFault(before: Instruction, next: Instruction): ActionFault | undefined {
  const difference = INSTRUCTIONS.indexOf(next) - INSTRUCTIONS.indexOf(before);
  if (difference > 0 || (difference === 0 && before === "apply_actions")) return undefined;
  const message =
    difference === 0
      ? `duplicate ${before} instruction not allowed, for OpenFlow 1.1+ compatibility`
      : `invalid instruction ordering: ${next} must appear before ${before}, for OpenFlow 1.1+ compatibility`;
  return { error: "OFPBAC_UNSUPPORTED_ORDER", message };
}

/**
 * The first fault of a list.
 * @param instructions whether instructions other than apply_actions and meter may be there
 * @param meter whether "meter" may be there if they may not
 */
export function actionFault(
  actions: readonly Action[],
  version: number,
  instructions: boolean,
  outer: OuterAction,
  meter = true,
): ActionFault | undefined {
  let before: Instruction | undefined;
  for (const action of actions) {
    if (action.type === "conjunction") return conjunctionFault(actions);
    const nested = nestingFault(action, outer);
    if (nested) return nested;
    const next = instructionOf(action, version);
    const order = before === undefined ? undefined : orderFault(before, next);
    if (order) return order;
    if (!instructions && next !== "apply_actions" && !(meter && next === "meter")) {
      return { error: "OFPBIC_UNSUP_INST", message: `${next} instruction not allowed here` };
    }
    before = next;
  }
  return undefined;
}

/** Actions that may stand in an action set (OpenFlow 1.1, 5.10). */
const IN_ACTION_SET: ReadonlySet<Action["type"]> = new Set([
  "strip_vlan",
  "pop_mpls",
  "decap",
  "encap",
  "push_mpls",
  "push_vlan",
  "dec_ttl",
  "dec_mpls_ttl",
  "dec_nsh_ttl",
  "ct",
  "ct_clear",
  "resubmit",
  "output",
  "group",
  "set_field",
  "load",
  "move",
  "set_eth_dst",
  "set_eth_src",
  "set_ip_dscp",
  "set_ip_ecn",
  "set_ip_ttl",
  "set_ipv4_dst",
  "set_ipv4_src",
  "set_l4_dst",
  "set_l4_src",
  "set_mpls_label",
  "set_mpls_tc",
  "set_mpls_ttl",
  "set_queue",
  "set_tunnel",
  "set_vlan_pcp",
  "set_vlan_vid",
]);

export function mayBeInActionSet(action: Action): boolean {
  return IN_ACTION_SET.has(action.type);
}

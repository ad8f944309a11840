// What a flow may ask for of a datapath that cannot track connections, or not in every way (check_mask() and check_actions() of
// Open vSwitch's ofproto-dpif.c). Actions inside of others are not looked at, as in the original.

import type { Action } from "../../../ovsproto/openflow/actions.ts";
import { OpenflowError } from "../../../ovsproto/openflow/errors.ts";
import type { Match } from "../../../ovsproto/openflow/match.ts";
import { KeyWord } from "../../../ovsproto/openflow/flow-key.ts";
import { CT_STATE } from "../../conntrack/connection-table.ts";
import type { Backer } from "../backer.ts";
import type { DatapathFeatures } from "../datapath-features.ts";

/** Errors: OpenflowError, which the log tells of if it is about actions. */
export function checkSupport({ features, vlog }: Backer, match: Match, actions: readonly Action[]): void {
  if (!features.areChanged) return;
  if (!canMatch(features, match)) throw new OpenflowError("NXBMC_CT_DATAPATH_SUPPORT");
  for (const action of actions) {
    const lacking = lackingFor(features, action);
    if (lacking === undefined) continue;
    const text = `Rejecting ${action.type} action because datapath does not support ${lacking} (your kernel module may be out of date)`;
    vlog?.limited("report_unsupported_act", "ofproto_dpif", "warn", text, 1, 5);
    throw new OpenflowError("NXBAC_CT_DATAPATH_SUPPORT");
  }
}

function canMatch(features: DatapathFeatures, { mask }: Match): boolean {
  const any = (first: number, count: number): boolean =>
    mask.subarray(first, first + count).some((each) => each !== 0);
  const state = (mask[KeyWord.CT_STATE_ZONE] ?? 0) >>> 16;
  const zone = (mask[KeyWord.CT_STATE_ZONE] ?? 0) & 0xffff;
  const translated = state & (CT_STATE.SOURCE_NAT | CT_STATE.DESTINATION_NAT);
  if (state !== 0 && features.lacks("ct_state")) return false;
  if (translated !== 0 && features.lacks("ct_state_nat")) return false;
  if (zone !== 0 && features.lacks("ct_zone")) return false;
  if (any(KeyWord.CT_MARK, 1) && features.lacks("ct_mark")) return false;
  if (any(KeyWord.CT_LABEL, 4) && features.lacks("ct_label")) return false;
  if (any(KeyWord.CT_NW_SRC, 2) && features.lacks("ct_orig_tuple")) return false;
  return !(any(KeyWord.CT_IPV6_SRC, 8) && features.lacks("ct_orig_tuple6"));
}

/** Undefined if nothing is. */
function lackingFor(features: DatapathFeatures, action: Action): string | undefined {
  if (action.type === "resubmit")
    return action.ct && features.lacks("ct_orig_tuple") ? "ct original direction tuple" : undefined;
  if (action.type !== "ct") return undefined;
  if (features.lacks("ct_state")) return "ct action";
  if (action.zone !== 0 && features.lacks("ct_zone")) return "ct zones";
  if (action.force && features.lacks("ct_orig_tuple")) return "force commit";
  for (const inner of action.actions) {
    if (inner.type === "nat" && features.lacks("ct_state_nat")) return "nat";
    const field =
      inner.type === "set_field"
        ? inner.field
        : inner.type === "move" || inner.type === "load"
          ? inner.to.field
          : undefined;
    const name = field?.name;
    if (
      (name === "ct_mark" && features.lacks("ct_mark")) ||
      (name === "ct_label" && features.lacks("ct_label"))
    )
      return "setting mark and/or label";
  }
  return undefined;
}

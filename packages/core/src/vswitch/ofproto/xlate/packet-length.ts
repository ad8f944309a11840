// check_pkt_larger (xlate_check_pkt_larger): what follows the action is translated twice, for longer packets and for the others,
// and the datapath chooses by each packet's length.

import type { Action } from "../../../ovsproto/openflow/actions.ts";
import type { Subfield } from "../../../ovsproto/openflow/subfield.ts";
import type { DpAction } from "../../../ovsproto/datapath/actions.ts";
import { writeSubfield } from "../../../ovsproto/flow/fields.ts";
import { lengthOf } from "../../datapath/frame-length.ts";
import { commit } from "./commit.ts";
import { SLOW } from "./context.ts";
import type { XlateContext } from "./context.ts";
import { finishFreezing } from "./freeze.ts";

export interface LengthCheck {
  readonly length: number;
  /** Gets 1 for longer packets, 0 for others. */
  readonly to: Subfield;
}

/** For datapaths without such an action: the daemon looks at every packet itself. */
export function checkThisPacket(context: XlateContext, { length, to }: LengthCheck): void {
  const { packet } = context.input;
  writeSubfield(context.flow, to, packet && lengthOf(packet) > length ? 1n : 0n);
  context.slow |= SLOW.ACTION;
}

/**
 * @param rest the actions that follow
 * @param run translates actions; @param runActionSet what is in the action set after them
 */
export function checkPacketLarger(
  context: XlateContext,
  { length, to }: LengthCheck,
  rest: readonly Action[],
  run: (actions: readonly Action[]) => void,
  runActionSet: () => void,
): void {
  commit(context);
  let exit = false;
  const before = {
    flow: context.flow,
    base: context.base,
    stack: context.stack,
    actionSet: context.actionSet,
    wasMpls: context.wasMpls,
    conntracked: context.conntracked,
    actions: context.actions,
  };
  const branch = (larger: boolean): readonly DpAction[] => {
    context.flow = before.flow.slice();
    context.base = before.base.slice();
    context.stack = [...before.stack];
    context.wasMpls = before.wasMpls;
    context.conntracked = before.conntracked;
    context.actions = [];
    writeSubfield(context.flow, to, larger ? 1n : 0n);
    run(rest);
    if (!context.freezing) runActionSet();
    if (context.freezing) finishFreezing(context);
    exit ||= context.exit;
    context.exit = false;
    return context.actions;
  };
  // the first branch runs the action set, the second one finds it empty, and it is there again behind both
  context.actionSet = [...before.actionSet];
  const greater = branch(true);
  const lessEqual = branch(false);
  Object.assign(context, before);
  // what ends in one branch ends what is outside, too
  context.exit = exit;
  context.actions.push({ type: "check_pkt_len", size: length, greater, lessEqual });
}

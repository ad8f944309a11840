// Packets to controllers (xlate_controller_action): the datapath hands the packet to the daemon, which makes the packet-in.

import type { DpAction, UserspaceCookie } from "../../../ovsproto/datapath/actions.ts";
import type { Rule } from "../rule.ts";
import { W, word } from "../../../ovsproto/flow/flow.ts";
import { commit } from "./commit.ts";
import type { XlateContext } from "./context.ts";
import { frozenId } from "./freeze.ts";

/** OFPR_*, in the numbers of OpenFlow 1.4 and Open vSwitch. */
export const PACKET_IN_REASON = {
  NO_MATCH: 0,
  ACTION: 1,
  INVALID_TTL: 2,
  ACTION_SET: 3,
  GROUP: 4,
  PACKET_OUT: 5,
  EXPLICIT_MISS: 6,
  IMPLICIT_MISS: 7,
} as const;

export interface ControllerOutput {
  readonly maxLength: number;
  readonly reason: number;
  readonly controllerId: number;
  readonly userdata?: Uint8Array | undefined;
  readonly meter?: number | undefined;
}

/** rule_is_table_miss(): the flow that takes what no other does (OpenFlow 1.3, section 5.4). */
function isTableMiss(rule: Rule | undefined): boolean {
  return rule !== undefined && rule.priority === 0 && rule.match.mask.every((bits) => bits === 0);
}

export function outputToController(context: XlateContext, output: ControllerOutput): void {
  commit(context);
  // What such a flow sends is a miss that was asked for; versions before 1.3 do not know that.
  const missed = output.reason === PACKET_IN_REASON.ACTION && isTableMiss(context.rule);
  const cookie: UserspaceCookie = {
    type: "controller",
    continuation: false,
    dontSend: !context.input.sideEffects && context.input.cache === undefined,
    bridge: context.bridge.name,
    reason: missed ? PACKET_IN_REASON.EXPLICIT_MISS : output.reason,
    inPort: word(context.flow, W.IN_PORT),
    metadata: context.flow.slice(),
    recircId: frozenId(context, context.table),
    ruleCookie: context.ruleCookie,
    controllerId: output.controllerId,
    maxLength: output.maxLength,
    userdata: output.userdata,
    tableId: context.table,
    meterId: output.meter,
  };
  const { bridge } = context;
  const meter = output.meter === undefined ? bridge.controllerMeter : bridge.datapathMeter(output.meter);
  const up: DpAction = { type: "userspace", cookie };
  context.actions.push(
    meter === undefined
      ? up
      : { type: "sample", probability: 0xffff_ffff, actions: [{ type: "meter", id: meter }, up] },
  );
}

// Packets to controllers (xlate_controller_action): the datapath hands the packet to the daemon, which makes the packet-in.

import type { UserspaceCookie } from "../../datapath/actions.ts";
import { W, word } from "../../flow/flow.ts";
import { commit } from "./commit.ts";
import type { XlateContext } from "./context.ts";

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
  readonly pause?: boolean;
}

export function outputToController(context: XlateContext, output: ControllerOutput): void {
  commit(context);
  const cookie: UserspaceCookie = {
    type: "controller",
    bridge: context.bridge.name,
    reason: output.reason,
    inPort: word(context.flow, W.IN_PORT),
    metadata: context.flow.slice(),
    recircId: 1,
    ruleCookie: context.ruleCookie,
    controllerId: output.controllerId,
    maxLength: output.maxLength,
    userdata: output.userdata,
    tableId: context.table,
    meterId: output.meter,
  };
  context.actions.push({ type: "userspace", cookie });
  context.outputs++;
}

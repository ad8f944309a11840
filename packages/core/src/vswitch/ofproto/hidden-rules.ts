// The rules of a bridge's last table, which apply where no other does (add_internal_flows of ofproto-dpif.c). Lookups do not go
// there: whoever finds no rule takes one of these.

import { theField } from "../../ovsproto/openflow/fields.ts";
import { Match } from "../../ovsproto/openflow/match.ts";
import { INTERNAL_TABLE } from "./flow-tables.ts";
import { Rule } from "./rule.ts";
import { PACKET_IN_REASON } from "./xlate/controller.ts";

export interface HiddenRules {
  readonly miss: Rule;
  readonly noPacketIn: Rule;
  readonly dropFragments: Rule;
  /** Of packets that come back from the datapath with an id that nobody knows. */
  readonly notRecirculated: Rule;
}

/** In the order of making. @param now clock, nanoseconds */
export function makeHiddenRules(now: number): HiddenRules {
  const rule = (field: string, value: bigint, priority: number, actions: Rule["actions"]) => {
    const match = new Match();
    match.set(theField(field), value);
    return new Rule(INTERNAL_TABLE, match, priority, actions, now);
  };
  return {
    miss: rule("reg0", 1n, 0, [
      {
        type: "controller",
        maxLength: 0xffff,
        controllerId: 0,
        reason: PACKET_IN_REASON.IMPLICIT_MISS,
        userdata: undefined,
        pause: false,
        meter: undefined,
      },
    ]),
    noPacketIn: rule("reg0", 2n, 0, []),
    dropFragments: rule("reg0", 3n, 0, []),
    notRecirculated: rule("recirc_id", 0n, 2, []),
  };
}

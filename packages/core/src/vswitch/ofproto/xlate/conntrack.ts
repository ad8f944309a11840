// The ct action (compose_conntrack_action): the datapath tracks the packet, and if a table was named, the packet comes back with
// what was found out.

import type { ConnectionTracking, Nat } from "../../../ovsproto/openflow/actions.ts";
import { maskSubfield, readSubfield } from "../../../ovsproto/flow/fields.ts";
import { unwildcardProtocol, W, word } from "../../../ovsproto/flow/flow.ts";
import { commit } from "./commit.ts";
import type { XlateContext } from "./context.ts";
import { clearConntrack } from "./freeze.ts";
import type { Translator } from "./table.ts";

const NO_TABLE = 255;
const FTP_PORT = 21;

/** put_ct_timeout(): the policy of the zone, whose name in the kernel's tracker depends on the protocol. */
function timeoutPolicy({ bridge, flow, wildcards }: XlateContext, zone: number): string | undefined {
  const { zonePolicies } = bridge.backer;
  const name = zonePolicies.nameFor(zone, flow);
  if (name !== undefined && zonePolicies.byProtocol) unwildcardProtocol(wildcards);
  return name;
}

export function connectionTracking(
  context: XlateContext,
  action: ConnectionTracking,
  translate: Translator,
  fork: (table: number, zone: number, nat: Nat | undefined) => void,
): void {
  const { flow, wildcards } = context;
  commit(context);
  const savedMasks = [word(wildcards, W.CT_MARK), ...wildcards.subarray(W.CT_LABEL, W.CT_LABEL + 4)];
  wildcards.fill(0, W.CT_MARK, W.CT_LABEL + 4);
  translate(action.actions, context, false);
  let zone: number;
  if (typeof action.zone === "number") zone = action.zone;
  else {
    maskSubfield(wildcards, action.zone);
    zone = Number(readSubfield(flow, action.zone));
  }
  const nat = action.actions.find((each): each is Nat => each.type === "nat");
  const label = [0, 1, 2, 3].map((i) => word(wildcards, W.CT_LABEL + i));
  context.actions.push({
    type: "ct",
    request: {
      commit: action.commit,
      force: action.force,
      zone,
      mark:
        word(wildcards, W.CT_MARK) === 0
          ? undefined
          : { value: word(flow, W.CT_MARK), mask: word(wildcards, W.CT_MARK) },
      label: label.every((bits) => bits === 0)
        ? undefined
        : { value: [0, 1, 2, 3].map((i) => word(flow, W.CT_LABEL + i)), mask: label },
      nat,
      helper: action.alg === 0 ? undefined : action.alg === FTP_PORT ? "ftp" : "tftp",
      timeout: action.commit ? timeoutPolicy(context, zone) : undefined,
    },
  });
  wildcards[W.CT_MARK] = savedMasks[0] as number;
  wildcards.set(savedMasks.slice(1), W.CT_LABEL);
  if (action.recirculateTable !== NO_TABLE) {
    context.conntracked = true;
    fork(action.recirculateTable, zone, nat);
  }
  // What the tracker finds out is known in the named table only.
  clearConntrack(context);
  context.detail("Sets the packet to an untracked state, and clears all the conntrack fields.");
}

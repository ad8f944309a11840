// Flows of the kernel's datapaths, which have a ufid or are known by their keys: how they are put in and found (ovs_flow_cmd_new,
// ovs_flow_cmd_set of net/openvswitch/datapath.c), by netlink as by the switch daemon. What they must look like: kernel-match.ts,
// check-actions.ts.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { DpAction } from "../../ovsproto/datapath/actions.ts";
import { ufidOf } from "../../ovsproto/datapath/ufid.ts";
import { flowsEqual } from "../../ovsproto/flow/flow.ts";
import type { Flow } from "../../ovsproto/flow/flow.ts";
import type { Datapath } from "./datapath.ts";
import type { DpFlow } from "./flow-table.ts";
import type { FlowMatch } from "./kernel-match.ts";

export interface KernelFlowPut {
  /** Undefined: it is known by its key. */
  readonly ufid: string | undefined;
  readonly match: FlowMatch;
  readonly actions: readonly DpAction[];
  /** One that is there already is not changed (NLM_F_CREATE, NLM_F_EXCL). */
  readonly onlyNew: boolean;
  /** It only shows whether the kernel takes it. */
  readonly probe: boolean;
}

/** ovs_flow_cmd_new(). Errors: Refusal. */
export function putKernelFlow(
  datapath: Datapath,
  { ufid, match, actions, onlyNew, probe }: KernelFlowPut,
): DpFlow {
  const { table } = datapath;
  let known = ufid === undefined ? undefined : table.byUfid.get(ufid);
  known ??= table.find(match.key);
  if (!known) {
    const name = ufid ?? ufidOf(match.key, match.mask);
    const flow = datapath.addFlow(match.key, match.mask, name, actions);
    if (ufid === undefined) flow.unmasked = match.key;
    if (!probe) datapath.handler?.flowAdded();
    return flow;
  }
  if (onlyNew) throw new Refusal(ERRNO.EEXIST);
  // one that it only overlaps with is not the one that is meant
  const same =
    ufid === undefined
      ? known.unmasked !== undefined && flowsEqual(known.unmasked, match.key)
      : known.unmasked === undefined && known.ufid === ufid;
  const flow = same ? known : exact(datapath, match.key);
  if (!flow) throw new Refusal(ERRNO.ENOENT);
  flow.actions = actions;
  return flow;
}

/** ovs_flow_tbl_lookup_exact(): of those that their keys name. */
function exact(datapath: Datapath, key: Flow): DpFlow | undefined {
  for (const flow of datapath.table.flows) {
    if (flow.unmasked && flowsEqual(flow.unmasked, key)) return flow;
  }
  return undefined;
}

/** The one with the ufid, or with the key if there is none. Errors: Refusal ENOENT. */
export function findKernelFlow(
  datapath: Datapath,
  ufid: string | undefined,
  match: FlowMatch | undefined,
): DpFlow {
  const flow = ufid === undefined ? match && exact(datapath, match.key) : datapath.table.byUfid.get(ufid);
  if (!flow || (ufid !== undefined && flow.unmasked)) throw new Refusal(ERRNO.ENOENT);
  return flow;
}

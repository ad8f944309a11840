// Flows that somebody puts into a datapath of the kernel by way of the daemon: the requests that the daemon would send by netlink
// (dpif_netlink_flow_put, dpif_netlink_flow_del of Open vSwitch's lib/dpif-netlink.c), with what the kernel says to them.

import type { FlowName, FlowPut } from "../../../../dpctl/dpif.ts";
import { ERRNO } from "../../../../netlink/errno.ts";
import { Refusal } from "../../../../netlink/refusal.ts";
import type { FlowStatistics } from "../../../../ovsproto/datapath/format-flow.ts";
import { keyBytes, kernelRequest } from "../../../../ovsproto/datapath/key-attributes.ts";
import { checkActions } from "../../../datapath/check-actions.ts";
import type { Datapath } from "../../../datapath/datapath.ts";
import { findKernelFlow, putKernelFlow } from "../../../datapath/kernel-flows.ts";
import { readMatch } from "../../../datapath/kernel-match.ts";

/** What the flow has counted, before that is cleared. Errors: Refusal. */
export function putInKernel(datapath: Datapath, put: FlowPut): FlowStatistics {
  const { parsed, ufid, actions, create, modify, zeroStatistics } = put;
  const asked = kernelRequest(parsed);
  if (!asked) throw new Refusal(ERRNO.EINVAL);
  const match = readMatch(asked.key, asked.mask);
  checkActions(actions, match.key);
  if (create) return putKernelFlow(datapath, { ufid, match, actions, onlyNew: !modify, probe: false });
  const flow = findKernelFlow(datapath, ufid, match);
  flow.actions = actions;
  const { packets, bytes, used, tcpFlags } = flow;
  if (zeroStatistics) flow.resetCounters();
  return { packets, bytes, used, tcpFlags };
}

/** What the flow had counted. Errors: Refusal. */
export function deleteInKernel(datapath: Datapath, { parsed, ufid }: FlowName): FlowStatistics {
  const flow = findKernelFlow(datapath, ufid, readMatch(keyBytes(parsed, parsed.key), undefined));
  datapath.removeFlow(flow);
  return flow;
}

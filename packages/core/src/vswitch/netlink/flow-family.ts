// The family ovs_flow: flows that programs put into datapaths (ovs_flow_cmd_* of net/openvswitch/datapath.c).

import type { GenericCommand } from "../../kernel/netlink/generic.ts";
import type { Request } from "../../kernel/netlink/handlers.ts";
import { AttributeWriter } from "../../netlink/attributes.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { OVS_CMD, OVS_UFID_FLAG, OVS_VERSION, ovsFlow } from "../../netlink/generic/openvswitch.ts";
import type { OvsFlowMessage } from "../../netlink/generic/openvswitch.ts";
import { NLM_F } from "../../netlink/message.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { readActionBytes, writeActions } from "../../ovsproto/datapath/action-attributes.ts";
import type { DpAction } from "../../ovsproto/datapath/actions.ts";
import { UPCALL_PID } from "../../ovsproto/datapath/format-actions.ts";
import { writeKeyAttributes } from "../../ovsproto/datapath/key-attributes.ts";
import { ufidBytes, ufidText } from "../../ovsproto/datapath/ufid.ts";
import type { Flow } from "../../ovsproto/flow/flow.ts";
import type { Datapath } from "../datapath/datapath.ts";
import type { DpFlow } from "../datapath/flow-table.ts";
import type { KernelDatapaths } from "../datapath/kernel-datapaths.ts";
import { checkActions } from "../datapath/check-actions.ts";
import { findKernelFlow, putKernelFlow } from "../datapath/kernel-flows.ts";
import { kernelShape, readMatch } from "../datapath/kernel-match.ts";
import { datapathAt, decoded, notify } from "./request.ts";
import type { FamilyNumbers } from "./request.ts";

export function flowCommands(
  datapaths: KernelDatapaths,
  numbers: FamilyNumbers,
): ReadonlyMap<number, GenericCommand> {
  const asked = (request: Request) => decoded(ovsFlow.decode(request.message.body));
  const answer = (request: Request, datapath: Datapath, flow: DpFlow, cmd: number, omit = 0) =>
    notify(request, numbers, describe(datapath, flow, cmd, omit));
  return new Map<number, GenericCommand>([
    [
      OVS_CMD.NEW,
      {
        admin: true,
        doit: (request) => {
          const record = asked(request);
          const { key, ufidFlags } = record;
          if (!key) throw new Refusal(ERRNO.EINVAL, "Flow key attr not present in new flow.");
          if (!record.actions) throw new Refusal(ERRNO.EINVAL, "Flow actions attr not present in new flow.");
          const match = readMatch(key, record.mask);
          const actions = actionsOf(record.actions, match.key);
          const datapath = datapathAt(datapaths, request, record.dpIfindex);
          const flow = putKernelFlow(datapath, {
            ufid: ufidOfRecord(record),
            match,
            actions,
            onlyNew: (request.message.flags & (NLM_F.CREATE | NLM_F.EXCL)) !== 0,
            probe: record.probe === true,
          });
          answer(request, datapath, flow, OVS_CMD.NEW, ufidFlags);
        },
      },
    ],
    [
      OVS_CMD.DEL,
      {
        admin: true,
        doit: (request) => {
          const record = asked(request);
          const { key, ufidFlags } = record;
          const match = key && readMatch(key, undefined);
          const datapath = datapathAt(datapaths, request, record.dpIfindex);
          if (!match && !record.ufid) {
            datapath.removeFlows();
            return;
          }
          const flow = findKernelFlow(datapath, ufidOfRecord(record), match);
          const body = describe(datapath, flow, OVS_CMD.DEL, ufidFlags);
          datapath.removeFlow(flow);
          notify(request, numbers, body);
        },
      },
    ],
    [
      OVS_CMD.GET,
      {
        doit: (request) => {
          const record = asked(request);
          if (!record.key && !record.ufid) throw new Refusal(ERRNO.EINVAL);
          const match = record.key && readMatch(record.key, undefined);
          const datapath = datapathAt(datapaths, request, record.dpIfindex);
          const flow = findKernelFlow(datapath, ufidOfRecord(record), match);
          request.reply(numbers.id, describe(datapath, flow, OVS_CMD.NEW, record.ufidFlags));
        },
        dump: (request) => {
          const record = asked(request);
          const datapath = datapathAt(datapaths, request, record.dpIfindex);
          const bodies = [...datapath.table.flows].map((flow) =>
            describe(datapath, flow, OVS_CMD.NEW, record.ufidFlags),
          );
          return { type: numbers.id, bodies };
        },
      },
    ],
    [
      OVS_CMD.SET,
      {
        admin: true,
        doit: (request) => {
          const record = asked(request);
          if (!record.key) throw new Refusal(ERRNO.EINVAL, "Flow key attribute not present in set flow.");
          const match = readMatch(record.key, record.mask);
          const actions = record.actions && actionsOf(record.actions, match.key);
          const datapath = datapathAt(datapaths, request, record.dpIfindex);
          const flow = findKernelFlow(datapath, ufidOfRecord(record), match);
          if (actions) flow.actions = actions;
          const body = describe(datapath, flow, OVS_CMD.SET, record.ufidFlags);
          if (record.clear === true) flow.resetCounters();
          notify(request, numbers, body);
        },
      },
    ],
  ]);
}

/** ovs_nla_copy_actions(). Errors: Refusal EINVAL. */
function actionsOf(bytes: Uint8Array, key: Flow): readonly DpAction[] {
  const actions = readActionBytes(bytes);
  if (!actions) throw new Refusal(ERRNO.EINVAL);
  checkActions(actions, key);
  return actions;
}

function ufidOfRecord({ ufid }: OvsFlowMessage): string | undefined {
  return ufid && ufidText(ufid);
}

function attributes(fill: (writer: AttributeWriter) => void): Uint8Array {
  const writer = new AttributeWriter();
  fill(writer);
  return writer.finish();
}

/** ovs_flow_cmd_fill_info() */
function describe(datapath: Datapath, flow: DpFlow, cmd: number, omit = 0): Uint8Array {
  const { key, mask, unmasked, packets, bytes, used, tcpFlags, actions } = flow;
  const shape = kernelShape(key);
  const named = unmasked === undefined;
  const omitted = named ? omit : 0;
  const shown = unmasked ?? key;
  return ovsFlow.encode({
    cmd,
    version: OVS_VERSION,
    dpIfindex: datapath.local.ifindex,
    ...(named ? { ufid: ufidBytes(flow.ufid) } : {}),
    ...(omitted & OVS_UFID_FLAG.OMIT_KEY
      ? {}
      : { key: attributes((writer) => writeKeyAttributes(writer, shown, shape, shown)) }),
    ...(omitted & OVS_UFID_FLAG.OMIT_MASK
      ? {}
      : { mask: attributes((writer) => writeKeyAttributes(writer, mask, shape, key)) }),
    ...(used === undefined ? {} : { used: Math.floor(used / 1e6) }),
    ...(packets === 0 ? {} : { stats: { packets, bytes } }),
    ...((tcpFlags & 0xff) === 0 ? {} : { tcpFlags: tcpFlags & 0xff }),
    ...(omit & OVS_UFID_FLAG.OMIT_ACTIONS
      ? {}
      : { actions: attributes((writer) => writeActions(writer, actions, UPCALL_PID)) }),
  });
}

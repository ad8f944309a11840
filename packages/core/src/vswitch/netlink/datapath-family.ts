// The family ovs_datapath: datapaths with their counters (ovs_dp_cmd_* of net/openvswitch/datapath.c).

import type { GenericCommand } from "../../kernel/netlink/generic.ts";
import type { Request } from "../../kernel/netlink/handlers.ts";
import { ERRNO } from "../../netlink/errno.ts";
import {
  OVS_CMD,
  OVS_DATAPATH_VERSION,
  OVS_DP_FEATURE,
  ovsDatapath,
} from "../../netlink/generic/openvswitch.ts";
import type { OvsDatapathMessage } from "../../netlink/generic/openvswitch.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Datapath } from "../datapath/datapath.ts";
import { isCacheSize } from "../datapath/flow-table.ts";
import type { KernelDatapaths } from "../datapath/kernel-datapaths.ts";
import { stateOf } from "./datapath-state.ts";
import { datapathAt, decodedNaming, notify } from "./request.ts";
import type { FamilyNumbers } from "./request.ts";

const KNOWN_FEATURES =
  OVS_DP_FEATURE.UNALIGNED |
  OVS_DP_FEATURE.VPORT_PIDS |
  OVS_DP_FEATURE.TC_RECIRC_SHARING |
  OVS_DP_FEATURE.DISPATCH_UPCALL_PER_CPU;

export function datapathCommands(
  datapaths: KernelDatapaths,
  numbers: FamilyNumbers,
): ReadonlyMap<number, GenericCommand> {
  const asked = (request: Request) => decodedNaming(ovsDatapath.decode(request.message.body));
  return new Map<number, GenericCommand>([
    [
      OVS_CMD.NEW,
      {
        admin: true,
        doit: (request) => {
          const record = asked(request);
          const { name } = record;
          if (name === undefined || record.upcallPid === undefined) throw new Refusal(ERRNO.EINVAL);
          checkChange(record);
          const { netns } = request;
          const datapath = datapaths.create(name, datapaths.hostOf(netns));
          change(datapath, record, 0);
          stateOf(datapath).portPids.set(0, [record.upcallPid]);
          notify(request, numbers, describe(datapath, OVS_CMD.NEW));
        },
      },
    ],
    [
      OVS_CMD.DEL,
      {
        admin: true,
        doit: (request) => {
          const datapath = lookUp(datapaths, request, asked(request));
          const body = describe(datapath, OVS_CMD.DEL);
          datapaths.remove(datapath);
          notify(request, numbers, body);
        },
      },
    ],
    [
      OVS_CMD.GET,
      {
        doit: (request) => {
          const datapath = lookUp(datapaths, request, asked(request));
          request.reply(numbers.id, describe(datapath, OVS_CMD.NEW));
        },
        dump: (request) => ({
          type: numbers.id,
          bodies: datapaths.in(request.netns).map((datapath) => describe(datapath, OVS_CMD.NEW)),
        }),
      },
    ],
    [
      OVS_CMD.SET,
      {
        admin: true,
        doit: (request) => {
          const record = asked(request);
          const datapath = lookUp(datapaths, request, record);
          checkChange(record);
          change(datapath, record, stateOf(datapath).userFeatures);
          notify(request, numbers, describe(datapath, OVS_CMD.SET));
        },
      },
    ],
  ]);
}

/** lookup_datapath(): by name, or by the index of its device. Errors: Refusal ENODEV. */
function lookUp(
  datapaths: KernelDatapaths,
  request: Request,
  { name, dpIfindex }: OvsDatapathMessage,
): Datapath {
  const found =
    name === undefined ? datapathAt(datapaths, request, dpIfindex) : datapaths.named(request.netns, name);
  if (!found) throw new Refusal(ERRNO.ENODEV);
  return found;
}

/** Errors: Refusal EOPNOTSUPP for features that nobody knows, EINVAL for a size that no cache may have. */
function checkChange({ userFeatures = 0, masksCacheSize: size = 0 }: OvsDatapathMessage): void {
  if (userFeatures & ~KNOWN_FEATURES) throw new Refusal(ERRNO.EOPNOTSUPP);
  if (!isCacheSize(size)) throw new Refusal(ERRNO.EINVAL);
}

/** ovs_dp_change() */
function change(datapath: Datapath, record: OvsDatapathMessage, features: number): void {
  const state = stateOf(datapath);
  state.userFeatures = record.userFeatures ?? features;
  if (record.perCpuPids && state.userFeatures & OVS_DP_FEATURE.DISPATCH_UPCALL_PER_CPU) {
    state.perCpuPids = record.perCpuPids;
  }
  if (record.masksCacheSize !== undefined) datapath.table.resizeCache(record.masksCacheSize);
}

/** ovs_dp_cmd_fill_info() */
function describe(datapath: Datapath, cmd: number): Uint8Array {
  const { hits, misses, lost, table, local } = datapath;
  const { maskHits, maskCount, cacheHits, cacheSize } = table;
  const { userFeatures, perCpuPids } = stateOf(datapath);
  return ovsDatapath.encode({
    cmd,
    version: OVS_DATAPATH_VERSION,
    dpIfindex: local.ifindex,
    name: local.name,
    stats: { hits, misses, lost, flows: table.flows.size },
    megaflowStats: { maskHits, masks: maskCount, cacheHits },
    userFeatures,
    masksCacheSize: cacheSize,
    ...(perCpuPids ? { perCpuPids } : {}),
  });
}

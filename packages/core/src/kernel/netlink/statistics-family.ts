// RTM_GETSTATS: statistics in nests of their own (net/core/rtnetlink.c: rtnl_stats_get, rtnl_stats_dump). The link's
// own counters, those that a kind or a port adds, and empty answers about hardware offload, which no device here has.

import { AttributeWriter } from "../../netlink/attributes.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import {
  decodeStatisticsRequest,
  encodeStatistics,
  IFLA_STATS_FILTER,
} from "../../netlink/rtnl/statistics.ts";
import type { StatisticsMessage, StatisticsRequest } from "../../netlink/rtnl/statistics.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { NetDevice } from "../device.ts";
import type { Kernel } from "../kernel.ts";
import type { DumpResult, Request } from "./handlers.ts";
import { linkCounters } from "./link-fill.ts";

/** IFLA_OFFLOAD_XSTATS_L3_STATS, and what is told of it: not requested, not used. */
const L3_STATS = 3;
const REQUEST = 1;
const USED = 2;

function hardwareInformation(): Uint8Array {
  const writer = new AttributeWriter();
  writer.nestFlagged(L3_STATS, () => {
    writer.u8(REQUEST, 0);
    writer.u8(USED, 0);
  });
  return writer.finish();
}

function decode(request: Request): StatisticsRequest {
  const message = decodeStatisticsRequest(request.message.body);
  if (isMalformed(message)) throw new Refusal(ERRNO.EINVAL);
  if (message.filterMask === 0) throw new Refusal(ERRNO.EINVAL, "Filter mask must be set for stats get");
  return message;
}

function fill(device: NetDevice, filterMask: number): Uint8Array {
  const wants = (bit: number): boolean => (filterMask & bit) !== 0;
  const message: Partial<StatisticsMessage> = {
    family: AF.UNSPEC,
    ifindex: device.ifindex,
    filterMask,
    link64: wants(IFLA_STATS_FILTER.LINK_64) ? linkCounters(device) : undefined,
    linkXstats: wants(IFLA_STATS_FILTER.LINK_XSTATS) ? device.kind?.extendedStatistics?.(device) : undefined,
    linkXstatsSlave: wants(IFLA_STATS_FILTER.LINK_XSTATS_SLAVE)
      ? device.master?.kind?.portExtendedStatistics?.(device)
      : undefined,
    linkOffloadXstats: wants(IFLA_STATS_FILTER.LINK_OFFLOAD_XSTATS)
      ? { hwSInfo: hardwareInformation() }
      : undefined,
  };
  return encodeStatistics(message);
}

function getStatistics(request: Request): void {
  const message = decode(request);
  if (message.ifindex === 0) throw new Refusal(ERRNO.EINVAL);
  const device = request.netns.deviceByIndex(message.ifindex);
  if (!device) throw new Refusal(ERRNO.ENODEV);
  request.reply(RTM.NEWSTATS, fill(device, message.filterMask));
}

function dumpStatistics(request: Request): DumpResult {
  const { filterMask } = decode(request);
  return {
    type: RTM.NEWSTATS,
    bodies: request.netns.devicesInDumpOrder().map((device) => fill(device, filterMask)),
  };
}

export function installStatistics(kernel: Kernel): void {
  kernel.rtnetlink.register(AF.UNSPEC, RTM.GETSTATS, { doit: getStatistics, dump: dumpStatistics });
}

/**
 * Statistics of links: RTM_NEWSTATS, RTM_GETSTATS, RTM_SETSTATS (ip-stats(8); linux/if_link.h `IFLA_STATS_*`; Linux
 * net/core/rtnetlink.c `rtnl_fill_statsinfo`). What a kind adds is a nest by kind number, decoded in links/KIND.
 */

import { at, bytes, flaggedNest, struct, u32, u8 } from "../attribute-codecs.ts";
import { AttributeTable, bodyCodec, field, type Fields } from "../attribute-table.ts";
import { statistics64 } from "./link.ts";

/** Bits of `filterMask`: which nests a request wants, 1 << (attribute - 1). */
export const IFLA_STATS_FILTER = {
  LINK_64: 1 << 0,
  LINK_XSTATS: 1 << 1,
  LINK_XSTATS_SLAVE: 1 << 2,
  LINK_OFFLOAD_XSTATS: 1 << 3,
  AF_SPEC: 1 << 4,
} as const;

/** `struct if_stats_msg`. */
const statisticsHeader = struct(12, { family: at(0, u8), ifindex: at(4, u32), filterMask: at(8, u32) });

/** LINK_XSTATS_TYPE_*. */
const extended = new AttributeTable({ bridge: field(1, bytes), bond: field(2, bytes) });

/** What kinds of link add, by kind. */
export type ExtendedStatistics = Fields<typeof extended>;

/** IFLA_OFFLOAD_XSTATS_*. */
const offload = new AttributeTable({
  cpuHit: field(1, bytes),
  hwSInfo: field(2, flaggedNest(bytes)),
  l3Stats: field(3, bytes),
});

const statisticsTable = new AttributeTable({
  link64: field(1, statistics64),
  linkXstats: field(2, extended),
  linkXstatsSlave: field(3, extended),
  linkOffloadXstats: field(4, offload),
  afSpec: field(5, bytes),
});

/** Requests of RTM_GETSTATS and RTM_SETSTATS: attribute numbers mean something else there. */
const requestTable = new AttributeTable({
  filters: field(1, flaggedNest(bytes)),
  setOffloadXstatsL3Stats: field(2, u8),
});

const statisticsCodec = bodyCodec(statisticsHeader, statisticsTable, "if_stats_msg");
const requestCodec = bodyCodec(statisticsHeader, requestTable, "if_stats_msg");

export type StatisticsMessage = ReturnType<typeof statisticsHeader.get> & Fields<typeof statisticsTable>;
export type StatisticsRequest = ReturnType<typeof statisticsHeader.get> & Fields<typeof requestTable>;

export const encodeStatistics = statisticsCodec.encode;
export const decodeStatistics = statisticsCodec.decode;
export const encodeStatisticsRequest = requestCodec.encode;
export const decodeStatisticsRequest = requestCodec.decode;

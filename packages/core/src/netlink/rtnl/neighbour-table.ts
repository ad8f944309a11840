/**
 * Parameters of the neighbour tables: RTM_NEWNEIGHTBL, RTM_GETNEIGHTBL, RTM_SETNEIGHTBL (ip-ntable(8);
 * linux/neighbour.h; Linux net/core/neighbour.c `neightbl_fill_info`, `neightbl_fill_param_info`).
 */

import { at, counters, struct, text, u16, u32, u64, u8 } from "../attribute-codecs.ts";
import { AttributeTable, bodyCodec, field, type Fields } from "../attribute-table.ts";

/** `struct ndtmsg`. */
const neighbourTableHeader = struct(4, { family: at(0, u8) });

/** `struct ndt_config`. */
const configuration = struct(32, {
  keyLen: at(0, u16),
  entrySize: at(2, u16),
  entries: at(4, u32),
  /** Milliseconds ago. */
  lastFlush: at(8, u32),
  lastRand: at(12, u32),
  hashRnd: at(16, u32),
  hashMask: at(20, u32),
  hashChainGc: at(24, u32),
  proxyQlen: at(28, u32),
});

/** `struct ndt_stats`. */
const statistics = counters(u64, [
  "allocs",
  "destroys",
  "hashGrows",
  "resFailed",
  "lookups",
  "hits",
  "rcvProbesMcast",
  "rcvProbesUcast",
  "periodicGcRuns",
  "forcedGcRuns",
  "tableFulls",
]);

/** NDTPA_*: of one device, or the table's defaults. Times in milliseconds. */
const parameters = new AttributeTable({
  ifindex: field(1, u32),
  refcnt: field(2, u32),
  queueLenbytes: field(16, u32),
  queueLen: field(8, u32),
  proxyQlen: field(14, u32),
  appProbes: field(9, u32),
  ucastProbes: field(10, u32),
  mcastProbes: field(11, u32),
  mcastReprobes: field(17, u32),
  reachableTime: field(3, u64),
  baseReachableTime: field(4, u64),
  gcStaletime: field(6, u64),
  delayProbeTime: field(7, u64),
  retransTime: field(5, u64),
  anycastDelay: field(12, u64),
  proxyDelay: field(13, u64),
  locktime: field(15, u64),
  intervalProbeTimeMs: field(19, u64),
});

const neighbourTableTable = new AttributeTable({
  name: field(1, text),
  /** Milliseconds. */
  gcInterval: field(8, u64),
  thresh1: field(2, u32),
  thresh2: field(3, u32),
  thresh3: field(4, u32),
  config: field(5, configuration),
  stats: field(7, statistics),
  parms: field(6, parameters),
});

const neighbourTable = bodyCodec(neighbourTableHeader, neighbourTableTable, "ndtmsg");

export type NeighbourTableMessage = ReturnType<typeof neighbourTableHeader.get> &
  Fields<typeof neighbourTableTable>;

export const encodeNeighbourTable = neighbourTable.encode;
export const decodeNeighbourTable = neighbourTable.decode;

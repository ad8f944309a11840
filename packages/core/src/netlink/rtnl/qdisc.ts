/**
 * Queueing disciplines: RTM_NEWQDISC, RTM_DELQDISC, RTM_GETQDISC (tc(8); linux/rtnetlink.h `TCA_*`,
 * linux/gen_stats.h; Linux net/sched/sch_api.c `tc_fill_qdisc`). Options of a kind stay bytes, but those of fq_codel
 * and pfifo_fast are here, because every device may have them.
 */

import { at, bytes, bytesOf, s32, struct, text, u32, u64, u8 } from "../attribute-codecs.ts";
import { AttributeTable, bodyCodec, field, type Fields } from "../attribute-table.ts";

/** Values of `parent`. */
export const TC_H = { UNSPEC: 0, ROOT: 0xffff_ffff, INGRESS: 0xffff_fff1 } as const;

/** `struct tcmsg`. */
const qdiscHeader = struct(20, {
  family: at(0, u8),
  ifindex: at(4, s32),
  handle: at(8, u32),
  parent: at(12, u32),
  /** References to the qdisc. */
  info: at(16, u32),
});

/** TCA_STATS2. */
export const statistics2 = new AttributeTable({
  /** What the kind adds. */
  app: field(4, bytes),
  /** `struct gnet_stats_basic`. */
  basic: field(1, struct(16, { bytes: at(0, u64), packets: at(8, u32) }, 12)),
  pkt64: field(8, u64),
  basicHw: field(7, struct(16, { bytes: at(0, u64), packets: at(8, u32) }, 12)),
  /** `struct gnet_stats_rate_est`: per second. */
  rateEst64: field(5, struct(16, { bps: at(0, u64), pps: at(8, u64) })),
  rateEst: field(2, struct(8, { bps: at(0, u32), pps: at(4, u32) })),
  /** `struct gnet_stats_queue`. */
  queue: field(
    3,
    struct(20, {
      qlen: at(0, u32),
      backlog: at(4, u32),
      drops: at(8, u32),
      requeues: at(12, u32),
      overlimits: at(16, u32),
    }),
  ),
});

/** `struct tc_stats`, the older form of TCA_STATS2. */
const statistics = struct(
  40,
  {
    bytes: at(0, u64),
    packets: at(8, u32),
    drops: at(12, u32),
    overlimits: at(16, u32),
    bps: at(20, u32),
    pps: at(24, u32),
    qlen: at(28, u32),
    backlog: at(32, u32),
  },
  36,
);

const qdiscTable = new AttributeTable({
  kind: field(1, text),
  ingressBlock: field(13, u32),
  egressBlock: field(14, u32),
  options: field(2, bytes),
  hwOffload: field(12, u8),
  stab: field(8, bytes),
  stats2: field(7, statistics2),
  stats: field(3, statistics),
  xstats: field(4, bytes),
  rate: field(5, bytes),
  /** Requests: also list the qdiscs that the kernel made by itself. */
  dumpInvisible: field(10, bytes),
  chain: field(11, u32),
});

const qdisc = bodyCodec(qdiscHeader, qdiscTable, "tcmsg");

export type QdiscMessage = ReturnType<typeof qdiscHeader.get> & Fields<typeof qdiscTable>;

export const encodeQdisc = qdisc.encode;
export const decodeQdisc = qdisc.decode;

/** `options` of fq_codel (linux/pkt_sched.h, TCA_FQ_CODEL_*). Times in microseconds. */
export const fqCodelOptions = new AttributeTable({
  target: field(1, u32),
  limit: field(2, u32),
  interval: field(3, u32),
  ecn: field(4, u32),
  quantum: field(6, u32),
  dropBatchSize: field(8, u32),
  memoryLimit: field(9, u32),
  ceThreshold: field(7, u32),
  ceThresholdSelector: field(10, u8),
  ceThresholdMask: field(11, u8),
  flows: field(5, u32),
});

/** `options` of pfifo_fast and prio: `struct tc_prio_qopt`. */
export const prioOptions = struct(20, { bands: at(0, s32), priomap: at(4, bytesOf(16)) });

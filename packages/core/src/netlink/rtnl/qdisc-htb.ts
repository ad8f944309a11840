/** Options and statistics of HTB and its classes (linux/pkt_sched.h `TCA_HTB_*`; Linux net/sched/sch_htb.c). */

import { at, s32, struct, u16, u32, u8 } from "../attribute-codecs.ts";
import { AttributeTable, field } from "../attribute-table.ts";

/** `struct tc_ratespec`. Rate in bytes a second. */
export const rateSpec = struct(12, {
  cellLog: at(0, u8),
  linkLayer: at(1, u8),
  overhead: at(2, u16),
  mpu: at(6, u16),
  rate: at(8, u32),
});

/** TC_LINKLAYER_ETHERNET */
export const LINK_LAYER_ETHERNET = 1;

export const htbOptions = new AttributeTable({
  /** `struct tc_htb_opt`, of a class. Buckets in ticks of 64 nanoseconds. */
  parameters: field(
    1,
    struct(44, {
      rate: at(0, rateSpec),
      ceil: at(12, rateSpec),
      buffer: at(24, u32),
      cbuffer: at(28, u32),
      quantum: at(32, u32),
      level: at(36, u32),
      priority: at(40, u32),
    }),
  ),
  /** `struct tc_htb_glob`, of the discipline. */
  init: field(
    2,
    struct(20, {
      version: at(0, u32),
      rateToQuantum: at(4, u32),
      defaultClass: at(8, u32),
      debug: at(12, u32),
      directPackets: at(16, u32),
    }),
  ),
  directQueueLength: field(5, u32),
});

/** `struct tc_htb_xstats`, `app` of statistics. Tokens in ticks. */
export const htbClassStatistics = struct(20, {
  lends: at(0, u32),
  borrows: at(4, u32),
  giants: at(8, u32),
  tokens: at(12, s32),
  ctokens: at(16, s32),
});

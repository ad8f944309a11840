/**
 * Filters as far as a policer needs them: kind matchall with an action police (linux/pkt_cls.h `TCA_MATCHALL_*`, `TCA_POLICE_*`,
 * linux/tc_act; Linux net/sched/cls_matchall.c, act_api.c, act_police.c). Messages are those of queueing disciplines (qdisc.ts).
 */

import { at, numberedList, s32, struct, text, u32, u64 } from "../attribute-codecs.ts";
import { AttributeTable, field } from "../attribute-table.ts";
import { rateSpec } from "./qdisc-htb.ts";
import { statistics2 } from "./qdisc.ts";

export const policeOptions = new AttributeTable({
  /** `struct tc_police`. Burst in ticks of 64 nanoseconds. */
  police: field(
    1,
    struct(56, {
      index: at(0, u32),
      action: at(4, s32),
      limit: at(8, u32),
      burst: at(12, u32),
      mtu: at(16, u32),
      rate: at(20, rateSpec),
      peakRate: at(32, rateSpec),
      references: at(44, s32),
      bindings: at(48, s32),
      capability: at(52, u32),
    }),
  ),
  /** What becomes of packets that do not exceed it. */
  result: field(5, u32),
  /** `struct tcf_t`: ages in hundredths of a second. */
  times: field(
    6,
    struct(32, { installed: at(0, u64), used: at(8, u64), expires: at(16, u64), firstUsed: at(24, u64) }),
  ),
  packetRate: field(10, u64),
  /** In ticks. */
  packetBurst: field(11, u64),
});

const action = new AttributeTable({
  kind: field(1, text),
  statistics: field(4, statistics2),
  options: field(2, policeOptions),
});

export const matchallOptions = new AttributeTable({
  actions: field(2, numberedList(action)),
  flags: field(3, u32),
  hits: field(4, u64),
});

/** TCA_CLS_FLAGS_NOT_IN_HW */
export const NOT_IN_HARDWARE = 8;

/** TC_ACT_*: what is done with a packet. */
export const TC_ACT = { UNSPEC: -1, SHOT: 2 } as const;

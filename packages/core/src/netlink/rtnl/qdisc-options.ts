/** Options of disciplines that a device may be given beside HTB (linux/pkt_sched.h: TCA_HFSC_*, TCA_CODEL_*, sfq, netem). */

import { at, s32, struct, u16, u32, u64 } from "../attribute-codecs.ts";
import { AttributeTable, field } from "../attribute-table.ts";

/** `struct tc_service_curve`. Rates in bytes a second, `d` in microseconds. */
const serviceCurve = struct(12, { m1: at(0, u32), d: at(4, u32), m2: at(8, u32) });

/** Of a class. */
export const hfscOptions = new AttributeTable({
  realTime: field(1, serviceCurve),
  linkSharing: field(2, serviceCurve),
  upperLimit: field(3, serviceCurve),
});

/** `struct tc_hfsc_qopt`, of the discipline. */
export const hfscDiscipline = struct(2, { defaultClass: at(0, u16) });

/** `struct tc_hfsc_stats`, `app` of statistics of a class. */
export const hfscStatistics = struct(24, {
  work: at(0, u64),
  realTimeWork: at(8, u64),
  period: at(16, u32),
  level: at(20, u32),
});

/** Times in microseconds. */
export const codelOptions = new AttributeTable({
  target: field(1, u32),
  limit: field(2, u32),
  interval: field(3, u32),
  ecn: field(4, u32),
});

/** `struct tc_sfq_qopt_v1`, as far as it is told. */
export const sfqOptions = struct(68, {
  quantum: at(0, u32),
  perturb: at(4, s32),
  limit: at(8, u32),
  divisor: at(12, u32),
  flows: at(16, u32),
  depth: at(20, u32),
});

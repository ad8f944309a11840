/** TCA_OPTIONS of tbf and of the plain queues (linux/pkt_sched.h: TCA_TBF_*, struct tc_fifo_qopt). */

import { at, bytes, s16, struct, u16, u32, u64, u8 } from "../attribute-codecs.ts";
import { AttributeTable, field } from "../attribute-table.ts";

/** `struct tc_ratespec`. Rate in bytes a second. */
const rateSpec = struct(12, {
  cellLog: at(0, u8),
  linkLayer: at(1, u8),
  overhead: at(2, u16),
  cellAlign: at(4, s16),
  mpu: at(6, u16),
  rate: at(8, u32),
});

export const tbfOptions = new AttributeTable({
  /** `struct tc_tbf_qopt`. Limit in bytes, buffer in ticks of 64 nanoseconds. */
  parameters: field(
    1,
    struct(36, {
      rate: at(0, rateSpec),
      peakRate: at(12, rateSpec),
      limit: at(24, u32),
      buffer: at(28, u32),
      mtu: at(32, u32),
    }),
  ),
  /** How long each size takes, which kernels before 3.8 needed. */
  rateTable: field(2, bytes),
  rate64: field(4, u64),
  /** Bytes. */
  burst: field(6, u32),
});

export const NO_RATE = { cellLog: 0, linkLayer: 0, overhead: 0, cellAlign: 0, mpu: 0, rate: 0 };

/** Packets for pfifo, bytes for bfifo. */
export const fifoOptions = struct(4, { limit: at(0, u32) });

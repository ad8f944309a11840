// Limits of the size of segments.

import type { Tcb } from "./tcb.ts";
import { DEFAULT_MSS } from "./tcb.ts";

/** Bytes of options that fit into a header. */
export const MAX_OPTIONS_LENGTH = 40;

/** No more than half of the largest window that the peer has offered (tcp_bound_to_half_wnd). */
export function reduceByHalfWindow({ maxWindow }: Tcb, size: number): number {
  const half = maxWindow > DEFAULT_MSS ? maxWindow >>> 1 : maxWindow;
  return half > 0 && size > half ? Math.max(half, 68 - 40) : size;
}

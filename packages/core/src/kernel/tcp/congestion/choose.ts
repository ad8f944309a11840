// Congestion control by its name in net.ipv4.tcp_congestion_control.

import type { CongestionControl } from "./control.ts";
import { Cubic } from "./cubic.ts";
import type { HystartFinding } from "./cubic.ts";
import { reno } from "./reno.ts";

/** `found` hears how slow start has ended, and the window then. */
export function congestionOf(
  name: string,
  found: (how: HystartFinding, window: number) => void,
): CongestionControl {
  return name === "reno" ? reno : new Cubic(found);
}

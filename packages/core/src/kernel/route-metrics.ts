// Metrics of a request about a route, of either family (ip_metrics_convert in net/ipv4/metrics.c): numbers that are too large are
// cut, zeros are as if they had not been said, unknown features and congestion controls refused.

import { ERRNO } from "../netlink/errno.ts";
import { Refusal } from "../netlink/refusal.ts";
import type { RouteMetrics } from "../netlink/rtnl/route.ts";

/** Bits of the metric "features" that mean something. */
const FEATURES = 0xf;
/** The largest MTU and maximum segment size that a route may say, bytes. */
const MTU_LIMIT = 65_535 - 15;
const ADVMSS_LIMIT = 65_535 - 40;
/** Algorithms that are built into the kernel. */
const CONGESTION_CONTROLS: ReadonlySet<string> = new Set(["reno", "cubic"]);

export function isCongestionControl(name: string): boolean {
  return CONGESTION_CONTROLS.has(name);
}

/** Errors: EINVAL. Undefined if nothing is left. */
export function convertMetrics(asked: RouteMetrics | undefined): RouteMetrics | undefined {
  if (asked === undefined) return undefined;
  if (asked.ccAlgo !== undefined && !isCongestionControl(asked.ccAlgo))
    throw new Refusal(ERRNO.EINVAL, "Unknown tcp congestion algorithm");
  if (((asked.features ?? 0) & ~FEATURES) !== 0)
    throw new Refusal(ERRNO.EINVAL, "Unknown flag set in feature mask in metrics attribute");
  const limited: RouteMetrics = {
    ...asked,
    mtu: Math.min(asked.mtu ?? 0, MTU_LIMIT),
    advmss: Math.min(asked.advmss ?? 0, ADVMSS_LIMIT),
    hoplimit: Math.min(asked.hoplimit ?? 0, 255),
  };
  const said = Object.entries(limited).filter(([, value]) => value !== 0 && value !== undefined);
  return said.length === 0 ? undefined : (Object.fromEntries(said) as RouteMetrics);
}

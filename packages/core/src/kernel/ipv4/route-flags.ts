// Flags of routing decisions that netlink's route family does not have a name for.

import { RTNH_F } from "../../netlink/rtnl/route-constants.ts";

/** The highest RTN_* number. */
export const RTN_MAX = 11;

/** What two next hops may differ in and still be the same route (RTNH_COMPARE_MASK). */
export const RTNH_STATE_MASK = RTNH_F.DEAD | RTNH_F.LINKDOWN | RTNH_F.OFFLOAD | RTNH_F.TRAP;

/** RTCF_* (linux/in_route.h): flags of a decision, shown by `ip route get`. */
export const RTCF = {
  NOTIFY: 0x0001_0000,
  REDIRECTED: 0x0004_0000,
  DOREDIRECT: 0x0100_0000,
  BROADCAST: 0x1000_0000,
  MULTICAST: 0x2000_0000,
  /** Bit 31; as a signed 32-bit number. */
  LOCAL: 0x8000_0000 | 0,
} as const;

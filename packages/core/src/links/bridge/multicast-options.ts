// Options of IGMP and MLD snooping, of the bridge and of one VLAN (struct net_bridge_mcast). Defaults: br_multicast_ctx_init().

import { MDB_RTR_TYPE } from "./netlink.ts";
import type { ClockTicks, Jiffies } from "./jiffies.ts";
import { clockToJiffies } from "./jiffies.ts";

const HASH_MAX = 4096; // BR_MULTICAST_DEFAULT_HASH_MAX
const QUERY_RESPONSE = 10; // seconds
const QUERY = 125; // seconds
const QUERIER_MARGIN = 5; // seconds: QUERY_RESPONSE / 2
const MEMBERSHIP = 260; // seconds

/** What a bridge and each of its VLANs have. Intervals are kept in jiffies, so that HZ rounds them as in the kernel. */
export interface MulticastContext {
  igmpVersion: number;
  mldVersion: number;
  lastMemberCount: number;
  startupQueryCount: number;
  lastMemberInterval: Jiffies;
  membershipInterval: Jiffies;
  querierInterval: Jiffies;
  queryInterval: Jiffies;
  queryResponseInterval: Jiffies;
  startupQueryInterval: Jiffies;
  querier: boolean;
}

/** Options of one VLAN. */
export interface VlanMulticast extends MulticastContext {
  snooping: boolean;
}

/** Options of the whole bridge. */
export interface BridgeMulticastOptions extends MulticastContext {
  snooping: boolean;
  vlanSnooping: boolean;
  queryUseIfaddr: boolean;
  statsEnabled: boolean;
  hashMax: number;
  /** MDB_RTR_TYPE of the bridge itself. */
  router: number;
}

function contextDefaults(hz: number): MulticastContext {
  return {
    igmpVersion: 2,
    mldVersion: 1,
    lastMemberCount: 2,
    startupQueryCount: 2,
    lastMemberInterval: hz,
    membershipInterval: MEMBERSHIP * hz,
    querierInterval: (2 * QUERY + QUERIER_MARGIN) * hz,
    queryInterval: QUERY * hz,
    queryResponseInterval: QUERY_RESPONSE * hz,
    startupQueryInterval: Math.floor((QUERY * hz) / 4),
    querier: false,
  };
}

export function bridgeMulticastDefaults(hz: number): BridgeMulticastOptions {
  return {
    ...contextDefaults(hz),
    snooping: true,
    vlanSnooping: false,
    queryUseIfaddr: false,
    statsEnabled: false,
    hashMax: HASH_MAX,
    router: MDB_RTR_TYPE.TEMP_QUERY,
  };
}

export function vlanMulticastDefaults(hz: number): VlanMulticast {
  return { ...contextDefaults(hz), snooping: true };
}

/** Shortest query interval that user space may set (BR_MULTICAST_QUERY_INTVL_MIN), seconds. */
const QUERY_INTERVAL_MIN = 1;

/** br_multicast_set_query_intvl() and br_multicast_set_startup_query_intvl(): raised to the minimum. */
export function queryInterval(ticks: ClockTicks, hz: number): Jiffies {
  return Math.max(clockToJiffies(ticks, hz), QUERY_INTERVAL_MIN * hz);
}

/**
 * Attributes of the bridge: IFLA_INFO_DATA of kind "bridge", and those of a port, which come as IFLA_INFO_SLAVE_DATA
 * of a link and as IFLA_PROTINFO of an AF_BRIDGE link (linux/if_link.h; Linux net/bridge/br_netlink.c,
 * `br_fill_info`, `br_port_fill_attrs`). Times are in USER_HZ (hundredths of a second).
 */

import {
  at,
  be16,
  bytes,
  bytesOf,
  counters,
  flag,
  flaggedNest,
  struct,
  u16,
  u32,
  u64,
  u8,
} from "../../netlink/attribute-codecs.ts";
import { AttributeTable, field, type Fields, repeated } from "../../netlink/attribute-table.ts";
import type { Decoded } from "../../wire/malformed.ts";

/** IFLA_BRPORT_STATE, the states of IEEE 802.1D-2004 section 7.4. */
export const BR_STATE = { DISABLED: 0, LISTENING: 1, LEARNING: 2, FORWARDING: 3, BLOCKING: 4 } as const;

/** Bits of `multiBoolopt`. */
export const BR_BOOLOPT = {
  NO_LL_LEARN: 1 << 0,
  MCAST_VLAN_SNOOPING: 1 << 1,
  MST_ENABLE: 1 << 2,
  MDB_OFFLOAD_FAIL_NOTIFICATION: 1 << 3,
  FDB_LOCAL_VLAN_0: 1 << 4,
} as const;

/** MDB_RTR_TYPE_*: values of `mcastRouter` of a bridge and `multicastRouter` of a port. */
export const MDB_RTR_TYPE = { DISABLED: 0, TEMP_QUERY: 1, PERM: 2, TEMP: 3 } as const;

/** `struct br_boolopt_multi`. */
const booleanOptions = struct(8, { value: at(0, u32), mask: at(4, u32) });

/** BRIDGE_QUERIER_*: which querier was heard. */
const querierState = new AttributeTable({
  ipAddress: field(1, bytes),
  ipPort: field(2, u32),
  ipOtherTimer: field(3, u64),
  ipv6Address: field(5, bytes),
  ipv6Port: field(6, u32),
  ipv6OtherTimer: field(7, u64),
});

export const bridgeData = new AttributeTable({
  helloTimer: field(16, u64),
  tcnTimer: field(17, u64),
  topologyChangeTimer: field(18, u64),
  gcTimer: field(19, u64),
  forwardDelay: field(1, u32),
  helloTime: field(2, u32),
  maxAge: field(3, u32),
  ageingTime: field(4, u32),
  /** 0 off, 1 kernel, 2 a user-space daemon. */
  stpState: field(5, u32),
  priority: field(6, u16),
  vlanFiltering: field(7, u8),
  groupFwdMask: field(9, u16),
  /** Eight bytes: priority in network order, MAC. */
  bridgeId: field(11, bytesOf(8)),
  rootId: field(10, bytesOf(8)),
  rootPort: field(12, u16),
  rootPathCost: field(13, u32),
  topologyChange: field(14, u8),
  topologyChangeDetected: field(15, u8),
  groupAddr: field(20, bytesOf(6)),
  multiBoolopt: field(46, booleanOptions),
  fdbNLearned: field(48, u32),
  fdbMaxLearned: field(49, u32),
  /** EtherType: 0x8100 or 0x88a8. */
  vlanProtocol: field(8, be16),
  vlanDefaultPvid: field(39, u16),
  vlanStatsEnabled: field(41, u8),
  vlanStatsPerPort: field(45, u8),
  mcastRouter: field(22, u8),
  mcastSnooping: field(23, u8),
  mcastQueryUseIfaddr: field(24, u8),
  mcastQuerier: field(25, u8),
  mcastStatsEnabled: field(42, u8),
  mcastHashElasticity: field(26, u32),
  mcastHashMax: field(27, u32),
  mcastLastMemberCnt: field(28, u32),
  mcastStartupQueryCnt: field(29, u32),
  mcastIgmpVersion: field(43, u8),
  mcastQuerierState: field(47, flaggedNest(querierState)),
  mcastMldVersion: field(44, u8),
  mcastLastMemberIntvl: field(30, u64),
  mcastMembershipIntvl: field(31, u64),
  mcastQuerierIntvl: field(32, u64),
  mcastQueryIntvl: field(33, u64),
  mcastQueryResponseIntvl: field(34, u64),
  mcastStartupQueryIntvl: field(35, u64),
  nfCallIptables: field(36, u8),
  nfCallIp6tables: field(37, u8),
  nfCallArptables: field(38, u8),
  /** Requests only: forget what was learned. */
  fdbFlush: field(21, flag),
});

export type BridgeData = Fields<typeof bridgeData>;

export function encodeBridgeData(data: BridgeData): Uint8Array {
  return bridgeData.encode(data);
}

export function decodeBridgeData(payload: Uint8Array): Decoded<BridgeData> {
  return bridgeData.decode(payload);
}

export const bridgePortData = new AttributeTable({
  /** BR_STATE.*. */
  state: field(1, u8),
  priority: field(2, u16),
  cost: field(3, u32),
  /** Hairpin. */
  mode: field(4, u8),
  /** BPDU guard. */
  guard: field(5, u8),
  /** Root block. */
  protect: field(6, u8),
  fastLeave: field(7, u8),
  mcastToUcast: field(28, u8),
  learning: field(8, u8),
  unicastFlood: field(9, u8),
  mcastFlood: field(27, u8),
  bcastFlood: field(30, u8),
  proxyarp: field(10, u8),
  proxyarpWifi: field(12, u8),
  rootId: field(13, bytesOf(8)),
  /** The designated bridge. */
  bridgeId: field(14, bytesOf(8)),
  designatedPort: field(15, u16),
  designatedCost: field(16, u16),
  id: field(17, u16),
  no: field(18, u16),
  topologyChangeAck: field(19, u8),
  configPending: field(20, u8),
  vlanTunnel: field(29, u8),
  groupFwdMask: field(31, u16),
  neighSuppress: field(32, u8),
  mrpRingOpen: field(35, u8),
  mrpInOpen: field(36, u8),
  isolated: field(33, u8),
  locked: field(39, u8),
  mab: field(40, u8),
  neighVlanSuppress: field(43, u8),
  messageAgeTimer: field(21, u64),
  forwardDelayTimer: field(22, u64),
  holdTimer: field(23, u64),
  backupPort: field(34, u32),
  backupNhid: field(44, u32),
  /** MDB_RTR_TYPE.*. */
  multicastRouter: field(25, u8),
  mcastEhtHostsLimit: field(37, u32),
  mcastEhtHostsCnt: field(38, u32),
  mcastNGroups: field(41, u32),
  mcastMaxGroups: field(42, u32),
  learningSync: field(11, u8),
  /** Requests only: forget what was learned on the port. */
  flush: field(24, flag),
});

export type BridgePortData = Fields<typeof bridgePortData>;

export function encodeBridgePortData(data: BridgePortData): Uint8Array {
  return bridgePortData.encode(data);
}

export function decodeBridgePortData(payload: Uint8Array): Decoded<BridgePortData> {
  return bridgePortData.decode(payload);
}

/** `struct bridge_vlan_xstats`; `flags` are BRIDGE_VLAN_INFO.*. */
const vlanStatistics = struct(40, {
  rxBytes: at(0, u64),
  rxPackets: at(8, u64),
  txBytes: at(16, u64),
  txPackets: at(24, u64),
  vid: at(32, u16),
  flags: at(34, u16),
});

/** `struct br_mcast_stats`: received, sent. */
const multicastStatistics = counters(u64, [
  ...(["igmpV1QueriesRx", "igmpV1QueriesTx", "igmpV2QueriesRx", "igmpV2QueriesTx"] as const),
  ...(["igmpV3QueriesRx", "igmpV3QueriesTx", "igmpLeavesRx", "igmpLeavesTx"] as const),
  ...(["igmpV1ReportsRx", "igmpV1ReportsTx", "igmpV2ReportsRx", "igmpV2ReportsTx"] as const),
  ...(["igmpV3ReportsRx", "igmpV3ReportsTx", "igmpParseErrors"] as const),
  ...(["mldV1QueriesRx", "mldV1QueriesTx", "mldV2QueriesRx", "mldV2QueriesTx"] as const),
  ...(["mldLeavesRx", "mldLeavesTx", "mldV1ReportsRx", "mldV1ReportsTx"] as const),
  ...(["mldV2ReportsRx", "mldV2ReportsTx", "mldParseErrors"] as const),
  ...(["mcastBytesRx", "mcastBytesTx", "mcastPacketsRx", "mcastPacketsTx"] as const),
]);

/** `struct bridge_stp_xstats`. */
const stpStatistics = counters(u64, ["transitionBlk", "transitionFwd", "rxBpdu", "txBpdu", "rxTcn", "txTcn"]);

/** LINK_XSTATS_TYPE_BRIDGE in IFLA_STATS_LINK_XSTATS of a bridge and IFLA_STATS_LINK_XSTATS_SLAVE of a port. */
export const bridgeStatistics = new AttributeTable({
  vlans: repeated(1, vlanStatistics),
  mcast: field(2, multicastStatistics),
  stp: field(4, stpStatistics),
});

/** A bridge that counts no multicast (mcast_stats_enabled off) tells zeros. */
export const noMulticastStatistics: ReturnType<typeof multicastStatistics.get> = multicastStatistics.get(
  new Uint8Array(multicastStatistics.size),
  0,
);

export type BridgeStatistics = Fields<typeof bridgeStatistics>;

export function encodeBridgeStatistics(statistics: BridgeStatistics): Uint8Array {
  return bridgeStatistics.encode(statistics);
}

export function decodeBridgeStatistics(payload: Uint8Array): Decoded<BridgeStatistics> {
  return bridgeStatistics.decode(payload);
}

/**
 * VLANs of bridge ports, in both forms the kernel has: IFLA_AF_SPEC of an AF_BRIDGE link (linux/if_bridge.h,
 * IFLA_BRIDGE_*; Linux net/bridge/br_netlink.c), and the VLAN database RTM_NEWVLAN, RTM_DELVLAN, RTM_GETVLAN
 * (BRIDGE_VLANDB_*; net/bridge/br_vlan.c, br_vlan_options.c).
 */

import { at, bytes, flaggedNest, struct, u16, u32, u64, u8 } from "../attribute-codecs.ts";
import { AttributeTable, bodyCodec, field, type Fields, repeated } from "../attribute-table.ts";

/** Bits of `bridge_vlan_info.flags`. */
export const BRIDGE_VLAN_INFO = {
  MASTER: 0x01,
  PVID: 0x02,
  UNTAGGED: 0x04,
  RANGE_BEGIN: 0x08,
  RANGE_END: 0x10,
  BRENTRY: 0x20,
  ONLY_OPTS: 0x40,
} as const;

/** IFLA_BRIDGE_FLAGS: whom a request is for. */
export const BRIDGE_FLAGS = { MASTER: 1, SELF: 2 } as const;

/** `struct bridge_vlan_info`. */
const vlanInformation = struct(4, { flags: at(0, u16), vid: at(2, u16) });

export type BridgeVlan = ReturnType<typeof vlanInformation.get>;

const tunnelInformation = new AttributeTable({
  id: field(1, u32),
  vid: field(2, u16),
  flags: field(3, u16),
});

/** IFLA_AF_SPEC of an AF_BRIDGE link. Ranges are two entries with RANGE_BEGIN and RANGE_END. */
export const bridgeSpecification = new AttributeTable({
  flags: field(0, u16),
  mode: field(1, u16),
  vlans: repeated(2, vlanInformation),
  tunnels: repeated(3, tunnelInformation),
  mrp: field(4, bytes),
  cfm: field(5, bytes),
  mst: field(6, bytes),
});

export type BridgeSpecification = Fields<typeof bridgeSpecification>;

/** `struct br_vlan_msg`. */
const vlanHeader = struct(8, { family: at(0, u8), index: at(4, u32) });

/** BRIDGE_VLANDB_STATS_*. */
const vlanStatistics = new AttributeTable({
  rxBytes: field(1, u64),
  rxPackets: field(2, u64),
  txBytes: field(3, u64),
  txPackets: field(4, u64),
});

/** BRIDGE_VLANDB_ENTRY_*. */
const vlanEntry = new AttributeTable({
  info: field(1, vlanInformation),
  /** The last vid, if the entry stands for a range. */
  range: field(2, u16),
  /** BR_STATE.*. */
  state: field(3, u8),
  tunnel: field(4, flaggedNest(new AttributeTable({ id: field(1, u32), command: field(2, u32) }))),
  mcastRouter: field(6, u8),
  mcastGroups: field(7, u32),
  mcastMaxGroups: field(8, u32),
  neighSuppress: field(9, u8),
  stats: field(5, flaggedNest(vlanStatistics)),
});

export type BridgeVlanEntry = Fields<typeof vlanEntry>;

/** BRIDGE_VLANDB_GOPTS_*: options of a VLAN of the whole bridge. Intervals in USER_HZ. */
const globalOptions = new AttributeTable({
  id: field(1, u16),
  range: field(2, u16),
  mcastSnooping: field(3, u8),
  mcastIgmpVersion: field(4, u8),
  mcastLastMemberCount: field(6, u32),
  mcastStartupQueryCount: field(7, u32),
  mcastQuerier: field(15, u8),
  mcastQuerierState: field(17, flaggedNest(bytes)),
  mcastLastMemberInterval: field(8, u64),
  mcastMembershipInterval: field(10, u64),
  mcastQuerierInterval: field(11, u64),
  mcastQueryInterval: field(12, u64),
  mcastQueryResponseInterval: field(13, u64),
  mcastStartupQueryInterval: field(14, u64),
  mcastMldVersion: field(5, u8),
  mcastRouterPorts: field(16, flaggedNest(bytes)),
  msti: field(18, u16),
});

export type BridgeVlanGlobalOptions = Fields<typeof globalOptions>;

/** Bits of `dumpFlags`. */
export const BRIDGE_VLANDB_DUMPF = { STATS: 1, GLOBAL: 2 } as const;

/** BRIDGE_VLANDB_ENTRY and BRIDGE_VLANDB_DUMP_FLAGS have one number; the message type decides. */
const vlanTable = new AttributeTable({
  entries: repeated(1, flaggedNest(vlanEntry)),
  globalOptions: repeated(2, flaggedNest(globalOptions)),
});
const vlanDumpTable = new AttributeTable({ dumpFlags: field(1, u32) });

const vlan = bodyCodec(vlanHeader, vlanTable, "br_vlan_msg");
const vlanDump = bodyCodec(vlanHeader, vlanDumpTable, "br_vlan_msg");

/** RTM_NEWVLAN, RTM_DELVLAN: VLANs of one port. */
export type BridgeVlanMessage = ReturnType<typeof vlanHeader.get> & Fields<typeof vlanTable>;
/** RTM_GETVLAN: which port (0: all) and BRIDGE_VLANDB_DUMPF.*. */
export type BridgeVlanRequest = ReturnType<typeof vlanHeader.get> & Fields<typeof vlanDumpTable>;

export const encodeBridgeVlan = vlan.encode;
export const decodeBridgeVlan = vlan.decode;
export const encodeBridgeVlanRequest = vlanDump.encode;
export const decodeBridgeVlanRequest = vlanDump.decode;

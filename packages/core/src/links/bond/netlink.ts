/** IFLA_INFO_DATA of a bond and IFLA_INFO_SLAVE_DATA of its ports (linux/if_link.h; Linux drivers/net/bonding/bond_netlink.c). */

import { bytes, numberedList, s32, u16, u32, u8 } from "../../netlink/attribute-codecs.ts";
import { AttributeTable, field, type Fields } from "../../netlink/attribute-table.ts";
import { flaggedNest } from "../../netlink/attribute-codecs.ts";
import type { Decoded } from "../../wire/malformed.ts";

/** IFLA_BOND_AD_INFO: the aggregator in use. */
const aggregator = new AttributeTable({
  aggregator: field(1, u16),
  numPorts: field(2, u16),
  actorKey: field(3, u16),
  partnerKey: field(4, u16),
  partnerMac: field(5, bytes),
});

export const bondData = new AttributeTable({
  mode: field(1, u8),
  /** ifindex; 0 in a request: none. */
  activeSlave: field(2, u32),
  /** Milliseconds, as are all delays. */
  miimon: field(3, u32),
  updelay: field(4, u32),
  downdelay: field(5, u32),
  peerNotifDelay: field(28, u32),
  useCarrier: field(6, u8),
  arpInterval: field(7, u32),
  arpIpTarget: field(8, numberedList(bytes, 0)),
  arpValidate: field(9, u32),
  arpAllTargets: field(10, u32),
  nsIp6Target: field(31, numberedList(bytes, 0)),
  /** ifindex. */
  primary: field(11, u32),
  primaryReselect: field(12, u8),
  failOverMac: field(13, u8),
  xmitHashPolicy: field(14, u8),
  resendIgmp: field(15, u32),
  numPeerNotif: field(16, u8),
  allSlavesActive: field(17, u8),
  minLinks: field(18, u32),
  lpInterval: field(19, u32),
  packetsPerSlave: field(20, u32),
  lacpActive: field(29, u8),
  lacpRate: field(21, u8),
  adSelect: field(22, u8),
  tlbDynamicLb: field(27, u8),
  missedMax: field(30, u8),
  adActorSysPrio: field(24, u16),
  adUserPortKey: field(25, u16),
  adActorSystem: field(26, bytes),
  adInfo: field(23, flaggedNest(aggregator)),
});

export type BondData = Fields<typeof bondData>;

export const bondPortData = new AttributeTable({
  /** 0: used for sending and receiving; 1: backup. */
  state: field(1, u8),
  /** BOND_LINK_*: 0 up, 1 going down, 2 down, 3 coming back. */
  miiStatus: field(2, u8),
  linkFailureCount: field(3, u32),
  permHwaddr: field(4, bytes),
  queueId: field(5, u16),
  prio: field(9, s32),
  adAggregatorId: field(6, u16),
  adActorOperPortState: field(7, u8),
  adPartnerOperPortState: field(8, u16),
});

export type BondPortData = Fields<typeof bondPortData>;

export function decodeBondData(payload: Uint8Array): Decoded<BondData> {
  return bondData.decode(payload);
}

export function encodeBondData(data: BondData): Uint8Array {
  return bondData.encode(data);
}

export function decodeBondPortData(payload: Uint8Array): Decoded<BondPortData> {
  return bondPortData.decode(payload);
}

export function encodeBondPortData(data: BondPortData): Uint8Array {
  return bondPortData.encode(data);
}

/** Words by number, as tools and /proc say them. */
export const BOND_WORDS = {
  mode: ["balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb"],
  arpValidate: ["none", "active", "backup", "all", "filter", "filter_active", "filter_backup"],
  arpAllTargets: ["any", "all"],
  primaryReselect: ["always", "better", "failure"],
  failOverMac: ["none", "active", "follow"],
  xmitHashPolicy: ["layer2", "layer3+4", "layer2+3", "encap2+3", "encap3+4", "vlan+srcmac"],
  lacpRate: ["slow", "fast"],
  lacpActive: ["off", "on"],
  adSelect: ["stable", "bandwidth", "count"],
} as const;

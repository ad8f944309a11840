/**
 * Links: RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK, RTM_SETLINK, RTM_NEWLINKPROP, RTM_DELLINKPROP
 * (rtnetlink(7); Linux net/core/rtnetlink.c).
 *
 * The family octet chooses who fills a message and in which order: AF_UNSPEC is `rtnl_fill_ifinfo`, AF_BRIDGE is
 * `br_fill_ifinfo`, AF_INET6 is `inet6_fill_ifinfo`. The order for AF_UNSPEC is that of Linux 6.1. 6.18 differs in
 * three places (IFLA_QDISC behind IFLA_LINK, IFLA_IFALIAS before the counters, IFLA_MAP behind IFLA_AF_SPEC), which
 * no receiver can tell but by its bytes.
 *
 * Data of a link kind (IFLA_INFO_DATA, IFLA_INFO_SLAVE_DATA) and of a bridge port (IFLA_PROTINFO) stay bytes here;
 * their codecs are in links/KIND/netlink.ts.
 */

import { type Decoded, Malformed } from "../../wire/malformed.ts";
import {
  arrayOf,
  at,
  bytes,
  counters,
  flaggedNest,
  s32,
  struct,
  text,
  u16,
  u32,
  u64,
  u8,
  uint,
} from "../attribute-codecs.ts";
import {
  type Attributes,
  AttributeTable,
  decodeBody,
  encodeBody,
  field,
  type Fields,
  repeated,
} from "../attribute-table.ts";
import { bridgeSpecification } from "./bridge-vlan.ts";
import { IFLA, IFLA_INFO, LINK_STATISTICS } from "./link-constants.ts";
import { AF } from "./types.ts";

/** `struct ifinfomsg`. */
const linkHeader = struct(16, {
  family: at(0, u8),
  /** ARPHRD_*. */
  type: at(2, u16),
  index: at(4, s32),
  /** IFF_*. */
  flags: at(8, u32),
  /** Which flags a request means to change. */
  change: at(12, u32),
});

const linkInformation = new AttributeTable({
  kind: field(IFLA_INFO.KIND, text),
  xstats: field(IFLA_INFO.XSTATS, bytes),
  data: field(IFLA_INFO.DATA, bytes),
  slaveKind: field(IFLA_INFO.SLAVE_KIND, text),
  slaveData: field(IFLA_INFO.SLAVE_DATA, bytes),
});

/** IFLA_LINKINFO. `data` and `slaveData` are attribute lists that the kind understands. */
export type LinkInformation = Fields<typeof linkInformation>;

/** `struct rtnl_link_stats64`; Linux before 5.19 has no last member. */
export const statistics64 = counters(u64, [...LINK_STATISTICS, "rxOtherhostDropped"], 23);
const statistics32 = counters(u32, LINK_STATISTICS, 23);

/** IFLA_STATS64. */
export type LinkStatistics = ReturnType<typeof statistics64.get>;
/** IFLA_STATS: the same counters modulo 2^32. */
export type LinkStatistics32 = ReturnType<typeof statistics32.get>;

/** `struct rtnl_link_ifmap`. */
const deviceMap = struct(32, {
  memStart: at(0, u64),
  memEnd: at(8, u64),
  baseAddress: at(16, u64),
  irq: at(24, u16),
  dma: at(26, u8),
  port: at(27, u8),
});

const xdp = new AttributeTable({
  fd: field(1, s32),
  /** XDP_ATTACHED_*: 0 none. */
  attached: field(2, u8),
  flags: field(3, u32),
  programId: field(4, u32),
  drvProgramId: field(5, u32),
  skbProgramId: field(6, u32),
  hwProgramId: field(7, u32),
  expectedFd: field(8, s32),
});

const protoDownReason = new AttributeTable({ mask: field(1, u32), value: field(2, u32) });

const propertyList = new AttributeTable({ altIfname: repeated(IFLA.ALT_IFNAME, text) });

const inetSpecification = new AttributeTable({
  /** ipv4_devconf: element i is IPV4_DEVCONF number i + 1. */
  conf: field(1, arrayOf(s32)),
});

/** `struct ifla_cacheinfo`, times in milliseconds, `tstamp` in hundredths of a second since boot. */
const inet6CacheInformation = struct(16, {
  maxReasmLen: at(0, u32),
  tstamp: at(4, u32),
  reachableTime: at(8, u32),
  retransTime: at(12, u32),
});

/** The IPv6 part of IFLA_AF_SPEC, and IFLA_PROTINFO of an AF_INET6 link (`inet6_fill_ifla6_attrs`). */
export const inet6Specification = new AttributeTable({
  /** IF_INET6.*. */
  flags: field(1, u32),
  cacheinfo: field(5, inet6CacheInformation),
  /** ipv6_devconf by its DEVCONF_* numbers. */
  conf: field(2, arrayOf(s32)),
  /** Element 0 is the number of elements, then the MIB of IPSTATS_MIB_*. */
  stats: field(3, arrayOf(u64)),
  icmp6Stats: field(6, arrayOf(u64)),
  token: field(7, bytes),
  /** ADDR_GEN_MODE.*. */
  addrGenMode: field(8, u8),
  raMtu: field(9, u32),
});

export type Inet6Specification = Fields<typeof inet6Specification>;

const afSpecification = new AttributeTable({
  inet: field(AF.INET, inetSpecification),
  inet6: field(AF.INET6, inet6Specification),
});

export type AfSpecification = Fields<typeof afSpecification>;

const linkFields = {
  targetNetnsid: field(IFLA.TARGET_NETNSID, s32),
  ifname: field(IFLA.IFNAME, text),
  txqlen: field(IFLA.TXQLEN, u32),
  operstate: field(IFLA.OPERSTATE, u8),
  linkmode: field(IFLA.LINKMODE, u8),
  netnsImmutable: field(IFLA.NETNS_IMMUTABLE, u8),
  mtu: field(IFLA.MTU, u32),
  minMtu: field(IFLA.MIN_MTU, u32),
  maxMtu: field(IFLA.MAX_MTU, u32),
  group: field(IFLA.GROUP, u32),
  promiscuity: field(IFLA.PROMISCUITY, u32),
  allmulti: field(IFLA.ALLMULTI, u32),
  numTxQueues: field(IFLA.NUM_TX_QUEUES, u32),
  gsoMaxSegs: field(IFLA.GSO_MAX_SEGS, u32),
  gsoMaxSize: field(IFLA.GSO_MAX_SIZE, u32),
  groMaxSize: field(IFLA.GRO_MAX_SIZE, u32),
  gsoIpv4MaxSize: field(IFLA.GSO_IPV4_MAX_SIZE, u32),
  groIpv4MaxSize: field(IFLA.GRO_IPV4_MAX_SIZE, u32),
  tsoMaxSize: field(IFLA.TSO_MAX_SIZE, u32),
  tsoMaxSegs: field(IFLA.TSO_MAX_SEGS, u32),
  maxPacingOffloadHorizon: field(IFLA.MAX_PACING_OFFLOAD_HORIZON, uint),
  numRxQueues: field(IFLA.NUM_RX_QUEUES, u32),
  /** ifindex of the bridge or bond; 0 in a request releases the port. */
  master: field(IFLA.MASTER, u32),
  carrier: field(IFLA.CARRIER, u8),
  qdisc: field(IFLA.QDISC, text),
  ifalias: field(IFLA.IFALIAS, text),
  carrierChanges: field(IFLA.CARRIER_CHANGES, u32),
  carrierUpCount: field(IFLA.CARRIER_UP_COUNT, u32),
  carrierDownCount: field(IFLA.CARRIER_DOWN_COUNT, u32),
  headroom: field(IFLA.HEADROOM, u16),
  tailroom: field(IFLA.TAILROOM, u16),
  protoDown: field(IFLA.PROTO_DOWN, u8),
  protoDownReason: field(IFLA.PROTO_DOWN_REASON, protoDownReason),
  /** IFLA_EVENT.*. */
  event: field(IFLA.EVENT, u32),
  map: field(IFLA.MAP, deviceMap),
  address: field(IFLA.ADDRESS, bytes),
  broadcast: field(IFLA.BROADCAST, bytes),
  permAddress: field(IFLA.PERM_ADDRESS, bytes),
  physPortId: field(IFLA.PHYS_PORT_ID, bytes),
  physPortName: field(IFLA.PHYS_PORT_NAME, text),
  physSwitchId: field(IFLA.PHYS_SWITCH_ID, bytes),
  stats64: field(IFLA.STATS64, statistics64),
  stats: field(IFLA.STATS, statistics32),
  numVf: field(IFLA.NUM_VF, u32),
  vfinfoList: field(IFLA.VFINFO_LIST, bytes),
  vfPorts: field(IFLA.VF_PORTS, bytes),
  portSelf: field(IFLA.PORT_SELF, bytes),
  xdp: field(IFLA.XDP, xdp),
  linkinfo: field(IFLA.LINKINFO, linkInformation),
  linkNetnsid: field(IFLA.LINK_NETNSID, s32),
  /** iflink: the peer or the lower device; absent if it is the device itself. */
  link: field(IFLA.LINK, s32),
  /** Where a moved device is now, in a DELLINK. */
  newNetnsid: field(IFLA.NEW_NETNSID, s32),
  newIfindex: field(IFLA.NEW_IFINDEX, s32),
  afSpec: field(IFLA.AF_SPEC, afSpecification),
  propList: field(IFLA.PROP_LIST, flaggedNest(propertyList)),
  parentDevName: field(IFLA.PARENT_DEV_NAME, text),
  parentDevBusName: field(IFLA.PARENT_DEV_BUS_NAME, text),
  devlinkPort: field(IFLA.DEVLINK_PORT, flaggedNest(bytes)),
  dpllPin: field(IFLA.DPLL_PIN, flaggedNest(bytes)),
  cost: field(IFLA.COST, u32),
  priority: field(IFLA.PRIORITY, u32),
  wireless: field(IFLA.WIRELESS, bytes),
  /** AF_BRIDGE: the port's attributes. AF_INET6: see `inet6Specification`. */
  protinfo: field(IFLA.PROTINFO, flaggedNest(bytes)),
  weight: field(IFLA.WEIGHT, u32),
  netNsPid: field(IFLA.NET_NS_PID, u32),
  netNsFd: field(IFLA.NET_NS_FD, u32),
  /** RTEXT_FILTER.*. */
  extMask: field(IFLA.EXT_MASK, u32),
  /** A name to look a device up by, in requests; the names it has are in `propList`. */
  altIfname: field(IFLA.ALT_IFNAME, text),
};

const linkTable = new AttributeTable(linkFields);
const outlineTable = new AttributeTable(linkFields, ["stats64", "stats", "afSpec"]);

const { ifname, address, mtu, link, operstate, master, protinfo } = linkFields;
const { afSpec: _inetAndInet6, ...withoutAfSpec } = linkFields;

/** `br_fill_ifinfo`; the rest in case a request carries it. */
const bridgeLinkTable = new AttributeTable({
  ...{ ifname, master, mtu, operstate, address, link, protinfo },
  bridge: field(IFLA.AF_SPEC, bridgeSpecification),
  ...withoutAfSpec,
});

/** `inet6_fill_ifinfo`; the nest of IFLA_PROTINFO has no flag there before Linux 5.2, and has it since. */
const inet6LinkTable = new AttributeTable({
  ...{ ifname, address, mtu, link, operstate, protinfo },
  ...linkFields,
});

type LinkHeader = ReturnType<typeof linkHeader.get>;

/** One link. `afSpec` belongs to every family but AF_BRIDGE, which has `bridge` in its place. */
export interface LinkMessage extends LinkHeader, Attributes<typeof linkFields> {
  readonly bridge?: Fields<typeof bridgeSpecification> | undefined;
}

export function encodeLink(message: Partial<LinkMessage>): Uint8Array {
  if (message.family === AF.BRIDGE) return encodeBody(linkHeader, bridgeLinkTable, message);
  return encodeBody(linkHeader, message.family === AF.INET6 ? inet6LinkTable : linkTable, message);
}

/** An outline is without counters and what belongs to address families: half of a link's bytes, which few ask for. */
export type LinkParts = "whole" | "outline";

/** `body` is a message's body, or the payload of VETH_INFO_PEER, which has the same form. */
export function decodeLink(body: Uint8Array, parts: LinkParts = "whole"): Decoded<LinkMessage> {
  if (body.length === 0) return new Malformed("truncated", 0, "ifinfomsg");
  if (body[0] === AF.UNSPEC && parts === "outline")
    return decodeBody(linkHeader, outlineTable, body, "ifinfomsg");
  if (body[0] === AF.BRIDGE) return decodeBody(linkHeader, bridgeLinkTable, body, "ifinfomsg");
  return decodeBody(linkHeader, body[0] === AF.INET6 ? inet6LinkTable : linkTable, body, "ifinfomsg");
}

/**
 * Multicast groups of NETLINK_ROUTE (RTNLGRP_* in linux/rtnetlink.h). A socket joins a group by number with
 * NETLINK_ADD_MEMBERSHIP, or groups 1 to 32 with bit (number - 1) of `nl_groups` when it binds.
 *
 * What goes where:
 * - LINK: RTM_NEWLINK and RTM_DELLINK of every family, and the AF_BRIDGE ones of ports
 * - NEIGH: RTM_NEWNEIGH, RTM_DELNEIGH, of neighbour tables and of FDBs; RTM_NEWNEIGHTBL is not announced
 * - TC: qdiscs, classes, filters; NSID: RTM_NEWNSID, RTM_DELNSID
 * - IPV4_IFADDR, IPV6_IFADDR: addresses; IPV4_ROUTE, IPV6_ROUTE: routes; IPV4_RULE, IPV6_RULE: rules
 * - IPV4_NETCONF, IPV6_NETCONF: RTM_NEWNETCONF when a setting is written
 * - IPV6_IFINFO: RTM_NEWLINK of family AF_INET6; IPV6_PREFIX: prefixes of router advertisements
 * - IPV4_MCADDR, IPV6_MCADDR, IPV6_ACADDR (Linux 6.14 on): RTM_NEWMULTICAST, RTM_NEWANYCAST and their DELs
 * - MDB: RTM_NEWMDB, RTM_DELMDB; BRVLAN: RTM_NEWVLAN, RTM_DELVLAN; NEXTHOP: next-hop objects; STATS: RTM_NEWSTATS
 */

import { AF, RTM } from "./types.ts";

export const RTNLGRP = {
  NONE: 0,
  LINK: 1,
  NOTIFY: 2,
  NEIGH: 3,
  TC: 4,
  IPV4_IFADDR: 5,
  IPV4_MROUTE: 6,
  IPV4_ROUTE: 7,
  IPV4_RULE: 8,
  IPV6_IFADDR: 9,
  IPV6_MROUTE: 10,
  IPV6_ROUTE: 11,
  IPV6_IFINFO: 12,
  IPV6_PREFIX: 18,
  IPV6_RULE: 19,
  ND_USEROPT: 20,
  PHONET_IFADDR: 21,
  PHONET_ROUTE: 22,
  DCB: 23,
  IPV4_NETCONF: 24,
  IPV6_NETCONF: 25,
  MDB: 26,
  MPLS_ROUTE: 27,
  NSID: 28,
  MPLS_NETCONF: 29,
  IPV4_MROUTE_R: 30,
  IPV6_MROUTE_R: 31,
  NEXTHOP: 32,
  BRVLAN: 33,
  MCTP_IFADDR: 34,
  TUNNEL: 35,
  STATS: 36,
  IPV4_MCADDR: 37,
  IPV6_MCADDR: 38,
  IPV6_ACADDR: 39,
} as const;

/** The bits of `nl_groups` for these groups; numbers above 32 have none. */
export function groupMask(groups: readonly number[]): number {
  let mask = 0;
  for (const group of groups) if (group >= 1 && group <= 32) mask |= 1 << (group - 1);
  return mask >>> 0;
}

/** The groups of a `nl_groups` word. */
export function groupsOfMask(mask: number): readonly number[] {
  const groups: number[] = [];
  for (let bit = 0; bit < 32; bit++) if ((mask & (1 << bit)) !== 0) groups.push(bit + 1);
  return groups;
}

const byFamily = (ipv4: number, ipv6: number) => (family: number) =>
  family === AF.INET ? ipv4 : family === AF.INET6 ? ipv6 : RTNLGRP.NONE;

const always = (group: number) => () => group;

const groupOfType: ReadonlyMap<number, (family: number) => number> = new Map([
  [RTM.NEWLINK, (family: number) => (family === AF.INET6 ? RTNLGRP.IPV6_IFINFO : RTNLGRP.LINK)],
  [RTM.DELLINK, always(RTNLGRP.LINK)],
  [RTM.NEWADDR, byFamily(RTNLGRP.IPV4_IFADDR, RTNLGRP.IPV6_IFADDR)],
  [RTM.DELADDR, byFamily(RTNLGRP.IPV4_IFADDR, RTNLGRP.IPV6_IFADDR)],
  [RTM.NEWMULTICAST, byFamily(RTNLGRP.IPV4_MCADDR, RTNLGRP.IPV6_MCADDR)],
  [RTM.DELMULTICAST, byFamily(RTNLGRP.IPV4_MCADDR, RTNLGRP.IPV6_MCADDR)],
  [RTM.NEWANYCAST, byFamily(RTNLGRP.NONE, RTNLGRP.IPV6_ACADDR)],
  [RTM.DELANYCAST, byFamily(RTNLGRP.NONE, RTNLGRP.IPV6_ACADDR)],
  [RTM.NEWROUTE, byFamily(RTNLGRP.IPV4_ROUTE, RTNLGRP.IPV6_ROUTE)],
  [RTM.DELROUTE, byFamily(RTNLGRP.IPV4_ROUTE, RTNLGRP.IPV6_ROUTE)],
  [RTM.NEWRULE, byFamily(RTNLGRP.IPV4_RULE, RTNLGRP.IPV6_RULE)],
  [RTM.DELRULE, byFamily(RTNLGRP.IPV4_RULE, RTNLGRP.IPV6_RULE)],
  [RTM.NEWNETCONF, byFamily(RTNLGRP.IPV4_NETCONF, RTNLGRP.IPV6_NETCONF)],
  [RTM.DELNETCONF, byFamily(RTNLGRP.IPV4_NETCONF, RTNLGRP.IPV6_NETCONF)],
  [RTM.NEWNEIGH, always(RTNLGRP.NEIGH)],
  [RTM.DELNEIGH, always(RTNLGRP.NEIGH)],
  [RTM.NEWQDISC, always(RTNLGRP.TC)],
  [RTM.DELQDISC, always(RTNLGRP.TC)],
  [RTM.NEWNSID, always(RTNLGRP.NSID)],
  [RTM.DELNSID, always(RTNLGRP.NSID)],
  [RTM.NEWMDB, always(RTNLGRP.MDB)],
  [RTM.DELMDB, always(RTNLGRP.MDB)],
  [RTM.NEWVLAN, always(RTNLGRP.BRVLAN)],
  [RTM.DELVLAN, always(RTNLGRP.BRVLAN)],
  [RTM.NEWNEXTHOP, always(RTNLGRP.NEXTHOP)],
  [RTM.DELNEXTHOP, always(RTNLGRP.NEXTHOP)],
  [RTM.NEWPREFIX, always(RTNLGRP.IPV6_PREFIX)],
  [RTM.NEWSTATS, always(RTNLGRP.STATS)],
]);

/** Where a notification of this type and family is sent; RTNLGRP.NONE if nowhere. */
export function groupOf(type: number, family: number): number {
  return groupOfType.get(type)?.(family) ?? RTNLGRP.NONE;
}

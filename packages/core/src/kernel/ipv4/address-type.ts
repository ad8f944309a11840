// What an address is to this host (inet_addr_type): its own, a broadcast address, a group, or somebody else's.

import { IPV4_BROADCAST, isMulticastIpv4, isZeroNetIpv4 } from "../../wire/ipv4-address.ts";
import type { NetDevice } from "../device.ts";
import { flowTo } from "./fib/tables.ts";
import type { Ipv4Netns } from "./namespace.ts";
import { RTN, RT_TABLE } from "../../netlink/rtnl/route-constants.ts";

/**
 * RTN_UNICAST, LOCAL, BROADCAST or MULTICAST. With `device`, what belongs to other devices counts as unicast.
 */
export function addressType(
  inet: Ipv4Netns,
  address: number,
  device?: NetDevice,
  tableId: number = RT_TABLE.LOCAL,
): number {
  if (isZeroNetIpv4(address) || address === IPV4_BROADCAST) return RTN.BROADCAST;
  if (isMulticastIpv4(address)) return RTN.MULTICAST;
  const table = inet.fib.get(tableId);
  if (table === undefined) return RTN.BROADCAST;
  const found = inet.fib.lookupIn(table, flowTo(address));
  if (typeof found === "number") return RTN.UNICAST;
  const { info, type } = found.alias;
  return device === undefined || info.nexthop.device === device ? type : RTN.UNICAST;
}

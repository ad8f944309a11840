// Routing domains (net/l3mdev/l3mdev.c): a layer 3 master, which is a VRF, has a routing table, and what comes in or goes out by
// it or by a device that is enslaved to it asks that table. The kind of link is in links/vrf; which routes and sockets belong to a
// domain is with those who keep them.

import { RT_TABLE } from "../netlink/rtnl/route-constants.ts";
import type { NetDevice } from "./device.ts";
import type { Netns } from "./netns.ts";
import type { Packet } from "./packet.ts";
import { Slot } from "./slot.ts";
import { tapOutgoing } from "./transmit.ts";

const tableOfMaster = new Slot<number>();

/** Makes a device the master of a domain with this routing table. */
export function setL3Master(device: NetDevice, table: number): void {
  tableOfMaster.set(device, table);
}

/** netif_is_l3_master() */
export function isL3Master(device: NetDevice): boolean {
  return tableOfMaster.of(device) !== undefined;
}

/** l3mdev_master_dev_rcu(): the master of a device's domain, which may be itself; undefined outside of all domains. */
export function l3MasterOf(device: NetDevice): NetDevice | undefined {
  if (isL3Master(device)) return device;
  const { master } = device;
  return master !== undefined && isL3Master(master) ? master : undefined;
}

/** l3mdev_fib_table(): 0 for none. */
export function l3TableOf(device: NetDevice): number {
  const master = l3MasterOf(device);
  return master === undefined ? RT_TABLE.UNSPEC : tableOfMaster.require(master);
}

/** The table that has a device's own addresses. */
export function localTableOf(device: NetDevice): number {
  return l3TableOf(device) || RT_TABLE.LOCAL;
}

/** The table that has prefixes on a device's link. */
export function mainTableOf(device: NetDevice): number {
  return l3TableOf(device) || RT_TABLE.MAIN;
}

/** What a look-up in a domain needs to know (flowi_l3mdev). */
interface DomainFlow {
  readonly iif: number;
  readonly oif: number;
  /** Table of the domain; 0 or absent: none, or not yet known. */
  readonly l3Table?: number;
}

/** ifindex of the loopback device, by which nothing comes from outside. */
const LOOPBACK_IFINDEX = 1;

/** l3mdev_update_flow(): the domain of a flow. To leave by a master is to leave by any device of its domain. */
export function flowInDomain<F extends DomainFlow>(netns: Netns, flow: F): F {
  const out = flow.oif === 0 ? undefined : netns.deviceByIndex(flow.oif);
  const into = out === undefined && flow.iif > LOOPBACK_IFINDEX ? netns.deviceByIndex(flow.iif) : undefined;
  const device = out ?? into;
  if (device === undefined) return flow;
  const l3Table = flow.l3Table || l3TableOf(device);
  const oif = out !== undefined && isL3Master(out) ? 0 : flow.oif;
  return l3Table === (flow.l3Table ?? 0) && oif === flow.oif ? flow : { ...flow, l3Table, oif };
}

/**
 * inet_sk_bound_dev_eq(): whether a socket that is bound to `bound` (0: nothing) hears what came in by `device` and counts as
 * received on `ifindex`. One that is bound to nothing hears domains only if net.ipv4.*_l3mdev_accept says so.
 */
export function hearsDevice(
  bound: number,
  device: NetDevice,
  ifindex: number,
  acceptsDomains: boolean,
): boolean {
  const master = l3MasterOf(device);
  if (bound === 0) return acceptsDomains || master === undefined;
  return bound === ifindex || bound === master?.ifindex;
}

/** vrf_ip_rcv(), vrf_ip6_rcv(): the master counts and taps what its devices receive. `packet.start` is the IP header. */
export function countInDomain(packet: Packet): void {
  const { device } = packet;
  const { master } = device;
  if (master === undefined || !isL3Master(master)) return;
  master.statistics.rxPackets++;
  master.statistics.rxBytes += packet.length;
  if (packet.mac < 0 || (master.tapCount === 0 && master.netns.taps.size === 0)) return;
  const { start } = packet;
  packet.start = packet.mac;
  packet.device = master;
  tapOutgoing(packet, master);
  packet.device = device;
  packet.start = start;
}

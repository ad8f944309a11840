// Which multicast groups have members behind which port (net/bridge/br_mdb.c and the groups of br_multicast.c). Filled by
// snooping (multicast-snooping.ts) and by requests (mdb-requests.ts). Not here: sources of IGMPv3 and MLDv2 members,
// which the bridge's default versions (2 and 1) do not look at either.

import { RTM } from "../../netlink/rtnl/types.ts";
import type { Ipv4Address } from "../../wire/ipv4-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import type { Bridge } from "./bridge.ts";
import type { Jiffies } from "./jiffies.ts";
import { JiffyTimer } from "./jiffies.ts";
import { MDB_RTR_TYPE } from "./netlink.ts";
import type { BridgePort } from "./port.ts";

export const RTPROT = { KERNEL: 2, STATIC: 4 } as const;

/** A group's address: what `proto` (EtherType; 0: a MAC) says, in wire order. */
export interface GroupAddress {
  readonly proto: number;
  readonly vid: number;
  readonly bytes: Uint8Array;
}

/** Members of a group behind one port (struct net_bridge_port_group). */
export interface PortGroup {
  readonly port: BridgePort;
  permanent: boolean;
  protocol: number;
  readonly timer: JiffyTimer;
}

/** struct net_bridge_mdb_entry */
export interface Group {
  readonly address: GroupAddress;
  readonly ports: PortGroup[];
  /** This host is a member. */
  hostJoined: boolean;
  hostPermanent: boolean;
  /** Ends the host's membership. */
  readonly timer: JiffyTimer;
}

/** Of one protocol, so that two can be compared: lower wins. */
export type QuerierAddress = Ipv4Address | Ipv6Address;

/** Another querier of one protocol (struct bridge_mcast_other_query). */
export class OtherQuerier {
  /** Running while it is alive. */
  readonly timer: JiffyTimer;
  /** Running while its members had no time to answer yet. */
  readonly delay: JiffyTimer;
  address: QuerierAddress | undefined;
  port: BridgePort | undefined;
  /** This bridge has an address to ask from in its place. */
  canReplace = true;
  readonly #bridge: Bridge;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
    this.timer = new JiffyTimer(bridge.kernel, () => {
      this.address = undefined;
      this.port = undefined;
    });
    this.delay = new JiffyTimer(bridge.kernel, () => {});
  }

  /** __br_multicast_querier_exists(): only then members that are not known are no members. */
  get exists(): boolean {
    const own = this.#bridge.multicast.querier && this.canReplace;
    return (own || this.timer.pending) && !this.delay.pending;
  }
}

/** Tells of a change; set by mdb-message.ts through the bridge's constructor. */
export type GroupListener = (
  bridge: Bridge,
  group: Group,
  member: PortGroup | undefined,
  type: number,
) => void;

function keyOf(address: GroupAddress): string {
  return `${address.vid}/${address.proto}/${address.bytes.join(".")}`;
}

export class MulticastDatabase {
  readonly ipv4Querier: OtherQuerier;
  readonly ipv6Querier: OtherQuerier;
  readonly #bridge: Bridge;
  readonly #changed: GroupListener;
  readonly #groups = new Map<string, Group>();
  /** Ports that a router was heard behind, with the timer that ends it. */
  readonly #routers = new Map<BridgePort, JiffyTimer>();

  constructor(bridge: Bridge, changed: GroupListener) {
    this.#bridge = bridge;
    this.#changed = changed;
    this.ipv4Querier = new OtherQuerier(bridge);
    this.ipv6Querier = new OtherQuerier(bridge);
  }

  /** Newest first. */
  groups(): Group[] {
    return [...this.#groups.values()].reverse();
  }

  find(address: GroupAddress): Group | undefined {
    return this.#groups.get(keyOf(address));
  }

  /** Groups that have members behind a port. */
  countOf(port: BridgePort): number {
    let count = 0;
    for (const group of this.#groups.values())
      if (group.ports.some((member) => member.port === port)) count++;
    return count;
  }

  get full(): boolean {
    return this.#groups.size >= this.#bridge.multicast.hashMax;
  }

  /** br_multicast_new_group(): undefined if the database is full. */
  open(address: GroupAddress): Group | undefined {
    const key = keyOf(address);
    const known = this.#groups.get(key);
    if (known) return known;
    if (this.full) return undefined;
    const group: Group = {
      address,
      ports: [],
      hostJoined: false,
      hostPermanent: false,
      timer: new JiffyTimer(this.#bridge.kernel, () => this.leaveHost(group)),
    };
    this.#groups.set(key, group);
    return group;
  }

  /** br_multicast_add_group(): a report was heard by `port`, or sent by this host. */
  join(address: GroupAddress, port: BridgePort | undefined): void {
    const group = this.open(address);
    if (!group) return;
    const interval = this.#bridge.multicast.membershipInterval;
    if (port === undefined) {
      this.joinHost(group);
      group.timer.start(interval);
    } else {
      const member = this.member(group, port) ?? this.addMember(group, port, false, RTPROT.KERNEL);
      if (!member.permanent) member.timer.start(interval);
    }
  }

  member(group: Group, port: BridgePort): PortGroup | undefined {
    return group.ports.find((member) => member.port === port);
  }

  addMember(group: Group, port: BridgePort, permanent: boolean, protocol: number): PortGroup {
    const member: PortGroup = {
      port,
      permanent,
      protocol,
      timer: new JiffyTimer(this.#bridge.kernel, () => this.removeMember(group, member)),
    };
    group.ports.unshift(member);
    this.#changed(this.#bridge, group, member, RTM.NEWMDB);
    return member;
  }

  /** br_multicast_del_pg() */
  removeMember(group: Group, member: PortGroup): void {
    const at = group.ports.indexOf(member);
    if (at < 0) return;
    member.timer.stop();
    group.ports.splice(at, 1);
    this.#changed(this.#bridge, group, member, RTM.DELMDB);
    this.#drop(group);
  }

  /** br_multicast_host_join() */
  joinHost(group: Group): void {
    if (group.hostJoined) return;
    group.hostJoined = true;
    this.#changed(this.#bridge, group, undefined, RTM.NEWMDB);
  }

  /** br_multicast_host_leave() */
  leaveHost(group: Group): void {
    if (!group.hostJoined) return;
    group.timer.stop();
    group.hostJoined = false;
    this.#changed(this.#bridge, group, undefined, RTM.DELMDB);
    this.#drop(group);
  }

  /** br_multicast_leave_group(): the member goes at once, or when nobody else answers the querier in time. */
  leave(address: GroupAddress, port: BridgePort | undefined): void {
    const group = this.find(address);
    if (!group) return;
    const member = port && this.member(group, port);
    if (port?.fastLeave) {
      if (member && !member.permanent) this.removeMember(group, member);
      return;
    }
    const querier = address.proto === 0x0800 ? this.ipv4Querier : this.ipv6Querier;
    if (querier.timer.pending) return;
    const { lastMemberCount, lastMemberInterval } = this.#bridge.multicast;
    this.#shorten(group, member, port === undefined, lastMemberCount * lastMemberInterval);
  }

  /** A querier asks for members of one group: those who do not answer within `delay` go. */
  queried(address: GroupAddress, delay: Jiffies): void {
    const group = this.find(address);
    if (!group) return;
    const span = delay * this.#bridge.multicast.lastMemberCount;
    this.#shorten(group, undefined, true, span);
    for (const member of group.ports) this.#shorten(group, member, false, span);
  }

  #shorten(group: Group, member: PortGroup | undefined, host: boolean, span: Jiffies): void {
    const { hz } = this.#bridge.kernel.profile;
    const ticks = Math.floor((span * 100) / hz);
    if (host && group.hostJoined && group.timer.pending && group.timer.left > ticks) group.timer.start(span);
    if (member && member.timer.pending && member.timer.left > ticks) member.timer.start(span);
  }

  #drop(group: Group): void {
    if (group.ports.length === 0 && !group.hostJoined) {
      group.timer.stop();
      this.#groups.delete(keyOf(group.address));
    }
  }

  /** br_multicast_mark_router(): a querier is behind `port`. */
  heardRouter(port: BridgePort): void {
    if (port.multicastRouter === MDB_RTR_TYPE.DISABLED || port.multicastRouter === MDB_RTR_TYPE.PERM) return;
    let timer = this.#routers.get(port);
    if (!timer) {
      timer = new JiffyTimer(this.#bridge.kernel, () => this.#routers.delete(port));
      this.#routers.set(port, timer);
    }
    timer.start(this.#bridge.multicast.querierInterval);
  }

  /** br_multicast_set_port_router(): the setting of a port has changed. */
  routerSet(port: BridgePort): void {
    const { DISABLED, TEMP_QUERY, PERM } = MDB_RTR_TYPE;
    if (port.multicastRouter === TEMP_QUERY) return;
    this.#forgetRouter(port);
    if (port.multicastRouter !== DISABLED && port.multicastRouter !== PERM) this.heardRouter(port);
  }

  /** Ports that get all multicast, with the timer of those that were heard; newest first. */
  routers(): { readonly port: BridgePort; readonly timer: JiffyTimer | undefined }[] {
    const list: { port: BridgePort; timer: JiffyTimer | undefined }[] = [];
    for (const port of this.#bridge.ports) {
      const timer = this.#routers.get(port);
      if (timer !== undefined || port.multicastRouter === MDB_RTR_TYPE.PERM) list.push({ port, timer });
    }
    return list;
  }

  /** br_multicast_disable_port(): what was learned on it is gone. */
  portDisabled(port: BridgePort): void {
    for (const group of [...this.#groups.values()]) {
      const member = this.member(group, port);
      if (member && !member.permanent) this.removeMember(group, member);
    }
    this.#forgetRouter(port);
  }

  /** br_multicast_del_port() */
  portGone(port: BridgePort): void {
    for (const group of [...this.#groups.values()]) {
      const member = this.member(group, port);
      if (member) this.removeMember(group, member);
    }
    this.#forgetRouter(port);
    for (const querier of [this.ipv4Querier, this.ipv6Querier])
      if (querier.port === port) querier.port = undefined;
  }

  #forgetRouter(port: BridgePort): void {
    this.#routers.get(port)?.stop();
    this.#routers.delete(port);
  }

  /** br_multicast_stop() and the end of the bridge: nothing waits any more. */
  stop(): void {
    for (const querier of [this.ipv4Querier, this.ipv6Querier]) {
      querier.timer.stop();
      querier.delay.stop();
    }
  }

  /** br_multicast_dev_del() */
  clear(): void {
    this.stop();
    for (const group of this.groups()) {
      group.timer.stop();
      for (const member of group.ports) member.timer.stop();
    }
    this.#groups.clear();
    for (const timer of this.#routers.values()) timer.stop();
    this.#routers.clear();
  }
}

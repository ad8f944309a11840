// Making, replacing and removing next-hop objects (nexthop_add, replace_nexthop, remove_nexthop in net/ipv4/nexthop.c), and
// what that does to groups and routes.

import { ERRNO } from "../../netlink/errno.ts";
import { NLM_F } from "../../netlink/message.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { RTNH_F, RT_SCOPE } from "../../netlink/rtnl/route-constants.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import { IPV6_ANY, readIpv6Address } from "../../wire/ipv6-address.ts";
import type { NetDevice } from "../device.ts";
import { readIpv4Bytes } from "../ipv4/address-message.ts";
import { checkNexthop } from "../ipv4/fib/create-info.ts";
import { Nexthop } from "../ipv4/fib/nexthop.ts";
import { ipv4Of } from "../ipv4/namespace.ts";
import { inet6Netns } from "../ipv6/interface.ts";
import { resolveHop } from "../ipv6/route-create.ts";
import { mainTableOf } from "../l3mdev.ts";
import type { Netns } from "../netns.ts";
import { notifyBucket, notifyNexthop } from "./message.ts";
import type { GroupMember, GroupPath, NexthopPath, NexthopUser, SinglePath } from "./objects.ts";
import { NexthopObject, nexthopObjects, rebalance } from "./objects.ts";
import type { NexthopRequest } from "./request.ts";
import { DEFAULT_IDLE_TIMER, ResilientTable } from "./resilient.ts";

function invalid(text: string): Refusal {
  return new Refusal(ERRNO.EINVAL, text);
}

/** nh_create_ipv4() */
function resolveIpv4(netns: Netns, hop: Nexthop, request: NexthopRequest): void {
  hop.gateway = readIpv4Bytes(request.gateway);
  if (request.fdb) return;
  const device = netns.deviceByIndex(hop.oif);
  const table = device === undefined || request.blackhole ? 0 : mainTableOf(device);
  checkNexthop(ipv4Of(netns), hop, table, RT_SCOPE.UNIVERSE);
}

/** nh_create_ipv6() */
function resolveIpv6(netns: Netns, hop: Nexthop, request: NexthopRequest): void {
  const gateway = request.gateway === undefined ? IPV6_ANY : readIpv6Address(request.gateway, 0);
  if (gateway !== IPV6_ANY) hop.gateway6 = gateway;
  hop.scope = RT_SCOPE.LINK;
  if (request.fdb) return;
  const device = netns.deviceByIndex(hop.oif);
  const wanted = {
    destination: IPV6_ANY,
    table: device === undefined ? 0 : mainTableOf(device),
    flags: 0,
    onlink: (request.flags & RTNH_F.ONLINK) !== 0,
    ifindex: hop.oif,
    gateway: hop.gateway6,
  };
  const found = resolveHop(inet6Netns.require(netns), wanted, false);
  hop.device = found.device;
  hop.flags = found.flags;
}

/** nexthop_create() */
function singlePath(netns: Netns, request: NexthopRequest): SinglePath {
  const { family, blackhole, fdb } = request;
  const hop = new Nexthop(undefined);
  hop.flags = request.flags;
  hop.scope = RT_SCOPE.LINK;
  hop.oif = blackhole ? netns.loopback.ifindex : request.ifindex;
  if (family === AF.INET6) resolveIpv6(netns, hop, request);
  else resolveIpv4(netns, hop, request);
  return { kind: "single", family, blackhole, fdb, hop };
}

/** nexthop_create_group(): not yet with buckets. */
function groupMembers(
  wanted: readonly { readonly object: NexthopObject; readonly weight: number }[],
): GroupMember[] {
  const members = wanted.map(({ object, weight }) => ({
    object,
    weight,
    upperBound: 0,
    buckets: 0,
    wantedBuckets: 0,
  }));
  rebalance(members);
  return members;
}

/** nexthop_add(). `flags` are NLM_F_* of the request. */
export function addNexthop(netns: Netns, request: NexthopRequest, flags: number): void {
  const objects = nexthopObjects.require(netns);
  const replace = (flags & NLM_F.REPLACE) !== 0;
  const id = request.id === 0 ? objects.unusedId() : request.id;
  if (id === 0) throw invalid("No unused id");
  const { group, fdb } = request;
  const path: NexthopPath =
    group === undefined
      ? singlePath(netns, request)
      : { kind: "group", fdb, members: groupMembers(group), resilient: undefined };
  const known = objects.find(id);
  if (known !== undefined) {
    if (!replace) throw new Refusal(ERRNO.EEXIST);
    replacePath(netns, known, path, request);
    notifyNexthop(netns, RTM.NEWNEXTHOP, known);
    if (ipv4Of(netns).settings.nexthopCompatible !== 0) announceRoutes(known);
    return;
  }
  if (replace && (flags & NLM_F.CREATE) === 0)
    throw new Refusal(ERRNO.ENOENT, "Replace specified without create and no entry exists");
  const object = new NexthopObject(id, request.protocol, path);
  if (path.kind === "group") object.path = withTable(netns, object, path, request);
  link(objects, object);
  objects.add(object);
  notifyNexthop(netns, RTM.NEWNEXTHOP, object);
}

/** The buckets of a new resilient group. */
function withTable(netns: Netns, object: NexthopObject, path: GroupPath, request: NexthopRequest): GroupPath {
  const wanted = request.resilient;
  if (wanted === undefined) return path;
  if (wanted.buckets === undefined)
    throw invalid("Number of buckets not specified for nexthop group insertion");
  const idle = wanted.idleTimer ?? DEFAULT_IDLE_TIMER;
  const table = new ResilientTable(netns.kernel.clock, wanted.buckets, idle, wanted.unbalancedTimer ?? 0);
  table.onMigrated = (index) => notifyBucket(netns, object, table, index);
  table.setMembers(path.members);
  return { ...path, resilient: table };
}

/** Makes the path known to the device or to the members. */
function link(objects: { track(object: NexthopObject, on: boolean): void }, object: NexthopObject): void {
  objects.track(object, true);
  if (object.path.kind === "group")
    for (const member of object.path.members) member.object.groups.add(object);
}

function unlink(objects: { track(object: NexthopObject, on: boolean): void }, object: NexthopObject): void {
  objects.track(object, false);
  if (object.path.kind === "group")
    for (const member of object.path.members) member.object.groups.delete(object);
}

function usersOf(object: NexthopObject): NexthopUser[] {
  return [...object.users, ...object.users6];
}

/** An object's routes, and those of the groups that it is in. */
function concerned(object: NexthopObject): NexthopUser[] {
  return [object, ...[...object.groups].reverse()].flatMap(usersOf);
}

function announceRoutes(object: NexthopObject): void {
  for (const user of concerned(object)) user.announce();
}

/** replace_nexthop() */
function replacePath(netns: Netns, object: NexthopObject, path: NexthopPath, request: NexthopRequest): void {
  for (const user of usersOf(object)) user.check(path);
  for (const group of object.groups) {
    const size = group.path.kind === "group" ? group.path.members.length : 1;
    if (path.kind === "single" && path.blackhole && size > 1)
      throw invalid("Blackhole nexthop can not be a member of a group with more than one path");
    for (const user of usersOf(group)) user.check(path);
  }
  const old = object.path;
  let next = path;
  if (old.kind === "group") {
    if (path.kind !== "group") throw invalid("Can not replace a nexthop group with a nexthop.");
    next = replaceGroup(old, path, request);
  } else if (path.kind === "group") throw invalid("Can not replace a nexthop with a nexthop group.");
  else if (object.groups.size > 0 && old.fdb !== path.fdb)
    throw invalid("Cannot change nexthop FDB status while in a group");
  const objects = nexthopObjects.require(netns);
  unlink(objects, object);
  object.path = next;
  object.protocol = request.protocol;
  link(objects, object);
  for (const user of concerned(object)) user.changed();
}

/** replace_nexthop_grp() */
function replaceGroup(old: GroupPath, path: GroupPath, { resilient: wanted }: NexthopRequest): GroupPath {
  const table = old.resilient;
  if ((wanted === undefined) !== (table === undefined))
    throw invalid("Can not replace a nexthop group with one of a different type.");
  if (table === undefined) return path;
  if (wanted?.buckets !== undefined && wanted.buckets !== table.buckets.length)
    throw invalid("Can not change number of buckets of a resilient nexthop group.");
  if (wanted?.idleTimer !== undefined) table.idleTimer = wanted.idleTimer;
  if (wanted?.unbalancedTimer !== undefined) table.unbalancedTimer = wanted.unbalancedTimer;
  table.setMembers(path.members);
  return { ...path, resilient: table };
}

/** remove_nexthop(). `tell`: listeners hear of it, which they do not when a device takes its objects along. */
export function removeNexthop(netns: Netns, object: NexthopObject, tell: boolean): void {
  const objects = nexthopObjects.require(netns);
  objects.delete(object);
  if (tell) notifyNexthop(netns, RTM.DELNEXTHOP, object);
  for (const user of [...object.users]) user.removed();
  for (const user of [...object.users6].reverse()) user.removed();
  unlink(objects, object);
  if (object.path.kind === "group") object.path.resilient?.stop();
  for (const group of [...object.groups].reverse()) leaveGroup(netns, group, object, tell);
}

/** remove_nh_grp_entry(): a group without members goes too. */
function leaveGroup(netns: Netns, group: NexthopObject, leaving: NexthopObject, tell: boolean): void {
  const { path } = group;
  if (path.kind !== "group") return;
  if (path.members.length === 1) {
    removeNexthop(netns, group, tell);
    return;
  }
  const members = groupMembers(path.members.filter(({ object }) => object !== leaving));
  leaving.groups.delete(group);
  for (const { object } of members) {
    // The kernel makes the group anew, so that it is the newest one of its members.
    object.groups.delete(group);
    object.groups.add(group);
  }
  group.path = { ...path, members };
  path.resilient?.setMembers(members);
  for (const user of usersOf(group)) user.changed();
  if (tell) notifyNexthop(netns, RTM.NEWNEXTHOP, group);
}

/** nexthop_flush_dev(): the device is down, without carrier, or gone. A black hole leaves by the loopback device only in name. */
export function flushDevice(device: NetDevice, gone: boolean): void {
  const { netns } = device;
  for (const object of nexthopObjects.require(netns).by(device)) {
    if (object.blackhole && !gone) continue;
    removeNexthop(netns, object, false);
  }
}

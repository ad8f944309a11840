// What a request says of a next-hop object, and what may be combined with what (rtm_to_nh_config, nh_check_attr_group in
// net/ipv4/nexthop.c). The checks have the kernel's texts, and the order that they have since what needs a lock comes last.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { NexthopMessage } from "../../netlink/rtnl/nexthop.ts";
import { decodeNexthop, NEXTHOP_GROUP } from "../../netlink/rtnl/nexthop.ts";
import { RTNH_F } from "../../netlink/rtnl/route-constants.ts";
import { AF } from "../../netlink/rtnl/types.ts";
import type { Nanoseconds } from "../../system/system.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { Netns } from "../netns.ts";
import type { Request } from "../netlink/handlers.ts";
import type { NexthopObject } from "./objects.ts";
import { nexthopObjects } from "./objects.ts";

export interface ResilientRequest {
  readonly buckets: number | undefined;
  readonly idleTimer: Nanoseconds | undefined;
  readonly unbalancedTimer: Nanoseconds | undefined;
}

/** A request (struct nh_config). */
export interface NexthopRequest {
  /** 0: the kernel chooses. */
  readonly id: number;
  readonly family: number;
  readonly protocol: number;
  /** RTNH_F_* */
  readonly flags: number;
  readonly fdb: boolean;
  readonly blackhole: boolean;
  /** 0 for none. */
  readonly ifindex: number;
  readonly gateway: Uint8Array | undefined;
  readonly group: readonly { readonly object: NexthopObject; readonly weight: number }[] | undefined;
  /** Only of a resilient group. */
  readonly resilient: ResilientRequest | undefined;
}

/** USER_HZ: what times in netlink count. */
export const CLOCK_TICK: Nanoseconds = 10_000_000;

function invalid(text: string): Refusal {
  return new Refusal(ERRNO.EINVAL, text);
}

export function decodeRequest(request: Request): NexthopMessage {
  const message = decodeNexthop(request.message.body);
  if (isMalformed(message)) throw new Refusal(ERRNO.EINVAL, "Attribute failed policy validation");
  return message;
}

/** The parsers of single messages know these attributes only (rtm_nh_policy_*). */
export function refuseOthers(message: NexthopMessage, known: readonly (keyof NexthopMessage)[]): void {
  const header: readonly string[] = ["family", "scope", "protocol", "flags"];
  const stray = Object.keys(message).some((name) => !header.includes(name) && !known.includes(name as never));
  if (stray) throw invalid("Unknown attribute type");
}

/** rtm_to_nh_config(). `replaces`: the request is to replace an object, which it must name then. */
export function readRequest(netns: Netns, message: NexthopMessage, replaces: boolean): NexthopRequest {
  const { family, flags } = message;
  if (message.scope !== 0) throw invalid("Invalid values in ancillary header");
  if ((flags & ~RTNH_F.ONLINK) !== 0) throw invalid("Invalid nexthop flags in ancillary header");
  const known = family === AF.INET || family === AF.INET6;
  if (!known && (family !== AF.UNSPEC || message.group === undefined))
    throw invalid("Invalid address family");
  const fdb = message.fdb === true;
  const encapsulated = message.encap !== undefined || message.encapType !== undefined;
  if (fdb) {
    if (message.oif !== undefined || message.blackhole === true || encapsulated)
      throw invalid("Fdb attribute can not be used with encap, oif or blackhole");
    if (flags !== 0) throw invalid("Unsupported nexthop flags in ancillary header");
  }
  const request = {
    id: message.id ?? 0,
    family,
    protocol: message.protocol,
    flags,
    fdb,
    blackhole: message.blackhole === true,
    ifindex: 0,
    gateway: undefined,
    group: undefined,
    resilient: undefined,
  };
  if (message.group !== undefined) return { ...request, ...groupOf(netns, message, replaces) };
  if (request.blackhole) {
    if (message.gateway !== undefined || message.oif !== undefined || encapsulated || fdb)
      throw invalid("Blackhole attribute can not be used with gateway, oif, encap or fdb");
    if (replaces) checkId(message);
    return request;
  }
  if (!fdb && message.oif === undefined)
    throw invalid("Device attribute required for non-blackhole and non-fdb nexthops");
  const gateway = gatewayOf(message);
  if (message.encap !== undefined) {
    if (message.encapType === undefined) throw invalid("LWT encapsulation type is missing");
    throw new Refusal(ERRNO.EOPNOTSUPP, "lwt encapsulation type not supported");
  }
  if (message.encapType !== undefined) throw invalid("LWT encapsulation attribute is missing");
  if (replaces) checkId(message);
  if (!fdb) checkDevice(netns, message.oif ?? 0);
  return { ...request, ifindex: fdb ? 0 : (message.oif ?? 0), gateway };
}

function checkId({ id }: NexthopMessage): void {
  if (!id) throw invalid("Replace requires nexthop id");
}

function checkDevice(netns: Netns, ifindex: number): void {
  const device = netns.deviceByIndex(ifindex);
  if (device === undefined) throw invalid("Invalid device index");
  if (!device.up) throw new Refusal(ERRNO.ENETDOWN, "Nexthop device is not up");
  if (!device.carrier) throw new Refusal(ERRNO.ENETDOWN, "Carrier for nexthop device is down");
}

function gatewayOf({ family, gateway, flags }: NexthopMessage): Uint8Array | undefined {
  if (gateway === undefined) {
    if ((flags & RTNH_F.ONLINK) !== 0)
      throw invalid("ONLINK flag can not be set for nexthop without a gateway");
    return undefined;
  }
  if (gateway.length !== (family === AF.INET ? 4 : 16)) throw invalid("Invalid gateway");
  return gateway;
}

type GroupRequest = Pick<NexthopRequest, "group" | "resilient">;

function groupOf(netns: Netns, message: NexthopMessage, replaces: boolean): GroupRequest {
  if (message.family !== AF.UNSPEC) throw invalid("Invalid family for group");
  const type = message.groupType ?? NEXTHOP_GROUP.MPATH;
  if (type > NEXTHOP_GROUP.RESILIENT) throw invalid("Invalid group type");
  checkGroup(netns, message, type);
  const { buckets, idleTimer, unbalancedTimer } = message.resilientGroup ?? {};
  const isResilient = type === NEXTHOP_GROUP.RESILIENT;
  if (isResilient && buckets === 0) throw invalid("Number of buckets needs to be non-0");
  if (replaces) checkId(message);
  const group = membersOf(netns, message);
  if (!isResilient) return { group, resilient: undefined };
  const time = (ticks: number | undefined): Nanoseconds | undefined =>
    ticks === undefined ? undefined : ticks * CLOCK_TICK;
  return {
    group,
    resilient: { buckets, idleTimer: time(idleTimer), unbalancedTimer: time(unbalancedTimer) },
  };
}

/** nh_check_attr_group(): what can be said of a group without looking at its members. */
function checkGroup(netns: Netns, message: NexthopMessage, type: number): void {
  const members = message.group ?? [];
  if (members.length === 0) throw invalid("Invalid length for nexthop group attribute");
  const { wideNexthopWeights } = netns.kernel.profile;
  const ids = new Set<number>();
  for (const { id, weight, weightHigh } of members) {
    if (!wideNexthopWeights && weightHigh !== 0) throw invalid("Reserved fields in nexthop_grp must be 0");
    if (weight === 0xff && (!wideNexthopWeights || weightHigh === 0xff))
      throw invalid("Invalid value for weight");
    if (ids.has(id)) throw invalid("Nexthop id can not be used twice in a group");
    ids.add(id);
  }
  const { blackhole, oif, gateway, encapType, encap, groups, master } = message;
  const buckets = type === NEXTHOP_GROUP.RESILIENT ? undefined : message.resilientGroup;
  const others: readonly unknown[] = [blackhole, oif, gateway, encapType, encap, groups, master, buckets];
  if (others.some((each) => each !== undefined))
    throw invalid("No other attributes can be set in nexthop groups");
}

/** nh_check_attr_group_rtnl() */
function membersOf(netns: Netns, message: NexthopMessage): NonNullable<GroupRequest["group"]> {
  const members = message.group ?? [];
  const objects = nexthopObjects.require(netns);
  let family: number = AF.UNSPEC;
  return members.map(({ id, weight, weightHigh }) => {
    const object = objects.find(id);
    if (object === undefined) throw invalid("Invalid nexthop id");
    const path = checkMember(object, members.length);
    if (message.fdb === true) {
      if (!path.fdb) throw invalid("FDB nexthop group can only have fdb nexthops");
      if (family !== AF.UNSPEC && family !== path.family)
        throw invalid("FDB nexthop group cannot have mixed family nexthops");
      ({ family } = path);
    } else if (path.fdb) throw invalid("Non FDB nexthop group cannot have fdb nexthops");
    return { object, weight: weight + weightHigh * 256 + 1 };
  });
}

/** valid_group_nh() */
function checkMember(
  { path }: NexthopObject,
  size: number,
): Extract<NexthopObject["path"], { kind: "single" }> {
  if (path.kind === "group") {
    const kind = path.resilient === undefined ? "Hash-threshold" : "Resilient";
    throw invalid(`${kind} group can not be a nexthop within a group`);
  }
  if (path.blackhole && size > 1)
    throw invalid("Blackhole nexthop can not be used in a group with more than 1 path");
  return path;
}

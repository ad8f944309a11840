// Next-hop objects and buckets as netlink messages (nh_fill_node, nh_fill_res_bucket), and their notifications.

import { NEXTHOP_GROUP, encodeNexthop } from "../../netlink/rtnl/nexthop.ts";
import type { NexthopMessage } from "../../netlink/rtnl/nexthop.ts";
import { RTNLGRP } from "../../netlink/rtnl/multicast-groups.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import { ipv6ToBytes } from "../../wire/ipv6-address.ts";
import { ipv4Bytes } from "../ipv4/address-message.ts";
import { hasListeners, notifyGroup } from "../netlink/endpoint.ts";
import type { Netns } from "../netns.ts";
import type { GroupPath, NexthopObject, SinglePath } from "./objects.ts";
import { CLOCK_TICK } from "./request.ts";
import type { Bucket, ResilientTable } from "./resilient.ts";

const ticks = (time: number): number => Math.floor(time / CLOCK_TICK);

function groupFields(path: GroupPath): Partial<NexthopMessage> {
  const { resilient } = path;
  return {
    fdb: path.fdb || undefined,
    groupType: resilient === undefined ? NEXTHOP_GROUP.MPATH : NEXTHOP_GROUP.RESILIENT,
    group: path.members.map(({ object, weight }) => ({
      id: object.id,
      weight: (weight - 1) & 0xff,
      weightHigh: (weight - 1) >>> 8,
    })),
    resilientGroup: resilient && {
      buckets: resilient.buckets.length,
      idleTimer: ticks(resilient.idleTimer),
      unbalancedTimer: ticks(resilient.unbalancedTimer),
      unbalancedTime: ticks(resilient.unbalancedTime),
    },
  };
}

function singleFields({ family, blackhole, fdb, hop }: SinglePath): Partial<NexthopMessage> {
  const fields = { family, flags: hop.flags };
  if (blackhole) return { ...fields, blackhole: true };
  const { gateway, gateway6 } = hop;
  return {
    ...fields,
    scope: hop.scope,
    fdb: fdb || undefined,
    oif: fdb ? undefined : hop.device?.ifindex,
    gateway: gateway6 !== undefined ? ipv6ToBytes(gateway6) : gateway === 0 ? undefined : ipv4Bytes(gateway),
  };
}

/** nh_fill_node() */
export function nexthopBody({ id, protocol, path }: NexthopObject): Uint8Array {
  const fields = path.kind === "group" ? groupFields(path) : singleFields(path);
  return encodeNexthop({ family: AF.UNSPEC, protocol, id, ...fields });
}

/** nh_fill_res_bucket() */
export function bucketBody(netns: Netns, object: NexthopObject, bucket: Bucket, index: number): Uint8Array {
  const idleTime = ticks(netns.kernel.clock.now - bucket.used);
  const nhId = bucket.member?.object.id;
  return encodeNexthop({
    family: AF.UNSPEC,
    protocol: object.protocol,
    id: object.id,
    resilientBucket: { index, idleTime, nhId },
  });
}

/** nexthop_notify() */
export function notifyNexthop(
  netns: Netns,
  type: typeof RTM.NEWNEXTHOP | typeof RTM.DELNEXTHOP,
  object: NexthopObject,
): void {
  if (!hasListeners(netns, 0, RTNLGRP.NEXTHOP)) return;
  notifyGroup(netns, 0, RTNLGRP.NEXTHOP, type, nexthopBody(object));
}

/** nexthop_bucket_notify() */
export function notifyBucket(
  netns: Netns,
  object: NexthopObject,
  table: ResilientTable,
  index: number,
): void {
  const bucket = table.buckets[index];
  if (bucket === undefined || !hasListeners(netns, 0, RTNLGRP.NEXTHOP)) return;
  notifyGroup(netns, 0, RTNLGRP.NEXTHOP, RTM.NEWNEXTHOPBUCKET, bucketBody(netns, object, bucket, index));
}

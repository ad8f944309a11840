// RTM_NEWNEXTHOP, RTM_DELNEXTHOP, RTM_GETNEXTHOP and RTM_GETNEXTHOPBUCKET, and the devices that take objects along
// (net/ipv4/nexthop.c).

import { ERRNO } from "../../netlink/errno.ts";
import { NLM_F } from "../../netlink/message.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { NexthopMessage } from "../../netlink/rtnl/nexthop.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import type { NetDevice } from "../device.ts";
import { ipv4Of } from "../ipv4/namespace.ts";
import type { DeviceEvent, Kernel } from "../kernel.ts";
import type { DumpResult, Request } from "../netlink/handlers.ts";
import type { Netns } from "../netns.ts";
import { addNexthop, flushDevice, removeNexthop } from "./change.ts";
import { bucketBody, nexthopBody } from "./message.ts";
import type { NexthopObject } from "./objects.ts";
import { NexthopObjects, nexthopObjects } from "./objects.ts";
import { decodeRequest, readRequest, refuseOthers } from "./request.ts";
import type { ResilientTable } from "./resilient.ts";

function invalid(text: string): Refusal {
  return new Refusal(ERRNO.EINVAL, text);
}

function newNexthop(request: Request): void {
  const { netns, message } = request;
  const replaces = (message.flags & NLM_F.REPLACE) !== 0;
  addNexthop(netns, readRequest(netns, decodeRequest(request), replaces), message.flags);
}

/** nh_valid_get_del_req() */
function idOf(message: NexthopMessage): number {
  refuseOthers(message, ["id", "opFlags"]);
  if (message.protocol !== 0 || message.scope !== 0 || message.flags !== 0)
    throw invalid("Invalid values in header");
  if (message.id === undefined) throw invalid("Nexthop id is missing");
  if (message.id === 0) throw invalid("Invalid nexthop id");
  return message.id;
}

function named(request: Request): NexthopObject {
  const object = nexthopObjects.require(request.netns).find(idOf(decodeRequest(request)));
  if (object === undefined) throw new Refusal(ERRNO.ENOENT);
  return object;
}

function deleteNexthop(request: Request): void {
  removeNexthop(request.netns, named(request), true);
}

function getNexthop(request: Request): void {
  request.reply(RTM.NEWNEXTHOP, nexthopBody(named(request)));
}

/** What a dump is to show (struct nh_dump_filter). */
interface DumpFilter {
  readonly family: number;
  readonly ifindex: number;
  readonly master: number;
  readonly groups: boolean;
}

/** __nh_valid_dump_req() */
function dumpFilter(message: NexthopMessage): DumpFilter {
  if ((message.oif ?? 0) > 0x7fff_ffff) throw invalid("Invalid device index");
  if ((message.master ?? 0) > 0x7fff_ffff) throw invalid("Invalid master device index");
  if (message.protocol !== 0 || message.scope !== 0 || message.flags !== 0)
    throw invalid("Invalid values in header for nexthop dump request");
  const { family, oif: ifindex = 0, master = 0 } = message;
  return { family, ifindex, master, groups: message.groups === true };
}

/** nh_dump_filtered() */
function shows(filter: DumpFilter, { path }: NexthopObject): boolean {
  if (filter.groups && path.kind !== "group") return false;
  if (path.kind === "group")
    return filter.family === AF.UNSPEC && filter.ifindex === 0 && filter.master === 0;
  if (filter.family !== AF.UNSPEC && path.family !== filter.family) return false;
  const { device } = path.hop;
  if (filter.ifindex !== 0 && device?.ifindex !== filter.ifindex) return false;
  return filter.master === 0 || device?.master?.ifindex === filter.master;
}

function dumpNexthops(request: Request): DumpResult {
  const message = decodeRequest(request);
  refuseOthers(message, ["oif", "groups", "master", "fdb", "opFlags"]);
  const filter = dumpFilter(message);
  const objects = nexthopObjects.require(request.netns).inOrder();
  return {
    type: RTM.NEWNEXTHOP,
    bodies: objects.filter((object) => shows(filter, object)).map(nexthopBody),
  };
}

/** nexthop_find_group_resilient() */
function resilientGroup(netns: Netns, id: number): { object: NexthopObject; table: ResilientTable } {
  const object = nexthopObjects.require(netns).find(id);
  if (object === undefined) throw new Refusal(ERRNO.ENOENT);
  const { path } = object;
  if (path.kind !== "group") throw invalid("Not a nexthop group");
  if (path.resilient === undefined) throw invalid("Nexthop group not of type resilient");
  return { object, table: path.resilient };
}

function getBucket(request: Request): void {
  const message = decodeRequest(request);
  refuseOthers(message, ["id", "resilientBucket"]);
  if (message.id === undefined) throw invalid("Nexthop id is missing");
  if (message.id === 0) throw invalid("Invalid nexthop id");
  if (message.resilientBucket === undefined) throw invalid("Bucket information is missing");
  const { index } = message.resilientBucket;
  if (index === undefined) throw invalid("Bucket index is missing");
  const { netns } = request;
  const { object, table } = resilientGroup(netns, message.id);
  const bucket = table.buckets[index];
  if (bucket === undefined) throw new Refusal(ERRNO.ENOENT, "Bucket index out of bounds");
  request.reply(RTM.NEWNEXTHOPBUCKET, bucketBody(netns, object, bucket, index));
}

/** rtm_dump_nexthop_bucket(): of one group or of all; filters are about the member that has the bucket. */
function dumpBuckets(request: Request): DumpResult {
  const { netns } = request;
  const message = decodeRequest(request);
  refuseOthers(message, ["id", "oif", "master", "resilientBucket"]);
  const filter = dumpFilter(message);
  const member = message.resilientBucket?.nhId;
  if (message.id === 0) throw invalid("Invalid nexthop id");
  if (member === 0) throw invalid("Invalid nexthop id");
  const all = nexthopObjects.require(netns).inOrder();
  const objects = message.id === undefined ? all : [resilientGroup(netns, message.id).object];
  const bodies: Uint8Array[] = [];
  for (const object of objects) {
    if (object.path.kind !== "group" || object.path.resilient === undefined) continue;
    for (const [index, bucket] of object.path.resilient.buckets.entries()) {
      if (bucket.member === undefined) continue;
      if (member !== undefined && bucket.member.object.id !== member) continue;
      if (shows(filter, bucket.member.object)) bodies.push(bucketBody(netns, object, bucket, index));
    }
  }
  return { type: RTM.NEWNEXTHOPBUCKET, bodies };
}

/** nh_netdev_event() */
function handleDeviceEvent(device: NetDevice, event: DeviceEvent): void {
  switch (event.type) {
    case "down":
      flushDevice(device, false);
      break;
    case "unregister":
      flushDevice(device, true);
      break;
    case "change":
      if (!device.up || !device.carrier) flushDevice(device, false);
      break;
    case "changeMtu":
      for (const { path } of nexthopObjects.require(device.netns).by(device)) {
        if (path.kind === "single") path.hop.exceptions?.linkMtuChanged(device.mtu, event.old);
      }
      ipv4Of(device.netns).routesChanged();
      break;
    default:
      break;
  }
}

/** Before IPv4 and IPv6: a device takes its objects along before routes hear that it is gone. */
export function installNexthops(kernel: Kernel): void {
  kernel.addLayer({
    created: (netns) => nexthopObjects.set(netns, new NexthopObjects()),
    destroyed(netns) {
      for (const { path } of nexthopObjects.require(netns).inOrder())
        if (path.kind === "group") path.resilient?.stop();
    },
  });
  kernel.onDevice(handleDeviceEvent);
  kernel.rtnetlink.register(AF.UNSPEC, RTM.NEWNEXTHOP, { doit: newNexthop });
  kernel.rtnetlink.register(AF.UNSPEC, RTM.DELNEXTHOP, { doit: deleteNexthop });
  kernel.rtnetlink.register(AF.UNSPEC, RTM.GETNEXTHOP, { doit: getNexthop, dump: dumpNexthops });
  kernel.rtnetlink.register(AF.UNSPEC, RTM.GETNEXTHOPBUCKET, { doit: getBucket, dump: dumpBuckets });
}

// RTM_NEWNSID and RTM_GETNSID: giving and asking ids of namespaces (net/core/net_namespace.c: rtnl_net_newid and on).

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { decodeNsid, encodeNsid } from "../../netlink/rtnl/nsid.ts";
import type { NsidMessage } from "../../netlink/rtnl/nsid.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { Kernel } from "../kernel.ts";
import type { Netns } from "../netns.ts";
import { NSID_NOT_ASSIGNED, setNsid } from "../nsid.ts";
import type { DumpResult, Request } from "./handlers.ts";
import { netnsById } from "./link-request.ts";

function decode(request: Request): NsidMessage {
  const message = decodeNsid(request.message.body);
  if (isMalformed(message)) throw new Refusal(ERRNO.EINVAL);
  return message;
}

/** The namespace that a request names by process or descriptor. */
function named(viewer: Netns, message: NsidMessage): Netns {
  const { kernel } = viewer;
  let found: Netns | undefined;
  if (message.pid !== undefined) {
    found = kernel.netnsOfPid(message.pid);
    if (!found) throw new Refusal(ERRNO.ESRCH, "Peer netns reference is invalid");
  } else if (message.fd !== undefined) {
    found = kernel.netnses.get(message.fd);
    if (!found) throw new Refusal(ERRNO.EBADF, "Peer netns reference is invalid");
  }
  if (!found) throw new Refusal(ERRNO.EINVAL, "Peer netns reference is missing");
  return found;
}

function newNsid(request: Request): void {
  const message = decode(request);
  if (message.nsid === undefined) throw new Refusal(ERRNO.EINVAL, "nsid is missing");
  const peer = named(request.netns, message);
  const { nsids } = request.netns;
  if (nsids.has(peer)) throw new Refusal(ERRNO.EEXIST, "Peer netns already has a nsid assigned");
  const { nsid } = message;
  if (nsid >= 0 && nsids.owner(nsid)) throw new Refusal(ERRNO.EEXIST, "The specified nsid is already used");
  setNsid(request.netns, peer, nsid < 0 ? nsids.lowestFree() : nsid);
}

function getNsid(request: Request): void {
  const message = decode(request);
  const viewer =
    message.targetNsid === undefined ? request.netns : netnsById(request.netns, message.targetNsid);
  const peer =
    message.nsid === undefined ? named(request.netns, message) : byNsid(request.netns, message.nsid);
  const nsid = viewer.nsids.get(peer) ?? NSID_NOT_ASSIGNED;
  const current =
    message.targetNsid === undefined ? undefined : (request.netns.nsids.get(peer) ?? NSID_NOT_ASSIGNED);
  request.reply(RTM.NEWNSID, encodeNsid({ family: AF.UNSPEC, nsid, currentNsid: current }));
}

function byNsid(viewer: Netns, nsid: number): Netns {
  const netns = viewer.nsids.owner(nsid);
  if (netns) return netns;
  throw new Refusal(ERRNO.ENOENT, "Peer netns reference is invalid");
}

function dumpNsids(request: Request): DumpResult {
  const message = decode(request);
  const viewer =
    message.targetNsid === undefined ? request.netns : netnsById(request.netns, message.targetNsid);
  const entries = [...viewer.nsids].sort(([, a], [, b]) => a - b);
  return {
    type: RTM.NEWNSID,
    bodies: entries.map(([netns, nsid]) => {
      const current =
        viewer === request.netns ? undefined : (request.netns.nsids.get(netns) ?? NSID_NOT_ASSIGNED);
      return encodeNsid({ family: AF.UNSPEC, nsid, currentNsid: current });
    }),
  };
}

export function installNsids(kernel: Kernel): void {
  kernel.rtnetlink.register(AF.UNSPEC, RTM.NEWNSID, { doit: newNsid });
  kernel.rtnetlink.register(AF.UNSPEC, RTM.GETNSID, { doit: getNsid, dump: dumpNsids });
}

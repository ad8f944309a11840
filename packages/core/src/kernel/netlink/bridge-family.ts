// Links of family AF_BRIDGE: ports of bridges and their VLANs (net/core/rtnetlink.c: rtnl_bridge_getlink and the like).
// What there is to tell and to set is the bridge's (BridgeOperations).

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { BRIDGE_FLAGS } from "../../netlink/rtnl/bridge-vlan.ts";
import type { LinkMessage } from "../../netlink/rtnl/link.ts";
import { decodeLink } from "../../netlink/rtnl/link.ts";
import { RTNLGRP } from "../../netlink/rtnl/multicast-groups.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { NetDevice } from "../device.ts";
import type { Kernel } from "../kernel.ts";
import { notifyGroup } from "./endpoint.ts";
import type { DumpResult, Request } from "./handlers.ts";

function decode(request: Request): LinkMessage {
  const message = decodeLink(request.message.body);
  if (isMalformed(message)) throw new Refusal(ERRNO.EINVAL);
  return message;
}

/** rtnl_bridge_getlink(): devices in the order of registration, each as its master's port and by itself. */
function dump(request: Request): DumpResult {
  const { body } = request.message;
  const message = body.length >= 16 ? decode(request) : undefined;
  const extMask = message?.extMask ?? 0;
  const bodies: Uint8Array[] = [];
  for (const device of request.netns.devices.values()) {
    for (const operations of [device.master?.bridgeOperations, device.bridgeOperations]) {
      const link = operations?.getLink?.(device, extMask);
      if (link) bodies.push(link);
    }
  }
  return { type: RTM.NEWLINK, bodies };
}

/** Calls `apply` with the master's operations and, for BRIDGE_FLAGS_SELF, with the device's own. */
function dispatch(
  request: Request,
  method: "setLink" | "deleteLink",
  done: (device: NetDevice) => void,
): void {
  const message = decode(request);
  if (message.family !== AF.BRIDGE) throw new Refusal(ERRNO.EPFNOSUPPORT);
  const device = request.netns.deviceByIndex(message.index);
  if (!device) throw new Refusal(ERRNO.ENODEV, "unknown ifindex");
  const flags = message.bridge?.flags ?? 0;
  if (flags === 0 || flags & BRIDGE_FLAGS.MASTER) {
    const operations = device.master?.bridgeOperations;
    if (!operations?.[method]) throw new Refusal(ERRNO.EOPNOTSUPP);
    operations[method](device, message);
  }
  if (flags & BRIDGE_FLAGS.SELF) {
    const operations = device.bridgeOperations;
    if (!operations?.[method]) throw new Refusal(ERRNO.EOPNOTSUPP);
    operations[method](device, message);
    done(device);
  }
}

/** rtnl_bridge_notify() */
function notifySelf(device: NetDevice): void {
  const body = device.bridgeOperations?.getLink?.(device, 0);
  if (body) notifyGroup(device.netns, 0, RTNLGRP.LINK, RTM.NEWLINK, body);
}

/** Registers the family (rtnetlink_init). */
export function installBridgeFamily(kernel: Kernel): void {
  kernel.rtnetlink.register(AF.BRIDGE, RTM.GETLINK, { dump });
  kernel.rtnetlink.register(AF.BRIDGE, RTM.SETLINK, {
    doit: (request) => dispatch(request, "setLink", notifySelf),
  });
  kernel.rtnetlink.register(AF.BRIDGE, RTM.DELLINK, {
    doit: (request) => dispatch(request, "deleteLink", notifySelf),
  });
}

// RTM_GETNETCONF and RTM_NEWNETCONF of IPv6: what `ip -6 netconf` shows (inet6_netconf_* in net/ipv6/addrconf.c).

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { RTNLGRP } from "../../netlink/rtnl/multicast-groups.ts";
import { decodeNetconf, encodeNetconf, NETCONFA_IFINDEX } from "../../netlink/rtnl/netconf.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { Kernel } from "../kernel.ts";
import { hasListeners, notifyGroup } from "../netlink/endpoint.ts";
import type { DumpResult, Request } from "../netlink/handlers.ts";
import type { Configuration } from "./configuration.ts";
import { inet6Device, inet6Netns } from "./interface.ts";
import type { Inet6Netns } from "./interface.ts";

/** A setting that a notification tells of; undefined: all of them. */
export type NetconfSetting = "forwarding" | "proxy_ndp" | "ignore_routes_with_linkdown" | "force_forwarding";

/** inet6_netconf_fill_devconf() */
function fill(kernel: Kernel, ifindex: number, values: Configuration, only?: NetconfSetting): Uint8Array {
  const shown = (setting: NetconfSetting): number | undefined =>
    only === undefined || only === setting ? values[setting] : undefined;
  return encodeNetconf({
    family: AF.INET6,
    ifindex,
    forwarding: shown("forwarding"),
    mcForwarding: only === undefined ? values.mc_forwarding : undefined,
    proxyNeigh: shown("proxy_ndp"),
    ignoreRoutesWithLinkdown: shown("ignore_routes_with_linkdown"),
    forceForwarding: kernel.profile.name === "linux-6.18" ? shown("force_forwarding") : undefined,
  });
}

/** inet6_netconf_notify_devconf(); `ifindex` may be one of NETCONFA_IFINDEX. */
export function notifyNetconf(
  namespace: Inet6Netns,
  ifindex: number,
  values: Configuration,
  only?: NetconfSetting,
): void {
  const { netns, kernel } = namespace;
  if (!hasListeners(netns, 0, RTNLGRP.IPV6_NETCONF)) return;
  notifyGroup(netns, 0, RTNLGRP.IPV6_NETCONF, RTM.NEWNETCONF, fill(kernel, ifindex, values, only));
}

/** The settings of a device are gone, or will be there again under another name (RTM_DELNETCONF). */
export function notifyNetconfGone(namespace: Inet6Netns, ifindex: number): void {
  const { netns } = namespace;
  if (!hasListeners(netns, 0, RTNLGRP.IPV6_NETCONF)) return;
  const body = encodeNetconf({ family: AF.INET6, ifindex });
  notifyGroup(netns, 0, RTNLGRP.IPV6_NETCONF, RTM.DELNETCONF, body);
}

/** inet6_netconf_get_devconf() */
function get(request: Request): void {
  const { netns } = request;
  const message = decodeNetconf(request.message.body);
  if (isMalformed(message) || message.ifindex === undefined) throw new Refusal(ERRNO.EINVAL);
  const values = valuesOf(inet6Netns.require(netns), message.ifindex);
  if (!values) throw new Refusal(ERRNO.EINVAL);
  request.reply(RTM.NEWNETCONF, fill(netns.kernel, message.ifindex, values));
}

function valuesOf(namespace: Inet6Netns, ifindex: number): Configuration | undefined {
  if (ifindex === NETCONFA_IFINDEX.ALL) return namespace.all;
  if (ifindex === NETCONFA_IFINDEX.DEFAULT) return namespace.defaults;
  const device = namespace.netns.deviceByIndex(ifindex);
  return device && inet6Device.of(device)?.configuration;
}

/** inet6_netconf_dump_devconf(): devices, then "all" and "default". */
function dump(request: Request): DumpResult {
  const { netns } = request;
  const namespace = inet6Netns.require(netns);
  const { kernel } = netns;
  const bodies: Uint8Array[] = [];
  for (const device of netns.devicesInDumpOrder()) {
    const owner = inet6Device.of(device);
    if (owner) bodies.push(fill(kernel, device.ifindex, owner.configuration));
  }
  bodies.push(fill(kernel, NETCONFA_IFINDEX.ALL, namespace.all));
  bodies.push(fill(kernel, NETCONFA_IFINDEX.DEFAULT, namespace.defaults));
  return { type: RTM.NEWNETCONF, bodies };
}

export function installNetconf(kernel: Kernel): void {
  kernel.rtnetlink.register(AF.INET6, RTM.GETNETCONF, { doit: get, dump });
}

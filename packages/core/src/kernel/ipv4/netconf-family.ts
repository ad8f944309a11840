// RTM_GETNETCONF for IPv4 and its notifications (inet_netconf_fill_devconf): the settings that routing daemons watch.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { RTNLGRP } from "../../netlink/rtnl/multicast-groups.ts";
import type { NetconfMessage } from "../../netlink/rtnl/netconf.ts";
import { decodeNetconf, encodeNetconf, NETCONFA_IFINDEX } from "../../netlink/rtnl/netconf.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { Kernel } from "../kernel.ts";
import { hasListeners, notifyGroup } from "../netlink/endpoint.ts";
import type { DumpResult, Request } from "../netlink/handlers.ts";
import type { ConfigurationKey, InterfaceConfiguration } from "./configuration.ts";
import type { InetDevice } from "./in-device.ts";
import { inetDevice } from "./in-device.ts";
import type { Ipv4Netns } from "./namespace.ts";
import { ipv4Of } from "./namespace.ts";

/** Settings that are told of, and what they are called there. */
const TOLD: readonly (readonly [attribute: keyof NetconfMessage, key: ConfigurationKey])[] = [
  ["forwarding", "forwarding"],
  ["rpFilter", "rpFilter"],
  ["mcForwarding", "mcForwarding"],
  ["bcForwarding", "bcForwarding"],
  ["proxyNeigh", "proxyArp"],
  ["ignoreRoutesWithLinkdown", "ignoreRoutesWithLinkdown"],
];

function body(ifindex: number, configuration: InterfaceConfiguration, only?: ConfigurationKey): Uint8Array {
  const values: Record<string, number> = {};
  for (const [attribute, key] of TOLD) {
    if (only === undefined || only === key) values[attribute] = configuration[key];
  }
  return encodeNetconf({ family: AF.INET, ifindex, ...values });
}

/** inet_netconf_notify_devconf(): `ifindex` as in NETCONFA_IFINDEX. */
export function notifyNetconf(
  inet: Ipv4Netns,
  ifindex: number,
  configuration: InterfaceConfiguration,
  key: ConfigurationKey,
): void {
  if (!TOLD.some(([, told]) => told === key) || !hasListeners(inet.netns, 0, RTNLGRP.IPV4_NETCONF)) return;
  notifyGroup(inet.netns, 0, RTNLGRP.IPV4_NETCONF, RTM.NEWNETCONF, body(ifindex, configuration, key));
}

/** A device has settings of its own now, or no longer. */
export function notifyInterface(inDevice: InetDevice, change: "new" | "deleted"): void {
  const { netns } = inDevice.inet;
  if (!hasListeners(netns, 0, RTNLGRP.IPV4_NETCONF)) return;
  const { ifindex } = inDevice.device;
  if (change === "new") {
    notifyGroup(netns, 0, RTNLGRP.IPV4_NETCONF, RTM.NEWNETCONF, body(ifindex, inDevice.configuration));
  } else {
    notifyGroup(netns, 0, RTNLGRP.IPV4_NETCONF, RTM.DELNETCONF, encodeNetconf({ family: AF.INET, ifindex }));
  }
}

function getOne(request: Request): void {
  const message = decodeNetconf(request.message.body);
  if (isMalformed(message) || message.ifindex === undefined) throw new Refusal(ERRNO.EINVAL);
  const inet = ipv4Of(request.netns);
  const { ifindex } = message;
  let configuration: InterfaceConfiguration | undefined;
  if (ifindex === NETCONFA_IFINDEX.ALL) configuration = inet.all;
  else if (ifindex === NETCONFA_IFINDEX.DEFAULT) configuration = inet.default;
  else {
    const device = request.netns.deviceByIndex(ifindex);
    configuration = device && inetDevice.of(device)?.configuration;
  }
  if (configuration === undefined) throw new Refusal(ERRNO.EINVAL);
  request.reply(RTM.NEWNETCONF, body(ifindex, configuration));
}

function dump(request: Request): DumpResult {
  const inet = ipv4Of(request.netns);
  const bodies = request.netns.devicesInDumpOrder().flatMap((device) => {
    const inDevice = inetDevice.of(device);
    return inDevice === undefined ? [] : [body(device.ifindex, inDevice.configuration)];
  });
  bodies.push(body(NETCONFA_IFINDEX.ALL, inet.all), body(NETCONFA_IFINDEX.DEFAULT, inet.default));
  return { type: RTM.NEWNETCONF, bodies };
}

export function installNetconf(kernel: Kernel): void {
  kernel.rtnetlink.register(AF.INET, RTM.GETNETCONF, { doit: getOne, dump });
}

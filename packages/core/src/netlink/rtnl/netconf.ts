/**
 * Settings of interfaces: RTM_NEWNETCONF, RTM_DELNETCONF, RTM_GETNETCONF (ip-netconf(8); linux/netconf.h; Linux
 * net/ipv4/devinet.c `inet_netconf_fill_devconf`).
 */

import { at, s32, struct, u8 } from "../attribute-codecs.ts";
import { AttributeTable, bodyCodec, field, type Fields } from "../attribute-table.ts";

/** Values of `ifindex` that are not a device: conf/all and conf/default. */
export const NETCONFA_IFINDEX = { ALL: -1, DEFAULT: -2 } as const;

/** `struct netconfmsg`. */
const netconfHeader = struct(1, { family: at(0, u8) });

const netconfTable = new AttributeTable({
  ifindex: field(1, s32),
  forwarding: field(2, s32),
  rpFilter: field(3, s32),
  mcForwarding: field(4, s32),
  bcForwarding: field(8, s32),
  proxyNeigh: field(5, s32),
  ignoreRoutesWithLinkdown: field(6, s32),
  input: field(7, s32),
  forceForwarding: field(9, s32),
});

const netconf = bodyCodec(netconfHeader, netconfTable, "netconfmsg");

export type NetconfMessage = ReturnType<typeof netconfHeader.get> & Fields<typeof netconfTable>;

export const encodeNetconf = netconf.encode;
export const decodeNetconf = netconf.decode;

// Short conversations with the kernel in a namespace, of Patchcord's own: nothing of them is taken note of.

import { NetlinkClient } from "@patchcord/core/netlink/client.ts";
import { NETLINK } from "@patchcord/core/netlink/message.ts";
import { RTEXT_FILTER } from "@patchcord/core/netlink/rtnl/link-constants.ts";
import { decodeLink, encodeLink } from "@patchcord/core/netlink/rtnl/link.ts";
import type { LinkMessage } from "@patchcord/core/netlink/rtnl/link.ts";
import { RTM } from "@patchcord/core/netlink/rtnl/types.ts";
import type { NetlinkProtocol } from "@patchcord/core/system/sockets.ts";
import { isMalformed } from "@patchcord/core/wire/malformed.ts";
import { LinuxNetlinkSocket } from "./netlink-socket.ts";
import type { LinuxNetns, NetworkNamespaces } from "./network-namespaces.ts";

const UNWATCHED = { sending: (bytes: Uint8Array): Uint8Array => bytes };

/** `ask` gets a client of rtnetlink, and one of generic netlink when it calls for it. */
export function asking<T>(
  namespaces: NetworkNamespaces,
  netns: LinuxNetns,
  ask: (client: NetlinkClient, generic: () => NetlinkClient) => T,
): T {
  const sockets: LinuxNetlinkSocket[] = [];
  const open = (protocol: NetlinkProtocol): NetlinkClient => {
    const socket = namespaces.within(netns, () => new LinuxNetlinkSocket(protocol, UNWATCHED));
    sockets.push(socket);
    return new NetlinkClient(socket);
  };
  let generic: NetlinkClient | undefined;
  try {
    return ask(open(NETLINK.ROUTE), () => (generic ??= open(NETLINK.GENERIC)));
  } finally {
    for (const socket of sockets) socket.close();
  }
}

/** Links of a namespace: all, or the one with a name. */
export function linksOf(namespaces: NetworkNamespaces, netns: LinuxNetns, name?: string): LinkMessage[] {
  const body = encodeLink({
    extMask: RTEXT_FILTER.SKIP_STATS,
    ...(name === undefined ? {} : { ifname: name }),
  });
  const result = asking(namespaces, netns, (client) =>
    name === undefined ? client.dump(RTM.GETLINK, body) : client.request(RTM.GETLINK, 0, body),
  );
  if (!result.ok) return [];
  return result.messages.flatMap((message) => {
    const link = decodeLink(message.body);
    return isMalformed(link) ? [] : [link];
  });
}

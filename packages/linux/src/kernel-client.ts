// Short conversations with rtnetlink in a namespace, of Patchcord's own: nothing of them is taken note of.

import { NetlinkClient } from "@patchcord/core/netlink/client.ts";
import { RTEXT_FILTER } from "@patchcord/core/netlink/rtnl/link-constants.ts";
import { decodeLink, encodeLink } from "@patchcord/core/netlink/rtnl/link.ts";
import type { LinkMessage } from "@patchcord/core/netlink/rtnl/link.ts";
import { RTM } from "@patchcord/core/netlink/rtnl/types.ts";
import { isMalformed } from "@patchcord/core/wire/malformed.ts";
import { LinuxNetlinkSocket } from "./netlink-socket.ts";
import type { LinuxNetns, NetworkNamespaces } from "./network-namespaces.ts";

export function asking<T>(
  namespaces: NetworkNamespaces,
  netns: LinuxNetns,
  ask: (client: NetlinkClient) => T,
): T {
  const socket = namespaces.within(netns, () => new LinuxNetlinkSocket(0, { sending: (bytes) => bytes }));
  try {
    return ask(new NetlinkClient(socket));
  } finally {
    socket.close();
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

// Devices of Patchcord's own that are ports of bridges that others own leave those before anything is set back: a bridge has the lowest
// address of its ports, and forgets its neighbours whenever that changes.

import { encodeLink } from "@patchcord/core/netlink/rtnl/link.ts";
import type { LinkMessage } from "@patchcord/core/netlink/rtnl/link.ts";
import { RTM } from "@patchcord/core/netlink/rtnl/types.ts";
import { asking } from "../kernel-client.ts";
import type { LinuxNetns, NetworkNamespaces } from "../network-namespaces.ts";
import type { JournalEntry } from "./journal.ts";
import { neighboursOf } from "./scopes.ts";
import { look } from "./undo.ts";

/**
 * `ours` are the devices of a namespace that a cleanup will remove; `noting` takes note of what the bridges are about to forget.
 */
export function leaveBridges(
  namespaces: NetworkNamespaces,
  netns: LinuxNetns,
  ours: readonly LinkMessage[],
  noting: (change: JournalEntry) => void,
): void {
  const own = new Set(ours.map(({ index }) => index));
  const ports = ours.filter(({ master = 0 }) => master > 0 && !own.has(master));
  if (ports.length === 0) return;
  const bridges = new Set(ports.map(({ master = 0 }) => master));
  asking(namespaces, netns, (client, generic) => {
    const scopes = [...bridges].flatMap(neighboursOf);
    const before = scopes.map((scope) => look(client, generic, scope));
    noting({ type: "change", netns: namespaces.cookieOf(netns), scopes, before });
    for (const { index } of ports) client.request(RTM.SETLINK, 0, encodeLink({ index, master: 0 }));
  });
}

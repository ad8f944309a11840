// Devices of Patchcord's own that are ports of bridges that others own leave those before anything is set back: a bridge has the lowest
// address of its ports, and forgets its neighbours whenever that changes.

import { NLM_F } from "@patchcord/core/netlink/message.ts";
import { encodeLink } from "@patchcord/core/netlink/rtnl/link.ts";
import type { LinkMessage } from "@patchcord/core/netlink/rtnl/link.ts";
import { RTM } from "@patchcord/core/netlink/rtnl/types.ts";
import { asking } from "../kernel-client.ts";
import type { LinuxNetns, NetworkNamespaces } from "../network-namespaces.ts";
import { contentOf, ENTRIES, isMissed, listEntries, requestFor } from "./kernel-entries.ts";
import type { EntryScope } from "./kernel-entries.ts";
import { FAMILIES } from "./scopes.ts";

const neighboursOf = (device: number): EntryScope[] =>
  FAMILIES.map((family) => ({ kind: "neighbour", family, device }));

/** `ours` are the devices of a namespace that a cleanup will remove. */
export function leaveBridges(
  namespaces: NetworkNamespaces,
  netns: LinuxNetns,
  ours: readonly LinkMessage[],
): void {
  const own = new Set(ours.map(({ index }) => index));
  const ports = ours.filter(({ master = 0 }) => master > 0 && !own.has(master));
  if (ports.length === 0) return;
  const bridges = new Set(ports.map(({ master = 0 }) => master));
  asking(namespaces, netns, (client) => {
    const scopes = [...bridges].flatMap(neighboursOf);
    const before = scopes.flatMap((scope) => listEntries(client, scope));
    for (const { index } of ports) client.request(RTM.SETLINK, 0, encodeLink({ index, master: 0 }));
    const there = new Set(
      scopes.flatMap((scope) => listEntries(client, scope)).map((body) => contentOf("neighbour", body)),
    );
    for (const body of before) {
      if (there.has(contentOf("neighbour", body)) || !isMissed("neighbour", body)) continue;
      client.request(ENTRIES.neighbour.add, NLM_F.CREATE, requestFor("neighbour", body));
    }
  });
}

// The other end of a cable that leads to another namespace. The kernel tells of that namespace only a number that the asking one has given
// it: IFLA_LINK_NETNSID. So every namespace that can be found is asked for its number.

import { readdirSync, readlinkSync } from "node:fs";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import type { LinkMessage } from "@patchcord/core/netlink/rtnl/link.ts";
import { decodeNsid, encodeNsid } from "@patchcord/core/netlink/rtnl/nsid.ts";
import { RTM } from "@patchcord/core/netlink/rtnl/types.ts";
import { isMalformed } from "@patchcord/core/wire/malformed.ts";
import { asking } from "../kernel-client.ts";
import { lookLink } from "./link-settings.ts";
import type { LinuxNetns, NetworkNamespaces } from "../network-namespaces.ts";

const NAMES = "/run/netns";

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** A file for each namespace that has a name or a process. */
function placesOfNamespaces(): string[] {
  const places = namesIn(NAMES).map((name) => `${NAMES}/${name}`);
  const seen = new Set<string>();
  for (const pid of namesIn("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const path = `/proc/${pid}/ns/net`;
    try {
      const link = readlinkSync(path);
      if (seen.has(link)) continue;
      seen.add(link);
      places.push(path);
    } catch {
      continue; // it has ended
    }
  }
  return places;
}

/** The namespace that `netns` knows by an id; undefined if nothing leads to it. */
function namespaceById(
  namespaces: NetworkNamespaces,
  netns: LinuxNetns,
  nsid: number,
): LinuxNetns | undefined {
  return asking(namespaces, netns, (client) => {
    for (const path of placesOfNamespaces()) {
      let other;
      try {
        other = namespaces.open(path);
      } catch (error) {
        if (error instanceof Refusal) continue; // a name without a namespace, or a process that has ended
        throw error;
      }
      const result = client.request(RTM.GETNSID, 0, encodeNsid({ fd: other.fd }));
      const [answer] = result.ok ? result.messages : [];
      const decoded = answer && decodeNsid(answer.body);
      if (decoded && !isMalformed(decoded) && decoded.nsid === nsid) return other;
    }
    return undefined;
  });
}

/** The other end of a cable: where it is, and the kernel's message about it. Undefined if it is in the same namespace, or nowhere to be found. */
export function farEndOf(
  namespaces: NetworkNamespaces,
  netns: LinuxNetns,
  { link, linkNetnsid, linkinfo }: LinkMessage,
): { readonly netns: LinuxNetns; readonly link: Uint8Array } | undefined {
  if (linkinfo?.kind !== "veth" || link === undefined || linkNetnsid === undefined) return undefined;
  const there = namespaceById(namespaces, netns, linkNetnsid);
  const body = there && asking(namespaces, there, (client) => lookLink(client, link));
  return there && body && { netns: there, link: body };
}

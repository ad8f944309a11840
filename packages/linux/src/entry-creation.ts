// Addresses, routes, neighbours and rules that rtnetlink requests add: read out of the bytes that a program is about to send. Only
// requests that the kernel refuses if there is such an entry already (NLM_F_EXCL) tell, by their success, that it is new.

import { readU16Host, readU32Host } from "@patchcord/core/netlink/host-bytes.ts";
import { NLM_F } from "@patchcord/core/netlink/message.ts";
import { decodeAddress } from "@patchcord/core/netlink/rtnl/address.ts";
import { decodeNeighbour } from "@patchcord/core/netlink/rtnl/neighbour.ts";
import { decodeRoute } from "@patchcord/core/netlink/rtnl/route.ts";
import { RTM } from "@patchcord/core/netlink/rtnl/types.ts";
import { readU32BE } from "@patchcord/core/wire/bytes.ts";
import { formatIpv4 } from "@patchcord/core/wire/ipv4-address.ts";
import { formatIpv6, readIpv6Address } from "@patchcord/core/wire/ipv6-address.ts";
import { formatMac, readMac } from "@patchcord/core/wire/mac.ts";
import { isMalformed } from "@patchcord/core/wire/malformed.ts";

/** What an entry is called, and the request that removes it: the same body, under this number. */
export const ENTRIES = {
  address: { add: RTM.NEWADDR, remove: RTM.DELADDR },
  route: { add: RTM.NEWROUTE, remove: RTM.DELROUTE },
  neighbour: { add: RTM.NEWNEIGH, remove: RTM.DELNEIGH },
  rule: { add: RTM.NEWRULE, remove: RTM.DELRULE },
} as const;
export type EntryKind = keyof typeof ENTRIES;

export interface NewEntry {
  readonly kind: EntryKind;
  readonly body: Uint8Array;
  /** Sequence number of the request. */
  readonly seq: number;
}

const HEADER = 16; // struct nlmsghdr
const NEW = NLM_F.CREATE | NLM_F.EXCL;
const align4 = (length: number): number => (length + 3) & ~3;

export function newEntries(datagram: Uint8Array): NewEntry[] {
  const found: NewEntry[] = [];
  for (let at = 0; at + HEADER <= datagram.length;) {
    const length = readU32Host(datagram, at);
    if (length < HEADER || at + length > datagram.length) break;
    const type = readU16Host(datagram, at + 4);
    const kind = (Object.keys(ENTRIES) as EntryKind[]).find((each) => ENTRIES[each].add === type);
    if (kind !== undefined && (readU16Host(datagram, at + 6) & NEW) === NEW) {
      found.push({
        kind,
        body: datagram.slice(at + HEADER, at + length),
        seq: readU32Host(datagram, at + 8),
      });
    }
    at += align4(length);
  }
  return found;
}

function addressText(bytes: Uint8Array): string {
  switch (bytes.length) {
    case 4:
      return formatIpv4(readU32BE(bytes, 0));
    case 16:
      return formatIpv6(readIpv6Address(bytes, 0));
    case 6:
      return formatMac(readMac(bytes, 0));
    default:
      return "";
  }
}

/** "address 10.0.0.1/24" */
export function entryName(kind: EntryKind, body: Uint8Array): string {
  switch (kind) {
    case "address": {
      const message = decodeAddress(body);
      const own = isMalformed(message) ? undefined : (message.local ?? message.address);
      return isMalformed(message) || own === undefined
        ? kind
        : `${kind} ${addressText(own)}/${message.prefixlen}`;
    }
    case "route": {
      const message = decodeRoute(body);
      if (isMalformed(message)) return kind;
      return `${kind} ${message.dst === undefined ? "default" : `${addressText(message.dst)}/${message.dstLen}`}`;
    }
    case "neighbour": {
      const message = decodeNeighbour(body);
      const of = isMalformed(message) ? undefined : (message.dst ?? message.lladdr);
      return of === undefined ? kind : `${kind} ${addressText(of)}`;
    }
    case "rule":
      return kind;
  }
}

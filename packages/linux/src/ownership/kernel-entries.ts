// Addresses, routes, neighbours, rules and address labels as the kernel lists them, each a message body that can be sent
// back to add it again or to remove it (as `ip address restore` and `ip route restore` do). What passes with time or follows
// from the state of a link is left out, so that two looks at the same entry are equal.

import type { NetlinkClient } from "@patchcord/core/netlink/client.ts";
import {
  align4,
  AttributeReader,
  AttributeWriter,
  readRawAttributes,
} from "@patchcord/core/netlink/attributes.ts";
import { readU16Host, readU32Host, writeU32Host } from "@patchcord/core/netlink/host-bytes.ts";
import { IFA_F } from "@patchcord/core/netlink/rtnl/address.ts";
import { NTF, NUD } from "@patchcord/core/netlink/rtnl/neighbour.ts";
import { RT_TABLE, RTM_F, RTNH_F, RTPROT } from "@patchcord/core/netlink/rtnl/route-constants.ts";
import { AF, RTM } from "@patchcord/core/netlink/rtnl/types.ts";
import { readU32BE } from "@patchcord/core/wire/bytes.ts";
import { formatIpv4 } from "@patchcord/core/wire/ipv4-address.ts";
import { formatIpv6, readIpv6Address } from "@patchcord/core/wire/ipv6-address.ts";
import { formatMac, readMac } from "@patchcord/core/wire/mac.ts";

/** Requests of each kind, and the length of the structure before the attributes. */
export const ENTRIES = {
  address: { add: RTM.NEWADDR, remove: RTM.DELADDR, list: RTM.GETADDR, header: 8 },
  route: { add: RTM.NEWROUTE, remove: RTM.DELROUTE, list: RTM.GETROUTE, header: 12 },
  neighbour: { add: RTM.NEWNEIGH, remove: RTM.DELNEIGH, list: RTM.GETNEIGH, header: 12 },
  rule: { add: RTM.NEWRULE, remove: RTM.DELRULE, list: RTM.GETRULE, header: 12 },
  "address label": { add: RTM.NEWADDRLABEL, remove: RTM.DELADDRLABEL, list: RTM.GETADDRLABEL, header: 12 },
} as const;
export type EntryKind = keyof typeof ENTRIES;

export const IFA = { ADDRESS: 1, LOCAL: 2, CACHEINFO: 6, FLAGS: 8 } as const;
export const RTA = {
  DST: 1,
  OIF: 4,
  GATEWAY: 5,
  PRIORITY: 6,
  MULTIPATH: 9,
  CACHEINFO: 12,
  TABLE: 15,
  VIA: 18,
} as const;
export const NDA = { DST: 1, LLADDR: 2, CACHEINFO: 3, PROBES: 4, VLAN: 5, MASTER: 9 } as const;
/** What became of an address. */
const ADDRESS_STATE =
  IFA_F.SECONDARY |
  IFA_F.OPTIMISTIC |
  IFA_F.DADFAILED |
  IFA_F.DEPRECATED |
  IFA_F.TENTATIVE |
  IFA_F.STABLE_PRIVACY;
const FOREVER = 0xffff_ffff;
const RULE_INVERT = 2;
const NEXT_HOP = 8; // struct rtnexthop

/** Where entries are looked for: those that may replace each other, or all of a device. */
export interface EntryScope {
  readonly kind: EntryKind;
  readonly family: number;
  /** As `slotOf` tells it. */
  readonly slot?: string;
  /** Those of the device with this index. */
  readonly device?: number;
  /** Those for this address, hexadecimal. */
  readonly destination?: string;
  readonly proxy?: boolean;
  /** Body of the request, base64. */
  readonly request?: string;
  /** Of an ioctl that adds an entry: attributes that it will have, hexadecimal by their types. */
  readonly adds?: Readonly<Record<number, string>>;
}

function attribute(kind: EntryKind, body: Uint8Array, wanted: number): Uint8Array | undefined {
  const reader = new AttributeReader(body, ENTRIES[kind].header);
  while (reader.next()) if (reader.type === wanted) return reader.bytes();
  return undefined;
}

const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString("hex");
const u32 = (bytes: Uint8Array | undefined): number => (bytes?.length === 4 ? readU32Host(bytes, 0) : 0);

function tableOf(route: Uint8Array): number {
  const table = u32(attribute("route", route, RTA.TABLE)) || (route[4] ?? 0);
  return table === RT_TABLE.UNSPEC ? RT_TABLE.MAIN : table;
}

/** Devices that an entry is on, or that a route leads through. */
export function devicesOf(kind: EntryKind, body: Uint8Array): number[] {
  if (kind === "address" || kind === "neighbour") return [readU32Host(body, 4)];
  return kind === "route" ? routeDevices(body) : [];
}

function routeDevices(route: Uint8Array): number[] {
  const own = attribute("route", route, RTA.OIF);
  const hops = attribute("route", route, RTA.MULTIPATH) ?? new Uint8Array(0);
  return [...(own ? [u32(own)] : []), ...nextHops(hops).map((at) => readU32Host(hops, at + 4))];
}

/** Where each next hop of RTA_MULTIPATH starts. */
function nextHops(hops: Uint8Array): number[] {
  const starts: number[] = [];
  for (let at = 0; at + NEXT_HOP <= hops.length;) {
    starts.push(at);
    const length = readU16Host(hops, at);
    if (length < NEXT_HOP) break;
    at += align4(length);
  }
  return starts;
}

export function routeSlot(table: number, destination: Uint8Array | undefined, length: number): string {
  return `${table} ${length === 0 ? "" : hex(destination)}/${length}`;
}

/** Entries with the same family and slot can replace, hide or take away each other. */
export function slotOf(kind: EntryKind, body: Uint8Array): string {
  switch (kind) {
    case "address":
      return String(readU32Host(body, 4));
    case "route":
      return routeSlot(tableOf(body), attribute(kind, body, RTA.DST), body[1] ?? 0);
    case "neighbour": {
      const bridge = body[0] === AF.BRIDGE;
      const key = attribute(kind, body, bridge ? NDA.LLADDR : NDA.DST);
      return `${readU32Host(body, 4)} ${hex(key)} ${bridge ? hex(attribute(kind, body, NDA.VLAN)) : ""}`;
    }
    default:
      return "";
  }
}

/** Entries that are the same one, if perhaps with other contents. */
export function identityOf(kind: EntryKind, body: Uint8Array): string {
  const slot = slotOf(kind, body);
  switch (kind) {
    case "address": {
      const [local, far] = [attribute(kind, body, IFA.LOCAL), attribute(kind, body, IFA.ADDRESS)];
      return `${slot} ${body[1]} ${hex(local ?? far)} ${hex(far ?? local)}`;
    }
    case "route":
      return `${slot} ${body[3]} ${u32(attribute(kind, body, RTA.PRIORITY))}`;
    case "neighbour":
      return slot;
    default:
      return contentOf(kind, body);
  }
}

function withoutLinkState(hops: Uint8Array): Uint8Array {
  const clean = hops.slice();
  for (const at of nextHops(clean)) clean[at + 2] = (clean[at + 2] ?? 0) & RTNH_F.ONLINK;
  return clean;
}

/** An attribute without what is not the entry's own; undefined if all of it is not. */
function lasting(kind: EntryKind, type: number, payload: Uint8Array): Uint8Array | undefined {
  if (kind === "address" && type === IFA.FLAGS) {
    const flags = payload.slice();
    writeU32Host(flags, 0, u32(payload) & ~ADDRESS_STATE);
    return flags;
  }
  // when it was made and changed
  if (kind === "address" && type === IFA.CACHEINFO)
    return Buffer.concat([payload.subarray(0, 8), Buffer.alloc(8)]);
  if (kind === "route" && type === RTA.CACHEINFO) return undefined;
  if (kind === "route" && type === RTA.MULTIPATH) return withoutLinkState(payload);
  const passing: readonly number[] = [NDA.CACHEINFO, NDA.PROBES, NDA.MASTER];
  return kind === "neighbour" && passing.includes(type) ? undefined : payload;
}

/** The body of a request that adds or removes the entry that was listed so. */
export function requestFor(kind: EntryKind, body: Uint8Array): Uint8Array {
  const { header } = ENTRIES[kind];
  const writer = new AttributeWriter(header);
  const head = body.slice(0, header);
  if (kind === "address") head[2] = 0; // IFA_FLAGS has them
  if (kind === "route") writeU32Host(head, 8, readU32Host(head, 8) & RTNH_F.ONLINK);
  if (kind === "address label") writeU32Host(head, 8, 0); // number of the list's change
  if (kind === "rule") writeU32Host(head, 8, readU32Host(head, 8) & RULE_INVERT);
  if (kind === "neighbour") {
    head[11] = 0;
    if (head[0] === AF.BRIDGE && attribute(kind, body, NDA.MASTER)) head[10] = (head[10] ?? 0) | NTF.MASTER;
  }
  writer.buffer.set(head);
  for (const { type, payload } of readRawAttributes(body, header)) {
    const kept = lasting(kind, type, payload);
    if (kept) writer.bytes(type, kept);
  }
  return writer.finish();
}

/** Equal for two looks at the same entry in the same condition. */
export function contentOf(kind: EntryKind, body: Uint8Array): string {
  const { header } = ENTRIES[kind];
  const clean = requestFor(kind, body);
  if (kind === "neighbour" && !isFixed(clean)) clean.fill(0, 8, 10);
  const attributes = readRawAttributes(clean, header).map(({ type, payload }) => {
    if (kind !== "address" || type !== IFA.CACHEINFO) return `${type} ${hex(payload)}`;
    return `${type} ${[0, 4].map((at) => readU32Host(payload, at) === FOREVER).join()}`; // lifetimes run down
  });
  return [hex(clean.subarray(0, header)), ...attributes.sort()].join(" ");
}

/** What somebody has set; the others come and go. The kernel itself has NOARP for multicast, a bridge for static entries. */
function isFixed(neighbour: Uint8Array): boolean {
  const fixed = neighbour[0] === AF.BRIDGE ? NUD.NOARP | NUD.PERMANENT : NUD.PERMANENT;
  return ((neighbour[8] ?? 0) & fixed) !== 0;
}

/** Whether it stays away until somebody makes it: neighbours are found anew, and an address brings its own local routes. */
export function isMissed(kind: EntryKind, body: Uint8Array): boolean {
  if (kind === "neighbour") return isFixed(body);
  return kind !== "route" || tableOf(body) !== RT_TABLE.LOCAL || body[5] !== RTPROT.KERNEL;
}

/** Whether it needs another route to be there. */
export function leadsOn(kind: EntryKind, body: Uint8Array): boolean {
  const hops = [RTA.GATEWAY, RTA.VIA, RTA.MULTIPATH];
  return kind === "route" && hops.some((type) => attribute(kind, body, type) !== undefined);
}

/** Whether an entry is what a request asked for, with whatever the kernel has added. */
export function isRequested(kind: EntryKind, request: Uint8Array, body: Uint8Array): boolean {
  if (kind === "address") return identityOf(kind, request) === identityOf(kind, body);
  return (
    slotOf(kind, request) === slotOf(kind, body) &&
    readRawAttributes(request, ENTRIES[kind].header).every(
      ({ type, payload }) => hex(attribute(kind, body, type)) === hex(payload),
    )
  );
}

/** Whether an entry is one that an ioctl adds. */
export function isAdded(kind: EntryKind, adds: Readonly<Record<number, string>>, body: Uint8Array): boolean {
  return Object.entries(adds).every(
    ([type, payload]) => hex(attribute(kind, body, Number(type))) === payload,
  );
}

export function listEntries(client: NetlinkClient, scope: EntryScope): Uint8Array[] {
  const { kind, family, slot, device, destination, proxy = false } = scope;
  const { list, header } = ENTRIES[kind];
  const wanted = new Uint8Array(header);
  wanted[0] = family;
  if (proxy) wanted[10] = NTF.PROXY;
  const result = client.dump(list, wanted);
  if (!result.ok) return [];
  return result.messages.flatMap(({ body }) => {
    if (body.length < header || body[0] !== family) return [];
    if (kind === "route" && (readU32Host(body, 8) & RTM_F.CLONED) !== 0) return [];
    if (slot !== undefined && slotOf(kind, body) !== slot) return [];
    if (destination !== undefined && hex(attribute(kind, body, NDA.DST)) !== destination) return [];
    if (device !== undefined && !devicesOf(kind, body).includes(device)) return [];
    return [body];
  });
}

/** Where a request of this kind adds, changes or removes. */
export function scopeOf(kind: EntryKind, body: Uint8Array): EntryScope {
  const proxy = kind === "neighbour" && ((body[10] ?? 0) & NTF.PROXY) !== 0;
  const request = Buffer.from(body).toString("base64");
  return { kind, family: body[0] ?? 0, slot: slotOf(kind, body), request, ...(proxy ? { proxy } : {}) };
}

/** An IPv4, IPv6 or MAC address by its length. */
export function addressText(bytes: Uint8Array): string {
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
  const [first, second] = [attribute(kind, body, 1), attribute(kind, body, 2)];
  switch (kind) {
    case "address":
      return `${kind} ${addressText(second ?? first ?? new Uint8Array(0))}/${body[1]}`;
    case "route":
      return first && body[1] !== 0 ? `${kind} ${addressText(first)}/${body[1]}` : `${kind} default`;
    case "neighbour":
      return `${kind} ${addressText(first ?? second ?? new Uint8Array(0))}`;
    default:
      return kind;
  }
}

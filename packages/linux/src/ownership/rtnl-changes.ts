// What a program's requests may change of things that others own: read out of the bytes that it is about to send to
// rtnetlink. Things are only named here (scopes.ts); ownership.ts looks at them before and after.

import { AttributeReader } from "@patchcord/core/netlink/attributes.ts";
import { readS32Host, readU32Host } from "@patchcord/core/netlink/host-bytes.ts";
import { decodeMessages, NLM_F } from "@patchcord/core/netlink/message.ts";
import { BRIDGE_FLAGS } from "@patchcord/core/netlink/rtnl/bridge-vlan.ts";
import { IFF, IFLA } from "@patchcord/core/netlink/rtnl/link-constants.ts";
import { AF, RTM } from "@patchcord/core/netlink/rtnl/types.ts";
import { devicesOf, ENTRIES, scopeOf } from "./kernel-entries.ts";
import type { EntryKind } from "./kernel-entries.ts";
import { groupScope } from "./kernel-groups.ts";
import type { Destination } from "./link-creation.ts";
import { BRIDGE_SPECIFICATION, namedFlags } from "./link-settings.ts";
import {
  forgottenBy,
  learnedGroups,
  lostByDeletion,
  lostByPort,
  lostWith,
  neighboursOf,
  vlansOf,
} from "./scopes.ts";
import type { Devices, Scope } from "./scopes.ts";

export interface RtnlChange {
  readonly scopes: readonly Scope[];
  /** Where a device is moved to. */
  readonly into: Destination;
}

const IFINFOMSG = 16; // bytes
const VLAN_HEADER = 8; // struct br_vlan_msg
const KINDS = Object.keys(ENTRIES) as EntryKind[];

function entryScopes(type: number, flags: number, body: Uint8Array, devices: Devices): Scope[] {
  const kind = KINDS.find((each) => ENTRIES[each].add === type || ENTRIES[each].remove === type);
  if (kind === undefined || body.length < ENTRIES[kind].header) return [];
  const on = devicesOf(kind, body);
  // A route through a device of the program's own may take the place of another one, unless that is refused.
  const displaces = kind === "route" && type === RTM.NEWROUTE && (flags & NLM_F.EXCL) === 0;
  if (!displaces && on.length > 0 && on.every((index) => devices.isOwn(index))) return [];
  const scope = scopeOf(kind, body);
  if (type !== RTM.DELADDR) return [scope];
  return [scope, ...on.map((device) => ({ kind: "route", family: scope.family, device }) as const)];
}

function groupScopes(type: number, body: Uint8Array, devices: Devices): Scope[] {
  if (type !== RTM.NEWMDB && type !== RTM.DELMDB) return [];
  const found = groupScope(body);
  const own = found !== undefined && (devices.isOwn(found.scope.bridge) || devices.isOwn(found.port));
  return found === undefined || own ? [] : [found.scope];
}

/** Of the bridges' own database of VLANs: a device that is no port is a bridge. */
function vlanScopes(type: number, body: Uint8Array, devices: Devices): Scope[] {
  if ((type !== RTM.NEWVLAN && type !== RTM.DELVLAN) || body.length < VLAN_HEADER) return [];
  const index = readU32Host(body, 4);
  return devices.isOwn(index) ? [] : vlansOf(index, devices.masterOf(index) === 0);
}

function textOf(name: Uint8Array): string {
  return Buffer.from(name).toString().replace(/\0.*/s, "");
}

/** Devices that a link request is about. */
function targets(
  attributes: ReadonlyMap<number, Uint8Array>,
  body: Uint8Array,
  devices: Devices,
): readonly number[] {
  const index = readS32Host(body, 4);
  if (index > 0) return [index];
  const name = attributes.get(IFLA.IFNAME) ?? attributes.get(IFLA.ALT_IFNAME);
  if (name !== undefined) return [devices.indexOf(textOf(name)) ?? 0];
  const group = attributes.get(IFLA.GROUP);
  return group?.length === 4 ? devices.inGroup(readU32Host(group, 0)) : [];
}

function isForBridge(attributes: ReadonlyMap<number, Uint8Array>): boolean {
  const reader = new AttributeReader(attributes.get(IFLA.AF_SPEC) ?? new Uint8Array(0));
  while (reader.next())
    if (reader.type === BRIDGE_SPECIFICATION.FLAGS) return (reader.u16() & BRIDGE_FLAGS.SELF) !== 0;
  return false;
}

const LINK_REQUESTS: ReadonlySet<number> = new Set([
  RTM.NEWLINK,
  RTM.SETLINK,
  RTM.DELLINK,
  RTM.NEWLINKPROP,
  RTM.DELLINKPROP,
]);

/** Attributes of a request about devices that are there; undefined if it is none. */
function linkAttributes(
  type: number,
  flags: number,
  body: Uint8Array,
): ReadonlyMap<number, Uint8Array> | undefined {
  if (!LINK_REQUESTS.has(type) || body.length < IFINFOMSG) return undefined;
  if (type === RTM.NEWLINK && (flags & NLM_F.CREATE) !== 0 && (flags & NLM_F.EXCL) !== 0) return undefined;
  const attributes = new Map<number, Uint8Array>();
  const reader = new AttributeReader(body, IFINFOMSG);
  while (reader.next()) attributes.set(reader.type, reader.bytes());
  return attributes;
}

/** Where a request moves a device. */
function destinationOf(attributes: ReadonlyMap<number, Uint8Array>): Destination {
  const [descriptor, pid] = [attributes.get(IFLA.NET_NS_FD), attributes.get(IFLA.NET_NS_PID)];
  if (descriptor?.length === 4) return { descriptor: readU32Host(descriptor, 0) };
  return pid?.length === 4 ? { pid: readU32Host(pid, 0) } : undefined;
}

function linkChange(type: number, flags: number, body: Uint8Array, devices: Devices): RtnlChange {
  const attributes = linkAttributes(type, flags, body);
  if (attributes === undefined) return { scopes: [], into: undefined };
  if (type === RTM.DELLINK && body[0] !== AF.BRIDGE) {
    const gone = targets(attributes, body, devices).filter((index) => index > 0 && !devices.isOwn(index));
    return { scopes: gone.flatMap((index) => lostByDeletion(index, devices)), into: undefined };
  }
  const into = destinationOf(attributes);
  const goesDown = (namedFlags(body) & ~readU32Host(body, 8) & IFF.UP) !== 0;
  const request = Buffer.from(body).toString("base64");
  const bridge = attributes.get(IFLA.MASTER);
  const scopes = targets(attributes, body, devices)
    .filter((index) => index > 0 && !devices.isOwn(index))
    .flatMap((index): Scope[] => [
      { kind: "link", index, request },
      ...(body[0] === AF.BRIDGE ? vlansOf(index, isForBridge(attributes)) : []),
      ...(bridge?.length === 4
        ? lostByPort(index, [devices.masterOf(index), readU32Host(bridge, 0)], devices)
        : []),
      ...(attributes.has(IFLA.ADDRESS) ? neighboursOf(index) : []),
      ...(into !== undefined || goesDown ? lostWith(index, into !== undefined) : []),
      ...(into !== undefined || goesDown ? learnedGroups(index, devices) : []),
    ]);
  return { scopes, into };
}

/** What bridges of others lose by a request about devices of the program's own. */
function bridgesOfOwn(type: number, body: Uint8Array, devices: Devices): Scope[] {
  if (!LINK_REQUESTS.has(type) || body.length < IFINFOMSG || body[0] === AF.BRIDGE) return [];
  const attributes = new Map<number, Uint8Array>();
  const reader = new AttributeReader(body, IFINFOMSG);
  while (reader.next()) attributes.set(reader.type, reader.bytes());
  const joined = attributes.get(IFLA.MASTER);
  const leaves = [IFLA.MASTER, IFLA.ADDRESS, IFLA.NET_NS_FD, IFLA.NET_NS_PID].some((each) =>
    attributes.has(each),
  );
  if (!leaves && type !== RTM.DELLINK) return [];
  const there = targets(attributes, body, devices).filter((index) => index > 0 && devices.isOwn(index));
  const changed = type === RTM.DELLINK ? there.flatMap((index) => devices.goneWith(index)) : there;
  const bridges = changed.map((index) => devices.masterOf(index));
  return forgottenBy([...bridges, ...(joined?.length === 4 ? [readU32Host(joined, 0)] : [])], devices);
}

/** A device of the program's own that goes to another namespace. */
export interface Move {
  readonly index: number;
  /** What it is called there; undefined: as before. */
  readonly name: string | undefined;
  readonly into: NonNullable<Destination>;
}

export function movesOf(datagram: Uint8Array, devices: Devices): Move[] {
  return decodeMessages(datagram).messages.flatMap(({ type, flags, body }) => {
    const attributes = linkAttributes(type, flags, body);
    const into = attributes && destinationOf(attributes);
    if (attributes === undefined || into === undefined) return [];
    const name = readS32Host(body, 4) > 0 ? attributes.get(IFLA.IFNAME) : undefined;
    return targets(attributes, body, devices)
      .filter((index) => devices.isOwn(index))
      .map((index): Move => ({ index, name: name && textOf(name), into }));
  });
}

/** Everything that the requests of a datagram may change and that is not the program's own. */
export function changesOf(datagram: Uint8Array, devices: Devices): RtnlChange {
  const changes = decodeMessages(datagram).messages.map(({ type, flags, body }): RtnlChange => {
    const scopes = [
      ...entryScopes(type, flags, body, devices),
      ...groupScopes(type, body, devices),
      ...vlanScopes(type, body, devices),
    ];
    if (scopes.length > 0) return { scopes, into: undefined };
    const change = linkChange(type, flags, body, devices);
    return { ...change, scopes: [...change.scopes, ...bridgesOfOwn(type, body, devices)] };
  });
  return {
    scopes: changes.flatMap(({ scopes }) => scopes),
    into: changes.find(({ into }) => into !== undefined)?.into,
  };
}

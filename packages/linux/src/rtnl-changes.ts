// What a program's requests may change of things that others own: read out of the bytes that it is about to send to
// rtnetlink, or of an ioctl that does the same. Things are only named here; ownership.ts looks at them before and after.

import { AttributeReader, AttributeWriter } from "@patchcord/core/netlink/attributes.ts";
import { readS32Host, readU16Host, readU32Host, writeU32Host } from "@patchcord/core/netlink/host-bytes.ts";
import { decodeMessages, NLM_F } from "@patchcord/core/netlink/message.ts";
import { BRIDGE_FLAGS } from "@patchcord/core/netlink/rtnl/bridge-vlan.ts";
import { IFF, IFLA } from "@patchcord/core/netlink/rtnl/link-constants.ts";
import { RT_TABLE } from "@patchcord/core/netlink/rtnl/route-constants.ts";
import { AF, RTM } from "@patchcord/core/netlink/rtnl/types.ts";
import type { IoctlRequest } from "@patchcord/core/system/system.ts";
import { devicesOf, ENTRIES, routeSlot, scopeOf } from "./kernel-entries.ts";
import type { EntryKind, EntryScope } from "./kernel-entries.ts";
import { allFeatures } from "./ethtool-settings.ts";
import type { EthtoolScope } from "./ethtool-settings.ts";
import { groupScope } from "./kernel-groups.ts";
import type { GroupScope } from "./kernel-groups.ts";
import type { Destination } from "./link-creation.ts";
import { BRIDGE_SPECIFICATION, namedFlags } from "./link-settings.ts";

/** A device that is there, and the request that changes it. */
export interface LinkScope {
  readonly kind: "link";
  readonly index: number;
  /** Body of the request, base64. */
  readonly request: string;
}

/** VLANs of a bridge port, or of the bridge itself. */
export interface VlanScope {
  readonly kind: "vlans";
  readonly index: number;
  readonly self: boolean;
}

export type Scope = EntryScope | LinkScope | VlanScope | GroupScope | EthtoolScope;

/** The devices of the namespace where a request goes. */
export interface Devices {
  /** Whether it was made by the program, so that everything about it goes with it. */
  isOwn(index: number): boolean;
  indexOf(name: string): number | undefined;
  /** The bridge or bond that a device is a port of; 0 without one. */
  masterOf(index: number): number;
  inGroup(group: number): readonly number[];
}

export interface RtnlChange {
  readonly scopes: readonly Scope[];
  /** Where a device is moved to. */
  readonly into: Destination;
}

const IFINFOMSG = 16; // bytes
const KINDS = Object.keys(ENTRIES) as EntryKind[];
const FAMILIES = [AF.INET, AF.INET6] as const;

/** What goes when a device goes down; with it its IPv4 addresses, if it leaves the namespace. */
function lostWith(device: number, moved: boolean): Scope[] {
  return [
    ...(moved ? [allFeatures(device), { kind: "address", family: AF.INET, device } as const] : []),
    { kind: "address", family: AF.INET6, device },
    ...FAMILIES.map((family): Scope => ({ kind: "route", family, device })),
    ...neighboursOf(device),
  ];
}

/** What goes when a device gets another address, as a bridge does when its ports change. */
function neighboursOf(device: number): Scope[] {
  return FAMILIES.map((family) => ({ kind: "neighbour", family, device }));
}

/** What goes when a port leaves a bridge or joins one. */
function lostByPort(port: number, bridges: readonly number[], devices: Devices): Scope[] {
  const foreign = bridges.filter((index) => index > 0 && !devices.isOwn(index));
  return [
    { kind: "vlans", index: port, self: false },
    { kind: "neighbour", family: AF.BRIDGE, device: port },
    ...foreign.flatMap((bridge): Scope[] => [{ kind: "group", bridge, port }, ...neighboursOf(bridge)]),
  ];
}

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
  const into = destinationOf(attributes);
  const goesDown = (namedFlags(body) & ~readU32Host(body, 8) & IFF.UP) !== 0;
  const request = Buffer.from(body).toString("base64");
  const bridge = attributes.get(IFLA.MASTER);
  const scopes = targets(attributes, body, devices)
    .filter((index) => index > 0 && !devices.isOwn(index))
    .flatMap((index): Scope[] => [
      { kind: "link", index, request },
      ...(body[0] === AF.BRIDGE ? [{ kind: "vlans", index, self: isForBridge(attributes) } as const] : []),
      ...(bridge?.length === 4
        ? lostByPort(index, [devices.masterOf(index), readU32Host(bridge, 0)], devices)
        : []),
      ...(attributes.has(IFLA.ADDRESS) ? neighboursOf(index) : []),
      ...(into !== undefined || goesDown ? lostWith(index, into !== undefined) : []),
    ]);
  return { scopes, into };
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
    const scopes = [...entryScopes(type, flags, body, devices), ...groupScopes(type, body, devices)];
    return scopes.length > 0 ? { scopes, into: undefined } : linkChange(type, flags, body, devices);
  });
  return {
    scopes: changes.flatMap(({ scopes }) => scopes),
    into: changes.find(({ into }) => into !== undefined)?.into,
  };
}

const IFNAMSIZ = 16;
/** linux/sockios.h */
const SIOC = {
  ADDRT: 0x890b,
  DELRT: 0x890c,
  SIFFLAGS: 0x8914,
  SIFADDR: 0x8916,
  SIFDSTADDR: 0x8918,
  SIFBRDADDR: 0x891a,
  SIFNETMASK: 0x891c,
  SIFMTU: 0x8922,
  SIFNAME: 0x8923,
  SIFHWADDR: 0x8924,
  DIFADDR: 0x8936,
  SIFTXQLEN: 0x8943,
  DARP: 0x8953,
  SARP: 0x8955,
  BRDELBR: 0x89a1,
  BRADDIF: 0x89a2,
  BRDELIF: 0x89a3,
} as const;

/** Offsets in struct rtentry and struct arpreq. */
const RTENTRY = { destination: 12, mask: 44, flags: 56 } as const;
const ARPREQ = { address: 4, flags: 32, device: 52 } as const;
const RTF_HOST = 4;
/** The entry is a proxy's. */
const ATF_PUBL = 8;

/** Attributes that are set as by a request to rtnetlink. */
const SETS: ReadonlyMap<number, number> = new Map([
  [SIOC.SIFMTU, IFLA.MTU],
  [SIOC.SIFNAME, IFLA.IFNAME],
  [SIOC.SIFHWADDR, IFLA.ADDRESS],
  [SIOC.SIFTXQLEN, IFLA.TXQLEN],
  [SIOC.BRADDIF, IFLA.MASTER],
  [SIOC.BRDELIF, IFLA.MASTER],
]);
const ADDRESSES: ReadonlySet<number> = new Set([
  SIOC.SIFADDR,
  SIOC.SIFDSTADDR,
  SIOC.SIFBRDADDR,
  SIOC.SIFNETMASK,
  SIOC.DIFADDR,
]);

/** A link request that names what an ioctl sets. */
function likeRequest(index: number, attribute: number | undefined, flags: boolean): Uint8Array {
  const writer = new AttributeWriter(IFINFOMSG);
  writeU32Host(writer.buffer, 4, index);
  if (flags) {
    writeU32Host(writer.buffer, 8, 0);
    writeU32Host(writer.buffer, 12, ~0 >>> 0);
  }
  if (attribute !== undefined) writer.flag(attribute);
  return writer.finish();
}

/** struct rtentry, which is always IPv4's here: the slot in the main table that it names. */
function routeScope(data: Uint8Array): Scope {
  const host = (readU16Host(data, RTENTRY.flags) & RTF_HOST) !== 0;
  const address = data.subarray(RTENTRY.destination, RTENTRY.destination + 4);
  const mask = data.subarray(RTENTRY.mask, RTENTRY.mask + 4);
  const length = host ? 32 : bitsOf(mask);
  return { kind: "route", family: AF.INET, slot: routeSlot(RT_TABLE.MAIN, address, length) };
}

function bitsOf(mask: Uint8Array): number {
  return Array.from(mask, (byte) => byte.toString(2).replaceAll("0", "").length).reduce((a, b) => a + b, 0);
}

/** struct arpreq: an entry of a device, or where it names none of whichever device the kernel takes. */
function neighbourScopes(data: Uint8Array, devices: Devices): readonly Scope[] {
  const destination = Buffer.from(data.subarray(ARPREQ.address, ARPREQ.address + 4)).toString("hex");
  const name = textOf(data.subarray(ARPREQ.device, ARPREQ.device + IFNAMSIZ));
  const device = name === "" ? undefined : devices.indexOf(name);
  if (device !== undefined && devices.isOwn(device)) return [];
  const proxy = (readU32Host(data, ARPREQ.flags) & ATF_PUBL) !== 0;
  return [
    {
      kind: "neighbour",
      family: AF.INET,
      destination,
      ...(device === undefined ? {} : { device }),
      ...(proxy ? { proxy } : {}),
    },
  ];
}

/** The same for an ioctl. */
export function ioctlScopes({ number, data, shape }: IoctlRequest, devices: Devices): readonly Scope[] {
  if (number === SIOC.ADDRT || number === SIOC.DELRT) return [routeScope(data)];
  if (number === SIOC.SARP || number === SIOC.DARP) return neighbourScopes(data, devices);
  const attribute = SETS.get(number);
  const addresses = ADDRESSES.has(number);
  const flags = number === SIOC.SIFFLAGS || addresses;
  if ((attribute === undefined && !flags && number !== SIOC.BRDELBR) || shape === "ifreqPointer") return [];
  // A bridge's port is told by its index, everything else by its name, an address's label included.
  const name = Buffer.from(data.subarray(0, IFNAMSIZ))
    .toString()
    .replace(/[:\0].*/s, "");
  const isPort = attribute === IFLA.MASTER;
  const index = isPort ? readS32Host(data, IFNAMSIZ) : (devices.indexOf(name) ?? 0);
  if (index <= 0 || devices.isOwn(index)) return [];
  const request = Buffer.from(likeRequest(index, attribute, flags)).toString("base64");
  const goesDown = number === SIOC.SIFFLAGS && (readU16Host(data, IFNAMSIZ) & IFF.UP) === 0;
  return [
    { kind: "link", index, request },
    ...(isPort ? lostByPort(index, [devices.masterOf(index), devices.indexOf(name) ?? 0], devices) : []),
    ...(attribute === IFLA.ADDRESS ? neighboursOf(index) : []),
    ...(addresses
      ? [
          { kind: "address", family: AF.INET, device: index } as const,
          { kind: "route", family: AF.INET, device: index } as const,
        ]
      : []),
    ...(goesDown ? lostWith(index, false) : []),
  ];
}

// Settings of a device that is there: what a request changed of them, and the request that sets back what it changed. Only
// what the request named is set back, and only where it still is as the request left it: what somebody else has set since
// stays.

import type { NetlinkClient } from "@patchcord/core/netlink/client.ts";
import { AttributeReader, AttributeWriter } from "@patchcord/core/netlink/attributes.ts";
import { readS32Host, readU16Host, readU32Host, writeU32Host } from "@patchcord/core/netlink/host-bytes.ts";
import { BRIDGE_FLAGS, BRIDGE_VLAN_INFO } from "@patchcord/core/netlink/rtnl/bridge-vlan.ts";
import { IFF, IFLA, IFLA_INFO, RTEXT_FILTER } from "@patchcord/core/netlink/rtnl/link-constants.ts";
import { encodeLink } from "@patchcord/core/netlink/rtnl/link.ts";
import { AF, RTM } from "@patchcord/core/netlink/rtnl/types.ts";

const IFINFOMSG = 16; // bytes
export const BRIDGE_SPECIFICATION = { FLAGS: 0, VLAN_INFO: 2 } as const;
const VLAN = 4; // struct bridge_vlan_info

/** Flags that a request may set. */
const SETTABLE =
  IFF.UP |
  IFF.DEBUG |
  IFF.NOARP |
  IFF.PROMISC |
  IFF.ALLMULTI |
  IFF.MULTICAST |
  IFF.PORTSEL |
  IFF.AUTOMEDIA |
  IFF.DYNAMIC;

/** Attributes of a device, as they are called when they are told of. */
const SETTINGS: ReadonlyMap<number, string> = new Map([
  [IFLA.IFNAME, "name"],
  [IFLA.ADDRESS, "address"],
  [IFLA.BROADCAST, "broadcast"],
  [IFLA.MTU, "mtu"],
  [IFLA.TXQLEN, "txqueuelen"],
  [IFLA.MASTER, "master"],
  [IFLA.IFALIAS, "alias"],
  [IFLA.GROUP, "group"],
  [IFLA.LINKMODE, "mode"],
  [IFLA.PROTO_DOWN, "protodown"],
  [IFLA.GSO_MAX_SIZE, "gso_max_size"],
  [IFLA.GSO_MAX_SEGS, "gso_max_segs"],
  [IFLA.GRO_MAX_SIZE, "gro_max_size"],
  [IFLA.GSO_IPV4_MAX_SIZE, "gso_ipv4_max_size"],
  [IFLA.GRO_IPV4_MAX_SIZE, "gro_ipv4_max_size"],
]);
/** What stands for an attribute that a listing leaves out. */
const ABSENT: ReadonlyMap<number, Uint8Array> = new Map([
  [IFLA.MASTER, new Uint8Array(4)],
  [IFLA.IFALIAS, new Uint8Array(0)],
]);
/** IFLA_BRPORT_*: a port that comes back to its bridge gets these again; the others are states and counters. */
const PORT_SETTINGS: ReadonlySet<number> = new Set([
  2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 25, 27, 28, 29, 30, 31, 32, 33, 34, 37, 39, 40, 42, 43, 44,
]);

/** struct ifla_vlan_flags: flags and their mask. */
export const VLAN_FLAGS = 2;
/** IFLA_VLAN_EGRESS_QOS and IFLA_VLAN_INGRESS_QOS: lists of struct ifla_vlan_qos_mapping, of which a request names some. */
const QOS_MAPS: readonly number[] = [3, 4];
const QOS_MAP_ENTRY = 1;
const QOS_MAPPING = 8; // bytes

type Attributes = ReadonlyMap<number, Uint8Array>;

function attributes(bytes: Uint8Array | undefined, from = 0): Attributes {
  const found = new Map<number, Uint8Array>();
  if (bytes === undefined) return found;
  const reader = new AttributeReader(bytes, from);
  while (reader.next()) found.set(reader.type, reader.bytes());
  return found;
}

function sameBytes(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return Buffer.compare(one ?? new Uint8Array(0), other ?? new Uint8Array(0)) === 0;
}

/** A bridge that has lost its ports may have no address, and nobody can give it none. */
export function isZero(address: Uint8Array): boolean {
  return address.every((byte) => byte === 0);
}

export function indexOf(link: Uint8Array): number {
  return readS32Host(link, 4);
}

export function nameOf(link: Uint8Array): string {
  const bytes = attributes(link, IFINFOMSG).get(IFLA.IFNAME);
  return bytes === undefined ? `number ${indexOf(link)}` : Buffer.from(bytes).toString().replace(/\0.*/s, "");
}

export function masterOf(link: Uint8Array | undefined): number {
  const bytes = attributes(link, IFINFOMSG).get(IFLA.MASTER);
  return bytes === undefined ? 0 : readU32Host(bytes, 0);
}

/** Kind and hardware type: an index may have been given away again. */
export function isSameDevice(one: Uint8Array, other: Uint8Array): boolean {
  const [a, b] = [attributes(one, IFINFOMSG), attributes(other, IFINFOMSG)];
  const kind = (all: Attributes): Uint8Array | undefined =>
    attributes(all.get(IFLA.LINKINFO)).get(IFLA_INFO.KIND);
  return sameBytes(kind(a), kind(b)) && readU16Host(one, 2) === readU16Host(other, 2);
}

export function hasAddressOf(one: Uint8Array, other: Uint8Array): boolean {
  const [a, b] = [attributes(one, IFINFOMSG), attributes(other, IFINFOMSG)];
  return sameBytes(a.get(IFLA.ADDRESS), b.get(IFLA.ADDRESS));
}

export function vidOf(vlan: Uint8Array): number {
  return readU16Host(vlan, 2);
}

/** Alternative names. */
export function altNamesOf(link: Uint8Array): string[] {
  const list = attributes(link, IFINFOMSG).get(IFLA.PROP_LIST);
  const found: string[] = [];
  const reader = new AttributeReader(list ?? new Uint8Array(0));
  while (reader.next()) if (reader.type === IFLA.ALT_IFNAME) found.push(reader.string());
  return found;
}

/** Adds an alternative name (NEWLINKPROP) or takes it away (DELLINKPROP). */
export function altNameRequest(index: number, name: string): Uint8Array {
  const writer = new AttributeWriter(IFINFOMSG);
  writeU32Host(writer.buffer, 4, index);
  writer.nestFlagged(IFLA.PROP_LIST, () => writer.string(IFLA.ALT_IFNAME, name));
  return writer.finish();
}

/** A request that names every flag and setting. */
export function allSettings(index: number): Uint8Array {
  const writer = new AttributeWriter(IFINFOMSG);
  writeU32Host(writer.buffer, 4, index);
  writeU32Host(writer.buffer, 12, ~0 >>> 0);
  for (const type of SETTINGS.keys()) writer.flag(type);
  return writer.finish();
}

/** The bytes of a link message; undefined if there is no such device. */
export function lookLink(client: NetlinkClient, index: number): Uint8Array | undefined {
  const result = client.request(RTM.GETLINK, 0, encodeLink({ index, extMask: RTEXT_FILTER.SKIP_STATS }));
  return result.ok ? result.messages[0]?.body : undefined;
}

/** Each VLAN of a bridge or port: VID and flags. */
export function lookVlans(client: NetlinkClient, index: number): Uint8Array[] {
  const result = client.dump(RTM.GETLINK, encodeLink({ family: AF.BRIDGE, extMask: RTEXT_FILTER.BRVLAN }));
  if (!result.ok) return [];
  return result.messages.flatMap(({ body }) => {
    if (indexOf(body) !== index) return [];
    const specification = attributes(body, IFINFOMSG).get(IFLA.AF_SPEC);
    const found: Uint8Array[] = [];
    const reader = new AttributeReader(specification ?? new Uint8Array(0));
    while (reader.next()) if (reader.type === BRIDGE_SPECIFICATION.VLAN_INFO) found.push(reader.bytes());
    return found;
  });
}

/** One VLAN of a port, or with `self` of the bridge itself, to be set (SETLINK) or taken away (DELLINK). */
export function vlanRequest(index: number, vlan: Uint8Array, self: boolean): Uint8Array {
  const writer = new AttributeWriter(IFINFOMSG);
  writer.buffer[0] = AF.BRIDGE;
  writeU32Host(writer.buffer, 4, index);
  const clean = vlan.slice(0, VLAN);
  clean[0] = (clean[0] ?? 0) & (BRIDGE_VLAN_INFO.PVID | BRIDGE_VLAN_INFO.UNTAGGED);
  writer.nest(IFLA.AF_SPEC, () => {
    if (self) writer.u16(BRIDGE_SPECIFICATION.FLAGS, BRIDGE_FLAGS.SELF);
    writer.bytes(BRIDGE_SPECIFICATION.VLAN_INFO, clean);
  });
  return writer.finish();
}

export interface LinkChange {
  /** Body of the request. */
  readonly request: Uint8Array;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  readonly now: Uint8Array;
}

export interface SettingBack {
  /** Body of the request; undefined if nothing is to be set back. */
  readonly request: Uint8Array | undefined;
  /** What it sets. */
  readonly names: readonly string[];
}

/** Three looks at the attributes of one level, and what the request named there. */
interface Level {
  readonly requested: Attributes;
  readonly before: Attributes;
  readonly after: Attributes;
  readonly now: Attributes;
}

function inner({ requested, before, after, now }: Level, type: number): Level {
  return {
    requested: attributes(requested.get(type)),
    before: attributes(before.get(type)),
    after: attributes(after.get(type)),
    now: attributes(now.get(type)),
  };
}

/** Each attribute that was changed and is unchanged since, as it was. `told` refuses those that are not settings. */
function back({ requested, before, after, now }: Level, told: (type: number) => boolean): Uint8Array {
  const writer = new AttributeWriter();
  for (const type of requested.keys()) {
    const was = before.get(type) ?? ABSENT.get(type);
    if (was === undefined || sameBytes(was, after.get(type) ?? ABSENT.get(type))) continue;
    if (sameBytes(now.get(type), after.get(type)) && told(type)) writer.bytes(type, was);
  }
  return writer.finish();
}

/** IFLA_VLAN_FLAGS with some flags: the kernel refuses a mask of all, which it tells itself. */
export function vlanFlags(flags: number, mask: number): Uint8Array {
  const writer = new AttributeWriter();
  writer.attribute(VLAN_FLAGS, () => {
    writer.appendU32((flags & mask) >>> 0);
    writer.appendU32(mask >>> 0);
  });
  return writer.finish();
}

/** None are told by leaving them out. */
export function vlanFlagsIn(data: Attributes): number {
  const flags = data.get(VLAN_FLAGS);
  return flags === undefined ? 0 : readU32Host(flags, 0);
}

/** Flags of a VLAN device that were changed and are unchanged since. */
function vlanFlagsBack({ requested, before, after, now }: Level): Uint8Array {
  const [was, became, is] = [before, after, now].map(vlanFlagsIn) as [number, number, number];
  const changed = requested.has(VLAN_FLAGS) ? (was ^ became) & ~(became ^ is) : 0;
  return changed === 0 ? new Uint8Array(0) : vlanFlags(was, changed);
}

/** Priorities of a VLAN device's map, each with what it becomes. */
function qosMap(list: Uint8Array | undefined): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  const reader = new AttributeReader(list ?? new Uint8Array(0));
  while (reader.next()) {
    const mapping = reader.bytes();
    if (mapping.length >= QOS_MAPPING) found.set(readU32Host(mapping, 0), readU32Host(mapping, 4));
  }
  return found;
}

/** Each entry of a map that was changed and is unchanged since; one that was not there maps to 0, as all that are not named. */
function qosMapBack({ requested, before, after, now }: Level, type: number): Uint8Array {
  const writer = new AttributeWriter();
  if (!requested.has(type)) return writer.finish();
  const [was, became, is] = [before, after, now].map((look) => qosMap(look.get(type))) as [
    ReadonlyMap<number, number>,
    ReadonlyMap<number, number>,
    ReadonlyMap<number, number>,
  ];
  const changed = [...new Set([...was.keys(), ...became.keys()])].filter(
    (from) =>
      (was.get(from) ?? 0) !== (became.get(from) ?? 0) && (became.get(from) ?? 0) === (is.get(from) ?? 0),
  );
  if (changed.length === 0) return writer.finish();
  writer.nestFlagged(type, () => {
    for (const from of changed)
      writer.attribute(QOS_MAP_ENTRY, () => {
        writer.appendU32(from);
        writer.appendU32(was.get(from) ?? 0);
      });
  });
  return writer.finish();
}

/** IFLA_LINKINFO with what a request changed of the kind's own settings or of the bridge port's. */
function informationBack(level: Level, port: Level, names: string[]): Uint8Array {
  const writer = new AttributeWriter();
  for (const [kind, data, of, name] of [
    [IFLA_INFO.KIND, IFLA_INFO.DATA, inner(level, IFLA_INFO.DATA), "settings"],
    [IFLA_INFO.SLAVE_KIND, IFLA_INFO.SLAVE_DATA, port, "port settings"],
  ] as const) {
    const kindName = level.before.get(kind) ?? new Uint8Array(0);
    const isVlan = kind === IFLA_INFO.KIND && Buffer.from(kindName).toString().startsWith("vlan\0");
    const settings = Buffer.concat([
      back(of, (type) => !isVlan || (type !== VLAN_FLAGS && !QOS_MAPS.includes(type))),
      ...(isVlan ? [vlanFlagsBack(of), ...QOS_MAPS.map((type) => qosMapBack(of, type))] : []),
    ]);
    if (settings.length === 0) continue;
    names.push(name);
    writer.bytes(kind, kindName);
    writer.bytes(data, settings);
  }
  return writer.finish();
}

/** What a port's request named: IFLA_PROTINFO of the bridge's own requests has the attributes of IFLA_INFO_SLAVE_DATA. */
function portLevel(request: Attributes, information: Level): Level {
  const level = inner(information, IFLA_INFO.SLAVE_DATA);
  return { ...level, requested: new Map([...level.requested, ...attributes(request.get(IFLA.PROTINFO))]) };
}

/** Flags that a request sets: without a mask all of them, unless it has no flags either (rtnl_dev_combine_flags). */
export function namedFlags(request: Uint8Array): number {
  const mask = readU32Host(request, 12);
  return mask === 0 && readU32Host(request, 8) !== 0 ? ~0 : mask;
}

/** The request that sets back what another one has changed. */
export function settingBack({ request, before, after, now }: LinkChange): SettingBack {
  const names: string[] = [];
  const requested = attributes(request, IFINFOMSG);
  const level: Level = {
    requested,
    before: attributes(before, IFINFOMSG),
    after: attributes(after, IFINFOMSG),
    now: attributes(now, IFINFOMSG),
  };
  const writer = new AttributeWriter(IFINFOMSG);
  writeU32Host(writer.buffer, 4, indexOf(now));
  const flags = [before, after, now].map((link) => readU32Host(link, 8)) as [number, number, number];
  const changed = (flags[0] ^ flags[1]) & ~(flags[1] ^ flags[2]) & SETTABLE & namedFlags(request);
  if (changed !== 0) {
    writeU32Host(writer.buffer, 8, (flags[0] & changed) >>> 0);
    writeU32Host(writer.buffer, 12, changed >>> 0);
    names.push((changed & IFF.UP) === 0 ? "flags" : (flags[0] & IFF.UP) === 0 ? "down" : "up");
  }
  const own = back(level, (type) => {
    const unset = type === IFLA.ADDRESS && isZero(level.before.get(type) ?? new Uint8Array(0));
    const name = unset ? undefined : SETTINGS.get(type);
    if (name !== undefined) names.push(name);
    return name !== undefined;
  });
  writer.appendBytes(own);
  const information = inner(level, IFLA.LINKINFO);
  const kinds = informationBack(information, portLevel(requested, information), names);
  if (kinds.length > 0) writer.bytes(IFLA.LINKINFO, kinds);
  const ipv6 = back(inner(inner(level, IFLA.AF_SPEC), AF.INET6), () => true);
  if (ipv6.length > 0) {
    names.push("IPv6 settings");
    writer.nest(IFLA.AF_SPEC, () => writer.bytes(AF.INET6, ipv6));
  }
  return { request: names.length === 0 ? undefined : writer.finish(), names };
}

/** Puts the settings of a bridge port, as they were, on a port that is back at its bridge. */
export function portBack(before: Uint8Array, index: number): Uint8Array | undefined {
  const information = attributes(attributes(before, IFINFOMSG).get(IFLA.LINKINFO));
  const [kind, data] = [information.get(IFLA_INFO.SLAVE_KIND), information.get(IFLA_INFO.SLAVE_DATA)];
  if (kind === undefined || data === undefined || !Buffer.from(kind).toString().startsWith("bridge"))
    return undefined;
  const writer = new AttributeWriter(IFINFOMSG);
  writeU32Host(writer.buffer, 4, index);
  writer.nest(IFLA.LINKINFO, () => {
    writer.bytes(IFLA_INFO.SLAVE_KIND, kind);
    writer.nest(IFLA_INFO.SLAVE_DATA, () => {
      for (const [type, payload] of attributes(data))
        if (PORT_SETTINGS.has(type)) writer.bytes(type, payload);
    });
  });
  return writer.finish();
}

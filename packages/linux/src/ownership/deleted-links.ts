// Devices of others that were deleted and can be made again from what the kernel listed of them: those whose settings the kernel
// takes as it tells them. Their counters begin anew. What was on them (addresses, ports, VLANs) is put back by undo.ts.

import { AttributeReader, AttributeWriter } from "@patchcord/core/netlink/attributes.ts";
import { readU32Host, writeU32Host } from "@patchcord/core/netlink/host-bytes.ts";
import { IFLA, IFLA_INFO } from "@patchcord/core/netlink/rtnl/link-constants.ts";
import type { LinkMessage } from "@patchcord/core/netlink/rtnl/link.ts";
import { TUN_FLAGS } from "@patchcord/core/system/tun.ts";
import { allSettings, indexOf, isZero, nameOf, VLAN_FLAGS, vlanFlags, vlanFlagsIn } from "./link-settings.ts";
import type { PersistentTun } from "../tun-file.ts";

const IFINFOMSG = 16; // bytes
const VETH_INFO_PEER = 1;
/** IFLA_TUN_* */
const TUN = { OWNER: 1, GROUP: 2, TYPE: 3, PI: 4, VNET_HDR: 5, MULTI_QUEUE: 7 } as const;
/** Kinds that go with the device that they are on. */
const STACKED: ReadonlySet<string> = new Set(["vlan", "macvlan", "macvtap", "ipvlan", "macsec", "vxlan"]);

type Filter = (type: number, payload: Uint8Array) => boolean;
const all: Filter = () => true;
const without =
  (...types: readonly number[]): Filter =>
  (type) =>
    !types.includes(type);

/** IFLA_BR_*: what the spanning tree and the timers have come to, and requests to flush. */
const BRIDGE_STATE = [10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 40, 47, 48] as const;
/** IFLA_MACVLAN_*: the list of sources, and the length of a queue that is in use. */
const MACVLAN_STATE = [3, 4, 5, 6, 8] as const;
/** IFLA_MACVLAN_MACADDR_MODE with MACVLAN_MACADDR_SET, and IFLA_MACVLAN_MACADDR_DATA: a list of sources is set so. */
const MACVLAN_SOURCES = { MODE: 3, SET: 3, LIST: 5 } as const;
const BOND_MODE = 1; // IFLA_BOND_MODE
/** IFLA_BOND_*: the port in use, what LACP has come to, and what only an administrator sees. */
const BOND_STATE = [2, 23] as const;
/** VLAN_FLAG_REORDER_HDR is on unless it is told otherwise. */
const VLAN_FLAG_REORDER = 1;
/** IFLA_VXLAN_*: told with a value and taken without; what the others make of the header. */
const VXLAN_TTL_INHERIT = 28;
const VXLAN_RESERVED_BITS = 33;
/** IFLA_VXLAN_LEARNING, _UDP_CSUM and _LOCALBYPASS are on unless they are told otherwise; the others are off, and some may not be named. */
const VXLAN_ON = [7, 18, 31] as const;

/** A kind that can be made again. */
interface Kind {
  /** Whether an attribute of IFLA_INFO_DATA can be set. */
  readonly settable: Filter;
  /** Whether it has to be named when the device is made; the others are set if they differ then. */
  readonly first: Filter;
}

/** Some may not be named with others, though they are told as nothing. */
const unlessNothing: Filter = (_, payload) => payload.length === 0 || payload.some((byte) => byte !== 0);

/** Tunnels that tell what they take. */
const PLAIN_TUNNELS = ["gre", "gretap", "ip6gre", "ip6gretap", "ipip", "ip6tnl", "sit", "vti", "vti6"];

const KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ...PLAIN_TUNNELS.map((kind): [string, Kind] => [kind, { settable: all, first: all }]),
  // Each mode refuses settings of others, so only those that differ from a new one's are set.
  ["bond", { settable: without(...BOND_STATE), first: (type) => type === BOND_MODE }],
  ["geneve", { settable: all, first: unlessNothing }],
  ["ipvlan", { settable: all, first: all }],
  ["macvtap", { settable: without(...MACVLAN_STATE), first: all }],
  ["bridge", { settable: without(...BRIDGE_STATE), first: () => false }],
  ["dummy", { settable: all, first: all }],
  ["ifb", { settable: all, first: all }],
  ["macvlan", { settable: without(...MACVLAN_STATE), first: all }],
  ["veth", { settable: all, first: all }],
  ["vlan", { settable: without(VLAN_FLAGS), first: all }],
  ["vrf", { settable: all, first: all }],
  [
    "vxlan",
    {
      settable: without(VXLAN_TTL_INHERIT, VXLAN_RESERVED_BITS),
      first: (type, payload) => VXLAN_ON.some((each) => each === type) || unlessNothing(type, payload),
    },
  ],
]);

/** What a request that makes a device sets at once; the rest is set like the settings of one that is there. */
const AT_ONCE = [
  IFLA.IFNAME,
  IFLA.ADDRESS,
  IFLA.MTU,
  IFLA.TXQLEN,
  IFLA.NUM_TX_QUEUES,
  IFLA.NUM_RX_QUEUES,
] as const;

function attributesOf(bytes: Uint8Array | undefined, from = 0): ReadonlyMap<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  if (bytes === undefined) return found;
  const reader = new AttributeReader(bytes, from);
  while (reader.next()) found.set(reader.type, reader.bytes());
  return found;
}

const indexIn = (attribute: Uint8Array | undefined): number =>
  attribute?.length === 4 ? readU32Host(attribute, 0) : 0;

/** The device that another one is on, or the other end of a cable, in the same namespace. */
function lowerOf(link: ReadonlyMap<number, Uint8Array>): number {
  return link.has(IFLA.LINK_NETNSID) ? 0 : indexIn(link.get(IFLA.LINK));
}

/** The device with this index and those that are deleted with it, what stands on others last. */
export function goneWith(index: number, links: readonly LinkMessage[]): number[] {
  const gone = [index];
  for (const lower of gone) {
    for (const { index: upper, link, linkNetnsid, linkinfo } of links) {
      const kind = linkinfo?.kind ?? "";
      if (link !== lower || linkNetnsid !== undefined || gone.includes(upper)) continue;
      if (STACKED.has(kind) || kind === "veth") gone.push(upper);
    }
  }
  return gone;
}

function kindOf(information: ReadonlyMap<number, Uint8Array>): string {
  return Buffer.from(information.get(IFLA_INFO.KIND) ?? [])
    .toString()
    .replace(/\0.*/s, "");
}

/** A TUN or TAP device, which is made by other means; undefined if it is none. */
export function tunOf(link: Uint8Array): PersistentTun | undefined {
  const information = attributesOf(attributesOf(link, IFINFOMSG).get(IFLA.LINKINFO));
  if (kindOf(information) !== "tun") return undefined;
  const data = attributesOf(information.get(IFLA_INFO.DATA));
  const bit = (type: number, flag: number): number => (data.get(type)?.[0] ? flag : 0);
  const id = (type: number): number | undefined => (data.has(type) ? indexIn(data.get(type)) : undefined);
  const flags =
    (data.get(TUN.TYPE)?.[0] ?? 0) |
    (TUN_FLAGS.NO_PI - bit(TUN.PI, TUN_FLAGS.NO_PI)) |
    bit(TUN.VNET_HDR, TUN_FLAGS.VNET_HDR) |
    bit(TUN.MULTI_QUEUE, TUN_FLAGS.MULTI_QUEUE);
  return {
    name: nameOf(link),
    flags: flags | TUN_FLAGS.EXCLUSIVE,
    index: indexOf(link),
    owner: id(TUN.OWNER),
    group: id(TUN.GROUP),
  };
}

/** Looks at devices before they were deleted, by their indexes. */
export type DeletedLinks = ReadonlyMap<number, Uint8Array>;

/** A bridge has the address of one of its ports, unless somebody gave it one. */
function isFromPort(bridge: Uint8Array, address: Uint8Array, links: DeletedLinks): boolean {
  return [...links.values()].some((link) => {
    const port = attributesOf(link, IFINFOMSG);
    const master = indexIn(port.get(IFLA.MASTER));
    return master === indexOf(bridge) && Buffer.from(address).equals(port.get(IFLA.ADDRESS) ?? address);
  });
}

/** A device's own part of the request; those of a cable have two. */
function writeDevice(writer: AttributeWriter, link: Uint8Array, links: DeletedLinks): void {
  const told = attributesOf(link, IFINFOMSG);
  for (const type of AT_ONCE) {
    const value = told.get(type);
    if (value === undefined) continue;
    if (type === IFLA.ADDRESS && (isZero(value) || isFromPort(link, value, links))) continue;
    writer.bytes(type, value);
  }
}

function headerOf(link: Uint8Array): Uint8Array {
  const header = new Uint8Array(IFINFOMSG);
  writeU32Host(header, 4, indexOf(link));
  return header;
}

/** The other end of a cable, and the descriptor of its namespace. */
export interface FarLink {
  readonly link: Uint8Array;
  readonly fd: number;
}

/**
 * The body of RTM_NEWLINK that makes a device again, under the number that it had; undefined if nobody can. `links` has those that
 * were deleted together and their ports.
 */
export function makingAgain(link: Uint8Array, links: DeletedLinks, far?: FarLink): Uint8Array | undefined {
  const told = attributesOf(link, IFINFOMSG);
  const information = attributesOf(told.get(IFLA.LINKINFO));
  const kind = kindOf(information);
  const known = KINDS.get(kind);
  const lower = lowerOf(told);
  const peer = kind === "veth" ? (far?.link ?? links.get(lower)) : undefined;
  if (known === undefined || (kind === "veth" && peer === undefined)) return undefined;
  const writer = new AttributeWriter(IFINFOMSG);
  writer.buffer.set(headerOf(link));
  writeDevice(writer, link, links);
  if (STACKED.has(kind) && lower > 0) writer.u32(IFLA.LINK, lower);
  writer.nestFlagged(IFLA.LINKINFO, () => {
    writer.string(IFLA_INFO.KIND, kind);
    writer.nestFlagged(IFLA_INFO.DATA, () => {
      for (const [type, payload] of attributesOf(information.get(IFLA_INFO.DATA)))
        if (known.settable(type, payload) && known.first(type, payload)) writer.bytes(type, payload);
        else if (kind === "vxlan" && type === VXLAN_TTL_INHERIT && payload[0] === 1) writer.flag(type);
      const sources = attributesOf(information.get(IFLA_INFO.DATA)).get(MACVLAN_SOURCES.LIST);
      if (kind.startsWith("macv") && sources !== undefined && sources.length > 0) {
        writer.u32(MACVLAN_SOURCES.MODE, MACVLAN_SOURCES.SET);
        writer.bytes(MACVLAN_SOURCES.LIST, sources);
      }
      if (kind === "vlan") {
        const flags = vlanFlagsIn(attributesOf(information.get(IFLA_INFO.DATA)));
        writer.appendBytes(vlanFlags(flags, flags | VLAN_FLAG_REORDER));
      }
      if (peer !== undefined)
        writer.nestFlagged(VETH_INFO_PEER, () => {
          writer.appendBytes(headerOf(peer));
          writeDevice(writer, peer, links);
          if (far !== undefined) writer.u32(IFLA.NET_NS_FD, far.fd);
        });
    });
  });
  return writer.finish();
}

/** A request that names every flag and setting, those of the kind too. */
export function everySetting(link: Uint8Array): Uint8Array {
  const information = attributesOf(attributesOf(link, IFINFOMSG).get(IFLA.LINKINFO));
  const settable = KINDS.get(kindOf(information))?.settable ?? (() => false);
  const writer = new AttributeWriter();
  writer.nest(IFLA.LINKINFO, () =>
    writer.nest(IFLA_INFO.DATA, () => {
      for (const [type, payload] of attributesOf(information.get(IFLA_INFO.DATA)))
        if (settable(type, payload)) writer.flag(type);
    }),
  );
  return Buffer.concat([allSettings(indexOf(link)), writer.finish()]);
}

// Keys and masks of a datapath's flows as netlink attributes (OVS_KEY_ATTR_* of linux/openvswitch.h; ovs_nla_put_key and
// ovs_key_from_nlattrs of net/openvswitch/flow_netlink.c). Tunnels are in tunnel-attributes.ts. Text: parse-flow.ts, format-key.ts.

import { AttributeReader, AttributeWriter } from "../../netlink/attributes.ts";
import { readU16Host, readU32Host, writeU16Host, writeU32Host } from "../../netlink/host-bytes.ts";
import { readU16BE, readU32BE, readU8, writeU16BE, writeU32BE, writeU8 } from "../../wire/bytes.ts";
import { DL_TYPE_NONE, newFlow, W, word } from "../flow/flow.ts";
import type { Flow } from "../flow/flow.ts";
import { readTunnelAttributes, writeTunnelAttributes } from "./tunnel-attributes.ts";

/** Bits of a word of a flow at a place of a structure. */
interface Member {
  readonly at: number;
  readonly bytes: 1 | 2 | 4;
  readonly order: "network" | "host";
  readonly word: number;
  readonly shift: number;
  /** The kind of a fragment, which a flow says in two bits: any, and not the first. */
  readonly fragment?: boolean;
}

interface KeyAttribute {
  readonly type: number;
  readonly size: number;
  readonly members: readonly Member[];
}

const be = (bytes: 1 | 2 | 4, at: number, place: number, shift = 0): Member => ({
  at,
  bytes,
  order: "network",
  word: place,
  shift,
});
const host = (bytes: 2 | 4, place: number, shift = 0, at = 0): Member => ({
  at,
  bytes,
  order: "host",
  word: place,
  shift,
});
const mac = (at: number, place: number): Member[] => [be(2, at, place), be(4, at + 2, place + 1)];
const ipv6 = (at: number, place: number): Member[] => [0, 1, 2, 3].map((i) => be(4, at + 4 * i, place + i));
const structure = (type: number, size: number, ...members: Member[]): KeyAttribute => ({
  type,
  size,
  members,
});
const ports = (type: number) => structure(type, 4, be(2, 0, W.TP, 16), be(2, 2, W.TP));
const types = (type: number) => structure(type, 2, be(1, 0, W.TP, 16), be(1, 1, W.TP));
const network = (at: number): Member[] => [
  be(1, at, W.NW, 24),
  be(1, at + 1, W.NW, 16),
  be(1, at + 2, W.NW, 8),
  { ...be(1, at + 3, W.NW), fragment: true },
];

/** 128 bits, which are in host order as a whole. */
const label = [0, 1, 2, 3].map((i) => host(4, W.CT_LABEL + 3 - i, 0, 4 * i));

export const KEY_ATTR = {
  ENCAP: 1,
  ETHERTYPE: 6,
  VLAN: 5,
  TUNNEL: 16,
  MPLS: 21,
  NSH: 28,
  PACKET_TYPE: 29,
  IPV6_EXTHDRS: 32,
} as const;

/** By the name that an attribute has as text, in the kernel's order. */
const METADATA = {
  recirc_id: structure(20, 4, host(4, W.RECIRC_ID)),
  dp_hash: structure(19, 4, host(4, W.DP_HASH)),
  skb_priority: structure(2, 4, host(4, W.SKB_PRIORITY)),
  tunnel: undefined,
  in_port: structure(3, 4, host(4, W.IN_PORT)),
  skb_mark: structure(15, 4, host(4, W.PKT_MARK)),
  ct_state: structure(22, 4, host(4, W.CT_STATE_ZONE, 16)),
  ct_zone: structure(23, 2, host(2, W.CT_STATE_ZONE)),
  ct_mark: structure(24, 4, host(4, W.CT_MARK)),
  ct_label: structure(25, 16, ...label),
  ct_tuple4: structure(
    26,
    16,
    be(4, 0, W.CT_NW_SRC),
    be(4, 4, W.CT_NW_DST),
    be(2, 8, W.CT_TP, 16),
    be(2, 10, W.CT_TP),
    be(1, 12, W.CT_NW_PROTO),
  ),
  ct_tuple6: structure(
    27,
    40,
    ...ipv6(0, W.CT_IPV6_SRC),
    ...ipv6(16, W.CT_IPV6_DST),
    be(2, 32, W.CT_TP, 16),
    be(2, 34, W.CT_TP),
    be(1, 36, W.CT_NW_PROTO),
  ),
  eth: structure(4, 12, ...mac(0, W.ETH_SRC), ...mac(6, W.ETH_DST)),
} satisfies Record<string, KeyAttribute | undefined>;

/** What follows the EtherType. */
const PAYLOAD: Readonly<Record<string, KeyAttribute>> = {
  ipv4: structure(7, 12, be(4, 0, W.NW_SRC), be(4, 4, W.NW_DST), ...network(8)),
  ipv6: structure(
    8,
    40,
    ...ipv6(0, W.IPV6_SRC),
    ...ipv6(16, W.IPV6_DST),
    be(4, 32, W.IPV6_LABEL),
    ...network(36),
  ),
  arp: structure(
    13,
    24,
    be(4, 0, W.NW_SRC),
    be(4, 4, W.NW_DST),
    be(1, 9, W.NW, 24), // the lower half of the operation: flows keep no more
    ...mac(10, W.ARP_SHA),
    ...mac(16, W.ARP_THA),
  ),
  tcp: ports(9),
  tcp_flags: structure(18, 2, be(2, 0, W.TCP_FLAGS, 16)),
  udp: ports(10),
  sctp: ports(17),
  icmp: types(11),
  icmpv6: types(12),
  nd: structure(14, 28, ...ipv6(0, W.ND_TARGET), ...mac(16, W.ARP_SHA), ...mac(22, W.ARP_THA)),
};

const STRUCTURES: Readonly<Record<string, KeyAttribute | undefined>> = { ...METADATA, ...PAYLOAD };
const BY_TYPE: ReadonlyMap<number, string> = new Map(
  Object.entries(STRUCTURES).flatMap(([name, each]) => (each ? [[each.type, name] as const] : [])),
);

/** Which attributes there are, by their names as text; what is inside tags stands beside them. */
export interface KeyShape {
  readonly present: ReadonlySet<string>;
  readonly tags: number;
  readonly labels: number;
}

const ones = (bytes: number) => 2 ** (8 * bytes) - 1;

function fragmentOf(value: number, isMask: boolean): number {
  if (isMask) return value === 0 ? 0 : 0xff;
  return value === 3 ? 2 : value;
}

function putMember(bytes: Uint8Array, start: number, member: Member, row: Flow, isMask: boolean): void {
  const bits = (word(row, member.word) >>> member.shift) & ones(member.bytes);
  const value = (member.fragment === true ? fragmentOf(bits, isMask) : bits) >>> 0;
  const at = start + member.at;
  if (member.bytes === 1) writeU8(bytes, at, value);
  else if (member.order === "host") (member.bytes === 2 ? writeU16Host : writeU32Host)(bytes, at, value);
  else (member.bytes === 2 ? writeU16BE : writeU32BE)(bytes, at, value);
}

function takeMember(bytes: Uint8Array, start: number, member: Member, row: Flow, isMask: boolean): void {
  const at = start + member.at;
  let value: number;
  if (member.bytes === 1) value = readU8(bytes, at);
  else if (member.order === "host") value = (member.bytes === 2 ? readU16Host : readU32Host)(bytes, at);
  else value = (member.bytes === 2 ? readU16BE : readU32BE)(bytes, at);
  if (member.fragment === true && !isMask && value === 2) value = 3;
  const clear = ~((ones(member.bytes) << member.shift) >>> 0);
  row[member.word] = ((word(row, member.word) & clear) | (value << member.shift)) >>> 0;
}

/** Bytes of a plain attribute; undefined for one that is nested or unknown. */
export function structureSize(name: string): number | undefined {
  return STRUCTURES[name]?.size;
}

export function attributeType(name: string): number | undefined {
  if (name === "tunnel") return KEY_ATTR.TUNNEL;
  if (name === "nsh") return KEY_ATTR.NSH;
  return name === "mpls" ? KEY_ATTR.MPLS : STRUCTURES[name]?.type;
}

export function attributeName(type: number): string | undefined {
  if (type === KEY_ATTR.TUNNEL) return "tunnel";
  if (type === KEY_ATTR.NSH) return "nsh";
  return type === KEY_ATTR.MPLS ? "mpls" : BY_TYPE.get(type);
}

/** One attribute's payload, of the kind that a set action has too; but for masked NSH, see appendNsh(). */
export function appendStructure(writer: AttributeWriter, name: string, row: Flow, isMask: boolean): void {
  const attribute = STRUCTURES[name];
  if (name === "nsh") appendNsh(writer, row);
  else if (name === "mpls") appendLabels(writer, row, 1);
  else if (attribute) {
    const at = writer.reserve(attribute.size);
    for (const member of attribute.members) putMember(writer.buffer, at, member, row, isMask);
  }
}

/** False if it is not as long as it has to be. */
export function takeStructure(
  name: string,
  bytes: Uint8Array,
  from: number,
  to: number,
  row: Flow,
  isMask: boolean,
): boolean {
  if (name === "nsh") return takeNsh(new AttributeReader(bytes, from, to), row);
  if (name === "mpls") return takeLabels(bytes, from, to, row) > 0;
  const attribute = STRUCTURES[name];
  if (attribute?.size !== to - from) return false;
  for (const member of attribute.members) takeMember(bytes, from, member, row, isMask);
  return true;
}

// ---- service headers and labels

const NSH_ATTR = { BASE: 1, MD1: 2 } as const;
/** Words of a flow that the attributes have. */
const NSH_WORDS = {
  [NSH_ATTR.BASE]: [W.NSH, W.NSH_PATH],
  [NSH_ATTR.MD1]: [0, 1, 2, 3].map((i) => W.NSH_C + i),
} as const;

/** With a mask, as set actions have it, each attribute has its own behind its value (nsh_key_from_nlattr()). */
export function appendNsh(writer: AttributeWriter, row: Flow, mask?: Flow): void {
  for (const type of [NSH_ATTR.BASE, NSH_ATTR.MD1] as const) {
    writer.attribute(type, () => {
      for (const bits of mask ? [row, mask] : [row]) {
        const places = NSH_WORDS[type];
        const at = writer.reserve(4 * places.length);
        for (const [i, place] of places.entries()) writeU32BE(writer.buffer, at + 4 * i, word(bits, place));
      }
    });
  }
}

/** False if one is unknown or not as long as it has to be; `mask` as above. */
export function takeNsh(reader: AttributeReader, row: Flow, mask?: Flow): boolean {
  const rows = mask ? [row, mask] : [row];
  while (reader.next()) {
    const { type, buf, start, end } = reader;
    if (type !== NSH_ATTR.BASE && type !== NSH_ATTR.MD1) return false;
    const places = NSH_WORDS[type];
    if (end - start !== 4 * places.length * rows.length) return false;
    for (const [index, bits] of rows.entries()) {
      const from = start + 4 * places.length * index;
      for (const [i, place] of places.entries()) bits[place] = readU32BE(buf, from + 4 * i);
    }
  }
  return true;
}

function appendLabels(writer: AttributeWriter, row: Flow, count: number): void {
  const at = writer.reserve(4 * count);
  for (let i = 0; i < count; i++) writeU32BE(writer.buffer, at + 4 * i, word(row, W.MPLS_LSE + i));
}

/** How many; 0 if it is none. */
function takeLabels(bytes: Uint8Array, from: number, to: number, row: Flow): number {
  const count = (to - from) / 4;
  if (!Number.isInteger(count) || count > 3) return 0;
  for (let i = 0; i < count; i++) row[W.MPLS_LSE + i] = readU32BE(bytes, from + 4 * i);
  return count;
}

// ---- whole keys

/**
 * The attributes of a key or of its mask, in the kernel's order. `key` is the key in both cases: it tells how long the
 * options of a tunnel are.
 */
export function writeKeyAttributes(
  writer: AttributeWriter,
  row: Flow,
  shape: KeyShape,
  key: Flow,
  isMask = row !== key,
): void {
  for (const name of Object.keys(METADATA)) {
    if (!shape.present.has(name)) continue;
    if (name === "tunnel") {
      writer.attribute(KEY_ATTR.TUNNEL, () => writeTunnelAttributes(writer, row, key));
    } else writeStructure(writer, name, row, isMask);
  }
  writeLevel(writer, row, shape, isMask, 0);
}

/** Attributes of a key as text that a datapath of the kernel does not know. */
const USERSPACE_ONLY = ["packet_type", "nd_ext"] as const;

/** Key and mask as a program sends them to the kernel; undefined if the kernel does not know what they are about. */
export function kernelRequest(
  shape: KeyShape & { readonly key: Flow; readonly mask: Flow },
): { readonly key: Uint8Array; readonly mask: Uint8Array } | undefined {
  if (USERSPACE_ONLY.some((name) => shape.present.has(name))) return undefined;
  return { key: keyBytes(shape, shape.key), mask: keyBytes(shape, shape.mask) };
}

/** `row`: the key itself or its mask. */
export function keyBytes(shape: KeyShape & { readonly key: Flow }, row: Flow): Uint8Array {
  const writer = new AttributeWriter();
  writeKeyAttributes(writer, row, shape, shape.key);
  return writer.finish();
}

function writeStructure(writer: AttributeWriter, name: string, row: Flow, isMask: boolean): void {
  const type = attributeType(name);
  if (type !== undefined) writer.attribute(type, () => appendStructure(writer, name, row, isMask));
}

/** EtherType and what is below it, inside as many tags as have been written. */
function writeLevel(writer: AttributeWriter, row: Flow, shape: KeyShape, isMask: boolean, tag: number): void {
  if (tag < shape.tags) {
    const both = word(row, W.VLAN + tag);
    writer.be16(KEY_ATTR.ETHERTYPE, both >>> 16);
    writer.be16(KEY_ATTR.VLAN, both & 0xffff);
    writer.attribute(KEY_ATTR.ENCAP, () => writeLevel(writer, row, shape, isMask, tag + 1));
    return;
  }
  const type = word(row, W.ETH_TYPE) & 0xffff;
  // 802.3 has no attribute, but its mask has
  if (shape.present.has("eth_type") || (isMask && type !== 0)) writer.be16(KEY_ATTR.ETHERTYPE, type);
  for (const name of Object.keys(PAYLOAD)) {
    if (shape.present.has(name)) writeStructure(writer, name, row, isMask);
    if (name === "ipv6" && shape.present.has("ipv6_exthdrs")) writer.u16(KEY_ATTR.IPV6_EXTHDRS, 0);
  }
  if (shape.present.has("nsh")) writeStructure(writer, "nsh", row, isMask);
  if (shape.present.has("mpls")) {
    writer.attribute(KEY_ATTR.MPLS, () => appendLabels(writer, row, Math.max(1, shape.labels)));
  }
}

/** A key or a mask as it was read. */
export interface KeyAttributes extends KeyShape {
  readonly row: Flow;
  /** Something is unknown, stands where it must not, or has not the length that it should have. */
  readonly wrong: boolean;
}

class Reading {
  readonly row = newFlow();
  readonly present = new Set<string>();
  readonly isMask: boolean;
  tags = 0;
  labels = 0;
  wrong = false;

  constructor(isMask: boolean) {
    this.isMask = isMask;
  }

  level(reader: AttributeReader, depth: number): void {
    const { row, present } = this;
    let etherType: number | undefined;
    let tci: number | undefined;
    let inside: AttributeReader | undefined;
    const seen = new Set<number>();
    while (reader.next()) {
      const { type, buf, start, end } = reader;
      if (seen.has(type)) this.wrong = true;
      seen.add(type);
      const length = end - start;
      if (type === KEY_ATTR.ENCAP) inside = reader.nested();
      else if (type === KEY_ATTR.ETHERTYPE && length === 2) etherType = readU16BE(buf, start);
      else if (type === KEY_ATTR.VLAN && length === 2) tci = readU16BE(buf, start);
      else if (type === KEY_ATTR.IPV6_EXTHDRS) present.add("ipv6_exthdrs");
      else if (type === KEY_ATTR.TUNNEL) {
        present.add("tunnel");
        if (!readTunnelAttributes(reader.nested(), row)) this.wrong = true;
      } else {
        const name = attributeName(type);
        if (name === undefined || !takeStructure(name, buf, start, end, row, this.isMask)) this.wrong = true;
        else present.add(name);
        if (name === "mpls") this.labels = length / 4;
      }
    }
    if (tci !== undefined && depth < 2) {
      present.add("vlan");
      this.tags++;
      row[W.VLAN + depth] = (((etherType ?? 0) << 16) | tci) >>> 0;
      if (!inside) return;
      present.add("encap");
      this.level(inside, depth + 1);
      return;
    }
    if (inside || tci !== undefined) this.wrong = true;
    if (etherType !== undefined) {
      present.add("eth_type");
      row[W.ETH_TYPE] = etherType;
    } else row[W.ETH_TYPE] = this.isMask ? 0xffff : DL_TYPE_NONE;
  }
}

/** Reads the attributes of OVS_FLOW_ATTR_KEY, or of OVS_FLOW_ATTR_MASK. */
export function readKeyAttributes(bytes: Uint8Array, isMask = false): KeyAttributes {
  const reading = new Reading(isMask);
  const reader = new AttributeReader(bytes);
  reading.level(reader, 0);
  if (reader.leftover > 0) reading.wrong = true;
  return reading;
}

/** A mask in which every bit of what is present matters. */
export function exactRow({ present, tags, labels }: KeyShape): Flow {
  const row = newFlow();
  for (const name of present) {
    if (name === "tunnel") row.fill(0xffff_ffff, W.TUN_ID, W.CT_STATE_ZONE);
    else if (name === "nsh") row.fill(0xffff_ffff, W.NSH, W.NSH_C + 4);
    else {
      const size = name === "mpls" ? 4 * labels : structureSize(name);
      if (size !== undefined) takeStructure(name, new Uint8Array(size).fill(0xff), 0, size, row, true);
    }
  }
  for (let tag = 0; tag < tags; tag++) row[W.VLAN + tag] = 0xffff_ffff;
  row[W.ETH_TYPE] = 0xffff;
  return row;
}

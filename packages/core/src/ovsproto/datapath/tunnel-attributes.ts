// Tunnels in keys and set actions as netlink attributes (OVS_TUNNEL_KEY_ATTR_* of linux/openvswitch.h; ip_tun_to_nlattr and
// ip_tun_from_nlattr of net/openvswitch/flow_netlink.c).

import type { AttributeReader, AttributeWriter } from "../../netlink/attributes.ts";
import { readU32Host } from "../../netlink/host-bytes.ts";
import { readU16BE, readU32BE, readU8, writeU32BE } from "../../wire/bytes.ts";
import { anyOf, tunnelFlags, tunnelTos, tunnelTtl, W, word } from "../flow/flow.ts";
import type { Flow } from "../flow/flow.ts";
import { TUNNEL_FLAG } from "../openflow/tunnel-flags.ts";
import { optionsOf, storeOptions } from "./geneve-options.ts";

const ATTR = {
  ID: 0,
  IPV4_SRC: 1,
  IPV4_DST: 2,
  TOS: 3,
  TTL: 4,
  DONT_FRAGMENT: 5,
  CSUM: 6,
  OAM: 7,
  GENEVE_OPTS: 8,
  TP_SRC: 9,
  TP_DST: 10,
  VXLAN_OPTS: 11,
  IPV6_SRC: 12,
  IPV6_DST: 13,
  /** Where a kernel has to align what is longer than four bytes. */
  PAD: 14,
  ERSPAN_OPTS: 15,
} as const;

const VXLAN_EXT_GBP = 1;

/** What is zero is left out. `key` tells how long the options are, if `row` is its mask. */
export function writeTunnelAttributes(writer: AttributeWriter, row: Flow, key = row): void {
  const flags = tunnelFlags(row);
  const words = (type: number, at: number, count: number) =>
    writer.attribute(type, () => {
      const start = writer.reserve(4 * count);
      for (let i = 0; i < count; i++) writeU32BE(writer.buffer, start + 4 * i, word(row, at + i));
    });
  if (flags & TUNNEL_FLAG.KEY) words(ATTR.ID, W.TUN_ID, 2);
  if (word(row, W.TUN_SRC) !== 0) words(ATTR.IPV4_SRC, W.TUN_SRC, 1);
  if (word(row, W.TUN_DST) !== 0) words(ATTR.IPV4_DST, W.TUN_DST, 1);
  if (anyOf(row, W.TUN_IPV6_SRC, 4)) words(ATTR.IPV6_SRC, W.TUN_IPV6_SRC, 4);
  if (anyOf(row, W.TUN_IPV6_DST, 4)) words(ATTR.IPV6_DST, W.TUN_IPV6_DST, 4);
  if (tunnelTos(row) !== 0) writer.u8(ATTR.TOS, tunnelTos(row));
  writer.u8(ATTR.TTL, tunnelTtl(row));
  if (flags & TUNNEL_FLAG.DF) writer.flag(ATTR.DONT_FRAGMENT);
  if (flags & TUNNEL_FLAG.CSUM) writer.flag(ATTR.CSUM);
  const ports = word(row, W.TUN_TP);
  if (ports >>> 16 !== 0) writer.be16(ATTR.TP_SRC, ports >>> 16);
  if ((ports & 0xffff) !== 0) writer.be16(ATTR.TP_DST, ports & 0xffff);
  if (flags & TUNNEL_FLAG.OAM) writer.flag(ATTR.OAM);
  const length = word(key, W.TUN_OPTIONS);
  const policy = word(row, W.TUN_GBP_ERSPAN);
  if (length > 0) {
    const whole = row === key ? row : row.slice();
    whole[W.TUN_OPTIONS] = length;
    writer.bytes(ATTR.GENEVE_OPTS, optionsOf(whole));
  } else if (policy >>> 8 !== 0) {
    writer.nest(ATTR.VXLAN_OPTS, () =>
      writer.u32(VXLAN_EXT_GBP, ((policy >>> 16) | (((policy >>> 8) & 0xff) << 16)) >>> 0),
    );
  } else if ((policy & 0xff) !== 0) writer.bytes(ATTR.ERSPAN_OPTS, erspanMetadata(row));
}

/** struct erspan_metadata: a version, then an index or what version 2 has. */
function erspanMetadata(row: Flow): Uint8Array {
  const bytes = new Uint8Array(12);
  const version = word(row, W.TUN_GBP_ERSPAN) & 0xff;
  bytes[0] = version;
  if (version === 1) writeU32BE(bytes, 4, word(row, W.TUN_ERSPAN_IDX));
  else {
    const place = word(row, W.TUN_ERSPAN_GTPU);
    const hardware = (place >>> 16) & 0x3f;
    bytes[10] = hardware >>> 4;
    bytes[11] = ((hardware & 0xf) << 4) | (((place >>> 24) & 1) << 3);
  }
  return bytes;
}

/** Sets the tunnel's words of a row that are zero. False if something is unknown or too short. */
export function readTunnelAttributes(reader: AttributeReader, row: Flow): boolean {
  let flags = 0;
  let tos = 0;
  let ttl = 0;
  const set = (at: number, shift: number, bits: number) => {
    row[at] = (word(row, at) | (bits << shift)) >>> 0;
  };
  while (reader.next()) {
    const { type, buf, start, end } = reader;
    const words = (at: number, count: number) => {
      if (end - start !== 4 * count) return false;
      for (let i = 0; i < count; i++) row[at + i] = readU32BE(buf, start + 4 * i);
      return true;
    };
    let fits = true;
    switch (type) {
      case ATTR.ID:
        fits = words(W.TUN_ID, 2);
        flags |= TUNNEL_FLAG.KEY;
        break;
      case ATTR.IPV4_SRC:
        fits = words(W.TUN_SRC, 1);
        break;
      case ATTR.IPV4_DST:
        fits = words(W.TUN_DST, 1);
        break;
      case ATTR.IPV6_SRC:
        fits = words(W.TUN_IPV6_SRC, 4);
        break;
      case ATTR.IPV6_DST:
        fits = words(W.TUN_IPV6_DST, 4);
        break;
      case ATTR.TOS:
        tos = reader.u8();
        break;
      case ATTR.TTL:
        ttl = reader.u8();
        break;
      case ATTR.DONT_FRAGMENT:
        flags |= TUNNEL_FLAG.DF;
        break;
      case ATTR.CSUM:
        flags |= TUNNEL_FLAG.CSUM;
        break;
      case ATTR.OAM:
        flags |= TUNNEL_FLAG.OAM;
        break;
      case ATTR.PAD:
        break;
      case ATTR.TP_SRC:
      case ATTR.TP_DST:
        fits = end - start === 2;
        if (fits) set(W.TUN_TP, type === ATTR.TP_SRC ? 16 : 0, readU16BE(buf, start));
        break;
      case ATTR.GENEVE_OPTS:
        storeOptions(row, reader.bytes());
        break;
      case ATTR.VXLAN_OPTS: {
        const inside = reader.nested();
        while (inside.next()) {
          const policy = inside.u32();
          if (inside.type === VXLAN_EXT_GBP) {
            row[W.TUN_GBP_ERSPAN] = (((policy & 0xffff) << 16) | (((policy >>> 16) & 0xff) << 8)) >>> 0;
          }
        }
        break;
      }
      case ATTR.ERSPAN_OPTS:
        fits = end - start === 12;
        if (fits) takeErspan(row, buf, start);
        break;
      default:
        fits = false;
    }
    if (!fits) return false;
  }
  row[W.TUN_FLAGS_TOS_TTL] = ((flags << 16) | (tos << 8) | ttl) >>> 0;
  return reader.error === undefined;
}

function takeErspan(row: Flow, bytes: Uint8Array, start: number): void {
  const version = readU32Host(bytes, start) & 0xff;
  row[W.TUN_GBP_ERSPAN] = version;
  if (version === 1) row[W.TUN_ERSPAN_IDX] = readU32BE(bytes, start + 4);
  else {
    const [upper, lower] = [readU8(bytes, start + 10), readU8(bytes, start + 11)];
    const hardware = ((upper & 3) << 4) | (lower >>> 4);
    row[W.TUN_ERSPAN_GTPU] = ((((lower >>> 3) & 1) << 24) | (hardware << 16)) >>> 0;
  }
}

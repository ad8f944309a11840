/**
 * Routes: RTM_NEWROUTE, RTM_DELROUTE, RTM_GETROUTE (rtnetlink(7); linux/rtnetlink.h).
 *
 * Three functions of the kernel fill a route, each in its own order: `fib_dump_info` (net/ipv4/fib_semantics.c) for
 * IPv4 routes of a table, `rt_fill_info` (net/ipv4/route.c) for the answer to an IPv4 lookup, which has RTM_F_CLONED,
 * and `rt6_fill_node` (net/ipv6/route.c) for all of IPv6.
 */

import type { Decoded } from "../../wire/malformed.ts";
import {
  type AttributeCodec,
  at,
  be16,
  be32,
  bytes,
  s32,
  struct,
  text,
  u16,
  u32,
  u8,
} from "../attribute-codecs.ts";
import {
  type Attributes,
  AttributeTable,
  decodeBody,
  encodeBody,
  field,
  type Fields,
} from "../attribute-table.ts";
import { align4 } from "../attributes.ts";
import { readS32Host, readU16Host, writeU16Host, writeU32Host } from "../host-bytes.ts";
import { RTM_F } from "./route-constants.ts";
import { AF } from "./types.ts";

/** `struct rtmsg`. */
const routeHeader = struct(12, {
  family: at(0, u8),
  dstLen: at(1, u8),
  srcLen: at(2, u8),
  tos: at(3, u8),
  /** RT_TABLE.*; see `rtaTable`. */
  table: at(4, u8),
  /** RTPROT.*. */
  protocol: at(5, u8),
  /** RT_SCOPE.*. */
  scope: at(6, u8),
  /** RTN.*. */
  type: at(7, u8),
  /** RTM_F.* and RTNH_F.*. */
  flags: at(8, u32),
});

/** RTAX_*: numbers in the kernel's units (`rtt` 1/8 ms, `rttvar` 1/4 ms). */
export const routeMetrics = new AttributeTable({
  /** Bit (1 << RTAX number) of each metric that must not change. */
  lock: field(1, u32),
  mtu: field(2, u32),
  window: field(3, u32),
  rtt: field(4, u32),
  rttvar: field(5, u32),
  ssthresh: field(6, u32),
  cwnd: field(7, u32),
  advmss: field(8, u32),
  reordering: field(9, u32),
  hoplimit: field(10, u32),
  initcwnd: field(11, u32),
  features: field(12, u32),
  rtoMin: field(13, u32),
  initrwnd: field(14, u32),
  quickack: field(15, u32),
  ccAlgo: field(16, text),
  fastopenNoCookie: field(17, u32),
});

export type RouteMetrics = Fields<typeof routeMetrics>;

/** `struct rtvia`: a gateway of another family than the route's. */
export interface RouteVia {
  readonly family: number;
  readonly address: Uint8Array;
}

const via: AttributeCodec<RouteVia> = {
  typeFlags: 0,
  read(reader) {
    if (reader.end - reader.start < 2) reader.fail("truncated", "RTA_VIA");
    return {
      family: readU16Host(reader.buf, reader.start),
      address: reader.buf.slice(reader.start + 2, reader.end),
    };
  },
  write(writer, value) {
    writer.appendU16(value.family);
    writer.appendBytes(value.address);
  },
};

const hopTable = new AttributeTable({
  gateway: field(5, bytes),
  via: field(18, via),
  flow: field(11, u32),
  newdst: field(19, bytes),
  encap: field(22, bytes),
  encapType: field(21, u16),
});

/** One element of RTA_MULTIPATH: `struct rtnexthop` and its attributes. */
export interface RouteHop extends Fields<typeof hopTable> {
  /** RTNH_F.*. */
  readonly flags: number;
  /** Weight minus one. */
  readonly hops: number;
  readonly ifindex: number;
}

/** Bytes of `struct rtnexthop`. */
const HOP_LENGTH = 8;

const multipath: AttributeCodec<readonly RouteHop[]> = {
  typeFlags: 0,
  read(reader) {
    const hops: RouteHop[] = [];
    let off = reader.start;
    while (reader.end - off >= HOP_LENGTH) {
      const length = readU16Host(reader.buf, off);
      if (length < HOP_LENGTH || length > reader.end - off) {
        reader.fail("bad-length", "rtnexthop", off);
        return hops;
      }
      const { buf } = reader;
      const inner = hopTable.decode(buf, off + HOP_LENGTH, off + length);
      if ("reason" in inner) reader.fail(inner.reason, inner.what, inner.offset);
      else
        hops.push({
          ...inner,
          flags: buf[off + 2]!,
          hops: buf[off + 3]!,
          ifindex: readS32Host(buf, off + 4),
        });
      off = Math.min(reader.end, off + align4(length));
    }
    return hops;
  },
  write(writer, hops) {
    for (const hop of hops) {
      const off = writer.reserve(HOP_LENGTH);
      hopTable.write(writer, hop);
      const { buffer, length } = writer;
      writeU16Host(buffer, off, length - off);
      buffer[off + 2] = hop.flags;
      buffer[off + 3] = hop.hops;
      writeU32Host(buffer, off + 4, hop.ifindex);
    }
  },
};

/** `struct rta_cacheinfo`: times in hundredths of a second; `error` is a negative errno. */
const routeCacheinfo = struct(32, {
  clntref: at(0, u32),
  lastuse: at(4, u32),
  expires: at(8, s32),
  error: at(12, s32),
  used: at(16, u32),
  id: at(20, u32),
  ts: at(24, u32),
  tsage: at(28, u32),
});

const fields = {
  /** The table, also above 255. */
  rtaTable: field(15, u32),
  dst: field(1, bytes),
  src: field(2, bytes),
  priority: field(6, u32),
  metrics: field(8, routeMetrics),
  /** Id of a next-hop object. */
  nhId: field(30, u32),
  prefsrc: field(7, bytes),
  gateway: field(5, bytes),
  via: field(18, via),
  oif: field(4, u32),
  flow: field(11, u32),
  encap: field(22, bytes),
  encapType: field(21, u16),
  multipath: field(9, multipath),
  newdst: field(19, bytes),
  ttlPropagate: field(26, u8),
  /** Seconds, in requests. */
  expires: field(23, u32),
  mark: field(16, u32),
  uid: field(25, u32),
  iif: field(3, u32),
  cacheinfo: field(12, routeCacheinfo),
  /** ICMPV6_ROUTER_PREF.*. */
  pref: field(20, u8),
  ipProto: field(27, u8),
  sport: field(28, be16),
  dport: field(29, be16),
  flowlabel: field(31, be32),
  protoinfo: field(10, u32),
  mfcStats: field(17, bytes),
};

const ipv4Table = new AttributeTable(fields);

const {
  rtaTable,
  dst,
  src,
  oif,
  flow,
  prefsrc,
  gateway,
  via: viaField,
  expires,
  metrics,
  mark,
  uid,
  iif,
} = fields;
const ipv4LookupTable = new AttributeTable({
  ...{ rtaTable, dst, src, oif, flow, prefsrc, gateway, via: viaField, expires, metrics, mark, uid, iif },
  ...fields,
});

const ipv6Table = new AttributeTable({
  ...{ rtaTable, dst, src, iif, prefsrc, metrics, priority: fields.priority },
  ...{ nhId: fields.nhId, multipath: fields.multipath },
  ...fields,
});

export interface RouteMessage extends ReturnType<typeof routeHeader.get>, Attributes<typeof fields> {}

function tableFor(family: number, flags: number): AttributeTable<typeof fields> {
  if (family === AF.INET6) return ipv6Table;
  return (flags & RTM_F.CLONED) !== 0 ? ipv4LookupTable : ipv4Table;
}

export function encodeRoute(message: Partial<RouteMessage>): Uint8Array {
  return encodeBody(routeHeader, tableFor(message.family ?? AF.UNSPEC, message.flags ?? 0), message);
}

/** The order of attributes does not matter here: one table serves all. */
export function decodeRoute(body: Uint8Array): Decoded<RouteMessage> {
  return decodeBody(routeHeader, ipv4Table, body, "rtmsg");
}

/** The table that a message means, wherever it stands. */
export function routeTable(message: {
  readonly table: number;
  readonly rtaTable?: number | undefined;
}): number {
  return message.rtaTable ?? message.table;
}

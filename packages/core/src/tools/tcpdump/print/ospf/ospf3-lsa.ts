// Link state advertisements of OSPF version 3 (RFC 5340 appendix A.4).

import type { Dissector } from "../dissector.ts";
import { unknownData } from "../hexdump.ts";
import { hex2, hex8 } from "../numbers.ts";
import { prefixAddress } from "../prefix.ts";
import { EXTERNAL_FLAGS, LSA_TYPES, OPTIONS, PREFIX_OPTIONS, ROUTER_FLAGS, SCOPES } from "./ospf3-names.ts";
import { grace, trafficEngineering } from "./opaque.ts";

export const LSA_HEADER_LENGTH = 20;
const [ROUTER, NETWORK, INTER_PREFIX, EXTERNAL, LINK, INTRA_PREFIX, GRACE, TRAFFIC] = [
  0x2001, 0x2002, 0x2003, 0x4005, 0x0008, 0x2009, 0x000b, 0x000a,
] as const;
const PREFIX_HEADER = 4;

export function lsaType(d: Dissector, type: number, id: number): void {
  const number = type & 0x1fff;
  d.text += `\n\t    ${LSA_TYPES.get(number) ?? "Unknown"} LSA (${number}), ${SCOPES.get(type & 0x6000) ?? "Unknown"} Scope`;
  d.text += `${(type & 0x8000) === 0 ? "" : ", transitive"}, LSA-ID ${d.ipv4(id)}`;
}

export function lsaHeader(d: Dissector, at: number, end: number): void {
  if (at + LSA_HEADER_LENGTH > end) d.cutOff();
  const length = BigInt.asUintN(64, BigInt(d.u16(at + 18) - LSA_HEADER_LENGTH));
  d.text += `\n\t  Advertising Router ${d.ipv4(at + 8)}, seq 0x${hex8(d.u32(at + 12))}, age ${d.u16(at)}s, length ${length}`;
  lsaType(d, d.u16(at + 2), at + 4);
}

/** Prints an LSA. Returns its length. */
export function lsa(d: Dissector, at: number, end: number): number {
  lsaHeader(d, at, end);
  const length = d.u16(at + 18);
  if (length < LSA_HEADER_LENGTH || at + length > end) d.cutOff();
  const body = at + LSA_HEADER_LENGTH;
  content(d, d.u16(at + 2), body, length - LSA_HEADER_LENGTH);
  return length;
}

function content(d: Dissector, type: number, at: number, length: number): void {
  const least = (size: number): void => {
    if (length < size) d.cutOff();
  };
  switch (type) {
    case ROUTER:
      least(4);
      d.text += `\n\t      Options [${OPTIONS.bits(d.u32(at), "none")}], RLA-Flags [${ROUTER_FLAGS.bits(d.u8(at), "none")}]`;
      return links(d, at + 4, length - 4);
    case NETWORK:
      least(4);
      d.text += `\n\t      Options [${OPTIONS.bits(d.u32(at), "none")}]\n\t      Connected Routers:`;
      for (let place = at + 4, left = length - 4; left > 0; left -= 4, place += 4) {
        if (left < 4) d.cutOff();
        d.need(place, 4);
        d.text += `\n\t\t${d.ipv4(place)}`;
      }
      return;
    case INTER_PREFIX:
      least(4);
      d.text += `, metric ${d.u24(at + 1)}`;
      for (let place = at + 4, left = length - 4; left > 0;) {
        const size = prefix(d, place, left);
        place += size;
        left -= size;
      }
      return;
    case EXTERNAL:
      least(4);
      return external(d, at, length - 4);
    case LINK:
      least(4);
      d.need(at, 4);
      d.text += `\n\t      Options [${OPTIONS.bits(d.u32(at), "none")}]`;
      least(24);
      d.text += `\n\t      Priority ${d.u8(at)}, Link-local address ${d.ipv6(at + 4)}, Prefixes ${d.u32(at + 20)}:`;
      return prefixes(d, d.u32(at + 20), at + 24, length - 24);
    case INTRA_PREFIX:
      least(4);
      d.need(at + 8, 4);
      lsaType(d, d.u16(at + 2), at + 4);
      least(6);
      d.text += `\n\t      Prefixes ${d.u16(at)}:`;
      // The original counts only the router and the number as read.
      return prefixes(d, d.u16(at), at + 12, length - 6);
    case GRACE:
      if (!grace(d, at, length)) d.cutOff();
      return;
    case TRAFFIC:
      if (!trafficEngineering(d, at, length)) d.cutOff();
      return;
    default:
      unknownData(d, at, "\n\t      ", length);
  }
}

/** What the neighbour is, by the type of the link. */
const NEIGHBOURS: ReadonlyMap<number, string> = new Map([
  [1, "Neighbor Router-ID"],
  [2, "Neighbor Network-ID"],
  [4, "Virtual Link: Neighbor Router-ID"],
]);

function links(d: Dissector, start: number, length: number): void {
  for (let at = start, left = length; left > 0; left -= 16, at += 16) {
    if (left < 16) d.cutOff();
    d.need(at, 16);
    const type = d.u8(at);
    const name = NEIGHBOURS.get(type);
    if (name === undefined) {
      d.text += `\n\t      Unknown Router Links Type 0x${hex2(type)}`;
      return;
    }
    d.text += `\n\t      ${name} ${d.ipv4(at + 12)}\n\t      Neighbor Interface-ID ${d.ipv4(at + 8)}, Interface ${d.ipv4(at + 4)}`;
    d.text += `, metric ${d.u16(at + 2)}`;
  }
}

/** Returns the bytes it takes. */
function prefix(d: Dissector, at: number, left: number): number {
  if (left < PREFIX_HEADER) d.cutOff();
  d.need(at, PREFIX_HEADER);
  const bits = d.u8(at);
  const bytes = Math.ceil(bits / 32) * 4;
  if (bytes > 16) {
    d.text += ` bogus prefixlen /${bits}`;
    d.cutOff();
  }
  if (left - PREFIX_HEADER < bytes) d.cutOff();
  d.text += `\n\t\t${prefixAddress(d, at + PREFIX_HEADER, bytes * 8, 6)}/${bits}`;
  const options = d.u8(at + 1);
  if (options !== 0) d.text += `, Options [${PREFIX_OPTIONS.bits(options, "none")}]`;
  d.text += `, metric ${d.u16(at + 2)}`;
  return PREFIX_HEADER + bytes;
}

function prefixes(d: Dissector, count: number, start: number, length: number): void {
  for (let at = start, left = length, index = 0; index < count; index++) {
    const size = prefix(d, at, left);
    at += size;
    left -= size;
  }
}

function external(d: Dissector, start: number, length: number): void {
  const flags = d.u32(start);
  d.text += `\n\t     Flags [${EXTERNAL_FLAGS.bits(flags, "none")}] metric ${flags & 0xff_ffff}`;
  const first = start + 4;
  const size = prefix(d, first, length);
  let at = first + size;
  let left = length - size;
  const take = (bytes: number): void => {
    if (left < bytes) d.cutOff();
    left -= bytes;
  };
  if ((flags & 0x0200_0000) !== 0) {
    take(16);
    d.text += ` forward ${d.ipv6(at)}`;
    at += 16;
  }
  if ((flags & 0x0100_0000) !== 0) {
    take(4);
    d.text += ` tag ${d.ipv4(at)}`;
    at += 4;
  }
  if (d.u8(first + 2) !== 0) {
    take(4);
    d.text += ` RefLSID: ${d.ipv4(at)}`;
  }
}

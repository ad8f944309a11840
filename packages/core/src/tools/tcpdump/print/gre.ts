// GRE (RFC 2784, 2890, 1701) and its enhanced version for PPTP (RFC 2637).

import type { Dissector } from "./dissector.ts";
import { ETHERTYPES } from "./ethernet-names.ts";
import { GRE_FLAGS } from "./gre-names.ts";
import { hex } from "./numbers.ts";

const [CHECKSUM, ROUTING, KEY, SEQUENCE] = [0x8000, 0x4000, 0x2000, 0x1000] as const;
const ACKNOWLEDGEMENT = 0x0080;
const [AF_IPV4, AF_ASN] = [0x0800, 0xfffe] as const;
const [IPV4, IPV6, MPLS, ISO, TEB, PPP, IPX, APPLETALK] = [
  0x0800, 0x86dd, 0x8847, 0x00fe, 0x6558, 0x880b, 0x8137, 0x809b,
] as const;

export function gre(d: Dissector, at: number, length: number): void {
  d.protocol = "gre";
  d.untilCut(() => {
    d.need(at, 2);
    const version = d.u16(at) & 7;
    d.text += `GREv${version}`;
    if (version === 0) plain(d, at, length);
    else if (version === 1) enhanced(d, at, length);
    else d.text += " ERROR: unknown-version";
  });
}

/** Ends the printer unless a field is both in the packet and in the capture. */
function need(d: Dissector, at: number, left: number, size: number): void {
  if (left < size) d.cutOff();
  d.need(at, size);
}

function plain(d: Dissector, start: number, total: number): void {
  let at = start;
  let left = total;
  const flags = d.u16(at);
  if (d.verbose > 0) d.text += `, Flags [${GRE_FLAGS.bits(flags, "none")}]`;
  need(d, at + 2, left - 2, 2);
  const type = d.u16(at + 2);
  at += 4;
  left -= 4;
  const field = (size: number): void => need(d, at, left, size);
  if ((flags & (CHECKSUM | ROUTING)) !== 0) {
    field(2);
    if (d.verbose > 0) d.text += `, sum 0x${hex(d.u16(at))}`;
    at += 2;
    left -= 2;
    field(2);
    d.text += `, off 0x${hex(d.u16(at))}`;
    at += 2;
    left -= 2;
  }
  if ((flags & KEY) !== 0) {
    field(4);
    d.text += `, key=0x${hex(d.u32(at))}`;
    at += 4;
    left -= 4;
  }
  if ((flags & SEQUENCE) !== 0) {
    field(4);
    d.text += `, seq ${d.u32(at)}`;
    at += 4;
    left -= 4;
  }
  if ((flags & ROUTING) !== 0) {
    for (;;) {
      field(4);
      const family = d.u16(at);
      const offset = d.u8(at + 2);
      const size = d.u8(at + 3);
      at += 4;
      left -= 4;
      if (family === 0 && size === 0) break;
      sourceRoute(d, family, offset, size, at, left);
      field(size);
      at += size;
      left -= size;
    }
  }
  if (d.linkHeaders) d.text += `, proto ${payloadName(type)} (0x${type.toString(16).padStart(4, "0")})`;
  d.text += `, length ${total}`;
  if (d.verbose < 1) d.text += ": ";
  else d.text += "\n\t";
  payload(d, type, at, left);
}

/** A routing entry of RFC 1701. */
function sourceRoute(
  d: Dissector,
  family: number,
  offset: number,
  size: number,
  at: number,
  left: number,
): void {
  if (family === AF_IPV4) {
    d.text += ", (rtaf=ip";
    hops(d, offset, size, at, left, 4, (place) => d.ipv4(place));
    d.text += ")";
  } else if (family === AF_ASN) {
    d.text += ", (rtaf=asn";
    hops(d, offset, size, at, left, 2, (place) => hex(d.u16(place)));
    d.text += ")";
  } else d.text += `, (rtaf=0x${hex(family)})`;
}

/** Hops of `width` bytes each; the next one has a star. */
function hops(
  d: Dissector,
  offset: number,
  size: number,
  at: number,
  left: number,
  width: number,
  show: (place: number) => string,
): void {
  if (offset % width !== 0) d.text += `, badoffset=${offset}`;
  else if (size % width !== 0) d.text += `, badlength=${size}`;
  else if (offset >= size) d.text += `, badoff/len=${offset}/${size}`;
  else {
    for (let place = 0; place < size && place + width <= left && d.has(at + place, width); place += width) {
      d.text += ` ${place === offset ? "*" : ""}${show(at + place)}`;
    }
  }
}

function enhanced(d: Dissector, start: number, total: number): void {
  let at = start;
  let left = total;
  const flags = d.u16(at);
  if (d.verbose > 0) d.text += `, Flags [${GRE_FLAGS.bits(flags, "none")}]`;
  need(d, at + 2, left - 2, 2);
  const type = d.u16(at + 2);
  at += 4;
  left -= 4;
  const numbers: readonly (readonly [number, string])[] = [
    [SEQUENCE, "seq"],
    [ACKNOWLEDGEMENT, "ack"],
  ];
  if ((flags & KEY) !== 0) {
    need(d, at, left, 4);
    const key = d.u32(at);
    d.text += `, call ${key & 0xffff}`;
    at += 4;
    left -= 4;
  }
  for (const [bit, name] of numbers) {
    if ((flags & bit) === 0) continue;
    need(d, at, left, 4);
    d.text += `, ${name} ${d.u32(at)}`;
    at += 4;
    left -= 4;
  }
  const empty = (flags & SEQUENCE) === 0;
  if (empty) d.text += ", no-payload";
  if (d.linkHeaders) d.text += `, proto ${payloadName(type)} (0x${type.toString(16).padStart(4, "0")})`;
  d.text += `, length ${total}`;
  if (empty) return;
  d.text += d.verbose > 0 ? "\n\t" : ": ";
  if (type === PPP) d.layers.ppp(d, at, left);
  else d.text += `gre-proto-0x${hex(type)}`;
}

function payloadName(type: number): string {
  return ETHERTYPES.get(type) ?? "unknown";
}

function payload(d: Dissector, type: number, at: number, length: number): void {
  switch (type) {
    case IPV4:
      d.layers.ipv4(d, at, length);
      break;
    case IPV6:
      d.layers.ipv6(d, at, length);
      break;
    case MPLS:
      d.layers.mpls(d, at, length);
      break;
    case IPX:
      d.layers.ipx(d, at, length);
      break;
    case APPLETALK:
      d.layers.appletalk(d, at, length);
      break;
    case ISO:
      d.layers.osi(d, at, length);
      break;
    case TEB:
      d.layers.ethernet(d, at, length, d.available(at));
      break;
    default:
      d.text += `gre-proto-0x${hex(type)}`;
  }
}

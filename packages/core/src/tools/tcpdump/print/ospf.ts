// OSPF version 2 (RFC 2328): packets; LSAs are in ospf-lsa.ts.

import type { Dissector } from "./dissector.ts";
import { hex8 } from "./numbers.ts";
import { AUTHENTICATION, DD_FLAGS, LSA_TYPES, OPTIONS, PACKETS } from "./ospf-names.ts";
import { isOpaque, lsa, lsaHeader } from "./ospf-lsa.ts";

const HEADER_LENGTH = 24;
const [HELLO, DESCRIPTION, REQUEST, UPDATE, ACKNOWLEDGEMENT] = [1, 2, 3, 4, 5] as const;
const [SIMPLE, MD5] = [1, 2] as const;

export function ospf(d: Dissector, at: number, length: number): void {
  d.protocol = "ospf2";
  const version = d.u8(at);
  const type = d.u8(at + 1);
  d.check(at, HEADER_LENGTH);
  d.text += `OSPFv${version}, ${PACKETS.get(type) ?? `unknown LS-type ${type}`}, length ${length}`;
  if (d.verbose === 0 || PACKETS.get(type) === undefined) return;
  const field = d.u16(at + 2);
  if (length !== field) d.text += ` [len ${field}]`;
  const end = at + Math.min(length, field);
  d.text += `\n\tRouter-ID ${d.ipv4(at + 4)}`;
  d.text += d.u32(at + 8) === 0 ? ", Backbone Area" : `, Area ${d.ipv4(at + 8)}`;
  const kind = d.u16(at + 14);
  d.text += `, Authentication Type: ${AUTHENTICATION.get(kind) ?? "unknown"} (${kind})`;
  if (version !== 2) {
    d.text += ` ospf [version ${version}]`;
    return;
  }
  if (kind === MD5) {
    d.text += `\n\tKey-ID: ${d.u8(at + 18)}, Auth-Length: ${d.u8(at + 19)}, Crypto Sequence Number: 0x${hex8(d.u32(at + 20))}`;
  } else if (kind === SIMPLE) {
    d.text += "\n\tSimple text password: ";
    d.paddedCharacters(at + 16, 8);
  }
  if (!body(d, type, at + HEADER_LENGTH, end)) d.truncated();
}

/** False if it is cut off. */
function body(d: Dissector, type: number, at: number, end: number): boolean {
  switch (type) {
    case HELLO: {
      d.text += `\n\tOptions [${OPTIONS.bits(d.u8(at + 6), "none")}]`;
      d.check(at + 8, 4);
      d.text += `\n\t  Hello Timer ${d.u16(at + 4)}s, Dead Timer ${d.u32(at + 8)}s, Mask ${d.ipv4(at)}, Priority ${d.u8(at + 7)}`;
      if (d.u32(at + 12) !== 0) d.text += `\n\t  Designated Router ${d.ipv4(at + 12)}`;
      if (d.u32(at + 16) !== 0) d.text += `, Backup Designated Router ${d.ipv4(at + 16)}`;
      let place = at + 20;
      if (place < end) d.text += "\n\t  Neighbor List:";
      for (; place < end; place += 4) d.text += `\n\t    ${d.ipv4(place)}`;
      return true;
    }
    case DESCRIPTION: {
      d.text += `\n\tOptions [${OPTIONS.bits(d.u8(at + 2), "none")}]`;
      d.text += `, DD Flags [${DD_FLAGS.bits(d.u8(at + 3), "none")}]`;
      if (d.u16(at) !== 0) d.text += `, MTU: ${d.u16(at)}`;
      d.text += `, Sequence: 0x${hex8(d.u32(at + 4))}`;
      for (let place = at + 8; place < end; place += 20) if (lsaHeader(d, place) < 0) return true;
      return true;
    }
    case REQUEST:
      for (let place = at; place < end; place += 12) {
        const lsaType = d.u32(place);
        d.text += `\n\t  Advertising Router: ${d.ipv4(place + 8)}, ${LSA_TYPES.get(lsaType) ?? "unknown"} LSA (${lsaType})`;
        if (isOpaque(lsaType)) {
          const opaque = d.u8(place + 4);
          d.text += `, Opaque-Type: ${opaqueName(opaque)} LSA (${opaque}), Opaque-ID: ${d.u24(place + 5)}`;
        } else d.text += `, LSA-ID: ${d.ipv4(place + 4)}`;
      }
      return true;
    case UPDATE: {
      const count = d.u32(at);
      d.text += `, ${count} LSA${count === 1 ? "" : "s"}`;
      let place: number | undefined = at + 4;
      for (let index = 1; index <= count; index++) {
        d.text += `\n\t  LSA #${index}`;
        place = lsa(d, place, end);
        if (place === undefined) return false;
      }
      return true;
    }
    case ACKNOWLEDGEMENT:
      for (let place = at; place < end; place += 20) if (lsaHeader(d, place) < 0) break;
      return true;
    default:
      return true;
  }
}

export function opaqueName(type: number): string {
  return type === 1
    ? "Traffic Engineering"
    : type === 3
      ? "Graceful restart"
      : type === 4
        ? "Router Information"
        : "unknown";
}

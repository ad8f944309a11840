// OSPF version 2 (RFC 2328): packets; LSAs are in lsa.ts.

import { TRUNCATED } from "../dissector.ts";
import type { Dissector } from "../dissector.ts";
import { hex4, hex8 } from "../numbers.ts";
import { isOpaque, lsa, lsaHeader, opaqueName } from "./lsa.ts";
import { AUTHENTICATION, DD_FLAGS, LSA_TYPES, OPTIONS, PACKETS } from "./names.ts";

const HEADER_LENGTH = 24;
const LSA_HEADER_LENGTH = 20;
const [HELLO, DESCRIPTION, REQUEST, UPDATE, ACKNOWLEDGEMENT] = [1, 2, 3, 4, 5] as const;
const [NONE, SIMPLE, MD5] = [0, 1, 2] as const;
/** The digest behind the packet, which no length counts. */
const DIGEST_LENGTH = 16;
const LINK_LOCAL_SIGNALING = 0x10;

export function ospf(d: Dissector, at: number, total: number): void {
  d.protocol = "ospf2";
  const { end } = d;
  let length = total;
  if (d.u16(at + 14) === MD5) {
    length -= DIGEST_LENGTH;
    d.end -= DIGEST_LENGTH;
  }
  packet(d, at, length);
  d.end = end;
}

function packet(d: Dissector, at: number, length: number): void {
  const type = d.u8(at + 1);
  const version = d.u8(at);
  d.text += `OSPFv${version}, ${PACKETS.get(type) ?? `unknown LS-type ${type}`}, length ${length >>> 0}`;
  if (d.verbose === 0 || PACKETS.get(type) === undefined) return;
  const field = d.u16(at + 2);
  if (length !== field) d.text += ` [len ${field}]`;
  const end = at + Math.min(length, field);
  d.text += `\n\tRouter-ID ${d.ipv4(at + 4)}`;
  d.text += d.u32(at + 8) === 0 ? ", Backbone Area" : `, Area ${d.ipv4(at + 8)}`;
  const kind = d.u16(at + 14);
  d.check(at + 16, 8);
  d.text += `, Authentication Type: ${AUTHENTICATION.get(kind) ?? "unknown"} (${kind})`;
  if (kind === MD5) {
    d.text += `\n\tKey-ID: ${d.u8(at + 18)}, Auth-Length: ${d.u8(at + 19)}, Crypto Sequence Number: 0x${hex8(d.u32(at + 20))}`;
  } else if (kind === SIMPLE) {
    d.text += "\n\tSimple text password: ";
    d.paddedCharacters(at + 16, 8);
  } else if (kind !== NONE) return;
  if (version !== 2) {
    d.text += ` ospf [version ${version}]`;
    return;
  }
  body(d, type, at + HEADER_LENGTH, end);
  if (length > field) signaling(d, type, at, length, field, kind);
}

function body(d: Dissector, type: number, at: number, end: number): void {
  switch (type) {
    case HELLO:
      return hello(d, at, end);
    case DESCRIPTION: {
      d.text += `\n\tOptions [${OPTIONS.bits(d.u8(at + 2), "none")}]`;
      d.text += `, DD Flags [${DD_FLAGS.bits(d.u8(at + 3), "none")}]`;
      if (d.u16(at) !== 0) d.text += `, MTU: ${d.u16(at)}`;
      d.text += `, Sequence: 0x${hex8(d.u32(at + 4))}`;
      for (let place = at + 8; place < end; place += LSA_HEADER_LENGTH) if (lsaHeader(d, place) < 0) return;
      return;
    }
    case REQUEST:
      for (let place = at; place < end; place += 12) request(d, place);
      return;
    case UPDATE: {
      const count = d.u32(at);
      d.text += `, ${count} LSA${count === 1 ? "" : "s"}`;
      let place: number | undefined = at + 4;
      for (let index = 1; index <= count; index++) {
        d.text += `\n\t  LSA #${index}`;
        place = lsa(d, place);
        if (place === undefined) throw TRUNCATED;
      }
      return;
    }
    case ACKNOWLEDGEMENT:
      // Up to the end of what was captured, as the original does.
      for (let place = at; lsaHeader(d, place) >= 0; place += LSA_HEADER_LENGTH);
      return;
  }
}

function hello(d: Dissector, at: number, end: number): void {
  d.text += `\n\tOptions [${OPTIONS.bits(d.u8(at + 6), "none")}]`;
  d.text += `\n\t  Hello Timer ${d.u16(at + 4)}s, Dead Timer ${d.u32(at + 8)}s, Mask ${d.ipv4(at)}, Priority ${d.u8(at + 7)}`;
  if (d.u32(at + 12) !== 0) d.text += `\n\t  Designated Router ${d.ipv4(at + 12)}`;
  if (d.u32(at + 16) !== 0) d.text += `, Backup Designated Router ${d.ipv4(at + 16)}`;
  let place = at + 20;
  if (place < end) d.text += "\n\t  Neighbor List:";
  for (; place < end; place += 4) {
    d.check(place, 4);
    d.text += `\n\t    ${d.ipv4(place)}`;
  }
}

function request(d: Dissector, at: number): void {
  d.check(at, 12);
  const type = d.u32(at);
  d.text += `\n\t  Advertising Router: ${d.ipv4(at + 8)}, ${LSA_TYPES.get(type) ?? "unknown"} LSA (${type})`;
  if (isOpaque(type)) {
    const opaque = d.u8(at + 4);
    d.text += `, Opaque-Type: ${opaqueName(opaque)} LSA (${opaque}), Opaque-ID: ${d.u24(at + 5)}`;
  } else d.text += `, LSA-ID: ${d.ipv4(at + 4)}`;
}

const [EXTENDED_OPTIONS, DIGEST] = [1, 2] as const;

/** Link-local signaling behind the packet (RFC 5613). */
function signaling(
  d: Dissector,
  type: number,
  start: number,
  length: number,
  field: number,
  authentication: number,
): void {
  if (type !== HELLO && type !== DESCRIPTION) return;
  if ((d.u8(start + HEADER_LENGTH + (type === HELLO ? 6 : 2)) & LINK_LOCAL_SIGNALING) === 0) return;
  let offset = field;
  if (authentication === MD5) offset += d.u8(start + 19);
  if (offset >= length) {
    d.text += "\n\t[LLS truncated]";
    return;
  }
  let at = start + offset;
  const end = start + length;
  d.text += `\n\t  LLS: checksum: 0x${hex4(d.u16(at))}`;
  d.text += `, length: ${d.u16(at + 2)}`;
  at += 4;
  while (at < end) {
    const kind = d.u16(at);
    d.text += `\n\t    ${kind === EXTENDED_OPTIONS ? "Extended Options" : kind === DIGEST ? "MD5 Authentication" : "Unknown TLV"} (${kind})`;
    let size = d.u16(at + 2);
    d.text += `, length: ${size}`;
    at += 4;
    if (kind === EXTENDED_OPTIONS) {
      if (size !== 4) d.text += " [should be 4]";
      size = 4;
      const flags = d.u32(at);
      const names = [(flags & 1) !== 0 ? "LSDB resync" : "", (flags & 2) !== 0 ? "Restart" : ""].filter(
        (name) => name !== "",
      );
      d.text += `\n\t      Options: 0x${hex8(flags)} [${names.length === 0 ? "?" : names.join(", ")}]`;
    } else if (kind === DIGEST) {
      if (size !== 20) d.text += " [should be 20]";
      size = 20;
      d.text += `\n\t      Sequence number: 0x${hex8(d.u32(at))}`;
    }
    at += size;
  }
}

// OSPF version 3 (RFC 5340): packets and what follows them; LSAs are in ospf3-lsa.ts.

import type { Dissector } from "../dissector.ts";
import { unknownData } from "../hexdump.ts";
import { hex4, hex8 } from "../numbers.ts";
import { PACKETS } from "./names.ts";
import { lsa, LSA_HEADER_LENGTH, lsaHeader, lsaType } from "./ospf3-lsa.ts";
import { DD_FLAGS, OPTIONS } from "./ospf3-names.ts";

const HEADER_LENGTH = 16;
const [HELLO, DESCRIPTION, REQUEST, UPDATE, ACKNOWLEDGEMENT] = [1, 2, 3, 4, 5] as const;
const LINK_LOCAL_SIGNALING = 0x0200;
const SIGNALING_HEADER = 4;
const AUTHENTICATION_HEADER = 16;

export function ospf3(d: Dissector, at: number, length: number): void {
  d.protocol = "ospf3";
  d.untilCut(() => packet(d, at, length));
}

function packet(d: Dissector, at: number, length: number): void {
  const type = d.u8(at + 1);
  const version = d.u8(at);
  d.text += `OSPFv${version}, ${PACKETS.get(type) ?? `unknown packet type (${type})`}, length ${length}`;
  if (d.verbose === 0 || PACKETS.get(type) === undefined) return;
  const field = d.u16(at + 2);
  if (field > length) {
    d.text += ` [len ${field}]`;
    return;
  }
  d.text += `\n\tRouter-ID ${d.ipv4(at + 4)}`;
  d.text += d.u32(at + 8) === 0 ? ", Backbone Area" : `, Area ${d.ipv4(at + 8)}`;
  const instance = d.u8(at + 14);
  if (instance !== 0) d.text += `, Instance ${instance}`;
  if (version !== 3) return;
  body(d, type, at + HEADER_LENGTH, at + field);
  trailer(d, type, at, at + field, length - field);
}

function body(d: Dissector, type: number, at: number, end: number): void {
  const whole = d.verbose > 1;
  switch (type) {
    case HELLO:
      d.text += `\n\tOptions [${OPTIONS.bits(d.u32(at + 4), "none")}]`;
      d.text += `\n\t  Hello Timer ${d.u16(at + 8)}s, Dead Timer ${d.u16(at + 10)}s, Interface-ID ${d.ipv4(at)}, Priority ${d.u8(at + 4)}`;
      if (d.u32(at + 12) !== 0) d.text += `\n\t  Designated Router ${d.ipv4(at + 12)}`;
      if (d.u32(at + 16) !== 0) d.text += `, Backup Designated Router ${d.ipv4(at + 16)}`;
      if (!whole) return;
      d.text += "\n\t  Neighbor List:";
      for (let place = at + 20; place < end; place += 4) d.text += `\n\t    ${d.ipv4(place)}`;
      return;
    case DESCRIPTION:
      d.text += `\n\tOptions [${OPTIONS.bits(d.u32(at), "none")}]`;
      d.text += `, DD Flags [${DD_FLAGS.bits(d.u8(at + 7), "none")}]`;
      d.text += `, MTU ${d.u16(at + 4)}, DD-Sequence 0x${hex8(d.u32(at + 8))}`;
      if (!whole) return;
      for (let place = at + 12; place < end; place += LSA_HEADER_LENGTH) lsaHeader(d, place, end);
      return;
    case REQUEST:
      if (!whole) return;
      for (let place = at; place < end; place += 12) {
        d.need(place, 12);
        d.text += `\n\t  Advertising Router ${d.ipv4(place + 8)}`;
        lsaType(d, d.u16(place + 2), place + 4);
      }
      return;
    case UPDATE:
      if (!whole) return;
      for (let place = at + 4, count = d.u32(at); place < end && count > 0; count--)
        place += lsa(d, place, end);
      return;
    case ACKNOWLEDGEMENT:
      if (!whole) return;
      for (let place = at; place < end; place += LSA_HEADER_LENGTH) lsaHeader(d, place, end);
  }
}

/** Link-local signaling (RFC 5613), if the options say so, and authentication (RFC 7166). */
function trailer(d: Dissector, type: number, start: number, at: number, length: number): void {
  const options =
    type === HELLO
      ? d.u32(start + HEADER_LENGTH + 4)
      : type === DESCRIPTION
        ? d.u32(start + HEADER_LENGTH)
        : 0;
  const used = (options & LINK_LOCAL_SIGNALING) === 0 ? 0 : signaling(d, at, length);
  authentication(d, at + used, length - used);
}

/** Returns its length. */
function signaling(d: Dissector, at: number, length: number): number {
  if (length === 0) return 0;
  if (length < SIGNALING_HEADER) d.cutOff();
  d.text += `\n\tLLS Checksum 0x${hex4(d.u16(at))}`;
  const size = d.u16(at + 2);
  d.text += `, Data Length ${size}`;
  if (size < SIGNALING_HEADER || size > length) d.cutOff();
  d.need(at + SIGNALING_HEADER, size - SIGNALING_HEADER);
  return size;
}

function authentication(d: Dissector, at: number, length: number): void {
  if (length === 0) return;
  if (length < AUTHENTICATION_HEADER) d.cutOff();
  const type = d.u16(at);
  d.text += `\n\tAuthentication Type ${type === 1 ? "HMAC" : `unknown (0x${hex4(type)})`}`;
  const size = d.u16(at + 2);
  d.text += `, Length ${size}`;
  if (size < AUTHENTICATION_HEADER || size > length) d.cutOff();
  d.text += `, SAID ${d.u16(at + 6)}`;
  d.text += `, CSN 0x${hex8(d.u32(at + 8))}`;
  d.text += `:${hex8(d.u32(at + 12))}`;
  const left = size - AUTHENTICATION_HEADER;
  d.need(at + AUTHENTICATION_HEADER, left);
  if (d.verbose > 1) unknownData(d, at + AUTHENTICATION_HEADER, "\n\tAuthentication Data ", left);
}

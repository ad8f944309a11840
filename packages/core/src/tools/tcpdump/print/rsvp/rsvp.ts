// RSVP (RFC 2205): messages and the frame around their objects.

import type { Dissector } from "../dissector.ts";
import { unknownData } from "../hexdump.ts";
import { hex4 } from "../numbers.ts";
import type { Message } from "../signature.ts";
import { MESSAGES, OBJECTS, TYPES } from "./names.ts";
import { INVALID } from "./object.ts";
import { CLASSES } from "./objects.ts";

const HEADER_LENGTH = 8;
const OBJECT_HEADER = 4;
const VERSION = 1;
const BUNDLE = 12;
/** Indent of hex. */
const BYTES = "\n\t    ";

export function rsvp(d: Dissector, at: number, length: number): void {
  d.protocol = "rsvp";
  d.untilCut(() => packet(d, at, length));
}

/** Prints a header. Returns the length of what follows it; -1 if something is wrong. */
function header(d: Dissector, at: number, indent: string, room: number): number {
  const first = d.u8(at);
  const type = d.u8(at + 1);
  const length = d.u16(at + 6);
  d.text += `${indent}RSVPv${first >>> 4} ${MESSAGES.get(type) ?? `unknown, type: ${type}`} Message (${type})`;
  d.text += `, Flags: [${(first & 1) === 0 ? "none" : "Refresh reduction capable"}], length: ${length}, ttl: ${d.u8(at + 4)}, checksum: 0x${hex4(d.u16(at + 2))}`;
  if (length < HEADER_LENGTH) {
    d.text += `ERROR: common header too short ${length} < ${HEADER_LENGTH}`;
    return -1;
  }
  if (length > room) {
    d.text += `ERROR: common header too large ${length} > ${room}`;
    return -1;
  }
  return length - HEADER_LENGTH;
}

function isVersion(d: Dissector, at: number): boolean {
  d.need(at, HEADER_LENGTH);
  const version = d.u8(at) >>> 4;
  if (version === VERSION) return true;
  d.text += `ERROR: RSVP version ${version} packet not supported`;
  return false;
}

function packet(d: Dissector, start: number, length: number): void {
  if (!isVersion(d, start)) return;
  const type = d.u8(start + 1);
  const name = MESSAGES.get(type);
  if (d.verbose < 1) {
    d.text += `RSVPv${VERSION} ${name ?? `unknown (${type})`} Message, length: ${length}`;
    return;
  }
  let left = header(d, start, "\n\t", Infinity);
  if (left < 0) return;
  let at = start + HEADER_LENGTH;
  if (type === BUNDLE) {
    while (left > 0) {
      if (!isVersion(d, at)) return;
      const inner = header(d, at, "\n\t  ", left);
      if (inner < 0 || !objects(d, at + HEADER_LENGTH, inner, "\n\t    ")) return;
      at += inner + HEADER_LENGTH;
      left -= inner + HEADER_LENGTH;
    }
  } else if (name === undefined) unknownData(d, at, BYTES, left);
  else objects(d, at, left, "\n\t  ");
}

function onUnknown(number: number): string {
  if ((number & 0x80) === 0) return "reject";
  return (number & 0x40) === 0 ? "ignore silently" : "ignore and forward";
}

/** False if one is wrong. */
function objects(d: Dissector, start: number, total: number, indent: string): boolean {
  const wrong = (text: string): false => {
    d.text += indent + text;
    return false;
  };
  const message: Message = { start: start - HEADER_LENGTH, length: total + HEADER_LENGTH };
  let at = start;
  let left = total;
  while (left >= OBJECT_HEADER) {
    d.need(at, OBJECT_HEADER);
    const length = d.u16(at);
    const number = d.u8(at + 2);
    const type = d.u8(at + 3);
    if (length % 4 !== 0) return wrong(`ERROR: object header size ${length} not a multiple of 4`);
    if (length < OBJECT_HEADER) return wrong(`ERROR: object header too short ${length} < ${OBJECT_HEADER}`);
    d.text += `${indent}${OBJECTS.get(number) ?? "Unknown"} Object (${number}) Flags: [${onUnknown(number)} if unknown]`;
    d.text += `, Class-Type: ${TYPES.get(number)?.get(type) ?? "Unknown"} (${type}), length: ${length}`;
    if (left < length) return wrong("ERROR: object goes past end of objects TLV");
    d.need(at, length);
    const value = at + OBJECT_HEADER;
    const size = length - OBJECT_HEADER;
    const known = CLASSES.get(number);
    let hexdump = d.verbose > 1;
    if (known === undefined) {
      if (d.verbose <= 1) unknownData(d, value, BYTES, size);
    } else {
      const print = known[type];
      const result = print === undefined ? "hexdump" : print(d, value, size, indent, message);
      if (result === "hexdump") hexdump = true;
      else if (result === INVALID) {
        d.invalid();
        return false;
      } else if (result !== undefined) return wrong(result);
    }
    if (hexdump) unknownData(d, value, BYTES, size);
    at += length;
    left -= length;
  }
  return true;
}

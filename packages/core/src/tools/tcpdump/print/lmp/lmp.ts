// LMP, the link management protocol (RFC 4204): header and the list of objects, which are in objects.ts.

import type { Dissector } from "../dissector.ts";
import { unknownData } from "../hexdump.ts";
import { CLASS_TYPES, HEADER_FLAGS, MESSAGES, OBJECTS } from "./names.ts";
import { OBJECT_PRINTERS } from "./objects.ts";

const HEADER_LENGTH = 8;
const OBJECT_HEADER = 4;
const VERSION = 1;
const NEGOTIABLE = 0x80;

export function lmp(d: Dissector, start: number, total: number): void {
  d.protocol = "lmp";
  d.check(start, HEADER_LENGTH);
  const version = d.u8(start) >>> 4;
  if (version !== VERSION) {
    d.text += `LMP version ${version} packet not supported`;
    return;
  }
  const type = d.u8(start + 3);
  if (d.verbose < 1) {
    d.text += `LMPv${version} ${MESSAGES.get(type) ?? `unknown (${type})`} Message, length: ${total}`;
    return;
  }
  let left = d.u16(start + 4);
  d.text += `\n\tLMPv${version}, msg-type: ${MESSAGES.get(type) ?? `unknown, type: ${type}`}`;
  d.text += `, Flags: [${HEADER_FLAGS.bits(d.u8(start + 2), "none")}], length: ${left}`;
  if (left < HEADER_LENGTH) {
    d.text += " (too short)";
    return;
  }
  if (left > total) {
    d.text += " (too long)";
    left = total;
  }
  left -= HEADER_LENGTH;
  for (let at = start + HEADER_LENGTH; left > 0;) {
    const length = object(d, at);
    if (length === undefined) return;
    if (left < length) {
      d.text += ` [remaining objects length ${left} < ${length}]`;
      return d.invalid();
    }
    at += length;
    left -= length;
  }
}

/** Returns the object's length; undefined if it cannot be right. */
function object(d: Dissector, at: number): number | undefined {
  const length = d.u16(at + 2);
  const [typeField, kind] = [d.u8(at), d.u8(at + 1)];
  const type = typeField & ~NEGOTIABLE;
  d.text += `\n\t  ${OBJECTS.get(kind) ?? "Unknown"} Object (${kind}), Class-Type: ${CLASS_TYPES.get((kind << 8) + type) ?? "Unknown"} (${type})`;
  d.text += ` Flags: [${(typeField & NEGOTIABLE) === 0 ? "non-" : ""}negotiable], length: ${length}`;
  if (length < OBJECT_HEADER) {
    d.text += " (too short)";
    return undefined;
  }
  if (length % 4 !== 0) {
    d.text += " (not a multiple of 4)";
    return undefined;
  }
  d.check(at, length);
  const [body, size] = [at + OBJECT_HEADER, length - OBJECT_HEADER];
  const printers = OBJECT_PRINTERS[kind];
  let showsBytes = false;
  if (printers === undefined) {
    if (d.verbose <= 1) unknownData(d, body, "\n\t    ", size);
  } else {
    const print = printers[type];
    showsBytes = print === undefined || print(d, body, size) === false;
  }
  if (d.verbose > 1 || showsBytes) unknownData(d, body, "\n\t    ", size);
  return length;
}

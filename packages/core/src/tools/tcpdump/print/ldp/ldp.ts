// The label distribution protocol (RFC 5036), over UDP for discovery and over TCP.

import type { Dissector } from "../dissector.ts";
import { unknownData } from "../hexdump.ts";
import { hex4, hex8 } from "../numbers.ts";
import { DECODED, MESSAGES } from "./names.ts";
import { tlv } from "./tlv.ts";

const HEADER_LENGTH = 10;
const MESSAGE_HEADER = 8;
const VERSION = 1;
/** Version and length, which the length does not count. */
const UNCOUNTED = 4;

export function ldp(d: Dissector, start: number, length: number): void {
  d.protocol = "ldp";
  let at = start;
  let left = length;
  while (left > HEADER_LENGTH + MESSAGE_HEADER) {
    const used = pdu(d, at);
    if (used === 0) return;
    if (left < used) {
      d.text += ` [remaining length ${left} < ${used}]`;
      return d.invalid();
    }
    left -= used;
    at += used;
  }
}

/** Returns the bytes it takes; 0 if nothing more is to be printed. */
function pdu(d: Dissector, start: number): number {
  d.check(start, HEADER_LENGTH);
  const indent = d.verbose < 1 ? "" : "\n\t";
  const version = d.u16(start);
  if (version !== VERSION) {
    d.text += `${indent}LDP version ${version} packet not supported`;
    return 0;
  }
  const length = d.u16(start + 2);
  if (length < HEADER_LENGTH - UNCOUNTED) {
    d.text += `${indent}LDP, pdu-length: ${length} (too short, < ${HEADER_LENGTH - UNCOUNTED})`;
    return 0;
  }
  d.text += `${indent}LDP, Label-Space-ID: ${d.ipv4(start + 4)}:${d.u16(start + 8)}, pdu-length: ${length}`;
  if (d.verbose < 1) return 0;
  let at = start + HEADER_LENGTH;
  let left = length - (HEADER_LENGTH - UNCOUNTED);
  while (left > 0) {
    const size = message(d, at);
    if (size === 0) return 0;
    at += size;
    // 16 bits, as in the original.
    left = (left - size) & 0xffff;
  }
  return length + UNCOUNTED;
}

/** Returns the bytes it takes; 0 if it is too short. */
function message(d: Dissector, start: number): number {
  d.check(start, MESSAGE_HEADER);
  const field = d.u16(start);
  const type = field & 0x7fff;
  const length = d.u16(start + 2);
  const name = MESSAGES.get(type) ?? "Unknown";
  d.text += `\n\t  ${name} Message (0x${hex4(type)}), length: ${length}`;
  if (length < MESSAGE_HEADER - UNCOUNTED) {
    d.text += ` (too short, < ${MESSAGE_HEADER - UNCOUNTED})`;
    return 0;
  }
  d.text += `, Message ID: 0x${hex8(d.u32(start + 4))}, Flags: [${(field & 0x8000) === 0 ? "ignore" : "continue processing"} if unknown]`;
  d.check(start, length);
  const body = start + MESSAGE_HEADER;
  let left = length - (MESSAGE_HEADER - UNCOUNTED);
  if (DECODED.has(type)) {
    for (let at = body; left >= 4;) {
      const used = tlv(d, at, left);
      if (used === 0) break;
      left -= used;
      at += used;
    }
  } else if (d.verbose <= 1) unknownData(d, body, "\n\t  ", left);
  if (d.verbose > 1) unknownData(d, body, "\n\t  ", length);
  return length + UNCOUNTED;
}

// Domain names with compression (RFC 1035 section 4.1.4) and bit labels (RFC 2673), as DNS and router advertisements have them.

import type { Dissector } from "./dissector.ts";
import { hex2, safeCharacter } from "./numbers.ts";

const KIND = 0xc0;
const POINTER = 0xc0;
const EXTENDED = 0x40;
const RESERVED = 0x80;
const BIT_LABEL = 0x01;
const MAX_LENGTH = 255; // bytes of text

/** Bytes of a label behind its first byte; -1 if its kind is not known. */
function labelLength(d: Dissector, at: number): number {
  const first = d.u8(at);
  const kind = first & KIND;
  if (kind === EXTENDED) {
    const element = first & 0x3f;
    if (element !== BIT_LABEL) {
      d.text += `<ELT ${element}>`;
      return -1;
    }
    return Math.trunc(((d.u8(at + 1) || 256) + 7) / 8) + 1;
  }
  if (kind === 0 || kind === POINTER) return first;
  d.text += "<BAD LABEL TYPE>";
  return -1;
}

/** Skips a name. Returns the offset after it; undefined if it is wrong or cut off. */
export function skipName(d: Dissector, start: number): number | undefined {
  let at = start;
  if (!d.has(at, 1)) return undefined;
  let first = d.u8(at++);
  while (first !== 0) {
    const kind = first & KIND;
    if (kind === POINTER) return at + 1;
    if (kind === RESERVED) return undefined;
    if (kind === EXTENDED) {
      if ((first & 0x3f) !== BIT_LABEL || !d.has(at, 1)) return undefined;
      at += Math.trunc(((d.u8(at) || 256) + 7) / 8) + 1;
    } else at += first;
    if (!d.has(at, 1)) return undefined;
    first = d.u8(at++);
  }
  return at;
}

function bitLabel(d: Dissector, start: number): boolean {
  let at = start;
  if (!d.has(at, 1)) return false;
  const bits = d.u8(at++);
  let left = bits || 256;
  d.text += "\\[x";
  for (; left > 8; left -= 8) {
    if (!d.has(at, 1)) return false;
    d.text += hex2(d.u8(at++));
  }
  if (!d.has(at, 1)) return false;
  const last = d.u8(at);
  if (left > 4) d.text += hex2((last >>> (8 - left)) << (8 - left));
  else if (left > 0) d.text += (((last >>> 4) >>> (4 - left)) << (4 - left)).toString(16);
  d.text += `/${bits || 256}]`;
  return true;
}

/** Prints a name of the message at `message`. Returns the offset after it; undefined if it is wrong or cut off. */
export function dnsName(d: Dissector, start: number, message: number): number | undefined {
  let at = start;
  // Unsigned as in the original, for which a message that starts behind the name allows all pointers.
  let limit = (at - message) >>> 0;
  if (!d.has(at, 1)) return undefined;
  let length = labelLength(d, at);
  if (length < 0) return undefined;
  let first = d.u8(at++);
  let after = (first & KIND) === POINTER ? -1 : at + length;
  let compressed = false;
  let size = 0;
  if (first === 0) {
    d.text += ".";
    return after;
  }
  while (first !== 0 && at < d.end) {
    if ((first & KIND) === POINTER) {
      if (!compressed) {
        after = at + 1;
        compressed = true;
      }
      if (!d.has(at, 1)) return undefined;
      const offset = ((first << 8) | d.u8(at)) & 0x3fff;
      // Pointers go backwards only, so that there is an end.
      if (offset >= limit) {
        d.text += "<BAD PTR>";
        return undefined;
      }
      limit = offset;
      at = message + offset;
      if (!d.has(at, 1)) return undefined;
      length = labelLength(d, at);
      if (length < 0) return undefined;
      first = d.u8(at++);
      continue;
    }
    if ((first & KIND) === EXTENDED) {
      if ((first & 0x3f) !== BIT_LABEL || !bitLabel(d, at)) return undefined;
    } else {
      let index = 0;
      for (; index < length && at + index < d.end; index++) d.text += safeCharacter(d.u8(at + index));
      if (index < length) return undefined;
    }
    size += length + 1;
    at += length;
    d.text += ".";
    if (size > MAX_LENGTH) {
      d.text += "<DOMAIN NAME TOO LONG>";
      return after;
    }
    if (!d.has(at, 1)) return undefined;
    length = labelLength(d, at);
    if (length < 0) return undefined;
    first = d.u8(at++);
    if (!compressed) after += length + 1;
  }
  // A pointer of which only the first byte is there leads nowhere.
  return after < 0 ? undefined : after;
}

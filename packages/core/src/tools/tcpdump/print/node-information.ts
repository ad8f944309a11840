// Node information queries and replies (RFC 4620), carried by ICMPv6.

import type { Dissector } from "./dissector.ts";
import { safeCharacter } from "./numbers.ts";

const QUERY = 139;
const HEADER_LENGTH = 16;
const [NOOP, SUPPORTED, NAME, ADDRESSES] = [0, 1, 2, 3] as const;
const FLAG_LETTERS: readonly (readonly [number, string])[] = [
  [0x40, "a"],
  [0x20, "G"],
  [0x10, "S"],
  [0x08, "L"],
  [0x04, "C"],
  [0x02, "A"],
];
const TRUNCATED_FLAG = 0x01;

function flagLetters(flags: number): string {
  return FLAG_LETTERS.map(([bit, letter]) => ((flags & bit) === 0 ? "" : letter)).join("");
}

/** A name without compression (RFC 1035 section 3.1). */
function uncompressedName(d: Dissector, start: number): void {
  const { end } = d;
  let at = start;
  d.text += ', "';
  while (at < end) {
    let length = d.u8(at++);
    if (length === 0) {
      if (at === end) d.text += ".";
      else if (!(at + 1 === end && d.u8(at) === 0)) d.text += "???";
      break;
    }
    if (length > end - at) {
      d.text += "???";
      break;
    }
    for (; length > 0 && at < end; length--) d.text += safeCharacter(d.u8(at++));
    if (at + 1 < end && d.u8(at) !== 0) d.text += ".";
  }
  d.text += '"';
}

/** A name in the form of RFC 4620, or of its third draft: one string with its length. */
function name(d: Dissector, at: number): void {
  if (d.u8(at) !== d.end - at - 1) {
    uncompressedName(d, at);
    return;
  }
  if (d.verbose > 0) d.text += ", 03 draft";
  d.text += ', "';
  d.characters(at + 1, d.end - at - 1);
  d.text += '"';
}

function query(d: Dissector, at: number): void {
  const size = d.end - at;
  if (size === 12) {
    d.text += " who-are-you request";
    return;
  }
  d.text += " node information query";
  d.need(at, HEADER_LENGTH);
  d.text += " (";
  const type = d.u16(at + 4);
  const flags = d.u16(at + 6);
  switch (type) {
    case NOOP:
      d.text += "noop";
      break;
    case SUPPORTED:
      d.text += "supported qtypes";
      if (flags !== 0) d.text += ` [${(flags & 1) === 0 ? "" : "C"}]`;
      break;
    case NAME:
      d.text += "DNS name";
      break;
    case ADDRESSES:
      d.text += "node addresses";
      if (flags !== 0) d.text += ` [${flagLetters(flags)}]`;
      break;
    default:
      d.text += "unknown";
  }
  if (type === NOOP || type === SUPPORTED) {
    if (size !== HEADER_LENGTH && d.verbose > 0) d.text += ", invalid len";
  } else if (size === HEADER_LENGTH) d.text += ", 03 draft";
  else subject(d, at, size);
  d.text += ")";
}

function subject(d: Dissector, at: number, size: number): void {
  const code = d.u8(at + 1);
  const place = at + HEADER_LENGTH;
  if (code === 0 || code === 2) {
    const length = code === 0 ? 16 : 4;
    if (!d.has(place, length)) return;
    if (size !== HEADER_LENGTH + length) {
      if (d.verbose > 0) d.text += ", invalid subject len";
      return;
    }
    d.text += `, subject=${code === 0 ? d.ipv6(place) : d.ipv4(place)}`;
  } else if (code === 1) {
    d.text += ", subject=DNS name";
    name(d, place);
  } else d.text += ", unknown subject";
}

function reply(d: Dissector, at: number, length: number): void {
  const size = d.end - at;
  if (length > size) d.cutOff();
  d.need(at, HEADER_LENGTH);
  d.text += " node information reply (";
  const code = d.u8(at + 1);
  let comma = false;
  const wrongLength = (): void => {
    if (size !== HEADER_LENGTH && d.verbose > 0) d.text += ", invalid length";
  };
  if (code === 0) {
    if (d.verbose > 0) {
      d.text += "success";
      comma = true;
    }
  } else {
    if (code === 1 || code === 2) {
      d.text += code === 1 ? "refused" : "unknown";
      wrongLength();
    }
    d.text += ")";
    return;
  }
  if (comma) d.text += ", ";
  const flags = d.u16(at + 6);
  switch (d.u16(at + 4)) {
    case NOOP:
      d.text += "noop";
      wrongLength();
      break;
    case SUPPORTED:
      d.text += "supported qtypes";
      if (flags !== 0) d.text += ` [${(flags & 1) === 0 ? "" : "C"}]`;
      break;
    case NAME:
      d.text += "DNS name";
      name(d, at + HEADER_LENGTH + 4);
      if ((flags & 1) !== 0) d.text += ` [TTL=${d.u32(at + HEADER_LENGTH)}]`;
      break;
    case ADDRESSES: {
      d.text += "node addresses";
      for (let place = at + HEADER_LENGTH; place + 20 <= d.end; place += 20) {
        d.text += ` ${d.ipv6(place + 4)}(${d.u32(place)})`;
      }
      if (flags !== 0) {
        d.text += ` [${flagLetters(flags)}${(flags & TRUNCATED_FLAG) === 0 ? "" : "T"}]`;
      }
      break;
    }
    default:
      d.text += "unknown";
  }
  d.text += ")";
}

export function nodeInformation(d: Dissector, at: number, length: number): void {
  if (d.end < at) return;
  d.untilCut(() => (d.u8(at) === QUERY ? query(d, at) : reply(d, at, length)));
}

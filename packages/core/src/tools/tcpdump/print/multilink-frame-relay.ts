// Multilink Frame Relay between user and network (FRF.16.1): link integrity messages and fragments.

import type { Dissector } from "./dissector.ts";
import { unknownData } from "./hexdump.ts";
import { NameTable } from "./names.ts";
import { hex2, hex8, safeCharacter } from "./numbers.ts";

export const FRAGMENT_FLAGS = new NameTable([
  [0x80, "Begin"],
  [0x40, "End"],
  [0x20, "Control"],
]);
const BITS = 0xe0;
const [BEGIN, CONTROL, WHOLE] = [0x80, 0xe0, 0xc0] as const;

const MESSAGES = new NameTable([
  [1, "Add Link"],
  [2, "Add Link ACK"],
  [3, "Add Link Reject"],
  [4, "Hello"],
  [5, "Hello ACK"],
  [6, "Remove Link"],
  [7, "Remove Link ACK"],
]);
const ELEMENTS = new NameTable([
  [1, "Bundle ID"],
  [2, "Link ID"],
  [3, "Magic Number"],
  [5, "Timestamp"],
  [6, "Vendor Extension"],
  [7, "Cause"],
]);
const [BUNDLE_ID, LINK_ID, MAGIC_NUMBER, TIMESTAMP] = [1, 2, 3, 5] as const;
/** Bytes of a time of the host that captures: seconds and microseconds of 64 bits. */
const HOST_TIME_LENGTH = 16;
const ELEMENT_HEADER = 2;
const MAX_ID = 50;

function element(d: Dissector, type: number, at: number, length: number): void {
  if (type === MAGIC_NUMBER) {
    if (length === 4) d.text += `0x${hex8(d.u32(at))}`;
    else {
      d.text += `[IE data length ${length} != 4]`;
      d.invalid();
    }
  } else if (type === BUNDLE_ID || type === LINK_ID) {
    for (let index = 0; index < length && index < MAX_ID; index++) {
      const byte = d.u8(at + index);
      if (byte === 0) break;
      d.text += safeCharacter(byte);
    }
  } else if (type === TIMESTAMP && length === HOST_TIME_LENGTH) {
    const [seconds, microseconds] = [BigInt.asIntN(64, d.u64le(at)), BigInt.asIntN(64, d.u64le(at + 8))];
    d.text += d.timestamps.text(Number(seconds), Number(microseconds));
  } else if (d.verbose <= 1) unknownData(d, at, "\n\t  ", length);
  if (d.verbose > 1) unknownData(d, at, "\n\t  ", length);
}

function control(d: Dissector, start: number, total: number): void {
  d.text += `FRF.16 Control, Flags [${FRAGMENT_FLAGS.bits(d.u8(start) & BITS, "none")}], `;
  d.text += `${MESSAGES.get(d.u8(start + 2)) ?? `Unknown Message (0x${hex2(d.u8(start + 2))})`}, length ${total}`;
  if (d.verbose === 0) return;
  let at = start + 3;
  let left = total - 3;
  while (left > ELEMENT_HEADER) {
    d.need(at, ELEMENT_HEADER);
    const type = d.u8(at);
    const length = d.u8(at + 1);
    d.text += `\n\tIE ${ELEMENTS.get(type) ?? "Unknown"} (${type}), length ${length}: `;
    if (type === 0 || length <= ELEMENT_HEADER) return;
    d.need(at, length);
    element(d, type, at + ELEMENT_HEADER, length - ELEMENT_HEADER);
    at += length;
    // The original counts without a sign: a last element that is too long makes it go on until the bytes end.
    left = (left - length) >>> 0;
  }
}

/** Returns the length of the header. */
export function multilinkFrameRelay(d: Dissector, start: number, total: number): number {
  d.protocol = "mfr";
  if (total < 4) {
    d.text += `[length ${total} < 4]`;
    d.invalid();
    return total;
  }
  let headerLength = total;
  d.untilCut(() => {
    d.need(start, 4);
    const first = d.u8(start);
    if ((first & BITS) === CONTROL && d.u8(start + 1) === 0) {
      control(d, start, total);
      headerLength = 3;
      return;
    }
    const sequence = ((first & 0x1e) << 7) | d.u8(start + 1);
    d.text += `FRF.16 Frag, seq ${sequence}, Flags [${FRAGMENT_FLAGS.bits(first & BITS, "none")}]`;
    if ((first & BITS) === WHOLE || (first & BITS) === BEGIN) {
      d.text += ", ";
      d.layers.frameRelay(d, start + 2, total - 2);
      headerLength = 2;
    } else {
      unknownData(d, start, "\n\t", total);
      headerLength = 0;
    }
  });
  return headerLength;
}

/** DLT_MFR */
export function multilinkFrameRelayLink(d: Dissector, at: number, length: number, captured: number): number {
  d.protocol = "mfr";
  if (captured < 2) {
    d.truncated();
    return captured;
  }
  return multilinkFrameRelay(d, at, length);
}

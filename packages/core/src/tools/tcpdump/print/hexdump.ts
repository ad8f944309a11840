// Bytes as -x, -X and -A show them, and as unknown payload is shown: 16 bytes a line, in pairs.

import { readU8 } from "../../../wire/bytes.ts";
import { TRUNCATED } from "./dissector.ts";
import type { Dissector } from "./dissector.ts";
import { hex2, hex4 } from "./numbers.ts";

const PER_LINE = 16;
/** Columns of eight pairs. */
const HEX_WIDTH = 40;

/** -X: hex and ASCII. TRUNCATED behind it if not all was captured. */
export function hexAndAscii(d: Dissector, indent: string, at: number, announced: number): void {
  const { bytes } = d;
  const length = Math.min(announced, Math.max(0, d.end - at));
  let text = "";
  for (let line = 0; line < length; line += PER_LINE) {
    const until = Math.min(line + PER_LINE, length);
    let digits = "";
    let characters = "";
    for (let index = line; index < until; index++) {
      const byte = readU8(bytes, at + index);
      digits += (index & 1) === 0 ? ` ${hex2(byte)}` : hex2(byte);
      characters += byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".";
    }
    text += `${indent}0x${hex4(line)}: ${digits.padEnd(HEX_WIDTH)}  ${characters}`;
  }
  d.text += text;
  if (length < announced) throw TRUNCATED;
}

/** -x: hex only. */
export function hexOnly(d: Dissector, indent: string, at: number, length: number): void {
  const { bytes } = d;
  let text = "";
  for (let line = 0; line < length; line += PER_LINE) {
    const until = Math.min(line + PER_LINE, length);
    text += `${indent}0x${hex4(line)}: `;
    for (let index = line; index < until; index++) {
      const byte = readU8(bytes, at + index);
      text += (index & 1) === 0 ? ` ${hex2(byte)}` : hex2(byte);
    }
  }
  d.text += text;
}

/** -A: ASCII only; a carriage return vanishes before a line feed, and as one of the last two bytes. */
export function asciiOnly(d: Dissector, at: number, length: number): void {
  const { bytes } = d;
  let text = "\n";
  for (let index = 0; index < length; index++) {
    const byte = readU8(bytes, at + index);
    if (byte === 0x0d) {
      if (length - index > 2 && readU8(bytes, at + index + 1) !== 0x0a) text += ".";
    } else if ((byte >= 0x20 && byte < 0x7f) || byte === 0x09 || byte === 0x0a)
      text += String.fromCharCode(byte);
    else text += ".";
  }
  d.text += text;
}

/** Payload that no printer knows, at most what was captured. */
export function unknownData(d: Dissector, at: number, indent: string, length: number): boolean {
  if (at > d.end) {
    d.text += `${indent}Dissector error: print_unknown_data called with pointer past end of packet`;
    return false;
  }
  hexOnly(d, indent, at, Math.min(length, d.end - at));
  return true;
}

/** Hex only, with offsets that start at `first`. */
export function hexWithOffset(d: Dissector, indent: string, at: number, length: number, first: number): void {
  for (let line = 0; line < length; line += PER_LINE) {
    const until = Math.min(line + PER_LINE, length);
    d.text += `${indent}0x${hex4(first + line)}: `;
    for (let index = line; index < until; index++) {
      const byte = readU8(d.bytes, at + index);
      d.text += (index & 1) === 0 ? ` ${hex2(byte)}` : hex2(byte);
    }
  }
}

/** Hex only; TRUNCATED behind the bytes that were captured if not all was. */
export function hexOrTruncated(d: Dissector, indent: string, at: number, length: number): void {
  const available = Math.max(0, d.available(at));
  hexOnly(d, indent, at, Math.min(length, available));
  if (length > available) throw TRUNCATED;
}

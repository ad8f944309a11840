/** A dump of bytes with their offsets, as Open vSwitch prints packets and bad messages: 16 a line. */
import { HEX_BYTE } from "../../wire/hex.ts";

const PER_LINE = 16;

/** As the log and messages have bytes without their letters: the mark in the middle follows the eighth byte, also at an end. */
export function bareDump(bytes: Uint8Array): string {
  const half = bytes.length % PER_LINE === PER_LINE / 2;
  return half ? hexDump(bytes, false).replace(/\n$/, "-\n") : hexDump(bytes, false);
}

/** @param ascii whether readable characters stand at the end of lines */
export function hexDump(bytes: Uint8Array, ascii: boolean): string {
  let text = "";
  for (let line = 0; line < bytes.length; line += PER_LINE) {
    const part = bytes.subarray(line, line + PER_LINE);
    text += `${line.toString(16).padStart(8, "0")} `;
    for (let i = 0; i < PER_LINE; i++) {
      const byte = part[i];
      const separator = i === PER_LINE / 2 ? "-" : " ";
      if (byte !== undefined) text += separator + (HEX_BYTE[byte] ?? "");
      else if (ascii) text += i === PER_LINE / 2 && part.length === PER_LINE / 2 ? "-  " : "   ";
    }
    if (ascii) {
      text += " |";
      for (let i = 0; i < PER_LINE; i++) {
        const byte = part[i];
        text += byte === undefined ? " " : byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".";
      }
      text += "|";
    }
    text += "\n";
  }
  return text;
}

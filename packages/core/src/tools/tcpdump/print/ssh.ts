// The version line of SSH (RFC 4253 section 4.2). BEEP (RFC 3080) is told by the first letters of its frames.

import type { Dissector } from "./dissector.ts";

const [LF, CR] = [10, 13] as const;
const START = [0x53, 0x53, 0x48, 0x2d]; // "SSH-"

export function ssh(d: Dissector, at: number, length: number): void {
  d.protocol = "ssh";
  for (const [index, byte] of START.entries()) if (d.u8(at + index) !== byte) return;
  let line = "SSH-";
  for (let index = START.length; index < length; index++) {
    const byte = d.u8(at + index);
    const isEnd = byte === LF || (byte === CR && index + 1 < length && d.u8(at + index + 1) === LF);
    if (isEnd) {
      d.text += `: SSH: ${line}`;
      return;
    }
    if (byte < 0x20 || byte >= 0x7f) return;
    line += String.fromCharCode(byte);
  }
}

/** With the zero or space that has to follow; what comes first wins. */
const BEEP_FRAMES = ["MSG\0", "RPY ", "ERR ", "ANS ", "NUL ", "SEQ ", "END\0"];

export function beep(d: Dissector, at: number, length: number): void {
  d.protocol = "beep";
  let start = "";
  if (length >= 4 && d.has(at, 4))
    for (let index = 0; index < 4; index++) start += String.fromCharCode(d.u8(at + index));
  d.text += BEEP_FRAMES.includes(start) ? ` BEEP ${start.slice(0, 3)}` : " BEEP (payload or undecoded)";
}

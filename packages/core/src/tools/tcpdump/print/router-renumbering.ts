// Router renumbering (RFC 2894), carried by ICMPv6.

import type { Dissector } from "./dissector.ts";
import { hex } from "./numbers.ts";

const COMMANDS = new Map([
  [0, "command"],
  [1, "result"],
  [255, "sequence number reset"],
]);
const OPERATIONS = ["", "add", "change", "setglobal"] as const;
const INFINITE = 0xffff_ffff;

function flagLetters(value: number, letters: readonly (readonly [number, string])[]): string {
  return letters.map(([bit, letter]) => ((value & bit) === 0 ? "" : letter)).join("");
}

function time(value: number, name: string): string {
  return value === INFINITE ? `${name}=infty,` : `${name}=${value},`;
}

export function routerRenumbering(d: Dissector, at: number): void {
  if (d.end < at) return;
  if (!d.has(at + 12, 4)) return d.truncated();
  const code = d.u8(at + 1);
  d.text += `, ${COMMANDS.get(code) ?? `code-#${code}`}, seq=${d.u32(at + 4)}`;
  if (d.verbose > 0) details(d, at);
  if (code === 0) command(d, at + 16);
}

function details(d: Dissector, at: number): void {
  const flags = d.u8(at + 9);
  d.text += "[";
  if (flags !== 0) {
    d.text += `${flagLetters(flags, [
      [0x80, "T"],
      [0x40, "R"],
      [0x20, "A"],
      [0x10, "S"],
      [0x08, "P"],
    ])},`;
  }
  d.text += `seg=${d.u8(at + 8)},maxdelay=${d.u16(at + 10)}`;
  const reserved = d.u32(at + 12);
  if (reserved !== 0) d.text += `rsvd=0x${hex(reserved)}`;
  d.text += "]";
}

function command(d: Dissector, start: number): void {
  let at = start;
  while (at < d.end) {
    d.check(at + 8, 16);
    if (d.verbose > 1) d.text += "\n\t";
    else d.text += " ";
    const operation = d.u8(at);
    d.text += `match(${OPERATIONS[operation] || `#${operation}`}`;
    if (d.verbose > 0) {
      d.text += `,ord=${d.u8(at + 2)},min=${d.u8(at + 4)},max=${d.u8(at + 5)}`;
    }
    d.text += `,${d.ipv6(at + 8)}/${d.u8(at + 3)})`;
    const uses = (d.u8(at + 1) - 3) >> 2;
    if (uses < 0) return d.truncated();
    at += 24;
    for (let index = 0; index < uses; index++, at += 32) {
      d.check(at, 32);
      const mask = d.u8(at + 2);
      const raFlags = d.u8(at + 3);
      d.text += d.verbose > 1 ? "\n\t" : " ";
      d.text += "use(";
      if (d.u8(at) !== 0) {
        if (mask !== 0) d.text += `mask=0x${hex(mask)},`;
        if (raFlags !== 0) d.text += `raflags=0x${hex(raFlags)},`;
        d.text += time(d.u32(at + 4), "vltime") + time(d.u32(at + 8), "pltime");
        if ((d.u8(at + 12) & 0xc0) !== 0)
          d.text += `${flagLetters(d.u8(at + 12), [
            [0x80, "P"],
            [0x40, "V"],
          ])},`;
      }
      d.text += `${d.ipv6(at + 16)}/${d.u8(at)}/${d.u8(at + 1)})`;
    }
  }
}

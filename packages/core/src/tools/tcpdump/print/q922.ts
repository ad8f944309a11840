// Frame Relay addresses of two to four bytes (ITU-T Q.922 section 3.2).

import type { Dissector } from "./dissector.ts";

const EXTENSION = 0x01;
const SHORT_DLCI = 0x02;

export interface Q922Header {
  readonly length: number;
  readonly dlci: number;
  /** Names of the bits that are set; empty if none is. */
  readonly flags: readonly string[];
}

/** "cut off" if not all of it is there, "invalid" if its extension bits make no address. */
export function q922Header(d: Dissector, at: number, length: number): Q922Header | "cut off" | "invalid" {
  if (length < 1 || !d.has(at, 1)) return "cut off";
  const first = d.u8(at);
  if ((first & EXTENSION) !== 0) return "invalid";
  if (length < 2 || !d.has(at + 1, 1)) return "cut off";
  const second = d.u8(at + 1);
  let dlci = ((first & 0xfc) << 2) | ((second & 0xf0) >>> 4);
  const flags: string[] = [];
  if ((first & 0x02) !== 0) flags.push("C!");
  if ((second & 0x02) !== 0) flags.push("DE");
  if ((second & 0x04) !== 0) flags.push("BECN");
  if ((second & 0x08) !== 0) flags.push("FECN");
  if ((second & EXTENSION) !== 0) return { length: 2, dlci, flags };
  let size = 3;
  if (length < size || !d.has(at + 2, 1)) return "cut off";
  let last = d.u8(at + 2);
  if ((last & EXTENSION) === 0) {
    dlci = (dlci << 7) | (last >>> 1);
    size = 4;
    if (length < size || !d.has(at + 3, 1)) return "cut off";
    last = d.u8(at + 3);
  }
  if ((last & EXTENSION) === 0) return "invalid";
  if ((last & SHORT_DLCI) !== 0) flags.push("sdlcore");
  dlci = (dlci << 6) | (last >>> 2);
  return { length: size, dlci: dlci >>> 0, flags };
}

/** A Q.922 address as ARP shows it. */
export function q922Address(d: Dissector, at: number, length: number): string {
  const header = q922Header(d, at, length);
  if (header === "invalid") return "<Invalid DLCI>";
  if (header === "cut off") return "<Truncated>";
  return `DLCI ${header.dlci}`;
}

// Network Service Header (RFC 8300).

import type { Dissector } from "./dissector.ts";
import { hex, hex2, hex6, hex8, padded } from "./numbers.ts";

const WORD = 4;
const METADATA: Readonly<Record<number, string>> = { 0: "reserved", 1: "1", 2: "2", 15: "experimental" };
const NEXT: Readonly<Record<number, string>> = {
  1: "IPv4",
  2: "IPv6",
  3: "Ethernet",
  4: "NSH",
  5: "MPLS",
  254: "Experiment 1",
  255: "Experiment 2",
};

/** Metadata of fixed (1) or variable (2) length, shown with -vvv. False if a length is wrong. */
function metadata(d: Dissector, start: number, words: number, kind: number): boolean {
  if (kind === 1) {
    if (words !== 4) {
      d.text += " (invalid length for the MD type)";
      return false;
    }
    for (let index = 0; index < words; index++) {
      d.text += `\n        Context[${padded(index, 2)}]: 0x${hex8(d.u32(start + WORD * index))}`;
    }
    return true;
  }
  let at = start;
  for (let index = 0; index < words;) {
    const size = d.u8(at + 3) & 0x7f;
    const units = Math.ceil(size / WORD);
    d.text += `\n        TLV Class ${d.u16(at)}, Type ${d.u8(at + 2)}, Len ${size}`;
    at += WORD;
    index++;
    if (words < index + units) {
      d.text += " (length too big)";
      return false;
    }
    if (size > 0) {
      d.text += "\n            Value: ";
      for (let byte = 0; byte < size; byte++) d.text += `${byte === 0 ? "0x" : ":"}${hex2(d.u8(at + byte))}`;
      d.check(at, units * WORD);
      at += units * WORD;
      index += units;
    }
  }
  return true;
}

export function nsh(d: Dissector, at: number, length: number): void {
  d.protocol = "nsh";
  if (length < 8) {
    d.text += ` (packet length ${length} < 8)`;
    d.invalid();
    return;
  }
  const base = d.u32(at);
  const version = base >>> 30;
  const words = (base >>> 16) & 0x3f;
  const kind = (base >>> 8) & 15;
  const next = base & 0xff;
  d.text += "NSH, ";
  if (d.verbose > 1) d.text += `ver ${version}, `;
  if (version !== 0) return;
  d.text += `flags [${((base >>> 28) & 2) === 0 ? "none" : "O"}], `;
  if (d.verbose > 2) {
    d.text += `TTL ${(base >>> 22) & 0x3f}, length ${words}, md type ${METADATA[kind] ?? `unknown (0x${hex2(kind)})`}, `;
  }
  if (d.verbose > 1) d.text += `next-protocol ${NEXT[next] ?? `unknown (0x${hex2(next)})`}, `;
  if (length < words * WORD) {
    d.text += ` (too many headers for packet length ${length})`;
    d.invalid();
    return;
  }
  d.text += `service-path-id 0x${hex6(d.u24(at + 4))}, `;
  d.text += `service-index 0x${hex(d.u8(at + 7))}`;
  if (words < 2) {
    d.text += " (less than two headers)";
    d.invalid();
    return;
  }
  if (d.verbose > 2 && (kind === 1 || kind === 2)) {
    if (!metadata(d, at + 8, words - 2, kind)) {
      d.invalid();
      return;
    }
  } else d.check(at + 8, (words - 2) * WORD);
  d.text += d.verbose > 0 ? "\n    " : ": ";
  const payload = at + words * WORD;
  const rest = length - words * WORD;
  if (next === 1) d.layers.ipv4(d, payload, rest);
  else if (next === 2) d.layers.ipv6(d, payload, rest);
  else if (next === 3) d.layers.ethernet(d, payload, rest, d.available(payload));
  else d.text += "ERROR: unknown-next-protocol";
}

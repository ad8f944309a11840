// The distance vector multicast routing protocol (RFC 1075, draft-ietf-idmr-dvmrp-v3), within IGMP.

import type { Dissector } from "./dissector.ts";
import { duration } from "./numbers.ts";

const HEADER_LENGTH = 8;
const TYPES = [
  "",
  "Probe",
  "Report",
  "Ask-neighbors(old)",
  "Neighbors(old)",
  "Ask-neighbors2",
  "Neighbors2",
  "Prune",
  "Graft",
  "Graft-ACK",
] as const;

/** Flags of a neighbour, in the order in which they are said. */
const FLAGS: readonly (readonly [number, string])[] = [
  [0x01, "/tunnel"],
  [0x02, "/srcrt"],
  [0x40, "/querier"],
  [0x20, "/disabled"],
  [0x10, "/down"],
];

function invalid(d: Dissector, text: string): void {
  d.text += text;
  d.invalid();
}

export function dvmrp(d: Dissector, start: number, total: number): void {
  d.protocol = "dvmrp";
  if (total < HEADER_LENGTH) return invalid(d, ` [length ${total} < 8]`);
  const type = d.u8(start + 1);
  const at = start + HEADER_LENGTH;
  const length = total - HEADER_LENGTH;
  const name = type === 0 ? undefined : TYPES[type];
  d.text += ` ${name ?? `[type ${type}]`}`;
  switch (type) {
    case 1:
      if (d.verbose > 0) probe(d, at, length);
      return;
    case 2:
      if (d.verbose > 1) report(d, at, length);
      return;
    case 4:
      return neighbors(d, at, length);
    case 6:
      // The version stands in IGMP's group address.
      d.text += ` (v ${d.u8(start + 7)}.${d.u8(start + 6)}):`;
      return neighbors2(d, at, length);
    case 7:
    case 8:
    case 9:
      d.text += ` src ${d.ipv4(at)} grp ${d.ipv4(at + 4)}`;
      if (type !== 7) return;
      d.text += " timer ";
      d.text += duration(d.u32(at + 8));
  }
}

function probe(d: Dissector, start: number, length: number): void {
  if (length < 4) return invalid(d, ` [full length ${length} < 4]`);
  d.text += d.verbose > 1 ? "\n\t" : " ";
  d.text += `genid ${d.u32(start)}`;
  if (d.verbose < 2) return;
  for (let at = start + 4, left = length - 4; left > 0; at += 4, left -= 4) {
    if (left < 4) return invalid(d, `[remaining length ${left} < 4]`);
    d.text += `\n\tneighbor ${d.ipv4(at)}`;
  }
}

function dotted(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

/** Routes by mask; an origin has only as many bytes as the mask needs. */
function report(d: Dissector, start: number, length: number): void {
  let at = start;
  let left = length;
  while (left > 0) {
    if (left < 3) return invalid(d, ` [length ${left} < 3]`);
    const mask = [d.u8(at), d.u8(at + 1), d.u8(at + 2)] as const;
    const width = mask[2] !== 0 ? 4 : mask[1] !== 0 ? 3 : mask[0] !== 0 ? 2 : 1;
    d.text += `\n\tMask 255.${mask.join(".")}`;
    at += 3;
    left -= 3;
    for (let last = false; !last;) {
      if (left < width + 1) return invalid(d, "\n\t  [Truncated Report]");
      let origin = 0;
      for (let index = 0; index < 4; index++) {
        origin = (origin << 8) | (index < width ? d.u8(at + index) : 0);
      }
      const metric = d.u8(at + width);
      last = (metric & 0x80) !== 0;
      d.text += `\n\t  ${dotted(origin)} metric ${metric & 0x7f}`;
      at += width + 1;
      left -= width + 1;
    }
  }
}

function neighbors(d: Dissector, start: number, length: number): void {
  let at = start;
  let left = length;
  while (left > 0) {
    if (left < 7) return invalid(d, ` [length ${left} < 7]`);
    const local = at;
    const [metric, threshold, count] = [d.u8(at + 4), d.u8(at + 5), d.u8(at + 6)];
    at += 7;
    left -= 7;
    for (let index = 0; index < count; index++) {
      if (left < 4) return invalid(d, ` [length ${left} < 4]`);
      d.text += ` [${d.ipv4(local)} ->`;
      d.text += ` ${d.ipv4(at)}, (${metric}/${threshold})]`;
      at += 4;
      left -= 4;
    }
  }
}

function neighbors2(d: Dissector, start: number, length: number): void {
  let at = start;
  let left = length;
  while (left > 0) {
    if (left < 8) return invalid(d, ` [length ${left} < 8]`);
    const local = at;
    const [metric, threshold, flags] = [d.u8(at + 4), d.u8(at + 5), d.u8(at + 6)];
    let count = d.u8(at + 7);
    at += 8;
    left -= 8;
    while (--count >= 0 && left > 0) {
      if (left < 4) return invalid(d, ` [length ${left} < 4]`);
      d.text += ` [${d.ipv4(local)} -> `;
      d.text += `${d.ipv4(at)} (${metric}/${threshold}`;
      for (const [bit, name] of FLAGS) if ((flags & bit) !== 0) d.text += name;
      d.text += ")]";
      at += 4;
      left -= 4;
    }
    if (count !== -1) return invalid(d, " [invalid ncount]");
  }
}

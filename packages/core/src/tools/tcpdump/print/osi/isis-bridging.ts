// What shortest path bridging carries in IS-IS (RFC 6329): capabilities of ports and of topologies.

import type { Dissector } from "../dissector.ts";
import { hex, hex2, hex4, hex8 } from "../numbers.ts";
import { PORT_SUBTLVS, TOPOLOGY_SUBTLVS } from "./isis-names.ts";

/** What ends the list of sub-TLVs. */
type Fault = "cut" | "too short" | undefined;

type Printer = (d: Dissector, type: number, at: number, length: number) => Fault;

const MCID_LENGTH = 51;
const INSTANCE_LENGTH = 19;
const TUPLE_LENGTH = 8;

/** An MST configuration identifier (IEEE 802.1Q 13.8). */
function configuration(d: Dissector, at: number): void {
  d.text += `ID: ${d.u8(at)}, Name: `;
  d.paddedCharacters(at + 1, 32);
  d.text += `\n\t              Lvl: ${d.u16(at + 33)}, Digest: `;
  for (let index = 0; index < 16; index++) d.text += `${hex2(d.u8(at + 35 + index))} `;
}

const port: Printer = (d, type, start, length) => {
  let at = start;
  switch (type) {
    case 4:
      if (length < 2 * MCID_LENGTH) return "too short";
      d.text += "\n\t         MCID: ";
      configuration(d, at);
      d.text += "\n\t         AUX-MCID: ";
      configuration(d, at + MCID_LENGTH);
      return undefined;
    case 5: {
      if (length < 33) return "too short";
      const flags = d.u8(at++);
      d.text += `\n\t        RES: ${flags >>> 5} V: ${(flags >>> 4) & 1} A: ${(flags >>> 2) & 3} D: ${flags & 3}`;
      d.text += "\n\t         Digest: ";
      for (let word = 1; word <= 8; word++, at += 4) {
        d.text += `${hex8(d.u32(at))} `;
        if (word === 4) d.text += "\n\t                 ";
      }
      return undefined;
    }
    case 6:
      for (let left = length; left > 0; left -= 6, at += 6) {
        if (left < 4) return "too short";
        d.text += `\n\t           ECT: ${hex8(d.u32(at))}`;
        if (left < 6) return "too short";
        const field = d.u16(at + 4);
        d.text += ` BVID: ${field >>> 4}, U:${(field >>> 3) & 1} M:${(field >>> 2) & 1} `;
      }
      return undefined;
    default:
      return undefined;
  }
};

const topology: Printer = (d, type, start, length) => {
  let at = start;
  if (type === 1) {
    if (length < INSTANCE_LENGTH) return "too short";
    d.text += `\n\t        CIST Root-ID: ${hex8(d.u32(at))} ${hex8(d.u32(at + 4))}, Path Cost: ${hex8(d.u32(at + 8))}, Prio: ${d.u16(at + 12)}`;
    const field = d.u16(at + 14);
    d.text += `\n\t        RES: ${field >>> 5}, V: ${(field >>> 4) & 1}, SPSource-ID: ${d.u32(at + 14) & 0xf_ffff}`;
    const trees = d.u8(at + 18);
    d.text += `, No of Trees: ${hex(trees)}`;
    at += INSTANCE_LENGTH;
    let left = length - INSTANCE_LENGTH;
    for (let count = trees; count > 0; count--, at += TUPLE_LENGTH, left -= TUPLE_LENGTH) {
      if (left < TUPLE_LENGTH) return "cut";
      const flags = d.u8(at);
      d.text += `\n\t         U:${flags >>> 7}, M:${(flags >>> 6) & 1}, A:${(flags >>> 5) & 1}, RES:${flags & 0x1f}`;
      d.text += `, ECT: ${hex8(d.u32(at + 1))}, BVID: ${d.u24(at + 5) >>> 12}, SPVID: ${d.u24(at + 5) & 0xfff}`;
    }
  } else if (type === 3) {
    if (length < 8) return "cut";
    const field = d.u16(at + 6);
    d.text += `\n\t        BMAC: ${hex8(d.u32(at))}${hex4(d.u16(at + 4))}, RES: ${field >>> 12}, VID: ${field & 0xfff}`;
    for (let left = length - 8, place = at + 8; left >= 4; left -= 4, place += 4) {
      const word = d.u32(place);
      d.text += `\n\t        T: ${word >>> 31}, R: ${(word >>> 30) & 1}, RES: ${(word >>> 24) & 0x3f}, ISID: ${word & 0xff_ffff}`;
    }
  }
  return undefined;
};

function list(
  d: Dissector,
  start: number,
  total: number,
  title: (type: number) => string,
  print: Printer,
): void {
  let at = start;
  let left = total;
  while (left > 2) {
    const type = d.u8(at);
    const length = d.u8(at + 1);
    d.text += `${title(type)} subTLV #${type}, length: ${length}`;
    at += 2;
    left -= 2;
    if (left < length) {
      d.text += " (> containing TLV length)";
      return;
    }
    if (!d.has(at, length)) return d.truncated();
    const fault = print(d, type, at, length);
    if (fault === "too short") {
      d.text += " (too short)";
      return;
    }
    if (fault === "cut") return d.truncated();
    at += length;
    left -= length;
  }
}

export function portCapabilities(d: Dissector, at: number, length: number): void {
  list(d, at, length, (type) => `\n\t       ${PORT_SUBTLVS.get(type) ?? "unknown"}`, port);
}

export function topologyCapabilities(d: Dissector, at: number, length: number): void {
  list(d, at, length, (type) => `\n\t      ${TOPOLOGY_SUBTLVS.get(type) ?? "unknown"}`, topology);
}

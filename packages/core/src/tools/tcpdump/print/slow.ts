// Slow protocols (IEEE 802.3 annex 57A): LACP and markers (IEEE 802.1AX), Ethernet OAM (IEEE 802.3 clause 57).

import type { Dissector } from "./dissector.ts";
import { unknownData } from "./hexdump.ts";
import { hex2, hex8 } from "./numbers.ts";
import { oam } from "./slow-oam.ts";
import { STATES, SUBTYPES, TLVS } from "./slow-names.ts";

const [LACP, MARKER, OAM] = [1, 2, 3] as const;
const VERSION = 1;
const TLV_HEADER = 2;

/** Thrown where a message ends before it should. */
const TOO_SHORT = Symbol("too short");

function tooShort(): never {
  throw TOO_SHORT;
}

export function slow(d: Dissector, at: number, length: number): void {
  d.protocol = "slow";
  try {
    message(d, at, length);
  } catch (fault) {
    if (fault !== TOO_SHORT) throw fault;
    d.text += d.verbose > 0 ? "\n\t\t packet is too short" : " (packet is too short)";
  }
}

function message(d: Dissector, at: number, length: number): void {
  if (length < 1) tooShort();
  const subtype = d.u8(at);
  const name = SUBTYPES.get(subtype) ?? `unknown (${subtype})`;
  if (subtype === LACP || subtype === MARKER) {
    if (length < 2) tooShort();
    const version = d.u8(at + 1);
    if (version !== VERSION) {
      d.text += `${name} version ${version} packet not supported`;
      return;
    }
    d.text += `${name}v${version}, length ${length}`;
    if (d.verbose > 0) linkAggregation(d, subtype, at + 2, length - 2);
    return;
  }
  d.text += `${name}, length ${length}`;
  if (subtype !== OAM) unknownData(d, at, "\n\t", length);
  else if (d.verbose > 0) oam(d, at + 1, length - 1, tooShort);
}

/** The kinds of type-length-values, by subtype and type, with the length that each must have. */
const [TERMINATOR, ACTOR, PARTNER, COLLECTOR, MARKER_INFORMATION] = [0, 0x101, 0x102, 0x103, 0x201] as const;
const LENGTHS: Readonly<Record<number, number>> = {
  [ACTOR]: 20,
  [PARTNER]: 20,
  [COLLECTOR]: 16,
  [MARKER_INFORMATION]: 16,
};

function linkAggregation(d: Dissector, subtype: number, start: number, total: number): void {
  let at = start;
  for (let left = total; left > 0;) {
    if (left < TLV_HEADER) tooShort();
    const [type, length] = [d.u8(at), d.u8(at + 1)];
    const kind = (subtype << 8) + type;
    d.text += `\n\t${TLVS.get(kind) ?? "Unknown"} TLV (0x${hex2(type)}), length ${length}`;
    if (type === TERMINATOR) return;
    if (length < TLV_HEADER) {
      d.text += `\n\t    ERROR: illegal length - should be >= ${TLV_HEADER}`;
      return;
    }
    if (left < length) tooShort();
    d.check(at, length);
    const expected = LENGTHS[kind];
    if (expected !== undefined && expected !== length) {
      d.text += `\n\t    ERROR: illegal length - should be ${expected}`;
    } else value(d, kind, at + TLV_HEADER, length - TLV_HEADER);
    if (d.verbose > 1) unknownData(d, at + TLV_HEADER, "\n\t  ", length - TLV_HEADER);
    at += length;
    left -= length;
  }
}

function value(d: Dissector, kind: number, at: number, length: number): void {
  switch (kind) {
    case ACTOR:
    case PARTNER:
      d.text += `\n\t  System ${d.mac(at + 2)}, System Priority ${d.u16(at)}, Key ${d.u16(at + 8)}`;
      d.text += `, Port ${d.u16(at + 12)}, Port Priority ${d.u16(at + 10)}`;
      d.text += `\n\t  State Flags [${STATES.bits(d.u8(at + 14), "none")}]`;
      break;
    case COLLECTOR:
      d.text += `\n\t  Max Delay ${d.u16(at)}`;
      break;
    case MARKER_INFORMATION:
      d.text += `\n\t  Request System ${d.mac(at + 2)}, Request Port ${d.u16(at)}`;
      d.text += `, Request Transaction ID 0x${hex8(d.u32(at + 8))}`;
      break;
    default:
      if (d.verbose <= 1) unknownData(d, at, "\n\t  ", length);
  }
}

// What IS-IS says can be reached: neighbours and prefixes, in the old form (ISO 10589, RFC 1195) and in the wide one with
// sub-TLVs (RFC 5305, RFC 5308, RFC 8667).

import { megabits } from "../bandwidth.ts";
import type { Dissector } from "../dissector.ts";
import {
  CONSTRAINT_MODELS,
  ENCODINGS,
  LINK_PROTECTION,
  PACKET_SWITCHING,
  SWITCHING,
  TIME_DIVISION,
  TIME_DIVISION_INDICATIONS,
} from "../gmpls-names.ts";
import { unknownData } from "../hexdump.ts";
import { hex4, hex8, maskLength } from "../numbers.ts";
import { prefixAddress } from "../prefix.ts";
import { isisId } from "./address.ts";
import {
  ADJACENCY_SID_FLAGS,
  LINK_ATTRIBUTES,
  NEIGHBOUR_SUBTLVS,
  PREFIX_SID_FLAGS,
  PREFIX_SUBTLVS,
  SID_ALGORITHMS,
} from "./isis-names.ts";

const NODE_ID_LENGTH = 7;
const SYSTEM_ID_LENGTH = 6;
const ALIAS = 24;
const OLD_PREFIX_LENGTH = 12;
const METRICS = ["Delay", "Expense", "Error"] as const;
const HEX_INDENT = "\n\t\t    ";

function metric(d: Dissector, at: number): string {
  const value = d.u8(at);
  return `${value & 0x3f}, ${(value & 0x40) === 0 ? "Internal" : "External"}`;
}

/** Metrics other than the default that are supported: those without the high bit. */
function otherMetrics(d: Dissector, at: number, indent: string): void {
  METRICS.forEach((name, index) => {
    if ((d.u8(at + 1 + index) & 0x80) === 0)
      d.text += `${indent}  ${name} Metric: ${metric(d, at + 1 + index)}`;
  });
}

/** The four metrics of the old form. */
export function metricBlock(d: Dissector, at: number): void {
  d.text += `, Default Metric: ${metric(d, at)}`;
  otherMetrics(d, at, "\n\t\t");
}

/** Prefixes in the old form. False if they are cut off, which ends the PDU. */
export function oldPrefixes(d: Dissector, start: number, length: number, indent: string): boolean {
  let at = start;
  for (let left = length; left > 0; left -= OLD_PREFIX_LENGTH) {
    if (left < OLD_PREFIX_LENGTH) {
      d.text += `short IPv4 Reachability (${left} vs ${OLD_PREFIX_LENGTH})`;
      return false;
    }
    if (!d.has(at, OLD_PREFIX_LENGTH)) return false;
    const bits = maskLength(d.u32(at + 8));
    const address = d.ipv4(at + 4);
    d.text += `${indent}IPv4 prefix: ${bits === -1 ? `${address} mask ${d.ipv4(at + 8)}` : `${address.padStart(15)}/${bits}`}`;
    d.text += `, Distribution: ${(d.u8(at) & 0x80) === 0 ? "up" : "down"}, Metric: ${metric(d, at)}`;
    otherMetrics(d, at, indent);
    at += OLD_PREFIX_LENGTH;
  }
  return true;
}

/** One neighbour in the wide form. Returns the bytes it takes. */
export function wideNeighbour(
  d: Dissector,
  start: number,
  tlv: number,
  total: number,
  indent: string,
): number {
  let at = start;
  let left = total;
  const need = (size: number): void => {
    d.need(at, size);
    if (left < size) d.cutOff();
  };
  const skip = (size: number): void => {
    at += size;
    left -= size;
  };
  need(NODE_ID_LENGTH);
  d.text += `${indent}IS Neighbor: ${isisId(d, at, NODE_ID_LENGTH)}`;
  skip(NODE_ID_LENGTH);
  if (tlv !== ALIAS) {
    need(3);
    d.text += `, Metric: ${d.u24(at)}`;
    skip(3);
  }
  need(1);
  let sum = d.u8(at);
  skip(1);
  d.text += `, ${sum > 0 ? "" : "no "}sub-TLVs present`;
  if (sum === 0) return at - start;
  d.text += ` (${sum})`;
  const inner = `${indent}  `;
  while (sum > 0) {
    d.need(at, 2);
    if (left < 2) {
      d.text += `${inner}Remaining data in TLV shorter than a subTLV header`;
      return at + left - start;
    }
    if (sum < 2) {
      d.text += `${inner}Remaining data in subTLVs shorter than a subTLV header`;
      return at + sum - start;
    }
    const type = d.u8(at);
    const length = d.u8(at + 1);
    skip(2);
    sum -= 2;
    d.text += `${inner}${NEIGHBOUR_SUBTLVS.get(type) ?? "unknown"} subTLV #${type}, length: ${length}`;
    if (sum < length) {
      d.text += " (remaining data in subTLVs shorter than the current subTLV)";
      return at + sum - start;
    }
    if (left < length) {
      d.text += " (> remaining tlv length)";
      return at + left - start;
    }
    d.need(at, length);
    const decoded = neighbourSubTlv(d, type, at, length, inner);
    skip(length);
    // The original does not take away what these have decoded.
    left += decoded;
    sum -= length;
  }
  return at - start;
}

/** Returns the bytes decoded of those that are read piece by piece. */
function neighbourSubTlv(d: Dissector, type: number, at: number, length: number, indent: string): number {
  switch (type) {
    case 3:
    case 4:
    case 5:
      if (length >= 4) d.text += `, 0x${hex8(d.u32(at))}`;
      if (length === 8) d.text += `, 0x${hex8(d.u32(at + 4))}`;
      return 0;
    case 6:
    case 8:
      if (length >= 4) d.text += `, ${d.ipv4(at)}`;
      return 0;
    case 9:
    case 10:
      if (length >= 4) d.text += `, ${megabits(d, at)} Mbps`;
      return 0;
    case 11:
      if (length < 32) return 0;
      for (let index = 0; index < 8; index++) {
        d.text += `${indent}  TE-Class ${index}: ${megabits(d, at + 4 * index)} Mbps`;
      }
      return 32;
    case 12:
    case 22: {
      if (length === 0) return 0;
      const model = d.u8(at);
      d.text += `${indent}Bandwidth Constraints Model ID: ${CONSTRAINT_MODELS.get(model) ?? "unknown"} (${model})`;
      let place = 1;
      for (let index = 0; length - place >= 4; place += 4, index++) {
        d.text += `${indent}  Bandwidth constraint CT${index}: ${megabits(d, at + place)} Mbps`;
      }
      return place;
    }
    case 18:
      if (length >= 3) d.text += `, ${d.u24(at)}`;
      return 0;
    case 19:
      if (length === 2) {
        d.text += `, [ ${LINK_ATTRIBUTES.bits(d.u16(at), "Unknown")} ] (0x${hex4(d.u16(at))})`;
      }
      return 0;
    case 20:
      if (length >= 2) d.text += `, ${LINK_PROTECTION.bits(d.u8(at), "none")}, Priority ${d.u8(at + 1)}`;
      return 0;
    case 29:
      if (length < 6) return 0;
      d.text += `, LM: ${d.u24(at)}, P: ${d.u8(at + 3)}, P-ID: ${d.u16(at + 4)}`;
      return 4;
    case 21:
      if (length < 36) return 0;
      switching(d, at, length, indent);
      return 36;
    case 32:
      if (length < 8) return 0;
      adjacencySegment(d, at, length, indent);
      return 2;
    default:
      unknownData(d, at, HEX_INDENT, length);
      return 0;
  }
}

/** Interface switching capability (RFC 5307 section 1.3). */
function switching(d: Dissector, at: number, length: number, indent: string): void {
  const type = d.u8(at);
  d.text += `${indent}  Interface Switching Capability:${SWITCHING.get(type) ?? "Unknown"}`;
  d.text += `, LSP Encoding: ${ENCODINGS.get(d.u8(at + 1)) ?? "Unknown"}`;
  d.text += `${indent}  Max LSP Bandwidth:`;
  for (let level = 0; level < 8; level++) {
    d.text += `${indent}    priority level ${level}: ${megabits(d, at + 4 + 4 * level)} Mbps`;
  }
  const rest = at + 36;
  const left = length - 36;
  if (PACKET_SWITCHING.has(type)) {
    if (left < 6) return;
    d.text += `${indent}  Min LSP Bandwidth: ${megabits(d, rest)} Mbps${indent}  Interface MTU: ${d.u16(rest + 4)}`;
  } else if (type === TIME_DIVISION) {
    if (left < 8) return;
    const indication = d.u8(rest + 4);
    d.text += `${indent}  Min LSP Bandwidth: ${megabits(d, rest)} Mbps`;
    d.text += `${indent}  Indication ${TIME_DIVISION_INDICATIONS.get(indication) ?? `Unknown (${indication})`}`;
  } else if (left > 0) unknownData(d, rest, HEX_INDENT, left);
}

/** RFC 8667 section 2.2.2: a label or an index, as the flags say. */
function adjacencySegment(d: Dissector, at: number, length: number, indent: string): void {
  const flags = d.u8(at);
  d.text += `${indent}  Flags: [${ADJACENCY_SID_FLAGS.bits(flags, "none")}]${indent}  Weight: ${d.u8(at + 1)}`;
  const system = at + 2;
  if (length - 2 >= SYSTEM_ID_LENGTH) {
    d.text += `${indent}  Neighbor System-ID: ${isisId(d, system, SYSTEM_ID_LENGTH)}`;
  }
  const value = system + SYSTEM_ID_LENGTH;
  if ((flags & 0x30) === 0x30) d.text += `${indent}  Label: ${d.u24(value)}`;
  else if ((flags & 0x30) === 0) d.text += `${indent}  Index: ${d.u32(value)}`;
  else d.invalid();
}

/** One prefix in the wide form. Returns the bytes it takes. */
export function widePrefix(d: Dissector, start: number, version: 4 | 6, indent: string): number {
  const value = d.u32(start);
  const status = d.u8(start + 4);
  const bits = version === 4 ? status & 0x3f : d.u8(start + 5);
  if (bits > (version === 4 ? 32 : 128)) {
    d.text += `${indent}IPv${version} prefix: bad bit length ${bits}`;
    d.cutOff();
  }
  let at = start + (version === 4 ? 5 : 6);
  // Bits behind the prefix are shown too.
  const address = prefixAddress(d, at, Math.ceil(bits / 8) * 8, version);
  at += Math.ceil(bits / 8);
  d.text += `${indent}IPv${version} prefix: ${version === 4 ? address.padStart(15) : address}/${bits}`;
  d.text += `, Distribution: ${(status & 0x80) === 0 ? "up" : "down"}, Metric: ${value}`;
  const hasSubTlvs = (status & (version === 4 ? 0x40 : 0x20)) !== 0;
  if (version === 6) d.text += `, ${(status & 0x40) === 0 ? "Internal" : "External"}`;
  if (!hasSubTlvs) return at - start;
  d.text += ", sub-TLVs present";
  const total = d.u8(at++);
  const end = at + total;
  d.text += ` (${total})`;
  for (let left = total; left > 0;) {
    const type = d.u8(at);
    const length = d.u8(at + 1);
    at += 2;
    prefixSubTlv(d, type, at, length, `${indent}  `);
    at += length;
    left = (left - (length + 2)) >>> 0;
  }
  return end - start;
}

function prefixSubTlv(d: Dissector, type: number, at: number, length: number, indent: string): void {
  d.text += `${indent}${PREFIX_SUBTLVS.get(type) ?? "unknown"} subTLV #${type}, length: ${length}`;
  const cut = (): never => {
    // Said here and by the caller.
    d.truncated();
    return d.cutOff();
  };
  if (!d.has(at, length)) cut();
  switch (type) {
    case 117:
    case 1:
      for (let place = 0; length - place >= 4; place += 4) {
        d.text += `, 0x${hex8(d.u32(at + place))} (=${d.u32(at + place)})`;
      }
      return;
    case 2:
      for (let place = 0; length - place >= 8; place += 8) {
        d.text += `, 0x${hex8(d.u32(at + place))}${hex8(d.u32(at + place + 4))}`;
      }
      return;
    case 3: {
      const flags = d.u8(at);
      const algorithm = d.u8(at + 1);
      const isLabel = (flags & 0x08) !== 0;
      if (length < (isLabel ? 5 : 6)) cut();
      d.text += `, Flags [${PREFIX_SID_FLAGS.bits(flags, "None")}], Algo ${SID_ALGORITHMS.get(algorithm) ?? "Unknown"} (${algorithm})`;
      d.text += isLabel ? `, label ${d.u24(at + 2)}` : `, index ${d.u32(at + 2)}`;
      return;
    }
    default:
      unknownData(d, at, HEX_INDENT, length);
  }
}

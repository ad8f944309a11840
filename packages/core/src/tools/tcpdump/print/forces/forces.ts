// ForCES (RFC 5810), forwarding and control element separation: messages between network elements over SCTP. What they carry is
// in selectors.ts and path-data.ts.

import type { Dissector } from "../dissector.ts";
import { hexOrTruncated } from "../hexdump.ts";
import { hex, hex8 } from "../numbers.ts";
import { roundedUp, TLV_HEADER, tlvFault } from "./fields.ts";
import type { Printer } from "./fields.ts";
import { ACKS, ATOMICITY, elementKind, EXECUTION_MODES, TRANSACTION_PHASES } from "./names.ts";
import { isTopLevel, tlvName } from "./path-data.ts";
import { association, redirect, selector, teardown } from "./selectors.ts";

const HEADER_LENGTH = 24;
const INDENT = 9;

/** How many type-length-values a message has at its top. */
type Count = "none" | "any" | "some";

interface Message {
  readonly name: string;
  readonly count: Count;
  /** At most so many; 0 is no bound. */
  readonly most: number;
  /** Operations, as bits. */
  readonly operations: number;
  readonly print: Printer | undefined;
}

function message(
  name: string,
  count: Count,
  most: number,
  operations: number,
  print: Printer | undefined,
): Message {
  return { name, count, most, operations, print };
}

function bits(...operations: readonly number[]): number {
  return operations.reduce((mask, operation) => mask | (1 << (operation - 1)), 0);
}

const MESSAGES: ReadonlyMap<number, Message> = new Map([
  [0x01, message("Association Setup", "any", 2, bits(11), selector)],
  [0x02, message("Association TearDown", "some", 1, 0, teardown)],
  [0x03, message("Config", "some", 15, bits(1, 2, 5, 12, 14), selector)],
  [0x04, message("Query", "some", 15, bits(7, 8), selector)],
  [0x05, message("Event Notification", "some", 1, bits(11), selector)],
  [0x06, message("Packet Redirect", "some", 15, 0, redirect)],
  [0x0f, message("HeartBeat", "none", 0, 0, undefined)],
  [0x11, message("Association Response", "some", 1, 0, association)],
  [0x13, message("Config Response", "some", 15, bits(3, 4, 6, 13), selector)],
  [0x14, message("Query Response", "some", 15, bits(9, 10), selector)],
]);
/** In the range of types, but none of them. */
const UNKNOWN_TYPES: ReadonlySet<number> = new Set([0x12]);

function flags(d: Dissector, value: number): void {
  const field = (place: number, width: number): number => (value >>> place) & ((1 << width) - 1);
  const named = (code: number, name: string | undefined, other: string): string =>
    `${name ?? other}(0x${hex(code)})`;
  const [ack, mode, atomicity, phase] = [field(30, 2), field(22, 2), field(21, 1), field(19, 2)];
  d.text += `\n\tForCES flags:\n\t  ${named(ack, ACKS.get(ack), "ACKUnknown")}, prio=${field(27, 3)}`;
  d.text += `, ${named(mode, EXECUTION_MODES.get(mode), "EMUnknown")}`;
  d.text += `,\n\t  ${named(atomicity, ATOMICITY.get(atomicity), "ATUnknown")}`;
  d.text += `, ${named(phase, TRANSACTION_PHASES.get(phase), "TPUnknown")}\n`;
  d.text += `\t  Extra flags: rsv(b5-7) 0x${hex(field(24, 3))} rsv(b13-31) 0x${hex(value & 0x7ffff)}\n`;
}

/** False if something is wrong, which was said. */
function topLevel(d: Dissector, start: number, total: number, kind: Message): boolean {
  let left = total - HEADER_LENGTH;
  if (left > TLV_HEADER) {
    if (kind.count === "none") {
      d.text += "<0x1>Illegal Top level TLV!\n";
      return false;
    }
  } else {
    if (kind.count === "any") return true;
    if (kind.count === "some") {
      d.text += "\tTop level TLV Data missing!\n";
      return false;
    }
  }
  if (kind.count === "none") return true;
  let at = start + HEADER_LENGTH;
  for (let seen = 0; left !== 0 && seen < kind.most; seen++) {
    const [type, length] = [d.u16(at), d.u16(at + 2)];
    if (tlvFault(length, left) !== 0) break;
    if (!isTopLevel(type)) {
      d.text += `\n\tInvalid ForCES Top TLV type=0x${hex(type)}`;
      return false;
    }
    if (d.verbose >= 3) {
      d.text += `\t${tlvName(type)}, length ${length} (data length ${length - TLV_HEADER} Bytes)`;
    }
    if (kind.print?.(d, at + TLV_HEADER, length, kind.operations, INDENT) === false) return false;
    at += roundedUp(length);
    left -= roundedUp(length);
  }
  if (left === 0) return true;
  d.text += `\tMess TopTLV header: min ${TLV_HEADER}, total ${left} advertised ${d.u16(at + 2)} `;
  return false;
}

/** False if something is wrong, which was said. */
function printed(d: Dissector, at: number, length: number): boolean {
  const type = d.u8(at + 1);
  const kind = MESSAGES.get(type);
  if (kind === undefined) {
    if (UNKNOWN_TYPES.has(type)) d.text += `\n\tUnknown ForCES message type=0x${hex(type)}`;
    else d.text += `Invalid ForCES message type ${type}\n`;
    return false;
  }
  d.text += `\n\tForCES ${kind.name} `;
  const announced = d.u16(at + 2) * 4;
  if (announced < HEADER_LENGTH || announced !== length) {
    d.text += `Illegal ForCES pkt len - min ${HEADER_LENGTH}, total recvd ${length}, advertised ${announced} `;
    return false;
  }
  const value = d.u32(at + 20);
  if (d.verbose >= 1) {
    const [source, destination] = [d.u32(at + 4), d.u32(at + 8)];
    d.text += `\n\tForCES Version ${d.u8(at) >>> 4} len ${announced}B flags 0x${hex8(value)} `;
    d.text += `\n\tSrcID 0x${hex(source)}(${elementKind(source)}) DstID 0x${hex(destination)}(${elementKind(destination)})`;
    d.text += ` Correlator 0x${d.u64(at + 12).toString(16)}`;
  }
  if (d.verbose >= 2) flags(d, value);
  return topLevel(d, at, announced, kind);
}

export function forces(d: Dissector, at: number, length: number): void {
  d.protocol = "forces";
  if (!d.has(at, HEADER_LENGTH)) return d.truncated();
  if (!printed(d, at, length)) {
    hexOrTruncated(d, "\n\t[", at, length);
    d.text += "\n\t]";
    return;
  }
  if (d.verbose >= 4) {
    d.text += "\n\t  Raw ForCES message\n\t [";
    hexOrTruncated(d, "\n\t ", at, length);
    d.text += "\n\t ]";
  }
}

// The connectionless network protocol (ISO 8473).

import type { Dissector } from "../dissector.ts";
import { unknownData } from "../hexdump.ts";
import { NameTable } from "../names.ts";
import { hex, hex4 } from "../numbers.ts";
import { nsap } from "./address.ts";
import { checksumText } from "./checksum.ts";
import { DISCARD_CLASSES, DISCARD_REASONS } from "./discard-names.ts";

const HEADER_LENGTH = 9;
const SEGMENT_LENGTH = 6;
const VERSION = 1;
const CLNP = 0x81;
const [ERROR_REPORT, ECHO_RESPONSE] = [1, 31] as const;

const PDUS = new NameTable([
  [1, "Error Report"],
  [29, "MD"],
  [28, "Data"],
  [30, "Echo Request"],
  [31, "Echo Response"],
]);

const FLAGS = new NameTable([
  [0x80, "Segmentation permitted"],
  [0x40, "more Segments"],
  [0x20, "request Error Report"],
]);

const OPTIONS = new NameTable([
  [193, "Discard Reason"],
  [205, "Priority"],
  [195, "QoS Maintenance"],
  [197, "Security"],
  [200, "Source Routing"],
  [203, "Route Recording"],
  [204, "Padding"],
]);

const SCOPES = new NameTable([
  [0x40, "Source Address Specific"],
  [0x80, "Destination Address Specific"],
  [0xc0, "Globally unique"],
]);

const QUALITY = new NameTable([
  [0x20, "reserved"],
  [0x10, "sequencing vs. delay"],
  [0x08, "congested"],
  [0x04, "delay vs. cost"],
  [0x02, "error vs. delay"],
  [0x01, "error vs. cost"],
]);

/** The captured bytes in capitals, as faults of the length show them. */
export function allBytes(d: Dissector, at: number): string {
  return d.hexBytes(at, d.available(at)).toUpperCase();
}

/** False if the whole is to be shown as hex. */
export function clnp(d: Dissector, start: number, length: number): boolean {
  let shown = true;
  d.untilCut(() => (shown = pdu(d, start, length)));
  return shown;
}

function pdu(d: Dissector, start: number, length: number): boolean {
  d.protocol = "clnp";
  d.need(start, HEADER_LENGTH);
  const indicator = d.u8(start + 1);
  if (!d.linkHeaders) d.text += "CLNP";
  const version = d.u8(start + 2);
  const wrong = (text: string): false => {
    d.text += text;
    return false;
  };
  if (version !== VERSION) return wrong(`version ${version} packet not supported`);
  if (indicator > length) return wrong(` length indicator(${indicator}) > PDU size (${length})!`);
  if (indicator < HEADER_LENGTH) {
    return wrong(` length indicator ${indicator} < min PDU size:${allBytes(d, start)}`);
  }
  const type = d.u8(start + 4) & 0x1f;
  const flags = d.u8(start + 4) & 0xe0;
  let at = start + HEADER_LENGTH;
  let left = indicator - HEADER_LENGTH;
  const addresses: { readonly at: number; readonly length: number }[] = [];
  for (let count = 0; count < 2; count++) {
    if (left < 1) return wrong("li < size of fixed part of CLNP header and addresses");
    const size = d.u8(at++);
    left--;
    if (left < size) return wrong("li < size of fixed part of CLNP header and addresses");
    d.need(at, size);
    addresses.push({ at, length: size });
    at += size;
    left -= size;
  }
  const [destination = { at, length: 0 }, source = { at, length: 0 }] = addresses;
  const comma = d.linkHeaders ? "" : ", ";
  const name = PDUS.get(type) ?? `unknown (${type})`;
  if (d.verbose < 1) {
    d.text += `${comma}${nsap(d, source.at, source.length)} > ${nsap(d, destination.at, destination.length)}, ${name}, length ${length}`;
    return true;
  }
  const lifetime = d.u8(start + 3);
  const sum = d.u16(start + 7);
  d.text += `${comma}length ${length}\n\t${name} PDU, hlen: ${indicator}, v: ${version}, lifetime: ${lifetime >>> 1}.${(lifetime & 1) * 5}s`;
  d.text += `, Segment PDU length: ${d.u16(start + 5)}, checksum: 0x${hex4(sum)}`;
  checksumText(d, start, sum, 7, indicator);
  d.text += `\n\tFlags [${FLAGS.bits(flags, "none")}]`;
  d.text += `\n\tsource address (length ${source.length}): ${nsap(d, source.at, source.length)}`;
  d.text += `\n\tdest   address (length ${destination.length}): ${nsap(d, destination.at, destination.length)}`;
  if ((flags & 0x80) !== 0) {
    if (left < SEGMENT_LENGTH) {
      return wrong("li < size of fixed part of CLNP header, addresses, and segment part");
    }
    d.need(at, SEGMENT_LENGTH);
    d.text += `\n\tData Unit ID: 0x${hex4(d.u16(at))}, Segment Offset: ${d.u16(at + 2)}, Total PDU Length: ${d.u16(at + 4)}`;
    at += SEGMENT_LENGTH;
    left -= SEGMENT_LENGTH;
  }
  if (!options(d, at, left)) return false;
  at += left;
  if ((type === ERROR_REPORT || type === ECHO_RESPONSE) && d.u8(at) === CLNP) {
    d.text += "\n\t-----original packet-----\n\t";
    clnp(d, at, length - indicator);
    return true;
  }
  if (length > at - start) {
    d.text += `\n\t  undecoded non-header data, length ${length - indicator}`;
    unknownData(d, at, "\n\t  ", length - (at - start));
  }
  return true;
}

/** False if one is wrong. */
function options(d: Dissector, start: number, total: number): boolean {
  let at = start;
  let left = total;
  while (left > 0) {
    if (left < 2) {
      d.text += ", bad opts/li";
      return false;
    }
    const type = d.u8(at);
    const length = d.u8(at + 1);
    at += 2;
    left -= 2;
    if (length > left) {
      d.text += `, opt (${type}) too long`;
      return false;
    }
    d.need(at, length);
    left -= length;
    d.text += `\n\t  ${OPTIONS.get(type) ?? "Unknown"} Option #${type}, length ${length}, value: `;
    if (!option(d, type, at, length)) {
      d.text += ", bad opt len";
      return false;
    }
    if (d.verbose > 1) unknownData(d, at, "\n\t  ", length);
    at += length;
  }
  return true;
}

/** False if its length is wrong. */
function option(d: Dissector, type: number, at: number, length: number): boolean {
  switch (type) {
    case 203:
    case 200:
      if (length < 2) return false;
      route(d, type, at, length);
      return true;
    case 205:
      if (length < 1) return false;
      d.text += `0x${hex(d.u8(at) & 0x0f)}`;
      return true;
    case 195: {
      if (length < 1) return false;
      const value = d.u8(at);
      d.text += `\n\t    Format Code: ${SCOPES.get(value & 0xc0) ?? "Reserved"}`;
      if ((value & 0xc0) === 0xc0) d.text += `\n\t    QoS Flags [${QUALITY.bits(value & 0x3f, "none")}]`;
      return true;
    }
    case 197:
      if (length < 2) return false;
      d.text += `\n\t    Format Code: ${SCOPES.get(d.u8(at) & 0xc0) ?? "Reserved"}, Security-Level ${d.u8(at + 1)}`;
      return true;
    case 193: {
      if (length < 1) return false;
      const [major, minor] = [d.u8(at) >>> 4, d.u8(at) & 0x0f];
      d.text += `\n\t    Class: ${DISCARD_CLASSES.get(major) ?? "Unknown"} Error (0x${hex(major)}), ${DISCARD_REASONS.get(major)?.[minor] ?? "Unknown"} (0x${hex(minor)})`;
      return true;
    }
    case 204:
      d.text += "padding data";
      return true;
    default:
      unknownData(d, at, "\n\t  ", length);
      return true;
  }
}

/** Source routing and recording of the route: addresses from an offset on. */
function route(d: Dissector, type: number, start: number, length: number): void {
  const mode = d.u8(start);
  d.text += `${mode === 0 ? "partial" : mode === 1 ? "complete" : "Unknown"} ${type === 200 ? "source routing" : "recording of route in progress"}`;
  let offset = d.u8(start + 1);
  if (offset === 0) {
    d.text += " Bad NSAP offset (0)";
    return;
  }
  offset--;
  if (offset > length) {
    d.text += " Bad NSAP offset (past end of option)";
    return;
  }
  const at = start + offset;
  for (let left = length - offset; left > 0;) {
    // Each address is read where the first one is, as the original does.
    const size = d.u8(at);
    if (left < size + 1) {
      d.text += "\n\t    NSAP address goes past end of option";
      return;
    }
    if (size > 0) d.text += `\n\t    NSAP address (length ${size}): ${nsap(d, at + 1, size)}`;
    left -= size + 1;
  }
}

// Ethernet II and IEEE 802.3 frames with their VLAN tags (IEEE 802.1Q, 802.1ad).

import type { Dissector } from "./dissector.ts";
import { ETHERTYPES } from "./ethernet-names.ts";
import { aristaTag } from "./arista.ts";
import { hexAndAscii } from "./hexdump.ts";
import { securityTag } from "./macsec.ts";
import { hex4 } from "./numbers.ts";
import { printsUnknown } from "./options.ts";

const HEADER_LENGTH = 14;
const TAG_LENGTH = 4;
/** Above it, the field is a type (IEEE 802.3 clause 3.2.6). */
export const MAX_LENGTH_VALUE = 1500;
const JUMBO = 0x8870;
const ARISTA = 0xd28b;
const MACSEC = 0x88e5;
const TAG_TYPES: ReadonlySet<number> = new Set([0x8100, 0x9100, 0x9200, 0x88a8]);

/** "vlan 5, p 3, DEI" of a tag. */
export function tagText(tci: number): string {
  return `vlan ${tci & 0xfff}, p ${tci >>> 13}${(tci & 0x1000) === 0 ? "" : ", DEI"}`;
}

function addresses(d: Dissector, at: number): string {
  return `${d.mac(at + 6)} > ${d.mac(at)}, `;
}

function typeText(d: Dissector, type: number): string {
  if (d.quiet === 0) return `ethertype ${ETHERTYPES.get(type) ?? "Unknown"} (0x${hex4(type)})`;
  return ETHERTYPES.get(type) ?? `Unknown Ethertype (0x${hex4(type)})`;
}

/** Hex of a payload that nobody knows, unless options forbid it. */
export function defaultPrint(d: Dissector, at: number, captured: number): void {
  if (printsUnknown(d.options)) hexAndAscii(d, "\n\t", at, captured);
}

/** Prints the payload of LLC; returns the length of the LLC header. */
export function llcPayload(
  d: Dissector,
  at: number,
  length: number,
  captured: number,
  source: number,
  destination: number,
): number {
  const header = d.layers.llc(d, at, length, captured, source, destination);
  if (header >= 0) return header;
  defaultPrint(d, at, captured);
  return -header;
}

/** See `Layers.ethernet`. `tagLength`: bytes of a switch tag between addresses and type, printed by `printTag`. */
export function ethernet(
  d: Dissector,
  start: number,
  frameLength: number,
  frameCaptured: number,
  encapsulation?: () => void,
  tagLength = 0,
  printTag?: (at: number) => void,
): number {
  if (tagLength === 0) d.protocol = "ether";
  const headerLength = HEADER_LENGTH + tagLength;
  if (frameLength < frameCaptured) {
    d.text += `[length ${frameLength} < caplen ${frameCaptured}]`;
    d.invalid();
    return frameLength;
  }
  if (frameCaptured < headerLength) {
    d.truncated();
    return frameCaptured;
  }
  let at = start;
  encapsulation?.();
  if (d.linkHeaders) d.text += addresses(d, at);
  const [source, destination] = [at + 6, at];
  at += headerLength - 2;
  printTag?.(at - tagLength);
  let type = d.u16(at);
  at += 2;
  let headers = headerLength;
  /** The frame's length stands after the first type that is printed, a comma after later ones. */
  let printedLength = false;
  const printType = (): void => {
    d.text += typeText(d, type) + (printedLength ? ", " : `, length ${frameLength}: `);
    printedLength = true;
  };
  const printUnknown = (captured: number): void => {
    if (!d.linkHeaders) d.text += `${addresses(d, start)}${typeText(d, type)}, length ${frameLength}: `;
    defaultPrint(d, at, captured);
  };
  /** Less than the frame's if something stands behind the payload. */
  let [total, seen] = [frameLength, frameCaptured];
  /** A security tag is looked for in front of VLAN tags only. */
  let tagged = false;
  for (;;) {
    const length = total - headers;
    const captured = seen - headers;
    if (type === MACSEC && !tagged) {
      if (d.linkHeaders) printType();
      tagged = true;
      const tag = securityTag(d, at, length, captured, start);
      if (tag.kind === "broken") return headers + captured;
      at += tag.size;
      headers += tag.size;
      if (tag.kind === "encrypted") {
        defaultPrint(d, at, captured - tag.size);
        return headers;
      }
      if (tag.captured < 2) {
        d.text += ` [caplen ${tag.captured} < 2]`;
        return headers;
      }
      total = headers + tag.length;
      seen = headers + tag.captured;
      type = d.u16(at);
      at += 2;
      headers += 2;
    } else if (TAG_TYPES.has(type)) {
      if (captured < TAG_LENGTH || length < TAG_LENGTH) {
        d.protocol = "vlan";
        d.truncated();
        return headers + Math.min(captured, length);
      }
      if (d.linkHeaders) {
        printType();
        d.text += `${tagText(d.u16(at))}, `;
      }
      tagged = true;
      type = d.u16(at + 2);
      at += TAG_LENGTH;
      headers += TAG_LENGTH;
    } else if (type === ARISTA) {
      if (captured < 2 || length < 2) {
        d.protocol = "arista";
        d.text += "[|arista]";
        return headers + Math.min(captured, length);
      }
      d.text += `${typeText(d, type)}, length ${frameLength}: `;
      const size = aristaTag(d, at);
      if (size === undefined) {
        printUnknown(captured);
        return headers;
      }
      tagged = false;
      type = d.u16(at + size);
      at += size + 2;
      headers += size + 2;
    } else break;
  }
  const length = total - headers;
  const captured = seen - headers;
  if (type <= MAX_LENGTH_VALUE) {
    if (d.linkHeaders) d.text += printedLength ? "802.3" : `802.3, length ${Math.min(length, type)}: `;
    return lengthPayload(d, at, length, captured, type, headers, source, destination);
  }
  if (type === JUMBO) return headers + llcPayload(d, at, length, captured, source, destination);
  if (d.linkHeaders) printType();
  if (d.layers.ethertype(d, type, at, length, captured, source, destination)) return headers;
  printUnknown(captured);
  return headers;
}

/** The payload of an 802.3 frame ends where its length field says; what follows is padding. */
function lengthPayload(
  d: Dissector,
  at: number,
  length: number,
  captured: number,
  field: number,
  headers: number,
  source: number,
  destination: number,
): number {
  const { end } = d;
  const bounded = Math.min(length, field);
  if (at + bounded < d.end) d.end = at + bounded;
  const header = llcPayload(d, at, bounded, Math.min(captured, bounded), source, destination);
  d.end = end;
  return headers + header;
}

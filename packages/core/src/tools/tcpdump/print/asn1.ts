// ASN.1 in the encoding of X.690 (BER), as far as SNMP needs it: one element at a time.

import type { Dissector } from "./dissector.ts";
import { ABBREVIATIONS, childName, ROOT_OBJECT } from "./snmp-object-names.ts";

/** Names of ids by class: universal, application, context, private. */
const NAMES: readonly (readonly string[])[] = [
  ["U-0", "Boolean", "Integer", "Bitstring", "String", "Null", "ObjID", "ObjectDes", "U-8", "U-9", "U-10", "U-11",
    "U-12", "U-13", "U-14", "U-15", "Sequence", "Set"],
  ["IpAddress", "Counter", "Gauge", "TimeTicks", "Opaque", "C-5", "Counter64"],
  ["GetRequest", "GetNextRequest", "GetResponse", "SetRequest", "Trap", "GetBulk", "Inform", "V2Trap", "Report"],
  ["P-0"],
]; // prettier-ignore
const EXCEPTIONS = ["noSuchObject", "noSuchInstance", "endOfMibView"];
const [UNIVERSAL, APPLICATION, CONTEXT] = [0, 1, 2] as const;
/** The tag goes on in the bytes that follow. */
const EXTENDED_TAG = 0x1f;
/** 1.3.x and the like: first number times 40 plus the second (X.690 section 8.19.4). */
const FIRST_ARC = 40;

export type Kind =
  "any" | "octets" | "null" | "oid" | "integer" | "unsigned" | "unsigned64" | "string" | "sequence" | "address" |
  "exception" | "pdu"; // prettier-ignore

export interface Element {
  readonly kind: Kind;
  readonly id: number;
  /** Of the value. */
  readonly at: number;
  readonly length: number;
  /** Bytes with tag and length. */
  readonly size: number;
  /** Of integers. */
  readonly value: number;
}

function integer(d: Dissector, at: number, length: number): number {
  let value = (d.u8(at) & 0x80) === 0 ? 0 : -1;
  for (let index = 0; index < length; index++) value = (value << 8) | d.u8(at + index);
  return value;
}

/** What an element is. Prints what is odd about it; undefined if nothing can be made of it. */
function kindOf(
  d: Dissector,
  isConstructed: boolean,
  class_: number,
  id: number,
  length: number,
): Kind | undefined {
  const name = NAMES[class_]?.[id] ?? "";
  if (isConstructed) {
    if (class_ === UNIVERSAL && id === 16) return "sequence";
    if (class_ === CONTEXT) return "pdu";
    d.text += class_ === UNIVERSAL ? `C/U/${name}` : `C/x/${name}`;
    return "octets";
  }
  if (class_ === UNIVERSAL) {
    if (id === 4) return "string";
    if (id === 5) return "null";
    if (id === 6) return "oid";
    if (id === 2) {
      if (length > 0) return "integer";
      d.text += "[asnlen=0]";
      return undefined;
    }
    d.text += `[P/U/${name}]`;
    return "octets";
  }
  if (class_ === APPLICATION) {
    if (id === 0) return "address";
    if (id <= 3) return "unsigned";
    if (id === 6) return "unsigned64";
    d.text += `[P/A/${name}]`;
    return "octets";
  }
  if (class_ === CONTEXT) return id <= 2 ? "exception" : "any";
  d.text += `[P/x/${name}]`;
  return "octets";
}

/** The next element within `total` bytes; undefined, with a complaint, if there is none. */
export function parse(d: Dissector, start: number, total: number): Element | undefined {
  const fail = (complaint: string): undefined => {
    d.text += complaint;
    return undefined;
  };
  if (total < 1) return fail("[nothing to parse]");
  const first = d.u8(start);
  let at = start + 1;
  let left = total - 1;
  let id = first & EXTENDED_TAG;
  if (id === EXTENDED_TAG) {
    id = 0;
    for (;;) {
      const byte = d.u8(at);
      if (left < 1) return fail("[Xtagfield?]");
      // Kept in a byte, as tcpdump does.
      id = ((id << 7) | (byte & 0x7f)) & 0xff;
      at++;
      left--;
      if ((byte & 0x80) === 0) break;
    }
  }
  if (left < 1) return fail("[no asnlen]");
  let length = d.u8(at);
  at++;
  left--;
  if ((length & 0x80) !== 0) {
    const octets = length & 0x7f;
    if (left < octets) return fail(`[asnlen? ${left}<${octets}]`);
    d.need(at, octets);
    length = 0;
    for (let index = 0; index < octets; index++) length = ((length << 8) | d.u8(at + index)) >>> 0;
    at += octets;
    left -= octets;
  }
  if (left < length) return fail(`[len${left}<asnlen${length}]`);
  const isConstructed = (first & 0x20) !== 0;
  const class_ = first >>> 6;
  // The name of the class is "x": a macro of tcpdump puts its parameter's name there.
  if (id >= (NAMES[class_]?.length ?? 0)) return fail(`[id?${isConstructed ? "C" : "P"}/x/${id}]`);
  d.need(at, length);
  const kind = kindOf(d, isConstructed, class_, id, length);
  if (kind === undefined) return undefined;
  const value = kind === "integer" ? integer(d, at, length) : 0;
  return { kind, id, at, length, size: at + length - start, value };
}

export function printOctets(d: Dissector, { at, length }: Element): void {
  for (let index = 0; index < length; index++) d.text += `_${d.hexBytes(at + index, 1)}`;
}

export function printString(d: Dissector, { at, length }: Element): void {
  let isPrintable = true;
  for (let index = 0; index < length && isPrintable; index++) {
    const byte = d.u8(at + index);
    isPrintable = byte >= 0x20 && byte < 0x7f;
  }
  if (!isPrintable) {
    d.text += d.hexBytes(at, length, "_");
    return;
  }
  d.text += '"';
  d.characters(at, length);
  d.text += '"';
}

function objectIdentifier(d: Dissector, element: Element): void {
  let { at, length } = element;
  // The object whose children have names; undefined where nothing is known, and with -n.
  let object = d.options.numeric ? undefined : ROOT_OBJECT;
  let isFirst = true;
  let dot = ".";
  const abbreviation = object === undefined || length <= 2 ? undefined : abbreviated(d, at, length);
  if (abbreviation !== undefined) {
    const [arcs, prefix] = abbreviation;
    d.text += prefix;
    object = abbreviation[2];
    isFirst = false;
    dot = "";
    at += arcs.length;
    length -= arcs.length;
  }
  const print = (arc: number): void => {
    const name = object === undefined ? undefined : childName(object, arc);
    d.text += `${dot}${name ?? arc}`;
    object = name;
    dot = ".";
  };
  let arc = 0;
  for (let index = 0; index < length; index++) {
    const byte = d.u8(at + index);
    arc = ((arc << 7) + (byte & 0x7f)) >>> 0;
    if ((byte & 0x80) !== 0) continue;
    if (isFirst) {
      const root = Math.min(2, Math.floor(arc / FIRST_ARC));
      print(root);
      arc = (arc - root * FIRST_ARC) >>> 0;
      isFirst = false;
    }
    print(arc);
    arc = 0;
  }
}

function abbreviated(d: Dissector, at: number, length: number): (typeof ABBREVIATIONS)[number] | undefined {
  return ABBREVIATIONS.find(
    ([arcs]) => arcs.length <= length && arcs.every((arc, index) => d.u8(at + index) === arc),
  );
}

function unsigned(d: Dissector, { at, length }: Element, bits: number): bigint {
  let value = 0n;
  for (let index = 0; index < length; index++)
    value = BigInt.asUintN(bits, (value << 8n) + BigInt(d.u8(at + index)));
  return value;
}

export function printElement(d: Dissector, element: Element): void {
  const { kind, id, at, length } = element;
  switch (kind) {
    case "octets":
      return printOctets(d, element);
    case "null":
      return;
    case "oid":
      return objectIdentifier(d, element);
    case "integer":
      d.text += String(element.value);
      return;
    case "unsigned":
      d.text += String(unsigned(d, element, 32));
      return;
    case "unsigned64":
      d.text += String(unsigned(d, element, 64));
      return;
    case "string":
      return printString(d, element);
    case "sequence":
      d.text += `Seq(${length})`;
      return;
    case "address":
      if (length !== 4) d.text += "[inetaddr len!=4]";
      for (let index = 0; index < length; index++) d.text += `${index === 0 ? "" : "."}${d.u8(at + index)}`;
      return;
    case "exception":
      d.text += `[${EXCEPTIONS[id] ?? ""}]`;
      return;
    case "pdu":
      d.text += `${NAMES[CONTEXT]?.[id] ?? ""}(${length})`;
      return;
    case "any":
      d.text += "[BE_ANY!?]";
  }
}

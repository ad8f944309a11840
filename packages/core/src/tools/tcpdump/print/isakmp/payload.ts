// What payloads of both versions of IKE share: their header, bytes, attributes, and how what is cut off is told.

import type { Dissector } from "../dissector.ts";
import type { AttributeNames } from "./names.ts";
import { named, PAYLOADS } from "./names.ts";

/** Bytes of next payload, flags and length. */
export const HEADER_LENGTH = 4;

/** Thrown where tcpdump prints the payload's own label and gives up the list of payloads. */
export const CUT_OFF = Symbol("cut off");

/** Prints a payload. Returns the offset after it; undefined if nothing may follow. */
export type Payload = (d: Dissector, at: number, length: number, context: Context) => number | undefined;

export interface Context {
  readonly type: number;
  readonly phase: number;
  /** Protocol of the proposal around a transform. */
  readonly protocol: number;
  readonly depth: number;
  /** The printer of a payload inside this one. */
  readonly inner: (type: number) => Payload | undefined;
  /** What is encrypted; undefined if nobody has the key. */
  readonly plainText: (at: number, length: number) => Uint8Array | undefined;
}

export function need(d: Dissector, at: number, length: number): void {
  if (!d.has(at, length)) throw CUT_OFF;
}

/** Bytes in hex; CUT_OFF if they were not all captured. */
export function raw(d: Dissector, at: number, length: number): void {
  need(d, at, length);
  d.text += d.hexBytes(at, length);
}

/** The first bytes of what is left of the packet, and the last 20. */
export function someData(d: Dissector, at: number): void {
  const left = d.end - at;
  const shown = left < 0 || left > 10 ? 10 : left;
  const end = Math.max(d.end - 20, at + shown);
  d.text += " data=(";
  raw(d, at, shown);
  d.text += "...";
  if (d.end !== end) raw(d, end, d.end - end);
  d.text += ")";
}

export function indent(d: Dissector, depth: number): void {
  d.text += `\n${"    ".repeat(depth)}(`;
}

/** Prints an attribute of a transform. Returns the offset after it. */
export function attribute(d: Dissector, at: number, end: number, names: AttributeNames | undefined): number {
  const isShort = (d.u8(at) & 0x80) !== 0;
  const size = isShort ? 4 : 4 + d.u16(at + 2);
  if (end < at + size) {
    d.text += "[|attr]";
    return end + 1;
  }
  const type = d.u16(at) & 0x7fff;
  const [name, values] = names?.[type] ?? [""];
  d.text += `(type=${name === "" ? `#${type}` : name} `;
  const value = (place: number, length: number): void => {
    if (d.has(place, length)) d.text += `${d.hexBytes(place, length)})`;
    else {
      d.text += ")";
      throw CUT_OFF;
    }
  };
  if (!isShort) {
    d.text += `len=${size - 4} value=`;
    value(at + 4, size - 4);
  } else {
    const known = values?.[names === undefined ? 0 : d.u16(at + 2)];
    d.text += "value=";
    if (known) d.text += `${known})`;
    else value(at + 2, 2);
  }
  return at + size;
}

/** Attributes up to the end of the transform. */
export function attributes(
  d: Dissector,
  start: number,
  end: number,
  names: AttributeNames | undefined,
): number {
  let at = start;
  while (at < d.end && at < end) at = attribute(d, at, end, names);
  if (d.end < end) d.text += "...";
  return at;
}

/** Runs a payload's printer; what is cut off in it gets the label of its type. */
export function labelled(d: Dissector, type: number, print: () => number | undefined): number | undefined {
  try {
    return print();
  } catch (fault) {
    if (fault !== CUT_OFF) throw fault;
    d.text += ` [|${named(PAYLOADS, type)}]`;
    return undefined;
  }
}

/** Payloads one after another, each naming the next. Returns the offset after the last; undefined if they end early. */
export function payloads(
  d: Dissector,
  start: number,
  first: number,
  context: Omit<Context, "type">,
): number | undefined {
  let at = start;
  for (let type = first; type !== 0;) {
    if (!d.has(at, HEADER_LENGTH) || !d.has(at, d.u16(at + 2))) {
      d.text += ` [|${named(PAYLOADS, type)}]`;
      return undefined;
    }
    const length = d.u16(at + 2);
    const depth = context.depth + 1;
    indent(d, depth);
    let next: number | undefined;
    if (length > HEADER_LENGTH) {
      const printer = context.inner(type);
      if (printer === undefined) {
        d.text += named(PAYLOADS, type);
        next = at + length;
      } else next = labelled(d, labelOf(type), () => printer(d, at, length, { ...context, type, depth }));
    }
    d.text += ")";
    if (next === undefined) return undefined;
    type = d.u8(at);
    at = next;
  }
  return at;
}

const [NOTIFY_V2, NOTIFY] = [41, 11] as const;

/** A notification of IKEv2 is called as that of IKEv1. */
function labelOf(type: number): number {
  return type === NOTIFY_V2 ? NOTIFY : type;
}

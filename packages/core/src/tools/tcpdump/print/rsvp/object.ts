// What an object of RSVP is to its printers: by class, and by type within the class.

import type { Dissector } from "../dissector.ts";
import type { Message } from "../signature.ts";

/** Printed after the object, which ends the message. */
export const TOO_SHORT = "ERROR: object is too short";
export const SUBOBJECT_TOO_SHORT = "ERROR: sub-object is too short";
export const INVALID = "invalid";

/** "hexdump": its bytes are shown too; another text is a fault. */
export type Result =
  | typeof TOO_SHORT
  | typeof SUBOBJECT_TOO_SHORT
  | typeof INVALID
  | "ERROR: property TLV is too short"
  | "hexdump"
  | void;

export type ObjectPrinter = (
  d: Dissector,
  at: number,
  length: number,
  indent: string,
  message: Message,
) => Result;

/** Printers by type. */
export type ObjectClass = Readonly<Record<number, ObjectPrinter>>;

/** Refuses values that are shorter. */
export function from(least: number, print: ObjectPrinter): ObjectPrinter {
  return (d, at, length, indent, message) =>
    length < least ? TOO_SHORT : print(d, at, length, indent, message);
}

/** One line, or more with the indent in them. */
export function line(
  least: number,
  text: (d: Dissector, at: number, indent: string) => string,
): ObjectPrinter {
  return from(least, (d, at, _length, indent) => {
    d.text += `${indent}  ${text(d, at, indent)}`;
  });
}

/** Values of one size, as many as there are. */
export function each(size: number, text: (d: Dissector, at: number) => string): ObjectPrinter {
  return (d, start, length, indent) => {
    for (let at = start, left = length; left >= size; at += size, left -= size) {
      d.text += `${indent}  ${text(d, at)}`;
    }
  };
}

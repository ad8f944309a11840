/** A run of bits in a field, as `NXM_NX_REG0[0..15]`: what registers, learn, move and output:REG work on. */
import { codeFor, fieldByCodeName, fieldNamed } from "./fields.ts";
import type { Field } from "./fields.ts";

export interface Subfield {
  readonly field: Field;
  /** Lowest bit. */
  readonly offset: number;
  readonly bits: number;
}

/** Why a run of bits is none of its field's, as mf_check__() words it. @param role "source" or "destination" */
export function subfieldFault({ field, offset, bits }: Subfield, role: string): string | undefined {
  const { name, bits: width } = field;
  const exceeds = `exceeds ${width}-bit width of ${role} field ${name}`;
  if (bits === 0) return `zero bit slice of ${role} field ${name}`;
  if (offset >= width) return `bit offset ${offset} ${exceeds}`;
  return offset + bits > width ? `bit offset ${offset} and width ${bits} ${exceeds}` : undefined;
}

/** All of a field. */
export function wholeField(field: Field): Subfield {
  return { field, offset: 0, bits: field.bits };
}

/** `NXM_NX_REG0[]`, `NXM_NX_REG0[3]`, `NXM_NX_REG0[0..15]`; fields without a code point by their own name. */
export function formatSubfield({ field, offset, bits }: Subfield): string {
  const name = codeFor(field, 0)?.name ?? field.name;
  if (offset === 0 && bits === field.bits) return `${name}[]`;
  return bits === 1 ? `${name}[${offset}]` : `${name}[${offset}..${offset + bits - 1}]`;
}

/**
 * Reads a subfield from the start of `text`. The brackets may be left out if `text` ends with the name.
 * @returns the subfield and the rest of the text, or the error as Open vSwitch words it
 */
export function parseSubfieldPrefix(text: string): { subfield: Subfield; rest: string } | string {
  const nameLength = text.search(/[[-]/);
  const name = nameLength < 0 ? text : text.slice(0, nameLength);
  const field = fieldByCodeName(name)?.field ?? fieldNamed(name);
  if (!field) return `${text}: unknown field \`${name}'`;
  const after = text.slice(name.length);
  if (!after.startsWith("[")) return { subfield: wholeField(field), rest: after };
  const match = /^\[(?:(\d+)(?:\.\.(\d+))?)?\]/.exec(after);
  if (!match) return `${text}: syntax error expecting [] or [<bit>] or [<start>..<end>]`;
  const start = Number(match[1] ?? 0);
  const end = match[2] === undefined ? (match[1] === undefined ? field.bits - 1 : start) : Number(match[2]);
  if (start > end) return `${text}: starting bit ${start} is after ending bit ${end}`;
  if (start >= field.bits) {
    return `${text}: starting bit ${start} is not valid because field is only ${field.bits} bits wide`;
  }
  if (end >= field.bits) {
    return `${text}: ending bit ${end} is not valid because field is only ${field.bits} bits wide`;
  }
  return {
    subfield: { field, offset: start, bits: end - start + 1 },
    rest: after.slice(match[0].length),
  };
}

/** As `parseSubfieldPrefix`, for a text that holds nothing else. */
export function parseSubfield(text: string): Subfield | string {
  const parsed = parseSubfieldPrefix(text);
  if (typeof parsed === "string") return parsed;
  return parsed.rest === "" ? parsed.subfield : "unexpected input following field syntax";
}

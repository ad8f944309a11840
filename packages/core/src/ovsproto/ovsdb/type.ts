// Types of columns (RFC 7047, 3.2 <type>): a base type for keys, maybe one for values, how many there may be, and which
// atoms they allow. Their JSON is in type-json.ts.

import { formatReal } from "../json.ts";
import type { Atom, AtomicType } from "./atom.ts";
import { compareAtoms, formatAtom } from "./atom.ts";
import type { Datum } from "./datum.ts";
import { OvsdbError } from "./error.ts";

export interface BaseType {
  readonly type: AtomicType;
  /** The only values that are allowed, as a set. */
  readonly enum?: Datum;
  /** minInteger or minReal. */
  readonly minimum?: number | bigint;
  readonly maximum?: number | bigint;
  /** Code points. */
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly refTable?: string;
  readonly refType?: "strong" | "weak";
}

export interface ColumnType {
  readonly key: BaseType;
  /** Present if it is a map. */
  readonly value?: BaseType;
  readonly min: 0 | 1;
  readonly max: number;
}

/** "unlimited". */
export const UNLIMITED = 0xffff_ffff;

export function scalar(type: AtomicType): ColumnType {
  return { key: { type }, min: 1, max: 1 };
}

/** A type without its constraints, for operands that need not satisfy them. */
export function setOf(type: ColumnType, min: 0 | 1, max: number): ColumnType {
  return { ...type, min, max };
}

export function isMap(type: ColumnType): boolean {
  return type.value !== undefined;
}

export function isScalar(type: ColumnType): boolean {
  return type.value === undefined && type.min === 1 && type.max === 1;
}

function violation(message: string): OvsdbError {
  return new OvsdbError("constraint violation", message);
}

/** False if `checkAtom` refuses nothing of the type. */
export function isConstrained(base: BaseType): boolean {
  return (
    base.enum !== undefined ||
    base.minimum !== undefined ||
    base.maximum !== undefined ||
    base.minLength !== undefined ||
    base.maxLength !== undefined
  );
}

/** Refuses an atom that its type does not allow. References are checked when the transaction is committed. */
export function checkAtom(base: BaseType, atom: Atom): void {
  const { minimum, maximum } = base;
  if (base.enum && !base.enum.keys.includes(atom)) {
    const allowed = base.enum.keys.map((key) => formatAtom(base.type, key)).join(", ");
    throw violation(`${formatAtom(base.type, atom)} is not one of the allowed values ([${allowed}])`);
  }
  if (base.type === "string") {
    const text = atom as string;
    const { minLength = 0, maxLength = UNLIMITED } = base;
    const length = maxLength < UNLIMITED || minLength > 0 ? [...text].length : 0;
    if (length < minLength) {
      throw violation(`"${text}" length ${length} is less than minimum allowed length ${minLength}`);
    }
    if (length > maxLength) {
      throw violation(`"${text}" length ${length} is greater than maximum allowed length ${maxLength}`);
    }
    return;
  }
  if (minimum === undefined && maximum === undefined) return;
  const show = (value: Atom): string => (base.type === "real" ? formatReal(value as number) : String(value));
  const low = minimum !== undefined && compareAtoms(atom, minimum) < 0;
  const high = maximum !== undefined && compareAtoms(atom, maximum) > 0;
  if (!low && !high) return;
  if (minimum !== undefined && maximum !== undefined) {
    throw violation(
      `${show(atom)} is not in the valid range ${show(minimum)} to ${show(maximum)} (inclusive)`,
    );
  }
  if (minimum !== undefined && low) {
    throw violation(`${show(atom)} is less than minimum allowed value ${show(minimum)}`);
  }
  if (maximum !== undefined) {
    throw violation(`${show(atom)} is greater than maximum allowed value ${show(maximum)}`);
  }
}

/** A type in words: "set of up to 2 integers". */
export function typeToEnglish(type: ColumnType): string {
  if (isScalar(type)) return type.key.type;
  const least = type.min > 0;
  const count =
    type.max === UNLIMITED
      ? least
        ? ` of ${type.min} or more`
        : " of"
      : least
        ? ` of ${type.min} to ${type.max}`
        : ` of up to ${type.max}`;
  return type.value
    ? `map${count} (${type.key.type}, ${type.value.type}) pairs`
    : `set${count} ${type.key.type}s`;
}

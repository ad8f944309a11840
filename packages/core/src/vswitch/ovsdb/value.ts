// Values of columns as programs write them: plain numbers, strings and booleans, arrays for sets, maps or objects for
// maps, and undefined for what is absent. UUIDs are strings. What a value means follows from the type of the column.

import type { Atom, AtomicType } from "../../ovsproto/ovsdb/atom.ts";
import type { Datum } from "../../ovsproto/ovsdb/datum.ts";
import { checkDatum, mapGet, sortedDatum, uniqueDatum } from "../../ovsproto/ovsdb/datum.ts";
import { OvsdbError } from "../../ovsproto/ovsdb/error.ts";
import type { ColumnType } from "../../ovsproto/ovsdb/type.ts";
import type { Row } from "../../ovsdb/database.ts";
import { Database } from "../../ovsdb/database.ts";

export type Value =
  Atom | undefined | readonly Atom[] | ReadonlyMap<Atom, Atom> | { readonly [key: string]: Atom };

/** Errors: OvsdbError for what the column may not hold. */
export function toDatum(type: ColumnType, value: Value): Datum {
  const datum = unchecked(type, value);
  const size = datum.keys.length;
  if (size < type.min || size > type.max) {
    throw new OvsdbError(
      "constraint violation",
      `${size} elements where ${type.min} to ${type.max} are allowed`,
    );
  }
  checkDatum(type, datum);
  return datum;
}

function unchecked(type: ColumnType, value: Value): Datum {
  if (value === undefined) return type.value ? { keys: [], values: [] } : { keys: [] };
  if (type.value) {
    if (typeof value !== "object") throw new Error("a map is needed");
    const pairs =
      value instanceof Map ? [...value] : Object.entries(value as { readonly [key: string]: Atom });
    const keys = pairs.map(([key]) => keyOf(type.key.type, key as Atom));
    const datum = sortedDatum(
      keys,
      pairs.map(([, element]) => element as Atom),
    );
    if (!datum) throw new Error("a key is there twice");
    return datum;
  }
  if (Array.isArray(value)) return uniqueDatum(value as readonly Atom[]);
  if (typeof value === "object") throw new Error("a set is needed");
  return { keys: [value] };
}

/**
 * True if a column holds this value already, as most of what a daemon writes does. False may also mean that the elements are in
 * another order.
 */
export function holdsValue({ keys, values }: Datum, value: Value): boolean {
  if (value === undefined) return keys.length === 0;
  if (typeof value !== "object") return values === undefined && keys.length === 1 && keys[0] === value;
  if (Array.isArray(value)) {
    return keys.length === value.length && keys.every((key, at) => key === (value as readonly Atom[])[at]);
  }
  if (value instanceof Map) return false;
  const names = Object.keys(value);
  const elements = value as { readonly [key: string]: Atom };
  return (
    names.length === keys.length &&
    names.every((name, at) => keys[at] === name && values?.[at] === elements[name])
  );
}

/** Names of an object's members are text; keys may be numbers. */
function keyOf(type: AtomicType, key: Atom): Atom {
  return (type === "integer" || type === "real") && typeof key === "string" ? Number(key) : key;
}

/** A row's columns in the types that programs use. A column of another sort than asked for is a bug, and throws. */
export class RowView {
  readonly row: Row;

  constructor(row: Row) {
    this.row = row;
  }

  get uuid(): string {
    return this.row.uuid;
  }

  datum(column: string): Datum {
    return this.row.values.get(column) ?? Database.value(this.row, column);
  }

  /** The first string; undefined if there is none. */
  string(column: string): string | undefined {
    const atom = this.datum(column).keys[0];
    return atom === undefined ? undefined : expect(atom, "string");
  }

  /** The first integer or real. Counters beyond 2^53 lose their last digits. */
  number(column: string): number | undefined {
    const atom = this.datum(column).keys[0];
    if (atom === undefined) return undefined;
    return typeof atom === "bigint" ? Number(atom) : expect(atom, "number");
  }

  boolean(column: string): boolean | undefined {
    const atom = this.datum(column).keys[0];
    return atom === undefined ? undefined : expect(atom, "boolean");
  }

  strings(column: string): readonly string[] {
    return this.datum(column).keys.map((atom) => expect(atom, "string"));
  }

  numbers(column: string): readonly number[] {
    return this.datum(column).keys.map((atom) => Number(atom));
  }

  /** The value beside a key of a map of strings. */
  entry(column: string, key: Atom): string | undefined {
    const value = mapGet(this.datum(column), key);
    return value === undefined ? undefined : String(value);
  }

  map(column: string): ReadonlyMap<string, string> {
    const { keys, values = [] } = this.datum(column);
    return new Map(keys.map((key, at) => [String(key), String(values[at])]));
  }
}

function expect<T extends "string" | "number" | "boolean">(
  atom: Atom,
  type: T,
): T extends "string" ? string : T extends "number" ? number : boolean {
  // eslint-disable-next-line valid-typeof
  if (typeof atom !== type) throw new Error(`a column holds a ${typeof atom}, not a ${type}`);
  return atom as never;
}

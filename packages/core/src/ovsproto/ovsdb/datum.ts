// Datums: the values of columns. A set is its keys in ascending order, a map its keys in ascending order with a value
// beside each, a scalar a set of one.

import type { Json } from "../json.ts";
import { isArray, knownLasting } from "../json.ts";
import type { Atom, AtomicType, NamedUuids } from "./atom.ts";
import {
  atomFromJson,
  atomFromText,
  atomToJson,
  compareAtoms,
  defaultAtom,
  formatAtom,
  formatAtomBare,
  NotationError,
} from "./atom.ts";
import { OvsdbError, syntaxError } from "./error.ts";
import { isDelimiter, nextToken } from "./token.ts";
import type { BaseType, ColumnType } from "./type.ts";
import { checkAtom, isConstrained, isMap, typeToEnglish } from "./type.ts";

export interface Datum {
  readonly keys: readonly Atom[];
  /** As many as keys, for maps. */
  readonly values?: readonly Atom[];
}

export const EMPTY: Datum = { keys: [] };

const defaults = new WeakMap<ColumnType, Datum>();

/** The same one for a type each time: most columns of most rows have it, and need not be looked into to be compared. */
export function defaultDatum(type: ColumnType): Datum {
  let datum = defaults.get(type);
  if (!datum) {
    datum = makeDefault(type);
    defaults.set(type, datum);
  }
  return datum;
}

function makeDefault(type: ColumnType): Datum {
  if (type.min === 0) return type.value ? { keys: [], values: [] } : EMPTY;
  const keys = [defaultAtom(type.key.type)];
  return type.value ? { keys, values: [defaultAtom(type.value.type)] } : { keys };
}

/** Position of a key; -1 if it is absent. */
export function findKey(datum: Datum, key: Atom): number {
  let low = 0;
  let high = datum.keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const order = compareAtoms(key, datum.keys[middle] as Atom);
    if (order === 0) return middle;
    if (order < 0) high = middle;
    else low = middle + 1;
  }
  return -1;
}

/** The value beside a key of a map. */
export function mapGet(datum: Datum, key: Atom): Atom | undefined {
  const at = findKey(datum, key);
  return at < 0 ? undefined : datum.values?.[at];
}

export function equalDatums(a: Datum, b: Datum): boolean {
  return a === b || compareDatums(a, b) === 0;
}

/** A total order: by size, then keys, then values. */
export function compareDatums(a: Datum, b: Datum): number {
  if (a === b) return 0;
  if (a.keys.length !== b.keys.length) return a.keys.length - b.keys.length;
  return compareLists(a.keys, b.keys) || compareLists(a.values ?? [], b.values ?? []);
}

function compareLists(a: readonly Atom[], b: readonly Atom[]): number {
  for (let at = 0; at < a.length; at++) {
    const order = compareAtoms(a[at] as Atom, b[at] as Atom);
    if (order !== 0) return order;
  }
  return 0;
}

/** Sorts keys (and values along with them). Undefined if a key is there twice. */
export function sortedDatum(keys: readonly Atom[], values?: readonly Atom[]): Datum | undefined {
  if (isAscending(keys)) return values ? { keys, values } : { keys };
  const order = keys.map((_, index) => index);
  order.sort((a, b) => compareAtoms(keys[a] as Atom, keys[b] as Atom) || a - b);
  const sorted = order.map((index) => keys[index] as Atom);
  for (let at = 1; at < sorted.length; at++) {
    if (compareAtoms(sorted[at - 1] as Atom, sorted[at] as Atom) === 0) return undefined;
  }
  return values ? { keys: sorted, values: order.map((index) => values[index] as Atom) } : { keys: sorted };
}

/** What one server or client sends to the other is in order already. */
function isAscending(keys: readonly Atom[]): boolean {
  for (let at = 1; at < keys.length; at++) {
    if (compareAtoms(keys[at - 1] as Atom, keys[at] as Atom) >= 0) return false;
  }
  return true;
}

/** As sortedDatum, but of equal keys the first stays. */
export function uniqueDatum(keys: readonly Atom[], values?: readonly Atom[]): Datum {
  if (isAscending(keys)) return values ? { keys, values } : { keys };
  const seen = new Set<Atom>();
  const kept = keys
    .map((_, index) => index)
    .filter((index) => {
      const key = keys[index] as Atom;
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    });
  const datum = sortedDatum(
    kept.map((index) => keys[index] as Atom),
    values && kept.map((index) => values[index] as Atom),
  );
  return datum ?? EMPTY;
}

/** With one more element of a set. */
function withElement(set: Datum, element: Atom): Datum {
  const { keys } = set;
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const order = compareAtoms(element, keys[middle] as Atom);
    if (order === 0) return set;
    if (order < 0) high = middle;
    else low = middle + 1;
  }
  return { keys: keys.toSpliced(low, 0, element) };
}

/** All elements of both. Of equal keys of maps those of the first stay. */
export function unionDatum(first: Datum, second: Datum): Datum {
  if (second.keys.length === 1 && !first.values) return withElement(first, second.keys[0] as Atom);
  const keys: Atom[] = [];
  const values: Atom[] = [];
  const take = (from: Datum, at: number): void => {
    keys.push(from.keys[at] as Atom);
    if (from.values) values.push(from.values[at] as Atom);
  };
  let other = 0;
  for (let at = 0; at < first.keys.length; at++) {
    const key = first.keys[at] as Atom;
    let order = -1;
    while (other < second.keys.length && (order = compareAtoms(second.keys[other] as Atom, key)) < 0)
      take(second, other++);
    if (order === 0 && other < second.keys.length) other++;
    take(first, at);
  }
  while (other < second.keys.length) take(second, other++);
  return first.values ? { keys, values } : { keys };
}

export function checkDatum(type: ColumnType, datum: Datum): void {
  if (isConstrained(type.key)) for (const key of datum.keys) checkAtom(type.key, key);
  if (type.value && isConstrained(type.value))
    for (const value of datum.values ?? []) checkAtom(type.value, value);
}

/** Whether a column of the type may have this value. */
export function isAllowed(type: ColumnType, datum: Datum): boolean {
  const size = datum.keys.length;
  if (size < type.min || size > type.max) return false;
  if (!isConstrained(type.key) && !(type.value && isConstrained(type.value))) return true;
  try {
    checkDatum(type, datum);
    return true;
  } catch (error) {
    if (error instanceof OvsdbError) return false;
    throw error;
  }
}

function allowedAtom(base: BaseType, json: Json, named: NamedUuids | undefined): Atom {
  const atom = atomFromJson(base.type, json, named);
  checkAtom(base, atom);
  return atom;
}

/** Sets of UUIDs as they were written, for readers in the same system. */
const writtenUuids = new WeakMap<readonly Json[], Datum>();

/** Errors: OvsdbError. Constraints of each atom are checked too. */
export function datumFromJson(type: ColumnType, json: Json, named?: NamedUuids): Datum {
  if (isArray(json) && type.key.type === "uuid") {
    const known = writtenUuids.get(json);
    if (known && !type.value && known.keys.length >= type.min && known.keys.length <= type.max) return known;
  }
  const what = isMap(type) ? "map" : "set";
  if (type.value || (isArray(json) && json[0] === "set")) {
    const inner = isArray(json) && json.length === 2 && json[0] === what ? json[1] : undefined;
    if (!isArray(inner)) throw syntaxError(json, `expected ["${what}", <array>]`);
    checkSize(type, json, inner.length, what);
    const keys: Atom[] = [];
    const values: Atom[] = [];
    for (const element of inner) {
      if (!type.value) {
        keys.push(allowedAtom(type.key, element, named));
        continue;
      }
      if (!isArray(element) || element.length !== 2) throw syntaxError(element, "expected 2-element array");
      keys.push(allowedAtom(type.key, element[0] ?? null, named));
      values.push(allowedAtom(type.value, element[1] ?? null, named));
    }
    const datum = sortedDatum(keys, type.value && values);
    if (!datum) {
      throw new OvsdbError(
        "ovsdb error",
        type.value ? "map contains duplicate key" : "set contains duplicate",
      );
    }
    return datum;
  }
  return { keys: [allowedAtom(type.key, json, named)] };
}

function checkSize(type: ColumnType, json: Json, size: number, what: string): void {
  if (size >= type.min && size <= type.max) return;
  if (type.min === 1 && type.max === 1) {
    throw syntaxError(json, `${what} must have exactly one member but ${size} are present`);
  }
  throw syntaxError(json, `${what} must have ${type.min} to ${type.max} members but ${size} are present`);
}

/** A set of UUIDs. */
function uuidsToJson(datum: Datum): Json {
  const uuids: Json[] = [];
  for (let at = 0; at < datum.keys.length; at++) uuids.push(["uuid", datum.keys[at] as Atom]);
  const json = knownLasting(["set", uuids]);
  writtenUuids.set(json, datum);
  return json;
}

/** A set of one is written as its atom. */
export function datumToJson(type: ColumnType, datum: Datum): Json {
  if (!type.value) {
    const [only] = datum.keys;
    if (datum.keys.length === 1 && only !== undefined) return atomToJson(type.key.type, only);
    return type.key.type === "uuid" ? uuidsToJson(datum) : ["set", [...datum.keys]];
  }
  const valueType = type.value.type;
  return [
    "map",
    datum.keys.map((key, at) => [
      atomToJson(type.key.type, key),
      atomToJson(valueType, datum.values?.[at] ?? defaultAtom(valueType)),
    ]),
  ];
}

/**
 * Whether JSON is a datum just as datumToJson() writes it, without reading it. False may also mean that it is written in another way,
 * or that it is a map.
 */
export function isWrittenAs(type: ColumnType, { keys }: Datum, json: Json): boolean {
  if (type.value) return false;
  const [only] = keys;
  if (only !== undefined && keys.length === 1) return isWrittenAtom(type.key.type, only, json);
  if (!isArray(json) || json.length !== 2 || json[0] !== "set") return false;
  const [, elements] = json;
  if (!isArray(elements) || elements.length !== keys.length) return false;
  for (let at = 0; at < keys.length; at++)
    if (!isWrittenAtom(type.key.type, keys[at] as Atom, elements[at] as Json)) return false;
  return true;
}

function isWrittenAtom(type: AtomicType, atom: Atom, json: Json): boolean {
  if (type !== "uuid") return json === atom;
  return isArray(json) && json.length === 2 && json[0] === "uuid" && json[1] === atom;
}

/** The notation of tools: `[a, b]`, `{key=value}`, a single value bare if there can be only one. */
export function formatDatum(type: ColumnType, datum: Datum): string {
  const brackets = type.max > 1 || datum.keys.length === 0;
  const inner = elements(datum, type, formatAtom, "=").join(", ");
  if (!brackets) return inner;
  return type.value ? `{${inner}}` : `[${inner}]`;
}

/** Without brackets, commas and quotation marks. */
export function formatDatumBare(type: ColumnType, datum: Datum): string {
  return elements(datum, type, formatAtomBare, "=").join(" ");
}

function elements(
  datum: Datum,
  type: ColumnType,
  format: (type: AtomicType, atom: Atom) => string,
  separator: string,
): string[] {
  const { value } = type;
  return datum.keys.map((key, at) => {
    const text = format(type.key.type, key);
    if (!value) return text;
    return `${text}${separator}${format(value.type, datum.values?.[at] ?? defaultAtom(value.type))}`;
  });
}

/** Longest range of integers that is written out (1-5 for 1, 2, 3, 4, 5). */
const MAX_RANGE = 4096;

/** Makes a UUID of a word: a name of a row (@id) may stand where one is expected. */
export type UuidWords = (word: string) => string | undefined;

/** Reads the notation of tools. Errors: NotationError, and OvsdbError for constraints. */
export function datumFromText(type: ColumnType, text: string, words?: UuidWords): Datum {
  const skip = (from: number): number => {
    let at = from;
    while (text[at] === " ") at++;
    return at;
  };
  let at = skip(0);
  let end = "";
  if (text[at] === (type.value ? "{" : "[")) {
    end = type.value ? "}" : "]";
    at = skip(at + 1);
  } else if (at >= text.length) {
    throw new NotationError(
      type.value ? 'use "{}" to specify the empty map' : 'use "[]" to specify the empty set',
    );
  }
  const keys: Atom[] = [];
  const values: Atom[] = [];
  while (at < text.length && text[at] !== end) {
    if (isDelimiter(text[at] ?? "")) {
      throw new NotationError(`${text}: unexpected "${text[at]}" parsing ${typeToEnglish(type)}`);
    }
    const element = elementFromText(type, text, at, words);
    keys.push(...element.keys);
    if (element.value !== undefined) values.push(element.value);
    at = skip(element.next);
    if (text[at] === ",") at = skip(at + 1);
  }
  if (end !== "") {
    if (text[at] !== end) throw new NotationError(`${text}: missing "${end}" at end of data`);
    at = skip(at + 1);
    if (at < text.length) throw new NotationError(`${text}: trailing garbage after "${end}"`);
  }
  checkTextSize(type, text, keys.length);
  const datum = sortedDatum(keys, type.value && values);
  if (!datum) {
    throw new NotationError(
      `${text}: ${type.value ? "map contains duplicate key" : "set contains duplicate value"}`,
    );
  }
  return datum;
}

function elementFromText(
  type: ColumnType,
  text: string,
  at: number,
  words: UuidWords | undefined,
): { readonly keys: readonly Atom[]; readonly value?: Atom; readonly next: number } {
  const key = nextToken(text, at);
  const keys = rangeOf(type, key.token) ?? [checkedAtom(type.key, key.token, words)];
  if (!type.value) return { keys, next: key.next };
  let equals = key.next;
  while (text[equals] === " ") equals++;
  if (text[equals] !== "=") {
    // At the end of the text, C prints the NUL that stands there and its message ends with it.
    const found = text[equals];
    throw new NotationError(
      `${text.slice(at)}: syntax error at "${found === undefined ? "" : `${found}" expecting "="`}`,
    );
  }
  const value = nextToken(text, equals + 1);
  return { keys, value: checkedAtom(type.value, value.token, words), next: value.next };
}

/** first-last: all integers between, both included. */
function rangeOf(type: ColumnType, token: string): Atom[] | undefined {
  const match = type.key.type === "integer" && !type.value ? /^(\d+)-(\d+)$/.exec(token) : null;
  if (!match) return undefined;
  const first = Number(match[1]);
  const last = Number(match[2]);
  if (last < first) {
    throw new NotationError(`"${token}" is not a valid range. Range end cannot be before start.`);
  }
  for (const end of [first, last]) checkedText(() => checkAtom(type.key, end));
  if (last - first >= MAX_RANGE) {
    throw new NotationError(`Range "${first}-${last}" is too big. Maximum allowed size is ${MAX_RANGE}.`);
  }
  return Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
}

/** An atom in the notation of tools, which its type allows. Errors: NotationError. */
export function checkedAtom(base: ColumnType["key"], token: string, words: UuidWords | undefined): Atom {
  const named = base.type === "uuid" ? words?.(token) : undefined;
  const atom = named ?? atomFromText(base.type, token);
  checkedText(() => checkAtom(base, atom));
  return atom;
}

/** A violated constraint in a word of the command line is told without its syntax. */
function checkedText(check: () => void): void {
  try {
    check();
  } catch (error) {
    if (error instanceof OvsdbError) throw new NotationError(error.toString());
    throw error;
  }
}

function checkTextSize(type: ColumnType, text: string, size: number): void {
  const noun = type.value ? "pair(s)" : "value(s)";
  if (size < type.min) {
    throw new NotationError(`${text}: ${size} ${noun} specified but the minimum number is ${type.min}`);
  }
  if (size > type.max) {
    throw new NotationError(`${text}: ${size} ${noun} specified but the maximum number is ${type.max}`);
  }
}

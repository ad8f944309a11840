// Atoms (RFC 7047, 5.1): integers, reals, booleans, strings and UUIDs, in JSON and in the notation of the command line.

import type { Json } from "../json.ts";
import { compareText, formatJson, formatReal, isArray, isInteger } from "../json.ts";
import { JsonSyntaxError, unescapeJson } from "../json-parser.ts";
import { syntaxError } from "./error.ts";
import { isId } from "./members.ts";
import { parseUuid, ZERO_UUID } from "./uuid.ts";

export type AtomicType = "integer" | "real" | "boolean" | "string" | "uuid";

/** Integers beyond 2^53 are bigints; a UUID is its text in lower case. */
export type Atom = number | bigint | boolean | string;

export function isAtomicType(text: string): text is AtomicType {
  return ["integer", "real", "boolean", "string", "uuid"].includes(text);
}

export function defaultAtom(type: AtomicType): Atom {
  switch (type) {
    case "integer":
    case "real":
      return 0;
    case "boolean":
      return false;
    case "string":
      return "";
    case "uuid":
      return ZERO_UUID;
  }
}

/** Negative, 0 or positive. Both atoms are of one type. */
export function compareAtoms(a: Atom, b: Atom): number {
  if (typeof a === "string" && typeof b === "string") return compareText(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The UUID behind a name that an operation of the same transaction gives a row ("named-uuid"). */
export type NamedUuids = (name: string) => string | undefined;

function unwrapped(json: Json, tag: string): string | undefined {
  if (!isArray(json) || json.length !== 2 || json[0] !== tag) return undefined;
  return typeof json[1] === "string" ? json[1] : undefined;
}

/** Without `named`, names of rows are refused. */
export function atomFromJson(type: AtomicType, json: Json, named?: NamedUuids): Atom {
  switch (type) {
    case "integer":
      if (isInteger(json)) return json;
      break;
    case "real":
      if (typeof json === "number") return json;
      if (typeof json === "bigint") return Number(json);
      break;
    case "boolean":
      if (typeof json === "boolean") return json;
      break;
    case "string":
      if (typeof json === "string") return json;
      break;
    case "uuid":
      return uuidFromJson(json, named);
  }
  throw syntaxError(json, `expected ${type}`);
}

function uuidFromJson(json: Json, named: NamedUuids | undefined): string {
  const text = unwrapped(json, "uuid");
  if (text !== undefined) {
    const uuid = parseUuid(text);
    if (uuid === undefined) throw syntaxError(json, `"${text}" is not a valid UUID`);
    return uuid;
  }
  const name = named && unwrapped(json, "named-uuid");
  if (named === undefined || name === undefined) throw syntaxError(json, 'expected ["uuid", <string>]');
  if (!isId(name)) throw syntaxError(json, "named-uuid string is not a valid <id>");
  const uuid = named(name);
  if (uuid === undefined) throw syntaxError(json, `unknown named-uuid "${name}"`);
  return uuid;
}

export function atomToJson(type: AtomicType, atom: Atom): Json {
  return type === "uuid" ? ["uuid", atom as string] : atom;
}

/** The atom that a word of the command line stands for. Throws a text, without a tag, if it is none. */
export class NotationError {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

const TRUE = new Set(["true", "yes", "on", "1"]);
const FALSE = new Set(["false", "no", "off", "0"]);

export function atomFromText(type: AtomicType, text: string): Atom {
  switch (type) {
    case "integer":
      return integerFromText(text);
    case "real": {
      const real = /^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(text) ? Number(text) : NaN;
      if (!Number.isFinite(real)) throw new NotationError(`"${text}" is not a valid real number`);
      return real === 0 ? 0 : real;
    }
    case "boolean":
      if (TRUE.has(text)) return true;
      if (FALSE.has(text)) return false;
      throw new NotationError(`"${text}" is not a valid boolean (use "true" or "false")`);
    case "string":
      return stringFromText(text);
    case "uuid": {
      const uuid = parseUuid(text);
      if (uuid === undefined) throw new NotationError(`"${text}" is not a valid UUID`);
      return uuid;
    }
  }
}

function integerFromText(text: string): number | bigint {
  if (!/^\s*[-+]?\d+$/.test(text)) throw new NotationError(`"${text}" is not a valid integer or range`);
  const value = BigInt(text.trim().replace(/^\+/, ""));
  if (BigInt.asIntN(64, value) !== value) {
    throw new NotationError(`"${text}" is not a valid integer or range`);
  }
  const small = Number(value);
  return Number.isSafeInteger(small) ? (small === 0 ? 0 : small) : value;
}

function stringFromText(text: string): string {
  if (text === "")
    throw new NotationError('An empty string is not valid as input; use "" to represent the empty string');
  if (!text.startsWith('"')) return text;
  if (text.length < 2 || !text.endsWith('"')) {
    throw new NotationError(`${text}: missing quote at end of quoted string`);
  }
  const string = unescapeJson(text.slice(1, -1));
  if (string instanceof JsonSyntaxError) throw new NotationError(`${text}: ${string.message}`);
  return string;
}

/** Strings that could be taken for something else are put into quotation marks. */
function needsQuotes(text: string): boolean {
  return (
    !/^[A-Za-z_][-A-Za-z0-9_.]*$/.test(text) ||
    text === "true" ||
    text === "false" ||
    parseUuid(text) !== undefined
  );
}

export function formatAtom(type: AtomicType, atom: Atom): string {
  if (type === "string" && needsQuotes(atom as string)) return formatJson(atom as string);
  return formatAtomBare(type, atom);
}

export function formatAtomBare(type: AtomicType, atom: Atom): string {
  return type === "real" ? formatReal(atom as number) : String(atom);
}

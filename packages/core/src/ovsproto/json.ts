// JSON (RFC 8259) as OVSDB needs it: integers have 64 bits (RFC 7047, 3.1), and text is written the way Open vSwitch
// writes it, because tools print it. Reading is in json-parser.ts.

/**
 * A number that is a safe integer is an integer; integers beyond that are bigints, at most 64 bits with a sign; every
 * other number is a real.
 */
export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

export function isObject(json: Json | undefined): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

export function isArray(json: Json | undefined): json is readonly Json[] {
  return Array.isArray(json);
}

export function isInteger(json: Json | undefined): json is number | bigint {
  return typeof json === "bigint" || Number.isSafeInteger(json);
}

/** A member whose name is not known beforehand; undefined if there is none. */
export function memberOf(json: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(json, name) ? json[name] : undefined;
}

export interface JsonStyle {
  /** Members by name, in the order of strcmp. */
  readonly sort?: boolean;
  /** A line for each element, indented by two. */
  readonly pretty?: boolean;
}

export function formatJson(json: Json, style: JsonStyle = {}): string {
  // The engine writes most of what is sent as Open vSwitch does, and three times as fast.
  if (style.sort !== true && style.pretty !== true && isPlain(json)) return JSON.stringify(json);
  return format(json, style, 1);
}

/** Arrays and objects in each other that json-parser.ts takes. */
const MAX_HEIGHT = 1000;

/** What a reader refuses (NUL) or might refuse (half of a pair of surrogates). */
// eslint-disable-next-line no-control-regex
const DOUBTFUL = /[\0\ud800-\udfff]/;

/**
 * Whether the engine's own text is what Open vSwitch writes, and what is read of it is the same again: numbers are small integers,
 * texts are ordinary, and it is not too deep.
 */
export function isPlain(json: Json | undefined, height = MAX_HEIGHT): boolean {
  switch (typeof json) {
    case "string":
      return json.length > NAME_LENGTH ? !DOUBTFUL.test(json) : plainNames.has(json) || isPlainName(json);
    case "boolean":
      return true;
    case "number":
      return Number.isSafeInteger(json) && !Object.is(json, -0);
    case "object":
      if (json === null || knownPlain.has(json)) return true;
      if (height === 0) return false;
      if (isArray(json)) {
        for (let at = 0; at < json.length; at++) {
          const element = json[at] as Json;
          const isKnown = typeof element === "object" && element !== null && knownPlain.has(element);
          if (!isKnown && !isPlain(element, height - 1)) return false;
        }
        return true;
      }
      for (const name in json)
        if (!(plainNames.has(name) || isPlainName(name)) || !isPlain(json[name], height - 1)) return false;
      return true;
    default:
      return false;
  }
}

/** Names and short texts that were found to be ordinary: most are those of tables, columns and operations. */
const plainNames = new Set<string>();
const NAMES_AT_MOST = 1024;
const NAME_LENGTH = 16;

function isPlainName(name: string): boolean {
  if (DOUBTFUL.test(name)) return false;
  if (name.length <= NAME_LENGTH && plainNames.size < NAMES_AT_MOST) plainNames.add(name);
  return true;
}

/** Values that go into many messages and are never changed. */
const knownPlain = new WeakSet<object>();

/** Looks a value through once for all messages that it goes into. */
export function lasting<T extends JsonObject>(json: T): T {
  if (isPlain(json)) markPlain(json);
  return json;
}

/** The values of its members may go into other messages by themselves. */
function markPlain(json: JsonObject): void {
  knownPlain.add(json);
  for (const member of Object.values(json))
    if (typeof member === "object" && member !== null) knownPlain.add(member);
}

/** Whether `lasting` has found nothing in it that a message may not hold. */
export function isLasting(json: JsonObject): boolean {
  return knownPlain.has(json);
}

/** The same as `lasting` of what is known to hold nothing that would be found: it is made of lasting values, or of UUIDs. */
export function knownLasting<T extends JsonObject | readonly Json[]>(json: T): T {
  knownPlain.add(json);
  return json;
}

function format(json: Json, style: JsonStyle, depth: number): string {
  switch (typeof json) {
    case "string":
      return JSON.stringify(json);
    case "number":
      return Number.isSafeInteger(json) ? String(json === 0 ? 0 : json) : formatReal(json);
    case "object":
      if (json === null) return "null";
      return isArray(json) ? formatArray(json, style, depth) : formatObject(json, style, depth);
    default:
      return String(json);
  }
}

const SPACES_PER_LEVEL = 2;

function newLine(style: JsonStyle, depth: number): string {
  return style.pretty === true ? `\n${" ".repeat(SPACES_PER_LEVEL * depth)}` : "";
}

function formatArray(json: readonly Json[], style: JsonStyle, depth: number): string {
  if (json.length === 0) return "[]";
  const line = newLine(style, depth);
  return `[${line}${json.map((element) => format(element, style, depth + 1)).join(`,${line}`)}]`;
}

function formatObject(json: JsonObject, style: JsonStyle, depth: number): string {
  const names = Object.keys(json);
  if (style.sort === true) names.sort(compareText);
  const line = newLine(style, depth);
  const space = style.pretty === true ? " " : "";
  const members = names.map(
    (name) => `${JSON.stringify(name)}:${space}${format(json[name] ?? null, style, depth + 1)}`,
  );
  return `{${line}${members.join(`,${line}`)}}`;
}

/** DBL_DIG significant digits, as printf's %.15g. */
const REAL_DIGITS = 15;

export function formatReal(real: number): string {
  if (Number.isSafeInteger(real) && Math.abs(real) < 1e15) return String(real === 0 ? 0 : real);
  if (!Number.isFinite(real)) return Number.isNaN(real) ? "nan" : real > 0 ? "inf" : "-inf";
  const [mantissa = "0", exponentText = "0"] = real.toExponential(REAL_DIGITS - 1).split("e");
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= REAL_DIGITS) {
    const digits = String(Math.abs(exponent)).padStart(2, "0");
    return `${withoutZeros(mantissa)}e${exponent < 0 ? "-" : "+"}${digits}`;
  }
  return withoutZeros(real.toFixed(Math.max(0, REAL_DIGITS - 1 - exponent)));
}

function withoutZeros(digits: string): string {
  return digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits;
}

/** strcmp: the order of UTF-8 bytes, which is that of code points and differs from that of UTF-16 units. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const x = a.charCodeAt(at);
    const y = b.charCodeAt(at);
    if (x === y) continue;
    const surrogateX = (x & 0xf800) === 0xd800;
    const surrogateY = (y & 0xf800) === 0xd800;
    if (surrogateX === surrogateY) return x - y;
    return surrogateX ? 1 : -1;
  }
  return a.length - b.length;
}

export function equalJson(a: Json, b: Json): boolean {
  return a === b || formatJson(a, { sort: true }) === formatJson(b, { sort: true });
}

// sort(1) in the order of bytes, which is that of the locales C and C.UTF-8. The library compares as people read, without regard to
// punctuation. Options that are not here are the library's.

/** What a key compares (POS1[,POS2][OPTS]); 0 for the end of a line. */
interface Key {
  readonly field: number;
  readonly character: number;
  readonly endField: number;
  readonly endCharacter: number;
  readonly flags: string;
}

export interface SortOptions {
  readonly keys: readonly Key[];
  /** Letters that are given for all keys: b, f, n, r. */
  readonly flags: string;
  readonly unique: boolean;
  readonly stable: boolean;
  readonly separator: string | undefined;
  readonly files: readonly string[];
}

const KEY = /^(\d+)(?:\.(\d+))?([bfnr]*)(?:,(\d+)(?:\.(\d+))?([bfnr]*))?$/;

function parseKey(text: string): Key | undefined {
  const found = KEY.exec(text);
  if (!found) return undefined;
  const [, field, character, flags = "", endField, endCharacter, endFlags = ""] = found;
  return {
    field: Number(field),
    character: Number(character ?? 1),
    endField: Number(endField ?? 0),
    endCharacter: Number(endCharacter ?? 0),
    flags: flags + endFlags,
  };
}

/** Undefined if there is anything that is left to the library. */
export function parseSort(args: readonly string[]): SortOptions | undefined {
  const keys: Key[] = [];
  const files: string[] = [];
  let flags = "";
  let separator: string | undefined;
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] as string;
    if (arg === "-" || !arg.startsWith("-")) {
      files.push(arg);
      continue;
    }
    const letters = /^-([bfnrsu]*)(?:([kt])(.*))?$/s.exec(arg);
    if (!letters) return undefined;
    const [, plain = "", valued, rest = ""] = letters;
    flags += plain;
    if (valued === undefined) continue;
    const value = rest === "" ? args[++at] : rest;
    if (value === undefined) return undefined;
    if (valued === "t") separator = value;
    else {
      const key = parseKey(value);
      if (!key || key.field === 0) return undefined;
      keys.push(key);
    }
  }
  if (separator !== undefined && separator.length !== 1) return undefined;
  return {
    keys,
    flags: flags.replace(/[su]/g, ""),
    unique: flags.includes("u"),
    stable: flags.includes("s"),
    separator,
    files,
  };
}

/** Where fields begin and end: at a separator, or between a blank and what stands before it. */
function fieldBounds(line: string, separator: string | undefined): (readonly [number, number])[] {
  const bounds: (readonly [number, number])[] = [];
  if (separator !== undefined) {
    let start = 0;
    for (let at = 0; at <= line.length; at++) {
      if (at < line.length && line[at] !== separator) continue;
      bounds.push([start, at]);
      start = at + 1;
    }
    return bounds;
  }
  for (const match of line.matchAll(/[ \t]*[^ \t]+/g))
    bounds.push([match.index, match.index + match[0].length]);
  return bounds;
}

function keyText(line: string, key: Key, flags: string, separator: string | undefined): string {
  const bounds = fieldBounds(line, separator);
  const skip = (at: number) => {
    let to = at;
    if (flags.includes("b")) while (line[to] === " " || line[to] === "\t") to++;
    return to;
  };
  const first = bounds[key.field - 1];
  const start = first === undefined ? line.length : Math.min(skip(first[0]) + key.character - 1, line.length);
  const last = bounds[key.endField - 1];
  let end = line.length;
  if (key.endField > 0 && last !== undefined) {
    end = key.endCharacter === 0 ? last[1] : Math.min(skip(last[0]) + key.endCharacter, line.length);
  }
  return line.slice(start, Math.max(start, end));
}

/** -n: a number at the start, else 0. */
function numberOf(text: string): number {
  return Number(/^[ \t]*(-?\d*(?:\.\d*)?)/.exec(text)?.[1] ?? 0) || 0;
}

function compareText(a: string, b: string, flags: string): number {
  if (flags.includes("n")) return numberOf(a) - numberOf(b);
  const fold = (text: string) => (flags.includes("f") ? text.toUpperCase() : text);
  const trim = (text: string) => (flags.includes("b") ? text.replace(/^[ \t]+/, "") : text);
  const [left, right] = [trim(fold(a)), trim(fold(b))];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Lines in order; each character is a byte. */
export function sortLines(lines: readonly string[], options: SortOptions): string[] {
  const { keys, flags, separator, unique, stable } = options;
  const byKeys = (a: string, b: string): number => {
    if (keys.length === 0) {
      const result = compareText(a, b, flags);
      return flags.includes("r") ? -result : result;
    }
    for (const key of keys) {
      const own = key.flags === "" ? flags : key.flags;
      const result = compareText(keyText(a, key, own, separator), keyText(b, key, own, separator), own);
      if (result !== 0) return own.includes("r") ? -result : result;
    }
    return 0;
  };
  const compare = (a: string, b: string): number => {
    const result = byKeys(a, b);
    if (result !== 0 || unique || stable) return result;
    const whole = compareText(a, b, "");
    return flags.includes("r") ? -whole : whole;
  };
  const sorted = lines.toSorted(compare);
  return unique
    ? sorted.filter((line, at) => at === 0 || byKeys(sorted[at - 1] as string, line) !== 0)
    : sorted;
}

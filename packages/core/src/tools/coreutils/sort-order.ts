// What sort compares lines by: keys and the orders of their text. Lines are strings with one character a byte, so that
// comparing them is the order of the C locale.

/** How the text of a key is compared, at most one of these. */
export type Ordering = "bytes" | "numeric" | "general" | "human" | "month" | "version";

export interface OrderOptions {
  ordering: Ordering;
  /** -d: blanks and letters and digits only. */
  dictionary: boolean;
  /** -f */
  foldCase: boolean;
  /** -i: printable characters only. */
  printable: boolean;
  reverse: boolean;
  /** -b, for where the key starts and where it ends. */
  skipStart: boolean;
  skipEnd: boolean;
}

export interface SortKey extends OrderOptions {
  /** Fields before the key's first, and characters of that field before it. */
  readonly startField: number;
  readonly startChar: number;
  /** The key ends after so many characters of the field after so many fields; 0: with the field before. Infinity: the line. */
  readonly endField: number;
  readonly endChar: number;
}

export function plainOrder(): OrderOptions {
  return {
    ordering: "bytes",
    dictionary: false,
    foldCase: false,
    printable: false,
    reverse: false,
    skipStart: false,
    skipEnd: false,
  };
}

export function isPlain(options: OrderOptions): boolean {
  const { ordering, dictionary, foldCase, printable, skipStart, skipEnd } = options;
  return ordering === "bytes" && !dictionary && !foldCase && !printable && !skipStart && !skipEnd;
}

export type Compare = (a: string, b: string) => number;

const isBlank = (char: string | undefined): boolean => char === " " || char === "\t" || char === "\n";

export function compareBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Where the field after `fields` fields starts; fields begin with the blanks before them if there is no separator. */
function fieldStart(line: string, fields: number, separator: string | undefined): number {
  let at = 0;
  for (let field = 0; field < fields && at < line.length; field++) {
    if (separator !== undefined) {
      const end = line.indexOf(separator, at);
      at = end < 0 ? line.length : end + 1;
      continue;
    }
    while (at < line.length && isBlank(line[at])) at++;
    while (at < line.length && !isBlank(line[at])) at++;
  }
  return at;
}

function skipBlanks(line: string, at: number): number {
  while (at < line.length && isBlank(line[at])) at++;
  return at;
}

function keyEnd(line: string, key: SortKey, separator: string | undefined): number {
  const { endField, endChar, skipEnd } = key;
  if (endField === Number.POSITIVE_INFINITY) return line.length;
  if (endChar > 0) {
    let at = fieldStart(line, endField, separator);
    if (skipEnd) at = skipBlanks(line, at);
    return Math.min(line.length, at + endChar);
  }
  const next = fieldStart(line, endField + 1, separator);
  // The separator behind the field is not a part of it; a line that ends with one has an empty field there.
  return separator !== undefined &&
    next > 0 &&
    line[next - 1] === separator &&
    endsField(line, endField + 1, separator)
    ? next - 1
    : next;
}

/** Whether the line has a separator after its first `fields` fields. */
function endsField(line: string, fields: number, separator: string): boolean {
  let at = -1;
  for (let count = 0; count < fields; count++) {
    at = line.indexOf(separator, at + 1);
    if (at < 0) return false;
  }
  return true;
}

function textOf(line: string, key: SortKey, separator: string | undefined): string {
  let start = fieldStart(line, key.startField, separator);
  if (key.skipStart) start = skipBlanks(line, start);
  start = Math.min(line.length, start + key.startChar);
  return line.slice(start, Math.max(start, keyEnd(line, key, separator)));
}

function translated(text: string, { dictionary, printable, foldCase }: OrderOptions): string {
  let out = text;
  if (dictionary) out = out.replace(/[^A-Za-z0-9 \t]/g, "");
  else if (printable) out = out.replace(/[^ -~]/g, "");
  return foldCase ? out.replace(/[a-z]/g, (letter) => letter.toUpperCase()) : out;
}

interface Digits {
  readonly negative: boolean;
  readonly whole: string;
  readonly fraction: string;
  /** What follows. */
  readonly rest: string;
}

/** A number as -n reads it: of any length. */
function digitsOf(text: string): Digits {
  const [all, sign = "", whole = "", fraction = ""] = /^[ \t\n]*(-?)(\d*)(?:\.(\d*))?/.exec(text) ?? [""];
  const significant = whole.replace(/^0+/, "");
  const decimals = fraction.replace(/0+$/, "");
  const negative = sign === "-" && significant + decimals !== "";
  return { negative, whole: significant, fraction: decimals, rest: text.slice((all ?? "").length) };
}

function compareDigits(a: Digits, b: Digits): number {
  if (a.negative !== b.negative) return a.negative ? -1 : 1;
  const larger =
    a.whole.length - b.whole.length || compareBytes(a.whole, b.whole) || compareBytes(a.fraction, b.fraction);
  return a.negative ? -larger : larger;
}

const SUFFIXES = "KMGTPEZYRQ";

function compareHuman(a: string, b: string): number {
  const [one, other] = [digitsOf(a), digitsOf(b)];
  const order = ({ negative, whole, fraction, rest }: Digits): number => {
    if (whole + fraction === "") return 0;
    const power = SUFFIXES.indexOf((rest[0] ?? "").replace("k", "K"));
    const magnitude = rest === "" || power < 0 ? 0 : power + 1;
    return negative ? -magnitude : magnitude;
  };
  return order(one) - order(other) || compareDigits(one, other);
}

/** Text that is no number, then NaN, then numbers. */
function compareGeneral(a: string, b: string): number {
  const value = (text: string): number | undefined => {
    const word =
      /^[ \t\n]*([+-]?(?:inf(?:inity)?|nan|0x[0-9a-f]+|\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?))/i.exec(
        text,
      )?.[1];
    if (word === undefined) return undefined;
    if (/nan$/i.test(word)) return Number.NaN;
    const sign = word.startsWith("-") ? -1 : 1;
    const size = word.replace(/^[+-]/, "");
    return sign * (/^inf/i.test(size) ? Number.POSITIVE_INFINITY : Number(size));
  };
  const [x, y] = [value(a), value(b)];
  if (x === undefined || y === undefined) return Number(x !== undefined) - Number(y !== undefined);
  if (Number.isNaN(x) || Number.isNaN(y)) return Number(!Number.isNaN(x)) - Number(!Number.isNaN(y));
  return x < y ? -1 : x > y ? 1 : 0;
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

function monthOf(text: string): number {
  return MONTHS.indexOf(
    text
      .replace(/^[ \t\n]+/, "")
      .slice(0, 3)
      .toUpperCase(),
  );
}

/** Of a character in a part without digits: "~" before the end, the end before letters, letters before all else. */
function rank(char: string | undefined): number {
  if (char === undefined || /\d/.test(char)) return 0;
  if (char === "~") return -2;
  return /[A-Za-z]/.test(char) ? char.charCodeAt(0) : char.charCodeAt(0) + 256;
}

/** Parts without digits and numbers in turn, as Debian compares versions. */
function compareVersionParts(a: string, b: string): number {
  let i = 0;
  let j = 0;
  const digit = (char: string | undefined): boolean => char !== undefined && char >= "0" && char <= "9";
  while (i < a.length || j < b.length) {
    while ((i < a.length && !digit(a[i])) || (j < b.length && !digit(b[j]))) {
      const [x, y] = [i < a.length ? rank(a[i]) : -1, j < b.length ? rank(b[j]) : -1];
      if (x !== y) return x - y;
      i++;
      j++;
    }
    while (a[i] === "0") i++;
    while (b[j] === "0") j++;
    let difference = 0;
    while (digit(a[i]) && digit(b[j])) {
      if (difference === 0) difference = (a.codePointAt(i) ?? 0) - (b.codePointAt(j) ?? 0);
      i++;
      j++;
    }
    if (digit(a[i])) return 1;
    if (digit(b[j])) return -1;
    if (difference !== 0) return difference;
  }
  return 0;
}

/** filevercmp() of gnulib: names that begin with a dot come first, and suffixes count only among names that are else equal. */
function compareVersions(a: string, b: string): number {
  const special = (text: string): number =>
    text === "" ? 0 : text === "." ? 1 : text === ".." ? 2 : text.startsWith(".") ? 3 : 4;
  const [x, y] = [special(a), special(b)];
  if (x !== y) return x - y;
  if (x < 3) return 0;
  const stem = (text: string): string => {
    const from = text.startsWith(".") ? 1 : 0;
    const end = from + text.slice(from).search(/(?:\.[A-Za-z~][A-Za-z0-9~]*)*$/);
    return text.slice(0, end);
  };
  const [one, other] = [stem(a), stem(b)];
  if (one === other) return compareVersionParts(a, b);
  return compareVersionParts(one, other) || compareVersionParts(a, b);
}

const COMPARES: Readonly<Record<Exclude<Ordering, "bytes">, Compare>> = {
  numeric: (a, b) => compareDigits(digitsOf(a), digitsOf(b)),
  general: compareGeneral,
  human: compareHuman,
  month: (a, b) => monthOf(a) - monthOf(b),
  version: compareVersions,
};

/** Compares lines by keys, in their order. */
export function compareByKeys(keys: readonly SortKey[], separator: string | undefined): Compare {
  return (a, b) => {
    for (const key of keys) {
      const [one, other] = [textOf(a, key, separator), textOf(b, key, separator)];
      const compare = key.ordering === "bytes" ? compareBytes : COMPARES[key.ordering];
      const order =
        key.ordering === "bytes" || key.ordering === "version"
          ? compare(translated(one, key), translated(other, key))
          : compare(one, other);
      if (order !== 0) return key.reverse ? -order : order;
    }
    return 0;
  };
}

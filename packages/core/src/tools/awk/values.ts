// Values of awk: numbers, strings (one character a byte), and what came from the input, which is a number too where it looks like one
// (POSIX awk, Expressions in awk). Undefined: a variable that was never set.

/** Text from outside: fields, getline, ARGV, ENVIRON, elements that split has made. */
export class InputText {
  readonly text: string;
  #number: number | undefined;
  #known = false;

  constructor(text: string) {
    this.text = text;
  }

  /** Undefined if it does not look like a number. */
  get number(): number | undefined {
    if (!this.#known) {
      this.#known = true;
      if (/^[ \t\n\r\f\v]*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?[ \t\n\r\f\v]*$/.test(this.text))
        this.#number = Number(this.text);
    }
    return this.#number;
  }
}

export type Value = number | string | InputText | undefined;

const PREFIX = /^[ \t\n\r\f\v]*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)/;

/** The number that a text starts with; 0 for none (strtod). */
function leadingNumber(text: string): number {
  const found = PREFIX.exec(text)?.[1];
  if (found !== undefined) {
    const hex = found === "0" || /^[-+]0$/.test(found) ? HEX.exec(text) : null;
    if (hex) return (hex[1] === "-" ? -1 : 1) * Number.parseInt(hex[2] ?? "0", 16);
    return Number(found);
  }
  const word = /^[ \t\n\r\f\v]*([-+]?)(inf|nan)/i.exec(text);
  if (!word) return 0;
  const magnitude = word[2]?.toLowerCase() === "inf" ? Number.POSITIVE_INFINITY : Number.NaN;
  return word[1] === "-" ? -magnitude : magnitude;
}

const HEX = /^[ \t\n\r\f\v]*([-+]?)0[xX]([0-9a-fA-F]+)/;

export function toNumber(value: Value): number {
  if (typeof value === "number") return value;
  if (value === undefined) return 0;
  return leadingNumber(typeof value === "string" ? value : value.text);
}

export function isTrue(value: Value): boolean {
  if (typeof value === "number") return value !== 0;
  if (typeof value === "string") return value !== "";
  if (value === undefined) return false;
  return value.number === undefined ? value.text !== "" : value.number !== 0;
}

/** Less than, equal or greater: by numbers if both are, else by the bytes of their texts. */
export function compare(left: Value, right: Value, text: (value: Value) => string): number {
  const a = numberOf(left);
  const b = numberOf(right);
  if (a !== undefined && b !== undefined) return a < b ? -1 : a === b ? 0 : 1;
  const one = text(left);
  const other = text(right);
  return one < other ? -1 : one === other ? 0 : 1;
}

function numberOf(value: Value): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value === "string") return undefined;
  return value === undefined ? 0 : value.number;
}

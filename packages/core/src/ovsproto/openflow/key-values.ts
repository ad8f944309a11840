/**
 * The lists of flow syntax: `key`, `key=value`, `key:value`, `key(value)`, with commas or white space between. A value in
 * parentheses may hold commas and parentheses; `key(a)->b` is one pair with the value `a)->b`.
 */

export interface KeyValue {
  readonly key: string;
  /** Empty if there is none. */
  readonly value: string;
}

const KEY_END = /[:=(, \t\r\n]/;
const SPACE = ", \t\r\n";

/** Length of the value at `from`: up to one of `delimiters` that stands outside of parentheses. */
function valueEnd(text: string, from: number, delimiters: string): number {
  let at = from;
  while (at < text.length && !delimiters.includes(text.charAt(at))) {
    if (text[at] !== "(") {
      at++;
      continue;
    }
    let level = 0;
    do {
      if (at >= text.length) return at;
      if (text[at] === "(") level++;
      else if (text[at] === ")") level--;
      at++;
    } while (level > 0);
  }
  return at;
}

/** One pair at a time, so that a reader can stop at the first error. */
export function* keyValues(text: string): Generator<KeyValue> {
  let at = 0;
  for (;;) {
    while (at < text.length && SPACE.includes(text.charAt(at))) at++;
    if (at >= text.length) return;
    const length = text.slice(at).search(KEY_END);
    const keyEnd = length < 0 ? text.length : at + length;
    const key = text.slice(at, keyEnd);
    const delimiter = text[keyEnd];
    at = keyEnd + (delimiter === undefined ? 0 : 1);
    if (delimiter !== ":" && delimiter !== "=" && delimiter !== "(") {
      yield { key, value: "" };
      continue;
    }
    let end = valueEnd(text, at, delimiter === "(" ? ")" : SPACE);
    if (delimiter === "(" && text.startsWith(")->", end)) end = valueEnd(text, end, SPACE);
    const value = text.slice(at, end);
    at = end + (end < text.length ? 1 : 0);
    yield { key, value };
  }
}

// Words of the notation that tools read: a run up to the next delimiter, in which quotation marks keep delimiters from
// ending it. Escapes and quotation marks stay in the word.

import { NotationError } from "./atom.ts";

export interface Token {
  readonly token: string;
  /** Position behind it. */
  readonly next: number;
}

export function isDelimiter(char: string): boolean {
  return char !== "" && ":=, []{}!<>".includes(char);
}

/** The word at a position; empty if a delimiter stands there. */
export function nextToken(text: string, at: number): Token {
  let quoted = false;
  let escaped = false;
  let end = at;
  for (; end < text.length; end++) {
    const char = text[end] ?? "";
    if (escaped) escaped = false;
    else if (quoted) {
      if (char === "\\") escaped = true;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (isDelimiter(char)) break;
  }
  if (escaped) throw new NotationError(`${text.slice(at)}: backslash at end of argument`);
  if (quoted) throw new NotationError(`${text.slice(at)}: quoted string extends past end of argument`);
  return { token: text.slice(at, end), next: end };
}

// Words of the notation that tools read: a run up to the next delimiter, in which quotation marks keep delimiters from
// ending it, as does a backslash before one. Quotation marks, and backslashes between them, stay in the word.

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
  let token = "";
  let end = at;
  for (; end < text.length; end++) {
    const char = text.charAt(end);
    if (char === "\\") {
      if (++end === text.length) throw new NotationError(`${text.slice(at)}: backslash at end of argument`);
      // within quotation marks it is the string's own
      token += quoted ? char + text.charAt(end) : text.charAt(end);
      continue;
    }
    if (char === '"') quoted = !quoted;
    else if (!quoted && isDelimiter(char)) break;
    token += char;
  }
  if (quoted) throw new NotationError(`${text.slice(at)}: quoted string extends past end of argument`);
  return { token, next: end };
}

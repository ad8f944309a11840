// Syntax errors in dash's words.

import type { UnexpectedToken } from "../source.ts";

const RESERVED: ReadonlySet<string> = new Set(
  "! { } case do done elif else esac fi for if in then until while".split(" "),
);

const UNTERMINATED: Readonly<Record<string, string>> = {
  '"': "Unterminated quoted string",
  "'": "Unterminated quoted string",
  "`": "EOF in backquote substitution",
  "}": "Missing '}'",
};

/** An opening quote or bracket without its end. */
export function dashUnterminated(closer: string): string {
  return `Syntax error: ${UNTERMINATED[closer] ?? `end of file unexpected (expecting "${closer}")`}`;
}

/** A token that cannot stand where it stands. */
export function dashUnexpected({ token, expected }: UnexpectedToken): string {
  const wanted = expected === undefined ? "" : ` (expecting "${expected}")`;
  return `Syntax error: ${tokenName(token)} unexpected${wanted}`;
}

function tokenName(token: string | undefined): string {
  if (token === undefined) return "end of file";
  if (token === "newline") return token;
  if (/^[<>]/.test(token)) return "redirection";
  return RESERVED.has(token) || /^[;&|()]+$/.test(token) ? `"${token}"` : "word";
}

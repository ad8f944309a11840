// Regular expressions of awk: the extended ones of POSIX with the escapes of strings, also within brackets. mawk 1.3.4 knows no
// intervals: a brace is an ordinary character. Text has one character a byte.

import { quoteRegExp, regExpSource } from "../../system/posix-regexp.ts";
import { AwkSyntaxFault } from "./syntax.ts";

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  a: "\x07",
  b: "\b",
  f: "\f",
  v: "\v",
};

/** Alternatives and repetitions of nothing, which mawk refuses. */
const MISSING_OPERAND = /^(?:\[[^\]]+\]|\\[^]|[^[\\])*?(?:^|[(|])(?:$|[|)*+?])/;

/** Which awk: gawk has intervals. */
export interface Dialect {
  readonly intervals: boolean;
}

/** A regular expression of the program, or one that a string holds. Throws AwkSyntaxFault. */
export function awkRegExp(text: string, dialect: Dialect): RegExp {
  try {
    if (MISSING_OPERAND.test(text)) throw new SyntaxError("operand");
    return new RegExp(regExpSource(posixText(text, dialect), "extended"), "gs");
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new AwkSyntaxFault(`regular expression compile failed (${reason(text)})\n${text}`);
  }
}

function reason(text: string): string {
  if (text.lastIndexOf("[") > text.lastIndexOf("]")) return "bad class -- [], [^] or [";
  if (text.split("(").length > text.split(")").length) return "missing ')'";
  return "missing operand";
}

function posixText(text: string, dialect: Dialect): string {
  let out = "";
  let open = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? "";
    if (char === "(") open++;
    if (char === ")" && open-- <= 0) {
      open = 0;
      out += "\\)"; // closes nothing
    } else if (char === "[") {
      const end = bracketEnd(text, at);
      if (end < 0) throw new SyntaxError("bracket");
      out += bracket(text.slice(at + 1, end));
      at = end;
    } else if (char === "\\") {
      const [value, length] = escaped(text.slice(at + 1));
      out += quoteRegExp(value);
      at += length;
    } else if (char === "{" && !dialect.intervals) out += "\\{";
    else out += char;
  }
  return out;
}

/** The character after a backslash, and how many characters name it. */
function escaped(rest: string): readonly [string, number] {
  const octal = /^[0-7]{1,3}/.exec(rest)?.[0];
  if (octal !== undefined) return [String.fromCharCode(Number.parseInt(octal, 8) & 0xff), octal.length];
  const [letter] = rest;
  if (letter === undefined) return ["\\", 0];
  return [ESCAPES[letter] ?? letter, 1];
}

/** Where a bracket expression ends; -1 if it does not. */
function bracketEnd(text: string, start: number): number {
  let at = start + 1;
  if (text[at] === "^") at++;
  if (text[at] === "]") at++;
  while (at < text.length && text[at] !== "]") {
    const named = /^\[([:.=])[^\]]*\1\]/.exec(text.slice(at))?.[0];
    if (named !== undefined) at += named.length;
    else at += text[at] === "\\" ? 2 : 1;
  }
  return at < text.length ? at : -1;
}

/** A bracket expression whose escapes are the characters that they name; such a bracket cannot end it. */
function bracket(inner: string): string {
  const text = inner.replace(/\\([0-7]{1,3}|[^])/g, (_, code: string) => {
    const [value] = escaped(code);
    return value === "]" || value === "[" || value === "^" || value === "-" ? `[.${value}.]` : value;
  });
  return `[${text}]`;
}

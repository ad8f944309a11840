// POSIX extended regular expressions (regex(7)) as JavaScript ones: bracket expressions with classes, and the GNU
// escapes \< \> \b \B \w \W \s \S. Alternation is leftmost instead of longest, which only shows in BASH_REMATCH.

const CLASSES: Readonly<Record<string, string>> = {
  alpha: "A-Za-z",
  digit: "0-9",
  alnum: "A-Za-z0-9",
  upper: "A-Z",
  lower: "a-z",
  space: " \\t\\n\\r\\f\\v",
  blank: " \\t",
  punct: "!-\\/:-@\\[-`{-~",
  print: "\\x20-\\x7e",
  graph: "\\x21-\\x7e",
  cntrl: "\\x00-\\x1f\\x7f",
  xdigit: "0-9A-Fa-f",
};

/** Escapes a text so that it matches itself. */
export function quoteRegExp(text: string): string {
  return text.replace(/[\\^$.[\]|()?*+{}]/g, "\\$&");
}

/** Undefined if the expression is not valid. */
export function extendedRegExp(text: string, ignoreCase: boolean): RegExp | undefined {
  try {
    return new RegExp(translate(text), ignoreCase ? "is" : "s");
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function translate(text: string): string {
  let out = "";
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? "";
    if (char === "[") {
      const set = bracket(text, at);
      out += set.text;
      at = set.end;
    } else if (char === "\\") {
      const next = text[++at] ?? "";
      if (next === "<") out += "\\b(?=\\w)";
      else if (next === ">") out += "\\b(?<=\\w)";
      else if (/[bBwWsS]/.test(next)) out += `\\${next}`;
      else out += next === "" ? "\\\\" : quoteRegExp(next);
    } else if (char === "{" && !/^\{\d*(,\d*)?\}/.test(text.slice(at))) out += "\\{";
    else if (char === "}" && !/\{\d*(,\d*)?$/.test(out)) out += "\\}";
    else out += char;
  }
  return out;
}

/** A bracket expression as a JavaScript class; `end` is the offset of its closing bracket. */
function bracket(text: string, open: number): { readonly text: string; readonly end: number } {
  let at = open + 1;
  let out = "[";
  if (text[at] === "^") {
    out += "^";
    at++;
  }
  for (let first = true; at < text.length; first = false) {
    const char = text[at] ?? "";
    if (char === "]" && !first) return { text: `${out}]`, end: at };
    const named = /^\[:([a-z]+):\]/.exec(text.slice(at));
    if (named && CLASSES[named[1] ?? ""]) {
      out += CLASSES[named[1] ?? ""];
      at += named[0].length;
      continue;
    }
    out += /[\\[\]^]/.test(char) ? `\\${char}` : char;
    at++;
  }
  throw new SyntaxError("unterminated bracket expression");
}

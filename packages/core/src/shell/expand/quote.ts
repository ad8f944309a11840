// Quoting for output (`printf %q`, `${x@Q}`, `declare -p`, `set -x`) and the backslash escapes of `$'...'`, `echo -e`
// and `printf` (bash(1), QUOTING).

/** What makes a word need quotes, as bash decides for its own output. */
const SPECIAL = /[ \t\n'"\\|&;()<>!{}*[\]?^$`]|^[~#]|[:=]~/;
const CONTROL = /\p{Cc}/u;

const NAMED_ESCAPES: Readonly<Record<string, string>> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\x1b": "\\E",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
};

function ansiQuote(text: string): string {
  let out = "$'";
  for (const char of text) {
    if (char === "'" || char === "\\") out += `\\${char}`;
    else if (CONTROL.test(char))
      out += NAMED_ESCAPES[char] ?? `\\${char.charCodeAt(0).toString(8).padStart(3, "0")}`;
    else out += char;
  }
  return `${out}'`;
}

/** As `${x@Q}`: single quotes always; $'...' for control characters. */
export function singleQuote(text: string): string {
  if (text === "'") return "\\'";
  return CONTROL.test(text) ? ansiQuote(text) : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Single quotes where they are needed, as `set` prints values. */
export function quoteIfNeeded(text: string): string {
  if (CONTROL.test(text)) return ansiQuote(text);
  return SPECIAL.test(text) ? singleQuote(text) : text;
}

/** As `set -x` prints words: $'...' only where single quotes are not needed anyway. */
export function traceQuote(text: string): string {
  if (text === "") return "''";
  if (text === "'") return "\\'";
  if (SPECIAL.test(text)) return `'${text.replaceAll("'", "'\\''")}'`;
  return CONTROL.test(text) ? ansiQuote(text) : text;
}

/** As `printf %q`: a backslash in front of every special character. */
export function backslashQuote(text: string): string {
  if (text === "") return "''";
  if (CONTROL.test(text)) return ansiQuote(text);
  return text.replace(/[ !"$&'()*,;<>?[\\\]^`{|}]/g, "\\$&").replace(/^[~#]|(?<=[:=])~/g, "\\$&");
}

/** As `declare -p` writes values: double quotes, $'...' for control characters. */
export function doubleQuote(text: string): string {
  return CONTROL.test(text) ? ansiQuote(text) : `"${text.replace(/["$`\\]/g, "\\$&")}"`;
}

const SIMPLE: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  e: 27,
  E: 27,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  "\\": 92,
};

const encoder = new TextEncoder();

/** What the escapes of a dialect are: echo and %b need a 0 before octal digits, formats do not and also know \" and \'. */
export type EscapeDialect = "echo" | "format" | "%b";

/** Bytes of a text with escapes. `stopped`: it had \c, which ends all output. */
export function decodeEscapes(
  text: string,
  dialect: EscapeDialect,
): { readonly bytes: Uint8Array; readonly stopped: boolean } {
  const out: number[] = [];
  const put = (part: string): void => {
    for (const byte of encoder.encode(part)) out.push(byte);
  };
  for (let at = 0; at < text.length;) {
    const slash = text.indexOf("\\", at);
    if (slash < 0 || slash === text.length - 1) {
      put(text.slice(at));
      break;
    }
    put(text.slice(at, slash));
    const rest = text.slice(slash + 1);
    const char = rest[0] ?? "";
    const simple = SIMPLE[char];
    const octal =
      dialect === "echo"
        ? /^0([0-7]{0,3})/
        : dialect === "%b"
          ? /^(?:0([0-7]{0,3})|([1-7][0-7]{0,2}))/
          : /^([0-7]{1,3})/;
    const digits = octal.exec(rest);
    const hex = /^(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8}))/.exec(rest);
    if (char === "c" && dialect !== "format") return { bytes: Uint8Array.from(out), stopped: true };
    if (simple !== undefined) out.push(simple);
    else if (digits) out.push(Number.parseInt(digits[1] ?? digits[2] ?? "0", 8) & 0xff || 0);
    else if (hex?.[1] !== undefined) out.push(Number.parseInt(hex[1], 16));
    else if (hex) put(String.fromCodePoint(Number.parseInt(hex[2] ?? hex[3] ?? "0", 16)));
    else if (dialect !== "echo" && (char === '"' || char === "'" || char === "?"))
      out.push(char.charCodeAt(0));
    else put(`\\${char}`);
    at = slash + 1 + (simple !== undefined ? 1 : (digits?.[0].length ?? hex?.[0].length ?? char.length));
  }
  return { bytes: Uint8Array.from(out), stopped: false };
}

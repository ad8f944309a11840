// Brace expansion (bash(1), Brace Expansion): {a,b}, {1..5}, {a..e..2}, nested. It works on the text of a word before
// anything else is expanded, so quotes and substitutions are only stepped over.

/** All words that a word's text stands for; itself if it has no valid brace expression. */
export function expandBraces(text: string): string[] {
  for (let at = 0; at < text.length; at = skip(text, at)) {
    if (text[at] !== "{" || text[at - 1] === "$") continue;
    const inside = readBraces(text, at);
    if (inside === undefined) continue;
    const alternatives =
      inside.parts.length > 1 ? inside.parts.flatMap(expandBraces) : sequence(inside.parts[0] ?? "");
    if (alternatives === undefined) continue;
    const before = text.slice(0, at);
    const after = expandBraces(text.slice(inside.end));
    return alternatives.flatMap((middle) => after.map((rest) => before + middle + rest));
  }
  return [text];
}

/** Offset after the character at `at`, or after the quotation or substitution that begins there. */
function skip(text: string, at: number): number {
  const char = text[at];
  if (char === "\\") return at + 2;
  if (char === "'" || char === "`") return closing(text, at + 1, char);
  if (char === '"') {
    let i = at + 1;
    while (i < text.length && text[i] !== '"') i = text[i] === "'" ? i + 1 : skip(text, i);
    return i + 1;
  }
  if (char === "$" && (text[at + 1] === "{" || text[at + 1] === "(")) {
    const open = text[at + 1] ?? "";
    const close = open === "{" ? "}" : ")";
    let depth = 0;
    for (let i = at + 1; i < text.length;) {
      if (text[i] === open) depth++;
      else if (text[i] === close && --depth === 0) return i + 1;
      i = text[i] === open || text[i] === close ? i + 1 : skip(text, i);
    }
    return text.length;
  }
  return at + 1;
}

function closing(text: string, from: number, quote: string): number {
  const end = text.indexOf(quote, from);
  return end < 0 ? text.length : end + 1;
}

/** The parts between the commas of the braces at `open`, or undefined if they are not closed or stand for nothing. */
function readBraces(
  text: string,
  open: number,
): { readonly parts: string[]; readonly end: number } | undefined {
  const parts: string[] = [];
  let depth = 0;
  let from = open + 1;
  for (let at = open + 1; at < text.length;) {
    const char = text[at];
    if (char === "{") depth++;
    else if (char === "}" && depth > 0) depth--;
    else if (char === "," && depth === 0) {
      parts.push(text.slice(from, at));
      from = at + 1;
    } else if (char === "}") {
      parts.push(text.slice(from, at));
      return parts.length > 1 || parts[0]?.includes("..") ? { parts, end: at + 1 } : undefined;
    }
    at = skip(text, at);
  }
  return undefined;
}

const LIMIT = 1_000_000; // words of one sequence; beyond, memory is gone before the loop runs

/** {1..5}, {01..10..3}, {a..e}. */
function sequence(text: string): string[] | undefined {
  const match = /^(?:(-?\d+)\.\.(-?\d+)|([A-Za-z])\.\.([A-Za-z]))(?:\.\.(-?\d+))?$/.exec(text);
  if (!match) return undefined;
  const [, first, last, firstLetter, lastLetter, increment] = match;
  const letters = firstLetter !== undefined && lastLetter !== undefined;
  const from = letters ? firstLetter.charCodeAt(0) : Number(first);
  const to = letters ? lastLetter.charCodeAt(0) : Number(last);
  const size = Math.abs(Number(increment ?? 1)) || 1;
  if (Math.abs(to - from) / size > LIMIT) return undefined;
  const padded = !letters && [first, last].some((end) => /^-?0\d/.test(end ?? ""));
  const width = padded ? Math.max((first ?? "").length, (last ?? "").length) : 0;
  const out: string[] = [];
  const step = from <= to ? size : -size;
  for (let n = from; step > 0 ? n <= to : n >= to; n += step) {
    if (letters) out.push(String.fromCharCode(n));
    else if (n < 0) out.push(`-${String(-n).padStart(width - 1, "0")}`);
    else out.push(String(n).padStart(width, "0"));
  }
  return out;
}

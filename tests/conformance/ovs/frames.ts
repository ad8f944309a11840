// Random frames as hexadecimal digits: tags, labels, IPv6 extension headers, neighbour discovery, NSH and the usual; some cut short.

import { readFileSync } from "node:fs";
import { Grammar } from "./grammar.ts";
import type { Words } from "./words.ts";

const grammar = new Grammar(readFileSync(new URL("grammars/frames.txt", import.meta.url), "utf8"), {
  hex2: (words) => words.hex(2),
  nibble: (words) => words.hex(1),
});

const LENGTH = /@(\d)([+-]\d+)?\(/;

/** `@2+4(...)`: the count of bytes in the brackets, and 4, in 2 bytes; then what is in them. The innermost come last. */
function withLengths(text: string): string {
  const found = LENGTH.exec(text);
  if (!found) return text;
  const start = found.index + found[0].length;
  let end = start;
  for (let depth = 1; depth > 0; end++) depth += text[end] === "(" ? 1 : text[end] === ")" ? -1 : 0;
  const inside = withLengths(text.slice(start, end - 1));
  const size = Number(found[1]);
  // of IPv4 the bytes that stand before the length, and its own
  const before =
    found[2] === undefined ? 4 : found[2].startsWith("+") ? Number(found[2]) + 2 : Number(found[2]);
  const length = Math.max(0, inside.length / 2 + before) & 0xffff;
  return (
    text.slice(0, found.index) +
    length.toString(16).padStart(2 * size, "0") +
    inside +
    withLengths(text.slice(end))
  );
}

/** At least an Ethernet header; bytes behind the end now and then, as short frames have. */
export function frame(words: Words): string {
  let digits = withLengths(grammar.make("frame", words).replace(/\s/g, ""));
  if (digits.length % 2 === 1) digits += "0";
  if (words.chance(8)) digits = digits.slice(0, 28 + 2 * words.below(Math.max(1, digits.length / 2 - 14)));
  if (words.chance(30)) digits = digits.padEnd(120, "0");
  return digits.padEnd(28, "0");
}

// Damages a text a little, as a person who types it might: parts left out, doubled, exchanged, other numbers and other words.

import type { Words } from "./words.ts";

const PIECES = [
  ",", "=", "(", ")", "[", "]", ":", "->", "..", "/", "-", "+", "|", " ", "0", "0x", "x", ";", "#", "-1", "1e3", "08", "\t",
  "65536", "4294967296", "18446744073709551616", "0x1ffffffffffffffff", "true", "any", ",,", "()", "[]", "=0x", "/0", ".", "%", "&",
]; // prettier-ignore

export function mutated(text: string, words: Words): string {
  let out = text;
  for (let count = 1 + words.below(2); count > 0; count--) {
    const at = words.below(out.length + 1);
    const length = 1 + words.below(words.chance(70) ? 2 : 12);
    const numbers = [...out.matchAll(/(?:0x[0-9a-f]+|\d+)/g)];
    switch (words.below(6)) {
      case 0:
        out = out.slice(0, at) + out.slice(at + length);
        break;
      case 1:
        out = out.slice(0, at) + words.pick(PIECES) + out.slice(at);
        break;
      case 2:
        out = out.slice(0, at) + words.pick(PIECES) + out.slice(at + length);
        break;
      case 3:
        out = out.slice(0, at) + out.slice(at, at + length).repeat(2) + out.slice(at + length);
        break;
      case 4:
        if (words.chance(20)) out = out.slice(0, at);
        break;
      default: {
        if (numbers.length === 0) break;
        const found = words.pick(numbers);
        const by = words.pick([
          "0",
          "-1",
          "255",
          "256",
          "65535",
          "65536",
          "0xffffffff",
          "4294967296",
          "0x10",
          "07",
          "1x",
          "",
        ]);
        out = out.slice(0, found.index) + by + out.slice(found.index + found[0].length);
      }
    }
  }
  return out;
}

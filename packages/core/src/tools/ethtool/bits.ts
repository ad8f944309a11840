// Sets of named bits on the command line: a number with an optional mask in hexadecimal ("10/ff"), or names that are
// followed by on or off. And the letters of wake-on-LAN.

import type { Bitset } from "../../netlink/generic/ethtool-bitset.ts";
import { wrongParameter } from "./parameters.ts";
import type { EthtoolSession } from "./session.ts";

/** What was read, and how many words it took. */
export interface ReadBits {
  readonly set: Bitset;
  readonly words: number;
}

const BITS_A_WORD = 32;

function packed(digits: string): Uint8Array {
  const bytes = new Uint8Array(4 * Math.ceil(digits.length / 8));
  const whole = digits.padStart(2 * bytes.length, "0");
  bytes.forEach((_, at) => {
    const from = whole.length - 2 * (at + 1);
    bytes[at] = Number.parseInt(whole.slice(from, from + 2), 16);
  });
  return bytes;
}

/** "VALUE[/MASK]"; without a mask the value is the whole list. Undefined if the text is not of that form. */
function numeric(text: string): Bitset | undefined {
  const match = /^(?:0x)?([0-9a-fA-F]+)(?:\/(?:0x)?([0-9a-fA-F]+))?$/.exec(text);
  const [, value, mask] = match ?? [];
  if (value === undefined) return undefined;
  const longest = Math.max(value.length, mask?.length ?? 0);
  const size = BITS_A_WORD * Math.ceil((longest * 4) / BITS_A_WORD);
  const bits = { size, value: packed(value.padStart(longest, "0")) };
  return mask === undefined
    ? { nomask: true, ...bits }
    : { ...bits, mask: packed(mask.padStart(longest, "0")) };
}

/** Reads the words after `parameter`. Ends the program if a name is not followed by on or off. */
export function readBits(session: EthtoolSession, parameter: string, words: readonly string[]): ReadBits {
  const [first = ""] = words;
  const number = numeric(first);
  if (number) return { set: number, words: 1 };
  const bit: { name: string; value?: true }[] = [];
  let at = 0;
  while (at < words.length && words[at] !== "--") {
    const name = words[at] ?? "";
    const flag = words[at + 1];
    if (flag !== "on" && flag !== "off") {
      // what follows the list is the next parameter
      if (bit.length > 0) return { set: { bits: { bit } }, words: at };
      wrongParameter(session, `flag '${name}' for parameter '${parameter}' is not followed by 'on' or 'off'`);
    }
    bit.push(flag === "on" ? { name, value: true } : { name });
    at += 2;
  }
  return { set: { bits: { bit } }, words: words[at] === "--" ? at + 1 : at };
}

const WAKE_MODES = ["phy", "ucast", "mcast", "bcast", "arp", "magic", "magicsecure", "filter"];
const WAKE_LETTERS = "pumbagsf";

/** "pumbagsf" in any choice, "d" for none of them. Ends the program over another letter. */
export function readWakeModes(session: EthtoolSession, text: string): Bitset {
  const number = /^\d/.test(text) ? numeric(text) : undefined;
  if (number) return number;
  const bit: { name: string }[] = [];
  for (const letter of text) {
    const index = WAKE_LETTERS.indexOf(letter);
    if (index >= 0) bit.push({ name: WAKE_MODES[index] ?? "" });
    else if (letter === "d") bit.length = 0;
    else wrongParameter(session, `invalid char '${letter}' in '${text}' for parameter 'wol'`);
  }
  return { nomask: true, bits: { bit } };
}

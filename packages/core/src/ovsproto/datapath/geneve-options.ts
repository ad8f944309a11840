// Options of Geneve headers (RFC 8926, 3.5) in a datapath's key: as bytes in its words, and as text
// (format_odp_tun_geneve, scan_geneve of Open vSwitch's lib/odp-util.c).

import { bytesFromHex, bytesToHex } from "../../wire/hex.ts";
import { readU16BE, readU32BE, readU8, writeU16BE, writeU32BE, writeU8 } from "../../wire/bytes.ts";
import { W, word } from "../flow/flow.ts";
import type { Flow } from "../flow/flow.ts";

export const OPTION_HEADER = 4;
/** What the words have room for. */
const MAX_OPTIONS = 252;

export interface GeneveOption {
  readonly optionClass: number;
  /** With the bit that says that it must be understood. */
  readonly type: number;
  /** Bytes of its value, and where that is among all options. */
  readonly length: number;
  readonly at: number;
}

/** Puts options, as in the header, into the words of a key. What does not fit is left out. */
export function storeOptions(key: Flow, options: Uint8Array): void {
  const length = Math.min(options.length, MAX_OPTIONS) & ~3;
  key[W.TUN_OPTIONS] = length;
  for (let at = 0; at < length; at += 4) key[W.TUN_METADATA + at / 4] = readU32BE(options, at);
}

export function optionsOf(key: Flow): Uint8Array {
  const options = new Uint8Array(word(key, W.TUN_OPTIONS));
  for (let at = 0; at < options.length; at += 4) writeU32BE(options, at, word(key, W.TUN_METADATA + at / 4));
  return options;
}

/** One after the other; an option that is cut off ends the row. */
export function* eachOption(options: Uint8Array): Iterable<GeneveOption> {
  for (let at = 0; at + OPTION_HEADER <= options.length;) {
    const length = (readU8(options, at + 3) & 0x1f) * 4;
    const value = at + OPTION_HEADER;
    if (value + length > options.length) return;
    yield { optionClass: readU16BE(options, at), type: readU8(options, at + 2), length, at: value };
    at = value + length;
  }
}

export function writeOptionHeader(
  options: Uint8Array,
  at: number,
  optionClass: number,
  type: number,
  length: number,
): void {
  writeU16BE(options, at, optionClass);
  writeU8(options, at + 2, type);
  writeU8(options, at + 3, length / 4);
}

function hexadecimal(value: number): string {
  return value === 0 ? "0" : `0x${value.toString(16)}`;
}

function valueText(bytes: Uint8Array): string {
  const digits = bytesToHex(bytes).replace(/^0+/, "");
  return `0x${digits === "" ? "0" : digits}`;
}

/** `{class=0xffff,type=0x80,len=4,0xa}`, with the bits that matter if not all of a value do. */
export function formatOptionBytes(options: Uint8Array, bits?: Uint8Array): string {
  let text = "";
  for (const { optionClass, type, length, at } of eachOption(options)) {
    text += `{class=${hexadecimal(optionClass)},type=${hexadecimal(type)},len=${length}`;
    if (length > 0) {
      text += `,${valueText(options.subarray(at, at + length))}`;
      const wanted = bits?.subarray(at, at + length);
      if (wanted?.some((byte) => byte !== 0xff)) text += `/${valueText(wanted)}`;
    }
    text += "}";
  }
  return text;
}

/** `geneve({class=0xffff,type=0x80,len=4,0xa})`; undefined if there is nothing to say. */
export function formatOptions(key: Flow, mask: Flow | undefined): string | undefined {
  if (word(key, W.TUN_OPTIONS) === 0 || (mask && word(mask, W.TUN_OPTIONS) === 0)) return undefined;
  return `geneve(${formatOptionBytes(optionsOf(key), mask && optionsOf(wholeLength(key, mask)))})`;
}

/** The mask with the length of the key's options. */
function wholeLength(key: Flow, mask: Flow): Flow {
  const whole = mask.slice();
  whole[W.TUN_OPTIONS] = word(key, W.TUN_OPTIONS);
  return whole;
}

const OPTION = /^\{class=(\w+),type=(\w+),len=(\d+)(?:,(0x[0-9a-f]+)(?:\/(0x[0-9a-f]+))?)?\}/i;

/** What stands in `geneve(...)`, with the bits that matter; undefined if it is not right. */
export function parseOptions(
  text: string,
): { readonly value: Uint8Array; readonly mask: Uint8Array } | undefined {
  const values: number[] = [];
  const masks: number[] = [];
  let rest = text;
  while (rest !== "") {
    const match = OPTION.exec(rest);
    if (!match) return undefined;
    const [all, optionClass, type, lengthText, value = "0x0", mask] = match;
    const length = Number(lengthText);
    const bytes = bytesFromHex(value.slice(2).padStart(2 * length, "0"));
    const wanted =
      mask === undefined
        ? new Uint8Array(length).fill(0xff)
        : bytesFromHex(mask.slice(2).padStart(2 * length, "0"));
    if (bytes?.length !== length || wanted?.length !== length || length % 4 !== 0) return undefined;
    const option = new Uint8Array(OPTION_HEADER + length);
    writeOptionHeader(option, 0, Number(optionClass), Number(type), length);
    option.set(bytes, OPTION_HEADER);
    values.push(...option);
    masks.push(0xff, 0xff, 0xff, 0xff, ...wanted);
    rest = rest.slice(all.length);
  }
  return { value: Uint8Array.from(values), mask: Uint8Array.from(masks) };
}

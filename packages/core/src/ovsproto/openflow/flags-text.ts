/** Sets of named bits in flow syntax: `syn|ack`, and `+syn-ack` where only some bits matter. */
import { scanNumber } from "./c-numbers.ts";
import type { MaskedValue } from "./match.ts";
import { TextError } from "./text-error.ts";

/** Names of single bits. */
export interface FlagNames {
  /** As errors call them. */
  readonly what: string;
  readonly names: ReadonlyMap<number, string>;
  /** Bits that may be set. */
  readonly allowed: number;
}

function flagNames(what: string, list: readonly (readonly [number, string])[]): FlagNames {
  return { what, names: new Map(list), allowed: list.reduce((all, [bit]) => all | bit, 0) };
}

export const tcpFlagNames = flagNames("TCP", [
  [0x001, "fin"],
  [0x002, "syn"],
  [0x004, "rst"],
  [0x008, "psh"],
  [0x010, "ack"],
  [0x020, "urg"],
  [0x040, "ece"],
  [0x080, "cwr"],
  [0x100, "ns"],
  [0x200, "[200]"],
  [0x400, "[400]"],
  [0x800, "[800]"],
]);

export const ctStateNames = flagNames("ct_state", [
  [0x01, "new"],
  [0x02, "est"],
  [0x04, "rel"],
  [0x08, "rpl"],
  [0x10, "inv"],
  [0x20, "trk"],
  [0x40, "snat"],
  [0x80, "dnat"],
]);

/** OpenFlow's field has the first only; the others show in flows of packets. */
export const tunnelFlagNames: FlagNames = {
  ...flagNames("tunnel", [
    [0x1, "oam"],
    [0x2, "df"],
    [0x4, "csum"],
    [0x8, "key"],
  ]),
  allowed: 0x1,
};

function bitsOf(flags: number): number[] {
  const bits: number[] = [];
  for (let rest = flags; rest !== 0; rest &= rest - 1) bits.push(rest & -rest);
  return bits;
}

/** `syn|ack`; bits without a name as one hexadecimal number at the end; `0` if there are none. */
export function formatFlags({ names }: FlagNames, flags: number, separator = "|"): string {
  if (flags === 0) return "0";
  const words: string[] = [];
  let unknown = 0;
  for (const bit of bitsOf(flags)) {
    const name = names.get(bit);
    if (name === undefined) unknown |= bit;
    else words.push(name);
  }
  if (unknown !== 0) words.push(`0x${(unknown >>> 0).toString(16)}`);
  return words.join(separator);
}

/** `+syn-ack`, or as `formatFlags` if all of `max` matters. */
export function formatMaskedFlags(names: FlagNames, { value, mask }: MaskedValue, max: number): string {
  let flags = Number(value);
  const masked = Number(mask);
  if (masked === max) return formatFlags(names, flags);
  if (masked === 0) return "0/0";
  const outside = flags & ~masked;
  flags &= masked;
  let text = outside === 0 ? "" : formatFlags(names, outside);
  for (const bit of bitsOf(masked)) {
    text += `${(flags & bit) === 0 ? "-" : "+"}${names.names.get(bit) ?? "[Unknown]"}`;
  }
  return text;
}

function bitNamed(flags: FlagNames, name: string): number | undefined {
  for (const [bit, known] of flags.names) if (known === name && (bit & flags.allowed) !== 0) return bit;
  return undefined;
}

const unknown = (flags: FlagNames, text: string) => new TextError(`${text}: unknown ${flags.what} flag(s)`);

function parseNumbers(flags: FlagNames, text: string): MaskedValue {
  const refuse = () => unknown(flags, text);
  const value = scanNumber(text);
  if (!value || value.value > 0xffff_ffffn || (Number(value.value) & ~flags.allowed) !== 0) throw refuse();
  const rest = text.slice(value.length);
  if (rest === "") return { value: value.value, mask: BigInt(flags.allowed) };
  const mask = rest.startsWith("/") ? scanNumber(rest.slice(1)) : undefined;
  // what stands behind the mask is not looked at
  if (!mask) throw refuse();
  const masked = BigInt.asUintN(32, mask.value);
  if ((masked & ~BigInt(flags.allowed)) !== 0n) throw refuse();
  return { value: value.value & masked, mask: masked };
}

function parseSigned(flags: FlagNames, text: string): MaskedValue {
  let value = 0;
  let mask = 0;
  let at = 0;
  while (at < text.length) {
    const sign = text[at];
    const length = text.slice(at + 1).search(/[+-]/);
    const end = length < 0 ? text.length : at + 1 + length;
    const name = text.slice(at + 1, end);
    const bit = bitNamed(flags, name);
    if (bit === undefined) throw unknown(flags, text.slice(at + 1));
    if ((mask & bit) !== 0)
      throw new TextError(`${name}: Each ${flags.what} flag can be specified only once`);
    mask |= bit;
    if (sign === "+") value |= bit;
    at = end;
  }
  return { value: BigInt(value), mask: BigInt(mask) };
}

/** Whether a text that `parseMaskedFlags` reads says which bits matter, all of them perhaps. */
export const saysFlagMask = (text: string): boolean => /^[+-]|^[0-9].*\//.test(text);

/** Numbers with a mask, `+a-b`, or `a|b`, which fixes all other bits too. */
export function parseMaskedFlags(flags: FlagNames, text: string): MaskedValue {
  if (/^[0-9]/.test(text)) return parseNumbers(flags, text);
  if (/^[+-]/.test(text)) return parseSigned(flags, text);
  let value = 0;
  for (const name of text.split("|")) {
    const bit = bitNamed(flags, name);
    if (bit === undefined) throw unknown(flags, text);
    value |= bit;
  }
  return { value: BigInt(value), mask: BigInt(flags.allowed) };
}

/** Values of fields in flow syntax, with masks: what stands right of `reg0=` and left of `->reg0`. */
import {
  formatMaskedIpv4,
  formatMaskedIpv6,
  formatMaskedMac,
  parseMaskedIpv4,
  parseMaskedIpv6,
  parseMaskedMac,
} from "./address-text.ts";
import { scanNumber, scanWideNumber } from "./c-numbers.ts";
import type { Field } from "./fields.ts";
import {
  ctStateNames,
  formatMaskedFlags,
  parseMaskedFlags,
  saysFlagMask,
  tcpFlagNames,
  tunnelFlagNames,
} from "./flags-text.ts";
import type { FlagNames } from "./flags-text.ts";
import { onesOf } from "./flow-key.ts";
import type { MaskedValue } from "./match.ts";
import { formatPort, parsePort } from "./names.ts";
import type { Names } from "./names.ts";
import { port32, portFrom32 } from "./ports.ts";
import { TextError } from "./text-error.ts";

const ANY_FRAGMENT = 1n;
const LATER_FRAGMENT = 2n;

/** Words for nw_frag; the first that fits, both ways. */
const FRAGMENTS: readonly (readonly [name: string, mask: bigint, value: bigint])[] = [
  ["no", ANY_FRAGMENT | LATER_FRAGMENT, 0n],
  ["first", ANY_FRAGMENT | LATER_FRAGMENT, ANY_FRAGMENT],
  ["later", ANY_FRAGMENT | LATER_FRAGMENT, ANY_FRAGMENT | LATER_FRAGMENT],
  ["no", ANY_FRAGMENT, 0n],
  ["yes", ANY_FRAGMENT, ANY_FRAGMENT],
  ["not_later", LATER_FRAGMENT, 0n],
  ["later", LATER_FRAGMENT, LATER_FRAGMENT],
];

export function formatFragment({ value, mask }: MaskedValue): string {
  return FRAGMENTS.find(([, m, v]) => m === (mask & 3n) && v === (value & m))?.[0] ?? "<error>";
}

/** `0x1f`, without leading zeros. */
export function hex(value: bigint | number): string {
  return `0x${value.toString(16)}`;
}

/** C's `%#x`: zero has no prefix. */
export function alternateHex(value: bigint | number): string {
  return Number(value) === 0 ? "0" : hex(value);
}

/** Hexadecimal where that makes a difference. */
const short = (value: bigint) => (value < 10n ? String(value) : hex(value));

export function formatPacketType(type: bigint): string {
  return `(${short(type >> 16n)},${short(type & 0xffffn)})`;
}

function flagsOf(field: Field): FlagNames {
  if (field.format === "tcp-flags") return tcpFlagNames;
  return field.format === "ct-state" ? ctStateNames : tunnelFlagNames;
}

/**
 * A value as Open vSwitch's mf_format writes it.
 * @param mask all ones if left out
 */
export function formatFieldValue(field: Field, value: bigint, mask?: bigint, names?: Names): string {
  const exactMask = onesOf(8 * field.bytes);
  if (mask === 0n) return "ANY";
  // of a tunnel option with a place in a switch's table the mask may be wider than the field
  const exact = mask === undefined || (mask & exactMask) === exactMask;
  switch (field.format) {
    case "port32":
      if (exact) {
        const port = portFrom32(Number(value));
        return port === undefined ? String(value) : formatPort(port, names);
      }
      break;
    case "port":
      if (exact) return formatPort(Number(value), names);
      break;
    case "ethernet":
      return formatMaskedMac({ value, mask: exact ? onesOf(48) : mask });
    case "ipv4":
      return formatMaskedIpv4({ value, mask: exact ? onesOf(32) : mask });
    case "ipv6":
      return formatMaskedIpv6({ value, mask: exact ? onesOf(128) : mask });
    case "frag":
      return formatFragment({ value, mask: exact ? 3n : mask });
    case "packet-type":
      return formatPacketType(value);
    case "ct-state":
      // mf_format tells a mask of all bits by the lower half only, which that of a whole value is not
      return formatMaskedFlags(ctStateNames, { value, mask: mask ?? exactMask }, 0xffff);
    case "tcp-flags":
    case "tunnel-flags": {
      const flags = flagsOf(field);
      return formatMaskedFlags(flags, { value, mask: exact ? BigInt(flags.allowed) : mask }, flags.allowed);
    }
    case "decimal":
    case "hexadecimal":
      break;
  }
  const text = field.format === "hexadecimal" ? alternateHex(value) : String(value);
  return exact ? text : `${text}/${hex(mask)}`;
}

function wide(field: Field, text: string, from: string, what: "value" | "mask") {
  const scanned = scanWideNumber(from, field.bytes);
  if (scanned === "range") {
    throw new TextError(`${text}: ${what} too large for ${field.bytes}-byte field ${field.name}`);
  }
  if (scanned === "syntax") throw new TextError(`${text}: bad syntax for ${field.name} ${what}`);
  return scanned;
}

function parseNumber(field: Field, text: string): MaskedValue {
  const value = wide(field, text, text, "value");
  const rest = text.slice(value.length);
  if (rest === "") return { value: value.value, mask: onesOf(8 * field.bytes) };
  if (!rest.startsWith("/")) throw new TextError(`${text}: bad syntax for ${field.name} value`);
  const mask = wide(field, text, rest.slice(1), "mask");
  if (mask.length !== rest.length - 1) throw new TextError(`${text}: bad syntax for ${field.name} mask`);
  return { value: value.value, mask: mask.value };
}

function parseFlagValue(field: Field, text: string): MaskedValue {
  const flags = flagsOf(field);
  const { value, mask } = parseMaskedFlags(flags, text);
  // of a tunnel's flags one is all that there is, so whether there is a mask is a matter of what was said
  const whole = Number(mask) === flags.allowed && !(field.format === "tunnel-flags" && saysFlagMask(text));
  return { value, mask: whole ? onesOf(8 * field.bytes) : mask };
}

/** A port takes no mask. */
function parsePortValue(field: Field, text: string, names: Names | undefined): MaskedValue {
  const port = parsePort(text, names);
  if (port === undefined) {
    const fault = field.format === "port32" ? "port value out of range" : "invalid or unknown port";
    throw new TextError(`${text}: ${fault} for ${field.name}`);
  }
  return { value: BigInt(field.format === "port32" ? port32(port) : port), mask: onesOf(8 * field.bytes) };
}

function parsePacketType(text: string): MaskedValue {
  const refuse = (rest: string, what: string) => new TextError(`${rest}: bad syntax for packet type ${what}`);
  if (!text.startsWith("(")) throw refuse(text, "missing '('");
  let rest = text.slice(1);
  const namespace = scanNumber(rest);
  if (!namespace || namespace.value > 0xffffn) throw refuse(rest, "ns");
  rest = rest.slice(namespace.length);
  if (!rest.startsWith(",")) throw refuse(text.slice(1), "missing ','");
  rest = rest.slice(1);
  const type = scanNumber(rest);
  if (!type || type.value > 0xffffn) throw refuse(rest, "ns_type");
  if (rest[type.length] !== ")") throw refuse(rest, "missing ')'");
  return { value: (namespace.value << 16n) | type.value, mask: onesOf(32) };
}

function parseUnchecked(field: Field, text: string, names: Names | undefined): MaskedValue {
  switch (field.format) {
    case "decimal":
    case "hexadecimal":
      return parseNumber(field, text);
    case "ethernet":
      return parseMaskedMac(text);
    case "ipv4":
      return parseMaskedIpv4(text);
    case "ipv6":
      return parseMaskedIpv6(text);
    case "port":
    case "port32":
      return parsePortValue(field, text, names);
    case "frag": {
      const found = FRAGMENTS.find(([name]) => name === text.toLowerCase());
      if (!found) {
        throw new TextError(
          `${text}: unknown fragment type (valid types are "no", "yes", "first", "later", "not_later"`,
        );
      }
      return { value: found[2], mask: found[1] === 3n ? onesOf(8) : found[1] };
    }
    case "packet-type":
      return parsePacketType(text);
    case "tcp-flags":
    case "ct-state":
    case "tunnel-flags":
      return parseFlagValue(field, text);
  }
}

/** Reads `VALUE` or `VALUE/MASK`. A field that cannot be masked takes a mask of none or of all bits. */
export function parseFieldValue(field: Field, text: string, names?: Names): MaskedValue {
  const parsed = parseUnchecked(field, text, names);
  const all = onesOf(8 * field.bytes);
  if (!field.maskable && parsed.mask !== 0n && parsed.mask !== all) {
    throw new TextError(`${text}: invalid mask for field ${field.name}`);
  }
  return parsed;
}

/** The same for a reader that words faults in its own way. @param masked bits may be left open */
export function readFieldValue(
  field: Field,
  text: string,
  names: Names | undefined,
  masked: boolean,
  wrong: (fault: string) => never,
): MaskedValue {
  const parsed = ((): MaskedValue => {
    try {
      return parseFieldValue(field, text, names);
    } catch (error) {
      if (error instanceof TextError) return wrong(error.message);
      throw error;
    }
  })();
  const flags =
    field.format === "tcp-flags" || field.format === "ct-state" || field.format === "tunnel-flags";
  const whole = parsed.mask === onesOf(8 * field.bytes) && !(flags && saysFlagMask(text));
  if (!masked && !whole) wrong(`${text}: wildcards not allowed here`);
  return parsed;
}

/** Lists of OXM and NXM fields with their names and bytes: `NXM_OF_IN_PORT(0001), NXM_NX_REG0_W(05/0f)`. */
import { OpenflowError } from "./errors.ts";
import { fieldByCode, fieldByCodeName } from "./fields.ts";
import type { Field, OxmCode } from "./fields.ts";
import { scanHexBytes } from "./hex-bytes.ts";
import { MessageReader, MessageWriter } from "./message-bytes.ts";
import type { DecodeLog } from "./message-bytes.ts";
import { isCookie, readOxmEntry } from "./oxm.ts";
import type { OxmEntry } from "./oxm.ts";
import { TextError } from "./text-error.ts";

/** `<any>` for an empty list. What cannot be read ends it, and is not shown. */
export function formatOxm(bytes: Uint8Array, log?: DecodeLog): string {
  if (bytes.length === 0) return "<any>";
  const from = new MessageReader(bytes, log);
  const words: string[] = [];
  while (from.left > 0) {
    try {
      words.push(formatEntry(readOxmEntry(from)));
    } catch (error) {
      if (!(error instanceof OpenflowError)) throw error;
      if (from.left > 0) words.push(`<${from.left} invalid bytes>`);
      break;
    }
  }
  return words.join(", ");
}

function formatEntry({ header, bytes, value, mask }: OxmEntry): string {
  const known = fieldByCode(header.oxmClass, header.vendor, header.number);
  const cookie = isCookie(header);
  const name = cookie ? "NXM_NX_COOKIE" : (known?.code.name ?? `${header.oxmClass}:${header.number}`);
  // Of tunnel options the original shows the first bytes of a buffer at whose end they are.
  const hidden = known?.field.tunMetadata === undefined ? 0 : known.field.bytes - bytes;
  const hex = (part: bigint): string => (part >> BigInt(8 * hidden)).toString(16).padStart(2 * bytes, "0");
  const shown = (part: bigint): string => (bytes === 0 ? "" : hex(part));
  if (!header.masked) return `${name}(${shown(value)})`;
  return `${name}${known || cookie ? "_W" : ""}(${shown(value)}/${shown(mask)})`;
}

interface NamedHeader {
  readonly oxmClass: number;
  readonly vendor: number;
  readonly number: number;
  readonly masked: boolean;
  readonly bytes: number;
  readonly field: Field | undefined;
}

function headerOf(field: Field, code: OxmCode, masked: boolean): NamedHeader {
  return {
    oxmClass: code.oxmClass,
    vendor: code.vendor,
    number: code.number,
    masked,
    bytes: field.bytes,
    field,
  };
}

function namedHeader(name: string): NamedHeader | undefined {
  const exact = fieldByCodeName(name);
  if (exact) return headerOf(exact.field, exact.code, false);
  const masked = name.endsWith("_W") ? fieldByCodeName(name.slice(0, -2)) : undefined;
  if (masked?.field.maskable === true) return headerOf(masked.field, masked.code, true);
  if (name === "NXM_NX_COOKIE" || name === "NXM_NX_COOKIE_W") {
    return { oxmClass: 1, vendor: 0, number: 30, masked: name.endsWith("_W"), bytes: 8, field: undefined };
  }
  if (!/^[0-9a-fA-F]{8}$/.test(name)) return undefined;
  const word = Number.parseInt(name, 16);
  const hasMask = ((word >>> 8) & 1) !== 0;
  const length = word & 0xff;
  return {
    oxmClass: word >>> 16,
    vendor: 0,
    number: (word >>> 9) & 0x7f,
    masked: hasMask,
    bytes: hasMask ? length / 2 : length,
    field: undefined,
  };
}

/** Reads such a list. */
export function parseOxm(text: string): Uint8Array {
  const out = new MessageWriter();
  if (text === "<any>") return out.bytes();
  let rest = text;
  for (;;) {
    rest = rest.replace(/^[, ]+/, "");
    if (rest === "") return out.bytes();
    const at = rest.indexOf("(");
    if (at < 0) throw new TextError(`${text}: missing ( at end of nx_match`);
    const name = rest.slice(0, at);
    const header = namedHeader(name);
    if (!header) throw new TextError(`${text}: unknown field \`${name}'`);
    const value = scanHexBytes(rest.slice(at + 1));
    let { bytes } = header;
    if (value.bytes.length !== bytes) {
      if (header.field?.tunMetadata === undefined) {
        throw new TextError(`expected to read ${bytes} bytes but got ${value.bytes.length}`);
      }
      if (value.bytes.length > bytes) {
        throw new TextError(`expected to read at most ${bytes} bytes but got ${value.bytes.length}`);
      }
      bytes = value.bytes.length;
    }
    const experimenter = header.oxmClass === 0xffff;
    out.u16(header.oxmClass).u8((header.number << 1) | (header.masked ? 1 : 0));
    out.u8((header.masked ? 2 * bytes : bytes) + (experimenter ? 4 : 0));
    if (experimenter) out.u32(header.vendor);
    out.put(value.bytes);
    rest = value.rest;
    if (header.masked) {
      rest = rest.replace(/^ +/, "");
      if (!rest.startsWith("/")) throw new TextError(`${text}: missing / in masked field ${name}`);
      const mask = scanHexBytes(rest.slice(1));
      if (mask.bytes.length !== bytes) throw new TextError(`${mask.rest.slice(0, 2)}: hex digits expected`);
      out.put(mask.bytes);
      rest = mask.rest;
    }
    rest = rest.replace(/^ +/, "");
    if (!rest.startsWith(")")) throw new TextError(`${text}: missing ) following field ${name}`);
    rest = rest.slice(1);
  }
}

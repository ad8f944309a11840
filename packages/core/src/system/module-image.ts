// What the file of a kernel module says of it: the section .modinfo of an ELF file, `key=value` texts one behind the other. The
// writer makes files with nothing else in them, for a kernel whose modules need no code.

import { ERRNO } from "../netlink/errno.ts";
import { Refusal } from "../netlink/refusal.ts";

const HEADER = 64;
const SECTION_HEADER = 64;
const SECTION = ".modinfo";
/** ET_REL, EM_X86_64, SHT_PROGBITS, SHT_STRTAB */
const RELOCATABLE = 1;
const X86_64 = 62;
const PROGRAM_BITS = 1;
const STRING_TABLE = 3;

export type ModuleField = readonly [key: string, value: string];

/** In the order of the file. Errors: Refusal ENOEXEC for what is no such file. */
export function readModuleInformation(image: Uint8Array): readonly ModuleField[] {
  const section = findSection(image);
  if (!section) throw new Refusal(ERRNO.ENOEXEC);
  return new TextDecoder()
    .decode(section)
    .split("\0")
    .filter((text) => text !== "")
    .map((text): ModuleField => {
      const equals = text.indexOf("=");
      return [text.slice(0, equals), text.slice(equals + 1)];
    });
}

function findSection(image: Uint8Array): Uint8Array | undefined {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  if (image.length < HEADER || view.getUint32(0) !== 0x7f45_4c46) return undefined;
  const start = Number(view.getBigUint64(40, true));
  const count = view.getUint16(60, true);
  const namesIndex = view.getUint16(62, true);
  if (start + count * SECTION_HEADER > image.length || namesIndex >= count) return undefined;
  const range = (index: number) => {
    const at = start + index * SECTION_HEADER;
    const from = Number(view.getBigUint64(at + 24, true));
    return image.subarray(from, from + Number(view.getBigUint64(at + 32, true)));
  };
  const names = range(namesIndex);
  for (let index = 0; index < count; index++) {
    const from = view.getUint32(start + index * SECTION_HEADER, true);
    const end = names.indexOf(0, from);
    if (new TextDecoder().decode(names.subarray(from, end)) === SECTION) return range(index);
  }
  return undefined;
}

export function moduleImage(fields: readonly ModuleField[]): Uint8Array {
  const encoder = new TextEncoder();
  const information = encoder.encode(fields.map(([key, value]) => `${key}=${value}\0`).join(""));
  const names = encoder.encode(`\0${SECTION}\0.shstrtab\0`);
  const namesAt = HEADER + information.length;
  const headersAt = (namesAt + names.length + 7) & ~7;
  const image = new Uint8Array(headersAt + 3 * SECTION_HEADER);
  const view = new DataView(image.buffer);
  image.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]); // 64 bits, little-endian, version 1
  view.setUint16(16, RELOCATABLE, true);
  view.setUint16(18, X86_64, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(40, BigInt(headersAt), true);
  view.setUint16(52, HEADER, true);
  view.setUint16(58, SECTION_HEADER, true);
  view.setUint16(60, 3, true);
  view.setUint16(62, 2, true);
  image.set(information, HEADER);
  image.set(names, namesAt);
  const section = (index: number, name: number, type: number, from: number, length: number) => {
    const at = headersAt + index * SECTION_HEADER;
    view.setUint32(at, name, true);
    view.setUint32(at + 4, type, true);
    view.setBigUint64(at + 24, BigInt(from), true);
    view.setBigUint64(at + 32, BigInt(length), true);
    view.setBigUint64(at + 48, 1n, true);
  };
  section(1, 1, PROGRAM_BITS, HEADER, information.length);
  section(2, 1 + SECTION.length + 1, STRING_TABLE, namesAt, names.length);
  return image;
}

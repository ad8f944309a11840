// Paths into the components of logical function blocks, and the data and results at them (RFC 5810 section 7.1).

import type { Dissector } from "../dissector.ts";
import { hexOrTruncated } from "../hexdump.ts";
import { hex, padded } from "../numbers.ts";
import {
  APPEND,
  blanks,
  FULL,
  ilvFault,
  KEY,
  RANGE,
  RESULT,
  roundedUp,
  SPARSE,
  TLV_HEADER,
  tlvFault,
  untilCut,
} from "./fields.ts";
import type { Printer } from "./fields.ts";
import { RESULTS, TLV_FAULTS, TLVS } from "./names.ts";

const [PATH, KEY_INFORMATION, FULL_DATA, SPARSE_DATA, RESULT_DATA] = [
  0x110, 0x111, 0x112, 0x113, 0x114,
] as const;
const [SELECT_KEY, SELECT_RANGE, TABLE_APPEND] = [1, 2, 4] as const;
const DESCRIPTION_LENGTH = 12; // of a key or a range
const RESULT_LENGTH = 4;

/** A name, or "#N" as tcpdump has it. */
function faultName(kind: number): string {
  return TLV_FAULTS.get(kind) ?? `#${kind}`;
}

export function tlvName(type: number): string {
  return TLVS.get(type) ?? `#${type}`;
}

const result: Printer = (d, at, length, _operations, indent) =>
  untilCut(d, () => {
    if (length - TLV_HEADER !== RESULT_LENGTH) {
      d.text += `illegal RESULT-TLV: ${length - TLV_HEADER} bytes!\n`;
      return false;
    }
    d.need(at + TLV_HEADER, RESULT_LENGTH);
    const code = d.u8(at + TLV_HEADER);
    if (code >= 0x18 && code <= 0xfe) {
      d.text += `illegal reserved result code: 0x${hex(code)}!\n`;
      return false;
    }
    if (d.verbose >= 3) {
      d.text += `${blanks(indent)}  Result: ${RESULTS.get(code) ?? `#${code}`} (code 0x${hex(code)})\n`;
    }
    return true;
  });

const fullData: Printer = (d, at, length, _operations, indent) =>
  untilCut(d, () => {
    d.need(at, TLV_HEADER);
    if (d.u16(at) !== FULL_DATA) {
      d.text += "Error: expecting FULLDATA!\n";
      return false;
    }
    if (d.verbose >= 3) {
      const margin = blanks(indent + 1);
      d.text += `${margin}[`;
      hexOrTruncated(d, `\n${margin}`, at + TLV_HEADER, length - TLV_HEADER);
      d.text += `\n${margin}]`;
    }
    return true;
  });

const sparseData: Printer = (d, start, length, _operations, indent) =>
  untilCut(d, () => {
    d.need(start, TLV_HEADER);
    if (d.u16(start) !== SPARSE_DATA) {
      d.text += "Error: expecting SPARSEDATA!\n";
      return false;
    }
    let at = start + TLV_HEADER;
    let left = length - TLV_HEADER;
    if (left < 8) {
      d.text += "Error: BAD SPARSEDATA-TLV!\n";
      return false;
    }
    while (left !== 0) {
      const fault = ilvFault(d, at, left);
      if (fault !== 0) {
        d.text += `Error: ${faultName(fault)}, rlen ${left}\n`;
        return false;
      }
      const size = d.u32(at + 4);
      if (d.verbose >= 3) {
        d.text += `\n${blanks(indent)} ILV: type ${hex(d.u32(at))} length ${size}\n`;
        hexOrTruncated(d, "\t\t[", at + 8, size - 8);
      }
      at += roundedUp(size);
      left -= roundedUp(size);
    }
    return true;
  });

const keyInformation: Printer = (d, at, length, operations, indent) => {
  d.text += `${blanks(indent)}Keyinfo: Key 0x${hex(d.u32(at + 4))}\n`;
  const inner = at + 8;
  const [type, size] = [d.u16(inner), d.u16(inner + 2)];
  const fault = tlvFault(size, length);
  if (fault !== 0) {
    d.text += `${faultName(fault)} TLV type 0x${hex(type)} len ${size}\n`;
    return false;
  }
  return fullData(d, inner + TLV_HEADER, size, operations, indent);
};

interface Content {
  readonly name: string;
  readonly allowed: number;
  readonly print: Printer;
}

const CONTENTS: Readonly<Record<number, Content>> = {
  [PATH]: { name: "Inner PATH-DATA TLV", allowed: 0, print: (...part) => pathData(...part) },
  [KEY_INFORMATION]: { name: "KEYINFO TLV", allowed: 0, print: keyInformation },
  [FULL_DATA]: { name: "FULLDATA TLV", allowed: FULL, print: fullData },
  [SPARSE_DATA]: { name: "SPARSEDATA TLV", allowed: SPARSE, print: sparseData },
  [RESULT_DATA]: { name: "RESULT TLV", allowed: RESULT, print: result },
};

/** Says what the operation should not carry. */
function expectation(d: Dissector, type: number, operations: number, allowed: number): void {
  if (type === PATH) return;
  if ((operations & KEY) !== 0) {
    if (type !== KEY_INFORMATION) d.text += "Based on flags expected KEYINFO TLV!\n";
  } else if ((operations & allowed) === 0) {
    d.text += `Illegal DATA encoding for type 0x${hex(type)} programmed ${hex(allowed)} got ${hex(operations)}\n`;
  }
}

/** Where in a path's value we are. */
interface Cursor {
  at: number;
  left: number;
}

function skip(cursor: Cursor, length: number): void {
  cursor.at += length;
  cursor.left -= length;
}

function isTooShort(d: Dissector, cursor: Cursor): boolean {
  if (cursor.left >= DESCRIPTION_LENGTH) return false;
  d.text += `pathlength ${cursor.left} with key/range too short ${DESCRIPTION_LENGTH}\n`;
  return true;
}

function range(d: Dissector, cursor: Cursor, margin: string): boolean {
  if (isTooShort(d, cursor)) return false;
  const [first, last] = [d.u32(cursor.at + 4), d.u32(cursor.at + 8)];
  skip(cursor, DESCRIPTION_LENGTH);
  if (d.verbose >= 3) d.text += `${margin}Table range: [${first},${last}]\n`;
  return true;
}

function key(d: Dissector, cursor: Cursor): boolean {
  if (isTooShort(d, cursor)) return false;
  const length = d.u16(cursor.at + 6);
  skip(cursor, 8);
  if (length < TLV_HEADER) {
    d.text += `key content length ${length} < ${TLV_HEADER}\n`;
    return false;
  }
  if (cursor.left < length - TLV_HEADER) {
    d.text += "key content too short\n";
    return false;
  }
  skip(cursor, length - TLV_HEADER);
  return true;
}

/** What a path leads to. False if it is wrong. */
function content(d: Dissector, cursor: Cursor, operations: number, indent: number): boolean {
  const { at, left } = cursor;
  const [type, length] = [d.u16(at), d.u16(at + 2)];
  const bad = (): boolean => {
    if (length === 0) return true;
    hexOrTruncated(d, "Bad Data val\n\t  [", at, left);
    d.text += "]\n";
    return false;
  };
  const fault = tlvFault(length, left);
  if (fault !== 0) {
    d.text += `${faultName(fault)} Outstanding bytes ${left} for TLV type 0x${hex(type)} TLV len ${length}\n`;
    return bad();
  }
  const [size, padding] = [length - TLV_HEADER, roundedUp(length) - length];
  const known = CONTENTS[type];
  if (known === undefined) {
    d.text += `Invalid path data content type 0x${hex(type)} len ${length}\n`;
    return bad();
  }
  if (d.verbose >= 3 && type !== PATH) {
    const pad = padding === 0 ? "" : ` pad ${padding}`;
    d.text += `${blanks(indent)}  ${known.name} (Length ${length} DataLen ${size}${pad} Bytes)\n`;
  }
  expectation(d, type, operations, known.allowed);
  if (!known.print(d, at, length + padding, operations, indent + 2)) return false;
  skip(cursor, length + padding);
  return true;
}

/** A path with its flags. False if it is wrong. */
function path(d: Dissector, start: number, total: number, allowed: number, indent: number): boolean {
  return untilCut(d, () => {
    d.need(start, 4);
    if (total < 4) return false;
    const [flags, count] = [d.u16(start), d.u16(start + 2)];
    const margin = blanks(indent);
    if (d.verbose >= 3) d.text += `\n${margin}Pathdata: Flags 0x${hex(flags)} ID count ${count}\n`;
    let operations = allowed;
    if ((flags & SELECT_KEY) !== 0) operations |= KEY;
    if ((flags & SELECT_RANGE) !== 0) operations |= RANGE;
    if ((flags & TABLE_APPEND) !== 0) operations |= APPEND;
    const cursor: Cursor = { at: start + 4, left: total - 4 };
    if (cursor.left < 4 * count) {
      d.text += `\t\t\ttruncated IDs expected ${4 * count}B got ${cursor.left}B\n`;
      hexOrTruncated(d, "\t\t\tID Data[", cursor.at, cursor.left);
      d.text += "]\n";
      return false;
    }
    if ((operations & RANGE) !== 0 && (operations & KEY) !== 0) {
      d.text += "\t\t\tIllegal to have both Table ranges and keys\n";
      return false;
    }
    if ((operations & APPEND) !== 0 && d.verbose >= 3) d.text += `${margin}TABLE APPEND\n`;
    for (let index = 1; index <= count; index++) {
      const id = d.u32(cursor.at);
      if (d.verbose >= 3) d.text += `${margin}ID#${padded(index, 2)}: ${id}\n`;
      skip(cursor, 4);
    }
    // What is wrong from here on ends this path, but not the paths beside it.
    if ((operations & RANGE) !== 0 && !range(d, cursor, margin)) return true;
    if ((operations & KEY) !== 0 && !key(d, cursor)) return true;
    if (cursor.left !== 0 && !content(d, cursor, operations, indent)) return true;
    return cursor.left > 0 ? pathData(d, cursor.at, cursor.left, operations, indent + 1) : true;
  });
}

/** Paths one after the other. */
export const pathData: Printer = (d, start, total, operations, indent) => {
  let at = start;
  let left = total;
  while (left !== 0) {
    const length = d.u16(at + 2);
    if (tlvFault(length, left) !== 0) break;
    if (d.verbose >= 3) {
      d.text += `${blanks(indent)}${tlvName(d.u16(at))}, length ${length} (data encapsulated ${length - TLV_HEADER} Bytes)`;
    }
    if (!path(d, at + TLV_HEADER, length - TLV_HEADER, operations, indent + 1)) return false;
    at += roundedUp(length);
    left -= roundedUp(length);
  }
  if (left === 0) return true;
  d.text += `\n\t\tMessy PATHDATA TLV header, type (0x${hex(d.u16(at))})`;
  d.text += `\n\t\texcess of ${(left - d.u16(at + 2)) >>> 0} Bytes `;
  return false;
};

/** The same with one path only, as the result of a commit has it. */
export const singlePath: Printer = (d, at, left, operations, indent) => {
  const [type, length] = [d.u16(at), d.u16(at + 2)];
  d.text += `genoptlvprint - ${tlvName(type)} TLV type 0x${hex(type)} len ${length}\n`;
  const fault = tlvFault(length, left);
  if (fault !== 0) {
    d.text += `\t\t\tInvalid ForCES TLV type=${hex(type)}`;
    return false;
  }
  if (!isTopLevel(type)) {
    d.text += `${faultName(fault)} TLV type 0x${hex(type)} len ${length}\n`;
    return false;
  }
  if (d.verbose >= 3) {
    d.text += `${blanks(indent)}${tlvName(type)}, length ${length} (data length ${length - TLV_HEADER} Bytes)`;
  }
  return path(d, at + TLV_HEADER, length - TLV_HEADER, operations, indent + 1);
};

/** True for types that may stand in a message. */
export function isTopLevel(type: number): boolean {
  return type === 1 || type === 0x1000 || type === 0x10 || type === 0x11 || (type >= 0x110 && type <= 0x116);
}

// What ForCES messages carry at their top: selectors of logical function blocks with operations on them, redirected packets, and
// the results of associations (RFC 5810 section 7).

import type { Dissector } from "../dissector.ts";
import { hexOrTruncated } from "../hexdump.ts";
import { hex } from "../numbers.ts";
import {
  blanks,
  FULL,
  ilvFault,
  RESULT,
  roundedUp,
  SPARSE,
  TLV_HEADER,
  tlvFault,
  untilCut,
} from "./fields.ts";
import type { Printer } from "./fields.ts";
import { FUNCTION_BLOCKS } from "./names.ts";
import { pathData, singlePath } from "./path-data.ts";

const [SELECTOR_HEADER, SELECTOR_LENGTH, OPERATION_LENGTH, REDIRECT_LENGTH] = [8, 12, 8, 8] as const;

interface Operation {
  readonly name: string;
  readonly allowed: number;
  readonly print: Printer | undefined;
}

function operation(name: string, allowed: number, print: Printer | undefined = pathData): Operation {
  return { name, allowed, print };
}

/** By type from 1 on. */
const OPERATIONS: readonly Operation[] = [
  operation(" Set", FULL | SPARSE),
  operation(" SetProp", FULL | SPARSE),
  operation(" SetResp", RESULT),
  operation(" SetPropResp", RESULT),
  operation(" Del", 0),
  operation(" DelResp", RESULT),
  operation(" Get", 0),
  operation(" GetProp", 0),
  operation(" GetResp", FULL | SPARSE | RESULT),
  operation(" GetPropResp", FULL | RESULT),
  operation(" Report", FULL | SPARSE),
  { name: " Commit", allowed: 0, print: undefined },
  operation(" RCommit", RESULT, singlePath),
  { name: " RTRCOMP", allowed: 0, print: undefined },
];
const VENDOR = 0x8000;

function isAllowed(type: number, mask: number): boolean {
  if (type === 0) return false;
  return type <= OPERATIONS.length ? ((mask >>> (type - 1)) & 1) !== 0 : type >= VENDOR;
}

function bytes(d: Dissector, at: number, length: number, indent: number): void {
  if (d.verbose < 3) return;
  const margin = blanks(indent - 1);
  d.text += `${margin}Data[`;
  hexOrTruncated(d, `\n${margin}`, at, length);
  d.text += `\n${margin}]\n`;
}

function oneOperation(d: Dissector, at: number, indent: number): void {
  const [type, total] = [d.u16(at), d.u16(at + 2)];
  const known = OPERATIONS[type - 1];
  const name = known?.name ?? "Invalid OPTLV";
  const length = total - TLV_HEADER;
  if (d.verbose >= 3) d.text += `${blanks(indent)}Oper TLV ${name}(0x${hex(type)}) length ${total}\n`;
  if (length < OPERATION_LENGTH) {
    d.text += `\t\tOper TLV ${name}(0x${hex(type)}) length ${total}\n`;
    d.text += `\t\tTruncated data size ${length} minimum required ${OPERATION_LENGTH}\n`;
    return bytes(d, at + TLV_HEADER, length, indent);
  }
  if (known === undefined) bytes(d, at + TLV_HEADER, length, indent + 1);
  else known.print?.(d, at + TLV_HEADER, length, known.allowed, indent + 1);
}

export const selector: Printer = (d, start, total, mask, indent) =>
  untilCut(d, () => {
    const length = total - TLV_HEADER;
    if (length <= SELECTOR_LENGTH) {
      d.text += `\n\t\ttruncated lfb selector: ${SELECTOR_LENGTH - length} bytes missing! `;
      return false;
    }
    d.need(start, SELECTOR_HEADER);
    if (d.verbose >= 3) {
      const block = d.u32(start);
      d.text += `\n${blanks(indent)}${FUNCTION_BLOCKS.get(block) ?? `#${block | 0}`}(Classid ${hex(block)}) instance ${hex(d.u32(start + 4))}\n`;
    }
    let at = start + SELECTOR_HEADER;
    let left = length - SELECTOR_HEADER;
    while (left !== 0) {
      const [type, size] = [d.u16(at), d.u16(at + 2)];
      if (tlvFault(size, left) !== 0) break;
      if (isAllowed(type, mask)) oneOperation(d, at, indent + 1);
      else {
        if (d.verbose < 3) d.text += "\n";
        d.text += `\t\tINValid oper-TLV type 0x${hex(type)} length ${size} for this ForCES message\n`;
        bytes(d, at, left, indent + 1);
      }
      at += roundedUp(size);
      left -= roundedUp(size);
    }
    if (left === 0) return true;
    d.text += `\n\t\tMessy oper TLV header, type (0x${hex(d.u16(at))})`;
    d.text += `\n\t\texcess of ${(left - d.u16(at + 2)) >>> 0} Bytes `;
    return false;
  });

const [METADATA, PACKET_DATA] = [0x115, 0x116] as const;

function metadata(d: Dissector, start: number, total: number, indent: number): void {
  let at = start;
  let left = total;
  d.text += `\n${blanks(indent)} METADATA length ${left}\n`;
  while (left !== 0 && ilvFault(d, at, left) === 0) {
    const size = d.u32(at + 4);
    d.text += `${blanks(indent + 1)}MetaID 0x${hex(d.u32(at))} length ${size}\n`;
    if (d.verbose >= 3) {
      hexOrTruncated(d, "\t\t[", at + 8, size - 8);
      d.text += " ]\n";
    }
    at += roundedUp(size);
    left -= roundedUp(size);
  }
}

function packetData(d: Dissector, at: number, length: number, indent: number): void {
  d.text += `\n${blanks(indent)} Redirect Data length ${length}\n`;
  if (d.verbose < 3) return;
  d.text += "\t\t[";
  hexOrTruncated(d, "\n\t\t", at, length);
  d.text += "\n\t\t]";
}

export const redirect: Printer = (d, start, total, _mask, indent) => {
  const length = total - TLV_HEADER;
  if (length <= REDIRECT_LENGTH) {
    d.text += `\n\t\ttruncated Redirect TLV: ${REDIRECT_LENGTH - length} bytes missing! `;
    return false;
  }
  let at = start;
  let left = length;
  while (left !== 0) {
    const [type, size] = [d.u16(at), d.u16(at + 2)];
    if (tlvFault(size, left) !== 0) {
      d.text += "Bad Redirect data\n";
      break;
    }
    const [value, valueLength] = [at + TLV_HEADER, size - TLV_HEADER];
    if (type === METADATA) metadata(d, value, valueLength, indent + 1);
    else if (type === PACKET_DATA) packetData(d, value, valueLength, indent + 1);
    else d.text += `Unknown REDIRECT TLV 0x${hex(type)} len ${size}\n`;
    at += roundedUp(size);
    left -= roundedUp(size);
  }
  if (left === 0) return true;
  d.text += `\n\t\tMessy Redirect TLV header, type (0x${hex(d.u16(at))})`;
  d.text += `\n\t\texcess of ${(left - d.u16(at + 2)) >>> 0} Bytes `;
  return false;
};

/** A code of four bytes, up to a greatest one. */
function code(
  name: string,
  greatest: number,
  print: (d: Dissector, value: number, margin: string) => void,
): Printer {
  return (d, at, total, _mask, indent) => {
    const length = total - TLV_HEADER;
    if (length !== 4) {
      d.text += `illegal ${name}-TLV: ${length} bytes!\n`;
      return false;
    }
    const value = d.u32(at);
    if (value > greatest) {
      d.text += `illegal ${name} result code: ${value}!\n`;
      return false;
    }
    if (d.verbose >= 3) {
      const margin = blanks(indent);
      print(d, value, margin);
      d.text += `(${hex(value)})\n${margin}`;
    }
    return true;
  };
}

const TEARDOWN_REASONS: readonly string[] = [
  "Normal Teardown",
  "Loss of Heartbeats",
  "Out of bandwidth",
  "Out of Memory",
  "Application Crash",
];
const ASSOCIATION_RESULTS: readonly string[] = ["Success ", "FE ID invalid ", "permission denied "];

export const teardown = code("ASTresult", 255, (d, value, margin) => {
  d.text += `Teardown reason:\n${margin}${TEARDOWN_REASONS[value] ?? "Unknown Teardown reason"}`;
});

export const association = code("ASRresult", 3, (d, value, margin) => {
  d.text += `\n${margin}${ASSOCIATION_RESULTS[value] ?? "Unknown "}`;
});

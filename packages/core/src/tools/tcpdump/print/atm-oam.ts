// Operation and maintenance cells of ATM (ITU-T I.610).

import type { Dissector } from "./dissector.ts";
import { NameTable } from "./names.ts";
import { hex2, hex4, hex8, hexPadded } from "./numbers.ts";

/** Bytes of a cell's header without its error check. */
const HEADER_LENGTH = 4;
const PAYLOAD_LENGTH = 48;
const FUNCTION_LENGTH = 45;

const FLOWS: Readonly<Record<number, string>> = { 3: "OAM F4 (segment)", 4: "OAM F4 (end)" };
const PAYLOADS = [
  "user data, uncongested, SDU 0",
  "user data, uncongested, SDU 1",
  "user data, congested, SDU 0",
  "user data, congested, SDU 1",
  "VCC OAM F5 flow segment",
  "VCC OAM F5 flow end-to-end",
  "Traffic Control and resource Mgmt",
] as const;
const [FAULT, PERFORMANCE, ACTIVATION, SYSTEM] = [1, 2, 8, 15] as const;
const CELLS: Readonly<Record<number, string>> = {
  [FAULT]: "Fault Management",
  [PERFORMANCE]: "Performance Management",
  [ACTIVATION]: "activate/deactivate",
  [SYSTEM]: "System Management",
};
const [AIS, RDI, LOOPBACK] = [0, 1, 8] as const;
const FUNCTIONS: Readonly<Record<number, NameTable>> = {
  [FAULT]: new NameTable([
    [AIS, "AIS"],
    [RDI, "RDI"],
    [4, "Continuity Check"],
    [LOOPBACK, "Loopback"],
  ]),
  [PERFORMANCE]: new NameTable([
    [0, "Forward Monitoring"],
    [1, "Backward Reporting"],
    [2, "Monitoring and Reporting"],
  ]),
  [ACTIVATION]: new NameTable([
    [0, "Performance Monitoring"],
    [1, "Continuity Check"],
  ]),
};

/** CRC-10 of I.610: x^10 + x^9 + x^5 + x^4 + x + 1. */
function crc10(d: Dissector, at: number, length: number): number {
  let crc = 0;
  for (let index = 0; index < length; index++) {
    crc ^= d.u8(at + index) << 2;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x200) === 0 ? crc << 1 : (crc << 1) ^ 0x633;
    crc &= 0x3ff;
  }
  return crc;
}

/** Every second pair of bytes that starts at an odd offset, which is what the original shows of an identifier. */
function identifier(d: Dissector, at: number, length: number): void {
  for (let index = 1; index < length; index += 2) d.text += `${hex4(d.u16(at + index))} `;
}

/** `errorCheck`: bytes of the header's error check, 0 or 1. */
export function oamCell(d: Dissector, start: number, length: number, errorCheck: number): void {
  d.protocol = "oam";
  const header = d.u32(start + errorCheck);
  const at = start + HEADER_LENGTH + errorCheck;
  const kind = d.u8(at);
  const [type, operation] = [kind >>> 4, kind & 15];
  const vci = (header >>> 4) & 0xffff;
  d.text += `${FLOWS[vci] ?? "OAM F5"}, vpi ${(header >>> 20) & 0xff}, vci ${vci}`;
  d.text += `, payload [ ${PAYLOADS[(header >>> 1) & 7] ?? "Unknown"} ], clp ${header & 1}, length ${length}`;
  if (d.verbose === 0) return;
  d.text += `\n\tcell-type ${CELLS[type] ?? "unknown"} (${type})`;
  const functions = FUNCTIONS[type];
  d.text +=
    functions === undefined
      ? `, func-type unknown (${operation})`
      : `, func-type ${functions.get(operation) ?? "none"} (${operation})`;
  const body = at + 1;
  if (type === FAULT && operation === LOOPBACK) {
    d.check(body, FUNCTION_LENGTH);
    d.text += `\n\tLoopback-Indicator ${(d.u8(body) & 1) === 0 ? "Reply" : "Request"}`;
    d.text += `, Correlation-Tag 0x${hex8(d.u32(body + 1))}`;
    d.text += "\n\tLocation-ID ";
    identifier(d, body + 5, 12);
    d.text += "\n\tSource-ID   ";
    identifier(d, body + 17, 12);
  } else if (type === FAULT && (operation === AIS || operation === RDI)) {
    d.check(body, FUNCTION_LENGTH);
    d.text += `\n\tFailure-type 0x${hex2(d.u8(body))}`;
    d.text += "\n\tLocation-ID ";
    identifier(d, body + 1, 16);
  }
  const found = d.u16(body + FUNCTION_LENGTH) & 0x3ff;
  const sum = crc10(d, at, PAYLOAD_LENGTH);
  d.text += `\n\tcksum 0x${hexPadded(found, 3)} (${sum === 0 ? "" : "in"}correct)`;
}

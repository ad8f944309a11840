// Novell's IPX with SAP and RIP.

import { TRUNCATED } from "./dissector.ts";
import type { Dissector } from "./dissector.ts";
import { eigrp } from "./eigrp.ts";
import { hex, hex4, hex8, safeCharacter } from "./numbers.ts";

const HEADER_LENGTH = 30;
const EIGRP = 0x85be;
const [NCP, SAP, RIP, NETBIOS, DIAGNOSTICS] = [0x0451, 0x0452, 0x0453, 0x0455, 0x0456] as const;

function address(d: Dissector, network: number, node: number): string {
  return `${hex8(d.u32(network))}.${d.hexBytes(node, 6, ":")}`;
}

export function ipx(d: Dissector, at: number): void {
  d.protocol = "ipx";
  if (!d.linkHeaders) d.text += "IPX ";
  d.text += `${address(d, at + 18, at + 22)}.${hex4(d.u16(at + 28))} > `;
  d.text += `${address(d, at + 6, at + 10)}.${hex4(d.u16(at + 16))}: `;
  const field = d.u16(at + 2);
  if (field < HEADER_LENGTH) {
    d.text += `[length ${field} < ${HEADER_LENGTH}]`;
    d.invalid();
    return;
  }
  payload(d, at + HEADER_LENGTH, field - HEADER_LENGTH, d.u16(at + 28), d.u16(at + 16));
}

function payload(d: Dissector, at: number, length: number, from: number, to: number): void {
  if (to === SAP || from === SAP) return sap(d, at, length);
  if (to === RIP || from === RIP) return rip(d, at, length);
  if (to === EIGRP || from === EIGRP) return eigrp(d, at, length);
  if (to === NETBIOS) d.text += `ipx-netbios ${length}`;
  else if (to === DIAGNOSTICS) d.text += `ipx-diags ${length}`;
  else if (to === NCP) d.text += `ipx-ncp ${length}`;
  else d.text += `ipx-#${hex(to)} ${length}`;
}

function sap(d: Dissector, start: number, total: number): void {
  let at = start;
  let left = total;
  if (left < 2) return d.truncated();
  const command = d.u16(at);
  at += 2;
  left -= 2;
  if (command === 1 || command === 3) {
    d.text += command === 1 ? "ipx-sap-req" : "ipx-sap-nearest-req";
    d.text += ` ${hex4(d.u16(at))}`;
  } else if (command === 2 || command === 4) {
    d.text += command === 2 ? "ipx-sap-resp" : "ipx-sap-nearest-resp";
    for (let index = 0; index < 8 && left > 0; index++) {
      if (left < 64) return d.truncated();
      d.text += ` ${hex4(d.u16(at))} '`;
      name(d, at + 2);
      d.text += "'";
      d.text += ` addr ${address(d, at + 50, at + 54)}`;
      at += 64;
      left -= 64;
    }
  } else d.text += `ipx-sap-?${hex(command)}`;
}

/** A name of 48 bytes, ended by a zero if it is shorter. */
function name(d: Dissector, at: number): void {
  for (let index = 0; index < 48; index++) {
    if (!d.has(at + index, 1)) {
      d.text += "'";
      throw TRUNCATED;
    }
    const byte = d.u8(at + index);
    if (byte === 0) return;
    d.text += safeCharacter(byte);
  }
}

function rip(d: Dissector, start: number, total: number): void {
  let at = start;
  let left = total;
  if (left < 2) return d.truncated();
  const command = d.u16(at);
  at += 2;
  left -= 2;
  if (command === 1) {
    d.text += "ipx-rip-req";
    if (left === 0) return;
    if (left < 8) return d.truncated();
    d.text += ` ${hex8(d.u32(at))}/${d.u16(at + 4)}.${d.u16(at + 6)}`;
  } else if (command === 2) {
    d.text += "ipx-rip-resp";
    for (let index = 0; index < 15 && left > 0; index++) {
      if (left < 8) return d.truncated();
      d.text += ` ${hex8(d.u32(at))}/${d.u16(at + 4)}.${d.u16(at + 6)}`;
      at += 8;
      left -= 8;
    }
  } else d.text += `ipx-rip-?${hex(command)}`;
}

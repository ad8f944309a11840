// Novell's IPX with SAP and RIP.

import type { Dissector } from "./dissector.ts";
import { eigrp } from "./eigrp.ts";
import { SERVICE_NAMES } from "./ipx-service-names.ts";
import { hex, hex4, hex8 } from "./numbers.ts";

const HEADER_LENGTH = 30;
const EIGRP = 0x85be;
/** Bytes of a service and of the name within, and of a route. */
const [SERVICE_LENGTH, NAME_LENGTH, ROUTE_LENGTH] = [64, 48, 8] as const;
/** In one answer. */
const MOST_ROUTES = 50;
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
  payload(d, at + HEADER_LENGTH, field - HEADER_LENGTH, d.u16(at + 16));
}

function payload(d: Dissector, at: number, length: number, to: number): void {
  if (to === SAP) return sap(d, at, length);
  if (to === RIP) return rip(d, at, length);
  if (to === EIGRP) return eigrp(d, at, length);
  if (to === NETBIOS) d.text += `ipx-netbios ${length}`;
  else if (to === DIAGNOSTICS) d.text += `ipx-diags ${length}`;
  else if (to === NCP) d.text += `ipx-ncp ${length}`;
  else d.text += `ipx-#${hex(to)} ${length}`;
}

function service(d: Dissector, type: number): string {
  return (d.options.numeric ? undefined : SERVICE_NAMES.get(type)) ?? hex4(type);
}

/** What follows must hold `size` bytes more; else the packet is invalid. */
function room(d: Dissector, left: number, size: number): boolean {
  if (left >= size) return true;
  d.invalid();
  return false;
}

/** The first field of a message of SAP and of RIP; undefined if there is no room for one. */
function commandOf(d: Dissector, at: number, length: number): number | undefined {
  const command = d.u16(at);
  if (length >= 2) return command;
  d.text += ` [length ${length} < 2]`;
  d.invalid();
  return undefined;
}

function sap(d: Dissector, start: number, total: number): void {
  let at = start + 2;
  let left = total - 2;
  const command = commandOf(d, start, total);
  if (command === undefined) return;
  if (command === 1 || command === 3) {
    d.text += command === 1 ? "ipx-sap-req" : "ipx-sap-nearest-req";
    // Its length is not asked for.
    d.text += ` ${service(d, d.u16(at))}`;
  } else if (command === 2 || command === 4) {
    d.text += command === 2 ? "ipx-sap-resp" : "ipx-sap-nearest-resp";
    for (let index = 0; index < 8 && left > 0; index++) {
      const type = d.u16(at);
      if (!room(d, left, 2)) return;
      d.text += ` ${service(d, type)} '`;
      if (left >= 2 + NAME_LENGTH) d.paddedCharacters(at + 2, NAME_LENGTH);
      d.text += "'";
      if (!room(d, left, 2 + NAME_LENGTH)) return;
      const server = address(d, at + 50, at + 54);
      if (!room(d, left, 2 + NAME_LENGTH + 10)) return;
      d.text += ` addr ${server}`;
      d.check(at + 60, 4);
      if (!room(d, left, SERVICE_LENGTH)) return;
      at += SERVICE_LENGTH;
      left -= SERVICE_LENGTH;
    }
  } else d.text += `ipx-sap-?${hex(command)}`;
}

function rip(d: Dissector, start: number, total: number): void {
  const command = commandOf(d, start, total);
  if (command === undefined) return;
  let most = 0;
  if (command === 1) {
    d.text += "ipx-rip-req";
    most = 1;
  } else if (command === 2) {
    d.text += "ipx-rip-resp";
    most = MOST_ROUTES;
  } else d.text += `ipx-rip-?${hex(command)}`;
  let at = start + 2;
  for (let left = total - 2; most > 0 && left > 0; most--, left -= ROUTE_LENGTH) {
    if (!room(d, left, ROUTE_LENGTH)) return;
    d.text += ` ${hex8(d.u32(at))}/${d.u16(at + 4)}.${d.u16(at + 6)}`;
    at += ROUTE_LENGTH;
  }
}

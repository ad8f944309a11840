// FDDI (ISO 9314), and IP over Fibre Channel (RFC 2625): both carry LLC behind their addresses.

import type { Dissector } from "./dissector.ts";
import { defaultPrint, llcPayload } from "./ethernet.ts";
import { hex, hex2 } from "./numbers.ts";

const [FDDI_HEADER, FIBRE_CHANNEL_HEADER] = [13, 16] as const;
const FRAME_CONTROLS: Readonly<Record<number, string>> = {
  0x40: "void",
  0x41: "info",
  0x4f: "nsa",
  0x80: "nrt",
  0xc0: "rt",
  0xc2: "beacon",
  0xc3: "claim",
};
/** By the upper half; the lower one is a priority or a kind. */
const CLASSES: Readonly<Record<number, string>> = {
  0x40: "smt",
  0x50: "async",
  0x60: "imp_async",
  0xc0: "mac",
  0xd0: "sync",
  0xe0: "imp_sync",
};
const [LLC_FRAME, MANAGEMENT] = [0x50, 0x40] as const;

function frameControl(control: number): string {
  const name = FRAME_CONTROLS[control];
  if (name !== undefined) return name;
  const kind = CLASSES[control & 0xf0];
  return kind === undefined ? hex2(control) : kind + hex(control & 15);
}

/** DLT_FDDI */
export function fddi(d: Dissector, start: number, total: number, captured: number): number {
  d.protocol = "fddi";
  if (captured < FDDI_HEADER) {
    d.truncated();
    return captured;
  }
  const control = d.u8(start);
  const [source, destination] = [start + 7, start + 1];
  const describe = (length: number): void => {
    if (d.quiet === 0) d.text += `${frameControl(control)} `;
    d.text += `${d.mac(source)} > ${d.mac(destination)}, length ${length}: `;
  };
  if (d.linkHeaders) describe(total);
  const at = start + FDDI_HEADER;
  const [length, seen] = [total - FDDI_HEADER, captured - FDDI_HEADER];
  if ((control & 0xf0) === LLC_FRAME)
    return FDDI_HEADER + llcPayload(d, at, length, seen, source, destination);
  if ((control & 0xf0) === MANAGEMENT) d.text += "<SMT printer not yet implemented>";
  else {
    if (!d.linkHeaders) describe(total);
    defaultPrint(d, at, seen);
  }
  return FDDI_HEADER;
}

/** DLT_IP_OVER_FC. Of the eight bytes of an address the last six are a MAC. */
export function fibreChannel(d: Dissector, start: number, total: number, captured: number): number {
  d.protocol = "ipfc";
  d.check(start, FIBRE_CHANNEL_HEADER);
  const [source, destination] = [start + 10, start + 2];
  if (d.linkHeaders) d.text += `${d.mac(source)} > ${d.mac(destination)}, length ${total}: `;
  const at = start + FIBRE_CHANNEL_HEADER;
  const [length, seen] = [total - FIBRE_CHANNEL_HEADER, captured - FIBRE_CHANNEL_HEADER];
  return FIBRE_CHANNEL_HEADER + llcPayload(d, at, length, seen, source, destination);
}

// USB as Linux's usbmon captures it (LINKTYPE_USB_LINUX, LINKTYPE_USB_LINUX_MMAPPED): one line an event.

import type { Dissector } from "./dissector.ts";

const HEADER_LENGTH = 48;
const MAPPED_HEADER_LENGTH = 64;
const TRANSFERS: readonly string[] = ["ISOCHRONOUS", "INTERRUPT", "CONTROL", "BULK"];
const INTERRUPT = 1;
const EVENTS: Readonly<Record<number, string>> = { 0x53: "SUBMIT", 0x43: "COMPLETE", 0x45: "ERROR" };
const SUBMIT = 0x53;

function event(d: Dissector, at: number): void {
  d.protocol = "usb";
  d.text += "USB";
  if (d.quiet > 0) return;
  const transfer = d.u8(at + 9);
  const kind = d.u8(at + 8);
  const name = EVENTS[kind];
  d.text += ` ${TRANSFERS[transfer] ?? " ?"} ${name ?? "?"}`;
  if (name !== undefined && TRANSFERS[transfer] !== undefined) {
    d.text += (kind === SUBMIT) === (transfer === INTERRUPT) ? " from" : " to";
  }
  d.text += ` ${d.u16le(at + 12)}:${d.u8(at + 11)}:${d.u8(at + 10) & 0x7f}`;
}

export function usb(d: Dissector, at: number): number {
  d.protocol = "usb_linux_48_byte";
  d.check(at, HEADER_LENGTH);
  event(d, at);
  return HEADER_LENGTH;
}

export function usbMapped(d: Dissector, at: number): number {
  d.protocol = "usb_linux_64_byte";
  d.check(at, MAPPED_HEADER_LENGTH);
  event(d, at);
  return MAPPED_HEADER_LENGTH;
}

// Printers by link type (the DLT_ numbers of libpcap).

import { broadcomTag, broadcomTagInFront } from "./broadcom-tag.ts";
import type { Dissector } from "./dissector.ts";
import { ethernet } from "./ethernet.ts";
import { linuxCooked, linuxCooked2 } from "./linux-cooked.ts";
import { nullLoopback } from "./null-loopback.ts";
import { ipVersionByFirstByte } from "./ipv4.ts";
import { nflog } from "./nflog.ts";
import { pktap } from "./pktap.ts";
import { pppHdlcLink, pppLink } from "./ppp.ts";
import { pppoe } from "./pppoe.ts";
import { usb, usbMapped } from "./usb.ts";
import { vsock } from "./vsock.ts";

/** Prints a packet that starts with its link-layer header. Returns the length of that header, as -x needs it. */
export type LinkPrinter = (d: Dissector, at: number, length: number, captured: number) => number;

export const EN10MB = 1;
const [RAW, RAW_BSD, IPV4, IPV6] = [12, 14, 228, 229];

function raw(d: Dissector, at: number, length: number): number {
  d.protocol = "raw";
  if (d.linkHeaders) d.text += "ip: ";
  ipVersionByFirstByte(d, at, length);
  return 0;
}

const PRINTERS: ReadonlyMap<number, LinkPrinter> = new Map<number, LinkPrinter>([
  [EN10MB, (d, at, length, captured) => ethernet(d, at, length, captured)],
  [RAW, raw],
  [RAW_BSD, raw],
  [IPV4, raw],
  [IPV6, raw],
  [0, nullLoopback],
  [9, pppLink],
  [50, pppHdlcLink],
  [51, pppoe],
  [108, nullLoopback],
  [113, linuxCooked],
  [189, usb],
  [220, usbMapped],
  [239, nflog],
  [258, pktap(linkPrinter)],
  [271, vsock],
  [276, linuxCooked2],
  [281, broadcomTag],
  [282, broadcomTagInFront],
]);

/** undefined: only its bytes can be printed. */
export function linkPrinter(linkType: number): LinkPrinter | undefined {
  return PRINTERS.get(linkType);
}

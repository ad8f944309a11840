// Token Ring (IEEE 802.5), whose frames carry LLC and may name the bridges on their way.

import type { Dissector } from "./dissector.ts";
import { defaultPrint, llcPayload } from "./ethernet.ts";
import { hex, hex2 } from "./numbers.ts";

const HEADER_LENGTH = 14;
const [DESTINATION, SOURCE] = [2, 8] as const;
const BROADCASTS: readonly string[] = [
  ...["Non-Broadcast", "Non-Broadcast", "Non-Broadcast", "Non-Broadcast"],
  ...["All-routes", "All-routes", "Single-route", "Single-route"],
];
const LARGEST: readonly string[] = ["516", "1500", "2052", "4472", "8144", "11407", "17800", "??"];
/** Of the first byte of the source address. */
const SOURCE_ROUTED = 0x80;
const LLC_FRAME = 1;

/** The source route of a frame at `at`. Returns its length, and whether it was captured. */
function sourceRoute(d: Dissector, at: number, captured: number): { length: number; whole: boolean } {
  if (captured < HEADER_LENGTH + 2) return { length: 0, whole: false };
  const control = d.u16(at);
  const length = (control & 0x1f00) >>> 8;
  if (captured < HEADER_LENGTH + length) return { length, whole: false };
  const segments = Math.trunc((length - 2) / 2);
  if (d.verbose > 0) {
    d.text += `${BROADCASTS[control >>> 13] ?? ""} ${(control & 0x80) === 0 ? "Forward" : "Backward"}`;
    for (let index = 0; index < segments; index++) {
      const segment = d.u16(at + 2 + 2 * index);
      d.text += ` [${segment >>> 4}:${segment & 15}]`;
    }
  } else {
    d.text += `rt = ${hex(control)}`;
    for (let index = 0; index < segments; index++) d.text += `:${hex(d.u16(at + 2 + 2 * index))}`;
  }
  d.text += ` (${LARGEST[(control & 0x70) >>> 4] ?? ""}) `;
  return { length, whole: true };
}

function frame(d: Dissector, start: number, total: number, captured: number, routed: boolean): number {
  const describe = (length: number): void => {
    if (d.quiet === 0) d.text += `${hex2(d.u8(start))} ${hex2(d.u8(start + 1))} `;
    d.text += `${d.mac(start + SOURCE)} > ${d.mac(start + DESTINATION)}, length ${length}: `;
  };
  if (d.linkHeaders) describe(total);
  let headers = HEADER_LENGTH;
  if (routed) {
    const route = sourceRoute(d, start + HEADER_LENGTH, captured);
    headers += route.length;
    if (!route.whole) {
      d.truncated();
      return headers;
    }
  }
  const at = start + headers;
  const [length, seen] = [total - headers, captured - headers];
  if (d.u8(start + 1) >>> 6 === LLC_FRAME) {
    return headers + llcPayload(d, at, length, seen, start + SOURCE, start + DESTINATION);
  }
  if (!d.linkHeaders) describe(total);
  defaultPrint(d, at, seen);
  return headers;
}

/** DLT_IEEE802 */
export function tokenRing(d: Dissector, start: number, total: number, captured: number): number {
  d.protocol = "token-ring";
  if (captured < HEADER_LENGTH) {
    d.truncated();
    return HEADER_LENGTH;
  }
  const routed = (d.u8(start + SOURCE) & SOURCE_ROUTED) !== 0;
  if (!routed) return frame(d, start, total, captured, false);
  // The address is shown without the bit that announces the route.
  const { bytes } = d;
  d.bytes = new Uint8Array(bytes);
  d.bytes[start + SOURCE] = d.u8(start + SOURCE) & ~SOURCE_ROUTED;
  try {
    return frame(d, start, total, captured, true);
  } finally {
    d.bytes = bytes;
  }
}

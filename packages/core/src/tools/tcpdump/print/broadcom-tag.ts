// Tags of Broadcom's switches in Ethernet frames (LINKTYPE_DSA_TAG_BRCM), or in front of them (..._PREPEND).

import type { Dissector } from "./dissector.ts";
import { ethernet } from "./ethernet.ts";
import { hex4 } from "./numbers.ts";

const TAG_LENGTH = 4;
const TAG_MODES: readonly string[] = ["None", "Untag", "Header", "Reserved"];
const REASONS: Readonly<Record<number, string>> = {
  1: "mirror", 2: "MAC learning", 4: "switching", 8: "prot term", 16: "prot snoop", 32: "exception",
}; // prettier-ignore
const INGRESS = 0x20;

function broadcom(d: Dissector, at: number): void {
  const [operation, first, second, third] = [d.u8(at), d.u8(at + 1), d.u8(at + 2), d.u8(at + 3)];
  d.text += `BRCM tag OP: ${operation === 0 ? "EG" : "IG"}`;
  if ((operation & INGRESS) !== 0) {
    d.text += `, TC: ${(first >>> 2) & 7}, TE: ${TAG_MODES[first & 3] ?? ""}, TS: ${first >>> 7}`;
    d.text += `, DST map: 0x${hex4(((second << 8) | third) & 0x1ff)}`;
  } else
    d.text += `, CID: ${first}, RC: ${REASONS[second] ?? "reserved"}, TC: ${third >>> 5}, port: ${third & 0x1f}`;
  d.text += ", ";
}

/** The tag stands between the addresses and the type. */
export function broadcomTag(d: Dissector, at: number, length: number, captured: number): number {
  d.protocol = "brcm-tag";
  return ethernet(d, at, length, captured, undefined, TAG_LENGTH, (place) => broadcom(d, place));
}

/** The tag stands in front of the frame. */
export function broadcomTagInFront(d: Dissector, at: number, length: number, captured: number): number {
  d.protocol = "brcm-tag-prepend";
  d.check(at, TAG_LENGTH);
  if (d.linkHeaders) broadcom(d, at);
  return TAG_LENGTH + ethernet(d, at + TAG_LENGTH, length - TAG_LENGTH, captured - TAG_LENGTH);
}

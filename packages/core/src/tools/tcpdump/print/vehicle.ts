// Communication of vehicles: CALM FAST (ISO 29281) and GeoNetworking (ETSI TS 102 636-4-1, -5-1).

import type { Dissector } from "./dissector.ts";
import { NO_ADDRESS } from "./dissector.ts";
import { hexAndAscii } from "./hexdump.ts";

export function calmFast(d: Dissector, at: number, length: number, source: number): void {
  d.protocol = "calm_fast";
  d.text += "CALM FAST";
  if (source !== NO_ADDRESS) d.text += ` src:${d.mac(source)}`;
  d.text += "; ";
  if (length < 2) {
    d.text += ` (length ${length} < 2)`;
    d.invalid();
    d.check(at, length);
    return;
  }
  d.text += `SrcNwref:${d.u8(at)}; `;
  d.text += `DstNwref:${d.u8(at + 1)}; `;
  if (d.verbose > 0) hexAndAscii(d, "\n\t", at + 2, length - 2);
}

const NEXT = ["Any", "BTP-A", "BTP-B", "IPv6"];
/** Names of header types, or of their subtypes. */
const HEADERS: readonly (string | readonly string[])[] = [
  "Any",
  "Beacon",
  "GeoUnicast",
  ["GeoAnycastCircle", "GeoAnycastRect", "GeoAnycastElipse"],
  ["GeoBroadcastCircle", "GeoBroadcastRect", "GeoBroadcastElipse"],
  ["TopoScopeBcast-SH", "TopoScopeBcast-MH"],
  ["LocService-Request", "LocService-Reply"],
];
const MESSAGES: ReadonlyMap<number, string> = new Map([
  [0, "CAM"],
  [1, "DENM"],
  [101, "TPEGM"],
  [102, "TSPDM"],
  [103, "VPM"],
  [104, "SRM"],
  [105, "SLAM"],
  [106, "ecoCAM"],
  [107, "ITM"],
  [150, "SA"],
]);
const COMMON_HEADER = 36;

/** Length of the header behind the common one, where it is known. */
function extendedLength(type: number, subtype: number): number | undefined {
  if (type <= 1) return 0;
  if (type === 5 && subtype <= 1) return subtype === 0 ? 0 : 32;
  return undefined;
}

export function geoNetworking(d: Dissector, start: number, total: number, source: number): void {
  d.protocol = "geonet";
  d.text += "GeoNet ";
  if (source !== NO_ADDRESS) d.text += `src:${d.mac(source)}`;
  d.text += "; ";
  if (total < COMMON_HEADER) {
    d.text += ` (common header length ${total} < ${COMMON_HEADER})`;
    d.invalid();
    return;
  }
  const next = d.u8(start) & 15;
  const type = d.u8(start + 1) >>> 4;
  const subtype = d.u8(start + 1) & 15;
  const payload = d.u16(start + 4);
  const hops = d.u8(start + 7);
  const known = HEADERS[type];
  const name = (typeof known === "string" ? known : known?.[subtype]) ?? "Unknown";
  d.text += `v:${d.u8(start) >>> 4} NH:${next}-${NEXT[next] ?? "Unknown"} HT:${type}-${subtype}-${name} `;
  d.text += `HopLim:${hops} Payload:${payload} `;
  d.text += `GN_ADDR:${d.linkAddress(start + 8, 8)} `;
  d.text += `lat:${d.u32(start + 20)} `;
  d.text += `lon:${d.u32(start + 24)}`;
  d.check(start, COMMON_HEADER);
  let at = start + COMMON_HEADER;
  let length = total - COMMON_HEADER;
  const extended = extendedLength(type, subtype);
  if (extended !== undefined) {
    if (length < extended) {
      d.text += ` (header size ${extended} > ${length})`;
      d.invalid();
      return;
    }
    d.check(at, extended);
    at += extended;
    length -= extended;
    if (next === 1 || next === 2) {
      if (length < 4) {
        d.text += ` (BTP length ${length} < 4)`;
        d.invalid();
        return;
      }
      d.text += `; BTP Dst:${d.u16(at)}`;
      d.text += ` Src:${d.u16(at + 2)}`;
      at += 4;
      length -= 4;
      if (length >= 2) {
        d.text += `; ItsPduHeader v:${d.u8(at)}`;
        const message = d.u8(at + 1);
        d.text += ` t:${message}-${MESSAGES.get(message) ?? `unknown (${message})`}`;
      }
    }
  }
  if (d.verbose > 0) hexAndAscii(d, "\n\t", at, length);
}

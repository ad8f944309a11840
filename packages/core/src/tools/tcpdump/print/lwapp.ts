// LWAPP (RFC 5412): control messages and data of access points.

import type { Dissector } from "./dissector.ts";
import { unknownData } from "./hexdump.ts";
import { NameTable } from "./names.ts";
import { hex8 } from "./numbers.ts";

const [TRANSPORT_HEADER, CONTROL_HEADER, IDENTITY] = [6, 8, 6] as const;
const BITS = new NameTable([
  [1, "Last Fragment Bit"],
  [2, "Fragment Bit"],
  [4, "Control Bit"],
]);
const MESSAGES: Readonly<Record<number, string>> = {
  1: "Discovery req", 2: "Discovery resp", 3: "Join req", 4: "Join resp", 5: "Join ack", 6: "Join confirm",
  10: "Configure req", 11: "Configure resp", 12: "Update req", 13: "Update resp", 14: "WTP event req",
  15: "WTP event resp", 16: "Change state event req", 17: "Change state event resp", 22: "Echo req", 23: "Echo resp",
  24: "Image data req", 25: "Image data resp", 26: "Channel status req", 27: "Channel status resp",
  30: "Key update req", 31: "Key update resp", 32: "Primary discovery req", 33: "Primary discovery resp",
  34: "Data transfer req", 35: "Data transfer resp", 36: "Clear config ind", 37: "Wlan config req",
  38: "Wlan config resp", 39: "Mobile config req", 40: "Mobile config resp",
}; // prettier-ignore

function unsupported(d: Dissector, first: number): boolean {
  if (first >>> 6 === 0) return false;
  d.text += `LWAPP version ${first >>> 6} packet not supported`;
  return true;
}

function kind(first: number): string {
  return `LWAPPv0, ${(first & 4) === 0 ? "Data" : "Control"} frame`;
}

function flags(first: number): string {
  return `Flags [${BITS.bits(first & 7, "none")}]`;
}

function controlMessages(d: Dissector, start: number, total: number): void {
  let at = start;
  for (let left = total; left > 0;) {
    d.check(at, CONTROL_HEADER);
    const size = d.u16(at + 2);
    if (left < CONTROL_HEADER + size) {
      d.text += "\n\t  Msg goes past end of PDU";
      return;
    }
    const type = d.u8(at);
    d.text += `\n\t  Msg type: ${MESSAGES[type] ?? "Unknown"} (${type}), Seqnum: ${d.u8(at + 1)}`;
    d.text += `, Msg len: ${size}, Session: 0x${hex8(d.u32(at + 4))}`;
    d.check(at, size);
    at += CONTROL_HEADER + size;
    left -= CONTROL_HEADER + size;
  }
}

function control(d: Dissector, start: number, length: number, hasIdentity: boolean): void {
  const at = hasIdentity ? start + IDENTITY : start;
  d.check(start, at - start);
  d.check(at, TRANSPORT_HEADER);
  const first = d.u8(at);
  if (unsupported(d, first)) return;
  if (d.verbose === 0) {
    d.text += `${kind(first)}, ${flags(first)}, length ${length}`;
    return;
  }
  const total = d.u16(at + 2);
  d.text += `${kind(first)}, Radio-id ${(first >>> 3) & 7}, ${flags(first)}, Frag-id ${d.u8(at + 1)}, length ${total}`;
  if (hasIdentity) d.text += `\n\tAP identity: ${d.mac(start)}`;
  controlMessages(d, at + TRANSPORT_HEADER, total);
}

/** Messages to a controller begin with the MAC of the access point. */
export function lwappControl(d: Dissector, start: number, length: number, hasIdentity: boolean): void {
  d.protocol = "lwapp_control";
  d.whileCaptured(() => control(d, start, length, hasIdentity));
}

function data(d: Dissector, at: number, length: number): void {
  d.check(at, TRANSPORT_HEADER);
  const first = d.u8(at);
  if (unsupported(d, first)) return;
  if (d.verbose === 0) {
    d.text += `${kind(first)}, ${flags(first)}, length ${length}`;
    return;
  }
  const total = d.u16(at + 2);
  d.text += `${kind(first)}, Radio-id  ${(first >>> 3) & 7}, ${flags(first)}, `;
  if (total < TRANSPORT_HEADER) {
    d.text += `length ${total} < transport header length`;
    return;
  }
  d.text += `Frag-id  ${d.u8(at + 1)}, length ${total}`;
  unknownData(d, at + TRANSPORT_HEADER, "\n\t", total - TRANSPORT_HEADER);
}

export function lwappData(d: Dissector, at: number, length: number): void {
  d.protocol = "lwapp_data";
  d.whileCaptured(() => data(d, at, length));
}

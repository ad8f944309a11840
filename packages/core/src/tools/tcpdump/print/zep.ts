// ZigBee encapsulation: IEEE 802.15.4 frames over UDP.

import { formatTime } from "../../../system/calendar.ts";
import type { Dissector } from "./dissector.ts";
import { defaultPrint } from "./ethernet.ts";
import { hex4, padded } from "./numbers.ts";
import { wpan } from "./wpan/frame.ts";

const [HEADER_V1, HEADER_V2, ACKNOWLEDGEMENT_V2] = [16, 32, 8] as const;
const ACKNOWLEDGEMENT = 2;
/** 1900 to 1970, seconds. */
const EPOCH = 2_208_988_800;
const FRACTION = 2 ** 32;
const MICROSECONDS = 1e6; // a second

/** Seconds since 1900 and a fraction, which tcpdump takes in single precision. */
function timestamp(d: Dissector, at: number): void {
  const seconds = d.u32(at);
  const fraction = (Math.fround(d.u32(at + 4)) / FRACTION) * 1e9;
  d.text += `${seconds}.${padded(Math.trunc(fraction), 9)}`;
  if (seconds === 0) return;
  d.text += ` (${formatTime("%Y/%m/%d %H:%M:%S", ((seconds - EPOCH) >>> 0) * MICROSECONDS)})`;
}

function quality(d: Dissector, mode: number): void {
  d.text += d.u8(mode) === 0 ? `LQI ${d.u8(mode + 1)}, ` : "CRC, ";
}

export function zep(d: Dissector, start: number, total: number): void {
  d.protocol = "zep";
  d.text += "ZEP";
  if (d.u8(start) !== 0x45 || d.u8(start + 1) !== 0x58) {
    d.text += " [Preamble Code: ";
    d.characters(start, 2);
    d.text += "]";
    d.invalid();
    return;
  }
  const version = d.u8(start + 2);
  d.text += `v${version} `;
  const acknowledges = version !== 1 && d.u8(start + 3) === ACKNOWLEDGEMENT;
  const header = version === 1 ? HEADER_V1 : acknowledges ? ACKNOWLEDGEMENT_V2 : HEADER_V2;
  if (total < header) {
    d.text += ` [len ${total} < ${header}]`;
    d.invalid();
    return;
  }
  let inner = 0;
  if (version === 1) {
    d.text += `Channel ID ${d.u8(start + 3)}, Device ID 0x${hex4(d.u16(start + 4))}, `;
    quality(d, start + 6);
    inner = d.u8(start + 15);
    d.text += `inner len = ${inner}`;
  } else if (acknowledges) {
    d.text += `ACK, seq# = ${d.u32(start + 4)}`;
  } else {
    d.text += `Type ${d.u8(start + 3)}, Channel ID ${d.u8(start + 4)}, Device ID 0x${hex4(d.u16(start + 5))}, `;
    quality(d, start + 7);
    timestamp(d, start + 9);
    inner = d.u8(start + 31);
    d.text += `, seq# = ${d.u32(start + 17)}, inner len = ${inner}`;
  }
  let at = start + header;
  let length = total - header;
  if (inner !== 0) {
    d.text += "\n\t";
    if (wpan(d, at, inner) !== 0) {
      at += length;
      length = 0;
    }
  }
  defaultPrint(d, at, length);
}

// Information elements in the header of IEEE 802.15.4 frames (section 7.4.2).

import type { Dissector } from "../dissector.ts";
import { hex2 } from "../numbers.ts";
import { bit, bytesText, pendingAddresses, superframe, vendorText } from "./fields.ts";
import { HEADER_ELEMENTS, nameOf } from "./names.ts";

const [TERMINATION_1, TERMINATION_2] = [0x7e, 0x7f] as const;
const LAST_NAMED = 0x7f;

function coordinatedSampledListening(d: Dissector, at: number, length: number): void {
  if (length < 4) {
    d.text += "[ERROR: Truncated CSL IE]";
    return;
  }
  d.text += `CSL Phase = ${d.u16le(at)}, CSL Period = ${d.u16le(at + 2)}`;
  if (length >= 6) d.text += `, Rendezvous time = ${d.u16le(at + 4)}`;
  if (length !== 4 && length !== 6) d.text += " [ERROR: CSL IE length wrong]";
}

function receiverInitiatedTransmission(d: Dissector, at: number, length: number): void {
  if (length < 4) {
    d.text += "[ERROR: Truncated RIT IE]";
    return;
  }
  d.text += `Time to First Listen = ${d.u8(at)}, # of Repeat Listen = ${d.u8(at + 1)}`;
  d.text += `, Repeat Listen Interval = ${d.u16le(at + 2)}`;
}

/** Deterministic and synchronous multichannel extension (section 7.4.2.5). */
function panDescriptor(d: Dissector, start: number, length: number, extended: boolean): void {
  if (length < 2) {
    d.text += "[ERROR: Truncated DSME PAN IE]";
    return;
  }
  superframe(d, d.u16le(start));
  if (length < 3) {
    d.text += "[ERROR: Truncated before pending addresses field]";
    return;
  }
  const pending = pendingAddresses(d, start + 2, length - 2);
  if (pending < 0) return;
  let at = 2 + pending;
  const lacks = (size: number, what: string): boolean => {
    if (length >= at + size) return false;
    d.text += `${what}]`;
    return true;
  };
  if (lacks(extended ? 2 : 1, "[ERROR: Truncated before DSME Superframe Specification")) return;
  const specification = extended ? d.u16le(start + at) : d.u8(start + at);
  at += extended ? 2 : 1;
  d.text += `Multi-superframe Order = ${specification & (extended ? 0xff : 0x0f)}`;
  const first = extended ? 8 : 4;
  d.text += `, ${bit(specification, first) ? "Channel hopping mode" : "Channel adaptation mode"}`;
  if (bit(specification, first + 2)) d.text += ", CAP reduction enabled";
  if (bit(specification, first + 3)) d.text += ", Deferred beacon enabled";
  const hopping = extended && bit(specification, 12);
  if (hopping) d.text += ", Hopping Sequence Present";
  if (lacks(8, " [ERROR: Truncated before Time synchronization specification")) return;
  const timestamp = d.u32le(start + at) + d.u16le(start + at + 4) * 2 ** 32;
  d.text += `Beacon timestamp = ${timestamp}, offset = ${d.u16le(start + at + 6)}`;
  at += 8;
  if (lacks(4, " [ERROR: Truncated before Beacon Bitmap")) return;
  let size = d.u16le(start + at + 2);
  d.text += `SD Index = ${d.u16le(start + at)}, Bitmap len = ${size}, `;
  at += 4;
  if (lacks(size, " [ERROR: Truncated in SD bitmap")) return;
  d.text += " SD Bitmap = ";
  bytesText(d, start + at, 0, size);
  at += size;
  if (lacks(5, " [ERROR: Truncated before Channel hopping specification")) return;
  size = d.u16le(start + at + 4);
  d.text += `Hopping Seq ID = ${d.u8(start + at)}, PAN Coordinator BSN = ${d.u8(start + at + 1)}, `;
  d.text += `Channel offset = ${d.u16le(start + at + 2)}, Bitmap length = ${size}, `;
  at += 5;
  if (lacks(size, " [ERROR: Truncated in Channel offset bitmap")) return;
  d.text += " Channel offset bitmap = ";
  bytesText(d, start + at, 0, size);
  at += size;
  if (!hopping) return;
  if (lacks(1, " [ERROR: Truncated in Hopping Sequence length")) return;
  size = d.u8(start + at);
  at++;
  d.text += `Hopping Seq length = ${size} [ `;
  if (lacks(2 * size, " [ERROR: Truncated in Channel offset bitmap")) return;
  for (let index = 0; index < size; index++) d.text += `${hex2Wide(d.u16le(start + at + 2 * index))} `;
  d.text += "]";
}

/** %02x of 16 bits. */
export function hex2Wide(value: number): string {
  return value < 256 ? hex2(value) : value.toString(16);
}

function timeCorrection(d: Dissector, at: number, length: number): void {
  if (length !== 2) {
    d.text += "[ERROR: Length != 2]";
    return;
  }
  const value = d.u16le(at);
  if (bit(value, 15)) d.text += "Negative ";
  d.text += `Ack time correction = ${(value << 20) >> 20}, `;
}

function content(d: Dissector, at: number, length: number, id: number): void {
  switch (id) {
    case 0x00:
      return vendorText(d, at, length);
    case 0x1a:
      return coordinatedSampledListening(d, at, length);
    case 0x1b:
      return receiverInitiatedTransmission(d, at, length);
    case 0x1c:
    case 0x21:
      return panDescriptor(d, at, length, id === 0x21);
    case 0x1d:
      if (length !== 4) d.text += "[ERROR: Length != 2]";
      else d.text += `Rendezvous time = ${d.u16le(at)}, Wake-up Interval = ${d.u16le(at + 2)}`;
      return;
    case 0x1e:
      return timeCorrection(d, at, length);
    default:
      d.text += "IE Data = ";
      bytesText(d, at, 0, length);
  }
}

export interface ElementList {
  /** Bytes taken; -1 if they do not fit. */
  readonly size: number;
  /** Elements of the payload follow. */
  readonly payloadFollows: boolean;
}

export function headerElements(d: Dissector, start: number, total: number): ElementList {
  let at = start;
  let left = total;
  do {
    if (left < 2) {
      d.text += "[ERROR: Truncated header IE]";
      return { size: -1, payloadFollows: false };
    }
    const head = d.u16le(at);
    if (bit(head, 15)) d.text += "[ERROR: Header IE with type 1] ";
    const length = head & 0x7f;
    const id = (head >>> 7) & 0xff;
    if (id > LAST_NAMED) d.text += `Reserved Element ID ${hex2(id)}, length = ${length} `;
    else d.text += `\n\t${nameOf(HEADER_ELEMENTS, id)} [${length === 0 ? "" : ` length = ${length}, `}`;
    if (left < 2 + length) {
      d.text += "[ERROR: Truncated IE data]";
      return { size: -1, payloadFollows: false };
    }
    if (d.verbose > 3 && length > 0) content(d, at + 2, length, id);
    else if (length > 0) {
      d.text += "IE Data = ";
      bytesText(d, at + 2, 0, length);
    }
    d.text += "] ";
    at += 2 + length;
    left -= 2 + length;
    if (id === TERMINATION_1) return { size: at - start, payloadFollows: true };
    if (id === TERMINATION_2) break;
  } while (left !== 0);
  return { size: at - start, payloadFollows: false };
}

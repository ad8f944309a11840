// Fields of IEEE 802.15.4 that several of its printers need: addresses, bytes as they are, what beacons tell of superframes, and
// the check sequences (section 7.2.10). All numbers are little-endian.

import type { Dissector } from "../dissector.ts";
import { hex2, hex4 } from "../numbers.ts";

export function bit(value: number, place: number): boolean {
  return ((value >>> place) & 1) !== 0;
}

/** Eight bytes, the last one first. */
export function extendedAddress(d: Dissector, at: number): string {
  d.check(at, 8);
  return Array.from({ length: 8 }, (_, index) => hex2(d.u8(at + 7 - index))).join(":");
}

/** An address of 0, 2 or 8 bytes. */
export function address(d: Dissector, at: number, length: number): string {
  if (length === 0) return "none";
  return length === 2 ? hex4(d.u16le(at)) : extendedAddress(d, at);
}

/** Bytes with a blank behind each. */
export function bytesText(d: Dissector, at: number, from: number, to: number): void {
  for (let index = from; index < to; index++) d.text += `${hex2(d.u8(at + index))} `;
}

/** An organization and what it says. */
export function vendorText(d: Dissector, at: number, length: number): void {
  if (length < 3) {
    d.text += "[ERROR: Vendor OUI missing]";
    return;
  }
  d.text += `OUI = 0x${d.hexBytes(at, 3)}, Data = `;
  bytesText(d, at, 3, length);
}

/** Section 7.3.1.3 */
export function superframe(d: Dissector, specification: number): void {
  if (d.verbose < 1) return;
  d.text += `\n\tBeacon order = ${specification & 15}, Superframe order = ${(specification >>> 4) & 15}, `;
  d.text += `Final CAP Slot = ${(specification >>> 8) & 15}`;
  if (bit(specification, 12)) d.text += ", BLE enabled";
  if (bit(specification, 14)) d.text += ", PAN Coordinator";
  if (bit(specification, 15)) d.text += ", Association Permit";
}

/** Guaranteed time slots (section 7.3.1.4). Returns the bytes taken; -1 if there are too few. */
export function timeSlots(d: Dissector, at: number, left: number): number {
  const count = d.u8(at) & 7;
  if (count === 0) {
    if (d.verbose > 0) d.text += `\n\tGTS Descriptor Count = ${count}, `;
    return 1;
  }
  const length = 2 + 3 * count;
  if (left < length) {
    d.text += " [ERROR: Truncated GTS Info List]";
    return -1;
  }
  if (d.verbose < 2) return length;
  d.text += `GTS Descriptor Count = ${count}, GTS Directions Mask = ${hex2(d.u8(at + 1) & 0x7f)}, [ `;
  for (let index = 0; index < count; index++) {
    const place = at + 2 + 3 * index;
    const slot = d.u8(place + 1);
    d.text += `[ ${address(d, place, 2)}, Start slot = ${slot & 15}, Length = ${slot >>> 4} ] `;
  }
  d.text += "]";
  return length;
}

/** Addresses that data wait for (section 7.3.1.5). Returns the bytes taken; -1 if there are too few. */
export function pendingAddresses(d: Dissector, at: number, left: number): number {
  const counts = d.u8(at);
  const [short, extended] = [counts & 7, (counts >>> 4) & 7];
  const length = 1 + 2 * short + 8 * extended;
  if (d.verbose > 0) {
    d.text += `\n\tPending address list, # short addresses = ${short}, # extended addresses = ${extended}`;
  }
  if (left < length) {
    d.text += " [ERROR: Pending address list truncated]";
    return -1;
  }
  if (d.verbose < 2) return length;
  const list = (name: string, from: number, count: number, size: number): void => {
    if (count === 0) return;
    d.text += `, ${name} address list = [ `;
    for (let index = 0; index < count; index++) d.text += `${address(d, from + index * size, size)} `;
    d.text += "]";
  };
  list("Short", at + 1, short, 2);
  list("Extended", at + 1 + 2 * short, extended, 8);
  return length;
}

const [CRC16, CRC32] = [0x8408, 0xedb8_8320] as const; // reversed polynomials of ITU-T V.42 and ANSI X3.66

function check(d: Dissector, at: number, length: number, polynomial: number): number {
  let crc = 0;
  for (let index = 0; index < length; index++) {
    crc ^= d.u8(at + index);
    for (let step = 0; step < 8; step++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ polynomial;
  }
  return crc >>> 0;
}

export interface CheckSequence {
  readonly found: number;
  readonly computed: number;
  /** Bytes that it takes; 0 if it is wrong, and thus perhaps not there. */
  readonly size: number;
}

/** The check sequence at the end of a frame: of four bytes, or of two. */
export function checkSequence(d: Dissector, at: number, length: number, least32: number): CheckSequence {
  if (length >= least32) {
    const found = d.u32le(at + length - 4);
    const computed = check(d, at, length - 4, CRC32);
    if (found === computed) return { found, computed, size: 4 };
  }
  const found = d.u16le(at + length - 2);
  const computed = check(d, at, length - 2, CRC16);
  return { found, computed, size: found === computed ? 2 : 0 };
}

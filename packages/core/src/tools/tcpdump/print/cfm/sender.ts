// The sender ID TLV of connectivity fault management (IEEE 802.1Q 21.5.3): chassis and management address.

import type { Dissector } from "../dissector.ts";
import { unknownData } from "../hexdump.ts";
import { NETWORK_FAMILIES } from "../network-address.ts";
import { CHASSIS } from "./names.ts";

export interface Sender {
  /** Bytes read one by one, and bytes of the TLV that are left then. */
  readonly used: number;
  readonly left: number;
  /** Whether hex may be shown, and has to be. */
  readonly shown: boolean;
  readonly hexdump: boolean;
  /** Nothing more of the frame is printed. */
  readonly ends: boolean;
}

/** True if its bytes have to be shown. */
function networkAddress(d: Dissector, at: number, length: number): boolean {
  const family = d.u8(at);
  d.text += `\n\t  Network Address Type ${NETWORK_FAMILIES.get(family) ?? "Unknown"} (${family})`;
  if (family !== 1 && family !== 2) return true;
  const size = family === 1 ? 4 : 16;
  if (length === 1 + size) {
    d.text += `, ${family === 1 ? d.ipv4(at + 1) : d.ipv6(at + 1)}`;
    return false;
  }
  d.text += `(invalid IPv${family === 1 ? 4 : 6} address length ${length - 1})`;
  return true;
}

/** True if its bytes have to be shown. */
function chassis(d: Dissector, type: number, at: number, length: number): boolean {
  if (type === 4) {
    if (length === 6) {
      d.text += `\n\t  MAC ${d.mac(at)}`;
      return false;
    }
    d.text += " (invalid MAC address length)";
    return true;
  }
  if (type === 5) return networkAddress(d, at, length);
  if (type < 1 || type > 7) return true;
  d.paddedCharacters(at, length);
  return false;
}

export function senderId(d: Dissector, start: number, total: number): Sender {
  let at = start;
  let left = total;
  let hexdump = false;
  const done = (shown: boolean, ends = false): Sender => ({ used: at - start, left, shown, hexdump, ends });
  const short = (ends = false): Sender => {
    d.text += "\n\t  (TLV too short)";
    return done(false, ends);
  };
  if (left < 1) {
    d.text += " (too short, must be >= 1)";
    return done(false);
  }
  const length = d.u8(at++);
  left--;
  if (length > 0) {
    if (left < 1) return short();
    const type = d.u8(at);
    left--;
    d.text += `\n\t  Chassis-ID Type ${CHASSIS.get(type) ?? "Unknown"} (${type}), Chassis-ID length ${length}`;
    if (left < length) return short();
    hexdump = chassis(d, type, at + 1, length);
    left -= length;
    at += 1 + length;
  }
  if (left === 0) return done(true);
  const domain = d.u8(at++);
  left--;
  d.text += `\n\t  Management Address Domain Length ${domain}`;
  if (domain === 0) return done(true);
  if (left < domain) return short();
  left -= domain;
  unknownData(d, at, "\n\t  Management Address Domain: ", domain);
  at += domain;
  if (left < 1) {
    d.text += " (Management Address Length is missing)";
    hexdump = true;
    return done(true);
  }
  const address = d.u8(at++);
  left--;
  d.text += `\n\t  Management Address Length ${address}`;
  if (address === 0) return done(true);
  if (left < address) return short(true);
  left -= address;
  unknownData(d, at, "\n\t  Management Address: ", address);
  at += address;
  return done(true);
}

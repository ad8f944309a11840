// Cisco's unidirectional link detection (RFC 5171).

import type { Dissector } from "./dissector.ts";
import { hex, hex2, hex4 } from "./numbers.ts";
import { UDLD_CODES, UDLD_FLAGS, UDLD_TLVS } from "./udld-names.ts";

const HEADER_LENGTH = 4;
const [DEVICE, PORT, ECHO, MESSAGE_INTERVAL, TIMEOUT_INTERVAL, NAME, SEQUENCE] = [
  1, 2, 3, 4, 5, 6, 7,
] as const;

export function udld(d: Dissector, start: number, total: number): void {
  d.protocol = "udld";
  if (total < HEADER_LENGTH) {
    d.invalid();
    d.check(start, total);
    return;
  }
  const first = d.u8(start);
  const version = first >>> 5;
  const code = first & 0x1f;
  const flags = d.u8(start + 1);
  d.text += `UDLDv${version}, Code ${UDLD_CODES.get(code) ?? "Reserved"} (${hex(code)}), Flags [${UDLD_FLAGS.bits(flags, "none")}] (0x${hex2(flags)}), length ${total}`;
  if (d.verbose < 1) {
    d.check(start, total);
    return;
  }
  d.text += `\n\tChecksum 0x${hex4(d.u16(start + 2))} (unverified)`;
  let at = start + HEADER_LENGTH;
  let left = total - HEADER_LENGTH;
  while (left > 0) {
    if (left < 4) return bad(d, at, left);
    const type = d.u16(at);
    const length = d.u16(at + 2);
    d.text += `\n\t${UDLD_TLVS.get(type) ?? "Unknown"} (0x${hex4(type)}) TLV, length ${length}`;
    if (length <= 4 || length > left) return bad(d, at, left);
    const size = length - 4;
    const value = at + 4;
    switch (type) {
      case DEVICE:
      case PORT:
      case NAME:
        d.text += ", ";
        d.paddedCharacters(value, size);
        break;
      case ECHO:
        // A list of pairs of names, shown as it stands.
        d.text += ", ";
        d.characters(value, size);
        break;
      case MESSAGE_INTERVAL:
      case TIMEOUT_INTERVAL:
        if (size !== 1) return bad(d, at, left);
        d.text += `, ${d.u8(value)}s`;
        break;
      case SEQUENCE:
        if (size !== 4) return bad(d, at, left);
        d.text += `, ${d.u32(value)}`;
        break;
      default:
        d.check(value, size);
    }
    at += length;
    left -= length;
  }
}

function bad(d: Dissector, at: number, left: number): void {
  d.invalid();
  d.check(at, left);
}

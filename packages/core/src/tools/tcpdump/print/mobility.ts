// The mobility header of IPv6 (RFC 6275).

import type { Dissector } from "./dissector.ts";
import { hex, hex2, hex4, hex8 } from "./numbers.ts";

const NAMES = ["BRR", "HoTI", "CoTI", "HoT", "CoT", "BU", "BA", "BE"] as const;
const MINIMUM = 8;
/** Shortest header of each type. */
const LENGTHS = [8, 16, 16, 24, 24, 12, 12, 24] as const;
const [REFRESH, HOME_INIT, CARE_INIT, HOME_TEST, CARE_TEST, UPDATE, ACKNOWLEDGEMENT, ERROR] = [
  0, 1, 2, 3, 4, 5, 6, 7,
];

/** False if an option does not fit. */
function options(d: Dissector, at: number, length: number): boolean {
  let place = 0;
  while (place < length) {
    const type = d.u8(at + place);
    let size = 1;
    if (type !== 0) {
      if (place + 1 >= length) return false;
      size = d.u8(at + place + 1) + 2;
    }
    if (place + size > length) return false;
    if (!d.has(at + place + size, 1)) return false;
    const room = length - place;
    const start = at + place;
    switch (type) {
      case 0:
        d.text += "(pad1)";
        break;
      case 1:
        d.text += "(padn)";
        break;
      case 2:
        if (room < 4) return tooShort(d, "refresh");
        d.text += `(refresh: ${d.u16(start + 2) * 4})`;
        break;
      case 3:
        if (room < 18) return tooShort(d, "altcoa");
        d.text += `(alt-CoA: ${d.ipv6(start + 2)})`;
        break;
      case 4:
        if (room < 6) return tooShort(d, "ni");
        d.text += `(ni: ho=0x${hex4(d.u16(start + 2))} co=0x${hex4(d.u16(start + 4))})`;
        break;
      case 5:
        if (room < 12) return tooShort(d, "auth");
        d.text += "(auth)";
        break;
      default:
        d.text += `(type-0x${hex2(type)}: len=${d.u8(start + 1)})`;
    }
    place += size;
  }
  return true;
}

function tooShort(d: Dissector, name: string): false {
  d.text += `(${name}: trunc)`;
  return false;
}

function cookie(d: Dissector, what: string, at: number): void {
  d.text += ` ${what}=${hex8(d.u32(at))}:${hex8(d.u32(at + 4))}`;
}

export function mobilityHeader(d: Dissector, at: number): void {
  d.protocol = "mobility";
  if (!d.has(at, 2)) return d.truncated();
  const length = (d.u8(at + 1) + 1) * 8;
  const type = d.u8(at + 2);
  const least = LENGTHS[type];
  if (least !== undefined && length < least) {
    d.text += `(header length ${length} is too small for type ${type})`;
    d.truncated();
    return;
  }
  d.text += `mobility: ${NAMES[type] ?? `type-#${type}`}`;
  const data = at + 6;
  const body = at + MINIMUM;
  const side = type === HOME_INIT || type === HOME_TEST ? "Home" : "Care-of";
  let used = MINIMUM;
  switch (type) {
    case REFRESH:
      break;
    case HOME_INIT:
    case CARE_INIT:
      if (d.verbose > 0) cookie(d, `${side} Init Cookie`, body);
      used += 8;
      break;
    case HOME_TEST:
    case CARE_TEST:
      d.text += ` nonce id=0x${hex(d.u16(data))}`;
      if (d.verbose > 0) {
        cookie(d, `${side} Init Cookie`, body);
        cookie(d, `${side} Keygen Token`, body + 8);
      }
      used += 16;
      break;
    case UPDATE: {
      d.text += ` seq#=${d.u16(data)}`;
      const bits = d.u16(body) >>> 12;
      if (bits !== 0) {
        d.text += " ";
        for (const [index, letter] of ["A", "H", "L", "K"].entries())
          if ((bits & (8 >>> index)) !== 0) d.text += letter;
      }
      d.text += ` lifetime=${d.u16(body + 2) * 4}`;
      used += 4;
      break;
    }
    case ACKNOWLEDGEMENT:
      d.text += ` status=${d.u8(data)}`;
      if ((d.u8(data + 1) & 0x80) !== 0) d.text += " K";
      d.text += ` seq#=${d.u16(body)} lifetime=${d.u16(body + 2) * 4}`;
      used += 4;
      break;
    case ERROR:
      d.text += ` status=${d.u8(data)}`;
      d.text += ` homeaddr ${d.ipv6(body)}`;
      used += 16;
      break;
    default:
      d.text += ` len=${d.u8(at + 1)}`;
      return;
  }
  if (d.verbose > 0 && !options(d, at + used, length - used)) d.truncated();
}

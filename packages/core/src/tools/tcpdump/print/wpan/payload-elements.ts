// Information elements in the payload of IEEE 802.15.4 frames (section 7.4.3), those of MLME with their nested ones, and
// multiplexed ones (IEEE 802.15.9).

import type { Dissector } from "../dissector.ts";
import { hex2, hex4, hex8, hexPadded } from "../numbers.ts";
import { bit, bytesText, vendorText } from "./fields.ts";
import { hex2Wide } from "./header-elements.ts";
import { nameOf, NESTED_LONG, nestedShortName, PAYLOAD_ELEMENTS } from "./names.ts";

const TERMINATION = 0xf;

/** Section 7.4.4.31 */
function channelHopping(d: Dissector, start: number, total: number): void {
  d.text += `Hopping Sequence ID = ${d.u8(start)}`;
  if (total === 1) return;
  let at = start + 1;
  let left = total - 1;
  const lacks = (size: number, lead = ""): boolean => {
    if (left >= size) return false;
    d.text += `${lead}[ERROR: IE truncated]`;
    return true;
  };
  const skip = (size: number): void => {
    at += size;
    left -= size;
  };
  if (lacks(7)) return;
  const [page, channels] = [d.u8(at), d.u16le(at + 1)];
  d.text += `Channel Page = ${page}, Number of Channels = ${channels}, Phy Configuration = 0x${hex8(d.u32le(at + 3))}, `;
  skip(7);
  if (page === 9 || page === 10) {
    const size = Math.floor((channels + 7) / 8);
    if (lacks(size)) return;
    d.text += `Extended bitmap = 0x${d.hexBytes(at, size)}, `;
    skip(size);
  }
  if (lacks(2)) return;
  const count = d.u16le(at);
  skip(2);
  d.text += `Hopping Seq length = ${count} [ `;
  if (lacks(2 * count, " ")) return;
  for (let index = 0; index < count; index++) d.text += `${hex2Wide(d.u16le(at + 2 * index))} `;
  d.text += "]";
  skip(2 * count);
  if (lacks(2)) return;
  d.text += `Current hop = ${d.u16le(at)}`;
}

const LINK_OPTIONS: readonly string[] = ["TX ", "RX ", "Shared ", "Timekeeping ", "Priority "];

/** Section 7.4.4.3 */
function slotframes(d: Dissector, at: number, length: number): void {
  const count = d.u8(at);
  d.text += `Slotframes = ${count} `;
  let offset = 1;
  for (let frame = 0; frame < count; frame++) {
    if (length < offset + 4) {
      d.text += "[ERROR: Truncated IE before slotframes]";
      return;
    }
    const links = d.u8(at + offset + 3);
    d.text += `\n\t\t\t[ Handle ${d.u8(at + offset)}, size = ${d.u16le(at + offset + 1)}, links = ${links} `;
    offset += 4;
    for (let link = 0; link < links; link++) {
      if (length < offset + 5) {
        d.text += "[ERROR: Truncated IE links]";
        break;
      }
      const options = d.u8(at + offset + 4);
      d.text += `\n\t\t\t\t[ Timeslot =  ${d.u16le(at + offset)}, Offset = ${d.u16le(at + offset + 2)}, Options = `;
      d.text += LINK_OPTIONS.filter((_, place) => bit(options, place)).join("");
      offset += 5;
      d.text += "] ";
    }
    d.text += "] ";
  }
}

const TIMES: readonly string[] = [
  "CCA Offset",
  "CCA",
  "TX Offset",
  "RX Offset",
  "RX Ack Delay",
  "TX Ack Delay",
  "RX Wait",
  "Ack Wait",
  "RX TX",
  "Max Ack",
  "Max TX",
  "Time slot Length",
];
const [SHORT_TIMESLOT, LONG_TIMESLOT] = [25, 27] as const; // bytes

/** Section 7.4.4.4; in the long form the last two take three bytes. */
function timeslot(d: Dissector, at: number, length: number): void {
  if (length === 1) {
    d.text += `Time slot ID = ${d.u8(at)} `;
    return;
  }
  if (length !== SHORT_TIMESLOT && length !== LONG_TIMESLOT) {
    d.text += "[ERROR: Length not 1, 25, or 27]\n\t\t\tIE Data = ";
    bytesText(d, at, 0, length);
    return;
  }
  d.check(at, length);
  d.text += `Time slot ID = ${d.u8(at)}`;
  let place = at + 1;
  for (const [index, name] of TIMES.entries()) {
    const wide = length === LONG_TIMESLOT && index >= TIMES.length - 2;
    d.text += `, ${name} = ${d.u16le(place) + (wide ? d.u8(place + 2) * 65_536 : 0)}`;
    place += wide ? 3 : 2;
  }
  d.text += " ";
}

function synchronization(d: Dissector, at: number, length: number): void {
  if (length < 6) d.text += "[ERROR: Length != 6]";
  d.check(at, 6);
  const slot = d.u32le(at) + d.u8(at + 4) * 2 ** 32;
  d.text += `ASN = ${hexPadded(slot, 10)}, Join Metric = ${d.u8(at + 5)} `;
}

function nestedContent(d: Dissector, at: number, length: number, id: number): void {
  switch (id) {
    case 0x08:
      return vendorText(d, at, length);
    case 0x09:
      return channelHopping(d, at, length);
    case 0x1a:
      return synchronization(d, at, length);
    case 0x1b:
      return slotframes(d, at, length);
    case 0x1c:
      return timeslot(d, at, length);
    default:
      d.text += "IE Data = ";
      bytesText(d, at, 0, length);
  }
}

/** Elements within one of MLME. */
function nested(d: Dissector, start: number, total: number): void {
  let at = start;
  let left = total;
  do {
    if (left < 2) {
      d.text += "[ERROR: Truncated MLME IE]";
      return;
    }
    const head = d.u16le(at);
    const long = bit(head, 15);
    const length = long ? head & 0x3ff : head & 0xff;
    const id = long ? (head >>> 11) & 0xf : (head >>> 8) & 0x7f;
    d.text += `\n\t\t${long ? nameOf(NESTED_LONG, id) : nestedShortName(id)} [ length = ${length}, `;
    if (left < 2 + length) {
      d.text += "[ERROR: Truncated IE data]";
      return;
    }
    if (length > 0) {
      if (d.verbose > 3) nestedContent(d, at + 2, length, id);
      else if (d.verbose > 2) {
        d.text += "IE Data = ";
        bytesText(d, at + 2, 0, length);
      }
    }
    d.text += "] ";
    at += 2 + length;
    left -= 2 + length;
  } while (left !== 0);
}

const [FULL, FULL_SMALL_ID, FRAGMENT, LAST_FRAGMENT, ABORT] = [0, 1, 2, 4, 6] as const;

/** IEEE 802.15.9 section 5.3 */
function multiplexed(d: Dissector, at: number, length: number): void {
  const control = d.u8(at);
  const kind = control & 7;
  const transaction = control >>> 3;
  const tid = `tid = 0x${hex2(transaction)}`;
  let data = 1;
  if (kind === FULL || kind === FULL_SMALL_ID) {
    d.text += `Type = Full upper layer fragment${kind === FULL_SMALL_ID ? " with small Multiplex ID" : ""}, `;
    if (kind === FULL) {
      if (length < 3) {
        d.text += "[ERROR: Multiplex ID missing]";
        return;
      }
      data = 3;
      d.text += `${tid}, Multiplex ID = 0x${hex4(d.u16le(at + 1))}, `;
    } else d.text += `Multiplex ID = 0x${hex4(transaction)}, `;
  } else if (kind === FRAGMENT || kind === LAST_FRAGMENT) {
    if (length < 2) {
      d.text += "[ERROR: fragment number missing]";
      return;
    }
    const fragment = d.u8(at + 1);
    const which = kind === LAST_FRAGMENT ? "Last" : fragment === 0 ? "First" : "Middle";
    d.text += `Type = ${which} fragment, ${tid}, fragment = 0x${hex2(fragment)}, `;
    data = 2;
    if (fragment === 0) {
      if (length < 6) {
        d.text += "[ERROR: Total upper layer size or multiplex ID missing]";
        return;
      }
      d.text += `Total upper layer size = 0x${hex4(d.u16le(at + 2))}, Multiplex ID = 0x${hex4(d.u16le(at + 4))}, `;
      data = 6;
    }
  } else if (kind === ABORT) {
    if (length === 1) d.text += `Type = Abort, ${tid}, no max size given`;
    else if (length === 3) d.text += `Type = Abort, ${tid}, max size = 0x${hex4(d.u16le(at + 1))}`;
    else {
      d.text += `Type = Abort, ${tid}, invalid length = ${length} (not 1 or 3)Abort data = `;
      bytesText(d, at, 1, length);
    }
    return;
  } else d.text += `Type = ${kind} (Reserved), ${tid}, `;
  d.text += "Upper layer data = ";
  bytesText(d, at, data, length);
}

function content(d: Dissector, at: number, length: number, group: number): void {
  switch (group) {
    case 1:
      return nested(d, at, length);
    case 2:
      return vendorText(d, at, length);
    case 3:
      return multiplexed(d, at, length);
    case 5:
      d.text += `Subtype ID = 0x${hex2(d.u8(at))}, Subtype content = `;
      return bytesText(d, at, 1, length);
    default:
      d.text += "IE Data = ";
      bytesText(d, at, 0, length);
  }
}

/** Returns the bytes taken; -1 if they do not fit. */
export function payloadElements(d: Dissector, start: number, total: number): number {
  let at = start;
  let left = total;
  do {
    if (left < 2) {
      d.text += "[ERROR: Truncated header IE]";
      return -1;
    }
    const head = d.u16le(at);
    if (!bit(head, 15)) d.text += "[ERROR: Payload IE with type 0] ";
    const length = head & 0x3ff;
    const group = (head >>> 11) & 0xf;
    d.text += `\n\t${nameOf(PAYLOAD_ELEMENTS, group)} [${length === 0 ? "" : ` length = ${length}, `}`;
    if (left < 2 + length) {
      d.text += "[ERROR: Truncated IE data]";
      return -1;
    }
    if (d.verbose > 3 && length > 0) content(d, at + 2, length, group);
    else if (length > 0) {
      d.text += "IE Data = ";
      bytesText(d, at + 2, 0, length);
    }
    d.text += "]\n\t";
    at += 2 + length;
    left -= 2 + length;
    if (group === TERMINATION) break;
  } while (left !== 0);
  return at - start;
}

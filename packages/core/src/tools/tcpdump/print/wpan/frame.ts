// Frames of IEEE 802.15.4 (low-rate wireless personal area networks): header, addresses, security, and what is in them.

import type { Dissector } from "../dissector.ts";
import { defaultPrint } from "../ethernet.ts";
import { hex2, hex4, hex8 } from "../numbers.ts";
import { command } from "./commands.ts";
import {
  address,
  bit,
  checkSequence,
  extendedAddress,
  pendingAddresses,
  superframe,
  timeSlots,
} from "./fields.ts";
import type { CheckSequence } from "./fields.ts";
import { headerElements } from "./header-elements.ts";
import { COMMANDS, FRAME_TYPES, nameOf } from "./names.ts";
import { payloadElements } from "./payload-elements.ts";

const [BEACON, DATA, ACKNOWLEDGEMENT, COMMAND, MULTIPURPOSE] = [0, 1, 2, 3, 5] as const;
const VERSION_2015 = 2;
const COMMANDS_END = 0x30;
/** Length of addresses by their mode; -1: reserved. */
const ADDRESS_LENGTHS: readonly number[] = [0, -1, 2, 8];
/** Length of the message integrity code by the security level's lower two bits. */
const INTEGRITY_LENGTHS: readonly number[] = [0, 4, 8, 16];
const ENCRYPTED = 4;

/** Thrown where the original gives a frame up: what is behind is not shown. */
const GIVEN_UP = Symbol("given up");

/** Where in the frame we are, and how much of it is left. */
interface Cursor {
  at: number;
  left: number;
}

function skip(cursor: Cursor, length: number): void {
  cursor.at += length;
  cursor.left = (cursor.left - length) >>> 0;
}

function demand(d: Dissector, cursor: Cursor, length: number, what: string): void {
  if (cursor.left >= length) return;
  d.text += `[ERROR: Truncated before ${what}]`;
  throw GIVEN_UP;
}

function addressLengths(d: Dissector, destination: number, source: number): readonly [number, number] {
  const [to, from] = [ADDRESS_LENGTHS[destination & 3] ?? 0, ADDRESS_LENGTHS[source & 3] ?? 0];
  if (from < 0 || to < 0) {
    d.text += `[ERROR: Invalid ${from < 0 ? "src" : "dst"} address mode]`;
    throw GIVEN_UP;
  }
  return [to, from];
}

/** PAN and address of one end. */
function end(d: Dissector, cursor: Cursor, hasPan: boolean, length: number): void {
  if (hasPan) {
    demand(d, cursor, 2, "dst_pan");
    d.text += `${hex4(d.u16le(cursor.at))}:`;
    skip(cursor, 2);
  } else d.text += "-:";
  demand(d, cursor, length, "dst_addr");
  d.text += address(d, cursor.at, length);
  skip(cursor, length);
}

/** Auxiliary security header (section 9.4). Returns the security level. */
function security(d: Dissector, cursor: Cursor): number {
  demand(d, cursor, 1, "Aux Security Header");
  const { at, left } = cursor;
  const inner: Cursor = { at, left };
  const control = d.u8(at);
  const level = control & 7;
  const mode = (control >>> 3) & 3;
  skip(inner, 1);
  if (d.verbose > 0) d.text += `\n\tSecurity Level ${level}, Key Id Mode ${mode}, `;
  if (!bit(control, 5)) {
    demand(d, inner, 4, "Frame Counter");
    if (d.verbose > 1) d.text += `Frame Counter 0x${hex8(d.u32le(inner.at))} `;
    skip(inner, 4);
  }
  if (mode === 0) {
    if (d.verbose > 1) d.text += "Implicit";
  } else {
    if (mode === 2) {
      demand(d, inner, 4, "Key Source");
      // The second number is followed by "4x": a slip in tcpdump's format.
      if (d.verbose > 1) {
        d.text += `KeySource 0x${hex4(d.u16le(inner.at))}:${d.u16le(inner.at + 2).toString(16)}4x, `;
      }
      skip(inner, 4);
    } else if (mode === 3) {
      demand(d, inner, 8, "Key Source");
      if (d.verbose > 1) d.text += `KeySource ${extendedAddress(d, inner.at)}, `;
      skip(inner, 4); // as tcpdump does, though it is 8
    }
    demand(d, inner, 1, "Key Index");
    if (d.verbose > 1) d.text += `KeyIndex 0x${hex2(d.u8(inner.at))}, `;
    skip(inner, 1);
  }
  d.check(at, inner.at - at);
  skip(cursor, inner.at - at);
  return level;
}

/** From the security header to the check sequence, which all frames have in this order. */
function middle(
  d: Dissector,
  cursor: Cursor,
  secured: boolean,
  hasElements: boolean,
  checked: CheckSequence,
): void {
  const level = secured ? security(d, cursor) : 0;
  const integrity = INTEGRITY_LENGTHS[level & 3] ?? 0;
  demand(d, cursor, integrity, "MIC");
  cursor.left -= integrity;
  const integrityAt = cursor.at + cursor.left;
  if (hasElements) {
    const { size, payloadFollows } = headerElements(d, cursor.at, cursor.left);
    if (size < 0) throw GIVEN_UP;
    skip(cursor, size);
    if (payloadFollows) {
      if (level >= ENCRYPTED) d.text += "Payload IEs present, but encrypted, cannot print ";
      else {
        const length = payloadElements(d, cursor.at, cursor.left);
        if (length < 0) throw GIVEN_UP;
        skip(cursor, length);
      }
    }
  }
  if (d.verbose <= 2) return;
  if (integrity > 0) d.text += `\n\tMIC ${d.hexBytes(integrityAt, integrity)} `;
  const [found, computed] = [checked.found.toString(16), checked.computed.toString(16)];
  if (found === computed) d.text += `FCS ${found} `;
  else d.text += `wrong FCS ${found} vs ${computed} (assume no FCS stored) `;
}

/** Which PANs a frame names (section 7.2.1.5): destination and source. */
function pans(
  d: Dissector,
  version: number,
  compressed: boolean,
  to: number,
  from: number,
): [boolean, boolean] {
  let [destination, source] = [to > 0, from > 0 && !compressed];
  if (version < VERSION_2015) {
    if (compressed && (to === 0 || from === 0)) {
      d.text += "[ERROR: PAN ID Compression != 0, and only one address with frame version < 2]";
    }
    return [destination, source];
  }
  if (compressed) {
    if (to === 0 && from === 0) destination = true;
    else if (to === 0 || from === 0 || (to === 8 && from === 8)) [destination, source] = [false, false];
  } else if (from === 8 && (to === 8 || to === 2)) source = false;
  return [destination, source];
}

/** False if it is cut short: then nothing of it is shown as hex. */
function beacon(d: Dissector, cursor: Cursor): boolean {
  const missing = (length: number, what: string): boolean => {
    if (cursor.left >= length) return false;
    d.text += `[ERROR: Truncated before ${what}]`;
    return true;
  };
  if (missing(2, "beacon information")) return false;
  superframe(d, d.u16le(cursor.at));
  skip(cursor, 2);
  if (missing(1, "GTS info")) return false;
  const slots = timeSlots(d, cursor.at, cursor.left);
  if (slots < 0) return false;
  skip(cursor, slots);
  if (missing(1, "pending addresses")) return false;
  const pending = pendingAddresses(d, cursor.at, cursor.left);
  if (pending < 0) return false;
  d.check(cursor.at, pending);
  skip(cursor, pending);
  return true;
}

function macCommand(d: Dissector, cursor: Cursor): void {
  if (cursor.left < 1) {
    d.text += "[ERROR: Truncated before Command ID]";
    return;
  }
  const id = d.u8(cursor.at);
  d.text += `Command ID = ${id >= COMMANDS_END ? `Reserved 0x${hex2(id)}` : nameOf(COMMANDS, id)} `;
  skip(cursor, 1);
  if (cursor.left !== 0) skip(cursor, command(d, id, cursor.at, cursor.left));
}

const NO_CHECK: CheckSequence = { found: 0, computed: 0, size: 0 };

function sequenceNumber(d: Dissector, cursor: Cursor, present: boolean): void {
  if (present) {
    const sequence = d.u8(cursor.at + 2);
    if (d.verbose > 0) d.text += `seq ${hex2(sequence)} `;
  }
  const size = present ? 3 : 2;
  if (cursor.left < size) {
    d.truncated();
    throw GIVEN_UP;
  }
  skip(cursor, size);
}

function standard(d: Dissector, at: number, length: number, control: number): void {
  const checked = length < 4 ? NO_CHECK : checkSequence(d, at, length, 4);
  const cursor: Cursor = { at, left: length - checked.size };
  const version = (control >>> 12) & 3;
  const type = control & 7;
  d.text += `v${version} `;
  if (d.verbose > 2) {
    if (bit(control, 3)) d.text += "Security Enabled, ";
    if (bit(control, 4)) d.text += "Frame Pending, ";
    if (bit(control, 5)) d.text += "AR, ";
    if (bit(control, 6)) d.text += "PAN ID Compression, ";
    if (bit(control, 8)) d.text += "Sequence Number Suppression, ";
    if (bit(control, 9)) d.text += "IE present, ";
  }
  if (bit(control, 8)) {
    if (version < VERSION_2015) {
      d.text += "[ERROR: Sequence number suppressed on frames where version < 2]";
    }
    if (d.verbose > 0) d.text += "seq suppressed ";
  }
  sequenceNumber(d, cursor, !bit(control, 8));
  const [to, from] = addressLengths(d, control >>> 10, control >>> 14);
  const [hasDestination, hasSource] = pans(d, version, bit(control, 6), to, from);
  end(d, cursor, hasDestination, to);
  d.text += " < ";
  end(d, cursor, hasSource, from);
  d.text += " ";
  middle(d, cursor, bit(control, 3), bit(control, 9), checked);
  if (type === BEACON && version < VERSION_2015 && !beacon(d, cursor)) return;
  if (type === COMMAND) macCommand(d, cursor);
  defaultPrint(d, cursor.at, cursor.left);
}

/** Multipurpose frames (section 7.3.5). */
function multipurpose(d: Dissector, at: number, length: number, control: number): void {
  const checked = length < 3 ? NO_CHECK : checkSequence(d, at, length, 5);
  const cursor: Cursor = { at, left: length - checked.size };
  const long = bit(control, 3);
  if (long) {
    d.text += `v${(control >>> 12) & 3} `;
    if (d.verbose > 2) {
      if (bit(control, 9)) d.text += "Security Enabled, ";
      if (bit(control, 11)) d.text += "Frame Pending, ";
      if (bit(control, 14)) d.text += "AR, ";
      if (bit(control, 8)) d.text += "PAN ID Present, ";
      if (bit(control, 10)) d.text += "Sequence Number Suppression, ";
      if (bit(control, 15)) d.text += "IE present, ";
    }
    sequenceNumber(d, cursor, !bit(control, 10));
  } else {
    const sequence = d.u8(at + 1);
    skip(cursor, 2);
    if (d.verbose > 0) d.text += `seq ${hex2(sequence)} `;
  }
  const [to, from] = addressLengths(d, control >>> 4, control >>> 6);
  end(d, cursor, long && bit(control, 8), to);
  d.text += " <  ";
  end(d, cursor, false, from);
  d.text += " ";
  middle(d, cursor, long && bit(control, 9), long && bit(control, 15), checked);
  defaultPrint(d, cursor.at, cursor.left);
}

/** Returns 1 if the frame was printed to its end, 0 if not, and its length if it has no header. */
export function wpan(d: Dissector, at: number, length: number): number {
  d.protocol = "802.15.4";
  if (length < 2) {
    d.truncated();
    return length;
  }
  const control = d.u16le(at);
  const type = control & 7;
  d.text += `IEEE 802.15.4 ${FRAME_TYPES[type]} packet `;
  try {
    if (type === BEACON || type === DATA || type === ACKNOWLEDGEMENT || type === COMMAND) {
      standard(d, at, length, control);
    } else if (type === MULTIPURPOSE) multipurpose(d, at, length, control);
    else return 0;
    return 1;
  } catch (fault) {
    if (fault !== GIVEN_UP) throw fault;
    return 0;
  }
}

export function wpanLink(d: Dissector, at: number, _length: number, captured: number): number {
  return wpan(d, at, captured);
}

const TAP_HEADER = 4;

/** With a header of attributes, which are not shown. */
export function wpanTapLink(d: Dissector, at: number, _length: number, captured: number): number {
  d.protocol = "802.15.4_tap";
  if (captured < TAP_HEADER) {
    d.truncated();
    return captured;
  }
  const length = d.u16le(at + 2);
  if (d.u8(at) !== 0 || length < TAP_HEADER) {
    d.invalid();
    return 0;
  }
  if (captured < length) {
    d.truncated();
    return captured;
  }
  return wpan(d, at + length, captured - length) + length;
}

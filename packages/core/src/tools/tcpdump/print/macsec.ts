// MACsec's security tag (IEEE 802.1AE clause 9) between the addresses of an Ethernet frame and its payload.

import type { Dissector } from "./dissector.ts";
import { NameTable } from "./names.ts";
import { hexPadded } from "./numbers.ts";

const [SHORT_TAG, LONG_TAG] = [6, 14] as const;
const INTEGRITY_LENGTH = 16;
const [VERSION, CHANNEL_PRESENT, ENCRYPTED_OR_CHANGED, ASSOCIATION] = [0x80, 0x20, 0x0c, 0x03] as const;
const SHORT_LENGTH = 0x3f;

const FLAGS = new NameTable([
  [0x08, "E"],
  [0x04, "C"],
  [0x40, "S"],
  [0x10, "B"],
  [0x20, "I"],
]);
const ALL_FLAGS = 0x7c;

/** What a frame is after its tag. */
export type SecurityTag =
  /** Nothing more can be printed. */
  | { readonly kind: "broken" }
  /** The payload cannot be read. */
  | { readonly kind: "encrypted"; readonly size: number }
  /** The payload is there to read, as long as this says. */
  | { readonly kind: "clear"; readonly size: number; readonly length: number; readonly captured: number };

const BROKEN: SecurityTag = { kind: "broken" };

function fields(d: Dissector, at: number): void {
  const control = d.u8(at);
  d.text += `an ${control & ASSOCIATION}, pn ${d.u32(at + 2)}, flags ${FLAGS.bits(control & ALL_FLAGS, "none", "")}`;
  const short = d.u8(at + 1) & SHORT_LENGTH;
  if (short !== 0) d.text += `, sl ${short}`;
  if ((control & CHANNEL_PRESENT) !== 0) d.text += `, sci ${hexPadded(d.u64(at + 6), 16)}`;
  d.text += ", ";
}

/** Prints the tag of the Ethernet frame at `frame`. */
export function securityTag(
  d: Dissector,
  at: number,
  length: number,
  captured: number,
  frame: number,
): SecurityTag {
  const { protocol } = d;
  d.protocol = "macsec";
  const cut = (): SecurityTag => {
    d.truncated();
    d.protocol = protocol;
    return BROKEN;
  };
  if (Math.min(captured, length) < SHORT_TAG) return cut();
  const control = d.u8(at);
  const size = (control & CHANNEL_PRESENT) === 0 ? SHORT_TAG : LONG_TAG;
  if (Math.min(captured, length) < size) return cut();
  const short = d.u8(at + 1);
  if ((short & ~SHORT_LENGTH) !== 0 || (control & VERSION) !== 0) {
    d.invalid();
    d.protocol = protocol;
    return BROKEN;
  }
  if (d.linkHeaders) fields(d, at);
  if ((control & ENCRYPTED_OR_CHANGED) !== 0) {
    if (!d.linkHeaders) {
      d.text += `${d.mac(frame + 6)} > ${d.mac(frame)} 802.1AE MACsec, `;
      fields(d, at);
    }
    d.protocol = protocol;
    return { kind: "encrypted", size };
  }
  let left = length - size - INTEGRITY_LENGTH;
  let seen = captured - size - INTEGRITY_LENGTH;
  if (left < 0 || seen < 0) return cut();
  d.end -= INTEGRITY_LENGTH;
  if (short !== 0) {
    if (short > left || short > seen) return cut();
    [left, seen] = [short, short];
  }
  d.protocol = protocol;
  return { kind: "clear", size, length: left, captured: seen };
}

// Geneve (RFC 8926).

import type { Dissector } from "./dissector.ts";
import { NO_ADDRESS } from "./dissector.ts";
import { ETHERTYPES } from "./ethernet-names.ts";
import { GENEVE_FLAGS } from "./gre-names.ts";
import { hex, hex4 } from "./numbers.ts";
import { unknownOrStandard } from "./geneve-classes.ts";

const FIXED_LENGTH = 8;
const TEB = 0x6558;
export function geneve(d: Dissector, start: number, total: number): void {
  d.protocol = "geneve";
  d.text += "Geneve";
  if (total < FIXED_LENGTH) {
    d.text += ` [length ${total} < ${FIXED_LENGTH}]`;
    d.invalid();
    return;
  }
  if (!d.has(start, FIXED_LENGTH)) return d.truncated();
  const first = d.u8(start);
  const version = first >>> 6;
  if (version !== 0) {
    d.text += ` ERROR: unknown-version ${version}`;
    return;
  }
  const flags = d.u8(start + 1);
  d.text += `, Flags [${GENEVE_FLAGS.bits(flags, "none", "")}]`;
  const type = d.u16(start + 2);
  d.text += `, vni 0x${hex(d.u24(start + 4))}`;
  const reserved = d.u8(start + 7);
  if (reserved !== 0) d.text += `, rsvd 0x${hex(reserved)}`;
  if (d.linkHeaders) d.text += `, proto ${ETHERTYPES.get(type) ?? "unknown"} (0x${hex4(type)})`;
  const optionsLength = (first & 0x3f) * 4;
  let at = start + FIXED_LENGTH;
  let left = total - FIXED_LENGTH;
  if (left < optionsLength) {
    d.text += ` truncated-geneve - ${optionsLength - left} bytes missing`;
    return;
  }
  if (!d.has(at, optionsLength)) return d.truncated();
  if (optionsLength > 0) {
    d.text += ", options [";
    if (d.verbose > 0) options(d, at, optionsLength);
    else d.text += `${optionsLength} bytes`;
    d.text += "]";
  }
  at += optionsLength;
  left -= optionsLength;
  d.text += d.verbose < 1 ? ": " : "\n\t";
  if (d.layers.ethertype(d, type, at, left, d.available(at), NO_ADDRESS, NO_ADDRESS)) return;
  if (type === TEB) d.layers.ethernet(d, at, left, d.available(at));
  else d.text += `geneve-proto-0x${hex(type)}`;
}

function options(d: Dissector, start: number, total: number): void {
  let at = start;
  let left = total;
  let separator = "";
  while (left > 0) {
    const length = 4 + (d.u8(at + 3) & 0x1f) * 4;
    const kind = d.u16(at);
    const type = d.u8(at + 2);
    d.text += `${separator}class ${unknownOrStandard(kind)} (0x${hex(kind)}) type 0x${hex(type)}`;
    separator = ", ";
    d.text += `${(type & 0x80) === 0 ? "" : "(C)"} len ${length}`;
    if (left < length) {
      d.text += " [bad length]";
      return;
    }
    if (d.verbose > 1 && length > 4) {
      d.text += " data";
      for (let word = 4; word < length; word += 4)
        d.text += ` ${d
          .u32(at + word)
          .toString(16)
          .padStart(8, "0")}`;
    }
    at += length;
    left -= length;
  }
}

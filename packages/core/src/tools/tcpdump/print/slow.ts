// Slow protocols (IEEE 802.3 annex 57A): LACP and markers (IEEE 802.1AX), Ethernet OAM (IEEE 802.3 clause 57).

import type { Dissector } from "./dissector.ts";
import { unknownData } from "./hexdump.ts";
import { hex2, hex8 } from "./numbers.ts";
import { oam } from "./slow-oam.ts";
import { STATES, SUBTYPES, TLVS } from "./slow-names.ts";

const [LACP, MARKER, OAM] = [1, 2, 3] as const;
const [TERMINATOR, ACTOR, PARTNER, COLLECTOR] = [0x00, 0x01, 0x02, 0x03] as const;
const INFORMATION_LENGTH = 20;
const COLLECTOR_LENGTH = 16;

export function slow(d: Dissector, at: number, length: number): void {
  d.protocol = "slow";
  if (length < 1) return d.truncated();
  const subtype = d.u8(at);
  const name = SUBTYPES.get(subtype) ?? `unknown (${subtype})`;
  if (subtype === LACP || subtype === MARKER) {
    if (length < 2) return d.truncated();
    const version = d.u8(at + 1);
    if (version !== 1) {
      d.text += `${name} version ${version} packet not supported`;
      return;
    }
    d.text += `${name}v1, length ${length}`;
    if (d.verbose > 0) linkAggregation(d, subtype, at + 2, length - 2);
    return;
  }
  d.text += `${name}, length ${length}`;
  if (d.verbose === 0) return;
  if (subtype === OAM) {
    oam(d, at + 1, length - 1);
    return;
  }
  unknownData(d, at, "\n\t", length);
}

function linkAggregation(d: Dissector, subtype: number, start: number, total: number): void {
  let at = start;
  let left = total;
  while (left > 0) {
    if (left < 2) return d.truncated();
    const type = d.u8(at);
    const length = d.u8(at + 1);
    d.text += `\n\t${TLVS.get((subtype << 8) + type) ?? "Unknown"} TLV (0x${hex2(type)}), length ${length}`;
    if (type === TERMINATOR) {
      // The rest is padding.
      return;
    }
    if (length < 2 || length > left) return d.invalid();
    d.check(at, length);
    const body = at + 2;
    if (subtype === LACP && (type === ACTOR || type === PARTNER)) {
      if (length !== INFORMATION_LENGTH) return d.invalid();
      {
        d.text += `\n\t  System ${d.mac(body + 2)}, System Priority ${d.u16(body)}, Key ${d.u16(body + 8)}`;
        d.text += `, Port ${d.u16(body + 12)}, Port Priority ${d.u16(body + 10)}`;
        d.text += `\n\t  State Flags [${STATES.bits(d.u8(body + 14), "none")}]`;
      }
    } else if (subtype === LACP && type === COLLECTOR) {
      if (length === COLLECTOR_LENGTH) d.text += `\n\t  Max Delay ${d.u16(body)}`;
    } else if (subtype === MARKER && type === 1) {
      d.text += `\n\t  Request System ${d.mac(body + 2)}, Request Port ${d.u16(body)}`;
      d.text += `, Request Transaction ID 0x${hex8(d.u32(body + 8))}`;
    } else if (d.verbose <= 1) unknownData(d, body, "\n\t  ", length - 2);
    if (d.verbose > 1) unknownData(d, body, "\n\t  ", length - 2);
    at += length;
    left -= length;
  }
}

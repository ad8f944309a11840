// LLDP types of IEEE 802.1.

import type { Dissector } from "./dissector.ts";
import { AGGREGATION, EVB_MODES, PPVID_FLAGS, SUBTYPES_8021 } from "./lldp-names.ts";
import { hex2 } from "./numbers.ts";

const [PORT_VLAN, PROTOCOL_VLAN, VLAN_NAME, PROTOCOL_IDENTITY, AGGREGATION_8021] = [1, 2, 3, 4, 7] as const;
const [CONGESTION, ETS_CONFIGURATION, ETS_RECOMMENDATION, FLOW_CONTROL, APPLICATION, EVB, CDCP] = [
  8, 9, 10, 11, 12, 13, 14,
] as const;

/** Eight values, each in a column of three. */
function columns(values: readonly number[]): string {
  return values.map((value) => String(value).padEnd(3)).join(" ");
}

function nibbles(d: Dissector, at: number): number[] {
  const values: number[] = [];
  for (let index = 0; index < 4; index++) values.push(d.u8(at + index) >>> 4, d.u8(at + index) & 15);
  return values;
}

function bytes(d: Dissector, at: number): number[] {
  return Array.from({ length: 8 }, (_, index) => d.u8(at + index));
}

function bandwidthTables(d: Dissector, at: number): void {
  d.text += "\n\t    Priority Assignment Table";
  d.text += "\n\t     Priority : 0   1   2   3   4   5   6   7";
  d.text += `\n\t     Value    : ${columns(nibbles(d, at))}`;
  d.text += "\n\t    TC Bandwidth Table";
  d.text += "\n\t     TC%   : 0   1   2   3   4   5   6   7";
  d.text += `\n\t     Value : ${columns(bytes(d, at + 4))}`;
  d.text += "\n\t    TSA Assignment Table";
  d.text += "\n\t     Traffic Class: 0   1   2   3   4   5   6   7";
  d.text += `\n\t     Value        : ${columns(bytes(d, at + 12))}`;
}

function bits(value: number): string {
  return Array.from({ length: 8 }, (_, index) => String((value >>> index) & 1).padEnd(2)).join(" ");
}

/** See `organization` in lldp.ts. */
export function private8021(d: Dissector, at: number, length: number): boolean {
  if (length < 4) return false;
  const subtype = d.u8(at + 3);
  d.text += `\n\t  ${SUBTYPES_8021.get(subtype) ?? "unknown"} Subtype (${subtype})`;
  const body = at + 4;
  switch (subtype) {
    case PORT_VLAN:
      if (length < 6) return false;
      d.text += `\n\t    port vlan id (PVID): ${d.u16(body)}`;
      return false;
    case PROTOCOL_VLAN: {
      if (length < 7) return false;
      const flags = d.u8(body);
      d.text += `\n\t    port and protocol vlan id (PPVID): ${d.u16(body + 1)}, flags [${PPVID_FLAGS.bits(flags, "none")}] (0x${hex2(flags)})`;
      return false;
    }
    case VLAN_NAME: {
      if (length < 6) return false;
      d.text += `\n\t    vlan id (VID): ${d.u16(body)}`;
      if (length < 7) return false;
      const size = d.u8(body + 2);
      if (length < 7 + size) return false;
      d.text += "\n\t    vlan name: ";
      d.paddedCharacters(body + 3, size);
      return false;
    }
    case PROTOCOL_IDENTITY: {
      if (length < 5) return false;
      const size = d.u8(body);
      if (length < 5 + size) return false;
      d.text += "\n\t    protocol identity: ";
      d.paddedCharacters(body + 1, size);
      return false;
    }
    case AGGREGATION_8021:
      if (length < 9) return false;
      d.text += `\n\t    aggregation status [${AGGREGATION.bits(d.u8(body), "none")}], aggregation port ID ${d.u32(body + 1)}`;
      return false;
    case CONGESTION: {
      if (length < 6) return false;
      d.text += "\n\t    Pre-Priority CNPV Indicator";
      d.text += "\n\t     Priority : 0  1  2  3  4  5  6  7";
      d.text += `\n\t     Value    : ${bits(d.u8(body))} `;
      d.text += "\n\t    Pre-Priority Ready Indicator";
      d.text += "\n\t     Priority : 0  1  2  3  4  5  6  7";
      d.text += `\n\t     Value    : ${bits(d.u8(body + 1))} `;
      return false;
    }
    case ETS_CONFIGURATION: {
      if (length < 25) return false;
      const flags = d.u8(body);
      d.text += `\n\t    Willing:${flags >>> 7}, CBS:${(flags >>> 6) & 2}, RES:${(flags >>> 3) & 7}, Max TCs:${flags & 7}`;
      bandwidthTables(d, body + 1);
      return false;
    }
    case ETS_RECOMMENDATION:
      if (length < 25) return false;
      d.text += `\n\t    RES: ${d.u8(body)}`;
      bandwidthTables(d, body + 1);
      return false;
    case FLOW_CONTROL: {
      if (length < 6) return false;
      const flags = d.u8(body);
      d.text += `\n\t    Willing: ${flags >>> 7}, MBC: ${(flags >>> 6) & 1}, RES: ${(flags >>> 4) & 3}, PFC cap:${flags & 15} `;
      d.text += "\n\t    PFC Enable";
      d.text += "\n\t     Priority : 0  1  2  3  4  5  6  7";
      d.text += `\n\t     Value    : ${bits(d.u8(body + 1))} `;
      return false;
    }
    case APPLICATION: {
      if (length < 5) return false;
      d.text += `\n\t    RES: ${d.u8(body)}`;
      if (length === 5 || (length - 5) % 3 !== 0) return false;
      d.text += "\n\t    Application Priority Table";
      for (let place = 5; place < length; place += 3) {
        const flags = d.u8(at + place);
        d.text += `\n\t      Priority: ${flags >>> 5}, RES: ${(flags >>> 3) & 3}, Sel: ${flags & 7}, Protocol ID: ${d.u16(at + place + 1)}`;
      }
      return false;
    }
    case EVB:
      return virtualBridging(d, body, length);
    case CDCP:
      return channels(d, body, at, length);
    default:
      return true;
  }
}

function virtualBridging(d: Dissector, body: number, length: number): boolean {
  if (length < 9) return false;
  const bridge = d.u8(body);
  d.text += "\n\t    EVB Bridge Status";
  d.text += `\n\t      RES: ${bridge >>> 3}, BGID: ${(bridge >>> 2) & 1}, RRCAP: ${(bridge >>> 1) & 1}, RRCTR: ${bridge & 1}`;
  const station = d.u8(body + 1);
  d.text += "\n\t    EVB Station Status";
  d.text += `\n\t      RES: ${station >>> 4}, SGID: ${(station >>> 3) & 1}, RRREQ: ${(station >>> 2) & 1},RRSTAT: ${station & 3}`;
  const retries = d.u8(body + 2);
  d.text += `\n\t    R: ${retries >>> 5}, RTE: ${retries & 0x1f}, `;
  const mode = d.u8(body + 3);
  d.text += `EVB Mode: ${EVB_MODES.get(mode >>> 6) ?? "unknown"} [${mode >>> 6}]`;
  d.text += `\n\t    ROL: ${(mode >>> 5) & 1}, RWD: ${mode & 0x1f}, `;
  const alive = d.u8(body + 4);
  d.text += `RES: ${alive >>> 6}, ROL: ${(alive >>> 5) & 1}, RKA: ${alive & 0x1f}`;
  return false;
}

function channels(d: Dissector, body: number, at: number, length: number): boolean {
  if (length < 8) return false;
  const flags = d.u8(body);
  d.text += `\n\t    Role: ${flags >>> 7}, RES: ${(flags >>> 4) & 7}, Scomp: ${(flags >>> 3) & 1} `;
  d.text += `ChnCap: ${d.u16(body + 2) & 0x0fff}`;
  let left = length - 8;
  if (left % 3 !== 0) return false;
  for (let place = at + 8; left > 0; place += 3, left -= 3) {
    const entry = d.u24(place);
    d.text += `\n\t    SCID: ${entry >>> 12}, SVID: ${entry & 0xfff}`;
  }
  return false;
}

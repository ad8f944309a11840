// LLDP's extensions for media endpoints (ANSI/TIA-1057).

import type { Dissector } from "./dissector.ts";
import {
  ALTITUDES,
  CIVIC_TYPES,
  CIVIC_WHATS,
  DATUMS,
  INVENTORY,
  LOCATIONS,
  POWER_PRIORITIES,
  POWER_SOURCES_PSE,
  SUBTYPES_TIA,
  TIA_APPLICATIONS,
  TIA_CAPABILITIES,
  TIA_DEVICES,
  TIA_POLICY,
} from "./lldp-names.ts";
import { hex2, hex4, hex } from "./numbers.ts";
import { unknownData } from "./hexdump.ts";

const [CAPABILITIES, POLICY, LOCATION, POWER] = [1, 2, 3, 4] as const;
const POWER_RESERVED = 1024; // from this value on

/** See `organization` in lldp.ts. */
export function privateMedia(d: Dissector, at: number, length: number): boolean {
  if (length < 4) return false;
  const subtype = d.u8(at + 3);
  d.text += `\n\t  ${SUBTYPES_TIA.get(subtype) ?? "unknown"} Subtype (${subtype})`;
  const body = at + 4;
  const inventory = INVENTORY.get(subtype);
  if (inventory !== undefined) {
    d.text += `\n\t  ${inventory} `;
    d.paddedCharacters(body, length - 4);
    return false;
  }
  switch (subtype) {
    case CAPABILITIES: {
      if (length < 7) return false;
      const capabilities = d.u16(body);
      const device = d.u8(body + 2);
      d.text += `\n\t    Media capabilities [${TIA_CAPABILITIES.bits(capabilities, "none")}] (0x${hex4(capabilities)})`;
      d.text += `\n\t    Device type [${TIA_DEVICES.get(device) ?? "unknown"}] (0x${hex2(device)})`;
      return false;
    }
    case POLICY: {
      if (length < 8) return false;
      const application = d.u8(body);
      const field = d.u24(body + 1);
      d.text += `\n\t    Application type [${TIA_APPLICATIONS.get(application) ?? "none"}] (0x${hex2(application)})`;
      d.text += `, Flags [${TIA_POLICY.bits(d.u8(body + 1), "none")}]`;
      d.text += `\n\t    Vlan id ${(field >>> 9) & 0xfff}, L2 priority ${(field >>> 6) & 7}, DSCP value ${field & 0x3f}`;
      return false;
    }
    case LOCATION:
      return location(d, at, length);
    case POWER: {
      if (length < 7) return false;
      const field = d.u8(body);
      // C's precedence makes tcpdump look at the lower two bits instead of the upper.
      d.text += `\n\t    Power type [${(field & 3) === 0 ? "PSE device" : "PD device"}]`;
      d.text += `, Power source [${POWER_SOURCES_PSE.get((field >>> 4) & 3) ?? "none"}]`;
      d.text += `\n\t    Power priority [${POWER_PRIORITIES.get(field & 15) ?? "none"}] (0x${hex2(field & 15)})`;
      const value = d.u16(body + 1);
      d.text +=
        value < POWER_RESERVED ? `, Power ${(value / 10).toFixed(1)} Watts` : `, Power ${value} (Reserved)`;
      return false;
    }
    default:
      return true;
  }
}

function location(d: Dissector, at: number, length: number): boolean {
  if (length < 5) return false;
  const format = d.u8(at + 4);
  d.text += `\n\t    Location data format ${LOCATIONS.get(format) ?? "unknown"} (0x${hex2(format)})`;
  const body = at + 5;
  if (format === 1) {
    if (length < 21) return false;
    const number = (place: number): bigint => (BigInt(d.u8(place) & 3) << 32n) | BigInt(d.u32(place + 1));
    d.text += `\n\t    Latitude resolution ${d.u8(body) >>> 2}, latitude value ${number(body)}`;
    d.text += `\n\t    Longitude resolution ${d.u8(body + 5) >>> 2}, longitude value ${number(body + 5)}`;
    const altitude = d.u8(body + 10) >>> 4;
    d.text += `\n\t    Altitude type ${ALTITUDES.get(altitude) ?? "unknown"} (${altitude})`;
    d.text += `\n\t    Altitude resolution ${(d.u16(body + 10) >>> 6) & 0x3f}, altitude value 0x${hex(d.u32(body + 11) & 0x3fff_ffff)}`;
    const datum = d.u8(body + 15);
    d.text += `\n\t    Datum ${DATUMS.get(datum) ?? "unknown"} (0x${hex2(datum)})`;
    return false;
  }
  if (format === 2) {
    civic(d, body, length - 5);
    return false;
  }
  if (format === 3) {
    d.text += "\n\t    ECS ELIN id ";
    d.paddedCharacters(body, length - 5);
    return false;
  }
  d.text += "\n\t    Location ID ";
  unknownData(d, body, "\n\t      ", length - 5);
  return false;
}

/** An address as people write it, in elements (RFC 4776). */
function civic(d: Dissector, start: number, total: number): void {
  if (total < 1) return;
  const size = d.u8(start);
  if (size < 3 || total < 2 + size) return;
  const what = d.u8(start + 1);
  d.text += `\n\t    LCI length ${size}, LCI what ${CIVIC_WHATS.get(what) ?? "unknown"} (0x${hex2(what)}), Country-code `;
  d.paddedCharacters(start + 2, 2);
  let at = start + 4;
  for (let left = size - 3; left >= 2;) {
    const [type, length] = [d.u8(at), d.u8(at + 1)];
    at += 2;
    left -= 2;
    d.text += `\n\t      CA type '${CIVIC_TYPES.get(type) ?? "unknown"}' (${type}), length ${length}: `;
    if (type === 0 || length === 0 || left < length) return;
    d.paddedCharacters(at, length);
    at += length;
    left -= length;
  }
}

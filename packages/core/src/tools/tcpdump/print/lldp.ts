// LLDP (IEEE 802.1AB). Types of organizations are in lldp-8021.ts, lldp-8023.ts and lldp-media.ts.

import type { Dissector } from "./dissector.ts";
import { unknownData } from "./hexdump.ts";
import { privateCisco, private8021 } from "./lldp-8021.ts";
import { private8023 } from "./lldp-8023.ts";
import { privateMedia } from "./lldp-media.ts";
import { CAPABILITIES, CHASSIS_SUBTYPES, INTERFACE_NUMBERING, MUD_SUBTYPES, PORT_SUBTYPES, TLVS } from "./lldp-names.ts"; // prettier-ignore
import { NETWORK_FAMILIES } from "./network-address.ts";
import { hex4, hex6 } from "./numbers.ts";
import { OUI_NAMES } from "./oui-names.ts";

const [
  END,
  CHASSIS,
  PORT,
  TTL,
  PORT_DESCRIPTION,
  SYSTEM_NAME,
  SYSTEM_DESCRIPTION,
  SYSTEM_CAPABILITIES,
  MANAGEMENT,
] = [0, 1, 2, 3, 4, 5, 6, 7, 8] as const;
const ORGANIZATION = 127;
const [OUI_8021, OUI_8023, OUI_TIA, OUI_IANA, OUI_CISCO_DCBX] = [
  0x0080c2, 0x00120f, 0x0012bb, 0x00005e, 0x001b21,
] as const;

/** An address with the IANA number of its family in front; undefined if it does not fit. */
function networkAddress(d: Dissector, at: number, length: number): string | undefined {
  if (length < 1) return undefined;
  const family = d.u8(at);
  const name = NETWORK_FAMILIES.get(family) ?? "Unknown";
  const size = family === 1 ? 4 : family === 2 ? 16 : family === 6 ? 6 : 0;
  if (size === 0) return `AFI ${name} (${family}), no AF printer !`;
  if (length < 1 + size) return undefined;
  const text = family === 1 ? d.ipv4(at + 1) : family === 2 ? d.ipv6(at + 1) : d.mac(at + 1);
  return `AFI ${name} (${family}): ${text}`;
}

/** Chassis and port ids; false if they do not fit. */
function identifier(
  d: Dissector,
  at: number,
  length: number,
  names: typeof CHASSIS_SUBTYPES,
  mac: number,
  network: number,
  texts: ReadonlySet<number>,
): boolean {
  if (length < 2) return false;
  const subtype = d.u8(at);
  const rest = length - 1;
  d.text += `Subtype ${names.get(subtype) ?? "Unknown"} (${subtype}): `;
  if (subtype === mac) {
    if (rest < 6) return false;
    d.text += d.mac(at + 1);
  } else if (texts.has(subtype)) d.paddedCharacters(at + 1, rest);
  else if (subtype === network) {
    const text = networkAddress(d, at + 1, rest);
    if (text === undefined) d.text += "<invalid>";
    else d.text += text;
  } else unknownData(d, at, "\n\t  ", length);
  return true;
}

function management(d: Dissector, start: number, total: number): boolean {
  if (total < 1) return false;
  const length = d.u8(start);
  let at = start + 1;
  let left = total - 1;
  if (length < 2 || left < length) return false;
  const text = networkAddress(d, at, length);
  if (text === undefined) return false;
  d.text += `\n\t  Management Address length ${length}, ${text}`;
  at += length;
  left -= length;
  if (left < 5) return false;
  const numbering = d.u8(at);
  d.text += `\n\t  ${INTERFACE_NUMBERING.get(numbering) ?? "Unknown"} Interface Numbering (${numbering}): ${d.u32(at + 1)}`;
  at += 5;
  left -= 5;
  if (left > 0) {
    const oid = d.u8(at);
    if (left < 1 + oid) return false;
    if (oid > 0) {
      d.text += `\n\t  OID length ${oid}`;
      if (d.verbose > 1) {
        unknownData(d, at + 1, "\n\t  ", oid);
      } else d.characters(at + 1, oid);
    }
  }
  return true;
}

const CHASSIS_TEXTS: ReadonlySet<number> = new Set([1, 2, 3, 6, 7]);
const PORT_TEXTS: ReadonlySet<number> = new Set([1, 2, 5, 6, 7]);

/** What is private to an organization. True: show it as hex, false: it was printed, undefined: it does not fit. */
function organization(d: Dissector, at: number, length: number): boolean | undefined {
  if (length < 3) return undefined;
  const oui = d.u24(at);
  d.text += `: OUI ${OUI_NAMES.get(oui) ?? "Unknown"} (0x${hex6(oui)})`;
  switch (oui) {
    case OUI_8021:
      return private8021(d, at, length);
    case OUI_8023:
      return private8023(d, at, length);
    case OUI_TIA:
      return privateMedia(d, at, length);
    case OUI_CISCO_DCBX:
      return privateCisco(d, at, length);
    case OUI_IANA:
      return manufacturerUsage(d, at, length);
    default:
      return true;
  }
}

/** RFC 8520 */
function manufacturerUsage(d: Dissector, at: number, length: number): boolean | undefined {
  if (length < 8) return undefined;
  const subtype = d.u8(at + 3);
  d.text += `\n\t  ${MUD_SUBTYPES.get(subtype) ?? "unknown"} Subtype (${subtype})`;
  if (subtype !== 1) return true;
  d.text += "\n\t  MUD-URL=";
  d.characters(at + 4, length - 4);
  return false;
}

/** Only -v tells about it. */
function cutOff(d: Dissector): void {
  if (d.verbose > 0) d.truncated();
}

export function lldp(d: Dissector, start: number, total: number): void {
  d.protocol = "lldp";
  d.text += "LLDP, length " + total;
  let at = start;
  let left = total;
  while (left >= 2) {
    if (!d.has(at, 2)) return d.truncated();
    const head = d.u16(at);
    const type = head >>> 9;
    const length = head & 0x1ff;
    at += 2;
    left -= 2;
    if (d.verbose > 0) d.text += `\n\t${TLVS.get(type) ?? "Unknown"} TLV (${type}), length ${length}`;
    if (!d.has(at, length)) return d.truncated();
    if (left < length) return cutOff(d);
    let fits = true;
    let shown = false;
    switch (type) {
      case END:
        return;
      case CHASSIS:
        if (d.verbose > 0) {
          d.text += "\n\t  ";
          fits = identifier(d, at, length, CHASSIS_SUBTYPES, 4, 5, CHASSIS_TEXTS);
        }
        break;
      case PORT:
        if (d.verbose > 0) {
          d.text += "\n\t  ";
          fits = identifier(d, at, length, PORT_SUBTYPES, 3, 4, PORT_TEXTS);
        }
        break;
      case TTL:
        if (d.verbose > 0) {
          if (length < 2) fits = false;
          else d.text += `: TTL ${d.u16(at)}s`;
        }
        break;
      case PORT_DESCRIPTION:
        if (d.verbose > 0) {
          d.text += ": ";
          d.characters(at, length);
        }
        break;
      case SYSTEM_NAME:
        // Told without -v too.
        d.text += ": ";
        d.characters(at, length);
        break;
      case SYSTEM_DESCRIPTION:
        if (d.verbose > 0) {
          d.text += "\n\t  ";
          d.characters(at, length);
        }
        break;
      case SYSTEM_CAPABILITIES:
        if (d.verbose > 0) {
          if (length < 4) fits = false;
          else {
            const [system, enabled] = [d.u16(at), d.u16(at + 2)];
            d.text += `\n\t  System  Capabilities [${CAPABILITIES.bits(system, "none")}] (0x${hex4(system)})`;
            d.text += `\n\t  Enabled Capabilities [${CAPABILITIES.bits(enabled, "none")}] (0x${hex4(enabled)})`;
          }
        }
        break;
      case MANAGEMENT:
        if (d.verbose > 0) fits = management(d, at, length);
        break;
      case ORGANIZATION:
        if (d.verbose > 0) {
          const result = organization(d, at, length);
          if (result === undefined) fits = false;
          shown = result === true;
        }
        break;
      default:
        shown = true;
    }
    if (!fits) return cutOff(d);
    if (d.verbose > 1 || (d.verbose > 0 && shown)) unknownData(d, at, "\n\t  ", length);
    at += length;
    left -= length;
  }
}

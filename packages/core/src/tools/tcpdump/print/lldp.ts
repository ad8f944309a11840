// LLDP (IEEE 802.1AB). Types of organizations are in lldp-8021.ts, lldp-8023.ts, lldp-media.ts and lldp-exchange.ts.

import type { Dissector } from "./dissector.ts";
import { unknownData } from "./hexdump.ts";
import { private8021 } from "./lldp-8021.ts";
import { private8023 } from "./lldp-8023.ts";
import { bridgingExchange } from "./lldp-exchange.ts";
import { privateMedia } from "./lldp-media.ts";
import { CAPABILITIES, CHASSIS_SUBTYPES, INTERFACE_NUMBERING, MUD_SUBTYPES, PORT_SUBTYPES, TLVS } from "./lldp-names.ts"; // prettier-ignore
import type { NameTable } from "./names.ts";
import { NETWORK_FAMILIES } from "./network-address.ts";
import { hex4, hex6 } from "./numbers.ts";
import { OUI_NAMES } from "./oui-names.ts";

const [
  CHASSIS,
  PORT,
  TTL,
  PORT_DESCRIPTION,
  SYSTEM_NAME,
  SYSTEM_DESCRIPTION,
  SYSTEM_CAPABILITIES,
  MANAGEMENT,
  ORGANIZATION,
] = [1, 2, 3, 4, 5, 6, 7, 8, 127] as const;
const HEADER_LENGTH = 2;
const INTERFACE_LENGTH = 5;

/** An address with the IANA number of its family in front. */
function networkAddress(d: Dissector, at: number, length: number): string {
  if (length < 1) d.cutOff();
  const family = d.u8(at);
  const name = NETWORK_FAMILIES.get(family) ?? "Unknown";
  const size = family === 1 ? 4 : family === 2 ? 16 : family === 6 ? 6 : 0;
  if (size === 0) return `AFI ${name} (${family}), no AF printer !`;
  if (length < 1 + size) d.cutOff();
  const text = family === 1 ? d.ipv4(at + 1) : family === 2 ? d.ipv6(at + 1) : d.mac(at + 1);
  return `AFI ${name} (${family}): ${text}`;
}

/** What the subtypes of chassis or port ids are. */
interface IdKind {
  readonly names: NameTable;
  readonly mac: number;
  readonly network: number;
  readonly texts: ReadonlySet<number>;
}

const CHASSIS_ID: IdKind = { names: CHASSIS_SUBTYPES, mac: 4, network: 5, texts: new Set([1, 2, 3, 6, 7]) };
const PORT_ID: IdKind = { names: PORT_SUBTYPES, mac: 3, network: 4, texts: new Set([1, 2, 5, 6, 7]) };

/** True: its bytes are shown, too. */
function identifier(d: Dissector, at: number, length: number, kind: IdKind): boolean {
  if (length < 2) d.cutOff();
  const subtype = d.u8(at);
  d.text += `\n\t  Subtype ${kind.names.get(subtype) ?? "Unknown"} (${subtype}): `;
  if (subtype === kind.mac) {
    if (length < 7) d.cutOff();
    d.text += d.mac(at + 1);
  } else if (subtype === kind.network) d.text += networkAddress(d, at + 1, length - 1);
  else if (kind.texts.has(subtype)) d.paddedCharacters(at + 1, length - 1);
  else return true;
  return false;
}

function capabilities(d: Dissector, at: number, length: number): void {
  if (length < 4) d.cutOff();
  const [system, enabled] = [d.u16(at), d.u16(at + 2)];
  d.text += `\n\t  System  Capabilities [${CAPABILITIES.bits(system, "none")}] (0x${hex4(system)})`;
  d.text += `\n\t  Enabled Capabilities [${CAPABILITIES.bits(enabled, "none")}] (0x${hex4(enabled)})`;
}

function management(d: Dissector, start: number, total: number): void {
  const length = d.u8(start);
  let at = start + 1;
  let left = total - 1;
  if (left < length) d.cutOff();
  d.text += `\n\t  Management Address length ${length}, ${networkAddress(d, at, length)}`;
  at += length;
  left -= length;
  if (left < INTERFACE_LENGTH) d.cutOff();
  const numbering = d.u8(at);
  d.text += `\n\t  ${INTERFACE_NUMBERING.get(numbering) ?? "Unknown"} Interface Numbering (${numbering}): ${d.u32(at + 1)}`;
  at += INTERFACE_LENGTH;
  left -= INTERFACE_LENGTH;
  if (left === 0) return;
  const size = d.u8(at);
  if (left < 1 + size) d.cutOff();
  if (size === 0) return;
  d.text += `\n\t  OID length ${size}`;
  d.paddedCharacters(at + 1, size);
}

/** RFC 8520 */
function manufacturerUsage(d: Dissector, at: number, length: number): boolean {
  if (length < 8) return false;
  const subtype = d.u8(at + 3);
  d.text += `\n\t  ${MUD_SUBTYPES.get(subtype) ?? "unknown"} Subtype (${subtype})`;
  if (subtype !== 1) return true;
  d.text += "\n\t  MUD-URL=";
  d.characters(at + 4, length - 4);
  return false;
}

/** By OUI. True: its bytes are shown, too. */
const ORGANIZATIONS: Readonly<Record<number, (d: Dissector, at: number, length: number) => boolean>> = {
  0x0080c2: private8021,
  0x00120f: private8023,
  0x00005e: manufacturerUsage,
  0x0012bb: privateMedia,
  0x001b21: bridgingExchange,
};

function organization(d: Dissector, at: number, length: number): boolean {
  if (length < 3) d.cutOff();
  const oui = d.u24(at);
  d.text += `: OUI ${OUI_NAMES.get(oui) ?? "Unknown"} (0x${hex6(oui)})`;
  return ORGANIZATIONS[oui]?.(d, at, length) ?? true;
}

/** The value of a type that only -v tells. True: its bytes are shown, too. */
function value(d: Dissector, type: number, at: number, length: number): boolean {
  switch (type) {
    case CHASSIS:
      return identifier(d, at, length, CHASSIS_ID);
    case PORT:
      return identifier(d, at, length, PORT_ID);
    case TTL:
      if (length < 2) d.cutOff();
      d.text += `: TTL ${d.u16(at)}s`;
      return false;
    case PORT_DESCRIPTION:
    case SYSTEM_DESCRIPTION:
      d.text += type === PORT_DESCRIPTION ? ": " : "\n\t  ";
      d.paddedCharacters(at, length);
      return false;
    case SYSTEM_CAPABILITIES:
      capabilities(d, at, length);
      return false;
    case MANAGEMENT:
      management(d, at, length);
      return false;
    case ORGANIZATION:
      return organization(d, at, length);
    default:
      return true;
  }
}

export function lldp(d: Dissector, start: number, total: number): void {
  d.protocol = "lldp";
  d.text += `LLDP, length ${total}`;
  d.untilCut(() => types(d, start, total));
}

function types(d: Dissector, start: number, total: number): void {
  let at = start;
  for (let left = total; left >= HEADER_LENGTH;) {
    d.need(at, HEADER_LENGTH);
    const head = d.u16(at);
    const [type, length] = [head >>> 9, head & 0x1ff];
    at += HEADER_LENGTH;
    left -= HEADER_LENGTH;
    if (d.verbose > 0) d.text += `\n\t${TLVS.get(type) ?? "Unknown"} TLV (${type}), length ${length}`;
    if (type === 0 || length === 0) return;
    d.need(at, length);
    if (left < length) d.cutOff();
    let showsBytes = false;
    if (type === SYSTEM_NAME) {
      // Told without -v, too.
      d.text += ": ";
      d.paddedCharacters(at, length);
    } else if (d.verbose > 0) showsBytes = value(d, type, at, length);
    if (d.verbose > 1 || (d.verbose > 0 && showsBytes)) unknownData(d, at, "\n\t  ", length);
    at += length;
    left -= length;
  }
}

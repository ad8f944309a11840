// Cisco's VLAN trunking protocol.

import type { Dissector } from "./dissector.ts";
import { unknownData } from "./hexdump.ts";
import { hex, hex2, hex4, hex8 } from "./numbers.ts";

const HEADER_LENGTH = 36;
const MAX_DOMAIN = 32;
const VLAN_LENGTH = 12;
const [SUMMARY, SUBSET, REQUEST] = [1, 2, 3] as const;

const MESSAGES = [
  "Unknown message type",
  "Summary advertisement",
  "Subset advertisement",
  "Advertisement request",
  "Join message",
] as const;
/** What the third byte is, by the message. */
const THIRD = ["Unknown", "Followers", "Seq number", "Rsvd", "Rsvd"] as const;
const VLAN_TYPES = ["Unknown", "Ethernet", "FDDI", "TrCRF", "FDDI-net", "TrBRF"] as const;
const VLAN_STATES = ["Operational", "Suspended"] as const;
const STP_TYPES = ["Unknown", "SRT", "SRB", "Auto"] as const;
const TLVS = [
  "Unknown",
  "Source-Routing Ring Number TLV",
  "Source-Routing Bridge Number TLV",
  "STP type TLV",
  "Parent VLAN TLV",
  "Translationally bridged VLANs TLV",
  "Pruning TLV",
  "Bridge Type TLV",
  "Max ARP Hop Count TLV",
  "Max STE Hop Count TLV",
  "Backup CRF Mode TLV",
] as const;

export function vtp(d: Dissector, at: number, length: number): void {
  d.protocol = "vtp";
  if (frame(d, at, length)) return;
  d.invalid();
  d.check(at, length);
}

/** False if something is wrong. */
function frame(d: Dissector, start: number, length: number): boolean {
  if (length < HEADER_LENGTH) return false;
  d.check(start, HEADER_LENGTH);
  const type = d.u8(start + 1);
  d.text += `VTPv${d.u8(start)}, Message ${MESSAGES[type] ?? MESSAGES[0]} (0x${hex2(type)}), length ${length}`;
  if (d.verbose < 1) {
    d.check(start, length);
    return true;
  }
  d.text += "\n\tDomain name: ";
  const domain = d.u8(start + 3);
  if (domain < 1 || domain > MAX_DOMAIN) {
    d.text += ` [invalid MgmtD Len ${domain}]`;
    return false;
  }
  d.paddedCharacters(start + 4, domain);
  d.text += `, ${THIRD[type] ?? THIRD[0]}: ${d.u8(start + 2)}`;
  const at = start + HEADER_LENGTH;
  switch (type) {
    case SUMMARY:
      d.text += `\n\t  Config Rev ${hex(d.u32(at))}, Updater ${d.ipv4(at + 4)}`;
      d.text += `, Timestamp 0x${hex8(d.u32(at + 8))} 0x${hex8(d.u32(at + 12))} 0x${hex8(d.u32(at + 16))}`;
      d.text += `, MD5 digest: ${hex8(d.u32(at + 20))}${hex8(d.u32(at + 24))}${hex8(d.u32(at + 28))}${hex8(d.u32(at + 32))}`;
      return true;
    case SUBSET:
      d.text += `, Config Rev ${hex(d.u32(at))}`;
      return vlans(d, at + 4, start + length);
    case REQUEST:
      d.text += `\n\tStart value: ${d.u32(at)}`;
      return true;
    default:
      return true;
  }
}

function vlans(d: Dissector, start: number, end: number): boolean {
  for (let at = start; at < end;) {
    const length = d.u8(at);
    if (length === 0) return true;
    d.check(at, length);
    if (length < VLAN_LENGTH) return false;
    d.text += `\n\tVLAN info status ${VLAN_STATES[d.u8(at + 1)] ?? "Unknown"}, type ${VLAN_TYPES[d.u8(at + 2)] ?? "Unknown"}`;
    d.text += `, VLAN-id ${d.u16(at + 4)}, MTU ${d.u16(at + 6)}, SAID 0x${hex8(d.u32(at + 8))}, Name `;
    const name = d.u8(at + 3);
    const padded = (name + 3) & ~3;
    if (length - VLAN_LENGTH < padded) return false;
    d.paddedCharacters(at + VLAN_LENGTH, name);
    const used = VLAN_LENGTH + padded;
    if (!tlvs(d, at + used, length - used)) return false;
    at += length;
  }
  return true;
}

function tlvs(d: Dissector, start: number, length: number): boolean {
  for (let at = start, left = length; left > 0;) {
    if (left < 2) return false;
    const type = d.u8(at);
    // In units of two bytes.
    const size = d.u8(at + 1);
    d.text += `\n\t\t${TLVS[type] ?? "Unknown"} (0x${hex4(type)}) TLV`;
    const bytes = 2 + size * 2;
    if (left < bytes) {
      d.text += " (TLV goes past the end of the packet)";
      return false;
    }
    d.check(at, bytes);
    if (size !== 1) {
      d.text += ` (invalid TLV length ${size} != 1)`;
      return false;
    }
    const value = d.u16(at + 2);
    const choice = (one: string, other: string): string => `, ${value === 1 ? one : other} (${value})`;
    if (type === 9) d.text += `, ${value}`;
    else if (type === 6) d.text += choice("Enabled", "Disabled");
    else if (type === 3) d.text += `, ${STP_TYPES[value] ?? "Unknown"} (${value})`;
    else if (type === 7) d.text += choice("SRB", "SRT");
    else if (type === 10) d.text += choice("Backup", "Not backup");
    else unknownData(d, at, "\n\t\t  ", bytes);
    at += bytes;
    left -= bytes;
  }
  return true;
}

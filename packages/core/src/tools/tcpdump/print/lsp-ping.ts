// MPLS echo requests and replies (RFC 4379).

import { distinguisher } from "./bgp/communities.ts";
import type { Dissector } from "./dissector.ts";
import { unknownData } from "./hexdump.ts";
import { PSEUDOWIRES } from "./l2vpn-names.ts";
import { NameTable } from "./names.ts";
import { ntpTimestamp } from "./ntp.ts";
import { hex4, hex8 } from "./numbers.ts";
import { VENDORS } from "./vendor-names.ts";

const [HEADER_LENGTH, TLV_HEADER] = [32, 4] as const;
const MESSAGES: Readonly<Record<number, string>> = { 1: "MPLS Echo Request", 2: "MPLS Echo Reply" };
const REPLY_MODES: Readonly<Record<number, string>> = {
  1: "Do not reply",
  2: "Reply via an IPv4/IPv6 UDP packet",
  3: "Reply via an IPv4/IPv6 UDP packet with Router Alert",
  4: "Reply via application level control channel",
};
const RETURN_CODES: readonly string[] = [
  "No return code or return code contained in the Error Code TLV",
  "Malformed echo request received",
  "One or more of the TLVs was not understood",
  "Replying router is an egress for the FEC at stack depth",
  "Replying router has no mapping for the FEC at stack depth",
  "Reserved",
  "Reserved",
  "Reserved",
  "Label switched at stack-depth",
  "Label switched but no MPLS forwarding at stack-depth",
  "Mapping for this FEC is not the given label at stack depth",
  "No label entry at stack-depth",
  "Protocol not associated with interface at FEC stack depth",
  "Premature termination of ping due to label stack shrinking to a single label",
];
/** Codes that mean a depth of the stack, which is the subcode. */
const WITH_DEPTH: ReadonlySet<number> = new Set([3, 4, 8, 10, 11, 12]);

const [FEC_STACK, DOWNSTREAM, VENDOR, BFD, VENDOR_PRIVATE] = [1, 2, 5, 15, 0xfc00] as const;
const TLVS = new NameTable([
  [FEC_STACK, "Target FEC Stack"],
  [DOWNSTREAM, "Downstream Mapping"],
  [3, "Pad"],
  [9, "Error Code"],
  [VENDOR, "Vendor Enterprise Code"],
  [VENDOR_PRIVATE, "Vendor Private Code"],
  [7, "Interface Label Stack"],
  [10, "Reply TOS Byte"],
  [BFD, "BFD Discriminator"],
]);
const SUB_TLVS = new NameTable([
  [1, "LDP IPv4 prefix"],
  [2, "LDP IPv6 prefix"],
  [3, "RSVP IPv4 Session Query"],
  [4, "RSVP IPv6 Session Query"],
  [5, "Reserved"],
  [6, "VPN IPv4 prefix"],
  [7, "VPN IPv6 prefix"],
  [8, "L2 VPN endpoint"],
  [9, "FEC 128 pseudowire (old)"],
  [10, "FEC 128 pseudowire"],
  [12, "BGP labeled IPv4 prefix"],
  [13, "BGP labeled IPv6 prefix"],
]);

/** Lengths that are right, by type. */
const SUB_TLV_LENGTHS: Readonly<Record<number, number>> = {
  1: 5, 2: 17, 3: 20, 4: 56, 6: 13, 7: 25, 8: 14, 9: 10, 10: 14, 12: 5, 13: 17,
}; // prettier-ignore
const INDENT = "\n\t      ";

/** Prints a sub-TLV of a FEC stack. False if its bytes must be shown, as it is not known or its length is wrong. */
function subTlv(d: Dissector, type: number, at: number, length: number): boolean {
  const wanted = SUB_TLV_LENGTHS[type];
  if (wanted === undefined) return false;
  if (length !== wanted) {
    d.text += `${INDENT}invalid subTLV length, should be ${wanted}`;
    return false;
  }
  switch (type) {
    case 1:
    case 12:
      d.text += `${INDENT}${d.ipv4(at)}/${d.u8(at + 4)}`;
      break;
    case 2:
    case 13:
      d.text += `${INDENT}${d.ipv6(at)}/${d.u8(at + 16)}`;
      break;
    case 3:
      d.text += `${INDENT}tunnel end-point ${d.ipv4(at)}, tunnel sender ${d.ipv4(at + 12)}, lsp-id 0x${hex4(d.u16(at + 18))}`;
      d.text += `${INDENT}tunnel-id 0x${hex4(d.u16(at + 6))}, extended tunnel-id ${d.ipv4(at + 8)}`;
      break;
    case 4:
      d.text += `${INDENT}tunnel end-point ${d.ipv6(at)}, tunnel sender ${d.ipv6(at + 36)}, lsp-id 0x${hex4(d.u16(at + 54))}`;
      d.text += `${INDENT}tunnel-id 0x${hex4(d.u16(at + 18))}, extended tunnel-id ${d.ipv6(at + 20)}`;
      break;
    case 6:
      d.text += `${INDENT}RD: ${distinguisher(d, at)}, ${d.ipv4(at + 8)}/${d.u8(at + 12)}`;
      break;
    case 7:
      d.text += `${INDENT}RD: ${distinguisher(d, at)}, ${d.ipv6(at + 8)}/${d.u8(at + 24)}`;
      break;
    case 8: {
      const kind = d.u16(at + 12);
      d.text += `${INDENT}RD: ${distinguisher(d, at)}, Sender VE ID: ${d.u16(at + 8)}, Receiver VE ID: ${d.u16(at + 10)}`;
      d.text += `${INDENT}Encapsulation Type: ${PSEUDOWIRES.get(kind) ?? "unknown"} (${kind})`;
      break;
    }
    case 9:
    case 10: {
      const base = type === 9 ? at : at + 4;
      const kind = d.u16(base + 8);
      d.text +=
        type === 9
          ? `${INDENT}Remote PE: ${d.ipv4(at)}`
          : `${INDENT}Sender PE: ${d.ipv4(at)}, Remote PE: ${d.ipv4(base)}`;
      d.text += `${INDENT}PW ID: 0x${hex8(d.u32(base + 4))}, PW Type: ${PSEUDOWIRES.get(kind) ?? "unknown"} (${kind})`;
      break;
    }
  }
  return true;
}

/** What the bytes of a TLV are shown for. */
type Verdict = "known" | "show its bytes" | "unknown" | "end";

function fecStack(d: Dissector, start: number, total: number): Verdict {
  let at = start;
  let left = total;
  while (left !== 0) {
    if (left < TLV_HEADER) return tooShort(d);
    const [type, length] = [d.u16(at), d.u16(at + 2)];
    if (left < length + TLV_HEADER) return tooShort(d);
    d.check(at + TLV_HEADER, length);
    d.text += `\n\t    ${SUB_TLVS.get(type) ?? "Unknown"} subTLV (${type}), length: ${length}`;
    const known = subTlv(d, type, at + TLV_HEADER, length);
    if (d.verbose > 1 || !known) unknownData(d, at + TLV_HEADER, INDENT, length);
    const padded = (length + 3) & ~3;
    if (left < padded + TLV_HEADER) {
      d.text += "\n\t\t TLV is too short";
      return "end";
    }
    // The original goes on within the value: it forgets the header that it has read.
    at += padded;
    left -= padded + TLV_HEADER;
  }
  return "known";
}

function tooShort(d: Dissector): Verdict {
  d.text += `${INDENT}TLV is too short`;
  return "show its bytes";
}

const FAMILIES: Readonly<Record<number, string>> = { 1: "IPv4", 2: "Unnumbered IPv4", 3: "IPv6", 4: "IPv6" };
const [IPV4, UNNUMBERED_4, IPV6, UNNUMBERED_6] = [1, 2, 3, 4] as const;
const [MAPPING_4, MAPPING_6, MAPPING_UNNUMBERED_6] = [12, 36, 24] as const;
const MULTIPATH = 4;

function downstream(d: Dissector, at: number, length: number): Verdict {
  if (length < MULTIPATH) return tooShort(d);
  const family = d.u8(at + 2);
  d.text += `\n\t    MTU: ${d.u16(at)}, Address-Type: ${FAMILIES[family] ?? "unknown"} (${family})`;
  if (FAMILIES[family] !== undefined && length < MAPPING_4) return tooShort(d);
  let taken = 0;
  if (family === IPV4) {
    d.text += `\n\t    Downstream IP: ${d.ipv4(at + 4)}\n\t    Downstream Interface IP: ${d.ipv4(at + 8)}`;
    taken = MAPPING_4;
  } else if (family === IPV6) {
    if (length < MAPPING_6) return tooShort(d);
    d.check(at, MAPPING_6);
    d.text += `\n\t    Downstream IP: ${d.ipv6(at + 4)}\n\t    Downstream Interface IP: ${d.ipv6(at + 20)}`;
    taken = MAPPING_6;
  } else if (family === UNNUMBERED_4) {
    d.text += `\n\t    Downstream IP: ${d.ipv4(at + 4)}\n\t    Downstream Interface Index: 0x${hex8(d.u32(at + 8))}`;
    taken = MAPPING_4;
  } else if (family === UNNUMBERED_6) {
    if (length < MAPPING_UNNUMBERED_6) return tooShort(d);
    d.check(at, MAPPING_UNNUMBERED_6);
    d.text += `\n\t    Downstream IP: ${d.ipv6(at + 4)}\n\t    Downstream Interface Index: 0x${hex8(d.u32(at + 20))}`;
    taken = MAPPING_UNNUMBERED_6;
  }
  if (length < taken + MULTIPATH) return tooShort(d);
  return "show its bytes";
}

function tlv(d: Dissector, type: number, at: number, length: number): Verdict {
  switch (type) {
    case FEC_STACK:
      return fecStack(d, at, length);
    case DOWNSTREAM:
      return downstream(d, at, length);
    case BFD:
      if (length < 4) return tooShort(d);
      d.text += `\n\t    BFD Discriminator 0x${hex8(d.u32(at))}`;
      return "known";
    case VENDOR: {
      if (length < 4) return tooShort(d);
      const vendor = d.u32(at);
      d.text += `\n\t    Vendor: ${VENDORS.get(vendor) ?? "Unknown"} (0x${vendor.toString(16).padStart(4, "0")})`;
      return "known";
    }
    default:
      return "unknown";
  }
}

export function lspPing(d: Dissector, start: number, total: number): void {
  d.protocol = "lspping";
  if (total < HEADER_LENGTH) {
    d.text += "\n\t\t packet is too short";
    return;
  }
  d.check(start, HEADER_LENGTH);
  const version = d.u16(start);
  if (version !== 1) {
    d.text += `LSP-PING version ${version} packet not supported`;
    return;
  }
  const type = d.u8(start + 4);
  if (d.verbose === 0) {
    d.text += `LSP-PINGv${version}, ${MESSAGES[type] ?? `unknown (${type})`}, seq ${d.u32(start + 12)}, length: ${total}`;
    return;
  }
  const [mode, code, subcode] = [d.u8(start + 5), d.u8(start + 6), d.u8(start + 7)];
  d.text += `\n\tLSP-PINGv${version}, msg-type: ${MESSAGES[type] ?? "unknown"} (${type}), length: ${total}`;
  d.text += `\n\t  reply-mode: ${REPLY_MODES[mode] ?? "unknown"} (${mode})`;
  d.text += `\n\t  Return Code: ${RETURN_CODES[code] ?? "unknown"}${WITH_DEPTH.has(code) ? ` ${subcode}` : ""} (${code})`;
  d.text += `\n\t  Return Subcode: (${subcode})`;
  d.text += `\n\t  Sender Handle: 0x${hex8(d.u32(start + 8))}, Sequence: ${d.u32(start + 12)}`;
  d.text += `\n\t  Sender Timestamp: ${ntpTimestamp(d, start + 16)} Receiver Timestamp: `;
  d.text += d.u32(start + 24) === 0 && d.u32(start + 28) === 0 ? "no timestamp" : ntpTimestamp(d, start + 24);
  tlvs(d, start + HEADER_LENGTH, total - HEADER_LENGTH);
}

function tlvs(d: Dissector, start: number, total: number): void {
  let at = start;
  let left = total;
  while (left >= TLV_HEADER) {
    d.check(at, TLV_HEADER);
    const [type, length] = [d.u16(at), d.u16(at + 2)];
    d.text += `\n\t  ${TLVS.get(type) ?? "Unknown"} TLV (${type}), length: ${length}`;
    const value = at + TLV_HEADER;
    const padded = (length + 3) & ~3;
    if (length !== 0) {
      if (left < length + TLV_HEADER) break;
      d.check(value, length);
      const verdict = tlv(d, type, value, length);
      if (verdict === "end") return;
      if (verdict === "unknown" && d.verbose <= 1) unknownData(d, value, "\n\t    ", length);
      if (d.verbose > 1 || verdict === "show its bytes") unknownData(d, value, "\n\t    ", length);
      if (left < padded + TLV_HEADER) break;
    }
    at += padded + TLV_HEADER;
    left -= padded + TLV_HEADER;
    if (left === 0) return;
  }
  if (left !== 0) d.text += "\n\t\t packet is too short";
}

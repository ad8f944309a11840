// The TLVs of LDP messages.

import { TRUNCATED } from "../dissector.ts";
import type { Dissector } from "../dissector.ts";
import { unknownData } from "../hexdump.ts";
import { PSEUDOWIRES } from "../l2vpn-names.ts";
import { NETWORK_FAMILIES } from "../network-address.ts";
import { hex2, hex4, hex8, hexPadded } from "../numbers.ts";
import { ILLEGAL_LENGTH, prefix } from "../prefix.ts";
import { CONTROL_CHANNELS, FECS, INTERFACE_PARAMETERS, TLVS, VERIFICATIONS } from "./names.ts";

const HEADER_LENGTH = 4;
const [IPV4, IPV6] = [1, 2] as const;

/** False if the value is shorter than `least`, which is said. */
function enough(d: Dissector, length: number, least: number): boolean {
  if (length >= least) return true;
  d.text += ` [tlv length ${length} < ${least}]`;
  d.invalid();
  return false;
}

type Printer = (d: Dissector, at: number, length: number) => void;

const hello: Printer = (d, at) => {
  const flags = d.u16(at + 2);
  d.text += `\n\t      Hold Time: ${d.u16(at)}s, Flags: [${(flags & 0x8000) === 0 ? "Link" : "Targeted"} Hello`;
  d.text += `${(flags & 0x4000) === 0 ? "" : ", Request for targeted Hellos"}]`;
};

const addresses: Printer = (d, start, length) => {
  const family = d.u16(start);
  d.text += `\n\t      Address Family: ${NETWORK_FAMILIES.get(family) ?? `Unknown (${family})`}, addresses`;
  const size = family === IPV4 ? 4 : family === IPV6 ? 16 : Infinity;
  for (let at = start + 2, left = length - 2; left >= size; at += size, left -= size) {
    d.text += ` ${size === 4 ? d.ipv4(at) : d.ipv6(at)}`;
  }
};

const session: Printer = (d, at) => {
  const flags = d.u16(at + 6);
  d.text += `\n\t      Version: ${d.u16(at)}, Keepalive: ${d.u16(at + 2)}s`;
  d.text += `, Flags: [Downstream ${(flags & 0x8000) === 0 ? "Unsolicited" : "On Demand"}, Loop Detection ${(flags & 0x4000) === 0 ? "Disabled" : "Enabled"}]`;
};

const status: Printer = (d, at) => {
  const word = d.u32(at);
  d.text += `\n\t      Status: 0x${hexPadded(word & 0x3fff_ffff, 2)}, Flags: [${word >>> 31 === 0 ? "Advisory Notification" : "Fatal error"} and ${(word & 0x4000_0000) === 0 ? "don't" : "do"} forward]`;
  const cause = d.u32(at + 4);
  if (cause !== 0) d.text += `, causing Message ID: 0x${hex8(cause)}`;
};

const faultTolerance: Printer = (d, at) => {
  const flags = d.u16(at);
  d.text += `\n\t      Flags: [${(flags & 0x8000) === 0 ? "No " : ""}Reconnect, ${(flags & 8) === 0 ? "Don't " : ""}Save State`;
  d.text += `, ${(flags & 4) === 0 ? "No " : ""}All-Label Protection, ${(flags & 2) === 0 ? "All Labels" : "Sequence Numbered Label"} Checkpoint`;
  d.text += `, ${(flags & 1) === 0 ? "Don't " : ""}Re-Learn State]`;
  if (d.u32(at + 4) !== 0) d.text += `, Reconnect Timeout: ${d.u32(at + 4)}ms`;
  if (d.u32(at + 8) !== 0) d.text += `, Recovery Time: ${d.u32(at + 8)}ms`;
};

/** Forwarding equivalence class. */
const fec: Printer = (d, start, length) => {
  const type = d.u8(start);
  d.text += `\n\t      ${FECS.get(type) ?? "Unknown"} FEC (0x${hex2(type)})`;
  if (type === 0x02) fecPrefix(d, start + 1, length - 1);
  else if (type === 0x80) circuit(d, start + 1, length - 1);
};

function fecPrefix(d: Dissector, at: number, length: number): void {
  if (!enough(d, length, 2)) return;
  const family = d.u16(at);
  if (family !== IPV4 && family !== IPV6) {
    d.text += `: Address family ${family} prefix`;
    return;
  }
  const version = family === IPV4 ? 4 : 6;
  const found = prefix(d, at + 2, length - 2, version);
  if (found === ILLEGAL_LENGTH) d.text += `: IPv${version} prefix (invalid length)`;
  else if (typeof found === "number") throw TRUNCATED;
  else d.text += `: IPv${version} prefix ${found.text}`;
}

/** A pseudowire (RFC 4447). */
function circuit(d: Dissector, start: number, total: number): void {
  let length = total;
  if (!enough(d, length, 7)) return;
  const type = d.u16(start);
  let size = d.u8(start + 2);
  const name = `: ${PSEUDOWIRES.get(type & 0x7fff) ?? "Unknown"}, ${(type & 0x8000) === 0 ? "no " : ""}control word, group-ID ${d.u32(start + 3)}`;
  if (size === 0) {
    d.text += `${name}, VC-info-length: ${size}`;
    return;
  }
  if (!enough(d, length, 11)) return;
  d.text += `${name}, VC-ID ${d.u32(start + 7)}, VC-info-length: ${size}`;
  if (size < 4) {
    d.text += " (invalid, < 4";
    return;
  }
  size -= 4;
  let at = start + 11;
  length -= 11;
  if (!enough(d, length, size)) return;
  while (size > 2) {
    const parameter = d.u8(at);
    const parameterLength = d.u8(at + 1);
    if (parameterLength < 2 || size < parameterLength) return;
    d.text += `\n\t\tInterface Parameter: ${INTERFACE_PARAMETERS.get(parameter) ?? "Unknown"} (0x${hex2(parameter)}), len ${parameterLength}`;
    interfaceParameter(d, parameter, at + 2, parameterLength - 2);
    size -= parameterLength;
    at += parameterLength;
  }
}

function interfaceParameter(d: Dissector, type: number, at: number, length: number): void {
  if (type === 0x01) d.text += `: ${d.u16(at)}`;
  else if (type === 0x03) {
    d.text += ": ";
    d.characters(at, length);
  } else if (type === 0x0c) {
    const [channels, verifications] = [d.u8(at), d.u8(at + 1)];
    d.text += `\n\t\t  Control Channels (0x${hex2(channels)}) = [${CONTROL_CHANNELS.bits(channels, "none")}]`;
    d.text += `\n\t\t  CV Types (0x${hex2(verifications)}) = [${VERIFICATIONS.bits(verifications, "none")}]`;
  } else unknownData(d, at, "\n\t\t  ", length);
}

function line(text: (d: Dissector, at: number) => string): Printer {
  return (d, at) => {
    d.text += `\n\t      ${text(d, at)}`;
  };
}

/** Shortest value and printer. */
const PRINTERS: ReadonlyMap<number, readonly [number, Printer]> = new Map<number, readonly [number, Printer]>(
  [
    [0x0100, [1, fec]],
    [0x0101, [2, addresses]],
    [0x0200, [4, line((d, at) => `Label: ${d.u32(at) & 0xf_ffff}`)]],
    [0x0300, [8, status]],
    [0x0400, [4, hello]],
    [0x0401, [4, line((d, at) => `IPv4 Transport Address: ${d.ipv4(at)}`)]],
    [0x0402, [4, line((d, at) => `Sequence Number: ${d.u32(at)}`)]],
    [0x0403, [16, line((d, at) => `IPv6 Transport Address: ${d.ipv6(at)}`)]],
    [0x0500, [8, session]],
    [0x0503, [12, faultTolerance]],
    [0x0601, [2, line((d, at) => `MTU: ${d.u16(at)}`)]],
  ],
);

/** Prints a TLV. Returns the bytes it takes; 0 if it does not fit. */
export function tlv(d: Dissector, start: number, left: number): number {
  d.check(start, HEADER_LENGTH);
  const length = d.u16(start + 2);
  if (length + HEADER_LENGTH > left) {
    d.text += "\n\t\t TLV contents go past end of message";
    return 0;
  }
  const field = d.u16(start);
  const type = field & 0x3fff;
  d.text += `\n\t    ${TLVS.get(type) ?? "Unknown"} TLV (0x${hex4(type)}), length: ${length}`;
  d.text += `, Flags: [${(field & 0x8000) === 0 ? "ignore" : "continue processing"} and ${(field & 0x4000) === 0 ? "don't" : "do"} forward if unknown]`;
  const at = start + HEADER_LENGTH;
  const known = PRINTERS.get(type);
  if (known === undefined) {
    if (d.verbose <= 1) unknownData(d, at, "\n\t      ", length);
  } else if (enough(d, length, known[0])) known[1](d, at, length);
  return length + HEADER_LENGTH;
}

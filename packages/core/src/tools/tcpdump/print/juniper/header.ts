// The header that Juniper's routers put in front of captured packets: "MGC", flags, extensions, and a cookie of the interface card.

import type { Dissector } from "../dissector.ts";
import { hex2, hex4, hex8 } from "../numbers.ts";
import { ENCAPSULATIONS, EXTENSIONS, HEADER_FLAGS, MEDIA } from "./names.ts";

export type Card =
  | "ATM1" | "ATM2" | "MLPPP" | "MLFR" | "MFR" | "PPPoE" | "PPPoE ATM" | "GGSN" | "MONITOR" | "AS" | "ES"
  | "ETHER" | "PPP" | "FRELAY" | "CHDLC"; // prettier-ignore

/** Bytes of the cards' cookies; the others have none and say so nowhere. */
const COOKIE_LENGTHS: Partial<Record<Card, number>> = {
  ATM1: 4, ATM2: 8, MLPPP: 2, MLFR: 2, MFR: 4, PPPoE: 0, "PPPoE ATM": 0, GGSN: 8, MONITOR: 8, AS: 8, ES: 0,
}; // prettier-ignore

const MAGIC = 0x4d_47_43;
const [EXTENDED, NO_LINK_HEADER, INCOMING] = [0x80, 0x02, 0x01] as const;
const EXTENSION_OVERHEAD = 2;
const [LINK_SERVICES, ADAPTIVE_SERVICES] = [0x54, 0x47] as const;
const ADAPTIVE_COOKIE = 8;
const MAX_COOKIE = 8;
const [CELL_MASK, FRAGMENT_BITS] = [0x70, 0xc0] as const;
const LSQ_PROTOCOL_MASK = 0x170 & 0xff;
/** Control words that stand in front of a cell. */
const CONTROL_WORDS: ReadonlySet<number> = new Set([0, 0x0800_0000, 0x0838_0000]);

export interface JuniperHeader {
  /** Bytes in front of the packet; what remains of it. */
  readonly size: number;
  readonly length: number;
  readonly captured: number;
  readonly incoming: boolean;
  /** Always eight bytes. */
  readonly cookie: Uint8Array;
  readonly cookieLength: number;
  readonly bundle: number;
  readonly protocol: number;
}

/** IP of either version, told by its first byte. False if it is neither. */
export function guessIp(d: Dissector, at: number, length: number): boolean {
  const first = d.u8(at);
  if (first >= 0x45 && first <= 0x4f) d.layers.ipv4(d, at, length);
  else if (first >>> 4 === 6) d.layers.ipv6(d, at, length);
  else return false;
  return true;
}

/** Little-endian below type 128. undefined: of another length than a number has. */
function extensionValue(d: Dissector, type: number, at: number, length: number): number | undefined {
  if (length > 4) return undefined;
  let value = 0;
  for (let index = 0; index < length; index++) {
    const byte = d.u8(at + index);
    value = type < 128 ? value + byte * 256 ** index : value * 256 + byte;
  }
  // The original keeps it in a signed integer, where -1 stands for none.
  return value === 0xffff_ffff ? undefined : value;
}

/** False if an extension is longer than all of them. */
function extensions(d: Dissector, start: number, total: number): boolean {
  let at = start;
  let left = total;
  d.check(at, left);
  while (left > EXTENSION_OVERHEAD) {
    const [type, length] = [d.u8(at), d.u8(at + 1)];
    at += EXTENSION_OVERHEAD;
    if (type === 0 || length === 0) break;
    if (left < length + EXTENSION_OVERHEAD) {
      d.text += ` [extension_length ${left} < ${length + EXTENSION_OVERHEAD}]`;
      return false;
    }
    const value = extensionValue(d, type, at, length);
    if (d.verbose > 1) {
      d.text += `\n\t  ${EXTENSIONS.get(type) ?? "Unknown"} Extension TLV #${type}, length ${length}, value `;
      if (value !== undefined && type !== 2) {
        if (type === 3 || type === 7) d.text += `${MEDIA.get(value) ?? "Unknown"} (${value})`;
        else if (type === 6 || type === 8) d.text += `${ENCAPSULATIONS.get(value) ?? "Unknown"} (${value})`;
        else d.text += String(value);
      }
    }
    at += length;
    left -= length + EXTENSION_OVERHEAD;
  }
  if (d.verbose > 1) d.text += "\n\t-----original packet-----\n\t";
  return true;
}

/** Prints the header. A number of bytes if that is all there is to print. */
export function juniperHeader(
  d: Dissector,
  start: number,
  total: number,
  captured: number,
  card: Card,
): JuniperHeader | number {
  const flags = d.u8(start + 3);
  if (d.u24(start) !== MAGIC) {
    d.text += "no magic-number found!";
    return 0;
  }
  const incoming = (flags & INCOMING) !== 0;
  if (d.linkHeaders) d.text += `${(incoming ? "In" : "Out").padStart(3)} `;
  if (d.verbose > 1) d.text += `\n\tJuniper PCAP Flags [${HEADER_FLAGS.bits(flags, "none")}]`;
  let size = 4;
  if ((flags & EXTENDED) !== 0) {
    const extensionsLength = d.u16(start + size);
    size += 2 + extensionsLength;
    if (d.verbose > 1) d.text += `, PCAP Extension(s) total length ${extensionsLength}`;
    if (!extensions(d, start + 6, extensionsLength)) {
      d.invalid();
      return 0;
    }
  }
  if ((flags & NO_LINK_HEADER) !== 0) {
    if (d.linkHeaders) d.text += "no-L2-hdr, ";
    d.check(start + size + 4, 1);
    if (!guessIp(d, start + size + 4, total - (size + 4))) d.text += "no IP-hdr found!";
    return size + 4;
  }
  return cookieAndProtocol(d, start, total, captured, card, size, incoming);
}

function cookieAndProtocol(
  d: Dissector,
  start: number,
  total: number,
  captured: number,
  card: Card,
  before: number,
  incoming: boolean,
): JuniperHeader | number {
  let at = start + before;
  let size = before;
  let cookieLength = 0;
  let service: number | undefined;
  let bundle = 0;
  let protocol = 0;
  const cookie = new Uint8Array(MAX_COOKIE);
  const known = COOKIE_LENGTHS[card];
  if (known !== undefined) {
    cookieLength = known;
    const first = d.u8(at);
    if (first === LINK_SERVICES) cookieLength += 2;
    else if (first === ADAPTIVE_SERVICES) cookieLength = ADAPTIVE_COOKIE;
    if (first === LINK_SERVICES || first === ADAPTIVE_SERVICES) service = first;
    // Child links carry no cookie.
    if (card === "MFR" && (first & FRAGMENT_BITS) === FRAGMENT_BITS) cookieLength = 0;
    size += cookieLength;
    if (d.linkHeaders) d.text += `${card}-PIC, cookie-len ${cookieLength}`;
    if (cookieLength > MAX_COOKIE) {
      d.invalid();
      return size;
    }
    if (cookieLength > 0) {
      d.check(at, cookieLength);
      if (d.linkHeaders) d.text += ", cookie 0x";
      for (let index = 0; index < cookieLength; index++) {
        cookie[index] = d.u8(at + index);
        if (d.linkHeaders) d.text += hex2(d.u8(at + index));
      }
    }
    if (d.linkHeaders) d.text += ": ";
    protocol = d.u16(at + cookieLength);
  }
  at += cookieLength;
  const byte = (index: number): number => cookie[index] ?? 0;
  /** Bytes that the length loses beside those of the cookie. */
  let more = 0;
  if (card === "MLPPP" || card === "MLFR" || card === "MFR") {
    if (service === LINK_SERVICES) {
      bundle = byte(1);
      if (card !== "MLPPP") {
        protocol = d.u16(at);
        more = 2;
      }
    } else if (service === ADAPTIVE_SERVICES) {
      bundle = (((byte(6) << 8) | byte(7)) >>> 3) & 0xfff;
      protocol = byte(5) & LSQ_PROTOCOL_MASK;
    } else {
      bundle = byte(0);
      if (card === "MLFR") more = 2;
    }
    size += more;
  } else if (card === "ATM2") {
    d.check(at, 4);
    if ((byte(7) & CELL_MASK) !== 0) {
      const word = d.u32(at);
      if (CONTROL_WORDS.has(word)) size += 4;
      if (d.linkHeaders) d.text += `control-word 0x${hex8(word)} `;
    }
  }
  if (d.linkHeaders) d.text += `hlen ${size}, proto 0x${hex4(protocol)}, `;
  const lost = before + cookieLength + more;
  return {
    size,
    length: total - lost,
    captured: captured - lost,
    incoming,
    cookie,
    cookieLength,
    bundle,
    protocol,
  };
}

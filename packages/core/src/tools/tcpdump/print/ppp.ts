// PPP (RFC 1661) in its framings (RFC 1662), with the protocols that it carries.

import type { Dissector } from "./dissector.ts";
import { unknownData } from "./hexdump.ts";
import { hex2, hex4 } from "./numbers.ts";
import { chap, multilink, pap } from "./ppp-authentication.ts";
import { controlProtocol } from "./ppp-control.ts";
import { PROTOCOLS } from "./ppp-names.ts";

const [IPV4, OSI, IPX, IPV6, COMPRESSED, MULTILINK] = [
  0x0021, 0x0023, 0x002b, 0x0057, 0x00fd, 0x003d,
] as const;
const [MPLS_UNICAST, MPLS_MULTICAST] = [0x0281, 0x0283] as const;
const [LCP, PAP, CHAP, IPCP, OSICP, IP6CP, MPLSCP, CCP, BACP] = [
  0xc021, 0xc023, 0xc223, 0x8021, 0x8023, 0x8057, 0x8281, 0x80fd, 0xc02b,
] as const;
const CONTROL: ReadonlySet<number> = new Set([LCP, IPCP, OSICP, MPLSCP, IP6CP, CCP, BACP]);
const BAP = 0xc02d;
/** Address, control and protocol. */
const HEADER_LENGTH = 4;
const VJ_NOT_COMPRESSED = 0x002f;
const ADDRESS_CONTROL = 0xff03;
/** Of pppd's captures: an incoming packet has 0, an outgoing one 1 for its address. */
const [INCOMING, OUTGOING] = [0x0003, 0x0103] as const;
const [FLAG, ESCAPE, ESCAPED_BIT] = [0x7e, 0x7d, 0x20] as const;

/** Prints a frame in HDLC-like framing (RFC 1662 section 4.2), whose escapes are taken away first. */
function escapedFrame(d: Dissector, start: number, length: number): void {
  if (length === 0 || d.available(start) <= 0) return;
  const { bytes, end } = d;
  const plain = new Uint8Array(end - start);
  let size = 0;
  for (let at = start; at < end; at++) {
    let byte = d.u8(at);
    if (byte === ESCAPE) {
      at++;
      if (at >= end) break;
      byte = d.u8(at) ^ ESCAPED_BIT;
    }
    plain[size++] = byte;
  }
  d.bytes = plain;
  d.end = size;
  try {
    if (!unescaped(d, size)) d.truncated();
  } finally {
    d.bytes = bytes;
    d.end = end;
  }
}

/** False if it is too short. */
function unescaped(d: Dissector, length: number): boolean {
  if (length < 1) return false;
  if (d.u8(0) === IPV4) d.layers.ipv4(d, 1, length - 1);
  else if (d.u8(0) === IPV6) d.layers.ipv6(d, 1, length - 1);
  else {
    if (length < 2) return false;
    const at = d.u16(0) === ADDRESS_CONTROL ? 2 : 0;
    if (length < at + 2) return false;
    const protocol = d.u16(at);
    if (protocol >>> 8 === FLAG) d.text += `(protocol 0x${hex4(protocol)} invalid)`;
    else pppPayload(d, protocol, at + 2, length - at - 2);
  }
  return true;
}

/** What a PPP protocol number names. */
export function pppPayload(d: Dissector, protocol: number, at: number, length: number): void {
  if (CONTROL.has(protocol)) {
    controlProtocol(d, at, protocol, length);
    return;
  }
  if (protocol >>> 8 === FLAG) return escapedFrame(d, at - 1, length);
  switch (protocol) {
    case MULTILINK:
      multilink(d, at, length);
      break;
    case CHAP:
      chap(d, at, length);
      break;
    case PAP:
      pap(d, at, length);
      break;
    case BAP: // known, but not printed
      break;
    case VJ_NOT_COMPRESSED:
    case IPV4:
    case 0x0800:
      d.layers.ipv4(d, at, length);
      break;
    case IPV6:
    case 0x86dd:
      d.layers.ipv6(d, at, length);
      break;
    case IPX:
    case 0x8137:
      d.layers.ipx(d, at, length);
      break;
    case OSI:
      d.layers.osi(d, at, length);
      break;
    case MPLS_UNICAST:
    case MPLS_MULTICAST:
      d.layers.mpls(d, at, length);
      break;
    case COMPRESSED:
      d.text += "compressed PPP data";
      break;
    default:
      d.text += `${PROTOCOLS.get(protocol) ?? `unknown PPP protocol (0x${hex4(protocol)})`} `;
      unknownData(d, at, "\n\t", length);
  }
}

/** PPP with or without address and control field. */
export function ppp(d: Dissector, start: number, total: number): number {
  d.protocol = "ppp";
  let at = start;
  let length = total;
  let headers = 0;
  if (length < 2) {
    d.truncated();
    return 0;
  }
  const first = d.u16(at);
  if (first === INCOMING || first === OUTGOING || first === ADDRESS_CONTROL) {
    if (d.linkHeaders && first !== ADDRESS_CONTROL) d.text += first === INCOMING ? "In  " : "Out ";
    at += 2;
    length -= 2;
    headers += 2;
  }
  if (length < 2) {
    d.truncated();
    return 0;
  }
  let protocol: number;
  if ((d.u8(at) & 1) !== 0) {
    protocol = d.u8(at);
    at++;
    length--;
    headers++;
  } else {
    protocol = d.u16(at);
    at += 2;
    length -= 2;
    headers += 2;
  }
  if (d.linkHeaders) {
    const name = PROTOCOLS.get(protocol);
    d.text += `${name ?? "unknown"} (0x${hex4(protocol)}), length ${total}`;
    if (name === undefined) return headers;
    d.text += ": ";
  }
  pppPayload(d, protocol, at, length);
  return headers;
}

/** DLT_PPP, and DLT_PPP_PPPD, which tells the direction. Whatever is there counts as a full header. */
export function pppLink(d: Dissector, at: number, length: number, captured: number): number {
  d.protocol = "ppp";
  if (captured < HEADER_LENGTH) {
    d.truncated();
    return captured;
  }
  ppp(d, at, length);
  return HEADER_LENGTH;
}

/** DLT_PPP_SERIAL: HDLC-like framing, or Cisco's. */
export function pppHdlcLink(d: Dissector, at: number, length: number, captured: number): number {
  d.protocol = "ppp_hdlc";
  if (captured < 2) {
    d.truncated();
    return captured;
  }
  const first = d.u8(at);
  if (first === 0xff) {
    if (captured < 4) {
      d.truncated();
      return captured;
    }
    const protocol = d.u16(at + 2);
    if (d.linkHeaders) {
      d.text += `${hex2(first)} ${hex2(d.u8(at + 1))} ${length} `;
    }
    d.text += `${PROTOCOLS.get(protocol) ?? `unknown PPP protocol (0x${hex4(protocol)})`}: `;
    pppPayload(d, protocol, at + 4, length - 4);
    return 4;
  }
  if (first === 0x0f || first === 0x8f) return d.layers.chdlc(d, at, length);
  if (captured < 4) {
    d.truncated();
    return captured;
  }
  if (d.linkHeaders) d.text += `${hex2(first)} ${hex2(d.u8(at + 1))} ${length} `;
  d.text += `unknown addr ${hex2(d.u8(at + 2))}; ctrl ${hex2(d.u8(at + 3))}`;
  return 2;
}

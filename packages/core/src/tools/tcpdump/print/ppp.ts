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
const [VJ_COMPRESSED, VJ_UNCOMPRESSED, MPLS_UNICAST, MPLS_MULTICAST] = [
  0x002d, 0x002f, 0x0281, 0x0283,
] as const;
const [LCP, PAP, CHAP, EAP, IPCP, OSICP, IP6CP, MPLSCP, CCP, BACP] = [
  0xc021, 0xc023, 0xc223, 0xc227, 0x8021, 0x8023, 0x8057, 0x8281, 0x80fd, 0xc02b,
] as const;
const CONTROL: ReadonlySet<number> = new Set([LCP, IPCP, OSICP, MPLSCP, IP6CP, CCP, BACP]);
const MLPPP_CP = 0xc03d;

/** What a PPP protocol number names. */
export function pppPayload(d: Dissector, protocol: number, at: number, length: number): void {
  if (CONTROL.has(protocol)) {
    controlProtocol(d, at, protocol, length);
    return;
  }
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
    case EAP:
      d.layers.eap(d, at, length);
      break;
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
    case VJ_COMPRESSED:
    case VJ_UNCOMPRESSED:
    case MLPPP_CP:
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
  if (first === 0xff03) {
    at += 2;
    length -= 2;
    headers += 2;
  }
  if (length < 2) {
    d.truncated();
    return headers;
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

/** DLT_PPP */
export function pppLink(d: Dissector, at: number, length: number, captured: number): number {
  d.protocol = "ppp";
  if (captured < 4) {
    d.truncated();
    return captured;
  }
  return ppp(d, at, length);
}

/** DLT_PPP_SERIAL: HDLC-like framing, or Cisco's. */
export function pppHdlcLink(d: Dissector, at: number, length: number, captured: number): number {
  d.protocol = "ppp";
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
  return 0;
}

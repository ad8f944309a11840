// Frame Relay (RFC 2427) and its fragmentation end to end (FRF.12, FRF.15).

import type { Dissector } from "./dissector.ts";
import { ETHERTYPES } from "./ethernet-names.ts";
import { defaultPrint } from "./ethernet.ts";
import { hexAndAscii } from "./hexdump.ts";
import { NLPIDS } from "./nlpid-names.ts";
import { hex2, hex4, hexPadded } from "./numbers.ts";
import { FRAGMENT_FLAGS } from "./multilink-frame-relay.ts";
import { q922Header } from "./q922.ts";
import type { Q922Header } from "./q922.ts";

const UI = 0x03;
const [IPV4, IPV6, CLNP, ESIS, ISIS, SNAP, Q933, FRAGMENT, PPP] = [
  0xcc, 0x8e, 0x81, 0x82, 0x83, 0x80, 0x08, 0xb1, 0xcf,
] as const;

function describe(
  d: Dissector,
  length: number,
  headerLength: number,
  { dlci, flags }: Q922Header,
  protocol: number,
): void {
  if (d.quiet > 0) {
    d.text += `Q.922, DLCI ${dlci}, length ${length}: `;
    return;
  }
  d.text += `Q.922, hdr-len ${headerLength}, DLCI ${dlci}, Flags [${flags.join(", ") || "none"}], `;
  d.text +=
    protocol > 0xff
      ? `cisco-ethertype ${ETHERTYPES.get(protocol) ?? "unknown"} (0x${hex4(protocol)})`
      : `NLPID ${NLPIDS.get(protocol) ?? "unknown"} (0x${hex2(protocol)})`;
  d.text += `, length ${length}: `;
}

function fragment(d: Dissector, at: number, length: number): void {
  if (length < 2) return d.truncated();
  const first = d.u8(at);
  const sequence = ((first & 0x1e) << 7) | d.u8(at + 1);
  d.text += `FRF.15, seq 0x${hexPadded(sequence, 3)}, Flags [${FRAGMENT_FLAGS.bits(first & 0xe0, "none")}],`;
  d.text += `${(first & 1) === 0 ? "End-to-End" : "Interface"} Fragmentation, length ${length}`;
}

/** Returns the length of the header; 0 if it is cut off. */
export function frameRelay(d: Dissector, start: number, total: number): number {
  d.protocol = "fr";
  let headerLength = 0;
  d.untilCut(() => (headerLength = frame(d, start, total)));
  return headerLength;
}

function frame(d: Dissector, start: number, total: number): number {
  const header = q922Header(d, start, total);
  if (header === "invalid") {
    d.text += "Q.922, invalid address";
    return 0;
  }
  if (header === "cut off") return d.cutOff();
  const control = start + header.length;
  if (total < header.length + 1) return d.cutOff();
  d.need(control, 1);
  if (d.u8(control) !== UI && header.dlci !== 0) {
    if (!d.has(control, 2) || total < header.length + 2) d.text += `UI ${hex2(d.u8(control))}! `;
    else {
      // Cisco puts an EtherType behind the address.
      const type = d.u16(control);
      if (d.linkHeaders) describe(d, total, header.length, header, type);
      const at = control + 2;
      const length = total - header.length - 2;
      if (d.layers.ethertype(d, type, at, length, d.available(at), -1, -1)) return header.length + 2;
      d.text += `UI ${hex2(d.u8(control))}! `;
    }
  }
  if (total < header.length + 2) return d.cutOff();
  d.need(control + 1, 1);
  let headerLength = header.length + 2;
  if (d.u8(control + 1) === 0) {
    if (header.length !== 3) d.text += "Pad! ";
    headerLength++;
  } else if (header.length === 3) d.text += "No pad! ";
  if (total < headerLength) return d.cutOff();
  d.need(start + headerLength - 1, 1);
  const protocol = d.u8(start + headerLength - 1);
  if (d.linkHeaders) describe(d, total, header.length, header, protocol);
  payload(d, start, start + headerLength, total - headerLength, header, protocol);
  return headerLength;
}

function payload(
  d: Dissector,
  start: number,
  at: number,
  length: number,
  header: Q922Header,
  protocol: number,
): void {
  const headerLength = at - start;
  switch (protocol) {
    case IPV4:
      return d.layers.ipv4(d, at, length);
    case IPV6:
      return d.layers.ipv6(d, at, length);
    case CLNP:
    case ESIS:
    case ISIS:
      return d.layers.osi(d, at - 1, length + 1);
    case SNAP:
      if (!d.layers.snap(d, at, length, d.available(at), -1, -1, 0)) {
        if (!d.linkHeaders) describe(d, length + headerLength, headerLength, header, protocol);
        defaultPrint(d, start, length + headerLength);
      }
      return;
    case Q933:
      return d.layers.q933(d, at, length);
    case FRAGMENT:
      return fragment(d, at, length);
    case PPP:
      d.layers.ppp(d, at, length);
      return;
    default:
      if (!d.linkHeaders) describe(d, length + headerLength, header.length, header, protocol);
      if (d.options.hex === 0) hexAndAscii(d, "\n\t", at, length);
  }
}

/** DLT_FRELAY */
export function frameRelayLink(d: Dissector, at: number, length: number, captured: number): number {
  d.protocol = "fr";
  if (captured < 4) {
    d.truncated();
    return captured;
  }
  return frameRelay(d, at, length);
}

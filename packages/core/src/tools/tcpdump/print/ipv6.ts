// IPv6 headers (RFC 8200). Walks the extension headers; what is behind them is for `Layers.ipPayload`.

import type { Dissector } from "./dissector.ts";
import { IP_PROTOCOLS } from "./ip-names.ts";
import { destinationOptions, fragmentHeader, hopByHop, routingHeader } from "./ipv6-extensions.ts";
import type { Jumbo } from "./ipv6-extensions.ts";
import { mobilityHeader } from "./mobility.ts";
import { hex2, hexPadded } from "./numbers.ts";

const HEADER_LENGTH = 40;
const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const DESTINATION = 60;
const MOBILITY_OLD = 62;
const MOBILITY = 135;
/** Protocols that print the addresses themselves, with ports. */
const WITH_PORTS: ReadonlySet<number> = new Set([6, 17, 33, 132]);

export function ipv6(d: Dissector, at: number, length: number): void {
  d.protocol = "ip6";
  if (!d.has(at, HEADER_LENGTH)) {
    d.truncated();
    return;
  }
  if (length < HEADER_LENGTH) {
    d.text += `truncated-ip6 ${length}`;
    return;
  }
  if (!d.linkHeaders) d.text += "IP6 ";
  const version = d.u8(at) >>> 4;
  if (version !== 6) {
    d.text += `version error: ${version} != 6`;
    return;
  }
  const payload = d.u16(at + 4);
  const first = d.u8(at + 6);
  // A payload length of 0 may mean a jumbogram; only its option tells.
  let datagram = payload + HEADER_LENGTH;
  const perhapsJumbo = payload === 0 && length > HEADER_LENGTH && first === HOP_BY_HOP;
  if (perhapsJumbo) datagram = length;
  if (length < datagram) d.text += `truncated-ip6 - ${datagram - length} bytes missing!`;
  if (d.verbose > 0) {
    const flow = d.u32(at);
    d.text += "(";
    if ((flow & 0x0ff0_0000) !== 0) d.text += `class 0x${hex2(flow >>> 20)}, `;
    if ((flow & 0x000f_ffff) !== 0) d.text += `flowlabel 0x${hexPadded(flow & 0xfffff, 5)}, `;
    d.text += `hlim ${d.u8(at + 7)}, next-header ${IP_PROTOCOLS.get(first) ?? "unknown"} (${first}) `;
    d.text += `payload length: ${payload}) `;
  }
  const { end } = d;
  // Without a length, the headers may be as long as they like.
  if (payload !== 0 && at + datagram < end) d.end = at + datagram;
  headers(d, at, datagram, first, perhapsJumbo);
  d.end = end;
}

/** The chain of headers, and what is behind them. */
function headers(d: Dissector, header: number, datagram: number, first: number, perhapsJumbo: boolean): void {
  let at = header;
  let left = datagram;
  let next = first;
  let advance = HEADER_LENGTH;
  let fragmented = false;
  let hopByHopSeen = false;
  const jumbo: Jumbo = { found: false, length: 0 };
  while (at < d.end && advance > 0) {
    d.protocol = "ip6";
    at += advance;
    left -= advance;
    if (at === header + HEADER_LENGTH && !WITH_PORTS.has(next)) {
      d.text += `${d.ipv6(header + 8)} > ${d.ipv6(header + 24)}: `;
    }
    switch (next) {
      case HOP_BY_HOP:
        if (hopByHopSeen) {
          d.text += "[The Hop-by-Hop Options header was already found]";
          d.invalid();
          return;
        }
        if (at !== header + HEADER_LENGTH) {
          d.text += "[The Hop-by-Hop Options header don't follow the IPv6 header]";
          d.invalid();
          return;
        }
        hopByHopSeen = true;
        advance = hopByHop(d, at, jumbo, d.u16(header + 4));
        if (perhapsJumbo && !jumbo.found) {
          d.text += "[No valid Jumbo Payload Hop-by-Hop option found]";
          d.invalid();
          return;
        }
        next = d.u8(at);
        if (perhapsJumbo && jumbo.found) left = jumbo.length;
        break;
      case DESTINATION:
        advance = destinationOptions(d, at);
        next = d.u8(at);
        break;
      case FRAGMENT:
        advance = fragmentHeader(d, at, header);
        if (advance < 0 || at + advance >= d.end) return;
        next = d.u8(at);
        fragmented = true;
        break;
      case ROUTING:
        if (!d.has(at, 1)) return d.truncated();
        advance = routingHeader(d, at);
        if (advance < 0) return;
        next = d.u8(at);
        break;
      case MOBILITY_OLD:
      case MOBILITY:
        mobilityHeader(d, at);
        return;
      default:
        if (perhapsJumbo && !jumbo.found) {
          d.text += "[No valid Jumbo Payload Hop-by-Hop option found]";
          d.invalid();
          return;
        }
        if (left < 0) return d.truncated();
        d.within(at, left, () =>
          d.layers.ipPayload(d, at, left, 6, fragmented, d.u8(header + 7), next, header),
        );
        return;
    }
  }
}

// PGM (RFC 3208), in IP and, by -T, in UDP.

import type { Dissector } from "./dissector.ts";
import { pgmAddress, pgmOptions } from "./pgm-options.ts";
import { hex2, hex8 } from "./numbers.ts";
import { addressesWithPorts } from "./tcp.ts";
import { zmtpDatagram } from "./zmtp.ts";

const PGM = 113;
const HEADER_LENGTH = 16;
const OPTIONS_PRESENT = 1;
const [SOURCE_PATH, POLL, POLL_RESPONSE, ORIGINAL, REPAIR] = [0, 1, 2, 4, 5] as const;
const [NAK, NULL_NAK, NAK_CONFIRMATION, ACK, PATH_REQUEST] = [8, 9, 10, 11, 12] as const;

/** Prints what the kind of packet has. Returns the offset after it. */
function body(d: Dissector, at: number, type: number): number {
  switch (type) {
    case SOURCE_PATH: {
      d.need(at, 16);
      const { text, length } = pgmAddress(d, at + 16, d.u16(at + 12));
      d.text += `SPM seq ${d.u32(at)} trail ${d.u32(at + 4)} lead ${d.u32(at + 8)} nla ${text}`;
      return at + 16 + length;
    }
    case POLL: {
      d.need(at, 12);
      const { text, length } = pgmAddress(d, at + 12, d.u16(at + 8));
      const rest = at + 12 + length;
      d.need(rest, 12);
      d.text += `POLL seq ${d.u32(at)} round ${d.u16(at + 4)} nla ${text} ivl ${d.u32(rest)}`;
      d.text += ` rnd 0x${hex8(d.u32(rest + 4))} mask 0x${hex8(d.u32(rest + 8))}`;
      return rest + 12;
    }
    case POLL_RESPONSE:
      d.need(at, 8);
      d.text += `POLR seq ${d.u32(at)} round ${d.u16(at + 4)}`;
      return at + 8;
    case ORIGINAL:
    case REPAIR:
      d.need(at, 8);
      d.text += `${type === ORIGINAL ? "ODATA" : "RDATA"} trail ${d.u32(at + 4)} seq ${d.u32(at)}`;
      return at + 8;
    case NAK:
    case NULL_NAK:
    case NAK_CONFIRMATION: {
      d.need(at, 8);
      const source = pgmAddress(d, at + 8, d.u16(at + 4));
      // Four bytes are skipped in front of the family of the group, as tcpdump reads it.
      const place = at + 8 + source.length + 4;
      const group = pgmAddress(d, place, d.u16(place));
      const name = type === NAK ? "NAK" : type === NULL_NAK ? "NNAK" : "NCF";
      d.text += `${name} (${source.text} -> ${group.text}), seq ${d.u32(at)}`;
      return place + group.length;
    }
    case ACK:
      d.need(at, 8);
      d.text += `ACK seq ${d.u32(at)}`;
      return at + 8;
    case PATH_REQUEST:
      d.text += "SPMR";
      return at;
    default:
      d.text += `UNKNOWN type 0x${hex2(type)}`;
      return at;
  }
}

export function pgm(d: Dissector, start: number, length: number, header: number): void {
  d.protocol = "pgm";
  const six = d.u8(header) >>> 4 === 6;
  if (!d.has(start + 2, 2)) {
    d.text += six
      ? `${d.ipv6(header + 8)} > ${d.ipv6(header + 24)}:`
      : `${d.ipv4(header + 12)} > ${d.ipv4(header + 16)}:`;
    return d.truncated();
  }
  const { addresses } = d;
  d.text += addressesWithPorts(
    d,
    header,
    PGM,
    addresses.tcpPort(d.u16(start)),
    addresses.tcpPort(d.u16(start + 2)),
  );
  if (!d.has(start, HEADER_LENGTH)) return d.truncated();
  d.text += `PGM, length ${d.u16(start + 14)}`;
  if (d.verbose === 0) return;
  const type = d.u8(start + 4);
  d.text += ` 0x${d.hexBytes(start + 8, 6)} `;
  let content: number | undefined;
  d.untilCut(() => (content = details(d, start, type, length)));
  if (content === undefined) return;
  if (d.options.packetType === "pgm_zmtp1" && (type === ORIGINAL || type === REPAIR)) {
    zmtpDatagram(d, content, d.u16(start + 14));
  }
}

/** Returns the offset of what the message carries; undefined if it is not reached. */
function details(d: Dissector, start: number, type: number, length: number): number | undefined {
  // A path request has nothing between header and options; the offset stays at the header's start, as in tcpdump.
  const rest = body(d, start + HEADER_LENGTH, type);
  let at: number | undefined = rest === start + HEADER_LENGTH ? start : rest;
  if ((d.u8(start + 5) & OPTIONS_PRESENT) !== 0) at = pgmOptions(d, at);
  if (at !== undefined) d.text += ` [${length}]`;
  return at;
}

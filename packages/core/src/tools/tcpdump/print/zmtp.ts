// ZMTP 1.0 (ZeroMQ RFC 13): frames over TCP, and datagrams in PGM (zmq_pgm(7)).

import type { Dissector } from "./dissector.ts";
import { TRUNCATED } from "./dissector.ts";
import { hexAndAscii } from "./hexdump.ts";
import { hex2, hex4 } from "./numbers.ts";

/** Bytes of a body that -v shows; -vv shows all. */
const SHOWN = 128;
const LONG_LENGTH = 0xff;
const NO_OFFSET = 0xffff;

function frame(d: Dissector, start: number, end: number): number {
  d.text += "\n\t";
  let header = 1;
  let declared = BigInt(d.u8(start));
  if (declared === BigInt(LONG_LENGTH)) {
    d.text += " frame flags+body (64-bit) length";
    header = 9;
    d.check(start, header);
    declared = d.u64(start + 1);
    d.text += ` ${declared}`;
  } else d.text += ` frame flags+body  (8-bit) length ${declared}`;
  if (declared === 0n) return start + header;
  const flags = d.u8(start + header);
  const captured = end - start - header;
  if (declared > captured) d.text += ` (${captured} captured)`;
  d.text += `, flags 0x${hex2(flags)}`;
  if (d.verbose > 0) {
    const bits: string[] = [];
    for (let bit = 0x80; bit > 1; bit >>= 1) bits.push((flags & bit) === 0 ? "-" : "MBZ");
    d.text += ` (${bits.join("|")}|${(flags & 1) === 0 ? "-" : "MORE"})`;
    let shown = declared > captured ? captured : Number(declared);
    if (d.verbose === 1) shown = Math.min(SHOWN + 1, shown);
    if (shown > 1) {
      d.text += `, first ${shown - 1} byte(s) of body:`;
      hexAndAscii(d, "\n\t ", start + header + 1, shown - 1);
    }
  }
  if (declared > d.available(start + header)) throw TRUNCATED;
  return start + header + Number(declared);
}

function frames(d: Dissector, start: number, end: number): void {
  for (let at = start; at < end;) at = frame(d, at, end);
}

export function zmtp(d: Dissector, at: number, length: number): void {
  d.protocol = "zmtp1";
  d.text += ": ZMTP/1.0";
  frames(d, at, Math.min(d.end, at + length));
}

/** A datagram begins with the offset of the first message in it. */
export function zmtpDatagram(d: Dissector, start: number, length: number): void {
  d.protocol = "zmtp1";
  let offset = d.u16(start);
  d.text += `\n\t frame offset 0x${hex4(offset)}`;
  const at = start + 2;
  const remaining = d.available(at);
  if (offset === NO_OFFSET) offset = length - 2;
  else if (2 + offset > length) {
    d.text += " (exceeds datagram declared length)";
    throw TRUNCATED;
  }
  if (offset > 0) {
    d.text += `\n\t frame intermediate part, ${offset} bytes`;
    if (offset > remaining) d.text += ` (${remaining} captured)`;
    if (d.verbose > 0) {
      let shown = Math.min(offset, remaining);
      if (d.verbose === 1) shown = Math.min(SHOWN, shown);
      if (shown > 1) {
        d.text += `, first ${shown} byte(s):`;
        hexAndAscii(d, "\n\t ", at, shown);
      }
    }
  }
  frames(d, at + offset, Math.min(d.end, start + length));
}

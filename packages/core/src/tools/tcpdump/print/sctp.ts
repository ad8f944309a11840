// SCTP (RFC 9260): ports and chunks.

import { TRUNCATED } from "./dissector.ts";
import type { Dissector } from "./dissector.ts";
import type { Carrier } from "./carrier.ts";
import { hexAndAscii } from "./hexdump.ts";
import { hex } from "./numbers.ts";
import { CHUNKS, PAYLOAD_PROTOCOLS } from "./sctp-names.ts";

const HEADER_LENGTH = 12;
const CHUNK_HEADER = 4;
const [DATA, INIT, INIT_ACK, SACK, HEARTBEAT, HEARTBEAT_ACK, ABORT, SHUTDOWN, SHUTDOWN_ACK] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8,
] as const;
const SCTP = 132;

export function sctp(d: Dissector, at: number, total: number, { header, version }: Carrier): void {
  d.protocol = "sctp";
  if (total < HEADER_LENGTH) {
    d.text += `truncated-sctp - ${HEADER_LENGTH - total} bytes missing!`;
    return;
  }
  if (!d.has(at, HEADER_LENGTH)) {
    d.truncated();
    return;
  }
  const [from, to] = [d.u16(at), d.u16(at + 2)];
  const six = version === 6;
  const next = d.u8(header + (six ? 6 : 9));
  if (next === SCTP) {
    const source = six ? d.ipv6(header + 8) : d.ipv4(header + 12);
    const destination = six ? d.ipv6(header + 24) : d.ipv4(header + 16);
    d.text += `${source}.${from} > ${destination}.${to}: sctp`;
  } else d.text += `${from} > ${to}: sctp`;
  try {
    chunks(d, at + HEADER_LENGTH, total - HEADER_LENGTH);
  } catch (fault) {
    if (fault !== TRUNCATED) throw fault;
    d.truncated();
  }
}

function chunks(d: Dissector, start: number, total: number): void {
  let at = start;
  let left = total;
  let count = 0;
  while (left > 0) {
    count++;
    const separator = d.verbose > 0 ? "\n\t" : " (";
    if (left < CHUNK_HEADER) {
      d.text += `${separator}${count}) [chunk descriptor cut off at end of packet]`;
      return;
    }
    d.check(at, CHUNK_HEADER);
    const type = d.u8(at);
    const flags = d.u8(at + 1);
    const length = d.u16(at + 2);
    if (length < CHUNK_HEADER) {
      d.text += `${separator}${count}) [Bad chunk length ${length}, < size of chunk descriptor]`;
      return;
    }
    d.check(at, length);
    d.text += `${separator}${count}) [${CHUNKS.get(type) ?? `Unknown chunk type: 0x${hex(type)}`}] `;
    const padded = Math.min((length + 3) & ~3, left);
    chunk(d, type, flags, at + CHUNK_HEADER, length - CHUNK_HEADER);
    at += padded;
    left -= padded;
  }
}

function chunk(d: Dissector, type: number, flags: number, at: number, length: number): void {
  switch (type) {
    case DATA: {
      if ((flags & 3) === 3) d.text += "(B)(E) ";
      else if ((flags & 2) !== 0) d.text += "(B) ";
      else if ((flags & 1) !== 0) d.text += "(E) ";
      if ((flags & 4) !== 0) d.text += "(U) ";
      d.check(at, 12);
      d.text += `[TSN: ${d.u32(at)}] [SID: ${d.u16(at + 4)}] [SSEQ ${d.u16(at + 6)}] `;
      const protocol = d.u32(at + 8);
      d.text += `[PPID ${PAYLOAD_PROTOCOLS.get(protocol) ?? `0x${hex(protocol)}`}] `;
      if (d.verbose >= 2) {
        d.text += "[Payload";
        if (d.quiet === 0) {
          d.text += ":";
          hexAndAscii(d, "\n\t", at + 12, length - 12);
        }
        d.text += "]";
      }
      break;
    }
    case INIT:
    case INIT_ACK:
      d.text += `[init tag: ${d.u32(at)}] [rwnd: ${d.u32(at + 4)}] [OS: ${d.u16(at + 8)}] [MIS: ${d.u16(at + 10)}] `;
      d.text += `[init TSN: ${d.u32(at + 12)}] `;
      break;
    case SACK: {
      const gaps = d.u16(at + 8);
      const duplicates = d.u16(at + 10);
      d.text += `[cum ack ${d.u32(at)}] [a_rwnd ${d.u32(at + 4)}] [#gap acks ${gaps}] [#dup tsns ${duplicates}] `;
      const acknowledged = d.u32(at);
      for (let index = 0; index < gaps; index++) {
        const place = at + 12 + 4 * index;
        if (place + 4 > at + length) return;
        d.text += `\n\t\t[gap ack block #${index + 1}: start = ${(acknowledged + d.u16(place)) >>> 0}, end = ${(acknowledged + d.u16(place + 2)) >>> 0}] `;
      }
      for (let index = 0; index < duplicates; index++) {
        if (at + 16 + 4 * gaps + 4 * index > at + length) return;
        d.text += `\n\t\t[dup TSN #${index + 1}: ${d.u32(at + 12 + 4 * gaps + 4 * index)}] `;
      }
      break;
    }
    case HEARTBEAT:
    case HEARTBEAT_ACK:
    case ABORT:
    case SHUTDOWN:
    case SHUTDOWN_ACK:
    default:
  }
}

// SCTP (RFC 9260): ports and chunks.

import type { Dissector } from "./dissector.ts";
import type { Carrier } from "./carrier.ts";
import { defaultPrint } from "./ethernet.ts";
import { forces } from "./forces/forces.ts";
import { m3ua } from "./m3ua.ts";
import { hex } from "./numbers.ts";
import { printsUnknown } from "./options.ts";
import { CHUNKS, FORCES_CHANNELS, PAYLOAD_PROTOCOLS } from "./sctp-names.ts";

const HEADER_LENGTH = 12;
const CHUNK_HEADER = 4;
const [DATA, INIT, INIT_ACK, SACK] = [0, 1, 2, 3] as const;
const [DATA_HEADER, INIT_HEADER, SACK_HEADER] = [12, 16, 12] as const;
const M3UA = 3;
/** Payload protocols of ForCES. */
const FORCES: ReadonlySet<number> = new Set([21, 22, 23]);

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
  const source = six ? d.ipv6(header + 8) : d.ipv4(header + 12);
  const destination = six ? d.ipv6(header + 24) : d.ipv4(header + 16);
  d.text += `${source}.${from} > ${destination}.${to}: sctp`;
  const chunks = new Chunks(d);
  for (const port of [from, to]) {
    const channel = FORCES_CHANNELS.get(port);
    if (channel === undefined) continue;
    d.text += `[${channel}]`;
    chunks.isForces = true;
  }
  d.untilCut(() => chunks.print(at + HEADER_LENGTH, total - HEADER_LENGTH));
}

/** The chunks of a packet. */
class Chunks {
  readonly #d: Dissector;
  /** The ports, or data before, tell that this is ForCES. */
  isForces = false;

  constructor(d: Dissector) {
    this.#d = d;
  }

  print(start: number, total: number): void {
    const d = this.#d;
    let at = start;
    let left = total;
    let separator = d.verbose > 1 ? "\n\t" : " (";
    for (let count = 1; left !== 0; count++) {
      if (left < CHUNK_HEADER) {
        d.text += `${separator}${count}) [chunk descriptor cut off at end of packet]`;
        return;
      }
      d.need(at, CHUNK_HEADER);
      const length = d.u16(at + 2);
      if (length < CHUNK_HEADER) {
        d.text += `${separator}${count}) [Bad chunk length ${length}, < size of chunk descriptor]`;
        return;
      }
      if (length > left) d.cutOff();
      d.need(at, length);
      const type = d.u8(at);
      d.text += `${separator}${count}) [${CHUNKS.get(type) ?? `Unknown chunk type: 0x${hex(type)}`}] `;
      if (!this.#chunk(type, d.u8(at + 1), at + CHUNK_HEADER, length - CHUNK_HEADER)) {
        d.text += `bogus chunk length ${length}]`;
        return;
      }
      at += length;
      left -= length;
      if (d.verbose <= 1) separator = ", (";
      const padding = (4 - (length % 4)) % 4;
      if (padding > 0) {
        if (padding > left) return;
        d.need(at, padding);
        at += padding;
        left -= padding;
      }
    }
  }

  /** False if a chunk is too short. */
  #chunk(type: number, flags: number, at: number, length: number): boolean {
    switch (type) {
      case DATA:
        return this.#data(flags, at, length);
      case INIT:
      case INIT_ACK:
        return this.#initiation(at, length);
      case SACK:
        return this.#acknowledgement(at, length);
      default:
        return true;
    }
  }

  #data(flags: number, at: number, length: number): boolean {
    const d = this.#d;
    if ((flags & 4) !== 0) d.text += "(U)";
    if ((flags & 2) !== 0) d.text += "(B)";
    if ((flags & 1) !== 0) d.text += "(E)";
    if ((flags & 7) !== 0) d.text += " ";
    if (length < DATA_HEADER) return false;
    const protocol = d.u32(at + 8);
    d.text += `[TSN: ${d.u32(at)}] [SID: ${d.u16(at + 4)}] [SSEQ ${d.u16(at + 6)}] `;
    d.text += `[PPID ${PAYLOAD_PROTOCOLS.get(protocol) ?? `0x${hex(protocol)}`}] `;
    this.isForces ||= FORCES.has(protocol);
    const [payload, size] = [at + DATA_HEADER, length - DATA_HEADER];
    if (size === 0) return false;
    if (this.isForces) {
      forces(d, payload, size);
      d.protocol = "sctp";
    } else if (d.verbose >= 2) {
      if (protocol === M3UA) {
        m3ua(d, payload, size);
        d.protocol = "sctp";
        return true;
      }
      d.text += "[Payload";
      if (printsUnknown(d.options)) {
        d.text += ":";
        defaultPrint(d, payload, size);
      }
      d.text += "]";
    }
    return true;
  }

  #initiation(at: number, length: number): boolean {
    const d = this.#d;
    if (length < INIT_HEADER) return false;
    d.text += `[init tag: ${d.u32(at)}] [rwnd: ${d.u32(at + 4)}] [OS: ${d.u16(at + 8)}] [MIS: ${d.u16(at + 10)}] `;
    d.text += `[init TSN: ${d.u32(at + 12)}] `;
    return true;
  }

  #acknowledgement(start: number, length: number): boolean {
    const d = this.#d;
    if (length < SACK_HEADER) return false;
    const cumulative = d.u32(start);
    const [gaps, duplicates] = [d.u16(start + 8), d.u16(start + 10)];
    d.text += `[cum ack ${cumulative}] [a_rwnd ${d.u32(start + 4)}] [#gap acks ${gaps}] [#dup tsns ${duplicates}] `;
    let at = start + SACK_HEADER;
    let left = length - SACK_HEADER;
    for (let index = 1; left !== 0 && index <= gaps + duplicates; index++) {
      if (left < 4) return false;
      if (index <= gaps) {
        const [from, to] = [cumulative + d.u16(at), cumulative + d.u16(at + 2)];
        d.text += `\n\t\t[gap ack block #${index}: start = ${from >>> 0}, end = ${to >>> 0}] `;
      } else d.text += `\n\t\t[dup TSN #${index - gaps}: ${d.u32(at)}] `;
      at += 4;
      left -= 4;
    }
    return true;
  }
}

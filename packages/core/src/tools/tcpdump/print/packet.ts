// One packet as tcpdump prints it: number, time, what the printers say, and the bytes if they are asked for.

import { TRUNCATED } from "./dissector.ts";
import type { Dissector } from "./dissector.ts";
import { asciiOnly, hexAndAscii, hexOnly } from "./hexdump.ts";
import type { LinkPrinter } from "./link-types.ts";

/** Longest packet that is believed. */
const MAXIMUM_SNAPLEN = 262_144;

/** A packet as a capture delivers it. One object may serve for all packets. */
export interface CapturedPacket {
  seconds: number;
  /** Microseconds or nanoseconds, as the source says. */
  fraction: number;
  /** The captured bytes are bytes[start .. start + captured). */
  bytes: Uint8Array;
  start: number;
  captured: number;
  /** Bytes on the wire. */
  length: number;
}

/** What is wrong with the lengths of a packet; empty if nothing is. */
function invalidHeader({ captured, length }: CapturedPacket): string {
  const faults: string[] = [];
  if (captured === 0) faults.push("caplen==0");
  if (length === 0) faults.push("len==0");
  else if (length < captured) faults.push(`len(${length}) < caplen(${captured})`);
  if (captured > MAXIMUM_SNAPLEN) faults.push(`caplen(${captured}) > ${MAXIMUM_SNAPLEN}`);
  if (length > MAXIMUM_SNAPLEN) faults.push(`len(${length}) > ${MAXIMUM_SNAPLEN}`);
  return faults.length === 0 ? "" : `[Invalid header: ${faults.join(", ")}]\n`;
}

export class PacketPrinter {
  readonly #dissector: Dissector;
  /** Of the packets' link type, which may differ from file to file (-V). */
  link: LinkPrinter;

  constructor(dissector: Dissector, link: LinkPrinter) {
    this.#dissector = dissector;
    this.link = link;
  }

  /** The lines of a packet. `number` counts from 1. */
  print(packet: CapturedPacket, number: number): string {
    const d = this.#dissector;
    const { options } = d;
    const { captured, length, start } = packet;
    d.text = options.number ? `${String(number).padStart(5)}  ` : "";
    if (captured === 0 || length < captured || length > MAXIMUM_SNAPLEN) {
      return d.text + invalidHeader(packet);
    }
    d.text += d.timestamps.text(packet.seconds, packet.fraction);
    d.bytes = packet.bytes;
    d.end = start + captured;
    d.protocol = "";
    let linkHeaderLength = 0;
    try {
      linkHeaderLength = this.link(d, start, length, captured);
    } catch (fault) {
      if (fault !== TRUNCATED) throw fault;
      d.truncated();
    }
    d.end = start + captured;
    if (options.hexAndAscii > 0 || options.hex > 0 || options.ascii > 0)
      this.#bytes(start, captured, linkHeaderLength);
    return `${d.text}\n`;
  }

  /** -x, -X and -A: without the link-layer header, or with it if they are given twice. */
  #bytes(start: number, captured: number, linkHeaderLength: number): void {
    const d = this.#dissector;
    const { hex, hexAndAscii: both, ascii } = d.options;
    const level = both || hex || ascii;
    const skipped = level > 1 ? 0 : linkHeaderLength;
    if (captured <= skipped) return;
    const at = start + skipped;
    const length = captured - skipped;
    if (both > 0) hexAndAscii(d, "\n\t", at, length);
    else if (hex > 0) hexOnly(d, "\n\t", at, length);
    else asciiOnly(d, at, length);
  }
}

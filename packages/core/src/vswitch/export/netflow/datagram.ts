// Datagrams of NetFlow version 5: a header of 24 bytes and up to thirty records of 48.

import { MessageWriter } from "../../../ovsproto/openflow/message-bytes.ts";
import type { Ipv4Address } from "../../../wire/ipv4-address.ts";

const VERSION = 5;
/** Records that one datagram may have. */
export const MAX_RECORDS = 30;
const ICMP = 1;

export interface NetflowRecord {
  readonly source: Ipv4Address;
  readonly destination: Ipv4Address;
  /** Interface numbers, 16 bits. */
  readonly input: number;
  readonly output: number;
  readonly packets: number;
  readonly bytes: number;
  /** Of the first and the last packet, milliseconds of `uptime`. */
  readonly first: number;
  readonly last: number;
  /** Ports; of ICMP, type and code. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly tcpFlags: number;
  readonly protocol: number;
  readonly tos: number;
}

export interface NetflowHeader {
  /** Milliseconds. */
  readonly uptime: number;
  /** Since the epoch, microseconds. */
  readonly wallTime: number;
  /** Of the last record. */
  readonly sequence: number;
  readonly engineType: number;
  readonly engineId: number;
}

export function writeNetflow(header: NetflowHeader, records: readonly NetflowRecord[]): Uint8Array {
  const out = new MessageWriter();
  const seconds = Math.floor(header.wallTime / 1e6);
  out.u16(VERSION).u16(records.length).u32(header.uptime).u32(seconds);
  out.u32((header.wallTime - seconds * 1e6) * 1000).u32(header.sequence);
  out.u8(header.engineType).u8(header.engineId).u16(0);
  for (const record of records) {
    const icmp = record.protocol === ICMP;
    out.u32(record.source).u32(record.destination).u32(0).u16(record.input).u16(record.output);
    out.u32(record.packets).u32(record.bytes).u32(record.first).u32(record.last);
    out.u16(icmp ? 0 : record.sourcePort);
    out.u16(
      icmp ? ((record.sourcePort & 0xff) << 8) | (record.destinationPort & 0xff) : record.destinationPort,
    );
    out.u8(0).u8(record.tcpFlags).u8(record.protocol).u8(record.tos);
    // autonomous systems and prefix lengths
    out.zeros(8);
  }
  return out.bytes();
}

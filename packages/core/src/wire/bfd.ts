/** Bidirectional forwarding detection: control packets without authentication (RFC 5880, 4.1). `off` is after the UDP header. */
import { readU32BE, readU8, writeU32BE, writeU8 } from "./bytes.ts";
import { Malformed } from "./malformed.ts";
import type { Decoded } from "./malformed.ts";

/** UDP destination port of single-hop sessions (RFC 5881, 4). */
export const BFD_PORT = 3784;
export const BFD_LENGTH = 24;
export const BFD_VERSION = 1;

/** Sta field. */
export const BfdState = { ADMIN_DOWN: 0, DOWN: 1, INIT: 2, UP: 3 } as const;
export type BfdState = (typeof BfdState)[keyof typeof BfdState];

/** Bits below the state. */
export const BfdFlag = {
  MULTIPOINT: 0x01,
  DEMAND: 0x02,
  AUTHENTICATION: 0x04,
  CONTROL_INDEPENDENT: 0x08,
  FINAL: 0x10,
  POLL: 0x20,
} as const;

export interface BfdPacket {
  readonly version: number;
  readonly diagnostic: number;
  readonly state: BfdState;
  /** Bits of BfdFlag. */
  readonly flags: number;
  readonly multiplier: number;
  /** As the packet gives it. */
  readonly length: number;
  readonly myDiscriminator: number;
  readonly yourDiscriminator: number;
  /** Microseconds. */
  readonly minTx: number;
  readonly minRx: number;
  readonly minRxEcho: number;
}

export function decodeBfd(buf: Uint8Array, off: number, end: number): Decoded<BfdPacket> {
  if (end - off < BFD_LENGTH) return new Malformed("truncated", off, "BFD control packet");
  const first = readU8(buf, off);
  const second = readU8(buf, off + 1);
  return {
    version: first >>> 5,
    diagnostic: first & 0x1f,
    state: (second >>> 6) as BfdState,
    flags: second & 0x3f,
    multiplier: readU8(buf, off + 2),
    length: readU8(buf, off + 3),
    myDiscriminator: readU32BE(buf, off + 4),
    yourDiscriminator: readU32BE(buf, off + 8),
    minTx: readU32BE(buf, off + 12),
    minRx: readU32BE(buf, off + 16),
    minRxEcho: readU32BE(buf, off + 20),
  };
}

/** Returns the offset after it. */
export function writeBfd(packet: BfdPacket, buf: Uint8Array, off: number): number {
  writeU8(buf, off, (packet.version << 5) | packet.diagnostic);
  writeU8(buf, off + 1, (packet.state << 6) | packet.flags);
  writeU8(buf, off + 2, packet.multiplier);
  writeU8(buf, off + 3, packet.length);
  writeU32BE(buf, off + 4, packet.myDiscriminator);
  writeU32BE(buf, off + 8, packet.yourDiscriminator);
  writeU32BE(buf, off + 12, packet.minTx);
  writeU32BE(buf, off + 16, packet.minRx);
  writeU32BE(buf, off + 20, packet.minRxEcho);
  return off + BFD_LENGTH;
}

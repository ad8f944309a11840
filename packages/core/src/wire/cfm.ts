/**
 * Continuity check messages of connectivity fault management (IEEE 802.1ag-2007, 21.6), with what ITU-T Y.1731 reserves used
 * as Open vSwitch does in its extended mode. `off` is after EtherType 0x8902.
 */
import { readU16BE, readU32BE, readU8, writeU16BE, writeU32BE, writeU8 } from "./bytes.ts";
import { Malformed } from "./malformed.ts";
import type { Decoded } from "./malformed.ts";

export const CFM_ETHERTYPE = 0x8902;
/** Bytes of a message with its end TLV; what is read needs one fewer. */
export const CCM_LENGTH = 75;
const ACCEPTED_LENGTH = 74;
const OPCODE_CCM = 1;
/** Where TLVs begin, after these first four bytes. */
const TLV_OFFSET = 70;
const RDI = 0x80;
export const MAID_LENGTH = 48;
const MAID_AT = 10;

export interface Ccm {
  /** A remote defect: the sender does not hear anybody. */
  readonly rdi: boolean;
  /** Code of the interval, 0..7 (table 21-16). */
  readonly interval: number;
  readonly sequence: number;
  readonly mpid: number;
  readonly maid: Uint8Array;
  /** Open vSwitch's extension: the interval if it has no code, milliseconds; the whole MPID; not operational. */
  readonly intervalMs: number;
  readonly longMpid: bigint;
  readonly operationallyDown: boolean;
}

export function decodeCcm(buf: Uint8Array, off: number, end: number): Decoded<Ccm> {
  if (end - off < ACCEPTED_LENGTH) return new Malformed("truncated", off, "CCM");
  if (readU8(buf, off + 1) !== OPCODE_CCM) return new Malformed("bad-type", off + 1, "CFM opcode");
  const flags = readU8(buf, off + 2);
  return {
    rdi: (flags & RDI) !== 0,
    interval: flags & 7,
    sequence: readU32BE(buf, off + 4),
    mpid: readU16BE(buf, off + 8),
    maid: buf.slice(off + MAID_AT, off + MAID_AT + MAID_LENGTH),
    intervalMs: readU16BE(buf, off + 58),
    longMpid: (BigInt(readU32BE(buf, off + 60)) << 32n) | BigInt(readU32BE(buf, off + 64)),
    operationallyDown: readU8(buf, off + 68) !== 0,
  };
}

/** Returns the offset after it. */
export function writeCcm(ccm: Ccm, buf: Uint8Array, off: number): number {
  const end = off + CCM_LENGTH;
  buf.fill(0, off, end);
  writeU8(buf, off + 1, OPCODE_CCM);
  writeU8(buf, off + 2, ccm.interval | (ccm.rdi ? RDI : 0));
  writeU8(buf, off + 3, TLV_OFFSET);
  writeU32BE(buf, off + 4, ccm.sequence);
  writeU16BE(buf, off + 8, ccm.mpid);
  buf.set(ccm.maid, off + MAID_AT);
  writeU16BE(buf, off + 58, ccm.intervalMs);
  writeU32BE(buf, off + 60, Number(ccm.longMpid >> 32n));
  writeU32BE(buf, off + 64, Number(ccm.longMpid & 0xffff_ffffn));
  writeU8(buf, off + 68, ccm.operationallyDown ? 1 : 0);
  return end;
}

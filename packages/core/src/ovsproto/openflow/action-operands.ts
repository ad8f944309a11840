/** Operands of actions on the wire: runs of bits packed in a number, special values, and what is checked without the match. */
import { OpenflowError } from "./errors.ts";
import type { Field } from "./fields.ts";
import type { DecodeLog, MessageReader } from "./message-bytes.ts";
import { readFieldHeader } from "./oxm.ts";
import { subfieldFault } from "./subfield.ts";
import type { Subfield } from "./subfield.ts";

export const badArgument = (): OpenflowError => new OpenflowError("OFPBAC_BAD_ARGUMENT");

/** As Open vSwitch checks a source, apart from what a match must say. */
export function checkSource(subfield: Subfield, log?: DecodeLog, role = "source"): void {
  const fault = subfieldFault(subfield, role);
  if (fault === undefined) return;
  log?.("meta_flow", "WARN", fault);
  throw new OpenflowError("OFPBAC_BAD_SET_LEN");
}

export function checkDestination(subfield: Subfield, log?: DecodeLog): void {
  checkSource(subfield, log, "destination");
  const { writable, name } = subfield.field;
  if (writable) return;
  log?.("meta_flow", "WARN", `destination field ${name} is not writable`);
  throw new OpenflowError("OFPBAC_BAD_SET_ARGUMENT");
}

/** Field headers of move's forms, behind its three numbers. */
export function readMove(
  from: MessageReader,
  bits: number,
  source: number,
  target: number,
): { from: Subfield; to: Subfield } {
  const fields: Field[] = [readFieldHeader(from), readFieldHeader(from)];
  const [first, second] = fields;
  if (!first || !second || !from.restIsZero()) throw new OpenflowError("NXBRC_MUST_BE_ZERO");
  const move = {
    from: { field: first, offset: source, bits },
    to: { field: second, offset: target, bits },
  };
  checkSource(move.from, from.log);
  checkDestination(move.to, from.log);
  return move;
}

/** OFPR_ACTION: an action sent the packet. */
export const REASON_ACTION = 1;
/** The rest of a packet: no limit. */
export const NO_LIMIT = 0xffff;
/** "Whatever the next header is" as a packet type (NXAST_DECAP). */
export const PT_USE_NEXT_PROTO = 0x0000_fffe;

/** offset << 6 | bits - 1 */
export function packBits({ offset, bits }: Subfield): number {
  return (offset << 6) | (bits - 1);
}

/** The runs of ones in a mask, from the lowest, at most 64 bits each. */
export function loadSegments(field: Field, mask: bigint): Subfield[] {
  const segments: Subfield[] = [];
  let offset = 0;
  while (offset < field.bits) {
    if (((mask >> BigInt(offset)) & 1n) === 0n) {
      offset++;
      continue;
    }
    let bits = 1;
    while (bits < 64 && offset + bits < field.bits && ((mask >> BigInt(offset + bits)) & 1n) !== 0n) bits++;
    segments.push({ field, offset, bits });
    offset += bits;
  }
  return segments;
}

/** The learn action on the wire (NXAST_LEARN, NXAST_LEARN2): parameters, then a list of copying instructions. */
import type { Learn, LearnSource, LearnSpec } from "./actions.ts";
import { OpenflowError } from "./errors.ts";
import type { MessageReader, MessageWriter } from "./message-bytes.ts";
import { fieldOfWord, nxmHeaderWord, readFieldHeader, writeOxmHeader } from "./oxm.ts";
import type { Subfield } from "./subfield.ts";

const Flag = { SEND_FLOW_REMOVED: 1, DELETE_LEARNED: 2, WRITE_RESULT: 4 } as const;

const SOURCE_VALUE = 1 << 13;
const TO_LOAD = 1 << 11;
const TO_OUTPUT = 2 << 11;
const TO_MASK = 3 << 11;
const BITS_MASK = 0x3ff;

function writeSubfield(out: MessageWriter, { field, offset }: Subfield): void {
  out.u32(nxmHeaderWord(field)).u16(offset);
}

/** Bytes of a value in a specification: whole 16-bit words. */
const valueBytes = (bits: number) => 2 * Math.ceil(bits / 16);

/** Appends all after the extension's header. */
export function writeLearn(out: MessageWriter, learn: Learn): void {
  const flags =
    (learn.sendFlowRemoved ? Flag.SEND_FLOW_REMOVED : 0) |
    (learn.deleteLearned ? Flag.DELETE_LEARNED : 0) |
    (learn.result ? Flag.WRITE_RESULT : 0);
  out.u16(learn.idleTimeout).u16(learn.hardTimeout).u16(learn.priority).u64(learn.cookie);
  out.u16(flags).u8(learn.table).zeros(1).u16(learn.finIdleTimeout).u16(learn.finHardTimeout);
  if (learn.form === "learn2" || learn.limit !== 0 || learn.result) {
    out
      .u32(learn.limit)
      .u16(learn.result?.offset ?? 0)
      .zeros(2);
    if (learn.result) writeOxmHeader(out, learn.result.field, 0);
  }
  for (const spec of learn.specs) {
    const destination = spec.kind === "match" ? 0 : spec.kind === "load" ? TO_LOAD : TO_OUTPUT;
    out.u16(spec.bits | destination | (spec.source.from === "value" ? SOURCE_VALUE : 0));
    if (spec.source.from === "field") writeSubfield(out, spec.source.subfield);
    else out.wide(spec.source.value, valueBytes(spec.bits));
    if (spec.kind !== "output") writeSubfield(out, spec.to);
  }
}

function readSubfield(from: MessageReader, bits: number): Subfield {
  const field = fieldOfWord(from.u32());
  return { field, offset: from.u16(), bits };
}

function readSpec(from: MessageReader, header: number): LearnSpec {
  const bits = header & BITS_MASK;
  const fromValue = (header & SOURCE_VALUE) !== 0;
  const to = header & TO_MASK;
  if (to !== 0 && to !== TO_LOAD && (to !== TO_OUTPUT || fromValue)) {
    throw new OpenflowError("OFPBAC_BAD_ARGUMENT");
  }
  const needed = (fromValue ? valueBytes(bits) : 6) + (to === TO_OUTPUT ? 0 : 6);
  if (from.left < needed) throw new OpenflowError("OFPBAC_BAD_LEN");
  const source: LearnSource = fromValue
    ? { from: "value", value: from.wide(valueBytes(bits)) & ((1n << BigInt(8 * Math.ceil(bits / 8))) - 1n) }
    : { from: "field", subfield: readSubfield(from, bits) };
  if (to === TO_OUTPUT) return { kind: "output", bits, source };
  return { kind: to === 0 ? "match" : "load", bits, source, to: readSubfield(from, bits) };
}

/** Reads all after the extension's header. */
export function readLearn(from: MessageReader, form: "learn" | "learn2"): Learn {
  const idleTimeout = from.u16();
  const hardTimeout = from.u16();
  const priority = from.u16();
  const cookie = from.u64();
  const flags = from.u16();
  const table = from.u8();
  const padding = from.u8();
  const finIdleTimeout = from.u16();
  const finHardTimeout = from.u16();
  const bad = () => new OpenflowError("OFPBAC_BAD_ARGUMENT");
  let limit = 0;
  let resultOffset = 0;
  if (form === "learn2") {
    limit = from.u32();
    resultOffset = from.u16();
    if (from.u16() !== 0) throw new OpenflowError("NXBAC_MUST_BE_ZERO");
  }
  if (padding !== 0 || table === 0xff) throw bad();
  if ((flags & ~(form === "learn2" ? 7 : 3)) !== 0) throw bad();
  let result: Subfield | undefined;
  if ((flags & Flag.WRITE_RESULT) !== 0) {
    const field = readFieldHeader(from);
    if (!field.writable) throw new OpenflowError("OFPBAC_BAD_SET_ARGUMENT");
    result = { field, offset: resultOffset, bits: 1 };
  } else if (resultOffset !== 0) throw bad();
  const specs: LearnSpec[] = [];
  while (from.left >= 2) {
    const header = from.u16();
    if (header === 0) break;
    specs.push(readSpec(from, header));
  }
  if (!from.restIsZero()) throw bad();
  return {
    type: "learn",
    idleTimeout,
    hardTimeout,
    finIdleTimeout,
    finHardTimeout,
    priority,
    table,
    cookie,
    sendFlowRemoved: (flags & Flag.SEND_FLOW_REMOVED) !== 0,
    deleteLearned: (flags & Flag.DELETE_LEARNED) !== 0,
    limit,
    result,
    specs,
    ...(form === "learn2" ? { form } : {}),
  };
}

/** Property lists (OpenFlow 1.4, 7.2.1): type, length, value, filled up to 8 bytes; experimenters have two more numbers. */
import { OpenflowError } from "./errors.ts";
import { MessageReader } from "./message-bytes.ts";
import type { MessageWriter } from "./message-bytes.ts";

/** Types from here on are an experimenter's. */
const EXPERIMENTER_TYPE = 0xffff;
/** OpenFlow 1.3 has two for experimenters. */
const FIRST_EXPERIMENTER_TYPE = 0xfffe;

export interface Property {
  /** Type; of an experimenter's property, its own type. */
  readonly type: number;
  /** 0 in the standard's. */
  readonly experimenter: number;
  /** After the header; padding is not part of it. */
  readonly body: Uint8Array;
}

/** Takes one property. @param alignment that lengths are rounded up to */
export function readProperty(from: MessageReader, alignment = 8): Property {
  if (from.left < 4) throw new OpenflowError("OFPBPC_BAD_LEN");
  const type = from.peekU16(0);
  const length = from.peekU16(2);
  const padded = Math.ceil(length / alignment) * alignment;
  if (length < 4 || padded > from.left) throw new OpenflowError("OFPBPC_BAD_LEN");
  const all = from.take(padded).subarray(0, length);
  if (type < FIRST_EXPERIMENTER_TYPE) return { type, experimenter: 0, body: all.subarray(4) };
  if (length < 12) throw new OpenflowError("OFPBPC_BAD_LEN");
  const header = new MessageReader(all.subarray(4));
  const experimenter = header.u32();
  if (experimenter === 0) throw new OpenflowError("OFPBPC_BAD_EXPERIMENTER");
  return { experimenter, type: header.u32(), body: all.subarray(12) };
}

/** What a property of another kind than all that are known is. */
export function unknownProperty(property: Property): OpenflowError {
  return new OpenflowError(property.experimenter === 0 ? "OFPBPC_BAD_TYPE" : "OFPBPC_BAD_EXPERIMENTER");
}

function exactly(property: Property, bytes: number): MessageReader {
  if (property.body.length !== bytes) throw new OpenflowError("OFPBPC_BAD_LEN");
  return new MessageReader(property.body);
}

/** Small numbers may be followed by anything: OpenFlow fills such properties up, which makes little sense. */
function atLeast(property: Property, bytes: number): MessageReader {
  if (property.body.length < bytes) throw new OpenflowError("OFPBPC_BAD_LEN");
  return new MessageReader(property.body);
}

export const propertyU8 = (property: Property): number => atLeast(property, 1).u8();
export const propertyU16 = (property: Property): number => atLeast(property, 2).u16();
export const propertyU64 = (property: Property): bigint => {
  const from = exactly(property, 12);
  from.skip(4);
  return from.u64();
};
export const propertyU32 = (property: Property): number => exactly(property, 4).u32();

/** Writes a property whose body `write` appends. */
export function writeProperty(
  out: MessageWriter,
  type: number,
  write: (out: MessageWriter) => void,
  experimenter = 0,
): void {
  const start = out.length;
  if (experimenter === 0) out.u16(type).u16(0);
  else out.u16(EXPERIMENTER_TYPE).u16(0).u32(experimenter).u32(type);
  write(out);
  out.patchU16(start + 2, out.length - start);
  out.pad(8, start);
}

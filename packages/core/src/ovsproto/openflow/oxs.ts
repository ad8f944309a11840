/** OXS: statistics of flows as a list like OXM's, class 0x8002 (OpenFlow 1.5, 7.2.5). */
import { OpenflowError } from "./errors.ts";
import { MessageReader } from "./message-bytes.ts";
import type { MessageWriter } from "./message-bytes.ts";

/** Numbers of the entries. */
export const Oxs = { DURATION: 0, IDLE: 1, FLOWS: 3, PACKETS: 4, BYTES: 5 } as const;
const OXS_CLASS = 0x8002;

/** @param entries number, value and bytes of each */
export function writeOxs(out: MessageWriter, entries: readonly (readonly [number, bigint, number])[]): void {
  const start = out.length;
  out.u16(0).u16(0);
  for (const [field, value, bytes] of entries)
    out
      .u16(OXS_CLASS)
      .u8(field << 1)
      .u8(bytes)
      .wide(value, bytes);
  out.patchU16(start + 2, out.length - start).pad(8, start);
}

/** Values by number. Errors: OpenflowError OFPBMC_BAD_LEN. */
export function readOxs(from: MessageReader): Map<number, bigint> {
  const length = from.left >= 4 ? from.peekU16(2) : 0;
  if (length < 4) throw new OpenflowError("OFPBMC_BAD_LEN");
  const all = new MessageReader(from.take(Math.ceil(length / 8) * 8, "OFPBMC_BAD_LEN").subarray(4, length));
  const found = new Map<number, bigint>();
  while (all.left >= 4) {
    const oxsClass = all.u16();
    const field = all.u8() >>> 1;
    const bytes = all.u8();
    const value = all.wide(bytes);
    if (oxsClass === OXS_CLASS) found.set(field, value);
  }
  return found;
}

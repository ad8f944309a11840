// ESP (RFC 4303), and what is in it if -E tells the key.

import type { Carrier } from "./carrier.ts";
import type { Dissector } from "./dissector.ts";
import { hex, hex8 } from "./numbers.ts";
import type { SecurityAssociation } from "./security-associations.ts";

const HEADER_LENGTH = 8;
/** Bytes behind the padding: its length, and the next header. */
const TRAILER_LENGTH = 2;

function association(
  d: Dissector,
  at: number,
  { header, version, fragmented }: Carrier,
): SecurityAssociation | undefined {
  const { associations } = d;
  if (associations === undefined) return undefined;
  const spi = d.u32(at);
  // Of a jumbogram or of a fragment, the end is not there.
  if (version === 6)
    return d.u16(header + 4) === 0 ? undefined : associations.esp(spi, d.hexBytes(header + 24, 16));
  return fragmented ? undefined : associations.esp(spi, d.hexBytes(header + 16, 4));
}

/** Prints with `plain` in the place of what is captured from `at` on. */
export function withPlainText(d: Dissector, at: number, plain: Uint8Array, print: () => void): void {
  const { bytes, end } = d;
  const replaced = new Uint8Array(at + plain.length);
  replaced.set(bytes.subarray(0, at));
  replaced.set(plain, at);
  d.bytes = replaced;
  d.end = replaced.length;
  try {
    print();
  } finally {
    d.bytes = bytes;
    d.end = end;
  }
}

export function esp(d: Dissector, at: number, length: number, carrier: Carrier): void {
  d.protocol = "esp";
  if (d.available(at) <= HEADER_LENGTH) return d.truncated();
  d.text += `ESP(spi=0x${hex8(d.u32(at))},seq=0x${hex(d.u32(at + 4))}), length ${length}`;
  const found = association(d, at, carrier);
  if (found === undefined) return;
  const vector = at + HEADER_LENGTH;
  const end = d.end - found.checkLength;
  if (end < vector + found.vectorLength) return d.truncated();
  const plain = found.decrypt(d.bytes.subarray(vector, end), "esp_print");
  if (plain === undefined) return;
  const size = plain.length;
  const left = size - (plain[size - 2] ?? 0) - TRAILER_LENGTH;
  if (left < 0) return d.truncated();
  d.text += ": ";
  withPlainText(d, vector, plain.subarray(0, left), () => {
    const { version, fragmented, ttl, header } = carrier;
    d.layers.ipPayload(d, vector, left, version, fragmented, ttl, plain[size - 1] ?? 0, header);
  });
}

// Signatures with MD5, which -M's secret checks: of TCP segments (RFC 2385), and of messages with HMAC (IS-IS, RSVP).

import { bytesToHex } from "../../../wire/hex.ts";
import { hmacMd5, md5 } from "../../../wire/md5.ts";
import type { Dissector } from "./dissector.ts";

export const SIGNATURE_LENGTH = 16;
const TCP_HEADER = 20;
const TCP = 6;

/** The secret's bytes; undefined if there is none. */
function secretOf(d: Dissector): Uint8Array | undefined {
  const { md5Secret } = d.options;
  return md5Secret === undefined ? undefined : new TextEncoder().encode(md5Secret);
}

/** What a signature covers. */
export interface Message {
  readonly start: number;
  readonly length: number;
}

/**
 * Says what is to be said of a message's signature at `at`. Where it was computed, the fields of two bytes at `cleared` were zero.
 * Of a wrong one, the right one comes first.
 */
export function messageSignature(
  d: Dissector,
  { start, length }: Message,
  at: number,
  cleared: readonly number[],
): void {
  const secret = secretOf(d);
  const whole =
    d.has(start, length) && d.has(at, SIGNATURE_LENGTH) && at + SIGNATURE_LENGTH - start <= length;
  if (secret === undefined || !whole) {
    d.text += " (unchecked)";
    return;
  }
  const copy = Uint8Array.from(d.bytes.subarray(start, start + length));
  copy.fill(0, at - start, at - start + SIGNATURE_LENGTH);
  for (const place of cleared) copy.fill(0, place - start, place - start + 2);
  const right = bytesToHex(hmacMd5(secret, copy));
  d.text += right === d.hexBytes(at, SIGNATURE_LENGTH) ? " (valid)" : `${right} (invalid)`;
}

function sixteen(value: number): readonly number[] {
  return [value >>> 8, value & 0xff];
}

/** The pseudo-header that RFC 2385, 2.0 has for either version of IP. */
function pseudoHeader(d: Dissector, header: number): readonly number[] | undefined {
  const first = d.u8(header);
  const bytes = (at: number, length: number): number[] => Array.from(d.bytes.subarray(at, at + length));
  if (first >>> 4 === 4) {
    return [...bytes(header + 12, 8), 0, TCP, ...sixteen(d.u16(header + 2) - 4 * (first & 15))];
  }
  if (first >>> 4 !== 6) return undefined;
  return [...bytes(header + 8, 32), 0, 0, ...sixteen(d.u16(header + 4)), 0, 0, 0, TCP];
}

/** What is to be said of the signature at `at` in a segment that starts at `segment` with `data` behind its header. */
export function segmentSignature(
  d: Dissector,
  header: number,
  segment: number,
  data: Message,
  at: number,
): void {
  const cannot = (why: string): void => {
    d.text += ` ${why}, can't check - ${d.hexBytes(at, SIGNATURE_LENGTH)}`;
  };
  if (!d.has(data.start, data.length)) return cannot("snaplen too short");
  const secret = secretOf(d);
  if (secret === undefined) return cannot("shared secret not supplied with -M");
  const pseudo = pseudoHeader(d, header);
  if (pseudo === undefined) return cannot("IP version not 4 or 6");
  const fixed = Uint8Array.from(d.bytes.subarray(segment, segment + TCP_HEADER));
  fixed.fill(0, 16, 18);
  const payload = d.bytes.subarray(data.start, data.start + data.length);
  const right = bytesToHex(md5(Uint8Array.from([...pseudo, ...fixed, ...payload, ...secret])));
  if (right === d.hexBytes(at, SIGNATURE_LENGTH)) d.text += " valid";
  else {
    d.text += " ";
    d.invalid();
  }
}

/**
 * What a decoder returns instead of a record when the bytes are not a valid message. A value, never thrown: bad bytes
 * are ordinary input for a network. The receiver turns it into a drop reason.
 */

/**
 * - `truncated`: the bytes end before the header or the length that it states
 * - `bad-version`: a version field other than the protocol's
 * - `bad-header-length`: a header length field below the minimum
 * - `bad-length`: lengths that contradict each other or the format
 * - `bad-option`: an option or extension that cannot be walked over
 * - `bad-type`: bytes of another message type than the decoder is for
 * - `bad-value`: a field outside the values that the format allows
 */
export type MalformedReason =
  "truncated" | "bad-version" | "bad-header-length" | "bad-length" | "bad-option" | "bad-type" | "bad-value";

/** Why bytes could not be decoded, and where. */
export class Malformed {
  readonly reason: MalformedReason;
  /** Offset of the offending field in the buffer that was given to the decoder. */
  readonly offset: number;
  /** The field or structure, in the protocol's words: `IPv4 total length`. */
  readonly what: string;

  constructor(reason: MalformedReason, offset: number, what: string) {
    this.reason = reason;
    this.offset = offset;
    this.what = what;
  }

  toString(): string {
    return `${this.what}: ${this.reason} at byte ${this.offset}`;
  }
}

/** A decoder's result. */
export type Decoded<T> = T | Malformed;

export function isMalformed(value: unknown): value is Malformed {
  return value instanceof Malformed;
}

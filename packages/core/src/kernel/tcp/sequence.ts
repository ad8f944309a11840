// Sequence numbers: 32 bits that wrap around (RFC 9293, 3.4).

/** `a < b` in sequence space. */
export function before(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}

/** `a > b` in sequence space. */
export function after(a: number, b: number): boolean {
  return ((b - a) | 0) < 0;
}

export function advance(sequence: number, by: number): number {
  return (sequence + by) >>> 0;
}

/** Bytes from `from` to `to`; negative if `to` is before `from`. */
export function distance(from: number, to: number): number {
  return (to - from) | 0;
}

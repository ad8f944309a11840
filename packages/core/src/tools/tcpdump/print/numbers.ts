// Numbers as printf(3) writes them, for the formats that the printers need.

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** %02x of a byte. */
export function hex2(byte: number): string {
  return HEX[byte & 0xff] ?? "";
}

/** %04x of 16 bits. */
export function hex4(value: number): string {
  return hex2(value >>> 8) + hex2(value);
}

/** %06x of 24 bits. */
export function hex6(value: number): string {
  return hex2(value >>> 16) + hex4(value);
}

/** %08x of 32 bits. */
export function hex8(value: number): string {
  return hex4(value >>> 16) + hex4(value);
}

/** %x of up to 32 bits. */
export function hex(value: number): string {
  return (value >>> 0).toString(16);
}

/** %0Nx of any width. */
export function hexPadded(value: number | bigint, width: number): string {
  return value.toString(16).padStart(width, "0");
}

/** %0Nu. */
export function padded(value: number, width: number): string {
  return String(value).padStart(width, "0");
}

/** %.Nf: what is halfway between two decimals goes to the even one, where toFixed() goes away from zero. */
export function decimal(value: number, digits: number): string {
  const text = value.toFixed(digits);
  const halves = value * 2 ** (digits + 1);
  const tied = Number.isInteger(halves) && halves % 2 !== 0;
  if (!tied || "02468".includes(text.slice(-1))) return text;
  return (value - Math.sign(value) * 0.25 * 10 ** -digits).toFixed(digits);
}

const UNITS: readonly (readonly [number, string])[] = [
  [31_536_000, "y"],
  [604_800, "w"],
  [86_400, "d"],
  [3600, "h"],
  [60, "m"],
  [1, "s"],
];

/** Seconds as 1d2h3m4s. */
export function duration(seconds: number): string {
  if (seconds === 0) return "0s";
  let text = "";
  let left = seconds;
  for (const [size, unit] of UNITS) {
    if (left < size) continue;
    const count = Math.floor(left / size);
    text += `${count}${unit}`;
    left -= count * size;
  }
  return text;
}

const ESCAPED = Array.from({ length: 256 }, (_, byte) => {
  const low = byte & 0x7f;
  const shown = low >= 0x20 && low < 0x7f ? String.fromCharCode(low) : `^${String.fromCharCode(low ^ 0x40)}`;
  return byte >= 0x80 ? `M-${shown}` : shown;
});

/** A character of a text field: M- in front of those with the high bit, ^ in front of control characters. */
export function safeCharacter(byte: number): string {
  return ESCAPED[byte & 0xff] ?? "";
}

/** Prefix length of an IPv4 mask; -1 if its bits are not contiguous. */
export function maskLength(mask: number): number {
  const inverted = ~mask >>> 0;
  return (inverted & (inverted + 1)) >>> 0 === 0 ? 32 - (32 - Math.clz32(inverted)) : -1;
}

/** %#x: 0 has no prefix. */
export function alternateHex(value: number): string {
  return value === 0 ? "0" : `0x${hex(value)}`;
}

/**
 * Bytes as hexadecimal text: for tests, error texts and the tools that print or take raw bytes.
 */

/** The two lower-case hexadecimal digits of every byte value. */
export const HEX_BYTE: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, "0"),
);

/** Lower-case digits without separators: `[1, 255]` is `01ff`. */
export function bytesToHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += HEX_BYTE[byte];
  return text;
}

/** Reads hexadecimal digits, ignoring white space; `undefined` for anything else or an odd number of digits. */
export function bytesFromHex(text: string): Uint8Array | undefined {
  const digits = text.replace(/\s+/g, "");
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits)) return undefined;
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) =>
    Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16),
  );
}

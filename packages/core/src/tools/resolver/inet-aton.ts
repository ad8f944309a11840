// IPv4 addresses as inet_aton(3) reads them: one to four parts, each decimal, octal (0...) or hexadecimal (0x...); the last one
// fills what is left. "10.1" is 10.0.0.1.

/** The address as a number; undefined if the text is none. Blanks may follow it. */
export function inetAton(text: string): number | undefined {
  const parts = text.replace(/[ \t\n\v\f\r].*$/s, "").split(".");
  if (parts.length > 4) return undefined;
  const numbers: number[] = [];
  for (const part of parts) {
    const value = partValue(part);
    if (value === undefined) return undefined;
    numbers.push(value);
  }
  const last = numbers.pop() ?? 0;
  if (last > 2 ** (8 * (4 - numbers.length)) - 1) return undefined;
  let address = 0;
  for (const number of numbers) {
    if (number > 255) return undefined;
    address = address * 256 + number;
  }
  return address * 2 ** (8 * (4 - numbers.length)) + last;
}

function partValue(part: string): number | undefined {
  if (/^0[xX][0-9a-fA-F]+$/.test(part)) return Number.parseInt(part, 16);
  if (/^0[0-7]*$/.test(part)) return Number.parseInt(part, 8);
  return /^[1-9]\d*$/.test(part) ? Number.parseInt(part, 10) : undefined;
}

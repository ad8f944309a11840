// Amounts as iperf3 writes and reads them (units.c): three digits and a unit. Bytes go by 1024, bits by 1000.

const UNITS = ["", "K", "M", "G", "T"] as const;
const FACTORS: Readonly<Record<string, number>> = { k: 1, m: 2, g: 3, t: 4 };

function digits(value: number): string {
  // 9.995 and so on would be rounded to one digit more.
  if (value < 9.995) return value.toFixed(2).padStart(4);
  if (value < 99.95) return value.toFixed(1).padStart(4);
  return value.toFixed(0).padStart(4);
}

/** The unit that keeps the number short, or the one that `format` asks for: a letter of -f, or "a" and "A". */
function scaled(value: number, base: number, format: string): readonly [number, string] {
  const wanted = FACTORS[format.toLowerCase()];
  let at = 0;
  let left = value;
  if (wanted !== undefined) {
    at = wanted;
    left = value / base ** wanted;
  } else
    while (left >= base && at < UNITS.length - 1) {
      left /= base;
      at++;
    }
  return [left, UNITS[at] ?? ""];
}

/** "1.18 MBytes" */
export function bytesText(bytes: number, format = "A"): string {
  const [value, unit] = scaled(bytes, 1024, format);
  return `${digits(value)} ${unit}Bytes`;
}

/** "9.91 Mbits/sec" of bytes a second; capital letters of -f count bytes. */
export function rateText(bytes: number, format: string): string {
  if (/[KMGT]/.test(format)) return `${bytesText(bytes, format)}/sec`;
  const [value, unit] = scaled(bytes * 8, 1000, format);
  return `${digits(value)} ${unit}bits/sec`;
}

/** "128K" with a factor of `base`; NaN for what is no number. */
export function amount(text: string, base: 1000 | 1024): number {
  const [, number = "", unit = ""] = /^([\d.]+)([kmgtKMGT]?)/.exec(text) ?? [];
  return number === "" ? Number.NaN : Number(number) * base ** (FACTORS[unit.toLowerCase()] ?? 0);
}

// Numbers in text written to sysfs (lib/kstrtox.c).

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";

const U64_LIMIT = 2n ** 64n;

/**
 * kstrtoul(text, base 0): decimal, 0x hexadecimal or 0 octal, an optional "+", at most one newline at the end. Errors:
 * EINVAL if it is no number, ERANGE if it needs more than 64 bits.
 */
export function parseUnsigned(text: string): number {
  const digits = /^\+?(0[xX][0-9a-fA-F]+|\d+)\n?$/.exec(text)?.[1];
  if (digits === undefined || /^0\d*[89]/.test(digits)) throw new Refusal(ERRNO.EINVAL);
  const value = BigInt(/^0\d/.test(digits) ? `0o${digits.slice(1)}` : digits);
  if (value >= U64_LIMIT) throw new Refusal(ERRNO.ERANGE);
  return Number(value);
}
